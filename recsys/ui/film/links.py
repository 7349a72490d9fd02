"""Where else something is said of a film: addresses that a visitor may open. The page itself asks none of them."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode

AT_IMDB = re.compile(r"tt\d{1,12}")


@dataclass(frozen=True)
class Link:
    """An address at another site.

    Attributes:
        site: what it is called.
        address: URL.
        is_search: whether it only looks for the film, since its number there is not known.
    """

    site: str
    address: str
    is_search: bool = False


def links_of(name: str, year: int | None, imdb: str | None, tmdb: int | None) -> list[Link]:
    """Where a film is found elsewhere.

    Args:
        name: title without the year and other titles.
        year: of release; None where unknown.
        imdb: its id at IMDb, such as "tt0116282"; None where unknown.
        tmdb: its id at TMDB; likewise.

    >>> [link.address for link in links_of("Fargo", 1996, "tt0116282", 275)][1:]
    ['https://letterboxd.com/tmdb/275', 'https://www.imdb.com/title/tt0116282/', 'https://www.themoviedb.org/movie/275']
    """
    words = name if year is None else f"{name} {year}"
    imdb = imdb if imdb is not None and AT_IMDB.fullmatch(imdb) else None
    return [at_justwatch(words), at_letterboxd(words, imdb, tmdb), at_imdb(words, imdb), at_tmdb(name, year, tmdb)]


def at_imdb(words: str, imdb: str | None) -> Link:
    """IMDb, by the film's id or by words to search for."""
    if imdb is not None:
        return Link("IMDb", f"https://www.imdb.com/title/{imdb}/")
    return Link("IMDb", f"https://www.imdb.com/find/?{query(q=words, s='tt')}", is_search=True)


def at_tmdb(name: str, year: int | None, tmdb: int | None) -> Link:
    """TMDB, likewise; a search there says the year apart."""
    if tmdb is not None:
        return Link("TMDB", f"https://www.themoviedb.org/movie/{tmdb:d}")
    words = name if year is None else f"{name} y:{year}"
    return Link("TMDB", f"https://www.themoviedb.org/search/movie?{query(query=words)}", is_search=True)


def at_letterboxd(words: str, imdb: str | None, tmdb: int | None) -> Link:
    """Letterboxd, which leads on from the ids of others."""
    if tmdb is not None:
        return Link("Letterboxd", f"https://letterboxd.com/tmdb/{tmdb:d}")
    if imdb is not None:
        return Link("Letterboxd", f"https://letterboxd.com/imdb/{imdb}/")
    searched = quote(words.replace("/", " "), safe="", errors="replace")
    return Link("Letterboxd", f"https://letterboxd.com/search/films/{searched}/", is_search=True)


def at_justwatch(words: str) -> Link:
    """JustWatch, which says where a film can be seen, and knows no ids of others.

    It is asked country by country; justwatch.js puts the reader's in the place of the United States.
    """
    return Link("JustWatch", f"https://www.justwatch.com/us/search?{query(q=words)}", is_search=True)


def query(**values: str) -> str:
    """The end of an address that asks for something; what no address can hold becomes a question mark."""
    return urlencode(values, errors="replace")
