"""How well scores rank, by hand."""

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.models.numeric.rankings import whole_ndcg


def test_the_ndcg_of_a_whole_ranking_by_hand():
    score = np.array([[4.0, 3.0, 2.0, 1.0], [0.0, 0.0, 0.0, -np.inf], [1.0, 2.0, 3.0, 4.0]])
    relevant = sp.csr_array(np.array([[0, 1, 0, 1], [1, 0, 0, 0], [0, 0, 0, 0]], dtype=bool))
    first = (1 / np.log2(3) + 1 / np.log2(5)) / (1 + 1 / np.log2(3))
    equal = 1 / np.log2(4)  # the last of three that are alike
    np.testing.assert_allclose(whole_ndcg(score, relevant), [first, equal])
    assert whole_ndcg(np.array([[3.0, 2.0, 9.0]]), sp.csr_array(np.array([[True, True, True]]))) == pytest.approx([1.0])
