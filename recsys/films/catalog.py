"""What is known about the films: titles, years and genres, aligned with the columns of the ratings matrix."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

NO_GENRE = frozenset({"", "unknown", "(no genres listed)"})

# "(1995)", "(1989-1990)", "(2007-)" and a medium after it, as in "(1995) (V)", at the end of a title
_YEAR = re.compile(r"\s*\(\s*(\d{4})\s*(?:[-–]\s*(?:\d{4})?\s*)?\)\s*(?:\((?:V|TV|VG)\)\s*)?$")
_ARTICLES = (
    "The|A|An|La|Le|Les|L'|Un|Une|El|Los|Las|Lo|Una|Uno|Il|I|Gli|Der|Die|Das|Ein|Eine|Den|Det|De|Het|En|Ett|Et|O|Os|"
    "As|Um|Uma|Da"
)
# a name, in or outside parentheses, that ends in ", The"; "Human Centipede II (Full Sequence), The" is one name
_NAME = r"[^()]+?(?: \([^()]*\))?"
_TRAILING_ARTICLE = re.compile(rf"(^|\(|\) )(a\.k\.a\. )?({_NAME}), ?({_ARTICLES})(?=$|\)|:| \()")
YEAR_IS_COMMON = 20  # films


@dataclass(frozen=True)
class Film:
    """One film as a data set describes it.

    Attributes:
        title: with its year.
        genres: in the data's order.
        release_date: such as 01-Jan-1995; "": there is none.
        imdb: its id at IMDb, such as "tt0114709"; None where the data has none.
        tmdb: its id at TMDB; likewise.
    """

    title: str
    genres: tuple[str, ...] = ()
    release_date: str = ""
    imdb: str | None = None
    tmdb: int | None = None


@dataclass(frozen=True, eq=False)
class Catalog:
    """The films behind the columns of a ratings matrix, in its order.

    Attributes:
        item_ids: (n_items,) int64, the data's own ids.
        titles: n_items titles as the data writes them ("Usual Suspects, The"), without the year.
        year: n_items years of release; None where the data has none.
        genres: n_items tuples of genres, in the data's order; empty where no genre is listed.
        genre_names: n_genres names that occur, sorted.
        genre_matrix: (n_items, n_genres) bool.
        first_with_same_title: (n_items,) int32, the lowest item_idx with the same title and year: some films occur
            under two ids.
        imdb: n_items ids at IMDb, such as "tt0114709"; None where the data has none.
        tmdb: n_items ids at TMDB; likewise.
    """

    item_ids: np.ndarray
    titles: tuple[str, ...]
    year: tuple[int | None, ...]
    genres: tuple[tuple[str, ...], ...]
    genre_names: tuple[str, ...]
    genre_matrix: np.ndarray
    first_with_same_title: np.ndarray
    imdb: tuple[str | None, ...]
    tmdb: tuple[int | None, ...]

    @classmethod
    def from_films(cls, item_ids: np.ndarray, films: Mapping[int, Film]) -> Self:
        """Arrange what is known about some films; every id, (n_items,) int64, must be in films."""
        chosen = [films[int(item_id)] for item_id in item_ids]
        genres = tuple(tuple(genre for genre in film.genres if genre not in NO_GENRE) for film in chosen)
        titles, years = zip(*(split_year(film) for film in chosen), strict=True)
        genre_names = tuple(sorted({genre for listed in genres for genre in listed}))
        genre_matrix = np.array([[genre in listed for genre in genre_names] for listed in genres], dtype=bool)
        same = _first_equal(list(zip(titles, years, strict=True)))
        elsewhere = (tuple(film.imdb for film in chosen), tuple(film.tmdb for film in chosen))
        return cls(item_ids, titles, years, genres, genre_names, genre_matrix, same, *elsewhere)

    @property
    def n_items(self) -> int:
        """Films in all."""
        return len(self.item_ids)

    @cached_property
    def last_year(self) -> int | None:
        """When the newest films came out; None where the data has no years."""
        return max((year for year in self.year if year is not None), default=None)

    @cached_property
    def years(self) -> np.ndarray:
        """(n_items,) float64 years of release; NaN where the data has none."""
        return np.array(self.year, dtype=np.float64)

    @cached_property
    def n_films_of_genre(self) -> np.ndarray:
        """(n_genres,) int64, how many films have each genre."""
        return self.genre_matrix.sum(axis=0, dtype=np.int64)

    @cached_property
    def sha256(self) -> str:
        """Which films these are: a digest of ids, titles, years and genres; the same whatever file they came from.

        Ids at other sites do not count: some sources of a data set lack them.
        """
        films = zip(self.item_ids.tolist(), self.titles, self.year, map(sorted, self.genres), strict=True)
        return hashlib.sha256(json.dumps([*films], ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()

    def display_title(self, item_idx: int) -> str:
        """Title as a person would write it, with its year where there is one: "The Usual Suspects (1995)"."""
        title = articles_first(self.titles[item_idx])
        year = self.year[item_idx]
        return title if year is None else f"{title} ({year})"

    def features(self) -> np.ndarray:
        """What is known of the films beside ratings: (n_items, n_features) float64, 1 where it holds, else 0.

        Genres; the decade; and the year, where at least YEAR_IS_COMMON films are of it. Nothing of a film without them.
        """
        years = np.array([year if year is not None else 0 for year in self.year])
        decades = years // 10
        common = [year for year in np.unique(years[years > 0]) if np.sum(years == year) >= YEAR_IS_COMMON]
        known = [decade for decade in np.unique(decades) if decade > 0]
        periods = [decades[:, None] == known, years[:, None] == common]
        return np.concatenate([self.genre_matrix, *periods], axis=1).astype(np.float64)


def split_year(film: Film) -> tuple[str, int | None]:
    """Take the year off a title; where the title has none, it comes from the release date, or is None.

    >>> split_year(Film("Usual Suspects, The (1995)"))
    ('Usual Suspects, The', 1995)
    >>> split_year(Film("Fawlty Towers (1975-1979)"))
    ('Fawlty Towers', 1975)
    >>> split_year(Film("Hyena Road", release_date="04-Feb-1971"))
    ('Hyena Road', 1971)
    """
    found = _YEAR.search(film.title)
    if found:
        return film.title[: found.start()].strip(), int(found[1])
    dated = re.search(r"\d{4}$", film.release_date)
    return film.title.strip(), int(dated[0]) if dated else None


def articles_first(title: str) -> str:
    """Move articles that trail a name to its front, for alternate titles in parentheses too.

    >>> articles_first("City of Lost Children, The (Cité des enfants perdus, La)")
    'The City of Lost Children (La Cité des enfants perdus)'
    >>> articles_first("Star Maker, The (Uomo delle stelle, L')")
    "The Star Maker (L'Uomo delle stelle)"
    >>> articles_first("I, Robot")
    'I, Robot'
    """

    def moved(name: re.Match[str]) -> str:
        before, also_known_as, rest, article = name.groups(default="")
        space = "" if article.endswith("'") else " "
        return f"{before}{also_known_as}{article}{space}{rest}"

    return _TRAILING_ARTICLE.sub(moved, title)


def _first_equal(keys: list[tuple[str, int | None]]) -> np.ndarray:
    """(n_items,) int32, position of the first key that equals each key."""
    first: dict[tuple[str, int | None], int] = {}
    return np.array([first.setdefault(key, item_idx) for item_idx, key in enumerate(keys)], dtype=np.int32)
