"""How somebody uses the star levels: worked by hand, and against a loop over people, films and levels."""

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.models.hybrids.level_use import LevelUse, with_level_use, with_means

TO_TEN = RatingScale(lowest=1.0, highest=10.0)
BY_THREES = RatingScale(lowest=2.0, highest=8.0, step=3.0)
TENTHS = RatingScale(lowest=0.5, highest=1.0, step=0.1)  # whose levels no float holds exactly
SCALES = [WHOLE_STARS, HALF_STARS, TO_TEN, BY_THREES, TENTHS]


def forecasts(seed: int, scale: RatingScale, shape: tuple[int, int] = (6, 9)) -> np.ndarray:
    """Random probabilities of stars, (B, I, N) float32."""
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.ones(len(scale.levels)), size=shape).astype(np.float32)


def histories(seed: int, scale: RatingScale, shape: tuple[int, int] = (6, 9)) -> sp.csr_array:
    """Random stars of which the last person gave none."""
    rng = np.random.default_rng(seed)
    stars = rng.choice(scale.levels, size=shape) * (rng.random(shape) < 0.6)
    stars[-1] = 0
    return sp.csr_array(stars.astype(np.float32))


def naive(distribution: np.ndarray, stars: np.ndarray, levels: list[float], prior_ratings: float) -> np.ndarray:
    """The definition, word by word."""
    tilted = distribution.astype(np.float64)
    for person, given_stars in enumerate(stars):
        rated = [item for item, given in enumerate(given_stars) if given]
        for place, level in enumerate(levels):
            if rated:
                n = sum(given_stars[item] == np.float32(level) for item in rated)
                expected = sum(distribution[person, item, place] for item in rated)
                believed = prior_ratings * expected / len(rated)
                tilted[person, :, place] *= (n + believed) / (expected + believed)
    return tilted / tilted.sum(axis=2, keepdims=True)


@pytest.mark.parametrize("prior_ratings", [0.5, 4.0, 30.0])
@pytest.mark.parametrize("scale", SCALES)
def test_level_use_agrees_with_a_naive_loop_on_every_scale(scale, prior_ratings):
    distribution, history = forecasts(0, scale), histories(1, scale)
    found = with_level_use(distribution, history, scale, prior_ratings)
    assert found.dtype == np.float32
    expected = naive(distribution, history.toarray(), scale.levels.tolist(), prior_ratings)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found[-1], distribution[-1], rtol=1e-6)


@pytest.mark.parametrize(("prior_ratings", "factors"), [(1.0, (1 / 2, 3 / 2)), (3.0, (3 / 4, 5 / 4))])
def test_a_prior_of_as_many_ratings_as_were_given_moves_a_share_half_way(prior_ratings, factors):
    """One film got 2.5 stars where half a star was as likely: shares of 0 and 1, expected .5 and .5."""
    even = np.zeros((1, 2, 10), dtype=np.float32)
    even[:, :, [0, 4]] = 0.5
    history = sp.csr_array(np.array([[2.5, 0.0]], dtype=np.float32))
    found = with_level_use(even, history, HALF_STARS, prior_ratings)
    np.testing.assert_allclose(found[0, 1, [0, 4]], np.array(factors) / 2, rtol=1e-5)
    assert np.delete(found[0, 1], [0, 4]).tolist() == [0] * 8


def test_a_level_that_was_thought_impossible_and_was_given_leaves_everything_finite():
    distribution = np.zeros((1, 2, 5), dtype=np.float32)
    distribution[0, 0, 0] = 1.0
    distribution[0, 1] = 0.2
    history = sp.csr_array(np.array([[5.0, 0.0]], dtype=np.float32))
    found = with_level_use(distribution, history, WHOLE_STARS, prior_ratings=1.0)
    assert np.isfinite(found).all()
    assert found[0, 1, 4] > 0.99


def test_the_use_of_levels_is_each_person_s_own():
    distribution, history = forecasts(2, TO_TEN), histories(3, TO_TEN)
    together = with_level_use(distribution, history, TO_TEN, 5.0)
    for person in range(6):
        alone = with_level_use(distribution[[person]], history[[person]], TO_TEN, 5.0)
        np.testing.assert_array_equal(alone[0], together[person])


@pytest.mark.parametrize("scale", SCALES)
def test_other_means_leave_the_rest_of_a_distribution_as_near_as_can_be(scale):
    """The tilt is exponential in the level: logarithms of what changed lie on a line."""
    distribution = forecasts(0, scale)
    means = scale.mean_of(forecasts(1, scale))
    found = with_means(distribution, means, scale)
    np.testing.assert_allclose(scale.mean_of(found), means, atol=1e-3 * (scale.highest - scale.lowest))
    np.testing.assert_allclose(found.sum(axis=-1), 1.0, rtol=1e-5)
    bends = np.diff(np.log(found.astype(np.float64) / distribution), n=2, axis=-1)
    np.testing.assert_allclose(bends, 0.0, atol=2e-2 * np.abs(np.log(found / distribution)).max())


def test_a_distribution_keeps_its_own_mean():
    distribution = forecasts(2, WHOLE_STARS)
    found = with_means(distribution, WHOLE_STARS.mean_of(distribution), WHOLE_STARS)
    np.testing.assert_allclose(found, distribution, atol=1e-6)


def test_films_use_levels_too():
    """Four ratings of a film, two of each end where the middle was expected; a prior of four goes half way."""
    films = LevelUse(
        given=np.array([[2.0, 0.0, 2.0], [0.0, 0.0, 0.0]]), expected=np.array([[0.0, 4.0, 0.0], [0, 0, 0]])
    )
    assert films.factor(4.0)[0, 1] == pytest.approx(0.5, rel=1e-5)
    assert films.factor(4.0)[0, 0] > 100
    np.testing.assert_array_equal(films.factor(4.0)[1], 1.0)
