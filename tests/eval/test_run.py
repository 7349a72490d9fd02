"""The command line, as a person meets it."""

import csv
import json
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from eval import run, runner
from eval.run import main
from recsys.artifacts.artifact import load_artifact
from recsys.data.interactions import Histories
from recsys.models import MODELS
from tests.support.data_folders import write_genres
from tests.support.small_models import ratings

QUICK = ["popularity", "baseline", "ease", "als"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data set of one's own, in the newest format: 40 people, 23 films, half stars."""
    path = tmp_path_factory.mktemp("data") / "own"
    path.mkdir()
    users, items = ratings(1, density=0.9).nonzero()
    stars = ratings(1, density=0.9).data - 0.5
    table = pd.DataFrame({"userId": users + 1, "movieId": items + 100, "rating": stars, "timestamp": 0})
    table.to_csv(path / "ratings.csv", index=False)
    films = pd.DataFrame({"movieId": np.arange(23) + 100, "title": "Film (1999)", "genres": "Drama"})
    films.to_csv(path / "movies.csv", index=False)
    return path


def run_quietly(folder, out, *options: str) -> int:
    return main(["--dataset", str(folder), "--out", str(out), "--min-ratings", "10", *options])


@pytest.fixture(scope="module")
def finished(folder, tmp_path_factory):
    """The folder of a finished run on two splits."""
    out = tmp_path_factory.mktemp("out")
    assert run_quietly(folder, out, "--splits", "f2", "f1", "--models", *QUICK) == 0
    return out


def test_results_json_has_what_tools_read(finished):
    results = json.loads((finished / "results.json").read_text())
    assert results["version"] == 1
    assert (results["dataset"], results["protocol"], results["seed"], results["k"]) == ("own", "folds", 0, [5, 10])
    assert results["relevant_from"] == 4.0
    assert re.fullmatch("[0-9a-f]{64}", results["dataset_sha256"])
    assert results["environment"].keys() >= {"python", "keras", "jax", "cpu", "cores"}
    assert [(each["model"], each["split"]) for each in results["runs"]] == [(m, s) for s in ("f2", "f1") for m in QUICK]
    for each in results["runs"]:
        assert each["metrics"].keys() >= {"mse", "rmse", "mae", "precision@5", "recall@5", "f1@5", "ndcg@10"}
        assert (each["metrics"]["rmse"] is None) == (each["model"] in ("popularity", "ease"))
        assert min(each["n_test_ratings"], each["n_ranked_users"], each["fit_seconds"], each["score_seconds"]) > 0
    assert {each["model"] for each in results["summary"] if each["metric"] == "rmse"} == {"baseline", "als"}
    assert all(each.keys() == {"model", "metric", "mean", "stderr", "n_splits"} for each in results["summary"])


def test_every_promised_file_is_there_and_nothing_half_written(finished):
    found = {str(path.relative_to(finished)) for path in finished.rglob("*") if path.is_file()}
    assert {"results.json", "report.md", "metrics.png", "learning_curves.png"} <= found
    for split in ("f1", "f2"):
        for name in QUICK:
            assert {f"per_user/{split}/{name}.csv", f"artifacts/{split}/{name}/manifest.json"} <= found
    assert not [name for name in found if "/." in name or name.startswith(".")]
    for picture in ("metrics.png", "learning_curves.png"):
        assert (finished / picture).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_models_that_know_how_sure_they_are_get_their_calibration_shown(folder, tmp_path):
    assert run_quietly(folder, tmp_path, "--models", "bmf-ordinal", "baseline", "--epochs", "6") == 0
    results = json.loads((tmp_path / "results.json").read_text())
    unsure, sure = results["runs"][0], results["runs"][1]
    assert sure["reliability"] is sure["metrics"]["ece"] is None
    curve = unsure["reliability"]
    assert curve["stars"] == [1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5]
    shown = {name: np.array(curve[name], dtype=float) for name in ("predicted", "observed", "count")}
    assert {values.shape for values in shown.values()} == {(9, 15)}
    np.testing.assert_array_equal(shown["count"].sum(axis=1), unsure["n_test_ratings"])
    gaps = np.nansum(shown["count"] * np.abs(shown["predicted"] - shown["observed"])) / shown["count"].sum()
    assert unsure["metrics"]["ece"] == pytest.approx(gaps)
    [summary] = [each for each in results["summary"] if each["metric"] == "ece"]
    assert (summary["model"], summary["mean"]) == ("bmf-ordinal", pytest.approx(gaps))
    assert 0 < summary["stderr"] < 0.1
    assert (tmp_path / "reliability.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    report = (tmp_path / "report.md").read_text()
    assert "| NLL | ECE |" in report
    assert "(reliability.png)" in report


def test_no_picture_of_reliability_where_nobody_gives_a_probability(finished):
    assert not (finished / "reliability.png").exists()
    assert "reliability.png" not in (finished / "report.md").read_text()


def test_per_user_values_give_the_figures_of_the_table(finished):
    results = json.loads((finished / "results.json").read_text())
    metrics = next(each["metrics"] for each in results["runs"] if (each["model"], each["split"]) == ("als", "f1"))
    with (finished / "per_user/f1/als.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len({row["user_id"] for row in rows}) == len(rows) == 40
    ranked = [float(row["ndcg@10"]) for row in rows if int(row["n_relevant"]) > 0]
    assert np.mean(ranked) == pytest.approx(metrics["ndcg@10"], rel=1e-4)
    total = sum(float(row["squared_error"]) for row in rows) / sum(int(row["n_test_ratings"]) for row in rows)
    assert total == pytest.approx(metrics["mse"], rel=1e-4)


def test_the_report_has_both_tables_the_command_and_the_citation(finished):
    report = (finished / "report.md").read_text()
    for text in (
        "## Rating accuracy",
        "## Top-N lists",
        "python -m eval.run --dataset",
        "Harper",
        "8 of 8 model runs finished",
    ):
        assert text in report
    assert report.count("| popularity |") == 1 + 1  # the top-N table and the comparison of lists


def test_people_who_only_name_genres_get_lists_and_a_report_that_says_so(tmp_path, capsys):
    out, data = tmp_path / "out", write_genres(tmp_path / "by_genre")
    options = ["--protocol", "genres", "--splits", "all", "--models", "popularity", "baseline", "global-mean"]
    assert run_quietly(data, out, *options) == 0
    shown = capsys.readouterr().out
    assert "Rating accuracy" not in shown
    assert "Top-N lists for people who only name genres" in shown
    results = json.loads((out / "results.json").read_text())
    assert results["protocol"] == "genres"
    assert [split["n_asked"] for split in results["splits"]] == [8] * 5
    assert {run["metrics"]["rmse"] for run in results["runs"]} == {None}
    assert {each["model"] for each in results["summary"]} == {"popularity", "baseline"}
    report = (out / "report.md").read_text()
    assert "## Rating accuracy" not in report
    assert "Of the people measured here no model has seen a rating." in report
    n_ranked = sum(split["n_ranked_users"] for split in results["splits"])
    assert f"{n_ranked} of 40 people have one; the rest is left out." in report
    assert 20 < n_ranked < 40
    with (out / "per_user/g1/popularity.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 40


def test_new_people_tell_most_of_their_ratings_to_every_model(folder, tmp_path):
    models = ["popularity", "baseline", "item-knn", "ease"]
    assert run_quietly(folder, tmp_path / "out", "--protocol", "new-users", "--splits", "all", "--models", *models) == 0
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    n_people = {split["name"]: split["n_cells"] // split["n_items"] for split in results["splits"]}
    assert list(n_people) == ["n1", "n2", "n3", "n4", "n5"]
    assert sum(n_people.values()) == results["splits"][0]["n_users"]
    assert results["protocol_rules"].startswith("no model learned from the people")
    assert {figure["metric"] for figure in results["summary"] if figure["model"] == "item-knn"} >= {"rmse", "ndcg@10"}


def test_a_protocol_that_the_data_does_not_fit_is_one_sentence(folder, tmp_path, capsys):
    films = (folder / "movies.csv").read_text().replace("Drama", "(no genres listed)")
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "movies.csv").write_text(films)
    (bare / "ratings.csv").write_bytes((folder / "ratings.csv").read_bytes())
    assert run_quietly(bare, tmp_path / "out", "--protocol", "genres") == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("eval.run: bare lists no genre of any film")


def test_weights_can_be_loaded_and_score_like_the_model_that_was_measured(finished):
    artifact = load_artifact(finished / "artifacts/f1/ease")
    assert artifact.facts["split"] == "f1"
    assert artifact.model.score(Histories(ratings(2)[:3])).shape == (3, 23)


def test_both_tables_are_printed_to_stdout_and_the_progress_to_stderr(folder, tmp_path, capsys):
    assert run_quietly(folder, tmp_path, "--models", "als", "baseline", "--k", "3") == 0
    out, err = capsys.readouterr()
    assert "Rating accuracy" in out
    assert "Top-N lists" in out
    assert "P@3" in out
    assert "*" in out
    assert "Cleaning kept all 40 users" in err
    assert "own was read from the folder" in err
    assert str(tmp_path) in err.replace("\n", "")


def test_the_same_seed_gives_the_same_numbers_bit_for_bit(folder, tmp_path):
    metrics = []
    for number in range(2):
        out = tmp_path / str(number)
        assert run_quietly(folder, out, "--models", "svd", "vae-masked", "--epochs", "2", "--seed", "5") == 0
        metrics.append([each["metrics"] for each in json.loads((out / "results.json").read_text())["runs"]])
    assert metrics[0] == metrics[1]


def test_ctrl_c_leaves_what_is_finished_and_says_so(folder, tmp_path, capsys, monkeypatch):
    real, calls = runner.run_experiment, []

    def interrupted_at_the_third(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(runner, "run_experiment", interrupted_at_the_third)
    assert run_quietly(folder, tmp_path, "--models", *QUICK) == 130
    assert "2 of 4 model runs are finished" in capsys.readouterr().err
    results = json.loads((tmp_path / "results.json").read_text())
    assert [each["model"] for each in results["runs"]] == QUICK[:2]
    assert "2 of 4 model runs finished" in (tmp_path / "report.md").read_text()


def test_ctrl_c_before_the_first_result_is_no_error(folder, tmp_path, capsys, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "run_experiment", interrupted)
    assert run_quietly(folder, tmp_path, "--models", "als") == 130
    assert "0 of 1 model runs are finished" in capsys.readouterr().err


@pytest.mark.parametrize("where", ["eval.run.load", "eval.reporting.plots.draw_plots"])
def test_ctrl_c_while_loading_or_reporting_ends_without_a_traceback(where, folder, tmp_path, capsys, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(where, interrupted)
    assert run_quietly(folder, tmp_path, "--models", "baseline") == 130
    assert capsys.readouterr().err.splitlines()[-1] == "eval.run: stopped"
    assert (tmp_path / "report.md").exists() == (where == "eval.reporting.plots.draw_plots")


def test_a_model_that_fails_is_named_and_the_others_are_reported(folder, tmp_path, capsys, monkeypatch):
    real = runner.run_experiment

    def failing(name, *arguments):
        if name == "als":
            raise MemoryError("no room")
        return real(name, *arguments)

    monkeypatch.setattr(runner, "run_experiment", failing)
    assert run_quietly(folder, tmp_path, "--models", "als", "baseline") == 1
    out, err = capsys.readouterr()
    assert "als failed on f1: MemoryError: no room" in err
    assert "1 failed: see failures.txt there" in err.replace("\n", "")
    assert "baseline" in out
    assert "Traceback" in (tmp_path / "failures.txt").read_text()
    assert "Traceback" not in err


def test_a_folder_for_results_that_cannot_be_used_is_refused_before_any_work(folder, tmp_path, capsys):
    (tmp_path / "file").touch()
    for out in (tmp_path / "file", tmp_path / "file" / "under"):
        assert run_quietly(folder, out) == 2
        assert "cannot hold the results (" in capsys.readouterr().err
    (tmp_path / "results.json").touch()
    assert run_quietly(folder, tmp_path) == 2
    assert "holds the results of an earlier run; name another --out, or delete it." in capsys.readouterr().err


def test_results_say_what_was_really_used(folder, tmp_path):
    assert run_quietly(folder, tmp_path, "--models", "als", "baseline", "--epochs", "2") == 0
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["models"]["als"]["epochs"] == 2
    assert results["cleaning"]["min_ratings"] == 10
    assert results["comparisons"]["rmse"]["differences"].keys() == {"als", "baseline"}
    assert '"epochs": 2' in (tmp_path / "report.md").read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--models", "eaze"], "unknown model 'eaze'; known: global-mean, item-mean"),
        (
            ["--protocol", "temporal"],
            "unknown protocol 'temporal'; known: folds, cold-items, cross-domain, genres, last, new-users, random, "
            "short-histories, time",
        ),
        (["--k", "0"], "'0' is not a whole number of at least 1"),
        (["--k", "ten"], "'ten' is not a whole number of at least 1"),
        (["--seed", "-1"], "'-1' is not a whole number from 0 to 4294967295"),
        (["--seed", "4294967296"], "'4294967296' is not a whole number from 0 to 4294967295"),
        (["--epochs", "0"], "'0' is not a whole number of at least 1"),
        (["--on-duplicate", "first"], "invalid choice: 'first'"),
    ],
)
def test_a_mistake_in_an_option_is_refused_before_anything_is_loaded(options, message, capsys):
    with pytest.raises(SystemExit) as stop:
        main(options)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--splits", "u9"], "unknown split 'u9'; folds on own has f1, f2, f3, f4, f5, or all"),
        (["--dataset", "ml-100"], "no data set or folder is called 'ml-100'; .* Did you mean ml-100k?"),
        (
            ["--scale", "0", "10", "1"],
            "--scale 0 10 1: expected a lowest rating above 0, since 0 stands for what is not",
        ),
        (["--scale", "1", "ten", "1"], "--scale 1 ten 1: expected three numbers such as 1 10 1, or 1 10 any"),
        (["--scale", "1", "10", "0"], "--scale 1 10 0: expected a step above 0, or any for any number"),
        (
            ["--scale", "1", "10", "4"],
            "--scale 1 10 4: got a rating scale .*; expected .* a step that divides the range",
        ),
        (["--scale", "1", "5", "1"], "ratings.csv line 2: stars is [0-9.]+; expected 1 to 5 stars in steps of 1"),
        (["--min-ratings", "99"], r"cleaning would drop all 40 users: 40 have fewer than 99 ratings, .*--min-ratings"),
    ],
)
def test_a_mistake_that_only_the_data_shows_is_one_sentence_and_exit_2(folder, tmp_path, options, message, capsys):
    assert run_quietly(folder, tmp_path, *options) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("eval.run: ")
    assert re.search(message, error)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "0.5 to 5 in steps of 0.5, as the ratings show; --scale says otherwise."),
        (["--scale", "0.5", "6", "any"], "0.5 to 6, any number, as --scale says."),
    ],
)
def test_a_run_says_its_scale_and_predicts_on_it(folder, tmp_path, words, said, capsys):
    assert run_quietly(folder, tmp_path, "--models", "baseline", "user-mean", *words) == 0
    assert f"Stars go from {said}" in " ".join(capsys.readouterr().err.split())
    scale = load_artifact(next(tmp_path.rglob("baseline/model.json")).parent).model.scale
    assert scale.in_words() in said


def test_help_names_every_model():
    shown = subprocess.run([sys.executable, "-m", "eval.run", "--help"], capture_output=True, text=True, check=True)
    unwrapped = "".join(shown.stdout.split())  # a name may be broken at its hyphen
    for name in MODELS:
        assert name in unwrapped


def test_a_narrow_terminal_gets_fewer_columns_and_is_told(finished, folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("eval.console.WIDTH_OF_FILES", 80)
    assert run_quietly(folder, tmp_path, "--models", "als", "baseline") == 0
    out = capsys.readouterr().out
    assert "Left out, as too wide for here: MRR@10, score s; report.md has them." in out
    assert max(map(len, out.splitlines())) <= 80
    assert "fit s" in (tmp_path / "report.md").read_text()


def test_without_out_results_go_to_a_folder_of_their_own(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["--dataset", str(folder), "--min-ratings", "10", "--models", "baseline"]) == 0
    [made] = (tmp_path / "runs").iterdir()
    assert re.fullmatch(r"\d{8}-\d{6}-own-folds", made.name)


@pytest.mark.data
def test_ml_latest_small_runs_with_half_stars(latest_small, tmp_path):
    options = ["--models", "baseline", "popularity", "als", "--out", str(tmp_path)]
    assert run.main(["--dataset", str(latest_small), *options]) == 0
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["splits"][0]["n_items"] == 9066
    found = {each["model"]: each["metrics"] for each in results["runs"]}
    assert found["als"]["rmse"] < found["baseline"]["rmse"] < 0.9


def test_films_of_few_ratings_are_left_to_their_genres_and_the_report_says_so(tmp_path):
    folder, out = write_genres(tmp_path / "films", n_users=30), tmp_path / "out"
    assert (
        run_quietly(folder, out, "--models", "ease", "baseline", "--min-film-ratings", "14", "--fit-all", "ease") == 0
    )
    results = json.loads((out / "results.json").read_text())
    [split] = results["splits"]
    assert results["min_film_ratings"] == 14
    assert 0 < split["n_rare_films"] < split["n_items"] == 30
    assert 0 < split["n_rare_test_ratings"] < split["n_test_ratings"]
    assert results["runs"][1]["n_test_ratings"] == split["n_test_ratings"]  # metrics are of all films
    said = "- films: models were told of those with 14 training ratings or more; for the others,"
    assert f"{said} {split['n_rare_films'] / 30:.1%}" in (out / "report.md").read_text()
    for place, counted in (("f1", split["n_rare_films"]), ("all", None)):
        artifact = load_artifact(out / "artifacts" / place / "ease")
        assert artifact.facts["min_film_ratings"] == 14
        known = artifact.model.known
        assert counted in (None, len(known.rare))
        assert np.all(artifact.items.n_ratings[known.films] >= 14)
        assert np.all(artifact.items.n_ratings[known.rare] < 14)


def test_of_a_model_that_hides_people_nobody_is_told_which_films_many_rated(folder, tmp_path):
    assert run_quietly(folder, tmp_path, "--models", "dp-popularity", "--min-film-ratings", "5") == 1
    assert "dp-popularity hides who rated what" in (tmp_path / "failures.txt").read_text()


def test_slow_models_run_only_when_they_are_asked_for():
    quick = [name for name, recipe in MODELS.items() if recipe.by_default]
    assert run.parse([]).models == quick
    assert "bmf" not in quick
    assert "vae" in quick
    assert run.parse(["--models", "bmf", "all"]).models == list(MODELS)
    assert run.parse(["--models", "bmf", "ease", "bmf"]).models == ["bmf", "ease"]


def test_the_shelf_is_what_the_paper_names():
    chosen = run.parse(["--models", "shelf", "ease"]).models
    assert {"user-knn", "vae", "rbm", "content"} <= {*chosen}
    assert "hybrid-vae" not in chosen
    assert chosen[-1] == "ease"
    with pytest.raises(SystemExit):
        run.parse(["--models", "shelves"])
