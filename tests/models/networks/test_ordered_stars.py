"""Star levels by ordered logit: what is learned from ratings, against the chances of levels and finite differences."""

import numpy as np
import pytest

from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.models.networks.ordered_stars import OrderedStars, groups_of

FINE = RatingScale(lowest=1.0, highest=100.0)
ANY_NUMBER = RatingScale(lowest=1.0, highest=10.0, step=0.0)
TWO = RatingScale(lowest=1.0, highest=2.0)
N_RATINGS = 9


def example(scale: RatingScale) -> tuple[OrderedStars, np.ndarray, np.ndarray]:
    """Stars that have learned something, centres all over the scale, and groups, the outermost among them."""
    rng, before = np.random.default_rng(0), OrderedStars.of(scale)
    gaps = before.log_gaps + rng.normal(0, 0.3, before.log_gaps.shape)
    stars = OrderedStars(before.first.astype(np.float64), gaps, np.array(np.log(0.7 * scale.unit)))
    group = rng.integers(0, len(gaps) + 2, N_RATINGS)
    group[:2] = 0, len(gaps) + 1
    return stars, rng.uniform(scale.lowest, scale.highest, N_RATINGS), group


def chances(stars: OrderedStars, centre: np.ndarray) -> np.ndarray:
    """(n, K) of groups, by the definition."""
    cuts = float(stars.first) + np.concatenate([[0], np.cumsum(np.exp(stars.log_gaps))])
    below = 1 / (1 + np.exp(-(cuts - centre[:, None]) / np.exp(stars.log_width)))
    return np.diff(np.column_stack([np.zeros(len(centre)), below, np.ones(len(centre))]), axis=1)


@pytest.mark.parametrize("scale", [WHOLE_STARS, HALF_STARS, FINE, ANY_NUMBER, TWO])
def test_before_anything_is_learned_thresholds_lie_halfway(scale):
    found = OrderedStars.of(scale).bounds(len(scale.levels))
    np.testing.assert_allclose(found[1:-1], scale.cutpoints, rtol=1e-5)


@pytest.mark.parametrize("scale", [WHOLE_STARS, FINE, TWO])
def test_the_loss_is_the_log_chance_of_the_groups(scale):
    stars, centre, group = example(scale)
    expected = -np.log(chances(stars, centre)[np.arange(N_RATINGS), group]).sum()
    assert stars.loss(centre, group)[0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("scale", [WHOLE_STARS, FINE, TWO])
def test_slopes_are_those_of_finite_differences(scale):
    stars, centre, group = example(scale)
    _, at_centre, slopes = stars.loss(centre, group)
    for place in range(N_RATINGS):
        step = 1e-6 * (np.arange(N_RATINGS) == place)
        above, below = (stars.loss(centre + sign * step, group)[0] for sign in (1, -1))
        assert (above - below) / 2e-6 == pytest.approx(at_centre[place], rel=1e-4, abs=1e-6)
    for name, slope in slopes._asdict().items():
        for place in np.ndindex(slope.shape):
            step = np.zeros_like(slope, dtype=np.float64)
            step[place] = 1e-6
            above, below = (
                stars._replace(**{name: getattr(stars, name) + sign * step}).loss(centre, group)[0] for sign in (1, -1)
            )
            assert (above - below) / 2e-6 == pytest.approx(slope[place], rel=1e-4, abs=1e-5), name


def test_what_is_hardly_possible_stays_finite():
    """A centre a thousand stars away from what was given, and a width of next to nothing."""
    stars = OrderedStars.of(WHOLE_STARS)
    far = stars._replace(log_width=np.array(-12.0))
    for each in (stars, far):
        nats, at_centre, slopes = each.loss(np.array([1000.0, -1000.0, 3.0]), np.array([0, 4, 2]))
        assert np.isfinite([nats, *at_centre, *slopes.log_gaps, slopes.first, slopes.log_width]).all()


def test_ratings_belong_to_the_group_that_their_level_is_in():
    assert groups_of(np.array([1.0, 3.0, 5.0]), WHOLE_STARS).tolist() == [0, 2, 4]
    assert groups_of(np.array([1.0, 10.0, 11.0, 100.0]), FINE).tolist() == [0, 0, 1, 9]
