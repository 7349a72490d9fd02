"""Lists in another order than the model's own, and genres that a film has to have all of."""

import numpy as np
import pytest

from recsys.errors import DataError, UnknownError
from recsys.recommend import answers
from recsys.recommend.lists.filters import Filters, about_few
from recsys.recommend.orders import BEST, HEAD, ORDER_NAMES, best_first
from tests.support.pages.page_server import made, write_data
from tests.support.small_models import ratings

N_FILMS = 70
GIVEN = {"Film 3 (1903)": 5, "Film 5 (1905)": 4}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    titles = [f"Film {item} (19{item:02})" if item % 7 else f"Film {item}" for item in range(N_FILMS)]
    genres = ["Comedy|War" if item % 3 == 0 else "War" if item % 3 == 1 else "Comedy" for item in range(N_FILMS)]
    return write_data(tmp_path_factory.mktemp("orders") / "films", ratings(3, (60, N_FILMS), 0.3), titles, genres)


@pytest.fixture(scope="module")
def model(folder):
    return made("item-knn", folder)


KEYS = {
    "most stars": lambda model, film: -film.predicted_stars,
    "newest": lambda model, film: -(model.catalog.year[model.titles.find(film.title)] or 0),
    "least known": lambda model, film: film.n_ratings,
}


@pytest.mark.parametrize("order", KEYS)
def test_the_head_of_a_list_is_sorted_and_equals_stay_as_they_are(model, order):
    head = answers.recommend(model, GIVEN, k=HEAD)
    expected = sorted(head, key=lambda film: round(KEYS[order](model, film), 2))
    found = answers.recommend(model, GIVEN, k=10, order=order)
    assert [round(KEYS[order](model, film), 2) for film in found] == [
        round(KEYS[order](model, film), 2) for film in expected[:10]
    ]
    assert {film.title for film in found} <= {film.title for film in head}
    reasons = {film.title: film.reason for film in head}
    assert all(film.reason == reasons[film.title] for film in found)


@pytest.mark.parametrize("order", ORDER_NAMES)
def test_a_longer_list_goes_on_where_a_shorter_one_ends(model, order):
    ten, twenty = (answers.recommend(model, GIVEN, k=k, order=order) for k in (10, 20))
    assert [film.title for film in twenty][:10] == [film.title for film in ten]
    of_genre = [answers.in_genres(model, Filters(genres=["War"]), GIVEN, k=k, order=order) for k in (10, 20)]
    assert [film.title for film in of_genre[1]][:10] == [film.title for film in of_genre[0]]


def test_any_films_are_put_in_the_order_in_which_they_would_be_listed(model):
    history = model.history(GIVEN)
    listed, _ = model.ranked(model.foreseen(history), N_FILMS, below_usual=True)
    shuffled = np.random.default_rng(0).permutation(listed)
    assert shuffled[best_first(model, history, shuffled)].tolist() == listed.tolist()


@pytest.mark.parametrize("order", ["", "stars", None, 5, ["newest"]])
def test_an_unknown_order_is_refused_with_those_that_there_are(model, order):
    with pytest.raises(UnknownError, match="for an order; expected one of these: best bet, most stars, newest, least"):
        answers.recommend(model, GIVEN, order=order)
    with pytest.raises(UnknownError, match="for an order"):
        answers.in_genres(model, Filters(genres=["War"]), order=order)


def test_a_model_without_stars_has_no_order_by_them(folder):
    with pytest.raises(DataError, match="popularity predicts no stars, so it knows no order by them; choose another"):
        answers.recommend(made("popularity", folder), GIVEN, order="most stars")
    assert answers.recommend(made("popularity", folder), GIVEN, order="newest")


def test_films_can_be_asked_for_that_have_all_of_some_genres(model):
    every = answers.in_genres(model, Filters(genres=["War", "Comedy"], all_of_them=True), k=N_FILMS)
    assert {tuple(film.genres) for film in every} == {("Comedy", "War")}
    assert len(every) == sum(set(listed) == {"War", "Comedy"} for listed in model.catalog.genres)
    assert {film.reason for film in every} == {""}
    assert {film.reason for film in answers.in_genres(model, Filters(genres=["War", "Comedy"]), k=N_FILMS)} == {
        "you asked for Comedy",
        "you asked for War",
        "you asked for Comedy, War",
    }


def test_few_films_of_all_genres_are_said_to_be_few(model):
    assert about_few(model, Filters(genres=["War", "Comedy"])) == ""
    n_films = sum(set(listed) == {"War", "Comedy"} for listed in model.catalog.genres)
    assert n_films > 20
    few = about_few(model, Filters(genres=["War", "Comedy"], decades=["1900s"], all_of_them=True))
    assert few == f"Only 3 films here fit, so there is little to choose from. Without “1900s”, {n_films} fit."


def test_one_genre_is_no_reason(model):
    assert {film.reason for film in answers.in_genres(model, Filters(genres=["War"]))} == {""}
    assert answers.recommend(model, GIVEN) == answers.recommend(model, GIVEN, order=BEST)
