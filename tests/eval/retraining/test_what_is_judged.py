"""That the gate judges what answers afterwards, by what people really gave, and nothing twice without a reason."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import scipy.sparse as sp

from eval.retraining import anchor, making, rivals
from eval.retraining.anchor import FIRST
from eval.retraining.gate import GateConfig, Rival, compared, decided
from eval.retraining.making import retrained
from eval.retraining.order import Order
from eval.retraining.people import joined, matched
from eval.retraining.trial import measured, stand_in, trial_of
from recsys.artifacts.fitting import fit_all
from recsys.data.movielens import Dataset
from recsys.store import Recommendations
from recsys.training import Training
from recsys.versions.lineage import Lineage
from tests.eval.retraining.conftest import NOON, given, join, settle

ORDER = Order(model="ease")


def made(town, store, registry, order=ORDER, said=None):
    return retrained(town.dataset, store, registry, order, ([] if said is None else said).append)


def shuffled(dataset: Dataset) -> Dataset:
    """Everybody's films are others, by chance."""
    ratings, rng = dataset.ratings, np.random.default_rng(0)
    items = np.concatenate(
        [
            np.sort(rng.choice(ratings.n_items, size=n, replace=False))
            for n in np.bincount(ratings.user_idx, minlength=ratings.n_users)
        ]
    )
    return replace(dataset, ratings=replace(ratings, item_idx=items.astype(ratings.item_idx.dtype)))


def test_a_model_of_shuffled_ratings_does_not_answer(town, store, registry, keys, monkeypatch):
    """Although what was asked in its place has learned from the right ones."""
    first = made(town, store, registry)
    settle(store, town, keys, range(10))
    monkeypatch.setattr(
        making, "fit_all", lambda name, whole, *rest, **how: fit_all(name, shuffled(whole), *rest, **how)
    )
    second = made(town, store, registry)
    assert (second.state, registry.current().number) == ("refused", first.number)
    assert second.record.gate.reason.startswith(
        "Refused: something went wrong while it was fitted: for people of the data set, nDCG@10 goes from "
    )


def test_what_passed_by_other_settings_is_judged_anew(town, store, registry, keys, monkeypatch):
    made(town, store, registry)
    settle(store, town, keys, range(10))
    with monkeypatch.context() as worse:
        spoil(worse)
        lax = replace(ORDER, promotes=False, gate=GateConfig(ndcg_margin=1.0))
        passed = made(town, store, registry, lax)
        assert (passed.state, passed.record.gate.passed) == ("candidate", True)
        again = made(town, store, registry)
    assert (again.number, again.state) == (3, "refused")


def test_what_was_made_to_wait_waits(town, store, registry):
    made(town, store, registry, replace(ORDER, promotes=False))
    said = []
    assert made(town, store, registry, said=said) is None
    assert said[-1] == (
        "There is nothing new to learn since version 1, which has passed the gate; it was made to wait, and "
        "`python -m recsys.versions promote 1` lets it answer."
    )
    assert registry.current() is None


def spoil(patched, parts=(making, rivals, anchor)):
    """Let models be measured as worse."""

    def worse(*asked):
        found = measured(*asked)
        return found | {"ndcg@10": found["ndcg@10"] * 0.8}

    for part in parts:
        patched.setattr(part, "measured", worse)


def test_what_the_anchor_refused_says_the_way_out_and_it_leads_there(town, store, registry, keys, monkeypatch):
    made(town, store, registry)
    settle(store, town, keys, range(10))
    spoil(monkeypatch)
    refused = made(town, store, registry)
    folder = registry.folder / "anchors"
    assert refused.record.gate.reason.endswith(f"delete {folder}, and they are compared with that.")
    assert f", which {FIRST} has, to " in refused.record.gate.reason
    assert made(town, store, registry) is None
    for file in folder.iterdir():
        file.unlink()
    assert made(town, store, registry).state == "current"


def test_other_margins_are_a_reason_to_judge_again(town, store, registry, keys, monkeypatch):
    made(town, store, registry)
    settle(store, town, keys, range(10))
    spoil(monkeypatch)
    assert made(town, store, registry).state == "refused"
    assert made(town, store, registry, replace(ORDER, gate=GateConfig(ndcg_margin=0.9))).state == "current"


def test_a_try_with_other_settings_leaves_the_anchor_alone(town, store, registry, keys, monkeypatch):
    made(town, store, registry)
    settle(store, town, keys, range(10))
    spoil(monkeypatch)
    made(town, store, registry, replace(ORDER, seed=1, promotes=False))
    assert made(town, store, registry).state == "refused"


def test_an_anchor_that_was_asked_something_else_is_measured_again(town, store, registry, keys):
    made(town, store, registry)
    (file,) = (registry.folder / "anchors").iterdir()
    with np.load(file) as kept:
        values = dict(kept)
    np.savez(file, **(values | {"n_relevant": values["n_relevant"] + 1, "ndcg@10": values["ndcg@10"] + 1}))
    settle(store, town, keys, range(10))
    assert made(town, store, registry).state == "current"


def test_two_schedules_with_models_of_their_own_do_not_make_versions_for_ever(town, store, registry):
    for model in ("ease", "item-mean", "ease", "item-mean", "ease"):
        made(town, store, registry, replace(ORDER, model=model))
    assert len(registry.versions()) == 2


def test_where_all_have_withdrawn_the_next_version_knows_none_of_them(town, store, registry, keys):
    people = settle(store, town, keys, range(10))
    made(town, store, registry)
    for person in people:
        store.consents.answer(person, "no")
    after = made(town, store, registry)
    assert (after.state, after.record.lineage.n_people) == ("current", 0)


def test_where_only_stars_are_worse_it_is_refused(town):
    people = given(town.stars)
    trial = trial_of(town.dataset, joined(town.dataset, people), people, ORDER.settings)
    values = measured("ease", stand_in("ease", trial.learned(), trial), trial)
    stars = measured("baseline", stand_in("baseline", trial.learned(), trial), trial)
    values |= {name: stars[name] for name in ("squared_error", "n_test_ratings")}
    worse = values | {"squared_error": values["squared_error"] * 1.2}
    decision = decided([*compared(Rival(name="version 1", per_user=values, trial=trial), worse, GateConfig())], None)
    assert decision.reason.startswith("Refused: for people of the data set, RMSE goes from ")
    assert "more than the 0.0100 that may be" in decision.reason
    assert "nDCG" not in decision.reason


@pytest.mark.parametrize(("n_newcomers", "are_told"), [(45, True), (52, False), (60, True)])
def test_no_group_is_told_beside_one_that_holds_but_a_few_more(town, n_newcomers, are_told):
    """The difference would be theirs."""
    people = given(town.stars)
    trial = trial_of(town.dataset, joined(town.dataset, people), people, ORDER.settings)
    told = np.sort(trial.n_told[trial.n_base_users :])
    gate = GateConfig(newcomer_ratings=int(told[n_newcomers - 1]) + 1)
    n_below = int(np.sum(told < gate.newcomer_ratings))
    values = measured("ease", stand_in("ease", trial.learned(), trial), trial)
    rows = [*compared(Rival(name="version 1", per_user=values, trial=trial), values, gate)]
    n_people = {row.group: row.n_people for row in rows if row.metric == "nDCG@10"}
    newcomers = next((n for group, n in n_people.items() if group.startswith("newcomers")), None)
    rest = n_people["people of the page"] - (newcomers or 0)
    assert newcomers is None or rest == 0 or rest >= 10
    assert (newcomers is not None) == are_told, (n_below, n_people)


def test_who_is_asked_what_goes_by_what_the_store_knows_of_lists_and_of_what_came_along(town, store, keys):
    """From the database to the question: lists, and what a guest brought along, be it one film."""
    label = keys.label
    ann = join(store, "Ann", label, {})
    shown, unseen = keys.key_of(100), keys.key_of(101)
    store.history.record_list(ann, a_list(label, [shown, unseen]))
    by_hand = {keys.key_of(102 + n): 4.0 for n in range(8)} | {shown: 5.0}
    for number, stars in by_hand.items():
        store.ratings.set_rating(ann, label, number, stars)
    long_ago = datetime.fromtimestamp(NOON - 10**6, UTC)
    ben = join(store, "Ben", label, {})
    store.ratings.set_ratings(ben, label, {keys.key_of(100): 3.0}, when={keys.key_of(100): long_ago})
    for n in range(2):
        store.ratings.set_rating(ben, label, keys.key_of(110 + n), 4.0)
    found = matched(town.dataset, keys, store.consents.ratings(label)).given
    items = found.item_idx.tolist()
    alone = dict(zip(zip(found.person_idx.tolist(), items, strict=True), found.came_alone.tolist(), strict=True))
    assert [which for which, is_alone in alone.items() if not is_alone] == [(1, 0)]
    assert found.was_shown.tolist() == [item == 0 and person == 0 for person, item in alone]
    assert found.shown.toarray()[0].nonzero()[0].tolist() == [0, 1]
    trial = trial_of(town.dataset, joined(town.dataset, found), found, ORDER.settings)
    asked = trial.held_out[trial.n_base :]
    assert asked.sum() > 0
    assert not (asked & (found.was_shown | ~found.came_alone)).any()
    assert sp.csr_array(trial.shown[trial.n_base_users :]).toarray()[0].nonzero()[0].tolist() == [0, 1]


def test_what_was_added_by_hand_after_people_rated_knows_what_its_lineage_says(
    town, store, registry, keys, monkeypatch
):
    settle(store, town, keys, range(10))
    registry.promote(registry.add(fit_all("ease", town.dataset, Training()), Lineage()).number)
    seen = []
    monkeypatch.setattr(rivals, "stand_in", lambda *how: seen.append(how) or stand_in(*how))
    made(town, store, registry)
    (_, learned, trial, *_), *_ = seen
    assert learned.shape[0] == trial.n_base_users
    assert learned.n_ratings == trial.n_base - int(trial.held_out[: trial.n_base].sum())


def a_list(label, numbers) -> Recommendations:
    """What a page shows somebody."""
    films = [(number, 4.0) for number in numbers]
    return Recommendations(dataset=label, model="ease", version="1", kind="top", request={}, films=films)
