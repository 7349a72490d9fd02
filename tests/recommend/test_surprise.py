"""Films that surprise: good bets that are none of the usual suspects."""

import numpy as np
import pytest

from recsys.recommend import answers
from recsys.recommend.lists.filters import Filters
from recsys.recommend.lists.usual_stars import usual_stars
from recsys.recommend.surprise import FAMOUS, FURTHER_OUT, LIKED, UNUSUAL, surprise
from tests.support.pages.page_server import made, write_data
from tests.support.small_models import ratings

N_FILMS = 120
GIVEN = {"Film 3 (1903)": 5, "Film 5 (1905)": 4, "Film 10 (1910)": 2}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    titles = [f"Film {item} ({1900 + item})" for item in range(N_FILMS)]
    genres = ["Comedy|War" if item % 3 == 0 else "Drama" for item in range(N_FILMS)]
    return write_data(tmp_path_factory.mktemp("surprise") / "films", ratings(3, (60, N_FILMS), 0.3), titles, genres)


@pytest.fixture(scope="module", params=["item-knn", "popularity"])
def model(request, folder):
    return made(request.param, folder)


def every_surprise(model, given, **wanted):
    """All films that may be drawn."""
    films = {}
    for at in range(40):
        film = surprise(model, given, lambda below, at=at: at % below, **wanted)
        films[film.title] = film
    return films


@pytest.mark.parametrize("given", [GIVEN, {}])
def test_a_surprise_is_neither_listed_nor_famous_nor_rated_nor_below_the_usual(model, given):
    films = every_surprise(model, given)
    listed = {film.title for film in answers.recommend(model, given)}
    famous = {model.display_titles[item] for item in model.crowd.most_liked_first[: int(FAMOUS * N_FILMS)]}
    assert len(films) > 3
    assert not films.keys() & (listed | famous | given.keys())
    usual = usual_stars(np.array([*given.values()], dtype=float), model.crowd.mean_of_all)
    assert all(film.predicted_stars is None or film.predicted_stars >= usual - 0.01 for film in films.values())
    assert all(film.reason for film in films.values())
    assert {film.reason for film in films.values()} <= {LIKED, UNUSUAL} or given
    further = {film.title for film in answers.recommend(model, given, k=40, adventure=FURTHER_OUT)}
    assert films.keys() <= further


@pytest.mark.parametrize(("mean", "reason"), [(5.0, LIKED), (1.0, UNUSUAL), (None, UNUSUAL)])
def test_where_no_rating_speaks_the_crowd_does(model, monkeypatch, mean, reason):
    monkeypatch.setattr(model.crowd, "mean_stars", lambda item: mean)
    assert surprise(model, {}, lambda below: 0).reason == reason


def test_a_rating_that_speaks_for_a_surprise_is_its_reason(folder):
    films = every_surprise(made("item-knn", folder), GIVEN)
    assert any(film.reason == "you gave Film 3 (1903) 5 stars" for film in films.values())


def test_a_surprise_heeds_filters_and_what_is_not_wanted(model):
    wanted = Filters(genres=["War"], decades=["1920s"])
    films = every_surprise(model, GIVEN, filters=wanted)
    assert {title for title in films if "Comedy" not in films[title].genres or "(192" not in title} == set()
    one = next(iter(films))
    assert one not in every_surprise(model, GIVEN, filters=wanted, exclude=[one])
    every = [film.title for film in answers.recommend(model, {}, k=N_FILMS, filters=wanted)]
    assert surprise(model, {}, lambda below: 0, every, wanted) is None


def test_where_all_are_usual_suspects_one_of_them_has_to_do(model):
    listed = [film.title for film in answers.recommend(model, {}, k=N_FILMS)]
    film = surprise(model, {}, lambda below: 0, listed[1:])
    assert film.title == listed[0]
