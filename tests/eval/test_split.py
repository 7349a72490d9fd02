import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.data.interactions import keep_entries
from recsys.settings import ValidationConfig
from recsys.split import holds_entries, merged
from tests.support.small_models import carved, ratings


@given(seed=st.integers(0, 2**32 - 1), fraction=st.floats(0.05, 0.9))
def test_validation_is_the_fraction_of_every_user_rounded_down(seed, fraction):
    train = ratings(seed, (12, 15), 0.5)
    fitting, validation = carved(train, seed=seed, config=ValidationConfig(fraction=fraction))
    np.testing.assert_array_equal((fitting + validation).toarray(), train.toarray())
    assert fitting.nnz + validation.nnz == train.nnz
    expected = (np.diff(train.indptr) * fraction).astype(int)
    np.testing.assert_array_equal(np.diff(validation.indptr), expected)


def test_validation_depends_on_the_seed_and_on_nothing_else():
    train = ratings(1)
    first, again, other = (carved(train, seed=seed)[1].toarray() for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_every_rating_of_a_user_may_be_taken():
    """Which of a user's ratings goes to validation is drawn evenly, not by position."""
    train = ratings(0, (1, 10), 1.0)
    taken = [carved(train, seed=seed)[1].indices[0] for seed in range(400)]
    counts = np.bincount(taken, minlength=10)
    assert counts.min() > 15
    assert counts.max() < 75


def test_keep_entries_keeps_shape_and_places():
    train = ratings(2)
    keep = train.data >= 3
    np.testing.assert_array_equal(
        keep_entries(train, keep).toarray(), np.where(train.toarray() >= 3, train.toarray(), 0)
    )


def test_what_was_carved_out_is_found_and_put_back():
    train = ratings(3, (30, 20), 0.5)
    fitting, validation = carved(train, seed=4)
    np.testing.assert_array_equal(merged(fitting, validation).toarray(), train.toarray())
    found = keep_entries(train, holds_entries(validation, train))
    np.testing.assert_array_equal(found.toarray(), validation.toarray())
    assert validation.nnz == found.nnz > 0


def test_a_fraction_outside_0_to_1_is_refused():
    with pytest.raises(ValueError, match=r"got ValidationConfig\(fraction=1.0\); expected a fraction between 0 and 1"):
        ValidationConfig(fraction=1.0)
