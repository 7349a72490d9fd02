"""Stars of one person are worked out once, and are those of the model."""

import numpy as np
import pytest

from recsys.data.scale import RatingScale
from recsys.recommend.foreseen_stars import ForeseenStars
from recsys.recommend.lists.histories import checked_stars, levels_of
from tests.support.small_models import ratings

LEVELS = np.arange(1.0, 6.0)


class Asked:
    """A checked model that keeps which films it was asked for."""

    scale = RatingScale()

    def __init__(self, knows_chances=True):
        self.knows_chances, self.asked = knows_chances, []

    def chances(self, history, items):
        if not self.knows_chances:
            return None
        self.asked += items.tolist()
        return np.array([[0.1, 0.1, 0.1, 0.1, 0.6 + 0.01 * item] for item in items]).reshape(-1, 5)

    def expected_stars(self, history, items):
        return items / 10.0


def test_each_film_is_worked_out_once_in_whatever_order_it_is_asked_for():
    checked = Asked()
    person = ForeseenStars(checked, ratings(0, (1, 9), 0.5))
    first = person.chances(np.array([3, 1, 4]))
    again = person.chances(np.array([1, 5, 3, 1]))
    assert checked.asked == [3, 1, 4, 5]
    np.testing.assert_array_equal(again, Asked().chances(None, np.array([1, 5, 3, 1])))
    np.testing.assert_array_equal(first[0], again[2])
    np.testing.assert_allclose(person.expected(np.array([4, 5])), again[[0, 1]] @ LEVELS + [0.15, 0.0])
    assert checked.asked == [3, 1, 4, 5]


def test_of_no_film_there_are_no_stars():
    person = ForeseenStars(Asked(), ratings(0, (1, 9), 0.5))
    assert person.chances(np.zeros(0, dtype=np.int64)).shape == (0, 5)
    assert person.expected(np.zeros(0, dtype=np.int64)).shape == (0,)


def test_a_model_without_chances_says_its_stars():
    person = ForeseenStars(Asked(knows_chances=False), ratings(0, (1, 9), 0.5))
    assert person.chances(np.array([2])) is None
    np.testing.assert_array_equal(person.expected(np.array([2, 7])), [0.2, 0.7])


@pytest.mark.parametrize("scale", [RatingScale(), RatingScale(lowest=0.5, step=0.5), RatingScale(lowest=0.1, step=0.1)])
def test_all_levels_of_a_scale_are_stars_also_as_people_write_them(scale):
    assert levels_of(scale) == set(scale.levels)
    for level in scale.levels:
        assert checked_stars(scale, "a film", round(float(level), 1)) == round(float(level), 1)
