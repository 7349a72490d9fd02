"""From what each of some people would like to one order for all of them: by mean, by least misery, or as a fair mix.

Mean and least misery are strategies that people themselves use when they choose for a group, and that groups accept
(Masthoff 2004, "Group modeling: selecting a sequence of television items to suit a group of viewers", User Modeling and
User-Adapted Interaction 14). Both judge a film at a time, so the larger camp may get every film of a list. The fair mix
judges the list: it is Thiele's sequential rule of 1895 (Lackner and Skowron 2023, "Multi-winner voting with approval
preferences", chapter 2), with grades from 0 to 1 in place of approvals. Where some people like these films alone and
the others those, they share the list as their numbers are, by D'Hondt's divisors.

Legend: P people, C films that may be listed, in the order that equal ones keep.
"""

import numpy as np

ENOUGH = 10  # films that a list is to have, even if somebody has to bear with them


def by_mean(liking: np.ndarray) -> np.ndarray:
    """(C,) places by what all like on average, (P, C), the highest first; of equal ones, what suffers the least.

    >>> by_mean(np.array([[5.0, 4.0, 1.0], [2.0, 3.0, 5.0]]))
    array([1, 0, 2])
    """
    return np.lexsort((-liking.min(axis=0), -liking.mean(axis=0)))


def by_least(liking: np.ndarray) -> np.ndarray:
    """(C,) places by what the one likes who likes a film least, the highest first; of equal ones, the higher mean.

    >>> by_least(np.array([[5.0, 4.0, 3.0], [2.0, 3.0, 3.5]]))
    array([1, 2, 0])
    """
    return np.lexsort((-liking.mean(axis=0), -liking.min(axis=0)))


def bearable(stars: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """(C,) bool, films that nobody would give fewer stars than they usually give.

    Where fewer than ENOUGH films are so, what the ENOUGH nearest to it fall short by, for whom they do most, will do.

    Args:
        stars: (P, C) that each would give.
        usual: (P,) that each usually gives.
    """
    if not stars.shape[1]:
        return np.zeros(0, dtype=bool)
    short = np.maximum(usual[:, None] - stars, 0).max(axis=0)
    return short <= np.sort(short)[:ENOUGH][-1]


def fair_mix(grades: np.ndarray, k: int, first: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The films of a list that serves everybody alike, one after the other, and for whom each is there.

    Each person counts by 1 / (1 + the grades of the films that they got so far), so who was served least so far counts
    most. The next film is that of the highest sum of grades, each times what the person counts by.

    Args:
        grades: (P, C) in [0, 1].
        k: films at most.
        first: (C,) bool, films that come before all others; None: all alike.

    Returns:
        (k or fewer,) places, the first j of which are what would come with k = j; of equal films the first. And
        (k or fewer,) the person to whom each is worth most, as people count then; of equal ones the first.

    >>> films, whose = fair_mix(np.array([[1, 0.9, 0.8, 0], [1, 0.9, 0.8, 0], [0, 0, 0, 1.0]]), k=3)
    >>> films, whose  # 2 against 1; 0.9 against 1, since two are served; 0.9 against 0.8
    (array([0, 3, 1]), array([0, 2, 0]))
    """
    served, is_left = np.zeros(len(grades)), np.ones(grades.shape[1], dtype=bool)
    films, whose = [], []
    for _ in range(min(k, grades.shape[1])):
        worth = grades / (1 + served)[:, None]
        turn = is_left & first if first is not None and (is_left & first).any() else is_left
        film = int(np.where(turn, worth.sum(axis=0), -np.inf).argmax())
        films.append(film)
        whose.append(int(worth[:, film].argmax()))
        served, is_left[film] = served + grades[:, film], False
    return np.array(films, dtype=np.int64), np.array(whose, dtype=np.int64)


def graded(liking: np.ndarray) -> np.ndarray:
    """(P, C) in [0, 1]: for each person, from what they like least of these films to what they like most.

    So nobody counts for more who is more generous. Who likes all alike gives 1 to all.

    >>> graded(np.array([[3.0, 4.0, 3.5], [2.0, 2.0, 2.0]]))
    array([[0. , 1. , 0.5],
           [1. , 1. , 1. ]])
    """
    if not liking.shape[1]:
        return liking
    lowest, highest = liking.min(axis=1, keepdims=True), liking.max(axis=1, keepdims=True)
    span = highest - lowest
    return np.where(span > 0, (liking - lowest) / np.where(span > 0, span, 1), 1.0)


def placed(scores: np.ndarray) -> np.ndarray:
    """(P, C) in [0, 1]: which share of the other films each person's scores put below a film; equal ones count half.

    It is what stands for stars where a model predicts none (Borda's count), as scores of two people have no scale in
    common.

    >>> placed(np.array([[0.2, 7.0, 0.2], [3.0, 2.0, 1.0]]))
    array([[0.25, 1.  , 0.25],
           [1.  , 0.5 , 0.  ]])
    """
    from scipy.stats import rankdata

    return (rankdata(scores, axis=1) - 1) / max(scores.shape[1] - 1, 1)
