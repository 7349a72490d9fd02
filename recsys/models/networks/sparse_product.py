"""Products of a sparse batch with dense rows, and their gradients, in JAX: nothing dense is made of the batch.

JAX multiplies a compressed sparse matrix by a dense one ten times faster than it adds rows one by one, so the gradient
is such a product, too: of the transposed matrix, whose order the batch brings along.

Legend: B histories in a batch, I items, C cells of the batch (see Cells), H numbers for each item.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax.experimental.sparse import BCSR

from recsys.models.networks.cells import Cells

CHUNK = 2**11  # cells whose rows are laid out at once
DENSE = 20  # from one cell in so many on, the products of all people and items take less time than those of the cells


@jax.custom_vjp
def batch_product(values: Any, cells: Cells, dense: Any) -> Any:
    """The batch, with these values in its cells, (C,), times (I, H): (B, H). Nobody learns the values by it."""
    return sparse(values, cells.columns, cells.starts, dense.shape[0]) @ dense


def transposed_product(values: Any, cells: Cells, dense: Any) -> Any:
    """The batch transposed, with these values in its cells, (C,), times (B, H): (I, H)."""
    ordered, rows = values[cells.by_item], cells.rows[cells.by_item]
    return sparse(ordered, rows, cells.item_starts, dense.shape[0]) @ dense


def sparse(values: Any, columns: Any, starts: Any, n_columns: int) -> Any:
    """A compressed sparse matrix, from its values row by row; what is beyond the last row's end is padding."""
    return BCSR((values, columns, starts), shape=(len(starts) - 1, n_columns))


def _batch_product(values: Any, cells: Cells, dense: Any) -> Any:
    return batch_product(values, cells, dense), (values, cells)


def _batch_product_slopes(known: Any, slope: Any) -> Any:
    values, cells = known
    return None, None, transposed_product(values, cells, slope)


batch_product.defvjp(_batch_product, _batch_product_slopes)


def products_at(cells: Cells, people: Any, items: Any) -> Any:
    """For each cell the product of its person's row of (B, H) and its item's of (I, H): (C,); in the padding any."""
    if len(people) * len(items) < DENSE * len(cells.rows):
        return cells_of(people @ items.T, cells)
    return few_products_at(cells, people, items)


def cells_of(values: Any, cells: Cells) -> Any:
    """(B, I) -> (C,); 0 in the padding."""
    return values.at[cells.rows, cells.columns].get(mode="fill", fill_value=0)


@jax.custom_vjp
def few_products_at(cells: Cells, people: Any, items: Any) -> Any:
    """The same, where cells are few."""

    def of(rows: Any, columns: Any) -> Any:
        return jnp.sum(rows_of(people, rows) * rows_of(items, columns), axis=1)

    n_cells = len(cells.rows)
    if n_cells <= CHUNK:
        return of(cells.rows, cells.columns)
    chunks = (-1, CHUNK)  # both are powers of two
    return jax.lax.map(lambda each: of(*each), (cells.rows.reshape(chunks), cells.columns.reshape(chunks))).ravel()


def rows_of(table: Any, numbers: Any) -> Any:
    """Rows of (n, H), those of numbers beyond n any: a product with a 1 in each row copies them quickest."""
    within = jnp.minimum(numbers, len(table) - 1)
    return sparse(jnp.ones(len(within)), within, jnp.arange(len(within) + 1), len(table)) @ table


def _few_products_at(cells: Cells, people: Any, items: Any) -> Any:
    return few_products_at(cells, people, items), (cells, people, items)


def _few_products_at_slopes(known: Any, slope: Any) -> Any:
    cells, people, items = known
    return None, batch_product(slope, cells, items), transposed_product(slope, cells, people)


few_products_at.defvjp(_few_products_at, _few_products_at_slopes)


def sums(values: Any, cells: Cells) -> Any:
    """Sums of the values in each person's cells, (C,) -> (B, 1)."""
    n_people = len(cells.starts) - 1
    return jax.ops.segment_sum(values, cells.rows, n_people, indices_are_sorted=True)[:, None]


def at_cells(values: Any, cells: Cells) -> Any:
    """What each cell's person has, (B, 1) -> (C,); what the padding has means nothing."""
    return values[:, 0].at[cells.rows].get(mode="clip")
