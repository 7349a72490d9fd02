"""A linear autoencoder of more films than there is room for: a core, and films around it."""

import logging
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.models.linear import core as core_module
from recsys.models.linear.config import EASEConfig
from recsys.models.linear.core import BYTES_OF_PAIR, room_for
from recsys.models.linear.ease import EASE, for_a_trial
from tests.support.small_models import CORE_MB, N_ITEMS, ratings

SEEN = EASEConfig(l2=3.0, seen_share=0.5, feature_weight=2.5)  # whoever rated two films is something to both
FACTS = FilmFacts(features=(np.random.default_rng(1).random((N_ITEMS, 4)) < 0.4).astype(float))
TRAIN = Interactions(ratings(3, (80, N_ITEMS)), films=FACTS)


def around_a_core_of(n_films: int, data: Interactions = TRAIN, config: EASEConfig = SEEN) -> EASE:
    return EASE(replace(config, memory_mb=BYTES_OF_PAIR * (n_films + 0.5) ** 2 / 2**20)).fit(data)


def precision_of(features: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """The same where features count, too."""
    return np.linalg.inv(np.linalg.inv(precision) + features @ features.T)


def as_weights(precision: np.ndarray) -> np.ndarray:
    weights = -precision / np.diag(precision)
    np.fill_diagonal(weights, 0)
    return weights


def test_all_films_but_one_in_the_core_is_as_good_as_all():
    exact = EASE(SEEN).fit(TRAIN)
    model = around_a_core_of(N_ITEMS - 1)
    assert len(model.core_films) == N_ITEMS - 1
    assert exact.core_films is None
    np.testing.assert_allclose(model.matrix(), exact.matrix(), rtol=1e-4, atol=1e-6)


def test_a_core_of_all_films_that_anybody_rated_is_as_good_as_all():
    stars = ratings(3).toarray()
    stars[:, 5:9] = 0
    unrated = replace(TRAIN, stars=sp.csr_array(stars))
    np.testing.assert_allclose(
        around_a_core_of(N_ITEMS - 4, unrated).matrix(), EASE(SEEN).fit(unrated).matrix(), rtol=1e-4, atol=1e-6
    )


FEW = Interactions(TRAIN.stars[:6], films=FACTS)  # fewer people than films


@pytest.mark.parametrize("model", [EASE(SEEN).fit(TRAIN), EASE(SEEN).fit(FEW), around_a_core_of(9)])
def test_weights_between_films_and_their_means_are_those_of_the_matrix(model):
    given, items = np.array([3, 0, 17, 8]), np.array([8, 1, 3, 21, 17])
    np.testing.assert_allclose(model.between(given, items), model.matrix()[np.ix_(given, items)], rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(model.row_means, model.matrix().mean(axis=1), rtol=1e-3, atol=1e-5)


def test_the_means_of_an_earlier_fit_are_forgotten():
    model = EASE(SEEN).fit(TRAIN)
    before = model.row_means
    assert not np.allclose(model.fit(FEW).row_means, before, rtol=1e-2)


@pytest.mark.parametrize("n_near", [3, 50])
def test_the_precision_is_a_core_and_one_regression_for_each_film_around_it(n_near, monkeypatch):
    """L' D L, with the regressions in L and what they leave in D, then the features."""
    monkeypatch.setattr(core_module, "NEIGHBOURS", n_near)
    model = around_a_core_of(9)
    feedback, features = model.feedback(TRAIN.stars).toarray(), model.weighted_features(TRAIN)
    gram = feedback.T @ feedback + 3.0 * np.eye(N_ITEMS)
    core = model.core_films
    factor, rest = np.eye(N_ITEMS), np.zeros((N_ITEMS, N_ITEMS))
    rest[np.ix_(core, core)] = np.linalg.inv(gram[np.ix_(core, core)])
    for film in np.setdiff1d(np.arange(N_ITEMS), core):
        near = core[np.argsort(-gram[core, film] / np.sqrt(gram[core, core]))[:n_near]]
        factor[film, near] = -np.linalg.solve(gram[np.ix_(near, near)], gram[near, film])
        rest[film, film] = 1 / (gram[film, film] + factor[film, near] @ gram[near, film])
    expected = as_weights(precision_of(features, factor.T @ rest @ factor))
    np.testing.assert_allclose(model.matrix(), expected, rtol=1e-4, atol=1e-6)


def test_the_core_is_what_most_people_rated():
    n_ratings = np.bincount(TRAIN.stars.indices, minlength=N_ITEMS)
    model = around_a_core_of(9)
    assert n_ratings[model.core_films].min() >= np.delete(n_ratings, model.core_films).max()


def test_it_says_what_is_done_instead_of_all_films_at_once(caplog):
    with caplog.at_level(logging.WARNING):
        around_a_core_of(9)
        EASE(SEEN).fit(TRAIN)
    (said,) = caplog.messages
    assert said == (
        "EASE: 23 films would need 6.35e-06 GB, more than the 1.08e-06 GB of memory_mb; the 9 that are rated most are "
        "solved together, each of the others by up to 50 of these instead"
    )


def test_few_people_of_many_films_need_no_core():
    few = Interactions(ratings(5, (6, 200)))
    room = 16 * 6 * 200 / 2**20
    assert EASE(EASEConfig(memory_mb=room)).fit(few).core_films is None
    assert EASE(EASEConfig(memory_mb=0.99 * room)).fit(few).halves is None


def test_another_fit_forgets_the_core_of_the_one_before():
    model = around_a_core_of(9)
    model.score(Histories(TRAIN.stars))
    model.fit(Interactions(ratings(4, (6, 200)), None))
    assert model.score(Histories(ratings(5, (2, 200)))).shape == (2, 200)


def test_films_of_the_core_fill_the_room():
    assert room_for(CORE_MB * 2**20) == 15
    assert room_for(2048 * 2**20) == 13_377
    assert room_for(0.001) == 1


def test_a_trial_has_half_of_the_core_and_all_films_where_these_have_room():
    core = EASEConfig(memory_mb=CORE_MB)
    assert room_for(for_a_trial(core, TRAIN.stars).memory_mb * 2**20) == 15 // 2
    assert for_a_trial(SEEN, TRAIN.stars) is SEEN


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("core_films", lambda films: np.roll(films, 1) * 0, "expected all 23 once"),
        ("near", lambda near: near[1:], "13 around it; expected all 23 once"),
        ("near", lambda near: near * 0, "near holds films outside the core"),
        ("spread", None, "expected weights, or halves and rest, or core_films and"),
    ],
)
def test_a_core_and_films_around_it_that_do_not_fit_are_refused(name, change, message):
    arrays = around_a_core_of(9).arrays()
    if change is None:
        del arrays[name]
    else:
        arrays[name] = change(arrays[name])
    with pytest.raises(ValueError, match=message):
        EASE(SEEN).restore(arrays)
