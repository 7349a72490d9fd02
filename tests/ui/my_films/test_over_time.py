"""Stars over time: which ratings are of one period, and where its dot lies."""

import re
from datetime import UTC, datetime

import pytest

from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.ui.my_films.over_time import Period, marks, over_time, periods


def at(year, month, day=1):
    return datetime(year, month, day, 12, tzinfo=UTC)


def test_a_month_s_stars_are_one_mean():
    found = periods([(at(2026, 3), 5.0), (at(2026, 1, 2), 2.0), (at(2026, 1, 30), 3.0)])
    assert found == [Period(0, "Jan 2026", 2, 2.5), Period(2, "Mar 2026", 1, 5.0)]


@pytest.mark.parametrize(
    ("last", "names"),
    [
        (at(2025, 12), ["Jan 2024", "Dec 2025"]),
        (at(2026, 1), ["Jan to Mar 2024", "Jan to Mar 2026"]),
        (at(2029, 12), ["Jan to Mar 2024", "Oct to Dec 2029"]),
        (at(2030, 1), ["2024", "2030"]),
        (at(2070, 1), ["2024", "2070"]),
    ],
)
def test_a_long_time_is_in_quarters_and_a_very_long_one_in_years(last, names):
    assert [period.name for period in periods([(at(2024, 1), 4.0), (last, 3.0)])] == names


def numbers(shown, name):
    return [float(found) for found in re.findall(rf'{name}="([\d.]+)"', shown)]


def test_dots_lie_from_left_to_right_and_from_low_to_high_the_larger_the_more_was_rated():
    given = [(at(2026, 1), 1.0), (at(2026, 2), 3.0), (at(2026, 3), 5.0), (at(2026, 3), 5.0), (at(2026, 3), 5.0)]
    shown = over_time(given, WHOLE_STARS)
    across, down, sizes = (numbers(shown, name) for name in ("cx", "cy", " r"))
    assert len(across) == 3
    assert across == sorted(across)
    assert across[1] == pytest.approx((across[0] + across[2]) / 2)
    assert down == sorted(down, reverse=True)
    assert down[1] == pytest.approx((down[0] + down[2]) / 2)
    assert sizes[0] == sizes[1] < sizes[2]
    assert "Mar 2026: ★ 5.0 on average, 3 ratings" in shown


@pytest.mark.parametrize("given", [[], [(at(2026, 1, 1), 5.0), (at(2026, 1, 31), 1.0)]])
def test_no_line_is_drawn_through_less_than_two_periods(given):
    shown = over_time(given, WHOLE_STARS)
    assert "<svg" not in shown
    assert "drawn here as soon as there are some of two months" in shown
    assert ("All your ratings are of Jan 2026" in shown) == bool(given)


def test_levels_are_drawn_on_any_scale():
    assert marks(RatingScale(lowest=0.5, highest=4.0, step=0.5)) == [1, 2, 3, 4]
    assert marks(RatingScale(lowest=1.0, highest=10.0, step=0.0)) == list(range(1, 11))
    assert marks(RatingScale(lowest=1.0, highest=100.0)) == list(range(1, 101, 10))
