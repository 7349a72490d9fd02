"""A film as TMDB is asked for it, and whether a film that it found by words is the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Self

from recsys.films.catalog import Catalog, articles_first
from recsys.films.title_names import SLASH, folded, split_alternates


@dataclass(frozen=True)
class FilmSought:
    """A film.

    Attributes:
        names: its title, and what else it is called, without the year.
        year: of release; None where unknown.
        imdb: its id at IMDb, such as "tt0114709"; None where unknown.
        tmdb: its id at TMDB; likewise.
    """

    names: tuple[str, ...]
    year: int | None
    imdb: str | None
    tmdb: int | None

    @classmethod
    def of(cls, catalog: Catalog, item: int) -> Self:
        """A film of the catalogue, by its item_idx."""
        name, others = split_alternates(articles_first(catalog.titles[item]))
        names = (name, *(other for other in others if not SLASH.search(other)))
        return cls(names, catalog.year[item], catalog.imdb[item], catalog.tmdb[item])

    @property
    def key(self) -> str:
        """What it is kept by, whatever its number in a data set."""
        return blake2b(ascii((self.names, self.year, self.imdb, self.tmdb)).encode(), digest_size=16).hexdigest()

    def same_in(self, found: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        """The one found film that is called so and came out within a year of it; of that very year, if there are both.

        Args:
            found: films as TMDB lists them.
        """
        names = {folded(name) for name in self.names} - {""}
        called_so = [film for film in found if names & names_in(film)]
        for most in (0, 1):
            near = [film for film in called_so if years_between(self.year, film) <= most]
            if near:
                return near[0] if len(near) == 1 else None
        return None


def names_in(film: Mapping[str, Any]) -> set[str]:
    """What TMDB calls a film, folded."""
    said = (film.get("title"), film.get("original_title"))
    return {folded(name) for name in said if isinstance(name, str)}


def years_between(year: int | None, film: Mapping[str, Any]) -> float:
    """How many years a film of TMDB is from a year; infinite where either is unknown."""
    said = str(film.get("release_date") or "")[:4]
    return abs(int(said) - year) if year is not None and said.isascii() and said.isdecimal() else float("inf")
