"""The scale of stars, worked by hand on scales of every kind."""

import numpy as np
import pytest

from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale

TO_TEN = RatingScale(lowest=1.0, highest=10.0)
BY_THREES = RatingScale(lowest=2.0, highest=8.0, step=3.0)
QUARTERS = RatingScale(lowest=0.25, highest=1.0, step=0.25)
LEVELS = {
    WHOLE_STARS: [1, 2, 3, 4, 5],
    HALF_STARS: [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5],
    TO_TEN: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    BY_THREES: [2, 5, 8],
    QUARTERS: [0.25, 0.5, 0.75, 1],
}
TENTHS = [  # levels that no float holds exactly
    RatingScale(lowest=0.1, highest=0.7, step=0.1),
    RatingScale(lowest=0.5, highest=1.0, step=0.1),
    RatingScale(lowest=1.0, highest=10.0, step=0.1),
    RatingScale(lowest=0.7, highest=70.0, step=0.7),
]
every_scale = pytest.mark.parametrize("scale", LEVELS)


@every_scale
def test_levels_run_from_the_lowest_to_the_highest(scale):
    assert scale.levels.tolist() == LEVELS[scale]
    assert scale.levels.dtype == np.float64


@pytest.mark.parametrize(
    ("scale", "middle"), [(WHOLE_STARS, 3), (HALF_STARS, 2.75), (TO_TEN, 5.5), (BY_THREES, 5), (QUARTERS, 0.625)]
)
def test_the_middle_is_as_far_from_either_end(scale, middle):
    assert scale.middle == middle


@pytest.mark.parametrize(
    ("scale", "stars", "grades"),
    [
        (WHOLE_STARS, [1, 2, 3, 4, 5], [0, 1 / 4, 1 / 2, 3 / 4, 1]),
        (HALF_STARS, [0.5, 1, 2.75, 5], [0, 1 / 9, 1 / 2, 1]),
        (TO_TEN, [1, 4, 10], [0, 1 / 3, 1]),
        (BY_THREES, [2, 5, 8], [0, 1 / 2, 1]),
    ],
)
def test_grades_run_from_0_to_1(scale, stars, grades):
    np.testing.assert_allclose(scale.grade(np.array(stars)), grades, rtol=1e-12)


@every_scale
def test_stars_outside_are_moved_to_the_nearest_end_and_others_stay(scale):
    low, high = scale.lowest, scale.highest
    inside = low + 0.3 * (high - low)
    stars = np.array([[low - 7, low - 0.01, low], [inside, high, high + 0.01]])
    assert scale.clip(stars).tolist() == [[low, low, low], [inside, high, high]]


@every_scale
def test_a_scale_holds_its_levels_and_nothing_between_or_beyond(scale):
    levels = scale.levels
    assert scale.holds(levels).all()
    others = [
        *(levels[:-1] + scale.step / 2),
        levels[0] - scale.step,
        levels[-1] + scale.step,
        levels[-1] + 0.01,
        np.nan,
    ]
    assert not scale.holds(np.array(others)).any()
    assert scale.holds(np.array([[levels[1], np.nan], [levels[-1], np.inf]])).tolist() == [[True, False], [True, False]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", TENTHS)
def test_levels_that_no_float_holds_exactly_are_levels_however_they_are_written(scale, dtype):
    in_tenths = range(round(scale.lowest * 10), round(scale.highest * 10) + 1, round(scale.step * 10))
    written = np.array([float(f"{number / 10:.1f}") for number in in_tenths])
    np.testing.assert_allclose(scale.levels, written, rtol=1e-12)
    for stars in (written, scale.levels):
        assert scale.holds(stars.astype(dtype)).all()
        assert not scale.holds((stars + scale.step / 2).astype(dtype)).any()
        assert not scale.holds((stars * (1 + 1e-4)).astype(dtype)).any()


@pytest.mark.parametrize("number", [3, np.int64(3), np.float32(3), np.float64(3)])
def test_a_single_number_of_any_type_is_a_level_or_not(number):
    assert (bool(WHOLE_STARS.holds(number)), bool(WHOLE_STARS.holds(number * 2))) == (True, False)


@pytest.mark.parametrize(
    ("scale", "message"),
    [
        ({"lowest": 0}, "from 0 to 5.0 in steps of 1.0; expected 0 < lowest < highest <= 1000"),
        ({"lowest": -1}, "from -1 to 5.0 in steps of 1.0; expected 0 < lowest < highest <= 1000"),
        ({"lowest": 5}, "from 5 to 5.0 in steps of 1.0; expected 0 < lowest < highest <= 1000"),
        ({"lowest": 999, "highest": 1001}, "from 999 to 1001 in steps of 1.0; expected 0 < lowest < highest <= 1000"),
        ({"step": 0, "highest": 1}, "from 1.0 to 1 in steps of 0; expected 0 < lowest < highest .*, or 0 where any"),
        ({"step": 0, "lowest": 0}, "from 0 to 5.0 in steps of 0; expected 0 < lowest < highest <= 1000"),
        ({"step": np.nan}, "from .* in steps of nan; expected 0 < lowest < highest <= 1000 and a step that divides"),
        (
            {"step": -1},
            "from .* in steps of -1; expected 0 < lowest < highest <= 1000 and a step that divides the range",
        ),
        (
            {"step": 1001},
            "from .* in steps of 1001; expected 0 < lowest < highest <= 1000 and a step .*, of at most 1000",
        ),
        ({"step": 3}, "from .* in steps of 3; expected 0 < lowest < highest and a step that divides the range"),
        ({"step": 8}, "from .* in steps of 8; expected 0 < lowest < highest and a step that divides the range"),
        (
            {"lowest": 0.5, "highest": 500.5, "step": 0.5},
            "from 0.5 to 500.5 in steps of 0.5; expected at most 1,000 levels: .* Take 0 for the step: then any number",
        ),
    ],
)
def test_what_is_no_scale_is_refused(scale, message):
    with pytest.raises(ValueError, match=f"got a rating scale {message}"):
        RatingScale(**scale)


@pytest.mark.parametrize(
    ("scale", "n_levels"),
    [
        ({"lowest": 0.5, "highest": 500.0, "step": 0.5}, 1000),
        ({"lowest": 1, "highest": 1000}, 1000),
        ({"lowest": 500, "highest": 1000, "step": 500}, 2),
        ({"lowest": 0.5, "highest": 1.0, "step": 0.5}, 2),
    ],
)
def test_scales_at_the_limits_are_allowed(scale, n_levels):
    assert len(RatingScale(**scale).levels) == n_levels


# ---- what is read off a scale


ANY = RatingScale(lowest=1.0, highest=10.0, step=0.0)
EVERY = [*LEVELS, *TENTHS, ANY, RatingScale(lowest=0.5, highest=4.0, step=0.5), RatingScale(lowest=1.0, highest=2.0)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", EVERY)
def test_every_level_is_at_its_own_place_and_half_a_step_off_still_nearest(scale, dtype):
    places = np.arange(len(scale.levels))
    for off in (0.0, 0.4, -0.4):
        np.testing.assert_array_equal(scale.level_of((scale.levels + off * scale.width).astype(dtype)), places)
    assert scale.level_of(scale.levels).dtype == np.int64


@pytest.mark.parametrize("scale", EVERY)
def test_stars_beyond_an_end_are_of_the_level_there(scale):
    beyond = np.array([scale.lowest - 3 * scale.width, scale.highest + 3 * scale.width])
    assert scale.level_of(beyond).tolist() == [0, len(scale.levels) - 1]


@pytest.mark.parametrize("scale", EVERY)
def test_cutpoints_lie_halfway_between_levels(scale):
    np.testing.assert_allclose(scale.cutpoints, (scale.levels[1:] + scale.levels[:-1]) / 2, rtol=1e-12)
    np.testing.assert_allclose(np.diff(scale.levels), scale.width, rtol=1e-9)


@pytest.mark.parametrize("scale", EVERY)
def test_a_rating_is_of_a_higher_level_from_a_threshold_on(scale):
    stars = scale.levels if not scale.is_continuous else np.linspace(scale.lowest, scale.highest, 1001)
    above = (stars[:, None] >= scale.thresholds - 1e-9).sum(axis=1)
    np.testing.assert_array_equal(above, scale.level_of(stars))


def test_any_number_in_range_is_on_a_continuous_scale_and_in_one_of_21_bins():
    assert ANY.holds(np.array([1, 1.2345, np.pi, 10, 0.99, 10.01, np.nan])).tolist() == [True] * 4 + [False] * 3
    np.testing.assert_allclose(ANY.levels, 1 + 9 / 21 * (np.arange(21) + 0.5))
    ends = 1 + 9 / 21 * np.arange(22)
    assert ANY.level_of(ends).tolist() == [*range(21), 20]
    assert ANY.level_of(ends.astype(np.float32)).tolist() == [*range(21), 20]
    assert ANY.level_of(ends[1:] - 0.01).tolist() == list(range(21))
    assert ANY.levels.mean() == pytest.approx(ANY.middle)


@pytest.mark.parametrize(
    ("scale", "least"),
    [
        (WHOLE_STARS, 4),
        (HALF_STARS, 4),
        (TO_TEN, 8),
        (RatingScale(lowest=0.5, highest=4.0, step=0.5), 3.5),
        (RatingScale(lowest=1.0, highest=100.0), 76),
        (RatingScale(lowest=1.0, highest=2.0), 2),
        (BY_THREES, 8),
        (RatingScale(lowest=0.1, highest=0.5, step=0.1), 0.4),
        (ANY, 7.75),
    ],
)
def test_the_upper_quarter_of_a_scale_is_a_like(scale, least):
    assert scale.liked_from == pytest.approx(least, rel=1e-12)


@pytest.mark.parametrize(
    ("scale", "increment"),
    [
        (WHOLE_STARS, 1),
        (HALF_STARS, 0.5),
        (ANY, 0.1),
        (RatingScale(lowest=1.0, highest=100.0, step=0.0), 1),
        (RatingScale(lowest=0.1, highest=1.0, step=0.0), 0.01),
    ],
)
def test_stars_are_offered_in_the_scales_steps_or_in_round_ones(scale, increment):
    assert scale.increment == pytest.approx(increment, rel=1e-12)


def test_a_scale_says_what_may_be_given():
    assert HALF_STARS.in_words(" stars") == "0.5 to 5 stars in steps of 0.5"
    assert ANY.in_words() == "1 to 10, any number"
