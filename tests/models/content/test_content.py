"""content: its ridge regressions, its mixed model and its choices, each against a closed form or a plain loop."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.optimize import approx_fprime
from scipy.special import log_softmax
from scipy.stats import multivariate_normal
from sklearn.linear_model import Ridge

from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.scale import WHOLE_STARS
from recsys.models.content import choices
from recsys.models.content.choices import Choices, popularity, profiles
from recsys.models.content.config import ContentConfig
from recsys.models.content.content import Content
from recsys.models.content.features import described
from recsys.models.content.tastes import Offsets, fit_tastes, spread_again, tastes
from recsys.training import Training
from tests.support.small_models import N_ITEMS, ratings

TRAIN, RNG = ratings(1), np.random.default_rng(0)
FACTS = FilmFacts(features=(RNG.random((N_ITEMS, 4)) < 0.4).astype(float))
FEATURES = described(FACTS, N_ITEMS)
OFFSETS = Offsets(3.1, RNG.normal(size=N_ITEMS) / 3)
RESIDUALS = OFFSETS.residuals(TRAIN)


def made(**settings: object) -> Content:
    return Content(ContentConfig(**settings)).fit(Interactions(TRAIN, films=FACTS))


# ---- stars


def test_a_taste_is_a_ridge_regression_of_a_person_s_residuals():
    found = tastes(RESIDUALS, FEATURES, 3.0 * np.eye(5))
    for person in range(5):
        own = RESIDUALS[[person]]
        ridge = Ridge(alpha=3.0, fit_intercept=False).fit(FEATURES[own.indices], own.data)
        np.testing.assert_allclose(found[person], ridge.coef_, atol=1e-10)


def test_who_rated_nothing_has_no_taste():
    nobody = sp.csr_array((2, N_ITEMS))
    np.testing.assert_array_equal(tastes(nobody, FEATURES, np.eye(5)), np.zeros((2, 5)))


def likelihood(precision: np.ndarray, noise: float) -> float:
    """Log density of all residuals, tastes integrated out."""
    spread, total = np.linalg.inv(precision), 0.0
    for person in range(TRAIN.shape[0]):
        own = RESIDUALS[[person]]
        seen = FEATURES[own.indices]
        total += multivariate_normal.logpdf(own.data, cov=noise * (np.eye(own.nnz) + seen @ spread @ seen.T))
    return total


def test_every_step_makes_what_was_seen_likelier_whatever_chunks_it_takes(monkeypatch):
    precision, noise = 2.0 * np.eye(5), 1.0
    before = likelihood(precision, noise)
    for _ in range(4):
        monkeypatch.setattr("recsys.models.numeric.grams.CHUNK_BYTES", 2**27)
        whole = spread_again(RESIDUALS, FEATURES, precision, noise)
        monkeypatch.setattr("recsys.models.numeric.grams.CHUNK_BYTES", 7 * 8 * 5**2)
        for values, again in zip(whole, spread_again(RESIDUALS, FEATURES, precision, noise), strict=True):
            np.testing.assert_allclose(values, again, rtol=1e-9)
        precision, noise, _ = whole
        assert likelihood(precision, noise) > before + 1e-6
        before = likelihood(precision, noise)


def test_tastes_that_are_known_are_found():
    """Drawn with a spread of .2, .5, 1, 0 and .4 stars, noise .7."""
    rng, true = np.random.default_rng(1), np.array([0.2, 0.5, 1.0, 0.0, 0.4])
    features = described(FilmFacts(features=np.eye(4)[rng.integers(4, size=200)]), 200)
    drawn = true * rng.normal(size=(300, 5)) @ features.T + 0.7 * rng.normal(size=(300, 200))
    residuals, precision, noise = sp.csr_array(drawn * (rng.random(drawn.shape) < 0.5)), 5 * np.eye(5), 1.0
    for _ in range(40):
        precision, noise, _ = spread_again(residuals, features, precision, noise)
    assert np.sqrt(noise) == pytest.approx(0.7, rel=0.02)
    kinds = np.column_stack([np.eye(4), np.ones(4)])  # how tastes for these vary together is what can be seen
    spread, drawn_spread = noise * np.linalg.inv(precision), np.diag(true**2)
    np.testing.assert_allclose(kinds @ spread @ kinds.T, kinds @ drawn_spread @ kinds.T, atol=0.15)


def test_a_film_is_drawn_to_its_kind_and_one_without_ratings_is_what_its_kind_is():
    features = described(FilmFacts(features=np.array([[1.0, 0], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1]])), 6)
    rest = sp.csr_array(np.array([[1.0, 1.0, 0, -1.0, -1.0, 0]] * 50 + [[0, 0, 0, 0, -2.0, 0]]))
    found = Offsets.of_kinds(3.0, rest, features, l2=3.0, l2_kind=0.01).of_items
    assert found[2] == pytest.approx(1.0, abs=0.02)
    assert found[5] == pytest.approx((-1 - 52 / 51) / 2, abs=0.02)
    kind = features[4] @ np.linalg.lstsq(features, found, rcond=None)[0]
    assert found[4] == pytest.approx((52 * -1 + 3 * kind) / 54, abs=0.02)


def test_ratings_that_are_all_alike_leave_nothing_to_explain():
    alike = sp.csr_array(np.where(TRAIN.toarray() > 0, 3.0, 0.0).astype(np.float32))
    model = Content().fit(Interactions(alike, films=FACTS))
    np.testing.assert_allclose(model.predict(Histories(alike)), 3.0, atol=1e-6)


def test_stars_are_offsets_and_a_taste():
    model, people = made(sweeps=3), Histories(ratings(2)[:3])
    for person in range(3):
        own = people.stars[[person]]
        seen, rest = model.features[own.indices], own.data - model.mean - model.item_offset[own.indices]
        taste = np.linalg.solve(seen.T @ seen + model.precision, seen.T @ rest)
        expected = model.mean + model.item_offset + model.features @ taste
        np.testing.assert_allclose(model.predict(people)[person], expected, atol=1e-5)


def test_one_sweep_of_nothing_is_the_ridge_of_the_settings():
    offsets, precision = fit_tastes(sp.csr_array((3, N_ITEMS)), FEATURES, OFFSETS, sweeps=2, l2=7, l2_item=3, l2_kind=2)
    assert offsets is OFFSETS
    np.testing.assert_array_equal(precision, 7 * np.eye(5))


# ---- lists


LEAST = np.full(TRAIN.shape[0], 3.0)


def small_choices(l2: float = 0.5) -> Choices:
    profile = profiles(TRAIN, FEATURES, LEAST, shrinkage=2.0)
    chosen = sp.csr_array((TRAIN.toarray() >= 3).astype(float))
    return Choices(chosen, profile, FEATURES, np.log(1 + np.arange(N_ITEMS)), l2)


def test_a_profile_is_the_mean_of_what_was_liked_and_of_what_was_rated():
    found = profiles(TRAIN[:4], FEATURES, LEAST[:4], shrinkage=2.0)
    for person, stars in enumerate(TRAIN[:4].toarray()):
        n, likes = np.sum(stars > 0), stars >= 3
        means = FEATURES[likes].sum(axis=0) / (likes.sum() + 2), FEATURES[stars > 0].sum(axis=0) / (n + 2)
        np.testing.assert_allclose(found[person], [1, np.log1p(n) / 4, *means[0], *means[1]])


def test_the_loss_is_the_definition_s_and_its_gradient_that_of_finite_differences(monkeypatch):
    problem, weights = small_choices(), np.random.default_rng(2).normal(size=(12, 5)) / 2
    logits = problem.popularity + problem.profile @ weights @ FEATURES.T
    expected = 0.25 * np.sum(weights**2) - np.sum(problem.chosen.toarray() * log_softmax(logits, axis=1))
    loss, gradient = problem.loss(weights)
    assert loss == pytest.approx(expected, rel=1e-12)
    numeric = approx_fprime(weights.ravel(), lambda flat: problem.loss(flat.reshape(12, 5))[0], 1e-6)
    np.testing.assert_allclose(gradient.ravel(), numeric, atol=2e-3)
    monkeypatch.setattr(choices, "BLOCK", 7)
    np.testing.assert_allclose(problem.loss(weights)[1], gradient, rtol=1e-9)


def test_weights_are_those_of_the_least_loss():
    problem = small_choices()
    found = problem.fit(2_000)
    loss, gradient = problem.loss(found)
    assert np.abs(gradient).max() < 0.02 < np.abs(problem.loss(0 * found)[1]).max()
    for shift in np.random.default_rng(3).normal(size=(5, *found.shape)) / 10:
        assert problem.loss(found + shift)[0] > loss


def test_what_nobody_rated_is_as_popular_as_a_little_of_its_kind():
    features = described(FilmFacts(features=np.array([[1.0, 0], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1]])), 6)
    likes = np.array([50, 70, 0, 3, 5, 0])
    found = popularity(likes, 2 * likes, features, 0.1)
    assert found[1] > found[0] > found[2] > found[5]
    np.testing.assert_allclose(found[:2], np.log(likes[:2]), atol=0.2)


def test_scores_tell_people_of_different_tastes_apart():
    """Half choose films of the one genre, half of the other; a film that nobody rated goes to whom it suits."""
    rng = np.random.default_rng(4)
    genre = np.arange(40) % 2
    suits = np.arange(80)[:, None] % 2 == genre
    stars = np.where(suits, 5, 2) * (rng.random((80, 40)) < np.where(suits, 0.5, 0.1))
    stars[:, :2] = 0
    model = Content().fit(
        Interactions(sp.csr_array(stars.astype(np.float32)), films=FilmFacts(features=np.eye(2)[genre]))
    )
    people = Histories(sp.csr_array(stars[:2].astype(np.float32)))
    for answers in (model.score(people), model.predict(people)):
        assert answers[0, 0] > answers[0, 1]
        assert answers[1, 0] < answers[1, 1]


def test_without_facts_lists_are_the_most_liked_films_and_stars_offsets():
    model, people = Content().fit(Interactions(TRAIN)), Histories(ratings(2)[:4])
    n_likes = np.bincount(TRAIN.indices[TRAIN.data >= 4], minlength=N_ITEMS)
    for scores in model.score(people):
        assert (np.diff(n_likes[np.argsort(-scores)]) <= 0).all()
    above = model.predict(people) - model.item_offset
    np.testing.assert_allclose(above, np.tile(above[:, :1], N_ITEMS), atol=1e-5)


def test_of_very_many_people_some_are_drawn_with_the_seed():
    data, config = Interactions(TRAIN, films=FACTS), ContentConfig(most_people=10)
    once, again, other = (Content(config).fit(data, Training(seed=seed)).choice for seed in (0, 0, 1))
    np.testing.assert_array_equal(once, again)
    assert not np.allclose(once, other)
    assert not np.allclose(once, made().choice)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"l2": 0.0}, "l2s and kind_likes > 0"),
        ({"shrinkage": -1.0}, "shrinkage >= 0"),
        ({"steps": 0}, "sweeps, steps and most_people >= 1"),
        ({"liked_from": "often"}, "liked_from above 0 stars"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        replace(ContentConfig(), **wrong)


def test_stars_are_on_the_scale_s_terms():
    assert made().scale == WHOLE_STARS
