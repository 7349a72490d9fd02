"""Batches as rated cells, padded to sizes of which there are few."""

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.models.networks.cells import Cells, room_for


def history() -> sp.csr_array:
    return sp.csr_array(np.array([[0, 4, 1, 0], [0, 0, 0, 0], [5, 2, 0, 0]], dtype=np.float32))


def test_cells_worked_by_hand():
    cells = Cells.of(history(), n_people=5, n_cells=6)
    assert cells.rows.tolist() == [0, 0, 2, 2, 5, 5]
    assert cells.columns.tolist() == [1, 2, 0, 1, 0, 0]
    assert cells.stars.tolist() == [4, 1, 5, 2, 0, 0]
    assert cells.starts.tolist() == [0, 2, 2, 4, 4, 4]
    assert cells.by_item[:4].tolist() == [2, 0, 3, 1]
    assert cells.item_starts.tolist() == [0, 1, 3, 4, 4]
    assert {each.dtype for each in cells if each is not cells.stars} == {np.dtype(np.int32)}
    assert cells.stars.dtype == np.float32


def test_nobody_s_cells_are_padding_alone():
    cells = Cells.of(sp.csr_array((0, 4), dtype=np.float32), n_people=2, n_cells=3)
    assert (cells.rows.tolist(), cells.starts.tolist()) == ([2, 2, 2], [0, 0, 0])


@pytest.mark.parametrize(
    ("ratings", "usual", "room"), [(1, 0, 64), (64, 0, 64), (65, 0, 128), (1000, 1000, 2048), (900, 800, 1024)]
)
def test_room_is_a_power_of_two_that_most_batches_share(ratings, usual, room):
    assert room_for(ratings, usual) == room
