"""What to ask a newcomer: films whose stars tell most, that are unlike each other, and that many people know.

Legend: I items, L dimensions of what films are compared by, k films to ask about.
"""

from collections.abc import Sequence

import numpy as np

NOISE = 0.3  # variance of what a film's stars say beside the taste; the taste's along a film is 1
MOST_KNOWN = 2000  # films, the most rated ones, that are asked about: hardly anybody has seen another
MOST_COUNTED = 10_000  # films, likewise, of which somebody's taste is to be known
SMALLEST = 1e-9  # keeps a film of which nothing is known from being divided by 0


def films_to_rate(
    vectors: np.ndarray,
    n_ratings: np.ndarray,
    asked: Sequence[int] | np.ndarray = (),
    k: int = 10,
    offered: np.ndarray | None = None,
) -> np.ndarray:
    """The films to ask about next, one after the other, in the light of those asked about before.

    Take it that somebody likes film j by d_j z + noise, where d_j is the direction of the film's vector, z ~ N(0, 1)
    their taste and NOISE the variance of the noise. Hearing of film i lowers the variance of what they like, summed
    over the films with weights n_j, by

        r_i = d_i' V A V d_i / (NOISE + d_i' V d_i),   A = sum_j n_j d_j d_j',   V = inverse(1 + sum_asked d d' / NOISE)

    whatever the answer is. The next film is the one of the largest n_i r_i, as the chance that they have seen it is
    proportional to its number of ratings n_i. A film that was not seen is taken as asked about, since films like it
    were probably not seen either. (V-optimal design, as in Yu, Bi and Tresp 2006, "Active learning via transductive
    experimental design".)

    The greatest spread of answers, popularity times entropy, and the fall of an encoder's posterior variance were tried
    on people that a model had never seen, and told it less in as many questions than the most popular films did; this
    told it more, with the films' tastes as vectors, and somewhat more with their genres and periods.

    Args:
        vectors: (I, L) what films are compared by: `FilmTastes.vectors`, or for a model without tastes what is known of
            the films, such as their genres; only directions count.
        n_ratings: (I,) ratings that every film has.
        asked: item_idx of the films that were rated, or were asked about and not seen.
        k: how many, 1 or more.
        offered: (I,) bool, the films that may be asked about; None: all.

    Returns:
        (k or fewer,) int64 item_idx, best first, all different, none of them asked or without ratings, all among the
        MOST_KNOWN most rated of these; equal ones the lower first. With ties aside, and fewer films than that, the
        first j of k are what would come with k = j.
    """
    counted = most_rated(np.arange(len(n_ratings)), n_ratings, MOST_COUNTED)
    films, weights = directions(vectors[counted]), n_ratings[counted] / max(n_ratings[counted].sum(), 1)
    weighted = films.T * weights @ films  # (L, L), A
    variance = variance_after(directions(vectors[np.asarray(asked, dtype=np.int64)]))
    open_films = (n_ratings > 0) if offered is None else (n_ratings > 0) & offered
    open_films[np.asarray(asked, dtype=np.int64)] = False
    known = most_rated(np.flatnonzero(open_films), n_ratings, MOST_KNOWN)
    chosen: list[int] = []
    for _ in range(min(k, len(known))):
        films = directions(vectors[known])
        place = int((n_ratings[known] * reductions(films, variance, weighted)).argmax())
        chosen.append(int(known[place]))
        variance = updated(variance, films[place])
        known = np.delete(known, place)
    return np.array(chosen, dtype=np.int64)


def directions(vectors: np.ndarray) -> np.ndarray:
    """(n, L) -> the same, each of length 1; 0 where the length is 0."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), SMALLEST))


def most_rated(items: np.ndarray, n_ratings: np.ndarray, most: int) -> np.ndarray:
    """Of some films, (n,) item_idx, those with the most of (I,) ratings, rising: of equal ones the lower come first."""
    return np.sort(items[np.argsort(-n_ratings[items], kind="stable")[:most]])


def variance_after(asked: np.ndarray) -> np.ndarray:
    """Variance of a taste once these films, (n, L) directions, were asked about: (L, L)."""
    return np.linalg.inv(np.eye(asked.shape[1]) + asked.T @ asked / NOISE)


def updated(variance: np.ndarray, film: np.ndarray) -> np.ndarray:
    """The variance, (L, L), after one more film, (L,), by Sherman and Morrison's formula."""
    along = variance @ film
    return variance - np.outer(along, along) / (NOISE + film @ along)


def reductions(films: np.ndarray, variance: np.ndarray, weighted: np.ndarray) -> np.ndarray:
    """(I,) by how much hearing of each film, (I, L), lowers the variance of what a person likes."""
    along = films @ variance  # (I, L)
    return np.sum(along @ weighted * along, axis=1) / (NOISE + np.sum(along * films, axis=1))
