"""Which films somebody wants of a list: by genre, by when they came out, by how many people rated them.

Legend: I items, G genres.
"""

import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.errors import DataError, UnknownError
from recsys.recommend.lists.genres import Years, films_in, genre_mask, plain, released_in

if TYPE_CHECKING:
    from recsys.recommend.recommender import Recommender

FEWEST_OF_A_DECADE = 20  # films, of the first decade that is a period of its own
STEPS = (5, 20, 100, 500, 2_000, 10_000, 50_000)  # ratings that a film may be wanted to have
LESSER_KNOWN = (20, 100, 500)  # ratings that it may be wanted to have at most
FEWEST_LEFT = 30  # films that such a step leaves
NOT_PICKED = frozenset({"imax"})  # how a film was shown, which the data list among the genres; in plain letters
LITTLE_CHOICE = 20  # films


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What films of a list must be; what is left out does not matter.

    Attributes:
        genres: names; upper case, blanks and hyphens do not matter.
        all_of_them: whether a film has to have all of the genres; else one is enough.
        years: first and last year of release.
        decades: of which a film is from one, keys of `periods`.
        least_ratings: so many people, or more, rated a film.
        most_ratings: so many, or fewer, rated it; None: any number.
        seen_too: whether to list films too that the person has rated.
    """

    genres: Sequence[str] = ()
    all_of_them: bool = False
    years: Years = None
    decades: Sequence[str] = ()
    least_ratings: int = 0
    most_ratings: int | None = None
    seen_too: bool = False

    def mask(self, model: "Recommender") -> np.ndarray:
        """(I,) bool, which films of a model are so.

        Raises:
            DataError: there is no such genre or decade, years are not two in order, or another value is none of its
                kind.
        """
        if not isinstance(self.all_of_them, bool):
            raise DataError(f"got {reprlib.repr(self.all_of_them)} for all_of_them; expected True or False.")
        fits = released_in(model.catalog, self.years) & self._of_decades(model)
        if not is_nothing(self.genres):
            fits = fits & films_in(model.catalog, self.genres, all_of_them=self.all_of_them)
        return fits & self._of_numbers(model.crowd.n_ratings_of_all)

    def unwanted(self, model: "Recommender", rated: np.ndarray) -> np.ndarray:
        """item_idx of the films that are not so, and of the rated ones, (n,) item_idx, unless these are wanted too."""
        left_out = np.flatnonzero(~self.mask(model))
        return left_out if self.seen_too else np.concatenate([rated, left_out])

    def matched(self, model: "Recommender") -> np.ndarray:
        """(G,) bool of the catalogue's genres, those that are asked for."""
        return genre_mask(model.catalog, self.genres)

    def _of_decades(self, model: "Recommender") -> np.ndarray:
        if is_nothing(self.decades):
            return np.ones(model.catalog.n_items, dtype=bool)
        if isinstance(self.decades, str) or not isinstance(self.decades, Sequence):
            raise DataError(
                f"got {reprlib.repr(self.decades)} for decades; expected a list such as ['1980s', '1990s']."
            )
        known = periods(model)
        years = {checked_period(known, decade) for decade in self.decades}
        return np.any([released_in(model.catalog, pair) for pair in years], axis=0)

    def _of_numbers(self, n_ratings: np.ndarray) -> np.ndarray:
        least = checked_number(self.least_ratings, "least_ratings")
        if self.most_ratings is None:
            return n_ratings >= least
        most = checked_number(self.most_ratings, "most_ratings", fewest=1)
        return (n_ratings >= least) & (n_ratings <= most)

    @property
    def parts(self) -> dict[str, str]:
        """What narrows a list, name of a field -> in words, such as "100+ ratings"."""
        genres = (" and " if self.all_of_them else ", ").join(self.genres)
        years = "" if self.years is None else f"{self.years[0]} to {self.years[1]}"
        ratings = f"{self.least_ratings:,}+ ratings" if self.least_ratings else ""
        at_most = f"at most {self.most_ratings:,} ratings" if self.most_ratings else ""
        said = {"genres": genres, "years": years, "decades": ", ".join(self.decades), "least_ratings": ratings}
        return {name: words for name, words in (said | {"most_ratings": at_most}).items() if words}

    @property
    def in_words(self) -> str:
        """All that is wanted, such as "Comedy, War · 1990s · 100+ ratings"; "" for any film."""
        return " · ".join([*self.parts.values(), *(["seen too"] if self.seen_too else [])])

    @property
    def request(self) -> dict[str, Any]:
        """What is kept of it with a list that was shown."""
        asked: dict[str, Any] = {"genres": [*self.genres], "all_of_them": self.all_of_them, "decades": [*self.decades]}
        asked |= {"least_ratings": self.least_ratings, "most_ratings": self.most_ratings, "seen_too": self.seen_too}
        return {name: value for name, value in asked.items() if value}


ANY_FILM = Filters()


def is_nothing(value: object) -> bool:
    """Whether it is a list of nothing."""
    return isinstance(value, list | tuple) and not value


def checked_number(n_ratings: object, name: str, fewest: int = 0) -> int:
    """A number of ratings, from `fewest` on; DataError for anything else, under the name of its field."""
    if type(n_ratings) is not int or n_ratings < fewest:
        instead = "0" if fewest == 0 else "nothing"
        said = f"got {reprlib.repr(n_ratings)} for {name}"
        raise DataError(f"{said}; expected a whole number, such as 100, or {instead}.")
    return n_ratings


def periods(model: "Recommender") -> dict[str, tuple[int, int]]:
    """Decades in which films of the model were released, the newest first: what they are called -> first and last year.

    What is older than the first decade with FEWEST_OF_A_DECADE films is one period.
    """
    years = model.catalog.years[~np.isnan(model.catalog.years)].astype(np.int64)
    decades = dict(zip(*(each.tolist() for each in np.unique(years - years % 10, return_counts=True)), strict=True))
    full = [decade for decade, n_films in decades.items() if n_films >= FEWEST_OF_A_DECADE] or list(decades)
    if not full:
        return {}
    first = min(full)
    found = {f"{decade}s": (decade, decade + 9) for decade in sorted(decades, reverse=True) if decade >= first}
    return found | ({f"before {first}": (min(decades), first - 1)} if min(decades) < first else {})


def years_of(model: "Recommender", period: str | None) -> tuple[int, int] | None:
    """First and last year of a period; None for any; DataError if there is no such period."""
    return None if period is None else checked_period(periods(model), period)


def checked_period(known: Mapping[str, tuple[int, int]], period: object) -> tuple[int, int]:
    """First and last year of one of the known periods; UnknownError for anything else."""
    if not isinstance(period, str) or period not in known:
        raise UnknownError(f"got {reprlib.repr(period)} for a period; expected one of these: {', '.join(known)}.")
    return known[period]


def genres_to_pick(model: "Recommender") -> list[str]:
    """The genres that somebody may want, without what the data list among them and is none."""
    return [name for name in model.catalog.genre_names if plain(name) not in NOT_PICKED]


def rating_steps(model: "Recommender") -> list[int]:
    """Numbers of ratings that films may be wanted to have: those that leave FEWEST_LEFT films, and leave some out."""
    return [step for step in STEPS if leaves_some(model, Filters(least_ratings=step))]


def most_steps(model: "Recommender") -> list[int]:
    """Likewise numbers that films may be wanted to have at most."""
    return [step for step in LESSER_KNOWN if leaves_some(model, Filters(most_ratings=step))]


def leaves_some(model: "Recommender", filters: Filters) -> bool:
    """Whether filters leave FEWEST_LEFT films of a model, and leave some out."""
    return FEWEST_LEFT <= n_that_fit(model, filters) < int(model.titles.offered.sum())


def about_few(model: "Recommender", filters: Filters) -> str:
    """What to say where so few films are so that there is little to choose from, and how to have more; else nothing."""
    n_films = n_that_fit(model, filters)
    if n_films > LITTLE_CHOICE:
        return ""
    some = f"{films_that_fit(n_films)}, so there is little to choose from."
    return " ".join(filter(None, [some if n_films else "No film here is all of that.", loosened(model, filters)]))


def loosened(model: "Recommender", filters: Filters) -> str:
    """Which one of several filters to take off for the most films; nothing where that would bring none."""
    words = filters.parts
    without = {name: n_that_fit(model, replace(filters, **{name: getattr(ANY_FILM, name)})) for name in words}
    most = max(without, key=lambda name: without[name], default=None)
    if most is None or len(words) < 2 or without[most] <= n_that_fit(model, filters):
        return ""
    return f"Without “{words[most]}”, {without[most]:,} fit{'s' * (without[most] == 1)}."


def films_that_fit(n_films: int) -> str:
    """The beginning of a sentence."""
    return "Only 1 film here fits" if n_films == 1 else f"Only {n_films} films here fit"


def n_that_fit(model: "Recommender", filters: Filters) -> int:
    """How many films of a model are so, each counted once."""
    return int((filters.mask(model) & model.titles.offered).sum())
