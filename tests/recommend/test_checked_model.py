"""A model's answers, checked: what it can answer, what it is asked, and what is refused if it is no number."""

import re

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.scale import WHOLE_STARS
from recsys.errors import DataError
from recsys.recommend.checked_model import CheckedModel

N_ITEMS = 4
HISTORY = sp.csr_array(np.array([[0, 5, 0, 1]], dtype=np.float32))
ITEMS = np.array([2, 0])


class Ranks:
    """Only ranks: a film by its number, or whatever it is told to."""

    scale, config, uses_validation, keeps_ratings = WHOLE_STARS, None, False, False

    def __init__(self, value=0.0):
        self.value, self.people = value, []

    def score(self, people):
        self.people.append(people)
        return np.tile(np.arange(N_ITEMS, dtype=np.float32) + self.value, (len(people), 1))

    def fit(self, data, training=None):
        raise AssertionError

    arrays = array_shapes = restore = fit


class Rates(Ranks):
    def predict(self, people):
        return np.array([[9.0, 0.0, 3.0, 2.0]], dtype=np.float32) + self.value


class IsSure(Rates):
    predicts_means = True

    def rating_distribution(self, people, items=None):
        chances = np.zeros((1, N_ITEMS, 5), dtype=np.float32)
        chances[0, :, 0] = chances[0, :, 4] = 0.5 + self.value
        return chances[:, items]


class KnowsGenres(Ranks):
    understands_genres = True


def checked(model, knows_genres=True):
    return CheckedModel("it", model, knows_genres)


def test_a_model_that_only_ranks_predicts_nothing_and_says_so():
    model = checked(Ranks())
    assert model.chances(HISTORY, ITEMS) is model.expected_stars(HISTORY, ITEMS) is None
    with pytest.raises(DataError, match="it predicts no stars, it only ranks; load another model"):
        model.require_stars()
    with pytest.raises(DataError, match="it is not generative; load"):
        model.imaginary_taste(N_ITEMS, np.random.default_rng(0))


def test_stars_are_on_the_scale_of_the_asked_items_in_their_order():
    model = checked(Rates())
    model.require_stars()
    assert model.chances(HISTORY, ITEMS) is None
    assert model.expected_stars(HISTORY, ITEMS).tolist() == [3.0, 5.0]


def test_stars_of_a_model_that_is_sure_to_some_degree_are_the_means_of_its_chances():
    model = checked(IsSure())
    assert model.chances(HISTORY, ITEMS).shape == (2, 5)
    assert model.expected_stars(HISTORY, ITEMS).tolist() == [3.0, 3.0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    ("model", "ask", "what"),
    [
        (Rates, lambda model: model.expected_stars(HISTORY, ITEMS), "stars"),
        (IsSure, lambda model: model.chances(HISTORY, ITEMS), "chances"),
        (IsSure, lambda model: model.expected_stars(HISTORY, ITEMS), "chances"),
        (Ranks, lambda model: model.lift(0, N_ITEMS), "scores"),
    ],
)
def test_what_is_no_number_is_refused_by_the_models_name(model, ask, what, bad):
    with pytest.raises(DataError, match=f"^it does not work on these ratings: .* {re.escape(what)} are NaN"):
        ask(checked(model(bad)))


def test_what_ends_a_models_computing_is_said_in_a_sentence():
    class Singular(Ranks):
        def score(self, people):
            raise np.linalg.LinAlgError("Singular matrix")

    with pytest.raises(DataError, match="it does not work on these ratings: Singular matrix"):
        checked(Singular()).scores(HISTORY)


@pytest.mark.parametrize(
    ("model", "knows_genres", "is_told"), [(KnowsGenres, True, True), (KnowsGenres, False, False), (Ranks, True, False)]
)
def test_genres_are_told_to_a_model_that_knows_the_catalogues(model, knows_genres, is_told):
    wanted = np.array([True, False])
    inner = model()
    outer = checked(inner, knows_genres)
    outer.scores(HISTORY, wanted)
    outer.scores(HISTORY)
    told, plain = [people.genres for people in inner.people]
    assert plain is None
    assert (told is not None) == is_told
    assert not is_told or told.tolist() == [[True, False]]


def test_a_model_that_answers_everybody_alike_lifts_nothing():
    np.testing.assert_array_equal(checked(Ranks()).lift(1, N_ITEMS), np.zeros(N_ITEMS))
