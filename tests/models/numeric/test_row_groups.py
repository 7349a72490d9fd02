"""Rows side by side: all entries are there once, whatever the lengths of the rows."""

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.models.numeric.row_groups import CELLS, PADDING, ROWS_AT_ONCE, SPARE, UNPADDED, RowGroups, turned

LENGTHS = {
    "none": [0, 0, 0],
    "one": [1],
    "some without": [0, 3, 0, 1, 3],
    "of all lengths": list(range(200)),
    "many short": [1] * 2500,
    "longer than a group": [CELLS + 5, CELLS + 4, 2],
}


def of_lengths(lengths: list[int]) -> sp.csr_array:
    """Rows with so many entries each, in columns by chance."""
    rng, n_columns = np.random.default_rng(0), max(max(lengths), 4)
    columns = np.concatenate([np.sort(rng.permutation(n_columns)[:n]) for n in lengths])
    indptr = np.cumsum([0, *lengths])
    return sp.csr_array((rng.random(indptr[-1]), columns.astype(np.int64), indptr), shape=(len(lengths), n_columns))


@pytest.mark.parametrize("kind", LENGTHS)
def test_every_entry_has_one_place(kind):
    matrix = of_lengths(LENGTHS[kind])
    found, values = RowGroups(matrix), np.append(matrix.data, 0.0)
    again, rows = np.zeros(matrix.shape), []
    for group in found.groups:
        is_entry = group.places < matrix.nnz
        assert (is_entry == (group.columns < matrix.shape[1])).all()
        again[np.broadcast_to(group.rows[:, None], is_entry.shape)[is_entry], group.columns[is_entry]] = values[
            group.places[is_entry]
        ]
        rows += group.rows.tolist()
    np.testing.assert_array_equal(again, matrix.toarray())
    assert sorted(rows) == np.flatnonzero(LENGTHS[kind]).tolist()
    assert found.is_known.tolist() == [length > 0 for length in LENGTHS[kind]]


@pytest.mark.parametrize("kind", LENGTHS)
def test_groups_and_batches_are_bounded_and_little_of_them_is_empty(kind):
    found = RowGroups(of_lengths(LENGTHS[kind]))
    for group in found.groups:
        assert group.places.size <= max(CELLS, group.places.shape[1])
        n_empty = np.sum(group.places == found.nnz)
        assert n_empty <= (0 if group.width <= UNPADDED else max(PADDING * group.places.size, SPARE))
    batches = list(found.batches())
    assert all(batches)  # of no groups there is no batch
    assert [group for batch in batches for group in batch] == found.groups
    assert all(sum(len(group.rows) for group in batch) <= 2 * ROWS_AT_ONCE for batch in batches)


@pytest.mark.parametrize("kind", LENGTHS)
def test_products_stand_where_the_entries_stand(kind):
    matrix, rng = of_lengths(LENGTHS[kind]), np.random.default_rng(1)
    of_rows, of_columns = rng.random((matrix.shape[0], 3)), rng.random((matrix.shape[1] + 1, 3))
    rows = np.repeat(np.arange(matrix.shape[0]), LENGTHS[kind])
    expected = (of_rows[rows] * of_columns[matrix.indices]).sum(axis=1)
    np.testing.assert_allclose(RowGroups(matrix).products(of_rows, of_columns), expected, rtol=1e-12)


def test_entries_of_columns_stand_where_those_of_rows_do():
    matrix = of_lengths(LENGTHS["of all lengths"])
    by_column, places = turned(matrix)
    np.testing.assert_array_equal(matrix.data[places], matrix.T.tocsr().data)
    found, again = RowGroups(by_column, places), np.zeros(matrix.shape)
    for group in found.groups:
        values = group.stored(np.append(matrix.data, 0.0))
        is_entry = group.columns < matrix.shape[0]
        again[group.columns[is_entry], np.broadcast_to(group.rows[:, None], is_entry.shape)[is_entry]] = values[
            is_entry
        ]
        assert not values[~is_entry].any()
    np.testing.assert_array_equal(again, matrix.toarray())
    of_rows, of_columns = np.random.default_rng(1).random((matrix.shape[1], 3)), np.ones((matrix.shape[0] + 1, 3))
    expected = of_rows.sum(axis=1)[matrix.indices]
    np.testing.assert_allclose(found.products(of_rows, of_columns), expected, rtol=1e-12)
