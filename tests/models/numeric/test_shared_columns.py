import numpy as np
import pytest
import scipy.sparse as sp

from recsys.models.numeric import shared_columns

KERNEL = np.random.default_rng(0).standard_normal((9, 3)).astype(np.float32)
ALIKE = np.zeros((5, 9), dtype=np.float32)
ALIKE[:, [7, 2, 4]] = np.arange(1, 16).reshape(5, 3)
ALIKE[np.arange(3), [7, 2, 4]] = 0
APART = np.zeros((5, 9), dtype=np.float32)
APART[np.arange(5), [8, 1, 3, 0, 5]] = 2.0


@pytest.mark.parametrize(
    ("rows", "shares"), [(ALIKE, True), (ALIKE[:2], False), (APART, False), (ALIKE[:0], False), (0 * ALIKE, False)]
)
def test_a_product_is_the_same_whether_rows_share_columns_or_not(rows, shares):
    packed = shared_columns.Packed.of(sp.csr_array(rows))
    np.testing.assert_allclose(packed.times(KERNEL), rows @ KERNEL, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(packed.times(KERNEL[:, :1]), rows @ KERNEL[:, :1], rtol=1e-5, atol=1e-5)
    assert (packed.columns is not None) == shares
