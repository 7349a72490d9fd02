"""TMDB, as far as posters go: https://developer.themoviedb.org/docs. Nothing but a poster is taken from it."""

import json
import re
from collections.abc import Mapping
from typing import Any

from recsys.serve.posters.asking import Host, NotThereError
from recsys.serve.posters.films import FilmSought
from recsys.serve.posters.key import Key
from recsys.serve.posters.pictures import MOST_BYTES, kind_of
from recsys.serve.posters.trouble import TroubleError

API, IMAGES = "https://api.themoviedb.org", "https://image.tmdb.org"
SIZE = "w185"  # pixels wide; 10 kB or so
SECONDS = 5.0  # for an answer
MOST_JSON = 2**20  # bytes
POSTER = re.compile(r"/[\w-]{1,80}\.(?:jpe?g|png|webp)", re.ASCII)
IMDB = re.compile(r"tt\d{1,12}", re.ASCII)

Entry = Mapping[str, Any]  # a film as TMDB describes it


class Tmdb:
    """A client with the operator's key."""

    def __init__(self, key: Key, api: str = API, images: str = IMAGES, seconds: float = SECONDS):
        """Take the key.

        Args:
            key: of the operator.
            api: the host that is asked.
            images: the host that has pictures.
            seconds: that each answer may take.
        """
        self._key, self._api, self._images = key, Host(api, seconds), Host(images, seconds)

    def poster(self, film: FilmSought) -> bytes | None:
        """A picture of one of the kinds; None if TMDB has none, or not surely this film.

        Raises:
            TroubleError: TMDB fails.
        """
        for find in (self._by_id, self._by_imdb, self._by_title):
            entry = find(film)
            if entry is not None:
                path = path_in(entry)
                return self._picture(path) if path else None
        return None

    def _by_id(self, film: FilmSought) -> Entry | None:
        """The film of its number at TMDB."""
        return self._ask(f"/3/movie/{film.tmdb:d}") if film.tmdb is not None else None

    def _by_imdb(self, film: FilmSought) -> Entry | None:
        """The film of its number at IMDb."""
        if film.imdb is None or not IMDB.fullmatch(film.imdb):
            return None
        found = self._ask(f"/3/find/{film.imdb}", external_source="imdb_id")
        films = films_in(found, "movie_results")
        return films[0] if films else None

    def _by_title(self, film: FilmSought) -> Entry | None:
        """The film of its title and year; first among those of the year, then among all."""
        if film.year is None:
            return None
        of_year = self._searched(film, year=str(film.year))
        return of_year if of_year is not None else self._searched(film)

    def _searched(self, film: FilmSought, **narrower: str) -> Entry | None:
        found = self._ask("/3/search/movie", query=film.names[0], **narrower)
        return film.same_in(films_in(found, "results"))

    def _ask(self, path: str, **query: str) -> Entry | None:
        """What the API answers; None if it knows no such thing."""
        headers = {"Accept": "application/json", **self._key.headers}
        try:
            _, body = self._api.get(path, {**query, **self._key.query}, headers, MOST_JSON)
            answer = json.loads(body)
        except NotThereError:
            return None
        except (ValueError, RecursionError):
            raise senseless() from None
        if not isinstance(answer, dict):
            raise senseless()
        return answer

    def _picture(self, path: str) -> bytes | None:
        try:
            kind, content = self._images.get(f"/t/p/{SIZE}{path}", {}, {"Accept": "image/*"}, MOST_BYTES)
        except NotThereError:
            return None
        except TroubleError as trouble:
            trouble.is_of_film = trouble.kind == "large"
            raise
        if not kind.startswith("image/") or kind_of(content) is None:
            raise TroubleError("picture", "TMDB sent a poster that is no JPEG, PNG or WebP.", is_of_film=True)
        return content


def senseless() -> TroubleError:
    """What is said of an answer of another shape."""
    return TroubleError("senseless", "TMDB answers something that makes no sense here.")


def films_in(answer: Entry | None, name: str) -> list[Entry]:
    """The films that an answer lists; TroubleError if it lists something else."""
    if answer is None:
        return []
    films = answer.get(name)
    if not isinstance(films, list) or not all(isinstance(film, dict) for film in films):
        raise senseless()
    return films


def path_in(entry: Entry) -> str | None:
    """Where the picture of a film is; None if there is none; TroubleError if it says something else."""
    path = entry.get("poster_path")
    if path is None:
        return None
    if not isinstance(path, str) or not POSTER.fullmatch(path):
        raise senseless()
    return path
