"""A graph of films and of what they have: genres, decades, years, series and words of titles; where films are in it.

Legend: I films, T things, K numbers.
"""

import re
from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import FilmFacts
from recsys.models.content.titles import words
from recsys.models.numeric.principal import principal

Triple = tuple[int, str, str]  # item_idx, relation, thing

ARTICLE = re.compile(r"^(?:the|a|an) |,? (?:the|a|an)$")
NUMERAL = re.compile(r",? (?:part )?(?:\d+|[ivx]+)$")
SHORT = 3  # words of fewer letters name nothing
FEWEST = 2  # films that a thing joins


def graph_vectors(films: FilmFacts, n: int) -> np.ndarray:
    """(I, K) where films are in the graph, K at most n; (I, 0) where nothing joins any."""
    joined = incidence(list(triples(films)), n_films(films))
    return spectral(joined, n) if joined.nnz else np.zeros((n_films(films), 0))


def n_films(films: FilmFacts) -> int:
    """I, as far as anything is known."""
    return max(len(films.titles), len(films.years), 0 if films.genres is None else len(films.genres))


def triples(films: FilmFacts) -> Iterator[Triple]:
    """All that the graph knows: (film, relation, thing)."""
    if films.genres is not None:
        yield from ((int(film), "has genre", str(genre)) for film, genre in zip(*films.genres.nonzero(), strict=True))
    for film, year in enumerate(films.years):
        if year is not None:
            yield film, "of the year", str(year)
            yield film, "of the decade", str(year // 10)
    for film, title in enumerate(films.titles):
        yield film, "of the series", series(title)
        yield from ((film, "called", word) for word in dict.fromkeys(words(title)) if len(word) >= SHORT)


def series(title: str) -> str:
    """What films of one series are called alike.

    >>> [series(title) for title in ("Star Trek: First Contact", "Star Trek VI: The Undiscovered Country")]
    ['star trek', 'star trek']
    >>> [series(title) for title in ("Godfather, The", "Godfather: Part II, The", "I")]
    ['godfather', 'godfather', 'i']
    """
    first = re.split(r":| - | \(", title.casefold())[0].strip()
    return ARTICLE.sub("", NUMERAL.sub("", ARTICLE.sub("", first)))


def incidence(known: list[Triple], n_items: int) -> sp.csr_array:
    """(I, T) 1.0 where a film has a thing; things of one film alone join nothing, and are left out."""
    films_of: dict[tuple[str, str], list[int]] = {}
    for film, relation, thing in known:
        films_of.setdefault((relation, thing), []).append(film)
    joining = [films for films in films_of.values() if len(films) >= FEWEST]
    columns = np.repeat(np.arange(len(joining)), [len(films) for films in joining])
    rows = [film for films in joining for film in films]
    return sp.csr_array((np.ones(len(rows)), (rows, columns)), shape=(n_items, len(joining)))


def spectral(joined: sp.csr_array, n: int) -> np.ndarray:
    """(I, T) -> (I, K) spectral embedding of a graph with two sides (Dhillon 2001): singular vectors of D^-½ A E^-½.

    D and E are the degrees of films and of things. Films that many ways join are near each other.
    """
    of_films, of_things = (np.asarray(joined.sum(axis=axis)).ravel() for axis in (1, 0))
    return principal(sp.csr_array(root(of_films) @ joined @ root(of_things)), n)


def root(degrees: np.ndarray) -> sp.dia_array:
    """Diagonal of degree^-1/2; 0 where there is none."""
    return sp.diags_array(np.divide(1.0, np.sqrt(degrees), out=np.zeros(len(degrees)), where=degrees > 0))
