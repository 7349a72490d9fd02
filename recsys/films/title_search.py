"""Films that somebody who types may mean, found in sorted lists: what is typed costs the same in large catalogs.

Films are numbered by rank, the most rated first, so that every ascending array of ranks is in the order to show.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np

from recsys.films.loose_names import with_numbers

FIRST_WITHIN, ALL_WORDS, ALL_WITH_YEAR, ANYWHERE, NOWHERE = 1, 2, 3, 4, 9  # how well a text fits; 0: called so in full
LAST = "\U0010ffff"  # after all that begins so
BITS = 64  # that letters fall into
LONGEST_WORD = 24  # letters of a mistyped word that count


class Postings:
    """Which films have which words; what begins alike lies side by side.

    Attributes:
        words: sorted.
    """

    def __init__(self, films_of: Mapping[str, Sequence[int]]):
        """Lay out word -> ranks of the films that have it."""
        self.words = sorted(films_of)
        lengths = [len(films_of[word]) for word in self.words]
        self._ends = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        listed = (rank for word in self.words for rank in films_of[word])
        self._films = np.fromiter(listed, dtype=np.int32, count=int(self._ends[-1]))

    def beginning(self, text: str) -> np.ndarray:
        """Ranks of the films with a word that begins so; some may repeat."""
        start, end = (bisect_left(self.words, each) for each in (text, text + LAST))
        return self._films[self._ends[start] : self._ends[end]]

    def of(self, word: str) -> np.ndarray:
        """Ranks of the films with this word."""
        at = bisect_left(self.words, word)
        is_there = at < len(self.words) and self.words[at] == word
        return self._films[self._ends[at] : self._ends[at + is_there]]


class Ranks:
    """Collects the ranks of films.

    Attributes:
        of: word -> ranks of the films that have it.
    """

    def __init__(self) -> None:
        self.of: dict[str, list[int]] = {}

    def add(self, words: Iterable[str], rank: int) -> None:
        """Add a film to each of some words."""
        for word in words:
            self.of.setdefault(word, []).append(rank)


class NearBeginnings:
    """Finds how words begin that are nearly a mistyped one, without a look at those with too different letters."""

    def __init__(self, words: Sequence[str]):
        """Take some words, sorted."""
        self._words = words
        self._of: dict[int, tuple[list[str], np.ndarray]] = {}  # letters -> the beginnings of that length

    def to(self, word: str) -> Iterator[str]:
        """Yield beginnings of words that one typing error, or two in a long word, turn into this one."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        word = word[:LONGEST_WORD]
        n_errors = (len(word) > 2) + (len(word) > 7)
        for length in range(max(min(3, len(word)), len(word) - n_errors), len(word) + n_errors + 1):
            likely = self._alike(word, length, n_errors)
            found = process.extract(word, likely, scorer=OSA.distance, score_cutoff=n_errors, limit=None)
            yield from (beginning for beginning, _, _ in found)

    def _alike(self, word: str, length: int, n_errors: int) -> list[str]:
        """Beginnings of a length that have all letters in common with a word but so many: each is an error."""
        if length not in self._of:
            self._of[length] = self._beginnings(length)
        beginnings, letters = self._of[length]
        typed = _letters([word])
        differ = np.maximum(np.bitwise_count(typed & ~letters), np.bitwise_count(letters & ~typed))
        return [beginnings[at] for at in np.flatnonzero(differ <= n_errors)]

    def _beginnings(self, length: int) -> tuple[list[str], np.ndarray]:
        """All of a length, and their letters."""
        beginnings = list(dict.fromkeys(word[:length] for word in self._words if len(word) >= length))
        return beginnings, _letters(beginnings)


def _letters(words: Sequence[str]) -> np.ndarray:
    """(n_words,) the letters of words of one length as bits; two letters may share one."""
    if not words:
        return np.zeros(0, dtype=np.uint64)
    signs = np.array(words).view(np.uint32).reshape(len(words), -1)
    bits: np.ndarray = np.bitwise_or.reduce(np.uint64(1) << (signs % BITS).astype(np.uint64), axis=1)
    return bits


class TitleSearch:
    """Finds films by parts of their names."""

    def __init__(self, names: Iterable[Sequence[str]], years: Sequence[int | None]):
        """Sort all words and names.

        Args:
            names: folded names of each film, the most rated film first.
            years: of the same films.
        """
        listed = list(names)
        self.n_films = len(listed)
        words, numbers, whole = Ranks(), Ranks(), Ranks()
        for rank, called in enumerate(listed):
            whole.add(called, rank)
            parts = [name.split() for name in called]
            words.add({word for part in parts for word in part}, rank)
            numbers.add({number for part in parts for _, number in with_numbers(part) if number}, rank)
        self._words, self._numbers, self._names = (Postings(ranks.of) for ranks in (words, numbers, whole))
        self._years = Postings(_ranks_by_year(years))
        self._text, self._starts = _joined(listed)

    def fitting(self, phrase: str, called: Iterable[int], k: int) -> list[int]:
        """Films that have all that was typed, best first.

        Args:
            phrase: folded, not empty.
            called: ranks of the films of which it is a whole name.
            k: films at most.
        """
        fit = np.full(self.n_films, NOWHERE, dtype=np.int8)
        in_names, with_year = self._with_all(phrase.split())
        fit[with_year] = ALL_WITH_YEAR
        fit[in_names] = ALL_WORDS
        fit[self._names.beginning(phrase)] = FIRST_WITHIN
        fit[[*called]] = 0
        found = np.flatnonzero(fit < NOWHERE)
        if len(found) < k:
            fit[[rank for rank in self._with(phrase, k) if fit[rank] == NOWHERE]] = ANYWHERE
            found = np.flatnonzero(fit < NOWHERE)
        best: list[int] = found[np.argsort(fit[found], kind="stable")][:k].tolist()
        return best

    def nearest(self, words: Sequence[str], k: int) -> list[int]:
        """Films with half of the letters of these words, best first; a mistyped word counts for one letter less."""
        n_found = np.zeros(self.n_films, dtype=np.int64)  # letters of each film
        for word in words:
            counts = np.zeros(self.n_films, dtype=np.int64)
            for beginning in self._near.to(word):
                counts[self._words.beginning(beginning)] = len(word) - 1
            counts[self._words.beginning(word)] = len(word)
            n_found += np.maximum(counts, len(word) * self._is_year(word))
        found = np.flatnonzero(2 * n_found >= len("".join(words)))
        best: list[int] = found[np.argsort(-n_found[found], kind="stable")][:k].tolist()
        return best

    def _with_all(self, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """(n_films,) bool twice: with all words, or numbers, in the names; and in the names or as the year."""
        in_names, with_year = np.ones((2, self.n_films), dtype=bool)
        for word, number in with_numbers(list(words)):
            has = np.zeros(self.n_films, dtype=bool)
            has[self._words.beginning(word)] = True
            has[self._numbers.of(number or "")] = True
            in_names &= has
            with_year &= has | self._is_year(word)
        return in_names, with_year

    def _is_year(self, text: str) -> np.ndarray:
        """(n_films,) bool: those of a year that begins so."""
        has = np.zeros(self.n_films, dtype=bool)
        has[self._years.beginning(text)] = True
        return has

    def _with(self, phrase: str, k: int) -> list[int]:
        """Ranks of the first films with a phrase anywhere in a name."""
        found: list[int] = []
        at = self._text.find(phrase)
        while at >= 0 and len(found) < k:
            rank = int(np.searchsorted(self._starts, at, side="right")) - 1
            found.append(rank)
            at = self._text.find(phrase, int(self._starts[rank + 1]))
        return found

    @cached_property
    def _near(self) -> NearBeginnings:
        return NearBeginnings(self._words.words)


def _ranks_by_year(years: Sequence[int | None]) -> dict[str, list[int]]:
    by_year: dict[str, list[int]] = {}
    for rank, year in enumerate(years):
        if year is not None:
            by_year.setdefault(str(year), []).append(rank)
    return by_year


def _joined(listed: Sequence[Sequence[str]]) -> tuple[str, np.ndarray]:
    """All names one after the other, and where those of each film begin; the end last."""
    texts = ["".join(f"{name}\n" for name in called) for called in listed]
    return "".join(texts), np.concatenate([[0], np.cumsum([len(text) for text in texts], dtype=np.int64)])
