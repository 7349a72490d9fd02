"""Learning to choose from what choices earn: REINFORCE, by draws or by all films at once.

Legend: B people, I items, n films that were drawn.
"""

from typing import NamedTuple

import numpy as np


class Films(NamedTuple):
    """Films of people, one after the other: arrays can be asked for them as `array[films]`.

    Attributes:
        rows: (n,) whose, from 0 to B - 1.
        items: (n,) item_idx.
    """

    rows: np.ndarray
    items: np.ndarray


def softmax(logits: np.ndarray) -> np.ndarray:
    """(B, I) -> (B, I) chances that sum to 1."""
    grown = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True))


def drawn_films(chances: np.ndarray, counts: np.ndarray, rng: np.random.Generator) -> Films:
    """Films drawn by chances, (B, I), for each person as many as counts, (B,), say; the same may come again."""
    rows = np.repeat(np.arange(len(chances)), counts)
    if not len(rows):
        return Films(rows, rows)
    reached = np.cumsum(chances, axis=1, dtype=np.float64)
    reached = reached / reached[:, -1:] + np.arange(len(chances))[:, None]  # from person to person one more
    found = np.searchsorted(reached.ravel(), rows + rng.random(len(rows)), side="right")
    return Films(rows, np.clip(found - rows * chances.shape[1], 0, chances.shape[1] - 1))


def worth_of(chances: np.ndarray, rewards: np.ndarray) -> np.ndarray:
    """(B, I) what every film adds to what a choice earns on average: its chance times its reward."""
    return chances * rewards


def worth_of_draws(chances: np.ndarray, rewards: np.ndarray, mixed: np.ndarray, films: Films) -> np.ndarray:
    """The same, guessed from films that were drawn by other chances, `mixed`: right on average.

    A film that is drawn more often than it is chosen counts the less (importance sampling).
    """
    counts = np.bincount(films.rows, minlength=len(chances))[films.rows]
    worth = np.zeros_like(chances)
    np.add.at(worth, films, chances[films] / mixed[films] * rewards[films] / counts)
    return worth


def policy_slope(chances: np.ndarray, worth: np.ndarray) -> np.ndarray:
    """The gradient of minus what a choice earns, with respect to the logits of `chances`, (B, I) each.

    d log p_j / d logit_i = [i = j] - p_i, so the sum over films j of p_j r_j times that is worth_i - p_i sum_j worth_j.
    """
    return chances * worth.sum(axis=1, keepdims=True) - worth
