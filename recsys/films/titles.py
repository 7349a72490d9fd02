"""Films by what people call them: titles with or without year, article, accents, punctuation or subtitle.

A name is what a film may be called, folded to plain words: "cite des enfants perdus". Shapes: n_items, the columns of
the ratings matrix.
"""

import reprlib
from collections import Counter
from collections.abc import Iterable
from functools import cached_property

import numpy as np

from recsys.errors import DataError, UnknownError
from recsys.films.catalog import Catalog
from recsys.films.title_names import Names, folded, key_of, quoted, readings_of

LONGEST = 300  # characters of a title that are read; the longest of MovieLens has about 200
LISTED = 6  # films that a message lists
WORDS = 12  # of a search that count


class TitleIndex:
    """Finds films by their titles. Of the several ids that a film may have, the answer is the most rated one.

    Attributes:
        item_of: display title -> item_idx, most rated film first. What has neither year nor genre is left out, if
            other films have: MovieLens 100K calls such a film "unknown".
        offered: (n_items,) bool, the one id of each film that may be listed: the values of item_of.
    """

    item_of: dict[str, int]
    offered: np.ndarray

    def __init__(self, catalog: Catalog, n_ratings: np.ndarray):
        """Read the display titles; what tolerance needs is prepared when it is first needed.

        Args:
            catalog: the films.
            n_ratings: (n_items,) how many ratings each id has, by itself; zeros where that is not known.
        """
        assert n_ratings.shape == (catalog.n_items,)
        self.catalog = catalog
        self._titles = [catalog.display_title(item) for item in range(catalog.n_items)]
        described = zip(catalog.genres, catalog.year, strict=True)
        is_known = np.array([bool(genres) or year is not None for genres, year in described], dtype=bool)
        is_known |= not is_known.any()  # a data set may have neither for any film
        self._item_titled: dict[str, int] = {}  # also what may not be listed, after the rest
        for item in np.lexsort((-n_ratings.astype(np.float64), ~is_known)).tolist():
            self._item_titled.setdefault(self._titles[item], item)
        self.item_of = {title: item for title, item in self._item_titled.items() if is_known[item]}
        self.offered = np.isin(np.arange(catalog.n_items), list(self.item_of.values()))

    def find(self, film: str | int) -> int:
        """Tell which film is meant.

        A title may lack its year, article, accents, capitals and punctuation. It may also be one that the data gives in
        parentheses, or, if nothing is called so, a part before or after a colon or dash that only one film has.

        Args:
            film: a title, or the data's own item id.

        Returns:
            item_idx. For any id of a film that occurs under several it is the one that is offered for that film. A film
            that may not be listed is found too.

        Raises:
            DataError: no film, or more than one, is called so; the film is of another year; the id is unknown; or it is
                neither a title nor an id.
        """
        if isinstance(film, str):
            exact = self._item_titled.get(film)
            return self._find_tolerantly(film) if exact is None else exact
        if isinstance(film, int | np.integer) and not isinstance(film, bool):
            return self._find_id(int(film))
        raise DataError(f"got {reprlib.repr(film)} ({type(film).__name__}) for a film; expected {self._expected()}.")

    def find_all(self, films: Iterable[str | int]) -> list[int]:
        """Tell which films are meant, in their order.

        Raises:
            DataError: as find, or it is one title instead of several.
        """
        if isinstance(films, str):
            raise DataError(f"got the text {quoted(films)} for a list of films; put brackets around it.")
        return [self.find(film) for film in films]

    def search(self, text: str, k: int = 10) -> list[int]:
        """Films that somebody who types in a search box may mean.

        First those called so, next those with a title that begins so, those with words that begin as every word of the
        text does, and those with the text anywhere. Where there are none, those that have most of it, even if a word of
        three letters or more has one of them wrong, and a word of eight two.

        Args:
            text: what was typed, of which LONGEST characters and WORDS words count; empty: the most rated films.
            k: films at most.

        Returns:
            item_idx of films that may be listed, best first and among equals the most rated first.
        """
        typed = text[:LONGEST]
        words = list(dict.fromkeys(folded(typed).split()))[:WORDS]
        if not words:
            return list(self.item_of.values())[:k]
        return (self._with_words(typed, words) or self._with_most(words))[:k]

    # ---- one film

    def _find_id(self, item_id: int) -> int:
        item = self._item_with_id.get(item_id)
        if item is None:
            ids = self.catalog.item_ids
            shown = str(item_id) if item_id.bit_length() < 64 else f"with {item_id.bit_length():,} bits"
            raise UnknownError(
                f"no film has the item id {shown}; expected one of the {len(ids):,} from {ids.min()} to {ids.max()}."
            )
        return self._item_titled[self._titles[item]]

    def _find_tolerantly(self, text: str) -> int:
        self._refuse_unreadable(text)
        of_another_year: DataError | None = None
        for name, year in readings_of(text):
            for called in self._called(name, year):
                films = self._of_year(called, year)
                if len(films) == 1:
                    return films[0]
                if films:
                    raise self._several(text, films)
                if called:
                    of_another_year = of_another_year or self._of_another_year(name, year, called)
        raise of_another_year or self._unknown(text)

    def _called(self, name: str, year: int | None) -> list[list[int]]:
        """Films called so, rank by rank; where no year may tell them apart, titles and alternate ones are one rank."""
        key = key_of(folded(name))
        titles, alternates, *rest = (called.get(key, []) for called in self._names.called)
        return [titles, alternates, *rest] if year else [list(dict.fromkeys([*titles, *alternates])), *rest]

    def _of_year(self, films: list[int], year: int | None) -> list[int]:
        """All of them if no year is asked for; those of that year; or else those of which no year is known."""
        years = self.catalog.year
        dated = [item for item in films if year is None or years[item] == year]
        return dated or [item for item in films if years[item] is None]

    # ---- several films

    def _with_words(self, text: str, words: list[str]) -> list[int]:
        """Films with these words, best first."""
        phrase, starts, called = folded(text), [f" {word}" for word in words], self._called_in_full(text)

        def rank(item: int, names: str) -> int | None:
            if item in called or f"| {phrase}" in names:
                return 0 if item in called else 1
            if all(start in names for start in starts):
                return 2
            return 3 if phrase in names else None

        ranked = ((rank(item, names), item) for item, names in self._names.of.items())
        found = [(at, item) for at, item in ranked if at is not None]
        return [item for _, item in sorted(found, key=lambda pair: pair[0])]

    def _called_in_full(self, text: str) -> set[int]:
        """Films of which the text is a whole name, with or without the year."""
        readings = ((films, year) for name, year in readings_of(text) for films in self._called(name, year)[:-1])
        return {item for films, year in readings for item in self._of_year(films, year)}

    def _with_most(self, words: list[str]) -> list[int]:
        """Films with half of the letters of these words, best first; a mistyped word counts for one letter less."""
        n_found: Counter[int] = Counter()  # letters of each item_idx
        for word in words:
            right = {known for known in self._items_with if known.startswith(word)}
            nearly = {item: len(word) - 1 for known in self._known_near(word) for item in self._items_with[known]}
            n_found.update(nearly | {item: len(word) for known in right for item in self._items_with[known]})
        found = [item for item in self.item_of.values() if 2 * n_found[item] >= len("".join(words))]
        return sorted(found, key=lambda item: -n_found[item])

    def _known_near(self, word: str) -> set[str]:
        """Words of the titles with a beginning that one typing error, or two in a long word, turn into this one."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        n_errors = (len(word) > 2) + (len(word) > 7)
        known, near = list(self._items_with), set()
        for end in range(max(min(3, len(word)), len(word) - n_errors), len(word) + n_errors + 1):
            beginnings = [each[:end] for each in known]
            found = process.extract(word, beginnings, scorer=OSA.distance, score_cutoff=n_errors, limit=None)
            near |= {known[at] for _, _, at in found}
        return near

    # ---- what is prepared when it is first needed

    @cached_property
    def _item_with_id(self) -> dict[int, int]:
        return {item_id: item for item, item_id in enumerate(self.catalog.item_ids.tolist())}

    @cached_property
    def _names(self) -> Names:
        return Names.of_films(self.catalog, self._item_titled.values(), self.offered)

    @cached_property
    def _items_with(self) -> dict[str, set[int]]:
        """Word of a name -> item_idx of the films that may be listed."""
        items_with: dict[str, set[int]] = {}
        for item, names in self._names.of.items():
            for word in names.split():
                items_with.setdefault(word, set()).add(item)
        return items_with

    # ---- what to say

    def _expected(self) -> str:
        return f"its title, such as {next(iter(self._item_titled))!r}, or its item id, a whole number"

    def _refuse_unreadable(self, text: str) -> None:
        if not text.strip():
            raise DataError(f"got an empty title; expected {self._expected()}.")
        if len(text) > LONGEST:
            raise DataError(
                f"got {quoted(text)} with {len(text):,} characters for a film; expected {self._expected()}."
            )

    def _several(self, text: str, films: list[int]) -> DataError:
        return DataError(
            f"{len(films)} films may be meant by {quoted(text)}: {self._listed(films)}; add the year or write the "
            "whole title."
        )

    def _of_another_year(self, name: str, year: int | None, films: list[int]) -> DataError:
        return UnknownError(f"no film of {year} is called {quoted(name)}; there is {self._listed(films)}.")

    def _unknown(self, text: str) -> DataError:
        nearest = self.search(text, 3)
        hint = f"the nearest are {self._listed(nearest)}" if nearest else f"expected {self._expected()}"
        return UnknownError(f"no film is called {quoted(text)}; {hint}.")

    def _listed(self, films: list[int]) -> str:
        rest = f" and {len(films) - LISTED} more" if len(films) > LISTED else ""
        return ", ".join(repr(self._titles[item]) for item in films[:LISTED]) + rest
