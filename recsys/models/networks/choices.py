"""Which films people choose: a softmax over all of them, and how it learns, in NumPy.

Legend: B histories, I items.
"""

import numpy as np
import scipy.sparse as sp


def log_chances(logits: np.ndarray) -> np.ndarray:
    """Log probability of each film being chosen, (B, I) -> (B, I) nats, in the same place."""
    logits -= logits.max(axis=1, keepdims=True)
    logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return logits


def choice_loss(logits: np.ndarray, counts: sp.csr_array) -> tuple[float, np.ndarray]:
    """Nats of choices without the constant of their order (Liang et al. 2018, equation 2), summed over people.

    Args:
        logits: (B, I); is overwritten.
        counts: (B, I) how often each film was chosen; fractions, too.

    Returns:
        The nats, and the gradient with respect to the logits, (B, I): the expected counts less those that are.
    """
    nats = log_chances(logits)
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    loss = -float(nats[rows, counts.indices] @ counts.data)
    expected = np.exp(nats, out=nats)
    expected *= np.asarray(counts.sum(axis=1), dtype=nats.dtype).reshape(-1, 1)
    expected[rows, counts.indices] -= counts.data
    return loss, expected
