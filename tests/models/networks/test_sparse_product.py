"""Products of a batch with dense rows and their gradients, against dense matrices."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse as sp

from recsys.models.networks import sparse_product
from recsys.models.networks.cells import Cells
from recsys.models.networks.sparse_product import at_cells, batch_product, products_at, sums, transposed_product

N_PEOPLE, N_ITEMS, N_RATINGS = 6, 9, 24


def some() -> tuple[Cells, np.ndarray, np.ndarray, np.ndarray]:
    """Cells of five people and of nobody, values for them, and what these are densely."""
    rng = np.random.default_rng(0)
    places = np.sort(rng.permutation(5 * N_ITEMS)[:N_RATINGS])
    history = sp.csr_array((np.ones(N_RATINGS), divmod(places, N_ITEMS)), shape=(5, N_ITEMS))
    values = rng.normal(size=32).astype(np.float32)
    batch = np.zeros((N_PEOPLE, N_ITEMS), dtype=np.float32)
    batch[divmod(places, N_ITEMS)] = values[:N_RATINGS]
    return Cells.of(history, N_PEOPLE, 32), values, batch, rng.normal(size=(N_ITEMS, 4)).astype(np.float32)


def test_a_product_is_that_of_the_dense_batch_and_so_is_its_gradient():
    cells, values, batch, items = some()
    np.testing.assert_allclose(batch_product(values, cells, items), batch @ items, rtol=1e-5, atol=1e-6)
    people = np.random.default_rng(1).normal(size=(N_PEOPLE, 4)).astype(np.float32)
    np.testing.assert_allclose(transposed_product(values, cells, people), batch.T @ people, rtol=1e-5, atol=1e-6)

    def total(items):
        return jnp.sum(people * batch_product(values, cells, items))

    np.testing.assert_allclose(jax.grad(total)(items), batch.T @ people, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("chunk", "dense"), [(2**11, 0), (8, 0), (8, 20)])
def test_products_at_cells_are_those_of_rows_and_so_are_their_gradients(monkeypatch, chunk, dense):
    monkeypatch.setattr(sparse_product, "CHUNK", chunk)
    monkeypatch.setattr(sparse_product, "DENSE", dense)
    cells, values, batch, items = some()
    people = jnp.asarray(np.random.default_rng(1).normal(size=(N_PEOPLE, 4)).astype(np.float32))
    rows, columns = cells.rows[:N_RATINGS], cells.columns[:N_RATINGS]
    found = products_at(cells, people, jnp.asarray(items))
    np.testing.assert_allclose(found[:N_RATINGS], (people @ items.T)[rows, columns], rtol=1e-4, atol=1e-6)
    by_people, by_items = jax.grad(lambda *both: jnp.sum(values * products_at(cells, *both)), argnums=(0, 1))(
        people, jnp.asarray(items)
    )
    np.testing.assert_allclose(by_people, batch @ items, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(by_items, batch.T @ people, rtol=1e-4, atol=1e-6)


def test_sums_leave_out_the_padding_and_return_to_the_cells():
    cells, values, batch, _ = some()
    found = sums(jnp.asarray(values), cells)
    np.testing.assert_allclose(found, batch.sum(axis=1, keepdims=True), rtol=1e-5, atol=1e-6)
    returned = at_cells(found, cells)[:N_RATINGS]
    np.testing.assert_array_equal(returned, np.asarray(found)[cells.rows[:N_RATINGS], 0])
