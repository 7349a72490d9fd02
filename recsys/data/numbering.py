"""Ids as places among the sorted ones, and pairs of these: arithmetic on columns of n_ratings rows."""

import numpy as np
import pandas as pd


def narrow(numbers: np.ndarray) -> np.ndarray:
    """Whole numbers of 64 bits as such of 32 where these hold all of them; others as they are."""
    if numbers.dtype != np.int64 or not numbers.size:
        return numbers
    bounds = np.iinfo(np.int32)
    fits = bounds.min <= numbers.min() and numbers.max() <= bounds.max
    return numbers.astype(np.int32) if fits else numbers


def numbered(ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n_ratings,) int32 position of each id among the sorted distinct ids, and those ids as int64."""
    lowest, n_places = int(ids.min()), int(ids.max()) - int(ids.min()) + 1
    if n_places > len(ids):  # a table of all that lie between would take more memory than the ids
        idx, distinct = pd.factorize(ids, sort=True)
        return idx.astype(np.int32), np.asarray(distinct, dtype=np.int64)
    place = ids - ids.dtype.type(lowest)  # (n_ratings,) from 0, and small
    used = np.zeros(n_places, dtype=bool)
    used[place] = True
    position = np.cumsum(used, dtype=np.int32) - np.int32(1)
    return position[place], np.flatnonzero(used).astype(np.int64) + lowest


def renumbered(idx: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places among those of ids that occur in idx, and these ids."""
    used = np.bincount(idx, minlength=len(ids)) > 0
    return (np.cumsum(used, dtype=np.int32) - np.int32(1))[idx], ids[used]


def repeats(pair: np.ndarray) -> bool:
    """Whether any of pair, (n_ratings,) int64, occurs twice."""
    ordered = np.sort(pair)
    return bool((ordered[1:] == ordered[:-1]).any())


def latest(pair: np.ndarray, timestamp: np.ndarray) -> np.ndarray:
    """(n_pairs,) int64, sorted: for every pair the row with the latest timestamp, the later row on a tie."""
    order = np.lexsort((timestamp, pair))  # stable, so equal timestamps keep the file's order
    last = np.append(pair[order][1:] != pair[order][:-1], True)
    return np.sort(order[last])
