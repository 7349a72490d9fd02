"""What answers while a model that takes minutes is being trained: in which order, and that it is never in the way."""

from collections.abc import Callable

import numpy as np
import pytest

from recsys.artifacts import at_once
from recsys.artifacts.at_once import models_at_once
from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.scale import WHOLE_STARS
from recsys.models import create
from recsys.models.base import Model, RatingModel, StagedModel
from recsys.models.needs import Extent, bytes_needed
from recsys.models.vocabulary.abilities import with_vocabulary
from recsys.training import Training
from tests.support.small_models import N_ITEMS, N_USERS, ratings, small_config

GENRES = np.random.default_rng(5).random((N_ITEMS, 4)) < 0.4
DATA = Interactions(ratings(1), films=FilmFacts(features=GENRES.astype(float), genres=GENRES))
PEOPLE = Histories(ratings(3)[:5])


def flagship(least: int = 0) -> StagedModel:
    wanted = with_vocabulary(create("hybrid-vae", WHOLE_STARS, config=small_config("hybrid-vae")), least)
    assert isinstance(wanted, StagedModel)
    return wanted


def lists_of(models: list[Model]) -> list[str]:
    """Who makes the lists of each."""
    return [model.config.lists[0].name for model in models]


def fails(*_: object) -> Model:
    raise RuntimeError("a bug")


def test_the_linear_path_answers_with_the_stars_of_a_baseline():
    [model] = models_at_once(flagship(), DATA, Training())
    assert isinstance(model, RatingModel)
    ease = create("ease-features", WHOLE_STARS, config=small_config("hybrid-vae").linear).fit(DATA)
    order, expected = (np.argsort(-each.score(PEOPLE), axis=1)[:, :5] for each in (model, ease))
    np.testing.assert_array_equal(order, expected)
    baseline = create("baseline", WHOLE_STARS).fit(DATA)
    np.testing.assert_allclose(model.predict(PEOPLE), baseline.predict(PEOPLE), rtol=1e-6)


@pytest.mark.parametrize(
    ("largest_side", "n_free", "expected"),
    [
        (min(N_USERS, N_ITEMS), lambda needed: None, ["ease-features"]),
        (min(N_USERS, N_ITEMS) - 1, lambda needed: None, ["popularity", "ease-features"]),
        (min(N_USERS, N_ITEMS), lambda needed: 2 * needed, ["ease-features"]),
        (min(N_USERS, N_ITEMS), lambda needed: 2 * needed - 1, ["popularity"]),
    ],
)
def test_what_is_most_chosen_answers_where_a_linear_path_takes_long_or_has_no_room(
    monkeypatch, largest_side: int, n_free: Callable[[float], float | None], expected: list[str]
):
    wanted = flagship()
    monkeypatch.setattr(at_once, "LARGEST_SIDE", largest_side)
    monkeypatch.setattr(at_once, "free_memory", lambda: n_free(bytes_needed(wanted, Extent.of(DATA.stars))))
    assert lists_of(list(models_at_once(wanted, DATA, Training()))) == expected


def test_what_fails_is_passed_over_and_the_log_says_so(monkeypatch, caplog):
    wanted = flagship()
    monkeypatch.setattr(wanted, "fit_ahead", fails)
    assert list(models_at_once(wanted, DATA, Training())) == []
    assert caplog.messages == ["What was to answer at once could not be fitted (RuntimeError: a bug)."]
    monkeypatch.setattr(at_once, "LARGEST_SIDE", 1)
    assert lists_of(list(models_at_once(wanted, DATA, Training()))) == ["popularity"]


def test_films_with_few_ratings_are_unknown_to_it_too(monkeypatch):
    least = int(np.median(np.bincount(DATA.stars.indices)))
    monkeypatch.setattr(at_once, "LARGEST_SIDE", 1)
    wanted = flagship(least)
    quick = list(models_at_once(wanted, DATA, Training(), least))
    assert lists_of(quick) == ["popularity", "ease-features"]
    for model in quick:
        assert (model.least, model.n_known) == (least, wanted.n_known)
        assert model.score(PEOPLE).shape == model.predict(PEOPLE).shape == (5, N_ITEMS)
        known, rare = model.known.films, model.known.rare
        assert len(rare) > 0
        assert (model.score(PEOPLE)[:, known].min(axis=1) >= model.score(PEOPLE)[:, rare].max(axis=1)).all()
