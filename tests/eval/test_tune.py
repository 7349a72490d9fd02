"""Studies of settings: as a person meets them, and what they are measured on."""

import csv
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from eval import protocols
from eval.console import make_console
from eval.reporting.summary import single_run
from eval.running.experiment import Settings, run_experiment
from eval.running.part_cache import PartCache
from eval.tune import main, parse, prepare
from eval.tuning import search
from eval.tuning.objective import KS, METRICS, Task, default_metric, validation_split, value_of
from eval.tuning.search_spaces import SPACES
from eval.tuning.study import open_study
from recsys.data.interactions import Histories, Interactions, keep_entries
from recsys.models import MODELS, Recipe
from recsys.models.search_space import Choice, Float
from recsys.models.simple.popularity import Popularity
from recsys.progress import renamed, silent
from recsys.split import Split
from tests.support.data_folders import write_genres
from tests.support.small_models import CONFIGS, ratings


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_genres(tmp_path_factory.mktemp("data") / "own")


@pytest.fixture
def tune(folder, tmp_path):
    """Run a study in a folder of its own; the exit status."""
    out = tmp_path / "out"

    def run(model: str, n_trials: int, *options: str) -> int:
        data = ["--dataset", str(folder), "--min-ratings", "5", "--out", str(out)]
        return main(["--model", model, "--trials", str(n_trials), *data, *options])

    run.out = out
    return run


def trials(out) -> list[dict[str, str]]:
    """The only table of trials in a folder."""
    [path] = out.glob("*.csv")
    with path.open() as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True, kw_only=True)
class MoodConfig:
    mood: float = 1.0
    liked_from: float = 4.0

    def __post_init__(self):
        if self.mood > 9:
            raise ValueError(f"got {self}; expected a mood up to 9")


class Moody(Popularity):
    """Ranks by popularity, or does what its mood is: 2 is NaN, 3 an error."""

    def __init__(self, config, scale):
        super().__init__(scale=scale)
        self.config = config

    def fit(self, data, training=None):
        if self.config.mood == 3:
            raise RuntimeError("not today")
        return super().fit(data)

    def predict(self, people):
        raise AssertionError("nobody asked for stars")

    def score(self, people):
        return super().score(people) * (np.nan if self.config.mood == 2 else 1)


@pytest.fixture
def moody(monkeypatch):
    monkeypatch.setitem(MODELS, "moody", Recipe(f"{__name__}:Moody", MoodConfig(), "for tests"))
    monkeypatch.setitem(SPACES, "moody", {"mood": Choice((0.0, 1.0, 2.0, 3.0, 10.0))})
    return "moody"


def test_the_default_comes_first_and_the_best_is_there_to_paste(tune, capsys):
    assert tune("als", 9) == 0
    out, err = capsys.readouterr()
    table = trials(tune.out)
    default = MODELS["als"].config
    assert (table[0]["n_factors"], table[0]["l2"]) == (str(default.n_factors), str(default.l2))
    assert re.search(r"trial +0  rmse .* the default\n", err)
    assert f"default  {float(table[0]['rmse']):.4f}  ALSConfig()" in out
    best = min(table, key=lambda trial: float(trial["rmse"]))
    gain = float(table[0]["rmse"]) - float(best["rmse"])
    line = rf"best     {float(best['rmse']):.4f}  (ALSConfig\(.*\))  \(trial {best['trial']}, better by {gain:.4f}\)"
    pasted = re.search(line, out)[1]
    assert eval(pasted, CONFIGS.copy()) == replace(
        default, **{name: type(getattr(default, name))(best[name]) for name in SPACES["als"]}
    )
    assert "9 trials in" in out
    assert "PED-ANOVA): " in out


def test_a_study_leaves_a_database_a_table_and_a_picture(tune):
    assert tune("ease", 8, "--splits", "f1", "f2") == 0
    assert {path.suffix for path in tune.out.iterdir() if not path.name.startswith(".")} == {".db", ".csv", ".png"}
    [picture] = tune.out.glob("ease-ndcg@10-own-*.png")
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert [trial["trial"] for trial in trials(tune.out)] == [str(number) for number in range(8)]


def test_the_same_command_again_goes_on_and_does_not_repeat_itself(tune, capsys):
    assert tune("ease", 3) == 0
    assert "It is new." in capsys.readouterr().err
    assert tune("ease", 3) == 0
    assert "It goes on after 3 trials." in capsys.readouterr().err
    assert len({(trial["feedback"], trial["l2"]) for trial in trials(tune.out)}) == 6


def test_samplers_share_a_study_and_a_grid_ends_when_all_was_tried(tune, capsys):
    assert tune("popularity", 2, "--sampler", "random") == 0
    assert tune("popularity", 20, "--sampler", "grid") == 0
    err = capsys.readouterr().err
    assert re.search(r"The grid has 5 combinations; [12] of them were tried\.", err)
    assert "Every combination of the grid was tried." in err
    measured = [trial["liked_from"] for trial in trials(tune.out) if not trial["same_as"]]
    assert sorted(measured) == ["1.0", "3.0", "5.0", "level", "mean"]


def test_settings_that_were_measured_are_not_measured_again(tune, capsys):
    assert tune("popularity", 9, "--sampler", "random") == 0
    out, err = capsys.readouterr()
    assert re.search(r"as trial \d", err)
    table = trials(tune.out)
    for trial in table:
        if trial["same_as"]:
            assert trial["ndcg@10"] == table[int(trial["same_as"])]["ndcg@10"]
    n_measured = sum(not trial["same_as"] for trial in table)
    assert len(re.findall(r"^ +\d+ +0\.\d{4} ", out, re.MULTILINE)) == min(5, n_measured)


def test_no_trials_show_what_is_known(tune, capsys):
    assert tune("ease", 0) == 1
    assert "No trial has a value yet." in capsys.readouterr().err
    assert tune("ease", 1) == 0
    shown = capsys.readouterr().out
    assert tune("ease", 0) == 0
    assert capsys.readouterr().out == shown


class Sealed:
    """A split whose test part nobody may look at."""

    def __init__(self, split: Split):
        self.name, self.train = split.name, split.train

    @property
    def test(self):
        raise AssertionError("the test part was read")


def test_a_study_never_reads_the_test_part(tune, monkeypatch):
    real = protocols.make_splits
    monkeypatch.setattr(protocols, "make_splits", lambda *arguments: [Sealed(split) for split in real(*arguments)])
    assert tune("als", 2, "--splits", "f1", "f2") == 0
    assert tune("ease", 2) == 0


def test_other_test_ratings_give_the_same_values(folder):
    task, values = task_of(folder, "als"), []
    for given in splits(2):
        for split in (given, Split(given.name, given.train, given.train.stars[::-1])):
            carved = replace(task, splits=(validation_split(split, 0.2, 0),))
            values.append(value_of(carved, {}, PartCache(1), quiet))
    assert values[0] == values[1] != values[2] == values[3]


def task_of(folder, model: str, *options: str) -> Task:
    data = ["--dataset", str(folder), "--min-ratings", "5"]
    return prepare(parse(["--model", model, *data, *options]), make_console(stderr=True))


def splits(n: int) -> list[Split]:
    """Random splits of random ratings, 40 people and 30 films."""
    made = []
    for seed in range(n):
        everything = ratings(seed, shape=(40, 30), density=0.6)
        in_test = np.random.default_rng(seed).random(everything.nnz) < 0.3
        made.append(Split(f"s{seed}", Interactions(everything).only(~in_test), keep_entries(everything, in_test)))
    return made


class quiet:  # noqa: N801, stands in for a function
    """Shows no progress."""

    def __init__(self, split: str):
        pass

    def __enter__(self):
        return silent

    def __exit__(self, *error):
        pass


@pytest.mark.parametrize(("model", "metric"), [("als", "mae"), ("ease", "ndcg@10"), ("als", "precision@5")])
def test_a_value_is_the_mean_over_splits_of_what_the_harness_measures(folder, model, metric):
    task = task_of(folder, model, "--metric", metric, "--splits", "f2", "f4")
    scale = task.dataset.ratings.scale
    expected = [
        single_run(run_experiment(model, split, scale, Settings(ks=KS))[1], KS)[metric] for split in task.splits
    ]
    assert value_of(task, {}, PartCache(1), quiet) == pytest.approx(np.mean(expected), rel=1e-12)


def test_a_model_may_be_told_of_films_with_many_ratings_alone(folder):
    options = ["--metric", "mae", "--splits", "f2"]
    task = task_of(folder, "als", *options, "--min-film-ratings", "12")
    settings = Settings(ks=KS, min_film_ratings=12)
    outcome = run_experiment("als", task.splits[0], task.dataset.ratings.scale, settings)[1]
    value = value_of(task, {}, PartCache(1), quiet)
    assert value == pytest.approx(single_run(outcome, KS)["mae"], rel=1e-12)
    assert value != pytest.approx(value_of(task_of(folder, "als", *options), {}, PartCache(1), quiet), rel=1e-3)


def test_validation_is_a_share_of_everybody_s_training_ratings():
    split = splits(1)[0]
    carved = validation_split(split, 0.25, seed=3)
    np.testing.assert_array_equal((carved.train.stars + carved.test).toarray(), split.train.stars.toarray())
    np.testing.assert_array_equal(np.diff(carved.test.indptr), np.diff(split.train.stars.indptr) // 4)


def test_what_cannot_be_measured_is_refused_with_the_reason_and_the_study_goes_on(moody, tune, capsys):
    assert tune(moody, 9, "--sampler", "grid") == 1
    err = capsys.readouterr().err
    found = {trial["mood"]: (trial["state"], trial["reason"]) for trial in trials(tune.out)}
    assert found["0.0"] == found["1.0"] == ("complete", "")
    assert found["2.0"][0] == "refused"
    assert "NaN" in found["2.0"][1]
    reason = "ValueError: got MoodConfig(mood=10.0, liked_from=4.0); expected a mood up to 9"
    assert found["10.0"] == ("refused", reason)
    assert found["3.0"] == ("failed", "RuntimeError: not today")
    assert f"refused, {reason}" in err
    assert "1 trial broke off with an error, see failures.txt there." in err
    assert "Traceback" not in err
    assert "Traceback" in (tune.out / "failures.txt").read_text()


def test_ctrl_c_shows_what_was_found_and_the_study_goes_on_later(tune, capsys, monkeypatch):
    real, calls = search.value_of, []

    def interrupted_at_the_third(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(search, "value_of", interrupted_at_the_third)
    assert tune("ease", 5) == 130
    out, err = capsys.readouterr()
    assert "Stopped." in err
    assert "3 trials in" in out
    assert "1 without a value" in out
    assert trials(tune.out)[2]["reason"] == "stopped by Ctrl-C"
    assert tune("ease", 1) == 0
    assert [trial["state"] for trial in trials(tune.out)] == ["complete", "complete", "failed", "complete"]


@pytest.mark.parametrize("where", ["eval.tune.load", "eval.tuning.study_plots.draw_study"])
def test_ctrl_c_while_loading_or_reporting_ends_without_a_traceback(where, tune, capsys, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(where, interrupted)
    assert tune("baseline", 1) == 130
    assert capsys.readouterr().err.splitlines()[-1] == "eval.tune: stopped"


def test_a_trial_whose_process_was_killed_is_marked_and_the_default_tried_again(tune, folder, capsys):
    task = task_of(folder, "ease")
    with open_study(task, tune.out, "tpe") as study:
        study.ask({})  # and nobody tells
    assert tune("ease", 1) == 0
    killed, default = trials(tune.out)
    assert (killed["state"], killed["reason"]) == ("failed", "its process was killed")
    assert (default["state"], default["l2"]) == ("complete", str(MODELS["ease"].config.l2))


def test_a_study_that_another_process_works_on_is_left_alone(tune, folder, capsys):
    with open_study(task_of(folder, "ease"), tune.out, "tpe"):
        assert tune("ease", 1) == 2
        assert "another process is at work on this study: wait for it, or name another --out" in capsys.readouterr().err
        assert tune("baseline", 1) == 0


def test_a_folder_or_a_database_that_cannot_be_used_is_one_sentence(tune, capsys):
    tune.out.touch()
    assert tune("ease", 1) == 2
    assert "cannot hold the studies (" in capsys.readouterr().err
    tune.out.unlink()
    tune.out.mkdir()
    (tune.out / "studies.db").write_text("not a database " * 99)
    assert tune("ease", 1) == 2
    assert "studies.db cannot be used as a database of studies (file is not a database)" in capsys.readouterr().err


@pytest.mark.parametrize(("model", "metric", "other"), [("ease", "rmse", "ndcg@10"), ("als", "nll", "rmse")])
def test_a_metric_that_the_model_does_not_have_is_one_sentence(model, metric, other, tune, capsys):
    assert tune(model, 2, "--metric", metric) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error == f"eval.tune: {model} does not have the metric {metric}; try --metric {other}."


def test_validation_ratings_too_few_for_the_metric_are_one_sentence(tune, capsys):
    assert tune("ease", 2, "--fraction", "0.01") == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert "ratings of f1 have nothing that ndcg@10 could be taken of; carve out more than --fraction 0.01" in error


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--model", "eaze"], "unknown model 'eaze'; known: global-mean"),
        (["--model", "user-mean"], "user-mean has no settings to tune; these have: baseline, popularity"),
        (["--model", "ease", "--metric", "auc"], "unknown metric 'auc'; known: mse, rmse, mae, nll"),
        (["--model", "ease", "--sampler", "cma"], "unknown sampler 'cma'; known: tpe, random, grid"),
        (["--model", "ease", "--protocol", "genres"], "unknown protocol 'genres'; known: folds, random"),
        (["--model", "ease", "--trials", "-1"], "'-1' is not a whole number of at least 0"),
        (["--model", "ease", "--fraction", "1"], "'1' is not a number between 0 and 1"),
        (["--model", "ease", "--fraction", "half"], "'half' is not a number between 0 and 1"),
        (["--model", "ease", "--fields", "l3"], "unknown setting 'l3'; known: feedback, l2"),
        (["--trials", "3"], "the following arguments are required: --model"),
    ],
)
def test_a_mistake_in_an_option_is_refused_before_anything_is_loaded(options, message, capsys):
    with pytest.raises(SystemExit) as stop:
        main(options)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_help_names_every_field_that_is_searched():
    shown = subprocess.run([sys.executable, "-m", "eval.tune", "--help"], capture_output=True, text=True, check=True)
    words = " ".join(shown.stdout.split()).replace("- ", "-")  # lines are broken after hyphens too
    assert "popularity (liked_from; grid of 5)" in words
    for model, space in SPACES.items():
        assert re.search(rf"\b{model} \({', '.join(space)}; grid of \d+\)", words)


def test_epochs_that_are_given_are_not_searched(tune, capsys):
    assert tune("als", 2, "--epochs", "2") == 0
    assert "epochs" not in trials(tune.out)[0]
    assert re.search(r"default  \d\.\d{4}  ALSConfig\(epochs=2\)", capsys.readouterr().out)


def test_fields_that_are_named_are_searched_alone(tune, capsys):
    assert tune("als", 3, "--fields", "l2", "n_factors") == 0
    assert set(SPACES["als"]) - set(trials(tune.out)[0]) == set(SPACES["als"]) - {"l2", "n_factors"}
    assert len({(trial["l2"], trial["n_factors"]) for trial in trials(tune.out)}) == 3


def test_studies_are_one_where_values_can_be_compared(folder, monkeypatch):
    task = task_of(folder, "als", "--splits", "f1", "f2")
    assert task.name == task_of(folder, "als", "--splits", "f2", "f1", "f2").name
    assert re.fullmatch(r"als-rmse-own-[0-9a-f]{8}", task.name)
    others = [
        ["--splits", "f1"],
        ["--splits", "f1", "f2", "--seed", "1"],
        ["--splits", "f1", "f2", "--epochs", "3"],
        ["--splits", "f1", "f2", "--min-film-ratings", "12"],
        ["--splits", "f1", "f2", "--fraction", "0.3"],
        ["--splits", "f1", "f2", "--fields", "l2"],
        ["--splits", "f1", "f2", "--metric", "mae"],
        ["--protocol", "random"],
    ]
    assert len({task.name, *(task_of(folder, "als", *options).name for options in others)}) == 1 + len(others)
    monkeypatch.setitem(SPACES, "als", {"l2": Float(low=0.1, high=1)})
    assert task_of(folder, "als", "--splits", "f1", "f2").name != task.name


def test_models_are_tuned_by_what_they_are_for():
    assert (default_metric("ease"), default_metric("als"), default_metric("hybrid-vae")) == (
        "ndcg@10",
        "rmse",
        "ndcg@10",
    )
    assert all(default_metric(model) in METRICS for model in SPACES)


class Part(Popularity):
    """A part that notes its fits."""

    fits: ClassVar[Counter] = Counter()

    def fit(self, data, training):
        self.fits[self.config.liked_from, training.seed] += 1
        return super().fit(data)


@dataclass(frozen=True, kw_only=True)
class DuetConfig:
    weight: float = 0.5
    liked_from: float = 4.0


class Duet(Popularity):
    """The weighted sum of two parts."""

    def __init__(self, config, scale=None):
        self.config, self.scale = config, scale

    def parts(self):
        given = replace(Popularity().config, liked_from=4.0)
        return {"one": Part(given), "two": Part(replace(given, liked_from=self.config.liked_from))}

    def assemble(self, parts):
        self.fitted = parts
        return self

    def fit_by(self, fit_part, data, seed):
        yield self.assemble({name: fit_part(name, part, data, None) for name, part in self.parts().items()})

    def fit(self, data, training):
        raise AssertionError("its parts are fitted one by one")

    def score(self, people):
        return self.config.weight * self.fitted["one"].score(people) + self.fitted["two"].score(people)


@pytest.fixture
def fits(monkeypatch):
    monkeypatch.setattr(Part, "fits", Counter())
    return Part.fits


def test_parts_that_a_trial_leaves_as_they_are_are_fitted_once(fits):
    [one, other], cache = splits(2), PartCache(12)
    for weight in (0.1, 0.2, 0.3):
        model = cache.fitted(Duet(DuetConfig(weight=weight)), one, 7, silent)
        assert model.score(Histories(one.train.stars)).shape == one.train.stars.shape
    assert fits == {(4.0, 7): 2}  # two parts of one config but different names
    cache.fitted(Duet(DuetConfig(liked_from=2.0)), one, 7, silent)
    assert fits == {(4.0, 7): 2, (2.0, 7): 1}
    cache.fitted(Duet(DuetConfig()), other, 7, silent)
    cache.fitted(Duet(DuetConfig()), other, 8, silent)
    assert fits == {(4.0, 7): 4, (2.0, 7): 1, (4.0, 8): 2}


def test_the_parts_used_last_are_kept(fits):
    split, cache = splits(1)[0], PartCache(2)
    for liked_from in (1.0, 2.0, 1.0, 3.0, 1.0):
        cache.fitted(Duet(DuetConfig(liked_from=liked_from)), split, 0, silent)
    assert len(cache.kept) == 2
    assert fits == {(4.0, 0): 1, (1.0, 0): 3, (2.0, 0): 1, (3.0, 0): 1}


def test_a_model_without_parts_is_simply_fitted():
    split = splits(1)[0]
    model = PartCache(1).fitted(Popularity(), split, 0, silent)
    np.testing.assert_array_equal(model.n_likes, Popularity().fit(Interactions(split.train.stars)).n_likes)


def test_a_study_of_a_composite_fits_its_parts_once(fits, tune, monkeypatch):
    monkeypatch.setitem(MODELS, "duet", Recipe(f"{__name__}:Duet", DuetConfig(), "for tests"))
    monkeypatch.setitem(SPACES, "duet", {"weight": Float(low=0, high=1)})
    assert tune("duet", 3, "--splits", "all") == 0
    assert fits == {(4.0, 0): 10}  # two parts, five splits, however many trials


def test_progress_says_which_part_is_being_fitted():
    told = []
    on_progress = renamed(lambda *step, **figures: told.append((step, figures)), "linear")
    on_progress("epoch", 1, 2, loss=0.5)
    assert told == [(("linear epoch", 1, 2), {"loss": 0.5})]


def test_nothing_is_searched_for_while_a_database_is_closed(tune):
    assert tune("baseline", 1) == 0
    with closing(sqlite3.connect(tune.out / "studies.db", timeout=0)) as database:
        database.execute("BEGIN EXCLUSIVE")  # no connection was left open
