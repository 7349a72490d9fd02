import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.recommend.lists.usual_stars import ENOUGH, FIRST, none_below, usual_stars

N = 400
orders = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def test_few_ratings_are_moderated_by_what_all_people_give():
    assert usual_stars(np.array([1.0]), 3.7) == pytest.approx((1 + 5 * 3.7) / 6)
    assert usual_stars(np.full(1000, 2.0), 3.7) == pytest.approx(2.0, abs=0.01)
    assert usual_stars(np.zeros(0), 3.7) == 3.7


@given(rng=orders, usual=st.floats(1, 5), k=st.integers(1, N + 5))
def test_a_list_is_the_order_without_what_is_below(rng, usual, k):
    order, stars = rng.permutation(N), rng.uniform(1, 5, N)
    found = none_below(usual, order, k, lambda items: stars[items])
    bar = min(usual, np.sort(stars[order[:FIRST]])[-ENOUGH])
    assert found.tolist() == [item for item in order.tolist() if stars[item] >= bar][:k]
    assert len(found) >= min(k, ENOUGH)
    longer = none_below(usual, order, k + 7, lambda items: stars[items])
    assert longer[: len(found)].tolist() == found.tolist()


def test_few_films_are_all_listed_and_none_are_none():
    stars = np.array([1.0, 5.0, 2.0])
    assert none_below(4.0, np.array([2, 0, 1]), 10, lambda items: stars[items]).tolist() == [2, 0, 1]
    assert none_below(4.0, np.zeros(0, dtype=int), 10, lambda items: stars[items]).tolist() == []


def test_a_model_without_stars_keeps_its_order():
    assert none_below(4.0, np.arange(9), 3, lambda items: None).tolist() == [0, 1, 2]
