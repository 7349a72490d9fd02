"""The VAE that is asked for genres: what it learns from, its gradient, and what it does with what is asked."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.models.numeric.dense_stack import DenseStack
from recsys.models.vae.conditioned_vae import ConditionedVAE, slopes
from recsys.models.vae.conditions import Example, Examples, beyond_genres, of_genres
from recsys.models.vae.config import ConditionedVAEConfig
from tests.support.small_models import made_small, ratings

GENRES = np.random.default_rng(2).random((23, 4)) < 0.4
FACTS = FilmFacts(genres=GENRES)
CONFIG = made_small(ConditionedVAEConfig())


def examples(stars: sp.csr_array) -> Examples:
    grades = sp.csr_array((stars.data / 5, stars.indices, stars.indptr), shape=stars.shape)
    return Examples.of(stars, grades, GENRES, np.full(stars.shape[0], 4.0))


def test_everybody_is_there_as_they_are_and_once_more_as_they_ask():
    stars = ratings(1)
    people = np.flatnonzero((stars >= 4).astype(float) @ GENRES.any(axis=1))  # of others it is not known what they like
    n = len(people)
    drawn = examples(stars).draw(people, 0.0, 0.0, np.random.default_rng(0))
    assert not drawn.asked[:n].any()
    assert (drawn.asked[n:].sum(axis=1) >= 1).all()
    assert (drawn.asked[n:].sum(axis=1) <= 3).all()
    np.testing.assert_allclose(drawn.told.toarray()[:n] * 5, stars[people].toarray(), rtol=1e-6)
    np.testing.assert_allclose(drawn.wanted.toarray()[:n] * 5, stars[people].toarray(), rtol=1e-6)
    for told, asked, wanted in zip(drawn.told.toarray(), drawn.asked, drawn.wanted.toarray(), strict=True):
        fits = GENRES[:, asked > 0].any(axis=1) | (not asked.any())
        np.testing.assert_array_equal(wanted, told * fits)


def test_new_people_ask_for_what_they_would_name_and_others_for_a_genre_that_they_like_too():
    found, people, nobody = examples(ratings(1)), np.arange(40), np.zeros(40, dtype=bool)
    for seed in range(10):
        named = found.asks(people, ~nobody, np.random.default_rng(seed))
        assert (named == found.stated).all(axis=2).any(axis=0).all()
    asked = np.stack([found.asks(people, nobody, np.random.default_rng(seed)) for seed in range(60)])
    could = np.any(found.stated, axis=0) | (found.chances > 0)
    assert not (asked & ~could).any()
    alone = asked.sum(axis=2) == 1
    assert 0.55 < alone.mean() < 0.95  # half of them, and a third of the others


def test_ratings_are_hidden_one_by_one_and_all_from_some_of_those_who_ask():
    stars = ratings(1, (400, 23))
    drawn = examples(stars).draw(np.arange(400), 0.25, 0.5, np.random.default_rng(0))
    n_told, n_all = (np.diff(each.indptr) for each in (drawn.told, sp.vstack([stars, stars], format="csr")))
    assert 0.7 < n_told[:400].sum() / n_all[:400].sum() < 0.8
    assert 0.4 < np.mean(n_told[400:] == 0) < 0.6
    assert np.mean(n_told[:400] == 0) < 0.05


def test_the_gradient_is_the_slope_of_the_loss():
    rng = np.random.default_rng(0)
    sizes = ((23 + 4, 5, 6), (3 + 4, 5, 23))
    stacks = [DenseStack.drawn(each, ("tanh", "linear"), rng) for each in sizes]
    wide = [
        DenseStack([k.astype(float) for k in s.kernels], [b.astype(float) for b in s.biases], s.activations)
        for s in stacks
    ]
    stars = ratings(1)[:6]
    asked = np.eye(6, 4, dtype=np.float32)
    drawn = Example(stars, asked, of_genres(stars, asked > 0, GENRES), beyond_genres(asked, GENRES))
    drawn = drawn._replace(wanted=sp.csr_array(drawn.wanted * np.array([1, 1, 0, 1, 1, 1])[:, None]))
    drawn.wanted.eliminate_zeros()  # for one of them nothing is right
    noise = rng.normal(size=(6, 3))
    gradient, _ = slopes(*wide, drawn, noise, 0.4)
    for array, slope in zip([*wide[0].parameters, *wide[1].parameters], gradient, strict=True):
        place = np.unravel_index(np.argmax(np.abs(slope)), slope.shape)
        kept, step = array[place], 1e-4
        array[place] = kept + step
        above = slopes(*wide, drawn, noise, 0.4)[1]
        array[place] = kept - step
        below = slopes(*wide, drawn, noise, 0.4)[1]
        array[place] = kept
        assert slope[place] == pytest.approx((above - below) / (2 * step), rel=2e-3)


def test_who_asks_for_nothing_is_served_as_by_a_network_without_conditions():
    model = ConditionedVAE(CONFIG).fit(Interactions(ratings(1), films=FACTS))
    people, nothing = ratings(2)[:5], np.zeros((5, 4), dtype=bool)
    of_genres_alone = ("genre_kernel", "asked_kernel", "film_genres")
    plain = ConditionedVAE(CONFIG).restore({k: v for k, v in model.arrays().items() if k not in of_genres_alone})
    np.testing.assert_array_equal(model.score(Histories(people)), model.score(Histories(people, genres=nothing)))
    np.testing.assert_array_equal(model.score(Histories(people)), plain.score(Histories(people)))
    with pytest.raises(ValueError, match="got genres, but the model was fitted without films' genres"):
        plain.score(Histories(people, genres=nothing))


def test_almost_all_that_it_expects_is_of_the_genres_that_are_asked_for():
    """Films of one genre each; somebody new, somebody known, one genre and two."""
    genres = np.arange(24)[:, None] % 4 == np.arange(4)
    config = replace(CONFIG, n_hidden=24, epochs=150, batch_size=60, learning_rate=0.04, beta=0.0, strangers=0.5)
    stars = ratings(3, (120, 24))
    model = ConditionedVAE(config).fit(Interactions(stars, films=FilmFacts(genres=genres)))
    for asked in ([True, False, False, False], [False, True, False, True]):
        for history in (sp.csr_array((1, 24), dtype=np.float32), stars[:1]):
            chances = np.exp(model.score(Histories(history, genres=np.array([asked])))[0])
            assert chances.sum() == pytest.approx(1, rel=1e-4)
            assert chances[genres[:, asked].any(axis=1)].sum() > 0.95
