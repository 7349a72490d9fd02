"""Whom a new version is compared with."""

import json
from dataclasses import replace

import numpy as np
import pytest

from eval.retraining import anchor, making, rivals
from eval.retraining.anchor import FIRST, NOBODYS, key_of
from eval.retraining.making import retrained
from eval.retraining.order import Order
from eval.retraining.people import joined
from eval.retraining.trial import measured, stand_in, trial_of
from recsys.errors import DataError
from recsys.versions.lineage import Fit
from tests.eval.retraining.conftest import NaNs, given, settle

ORDER = Order(model="ease")


@pytest.fixture
def fits(monkeypatch):
    """Which part of the program fits a stand-in, and by which settings."""
    seen = []
    for part in (rivals, anchor, making):
        name = part.__name__.rpartition(".")[2]

        def noted(model, learned, trial, *rest, name=name):
            seen.append((name, trial.settings))
            return stand_in(model, learned, trial, *rest)

        monkeypatch.setattr(part, "stand_in", noted)
    return seen


def rows_against(version, name):
    return [row for row in version.record.gate.figures["rows"] if row["against"] == name]


def next_version(town, store, registry, keys, rows, order=ORDER):
    settle(store, town, keys, rows)
    return retrained(town.dataset, store, registry, order, [].append)


def test_a_private_version_s_stand_in_has_its_epsilon(town, store, registry, keys, monkeypatch):
    seen, private = [], replace(ORDER, model="dp-popularity", epsilon=2.0)

    def noted(model, learned, trial, *rest):
        seen.append((model, trial.epsilon))
        return stand_in(model, learned, trial, *rest)

    for part in (rivals, making):
        monkeypatch.setattr(part, "stand_in", noted)
    next_version(town, store, registry, keys, range(10), private)
    assert {*seen} == {("dp-popularity", 2.0)}
    seen.clear()
    next_version(town, store, registry, keys, range(10, 15), replace(private, epsilon=9.0))
    assert ("dp-popularity", 2.0) in seen
    assert seen[-1] == ("dp-popularity", 9.0)


def test_every_stand_in_is_fitted_as_what_it_stands_for(town, store, registry, keys, fits):
    other = replace(ORDER, seed=5, min_film_ratings=3)
    first = next_version(town, store, registry, keys, range(10), other)
    assert first.record.lineage.fit == Fit(seed=5, min_film_ratings=3)
    del fits[:]
    next_version(town, store, registry, keys, range(10, 12))
    assert [(name, settings.seed, settings.min_film_ratings) for name, settings in fits] == [
        ("rivals", 5, 3),
        ("anchor", 0, 0),
        ("making", 0, 0),
    ]


def test_the_anchor_is_fitted_once_and_kept_until_something_is_another(town, store, registry, keys, fits):
    first = next_version(town, store, registry, keys, range(10))
    assert {row["against"] for row in first.record.gate.figures["rows"]} == {NOBODYS}
    second = next_version(town, store, registry, keys, range(10, 13))
    third = next_version(town, store, registry, keys, range(13, 16))
    (file,) = (registry.folder / "anchors").iterdir()
    file.write_bytes(b"PK damaged")
    fourth = next_version(town, store, registry, keys, range(16, 18))
    assert [name for name, _ in fits].count("anchor") == 1
    next_version(town, store, registry, keys, range(18, 20), replace(ORDER, min_film_ratings=2))
    assert [name for name, _ in fits].count("anchor") == 2
    kept = [[row["rival"] for row in rows_against(version, FIRST)] for version in (second, third, fourth)]
    assert kept[0] == kept[1] == kept[2] != []
    assert {row["group"] for row in rows_against(third, FIRST)} == {"people of the data set"}
    assert rows_against(third, "version 2")


def test_of_an_anchor_nothing_is_owed_to_people(town):
    few, many = (given(town.stars[:number]) for number in (5, 50))
    trials = [trial_of(town.dataset, joined(town.dataset, people), people, ORDER.settings) for people in (few, many)]
    keys = {key_of(trial.of_base(town.dataset), ORDER) for trial in trials}
    assert len(keys) == 1
    own = trials[0].of_base(town.dataset)
    assert keys != {key_of(replace(own, settings=replace(ORDER, seed=1).settings), ORDER)}
    assert keys != {key_of(own, replace(ORDER, model="item-mean"))}
    assert keys != {key_of(replace(own, held_out=~own.held_out), ORDER)}


def test_a_version_without_anybody_s_ratings_is_the_anchor_itself(town, store, registry, keys, fits):
    retrained(town.dataset, store, registry, ORDER, [].append)
    second = next_version(town, store, registry, keys, range(10))
    assert [name for name, _ in fits].count("anchor") == 0
    assert {row["against"] for row in second.record.gate.figures["rows"]} == {"version 1"}


def test_one_that_lost_as_much_as_those_before_is_refused_by_the_anchor(town, store, registry, keys, monkeypatch):
    next_version(town, store, registry, keys, range(10))

    def worse(*asked):
        found = measured(*asked)
        return found | {"ndcg@10": found["ndcg@10"] * 0.8}

    for part in (making, rivals):
        monkeypatch.setattr(part, "measured", worse)
    second = next_version(town, store, registry, keys, range(10, 12))
    assert second.state == "refused"
    assert f", which {FIRST} has, to " in second.record.gate.reason
    assert all(row["verdict"] != "worse" for row in rows_against(second, "version 1"))


@pytest.mark.parametrize("knows_nobody", [False, True])
def test_a_program_that_makes_worse_models_is_refused_by_the_anchor(
    town, store, registry, keys, monkeypatch, knows_nobody
):
    """The version that answers is fitted by the newer program as well, so by itself it would tell nothing."""
    if knows_nobody:
        retrained(town.dataset, store, registry, ORDER, [].append)
    next_version(town, store, registry, keys, range(10))

    def worse(*asked):
        found = measured(*asked)
        return found | {"ndcg@10": found["ndcg@10"] * 0.8}

    for part in (making, rivals, anchor):
        monkeypatch.setattr(part, "measured", worse)
    if knows_nobody:
        registry.rollback()
    second = next_version(town, store, registry, keys, range(10, 12))
    assert second.state == "refused"
    assert f"Refused: for people of the data set, nDCG@10 goes from 0.3077, which {FIRST} has, to 0.2" in (
        second.record.gate.reason
    )
    assert all(
        row["verdict"] != "worse" for row in rows_against(second, second.record.gate.figures["rows"][0]["against"])
    )


def test_a_champion_that_answers_no_numbers_is_replaced(town, store, registry, keys, monkeypatch):
    next_version(town, store, registry, keys, range(20))
    broken = iter([NaNs])
    monkeypatch.setattr(rivals, "stand_in", lambda *how: next(broken, lambda model: model)(stand_in(*how)))
    second = next_version(town, store, registry, keys, range(20, 25))
    assert second.state == "current", second.record.gate.reason
    assert "Version 1 could not be compared: ease does not work on these ratings: " in second.record.gate.reason
    rows = second.record.gate.figures["rows"]
    assert {row["against"] for row in rows} == {NOBODYS}
    assert {row["group"] for row in rows} >= {"people of the data set", "people of the page"}


def test_a_champion_of_a_model_that_is_not_known_is_no_other_model(town, store, registry, keys):
    first = next_version(town, store, registry, keys, range(10))
    path = first.folder.parent / "version.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"model": "of-tomorrow"}))
    with pytest.raises(DataError, match="version 1, which answers, is a model 'of-tomorrow', which this program does"):
        retrained(town.dataset, store, registry, replace(ORDER, model="item-mean"), [].append)
    assert len(registry.versions()) == 1


def test_what_is_kept_of_an_anchor_is_whole_or_not_taken(tmp_path):
    key, place = b"k" * 32, tmp_path / "ease.npz"
    sound = {"key": np.frombuffer(key, dtype=np.uint8), "ndcg@10": np.zeros(3)}
    for content, n_users, is_taken in (
        (sound, 3, True),
        (sound, 4, False),
        (sound | {"ndcg@10": np.full(3, np.nan)}, 3, False),
        (sound | {"key": np.zeros(32, dtype=np.uint8)}, 3, False),
        ({"ndcg@10": np.zeros(3)}, 3, False),
    ):
        np.savez(place, **content)
        assert (anchor.kept(place, key, n_users) is not None) == is_taken
    for content in (b"", b"text", place.read_bytes()[:80]):
        place.write_bytes(content)
        assert anchor.kept(place, key, 3) is None
