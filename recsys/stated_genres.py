"""Which genres people would name who are asked what they like.

Legend: B people, I items, G genres.
"""

import numpy as np
import scipy.sparse as sp

from recsys.liking import liked, likes

PSEUDO_LIKES = 5.0  # a genre of which that many liked films are expected is shrunk by half


def genre_shares(history: sp.csr_array, genre_matrix: np.ndarray, liked_from: np.ndarray | float) -> np.ndarray:
    """The share of each genre among all likes; a film has several genres, so shares may sum to more than 1.

    Args:
        history: (B, I) stars, 0 = unrated; a rating of at least `liked_from` stars, above 0, is a like.
        genre_matrix: (I, G) bool.

    Returns:
        (G,) float64 in [0, 1]; 0 where nobody likes anything.

    >>> history = sp.csr_array([[5, 4, 2], [0, 5, 0]])
    >>> genre_shares(history, np.array([[True, True], [True, False], [False, True]]), liked_from=4)  # of 3 likes
    array([1.        , 0.33333333])
    """
    n_likes = np.bincount(history.indices[likes(history, liked_from)], minlength=history.shape[1])  # (I,)
    return n_likes @ genre_matrix / max(n_likes.sum(), 1)


def stated_genres(
    history: sp.csr_array,
    genre_matrix: np.ndarray,
    reference: np.ndarray,
    n_genres: int | np.ndarray,
    liked_from: np.ndarray | float,
) -> np.ndarray:
    """The genres that stand out most among the films that a person likes: those that they would name if asked.

    A genre stands out by lift = (a + liked films of the genre) / (a + expected ones), where a person with n liked films
    is expected to like n * reference[g] of genre g, and a = PSEUDO_LIKES. That is the mean of what is left to believe
    of a ratio that is 1 give or take 1 / sqrt(a), a Gamma(a, a), after a Poisson count (the gamma-Poisson shrinker of
    DuMouchel 1999, Bayesian data mining in large frequency tables). So a single film noir does not outweigh ten dramas:
    with few likes it is the surplus of films that counts, with many the ratio.

    Args:
        history: (B, I) stars, 0 = unrated.
        genre_matrix: (I, G) bool.
        reference: (G,) share of each genre among the likes of everybody who may be known, see `genre_shares`.
        n_genres: how many a person names, at least 1; one number for all or (B,) integer.
        liked_from: stars, above 0, from which a rating is a like; one number for all or (B,).

    Returns:
        (B, G) bool, the n_genres of the highest lift, equal ones the lower genre first. Nobody names a genre of which
        they like no film, so it may be fewer. Who likes no film of any genre names the most liked ones of all.

    >>> genre_matrix = np.array([[True, False, False], [True, False, False], [False, True, False], [False, True, True]])
    >>> reference = np.array([0.6, 0.2, 0.2])
    >>> history = sp.csr_array([[5, 4, 5, 0], [0, 0, 0, 5], [2, 0, 0, 0]])
    >>> stated_genres(history, genre_matrix, reference, n_genres=1, liked_from=4).astype(int)
    array([[0, 1, 0],
           [0, 1, 0],
           [1, 0, 0]])

    The first likes 2 films of genre 0, where 1.8 are expected, (5 + 2) / (5 + 1.8) = 1.03, and 1 of genre 1, where 0.6
    are: (5 + 1) / (5 + 0.6) = 1.07. For the second, genres 1 and 2 are equal. The third likes nothing.
    """
    is_liked = liked(history, liked_from)  # (B, I) bool
    n_likes = is_liked.astype(np.float64) @ genre_matrix.astype(np.float64)  # (B, G)
    expected = np.diff(is_liked.indptr)[:, np.newaxis] * reference  # (B, G)
    lift = (PSEUDO_LIKES + n_likes) / (PSEUDO_LIKES + expected)
    has_taste = n_likes.any(axis=1, keepdims=True)  # (B, 1)
    appeal = np.where(has_taste, np.where(n_likes > 0, lift, -np.inf), reference)
    best_first = np.argsort(-appeal, axis=1, kind="stable")  # (B, G)
    in_time = np.arange(appeal.shape[1]) < np.broadcast_to(n_genres, len(appeal))[:, np.newaxis]  # (B, G) by place
    stated = np.zeros(appeal.shape, dtype=bool)
    np.put_along_axis(stated, best_first, in_time, axis=1)
    return stated & (appeal > -np.inf)
