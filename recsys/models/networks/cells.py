"""A batch of histories as its rated cells alone, in NumPy, padded to sizes of which there are few.

Whatever is compiled for a batch is compiled for its sizes, so that batches of one size share it. Legend: B histories in
a batch, I items, n ratings, C cells: ratings and padding.
"""

from typing import NamedTuple, Self

import numpy as np
import scipy.sparse as sp

from recsys.models.base import entry_rows

FEWEST_CELLS = 64
SPARE = 1.25  # so many times the cells of a usual batch have room, so that hardly any batch wants more


class Cells(NamedTuple):
    """Rated cells, a person's side by side; those of the padding lie in row B, have 0 stars and come last.

    Attributes:
        rows: (C,) int32.
        columns: (C,) int32; 0 in the padding.
        stars: (C,) float32.
        starts: (B + 1,) int32, where the cells of each person start, and where the last one's end.
        by_item: (C,) int32 numbers of the cells, an item's side by side.
        item_starts: (I + 1,) int32, likewise of the items in `by_item`.
    """

    rows: np.ndarray
    columns: np.ndarray
    stars: np.ndarray
    starts: np.ndarray
    by_item: np.ndarray
    item_starts: np.ndarray

    @classmethod
    def of(cls, history: sp.csr_array, n_people: int, n_cells: int) -> Self:
        """Of (B', I) stars of B' <= n_people, filled up with people without ratings, and n <= n_cells ratings."""
        n_ratings, n_items = history.nnz, history.shape[1]
        by_item = sp.csr_array((np.arange(n_ratings), history.indices, history.indptr), shape=history.shape).tocsc()
        starts = np.full(n_people + 1, n_ratings)
        starts[: len(history.indptr)] = history.indptr
        return cls(
            rows=padded(entry_rows(history), n_cells, n_people),
            columns=padded(history.indices, n_cells, 0),
            stars=padded(history.data, n_cells, 0).astype(np.float32),
            starts=starts.astype(np.int32),
            by_item=padded(by_item.data, n_cells, 0),
            item_starts=by_item.indptr[: n_items + 1].astype(np.int32),
        )


def padded(values: np.ndarray, size: int, filling: int) -> np.ndarray:
    """(n,) values, then fillings: (size,) int32, or of the values' own type if they are no whole numbers."""
    kind = np.int32 if np.issubdtype(values.dtype, np.integer) else values.dtype
    found = np.full(size, filling, dtype=kind)
    found[: len(values)] = values
    return found


def room_for(n_ratings: int, usual: int = 0) -> int:
    """C for a batch: a power of two that holds its ratings, and SPARE times those of a usual batch."""
    least = max(n_ratings, int(SPARE * usual), FEWEST_CELLS)
    return int(1 << (least - 1).bit_length())
