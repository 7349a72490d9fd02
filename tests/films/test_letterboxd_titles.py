import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys.data.movielens import load_dataset
from recsys.errors import DataError
from recsys.films.title_names import folded, key_of
from recsys.films.titles import TitleIndex
from recsys.rating_files.entries import Entry
from recsys.rating_files.films import FilmFinder

TITLES = Path(__file__).parent / "letterboxd_titles.csv"  # well-known films, as the site writes them in its export
LEAST_FOUND = 198  # of 200
COLUMNS = ("titles", "year", "genres", "imdb", "tmdb")  # of a catalog, film by film


@pytest.fixture(scope="module")
def asked():
    rows = [*csv.DictReader(TITLES.read_text("utf-8").splitlines())]
    films = [(row["Name"], int(row["Year"])) for row in rows]
    assert len(set(films)) == 200
    return films


@pytest.fixture(scope="module")
def index(latest_small):
    data = load_dataset(latest_small)
    return TitleIndex(data.catalog, np.bincount(data.ratings.item_idx, minlength=data.catalog.n_items))


def without(index, left_out):
    """The same films but for some."""
    catalog = index.catalog
    kept = np.setdiff1d(np.arange(catalog.n_items), left_out)
    columns = {name: tuple(getattr(catalog, name)[item] for item in kept) for name in COLUMNS}
    films = replace(catalog, item_ids=catalog.item_ids[kept], genre_matrix=catalog.genre_matrix[kept], **columns)
    return TitleIndex(films, np.zeros(len(kept)))


class Model:
    """What an import needs of a model."""

    def __init__(self, index):
        self.catalog, self.titles = index.catalog, index


def imported(index, films):
    """What an import takes films for: item_idx, or None, of each."""
    finder = FilmFinder(Model(index), "ml-latest-small")
    found = (finder.find(Entry(place="line 1", titles=(name,), year=year, needs_year=True)) for name, year in films)
    ids = index.catalog.item_ids.tolist()
    return [None if item_id is None else ids.index(item_id) for item_id in found]


def found_by_title(index, films):
    """What `find` takes them for."""
    items = []
    for name, year in films:
        try:
            items.append(index.find(f"{name} ({year})"))
        except DataError:
            items.append(None)
    return items


@pytest.mark.parametrize("looked_up", [found_by_title, imported])
def test_well_known_films_are_found_as_letterboxd_writes_them(index, asked, looked_up):
    found = looked_up(index, asked)
    missing = [film for film, item in zip(asked, found, strict=True) if item is None]
    assert len(asked) - len(missing) >= LEAST_FOUND, missing
    for (name, year), item in zip(asked, found, strict=True):
        if item is not None:
            shown = index.catalog.display_title(item)
            assert abs(index.catalog.year[item] - year) <= 1, (name, shown)
            words = {word for word in folded(name).split() if len(word) > 3}
            is_within = key_of(folded(name)) in key_of(folded(shown))
            assert is_within or words & {*folded(shown).split()}, (name, shown)
    assert len({*found}) == len(found) - max(len(missing) - 1, 0)  # no film is taken for two


def test_import_and_find_mean_the_same_films(index, asked):
    pairs = zip(found_by_title(index, asked), imported(index, asked), strict=True)
    assert all(one == other for one, other in pairs if other is not None)


def test_where_the_films_are_not_there_an_import_takes_none_for_them(index, asked):
    others = without(index, [item for item in found_by_title(index, asked) if item is not None])
    assert [film for film, item in zip(asked, imported(others, asked), strict=True) if item is not None] == []


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("star wars 1977", "Star Wars: Episode IV - A New Hope (1977)"),
        ("star wars empire", "Star Wars: Episode V - The Empire Strikes Back (1980)"),
        ("empire star wars", "Star Wars: Episode V - The Empire Strikes Back (1980)"),
        ("wall-e", "WALL·E (2008)"),
        ("amelie", "Amelie (Le Fabuleux destin d'Amélie Poulain) (2001)"),
        ("twelve monkeys", "Twelve Monkeys (a.k.a. 12 Monkeys) (1995)"),
        ("12 monkeys", "Twelve Monkeys (a.k.a. 12 Monkeys) (1995)"),
        ("twelve angry", "12 Angry Men (1957)"),
        ("500 days", "(500) Days of Summer (2009)"),
        ("rocky four", "Rocky IV (1985)"),
        ("godfather 2", "The Godfather: Part II (1974)"),
        ("godfahter", "The Godfather (1972)"),
    ],
)
def test_a_search_box_finds_them_first(index, typed, title):
    assert index.catalog.display_title(index.search(typed)[0]) == title
