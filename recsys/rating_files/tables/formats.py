"""The tables that are known here: one description each, no code. What is in none of them is asked about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from recsys.rating_files.dates import Order
from recsys.rating_files.our_formats import LETTERBOXD_HIGHEST, OWN_COLUMNS, THIS_PAGE
from recsys.store.people import Mark

FILM = ("movie", "movies", "film")  # what sites call one that tell films from the rest in English


@dataclass(frozen=True, kw_only=True)
class Format:
    """How a table is written.

    Attributes:
        source: where it comes from.
        signature: what must be there for the table to be taken for this one, keys of columns.
        columns: what a column holds -> names that it may have, without upper case and spaces around. "stars" is what
            the person gave, never what others did.
        highest: the most stars that it gives; None: as many as the data has.
        needs_year: whether it gives a year to every film that is out, so that no title counts without one.
        films: types of titles that are films; none: all are that do not say that they are something else.
        at_most: the highest number in a column, which tells this table from another of the same columns.
        order: which comes first in its dates, day or month, where ISO 8601 does not say it.
        mark: that every row puts on its film.
    """

    source: str
    signature: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    highest: float | None = None
    needs_year: bool = False
    films: tuple[str, ...] = ()
    at_most: Mapping[str, float] = field(default_factory=dict)
    order: Order | None = None
    mark: Mark | None = None

    def places_in(self, head: Sequence[str]) -> dict[str, int] | None:
        """Where in a row the columns stand, from 0; None: it is another table."""
        named = {what: [head.index(name) for name in names if name in head] for what, names in self.columns.items()}
        places = {what: found[0] for what, found in named.items() if found}
        return places if set(self.signature) <= set(places) else None


OWN = Format(
    source=THIS_PAGE,
    signature=("dataset", "item_id", "stars"),
    columns={name: (name,) for name in OWN_COLUMNS},
)
FOR_LETTERBOXD = Format(  # what this page writes for it; of others, who write such tables, few give both ids
    source="a table for Letterboxd",
    signature=("title", "stars", "imdb", "tmdb", "rated_at"),
    columns={
        "title": ("title", "name"),
        "year": ("year",),
        "stars": ("rating",),
        "imdb": ("imdbid",),
        "tmdb": ("tmdbid",),
        "rated_at": ("watcheddate",),
    },
    highest=LETTERBOXD_HIGHEST,
)
IMDB = Format(  # also lists and watchlists, of which some tell the person's rating
    source="IMDb",
    signature=("imdb", "title"),
    columns={
        "imdb": ("const",),
        "title": ("title",),
        "original": ("original title",),
        "year": ("year",),
        "type": ("title type",),
        "stars": ("your rating", "you rated"),
        "rated_at": ("date rated", "date added", "created"),
    },
    highest=10.0,
    needs_year=True,
)
LETTERBOXD = Format(  # ratings, diary and reviews; watched films and lists have no rating
    source="Letterboxd",
    signature=("uri", "title"),
    columns={
        "uri": ("letterboxd uri",),
        "title": ("name",),
        "year": ("year",),
        "stars": ("rating",),
        "rated_at": ("date",),
    },
    highest=5.0,
    needs_year=True,
)
WATCHLIST = Format(
    source="Letterboxd",
    signature=("uri", "title"),
    columns={"uri": ("letterboxd uri",), "title": ("name",), "year": ("year",), "marked_at": ("date",)},
    needs_year=True,
    mark="later",
)
TMDB = Format(  # its `Rating` is the public's
    source="TMDB",
    signature=("tmdb", "imdb", "type", "title"),
    columns={
        "tmdb": ("tmdb id",),
        "imdb": ("imdb id",),
        "type": ("type",),
        "title": ("name",),
        "year": ("release date",),
        "stars": ("your rating",),
        "rated_at": ("date rated",),
    },
    highest=10.0,
    needs_year=True,
    films=FILM,
)
SIMKL = Format(
    source="Simkl",
    signature=("simkl", "type", "title"),
    columns={
        "simkl": ("simkl_id",),
        "type": ("type",),
        "title": ("title",),
        "year": ("year",),
        "stars": ("rating",),
        "rated_at": ("watcheddate",),
    },
    highest=10.0,
    needs_year=True,
    films=FILM,
    order="day",
)
TRAKT = Format(  # its `trakt_rating` is the public's
    source="Trakt",
    signature=("trakt", "type", "title"),
    columns={
        "trakt": ("trakt_id",),
        "type": ("type",),
        "title": ("title",),
        "year": ("year",),
        "stars": ("rating",),
        "rated_at": ("rated_at",),
    },
    highest=10.0,
    needs_year=True,
    films=FILM,
)
MOVIELENS = Format(  # its titles have years; its ids are not those of MovieLens 100K
    source="movielens.org",
    signature=("movie", "imdb", "tmdb", "stars", "average", "title"),
    columns={
        "movie": ("movie_id",),
        "imdb": ("imdb_id",),
        "tmdb": ("tmdb_id",),
        "stars": ("rating",),
        "average": ("average_rating",),
        "title": ("title",),
    },
    highest=5.0,
    at_most={"average": 5.0},
)
KNOWN = (OWN, FOR_LETTERBOXD, IMDB, LETTERBOXD, TMDB, SIMKL, TRAKT, MOVIELENS)
SOURCES = (
    "Letterboxd (ratings.csv, or the whole ZIP), IMDb (ratings.csv), TMDB, Simkl and movielens.org (CSV), Trakt (CSV, "
    "JSON or ZIP), this page, or any table of titles and ratings"
)
