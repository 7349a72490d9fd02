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
        ({"step": 0}, "from .* in steps of 0; expected 0 < lowest < highest <= 1000 and a step that divides the range"),
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
            "from 0.5 to 500.5 in steps of 0.5; expected at most 1,000 levels",
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
