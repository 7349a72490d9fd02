"""What titles say: their words and parts of words, in few numbers.

Latent semantic analysis (Deerwester et al. 1990) of this catalogue alone. Legend: I films, V terms, K numbers.
"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from recsys.models.numeric.principal import principal

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
GRAM = 4  # characters of a part of a word, its ends among them
FEWEST = 2  # films that have a term, or it says nothing about what films have in common


def title_vectors(titles: Sequence[str], n: int) -> np.ndarray:
    """(I, K) of titles, K at most n; of films without known titles (I, 0)."""
    weights = term_weights(titles)
    return principal(weights, n) if weights.nnz else np.zeros((len(titles), 0))


def term_weights(titles: Sequence[str]) -> sp.csr_array:
    """(I, V) tf-idf, rows of length 1: (1 + log count) log(I / films with the term), of terms of several films."""
    counts = [Counter(terms(title)) for title in titles]
    n_films = Counter(term for found in counts for term in found)
    column = {term: at for at, term in enumerate(sorted(term for term, n in n_films.items() if n >= FEWEST))}
    cells = [(film, term, n) for film, found in enumerate(counts) for term, n in found.items() if term in column]
    values = [(1 + np.log(n)) * np.log(len(titles) / n_films[term]) for _, term, n in cells]
    places = [film for film, _, _ in cells], [column[term] for _, term, _ in cells]
    weights = sp.csr_array((values, places), shape=(len(titles), len(column)), dtype=np.float64)
    lengths = np.sqrt(np.asarray(weights.power(2).sum(axis=1)).ravel())
    return sp.csr_array(sp.diags_array(np.divide(1.0, lengths, out=np.zeros(len(titles)), where=lengths > 0)) @ weights)


def terms(title: str) -> list[str]:
    """The words of a title, and the parts of longer ones.

    >>> terms("The Matrix")
    ['the', 'matrix', '<mat', 'matr', 'atri', 'trix', 'rix>']
    """
    found = words(title)
    long = (f"<{word}>" for word in found if len(word) >= GRAM)
    return found + [word[at : at + GRAM] for word in long for at in range(len(word) - GRAM + 1)]


def words(title: str) -> list[str]:
    """In the order of the title, in small letters."""
    return WORD.findall(title.casefold())
