"""Thirty films as somebody of today has them at Letterboxd: each set gives what it has, and says where it ends."""

import re

import pytest

from recsys.data.movielens import load_dataset
from recsys.rating_files import read_rating_file
from recsys.serve.accounts.imported import newer_as_json
from tests.support.pages.page_server import fitted_on

FILE = """Date,Name,Year,Letterboxd URI,Rating
2023-01-02,Star Wars,1977,https://boxd.it/2a3A,4.5
2023-01-02,Alien,1979,https://boxd.it/2a3B,4.5
2023-01-05,Se7en,1995,https://boxd.it/2a3C,4
2023-01-09,Pulp Fiction,1994,https://boxd.it/2a3D,5
2023-01-20,The Godfather,1972,https://boxd.it/2a3E,5
2023-02-01,The Silence of the Lambs,1991,https://boxd.it/2a3F,4
2023-02-11,GoodFellas,1990,https://boxd.it/2a3G,4.5
2023-02-12,Fargo,1996,https://boxd.it/2a3H,4
2023-03-03,2001: A Space Odyssey,1968,https://boxd.it/2a3I,3.5
2023-03-17,Seven Samurai,1954,https://boxd.it/2a3J,5
2023-03-30,Léon: The Professional,1994,https://boxd.it/2a3K,3.5
2023-04-01,Princess Mononoke,1997,https://boxd.it/2a3L,4.5
2023-04-02,Amélie,2001,https://boxd.it/2a3M,4
2023-04-08,Spirited Away,2001,https://boxd.it/2a3N,5
2023-04-29,The Lord of the Rings: The Fellowship of the Ring,2001,https://boxd.it/2a3O,4.5
2023-05-06,Eternal Sunshine of the Spotless Mind,2004,https://boxd.it/2a3P,4.5
2023-05-07,(500) Days of Summer,2009,https://boxd.it/2a3Q,3
2023-06-10,WALL·E,2008,https://boxd.it/2a3R,4
2023-06-11,Inception,2010,https://boxd.it/2a3S,4
2023-07-01,The Social Network,2010,https://boxd.it/2a3T,4
2023-07-22,Whiplash,2014,https://boxd.it/2a3U,4.5
2023-08-05,Mad Max: Fury Road,2015,https://boxd.it/2a3V,5
2023-09-02,The Grand Budapest Hotel,2014,https://boxd.it/2a3W,4
2023-10-14,La La Land,2016,https://boxd.it/2a3X,3.5
2023-11-11,Arrival,2016,https://boxd.it/2a3Y,4.5
2023-12-09,Get Out,2017,https://boxd.it/2a3Z,4
2024-01-06,Lady Bird,2017,https://boxd.it/2a40,4
2024-02-10,Parasite,2019,https://boxd.it/2a41,5
2024-03-02,Everything Everywhere All at Once,2022,https://boxd.it/2a42,4
2024-03-03,Past Lives,2023,https://boxd.it/2a43,4.5
"""
TITLES = {  # as Letterboxd has them -> how MovieLens begins them, where that is not the same
    "Star Wars (1977)": "Star Wars",
    "Se7en (1995)": "Seven",
    "Amélie (2001)": "Am[eé]lie",
    "GoodFellas (1990)": "Good[Ff]ellas",
    "WALL·E (2008)": "WALL.E",
}
ROWS = [line.split(",http")[0].split(",", 1)[1].rsplit(",", 1) for line in FILE.splitlines()[1:]]
FILMS = {f"{name} ({year})": int(year) for name, year in ROWS}


def expected(model):
    """The films of the file that a model knows, by display title, as a person would find them."""
    found = {}
    for film, year in FILMS.items():
        beginning = TITLES.get(film, re.escape(film.rsplit(" (", 1)[0]))
        pattern = re.compile(rf"{beginning}\b.*\({year}\)")
        named = [title for title in model.display_titles if pattern.match(title)]
        found |= dict.fromkeys(named[:1], film)
        assert len(named) <= 1, named
    return found


def read(model):
    file = read_rating_file(FILE.encode(), model)
    return file, {model.display_titles[model.titles.find(item)] for item in file.stars}


def test_the_file_has_twelve_films_before_1998_and_eighteen_after():
    assert [sum(year < 1998 for year in FILMS.values()), sum(year > 1998 for year in FILMS.values())] == [12, 18]


@pytest.mark.data
def test_the_small_set_of_this_century_brings_all_that_it_has_and_says_what_came_later(latest_small):
    model = fitted_on("popularity", load_dataset(latest_small))
    file, found = read(model)
    assert found == expected(model).keys()
    assert len(found) >= 23
    assert set(file.unknown) == FILMS.keys() - expected(model).values()
    until = model.catalog.last_year
    assert until >= 2016
    n_newer = sum(year > until for year in FILMS.values())
    assert newer_as_json(file, model) == {"n": n_newer, "of": 30, "until": until, "dataset": ""}
    assert file.rounded == 0


@pytest.mark.data
def test_the_old_set_brings_what_it_has_and_says_which_set_has_newer_films(ml_100k):
    model = fitted_on("popularity", ml_100k)
    file, found = read(model)
    assert found == expected(model).keys()
    assert len(found) == 9
    assert newer_as_json(file, model) == {"n": 18, "of": 30, "until": 1998, "dataset": "ml-latest-small"}
