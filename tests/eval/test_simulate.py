"""Simulated people before recommenders: what is concluded, and what the command prints and keeps."""

import json
from dataclasses import replace

import numpy as np
import pytest

from eval.simulate import main
from eval.simulating.findings import (
    FALLS,
    RISES,
    UNDECIDED,
    Course,
    Fidelity,
    conclusions,
    coverage_change,
    satisfaction_change,
)
from eval.simulating.simulation_report import calibration_table, change_table, fidelity_table, rounds_table
from eval.simulating.study import some_people
from recsys.data.interactions import Interactions
from recsys.simulation.fidelity import StarDistance, Told
from recsys.simulation.habits import Habits
from recsys.simulation.retraining import Round
from recsys.split import Split
from tests.support.data_folders import write_genres
from tests.support.small_models import ratings


def round_with(coverage, satisfaction):
    spread = np.resize([-0.01, 0.01], 40)
    return Round(coverage, 2.0, 0.3, 0.2, satisfaction + spread, np.full(40, 1.5), 900)


def course(truth, model, by_coverage, by_satisfaction):
    """Three rounds, the later of which gain so much by retraining."""
    kept = [round_with(0.3, 0.1), round_with(0.3, 0.08), round_with(0.3, 0.06)]
    noise = np.random.default_rng(0).normal(0, 0.01, 40)
    gained = [
        replace(each, coverage=each.coverage + gain, satisfaction=each.satisfaction + by_satisfaction + noise)
        for each, gain in zip(kept[1:], by_coverage, strict=True)
    ]
    return Course(truth, model, [kept[0], *gained], kept)


def test_changes_are_those_of_all_rounds_but_the_first():
    found = coverage_change(course("t", "m", (0.1, 0.2), 0.0))
    assert (found.difference, found.low, found.high) == pytest.approx((0.15, 0.1, 0.2))
    found = satisfaction_change(course("t", "m", (0.1, 0.2), 0.05))
    assert found.low < found.difference < found.high
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.01 / np.sqrt(40), rel=0.3)


def test_a_change_has_a_direction_where_all_of_its_range_has():
    assert coverage_change(course("t", "m", (0.1, 0.2), 0)).direction == RISES
    assert coverage_change(course("t", "m", (-0.1, -0.2), 0)).direction == FALLS
    assert coverage_change(course("t", "m", (-0.1, 0.2), 0)).direction == UNDECIDED
    assert satisfaction_change(course("t", "m", (0, 0), -0.1)).direction == FALLS


def test_only_what_holds_under_every_truth_is_concluded():
    (said,) = conclusions([course("one", "m", (-0.1, -0.2), 0.1), course("other", "m", (-0.1, -0.1), -0.1)])
    assert said == (
        "m, trained again instead of left as it was: coverage falls under every truth; nothing that every truth shows "
        "can be said of satisfaction (rises under one, falls under other)."
    )
    undecided = conclusions([course("one", "m", (-0.1, 0.1), 0.1), course("other", "m", (-0.1, 0.1), 0.1)])
    assert "can be said of coverage (undecided under one, undecided under other); satisfaction rises" in undecided[0]


def test_tables_have_what_was_found():
    told = tuple(Told(ratio, 0.91, 0.9, 0.6, 0.5) for ratio in (1, 3))
    distance = StarDistance(0.1, 0.2, 0.3)
    found = Fidelity("one", Habits(base=-2.0), told, distance, distance, {"a": 0.1, "b": 0.3, "c": 0.2})
    offline = {"a": 0.2, "b": 0.4, "c": 0.3}
    assert found.tau(offline) == pytest.approx(1)
    rows = {row[0].text: row[1].text for row in fidelity_table([found], offline).rows}
    assert rows["AUC of held-out likes, 1:3"] == "0.910"
    assert rows["Kendall's tau, 3 recommenders"] == "1.00"
    assert rows["distance (W1) of mean stars of films"] == "0.300 (anybody's 0.300)"
    assert [cell.text for cell in calibration_table([found]).rows[0]][:3] == ["one", "-2.000", "1.000"]
    courses = [course("one", "m", (0.1, 0.2), 0.1)]
    names = [row[0].text for row in rounds_table(courses, has_genres=False).rows]
    assert names == ["one: m, round 0", "one: m, round 2, left as it was", "one: m, round 2, trained again"]
    assert rounds_table(courses, has_genres=False).rows[0][-1].text == "–"
    assert change_table(courses).rows[0][1].text == "+0.1500 (+0.1000 to +0.2000)"


def test_some_people_keep_all_of_their_ratings():
    split = Split("s", Interactions(ratings(1)), ratings(2))
    some = some_people(split, 7, 0)
    assert some.test.shape[0] == some.train.shape[0] == 7
    whole = {tuple(row) for row in split.test.toarray()}
    assert all(tuple(row) in whole for row in some.test.toarray())
    assert some_people(split, 1000, 0).test.nnz == split.test.nnz


@pytest.fixture
def simulate(tmp_path):
    folder = write_genres(tmp_path / "films")
    ranked = ["popularity", "ease", "item-knn"]
    given = ["--dataset", str(folder), "--min-ratings", "1", "--protocol", "random", "--epochs", "3"]
    return lambda *options: main([*given, "--models", "popularity", "ease", "--ranked", *ranked, *options])


def test_the_command_says_how_true_people_are_before_it_concludes_and_keeps_it(simulate, tmp_path, capsys):
    out = tmp_path / "out"
    assert simulate("--rounds", "2", "--out", str(out)) == 0
    printed = capsys.readouterr().out
    titles = ["How true to life", "Calibration", "Round by round", "What retraining changes", "What can be concluded"]
    places = [printed.index(title) for title in titles]
    assert places == sorted(places)
    assert printed.count("I watch films ") == 2
    found = json.loads((out / "simulate.json").read_text())
    assert [each["truth"] for each in found["fidelity"]] == ["bmf-ordinal", "user-knn"]
    assert all(-1 <= each["tau"] <= 1 for each in found["fidelity"])
    assert [(each["truth"], each["model"]) for each in found["courses"]] == [
        (truth, model) for truth in ("bmf-ordinal", "user-knn") for model in ("popularity", "ease")
    ]
    assert all(len(each["retrained"]) == len(each["kept"]) == 3 for each in found["courses"])
    text = (out / "simulate.md").read_text()
    assert all(f"## {title}" in text for title in titles)
    assert "python -m eval.simulate --dataset" in text
    assert simulate("--out", str(out)) == 2
    assert "name another --out" in capsys.readouterr().err


def test_one_seed_gives_one_report(simulate, tmp_path, capsys):
    def figures(seed, name):
        options = ("--truths", "user-knn", "--rounds", "1", "--people", "30", "--interviews", "0", "--seed", seed)
        assert simulate(*options, "--out", str(tmp_path / name)) == 0
        found = json.loads((tmp_path / name / "simulate.json").read_text())
        return found["fidelity"], found["courses"]

    assert figures("1", "one") == figures("1", "again")
    assert figures("2", "other") != figures("1", "once more")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--truths", "nobody"], "unknown truth 'nobody'; known: bmf-ordinal, user-knn"),
        (["--models", "nobody"], "unknown model 'nobody'"),
        (["--protocol", "genres"], "unknown protocol 'genres'; known: folds, random"),
        (["--ranked", "ease", "als", "als"], "an order needs at least 3 recommenders"),
        (["--rounds", "0"], "'0' is not a whole number from 1 to 100"),
    ],
)
def test_what_cannot_be_simulated_is_refused(options, sentence, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(options)
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [(["--splits", "all"], "people are made of one"), (["--people", "2"], "too few to keep some aside")],
)
def test_data_that_people_cannot_be_made_of_is_refused(options, sentence, tmp_path, capsys):
    folder = write_genres(tmp_path / "films", n_users=12, n_items=8)
    given = ["--dataset", str(folder), "--min-ratings", "1", "--out", str(tmp_path / "out")]
    assert main([*given, *options]) == 2
    assert sentence in capsys.readouterr().err
