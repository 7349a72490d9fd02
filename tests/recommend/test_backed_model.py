"""A model that another one stands in for: answer by answer, and never where nobody has one."""

import numpy as np
import pytest

from recsys.errors import DataError
from recsys.recommend.backed_model import BackedModel
from tests.recommend.test_checked_model import HISTORY, ITEMS, N_ITEMS, IsSure, KnowsGenres, Ranks, Rates, checked

ASKED = {
    "scores": lambda model: model.scores(HISTORY),
    "adventurous scores": lambda model: model.adventurous_scores(HISTORY, 0.5, np.ones(N_ITEMS), np.ones(N_ITEMS)),
    "support": lambda model: model.support(HISTORY, np.arange(HISTORY.nnz), ITEMS),
    "stars": lambda model: model.expected_stars(HISTORY, ITEMS),
    "chances": lambda model: model.chances(HISTORY, ITEMS),
    "stars of each": lambda model: model.stars_of_each(HISTORY, ITEMS[:1]),
    "lift": lambda model: model.lift(1, N_ITEMS),
}
NAN = float("nan")


def backed(first, second):
    """Backed, and what it was told of."""
    troubles = []
    return BackedModel(checked(first), checked(second), troubles.append), troubles


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_what_is_no_number_comes_from_the_other_one(ask):
    model, troubles = backed(IsSure(NAN), IsSure())
    np.testing.assert_array_equal(ask(model), ask(checked(IsSure())))
    assert troubles
    assert all("NaN" in str(each) for each in troubles)


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_what_is_a_number_is_its_own(ask):
    model, troubles = backed(IsSure(0.1), IsSure(NAN))
    np.testing.assert_array_equal(ask(model), ask(checked(IsSure(0.1))))
    assert troubles == []


@pytest.mark.parametrize("ask", [ASKED["scores"], ASKED["chances"]])
def test_where_neither_has_an_answer_the_others_reason_is_told_and_nobody_hears_of_it(ask):
    model, troubles = backed(IsSure(NAN), IsSure(NAN))
    with pytest.raises(DataError, match="NaN"):
        ask(model)
    assert troubles == []


def test_stars_come_from_one_that_is_less_sure():
    model, _ = backed(IsSure(NAN), Rates())
    np.testing.assert_array_equal(model.expected_stars(HISTORY, ITEMS), [3.0, 5.0])


def test_it_can_be_asked_what_the_first_one_can():
    model, _ = backed(KnowsGenres(), IsSure())
    assert (model.rating, model.distribution, model.genres) == (None, None, model.model)
    assert BackedModel(checked(Ranks(), False), checked(KnowsGenres()), print).genres is None
