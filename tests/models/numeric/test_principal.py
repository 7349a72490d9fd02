"""Singular vectors of small and large matrices, against NumPy's."""

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.models.numeric.principal import principal


@pytest.mark.parametrize("shape", [(5, 4), (260, 210)])
def test_principal_numbers_keep_inner_products_as_well_as_any_of_their_rank(shape):
    rng = np.random.default_rng(0)
    values = 0.8 ** np.arange(shape[1])
    values[:2] = 1  # of which a Krylov space finds one
    matrix = np.linalg.qr(rng.normal(size=shape))[0] * values @ np.linalg.qr(rng.normal(size=(shape[1],) * 2))[0]
    left, values, right = np.linalg.svd(matrix)
    best = (left[:, :3] * values[:3]) @ right[:3]
    for given in (matrix, sp.csr_array(matrix)):
        found = principal(given, 3)
        np.testing.assert_allclose(found @ found.T, best @ best.T, atol=1e-8)
        assert (np.sum(found**3, axis=0) > 0).all()
