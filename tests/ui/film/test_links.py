"""Links of a film to other sites: by its number there, or a search for its title and year."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from recsys.ui.film.links import links_of

AWKWARD = 'Léon/The "Pro" & <b>100%</b> #1?'


def by_site(*film):
    return {link.site: link for link in links_of(*film)}


def test_a_film_whose_numbers_are_known_is_linked_by_them():
    links = by_site("Fargo", 1996, "tt0116282", 275)
    assert {site: link.address for site, link in links.items() if not link.is_search} == {
        "IMDb": "https://www.imdb.com/title/tt0116282/",
        "TMDB": "https://www.themoviedb.org/movie/275",
        "Letterboxd": "https://letterboxd.com/tmdb/275",
    }
    assert by_site("Fargo", 1996, "tt0116282", None)["Letterboxd"].address == "https://letterboxd.com/imdb/tt0116282/"


def test_a_film_whose_numbers_are_not_known_is_searched_for_by_title_and_year():
    links = by_site("Heat", 1995, None, None)
    assert {site: link.address for site, link in links.items()} == {
        "IMDb": "https://www.imdb.com/find/?q=Heat+1995&s=tt",
        "TMDB": "https://www.themoviedb.org/search/movie?query=Heat+y%3A1995",
        "Letterboxd": "https://letterboxd.com/search/films/Heat%201995/",
        "JustWatch": "https://www.justwatch.com/us/search?q=Heat+1995",
    }
    assert all(link.is_search for link in links.values())
    assert by_site("Heat", None, None, None)["IMDb"].address == "https://www.imdb.com/find/?q=Heat&s=tt"


def test_whatever_a_title_has_in_it_is_only_what_is_searched_for():
    links = by_site(AWKWARD, 1994, None, None)
    hosts = {urlsplit(link.address).netloc for link in links.values()}
    assert hosts == {"www.imdb.com", "www.themoviedb.org", "letterboxd.com", "www.justwatch.com"}
    for site, key in (("IMDb", "q"), ("JustWatch", "q")):
        assert parse_qs(urlsplit(links[site].address).query)[key] == [f"{AWKWARD} 1994"]
    assert parse_qs(urlsplit(links["TMDB"].address).query)["query"] == [f"{AWKWARD} y:1994"]
    path = urlsplit(links["Letterboxd"].address).path
    assert path.count("/") == 4
    assert unquote(path) == f"/search/films/{AWKWARD.replace('/', ' ')} 1994/"


@pytest.mark.parametrize("imdb", ["", "0116282", "tt0116282/../../evil", "javascript:alert(1)", "tt" + "1" * 99])
def test_what_is_no_number_of_imdb_is_not_linked_to(imdb):
    links = by_site("Fargo", 1996, imdb, None)
    assert links["IMDb"].is_search
    assert links["Letterboxd"].is_search


def test_a_title_that_no_site_could_read_is_searched_for_all_the_same():
    assert all("surrog" not in link.address for link in links_of("\ud800 Film", 1996, None, None))
