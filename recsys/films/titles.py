"""Films by what people call them: titles with or without year, article, accents, punctuation or subtitle.

A name is what a film may be called, folded to plain words: "cite des enfants perdus". Shapes: n_items, the columns of
the ratings matrix.
"""

import reprlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recsys.errors import DataError, UnknownError
from recsys.films.catalog import Catalog, Film, split_year
from recsys.films.title_names import SUBTITLE, Names, folded, quoted, readings_of
from recsys.films.title_search import TitleSearch

LONGEST = 300  # characters of a title that are read; the longest of MovieLens has about 200
LISTED = 6  # films that a message lists
WORDS = 12  # of a search that count


@dataclass(frozen=True)
class Found:
    """What a search has found.

    Attributes:
        items: item_idx, best first.
        fits: whether these are what was typed, and not only the nearest to it.
    """

    items: list[int]
    fits: bool


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
        """Films that somebody who types in a search box may mean: as look_up, whether they fit or are the nearest."""
        return self.look_up(text, k).items

    def look_up(self, text: str, k: int = 10) -> Found:
        """Films that somebody who types in a search box may mean.

        First those called so, next those with a name that begins so, those with words that begin as every word of the
        text does (or are the same number), and those with the text anywhere. Where there are none, those that have most
        of it, even if a word of three letters or more has one of them wrong, and a word of eight two.

        Args:
            text: what was typed, of which LONGEST characters and WORDS words count; empty: the most rated films.
            k: films at most.

        Returns:
            Films that may be listed, best first and among equals the most rated first.
        """
        typed = text[:LONGEST]
        words = list(dict.fromkeys(folded(typed).split()))[:WORDS]
        if not words:
            return Found(self._listed[:k].tolist(), fits=True)
        called = [self._rank_of[item] for item in self._called_in_full(typed) if item in self._rank_of]
        ranks = self._search.fitting(folded(typed), called, k)
        fits = bool(ranks) or k == 0
        return Found(self._listed[ranks or self._search.nearest(words, k)].tolist(), fits)

    def prepare(self) -> None:
        """Do now what the first search would wait for."""
        self.look_up("a")

    @cached_property
    def last_year(self) -> int | None:
        """When the newest film came out that may be listed; None if no year is known."""
        return max((year for item in self.item_of.values() if (year := self.catalog.year[item])), default=None)

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
        is_sure = split_year(Film(text))[1] is not None  # that the year belongs to no title, as 2049 and 1984 do
        of_another_year: DataError | None = None
        for name, year in readings_of(text):
            for called, films in self._meant(name, year, may_differ=is_sure):
                if len(films) == 1:
                    return films[0]
                if films:
                    raise self._several(text, films)
                if called:
                    of_another_year = of_another_year or self._of_another_year(name, year, called)
        raise of_another_year or self._unknown(text)

    def _meant(self, name: str, year: int | None, may_differ: bool) -> Iterator[tuple[list[int], list[int]]]:
        """Yield, rank by rank, the films called so, and those of them that are of the year."""
        titles, alternates, *others, parts = self.names.called_so(name)
        whole = [titles, alternates] if year else [list(dict.fromkeys([*titles, *alternates]))]
        for called in (*whole, *others, self.names.alike(name)):
            yield called, self._of_year(called, year)
        if year is not None and may_differ:
            near = self._only_within_a_year([*titles, *alternates], year)
            yield near, near
        yield parts, self._of_year(parts, year)
        if year is not None and may_differ:
            ends = self._called_as_it_ends(name, year)
            yield ends, ends

    def _called_as_it_ends(self, name: str, year: int) -> list[int]:
        """Films of that very year whose whole title stands after the last colon or dash: Léon: The Professional."""
        *before, last = SUBTITLE.split(name)
        titles, alternates, *_ = self.names.called_so(last)
        called = dict.fromkeys([*titles, *alternates]) if before else {}
        return [item for item in called if self.catalog.year[item] == year]

    def _only_within_a_year(self, films: list[int], year: int) -> list[int]:
        """The only film of the year before or after; none if there are several."""
        near = {item for item in films if self.catalog.year[item] in (year - 1, year + 1)}
        return [*near] if len(near) == 1 else []

    def _of_year(self, films: list[int], year: int | None) -> list[int]:
        """All of them if no year is asked for; those of that year; or else those of which no year is known."""
        years = self.catalog.year
        dated = [item for item in films if year is None or years[item] == year]
        return dated or [item for item in films if years[item] is None]

    # ---- several films

    def _called_in_full(self, text: str) -> list[int]:
        """Films of which the text is a whole name, with or without the year."""
        readings = ((films, year) for name, year in readings_of(text) for films in self.names.called_so(name)[:-1])
        return [item for films, year in readings for item in self._of_year(films, year)]

    # ---- what is prepared when it is first needed

    @cached_property
    def _item_with_id(self) -> dict[int, int]:
        return {item_id: item for item, item_id in enumerate(self.catalog.item_ids.tolist())}

    @cached_property
    def names(self) -> Names:
        """What all films may be called, those that may not be listed too; a second or more for all of MovieLens."""
        return Names.of_films(self.catalog, self._item_titled.values(), self.offered)

    @cached_property
    def _listed(self) -> np.ndarray:
        """(n_listed,) item_idx of the films that may be listed, the most rated first: a rank is a place in it."""
        return np.array(list(self.item_of.values()), dtype=np.int64)

    @cached_property
    def _rank_of(self) -> dict[int, int]:
        return {item: rank for rank, item in enumerate(self.item_of.values())}

    @cached_property
    def _search(self) -> TitleSearch:
        items = self.item_of.values()
        return TitleSearch((self.names.of[item] for item in items), [self.catalog.year[item] for item in items])

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
            f"{len(films)} films may be meant by {quoted(text)}: {self._in_words(films)}; add the year or write the "
            "whole title."
        )

    def _of_another_year(self, name: str, year: int | None, films: list[int]) -> DataError:
        return UnknownError(f"no film of {year} is called {quoted(name)}; there is {self._in_words(films)}.")

    def _unknown(self, text: str) -> DataError:
        nearest = self.search(text, 3)
        hint = f"the nearest are {self._in_words(nearest)}" if nearest else f"expected {self._expected()}"
        return UnknownError(f"no film is called {quoted(text)}; {hint}.")

    def _in_words(self, films: list[int]) -> str:
        rest = f" and {len(films) - LISTED} more" if len(films) > LISTED else ""
        return ", ".join(repr(self._titles[item]) for item in films[:LISTED]) + rest
