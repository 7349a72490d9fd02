import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.data.scale import HALF_STARS, WHOLE_STARS
from recsys.testing.synthetic import checkerboard, low_rank


def test_checkerboard_worked_by_hand():
    assert checkerboard(5, 4).toarray().tolist() == [
        [0, 0, 5, 1],
        [0, 0, 1, 5],
        [5, 1, 0, 0],
        [1, 5, 0, 0],
        [0, 0, 5, 1],
    ]


@settings(deadline=None)
@given(st.integers(4, 30), st.integers(2, 15))
def test_every_user_of_a_checkerboard_lacks_one_loved_and_one_disliked_item(n_users, n_pairs):
    board = checkerboard(n_users, 2 * n_pairs)
    assert (board.dtype, board.shape) == (np.float32, (n_users, 2 * n_pairs))
    user, item = np.nonzero(board.toarray() == 0)
    np.testing.assert_array_equal(user, np.repeat(np.arange(n_users), 2))
    loved = item[user % 2 == item % 2]
    np.testing.assert_array_equal(loved, 2 * (np.arange(n_users) // 2 % n_pairs) + np.arange(n_users) % 2)
    assert (board.toarray() > 0).any(axis=0).all()


@pytest.mark.parametrize(("n_users", "n_items"), [(3, 4), (4, 2), (4, 5)])
def test_checkerboard_refuses_sizes_without_a_right_answer(n_users, n_items):
    with pytest.raises(ValueError, match=f"got {n_users} users and {n_items} items; expected at least 4 of each"):
        checkerboard(n_users, n_items)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([WHOLE_STARS, HALF_STARS]))
def test_low_rank_keeps_its_promises(seed, scale):
    matrix = low_rank(300, 120, 9000, seed=seed, scale=scale)
    assert (matrix.shape, matrix.nnz, matrix.dtype) == ((300, 120), 9000, np.float32)
    assert np.diff(matrix.indptr).min() >= 20
    assert scale.holds(matrix.data.astype(float)).all()


def test_low_rank_is_the_same_for_the_same_seed():
    first, again, other = (low_rank(50, 80, 1500, seed=seed) for seed in (1, 1, 2))
    assert (first != again).nnz == 0
    assert (first != other).nnz > 0


def test_low_rank_has_unequal_popularity_and_every_star():
    matrix = low_rank(400, 300, 16_000, seed=0)
    popularity = np.sort(np.bincount(matrix.indices, minlength=300))
    assert popularity[-30:].sum() > 4 * popularity[:150].sum() / 5
    assert set(matrix.data) == set(WHOLE_STARS.levels)


def test_low_rank_has_low_rank():
    stars = low_rank(200, 100, 10_000, seed=0, min_ratings=1).toarray()
    centred = np.where(stars > 0, stars - stars[stars > 0].mean(), 0.0)
    noise = np.random.default_rng(0).permutation(centred.ravel()).reshape(centred.shape)
    shares = [np.linalg.svd(part, compute_uv=False)[:10].sum() for part in (centred, noise)]
    assert shares[0] > 1.3 * shares[1]


@pytest.mark.parametrize("n_ratings", [999, 50 * 80 // 2 + 1])
def test_low_rank_refuses_too_few_or_too_many_ratings(n_ratings):
    with pytest.raises(ValueError, match=f"got {n_ratings} ratings for 50 users and 80 items; .*1000 to 2000"):
        low_rank(50, 80, n_ratings, seed=0)
