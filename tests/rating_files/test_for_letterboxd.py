"""The table for Letterboxd: what stands in it, and that it comes back as it was."""

import csv
from datetime import UTC, datetime
from io import StringIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.data.scale import HALF_STARS, RatingScale
from recsys.films.catalog import Catalog, Film
from recsys.models.simple.popularity import Popularity
from recsys.rating_files import letterboxd_writer, rating_writer, read_rating_file
from recsys.rating_files.entries import Entry
from recsys.rating_files.films import FilmFinder
from recsys.recommend.film_keys import keys_of
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.film_names import named
from recsys.store import FilmName, FilmRow
from tests.support.small_models import artifact_of, ratings

FILMS = {
    1: Film("Fargo (1996)", ("Drama",), imdb="tt0116282", tmdb=275),
    2: Film("Usual Suspects, The (1995)", ("Drama",), imdb="tt0114814", tmdb=629),
    3: Film("City of Lost Children, The (Cité des enfants perdus, La) (1995)", ("Drama",)),
    4: Film("Hercules (2014)", ("Drama",), imdb="tt1043726", tmdb=188207),
    5: Film("Hercules (2014)", ("War",), imdb="tt1267297", tmdb=184315),
    6: Film("=1+1 (2001)", ("War",)),
    7: Film("M (1931)", ("War",), tmdb=832),
}
MOMENT, DAY = "2026-11-01T12:00:00+00:00", "2026-11-01T00:00:00+00:00"


def model_of(films=FILMS, scale=HALF_STARS):
    stars = ratings(shape=(30, len(films)))
    catalog = Catalog.from_films(np.array([*films]), films)
    return Recommender(artifact_of("popularity", Popularity(scale=scale), stars), catalog)


def row(item_id, stars, film, dataset="elsewhere", at=MOMENT):
    return FilmRow(dataset, item_id, stars, at if stars != "" else "", "", "", film)


def table(*rows):
    text = StringIO(newline="")
    write = letterboxd_writer(text)
    for one in rows:
        write(one)
    return text.getvalue()


def test_the_columns_are_those_that_letterboxd_imports():
    film = FilmName("City of Lost Children (Cité, La)", 1995, "tt0112682", 902, 5.0)
    (found,) = csv.DictReader(StringIO(table(row(3, 4.5, film, at=DAY))))
    assert found == {
        "Title": "City of Lost Children",
        "Year": "1995",
        "Rating": "4.5",
        "imdbID": "tt0112682",
        "tmdbID": "902",
        "WatchedDate": "2026-11-01",
    }


def test_a_rating_that_was_made_on_the_page_is_no_day_of_watching():
    (found,) = csv.DictReader(StringIO(table(row(3, 4.5, FilmName("Fargo", 1996, None, None, 5.0)))))
    assert (found["Title"], found["Rating"], found["WatchedDate"]) == ("Fargo", "4.5", "")


def test_films_without_stars_or_a_name_are_left_out():
    film = FilmName("Fargo", 1996, None, None, 5.0)
    later = row(3, "", film)._replace(mark="later")
    assert table(row(1, "", film), row(2, 4.0, None), later).count("\n") == 1


def test_a_film_that_was_seen_is_watched_without_stars_and_date():
    film = FilmName("Fargo", 1996, "tt0116282", 275, 5.0)
    seen = row(1, "", film)._replace(mark="seen", marked_at=MOMENT)
    (found,) = csv.DictReader(StringIO(table(seen)))
    assert (found["Title"], found["Rating"], found["WatchedDate"]) == ("Fargo", "", "")


@given(st.sampled_from([(0.5, 5.0, 0.5), (1.0, 5.0, 1.0), (1.0, 10.0, 1.0), (0.5, 4.0, 0.5)]), st.data())
def test_ratings_of_every_scale_are_halves_from_a_half_to_five(scale, data):
    lowest, highest, step = scale
    levels = RatingScale(lowest=lowest, highest=highest, step=step).levels.tolist()
    stars = data.draw(st.sampled_from(levels))
    (found,) = csv.DictReader(StringIO(table(row(1, stars, FilmName("A", 1990, None, None, highest)))))
    written = float(found["Rating"])
    assert 0.5 <= written <= 5
    assert (2 * written).is_integer()
    assert abs(written - 5 * stars / highest) <= 0.25 or written == 0.5


def test_the_file_comes_back_as_it_was():
    model = model_of({number: film for number, film in FILMS.items() if number != 5})  # or no title tells 4 and 5 apart
    stars = {item_id: 0.5 + item_id / 2 for item_id in model.catalog.item_ids.tolist()}
    names, keys = named(model), keys_of(model)
    content = table(*(row(item, value, names[keys.key_of(item)], at=DAY) for item, value in stars.items()))
    file = read_rating_file(content.encode(), model)
    assert file.source == "a table for Letterboxd"
    assert file.stars == stars
    assert set(file.when.values()) == {datetime(2026, 11, 1, tzinfo=UTC)}
    assert (file.left_out, file.rounded) == ((), 0)


def test_the_own_table_names_films_of_data_sets_that_are_not_here():
    text = StringIO(newline="")
    write = rating_writer(text, lambda dataset, item_id: "")
    write(row(9, 4.0, FilmName("Usual Suspects, The", 1995, None, None, 5.0)))
    write(row(8, 4.0, None))
    rows = [*csv.DictReader(StringIO(text.getvalue()))]
    assert [one["title"] for one in rows] == ["Usual Suspects, The (1995)", ""]
    assert [*rows[0]] == ["title", "dataset", "item_id", "stars", "rated_at", "mark", "marked_at"]
    file = read_rating_file(text.getvalue().encode(), model_of())
    assert file.stars == {2: 4.0}


def test_films_that_share_a_number_have_no_ids_that_only_one_of_them_has():
    model = model_of()
    keys, names = keys_of(model), named(model)
    assert keys.key_of(4) == keys.key_of(5)
    assert names[keys.key_of(4)] == FilmName("Hercules", 2014, None, None, 5.0)


# ---- ids of other sites


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ({"titles": ("Whatever",), "imdb": "tt0116282"}, 1),
        ({"titles": ("Whatever",), "tmdb": 275}, 1),
        ({"titles": ("Hercules",), "year": 2014}, 4),  # which stands for both that are called so
        ({"titles": ("Hercules",), "year": 2014, "tmdb": 188207}, 4),
        ({"titles": ("Hercules",), "year": 2014, "imdb": "tt1267297"}, 4),
        ({"titles": ("Fargo",), "year": 1996, "tmdb": 1}, None),  # another film of that name
        ({"titles": ("Fargo",), "year": 1996, "tmdb": 1, "imdb": "tt0116282"}, 1),
        ({"titles": ("M",), "year": 1931, "imdb": "tt0022100"}, 7),  # the data has no such id of it
        ({"titles": ("M",), "year": 1932}, 7),
        ({"titles": ("M",), "year": 1932, "tmdb": 5}, None),
        ({"titles": ("Fargo",), "year": 1996, "tmdb": 275, "no_film": "tv show"}, None),
    ],
)
def test_a_film_is_found_by_its_ids_and_never_another_than_they_say(entry, found):
    model = model_of()
    assert FilmFinder(model, "elsewhere").find(Entry(place="line 1", **entry)) == found


def test_an_id_that_different_films_have_names_none():
    twice = {1: Film("A (1990)", ("War",), tmdb=7), 2: Film("B (1990)", ("War",), tmdb=7)}
    assert FilmFinder(model_of(twice), "elsewhere").find(Entry(place="line 1", titles=("C",), tmdb=7)) is None
