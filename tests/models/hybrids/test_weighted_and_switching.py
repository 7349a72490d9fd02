"""Scores added with weights, and a model for each length of a history: against the members themselves."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.models import MODELS
from recsys.models.hybrids.config import SwitchingConfig, WeightedConfig
from recsys.models.hybrids.members import Member
from recsys.models.hybrids.switching import Switching
from recsys.models.hybrids.weighted import Weighted, liking_of, weighed, weights_of_lists, weights_of_stars
from tests.support.small_models import N_ITEMS, ratings

EASE, SLIM, BASELINE, CONTENT = (
    Member(name=name, config=MODELS[name].config) for name in ("ease", "slim", "baseline", "content")
)
TRAIN, PEOPLE = Interactions(ratings(1)), Histories(ratings(2)[:6])
TWO_AND_TWO = WeightedConfig(lists=(EASE, SLIM), stars=(BASELINE, CONTENT))


def orders_of(score: np.ndarray) -> list[list[int]]:
    """Films that each person has not rated, the best first."""
    rated = PEOPLE.stars.toarray()
    orders = np.argsort(-score, axis=1, kind="stable")
    return [[int(item) for item in order if not own[item]] for order, own in zip(orders, rated, strict=True)]


@pytest.mark.parametrize(
    "made",
    [
        Weighted(WeightedConfig(lists=(EASE,), stars=(BASELINE,))),
        Switching(SwitchingConfig(lists=(EASE,), lists_from=(), stars=(BASELINE,), stars_from=())),
    ],
)
def test_one_member_is_that_member(made):
    model = made.fit(TRAIN)
    assert orders_of(model.score(PEOPLE)) == orders_of(model.fitted["ease"].score(PEOPLE))
    np.testing.assert_array_equal(model.predict(PEOPLE), model.fitted["baseline"].predict(PEOPLE))


@pytest.mark.parametrize(("weights", "name", "stars"), [([1, 0], "ease", "baseline"), ([0, 1], "slim", "content")])
def test_who_has_all_the_weight_answers(weights, name, stars):
    model = Weighted(TWO_AND_TWO).fit(TRAIN)
    model.list_weights = model.star_weights = np.array(weights, dtype=np.float64)
    assert orders_of(model.score(PEOPLE)) == orders_of(model.fitted[name].score(PEOPLE))
    np.testing.assert_array_equal(model.predict(PEOPLE), model.fitted[stars].predict(PEOPLE))


def test_without_ratings_kept_aside_members_count_alike_and_an_earlier_choice_is_forgotten():
    model = Weighted(TWO_AND_TWO).fit(TRAIN)
    assert model.list_weights is not None
    model.config = replace(model.config, kept_aside=0.0)
    model.fit(TRAIN)
    assert model.list_weights is None
    assert model.star_weights is None
    stars = [model.fitted[name].predict(PEOPLE) for name in ("baseline", "content")]
    np.testing.assert_allclose(model.predict(PEOPLE), np.mean(stars, axis=0), rtol=1e-6)


def test_weights_are_found_by_models_that_do_not_know_what_was_kept_aside():
    told = {}

    def fit_part(name, part, data, kept_aside):
        told[name] = data.n_ratings
        return part.fit(data)

    model = Weighted(TWO_AND_TWO)
    *_, whole = model.fit_by(fit_part, TRAIN, seed=0)
    assert whole is model
    assert told["ease"] == TRAIN.n_ratings
    assert 0.8 < told["trial ease"] / TRAIN.n_ratings < 0.97
    assert set(told) == {
        f"{start}{name}" for start in ("", "trial ") for name in ("ease", "slim", "baseline", "content")
    }
    assert model.list_weights.sum() == pytest.approx(1)
    assert model.star_weights.sum() == pytest.approx(1)


def test_the_weights_of_stars_have_the_least_squared_error_of_all_that_sum_to_one():
    rng = np.random.default_rng(0)
    stars = rng.integers(1, 6, 300).astype(np.float64)
    foretold = stars[:, None] + rng.normal(size=(300, 3)) * [0.5, 0.8, 2.0]
    found = weights_of_stars(foretold, stars, l2=0.0)

    def error(weights):
        return np.square(foretold @ weights - stars).mean()

    grid = [np.array([a, b, 1 - a - b]) for a in np.linspace(0, 1, 51) for b in np.linspace(0, 1, 51) if a + b <= 1]
    assert error(found) <= min(map(error, grid)) + 1e-6
    assert found.sum() == pytest.approx(1)
    assert found.min() >= 0
    np.testing.assert_allclose(weights_of_stars(foretold, stars, l2=1e7), 1 / 3, atol=1e-3)
    np.testing.assert_allclose(weights_of_stars(foretold[:0], stars[:0], l2=1.0), 1 / 3, atol=1e-6)


def test_a_member_that_knows_what_lists_should_hold_has_the_weight():
    rng = np.random.default_rng(1)
    relevant = sp.csr_array(rng.random((20, 30)) < 0.2)
    none = sp.csr_array((20, 30), dtype=np.float32)
    knows, guesses = relevant.toarray() + 0.1 * rng.random((20, 30)), rng.random((20, 30))
    assert weights_of_lists([guesses, knows], none, relevant)[1] >= 0.5
    assert weights_of_lists([knows, guesses, guesses], none, relevant).tolist() == [1, 0, 0]


def test_lists_hold_what_the_first_member_that_asks_takes_for_a_like():
    assert liking_of((BASELINE, replace(EASE, config=replace(EASE.config, liked_from=3.0)), SLIM)) == 3.0
    assert liking_of((BASELINE,)) == "level"


def test_a_weighted_mean_by_hand():
    answers = [np.array([[1.0, 3.0]]), np.array([[2.0, 0.0]])]
    assert weighed(answers, np.array([0.25, 0.75])).tolist() == [[1.75, 0.75]]
    assert weighed(answers, None).tolist() == [[1.5, 1.5]]


def people_with(*counts: int) -> Histories:
    """Somebody with each number of ratings."""
    stars = np.zeros((len(counts), N_ITEMS), dtype=np.float32)
    for own, count in zip(stars, counts, strict=True):
        own[:count] = 1 + np.arange(count) % 5
    return Histories(sp.csr_array(stars))


def test_who_is_in_charge_answers_alone_on_both_sides_of_a_threshold():
    config = SwitchingConfig(
        lists=(BASELINE, CONTENT, EASE), lists_from=(2, 7), stars=(CONTENT, BASELINE), stars_from=(7,)
    )
    model = Switching(config).fit(TRAIN)
    counts = (8, 0, 1, 2, 6, 7)
    people = people_with(*counts)
    lists = [(("baseline", "content", "ease")[(n >= 2) + (n >= 7)], model.score, "score") for n in counts]
    stars = [("content" if n < 7 else "baseline", model.predict, "predict") for n in counts]
    for charged in (lists, stars):
        for row, (name, ask, method) in enumerate(charged):
            person = people[np.array([row])]
            expected = getattr(model.fitted[name], method)(person)
            np.testing.assert_array_equal(ask(person), expected)
            np.testing.assert_allclose(ask(people)[row], expected[0], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("starts", [(2,), (7, 2), (2, 2), (0, 2), (-1, 2), (1, 2, 3)])
def test_thresholds_that_leave_it_open_who_answers_are_refused(starts):
    with pytest.raises(ValueError, match="expected rising counts, of each member but the first"):
        SwitchingConfig(lists_from=starts)


def test_shares_out_of_range_are_refused():
    with pytest.raises(ValueError, match=r"expected kept_aside from 0 to \.5"):
        WeightedConfig(kept_aside=0.6)
    with pytest.raises(ValueError, match="expected l2 >= 0"):
        WeightedConfig(l2=-1.0)
