"""What there is to explore: its lists and maps against what the model says, other models, what is made meanwhile."""

import json
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from recsys.artifacts.artifact import save_artifact
from recsys.artifacts.fitting import artifact_of
from recsys.artifacts.runs import ALL
from recsys.data.interactions import Histories
from recsys.data.movielens import load_dataset
from recsys.data.scale import HALF_STARS
from recsys.errors import DataError
from recsys.models import create
from recsys.recommend import answers, exploring
from recsys.recommend.exploring import (
    LatentSpace,
    between,
    checked_seed,
    favourite_genres,
    imaginary_viewer,
    listed,
    mapped_films,
    may_be_met,
    taste_coordinates,
    two_unlike,
)
from recsys.recommend.latent import path_between
from recsys.recommend.recommender import Recommender
from recsys.serve.background import Background
from recsys.serve.other_models import SERVED, OtherModels
from recsys.testing.synthetic import low_rank
from recsys.ui.explore import cards as explore_cards
from recsys.ui.explore.compare import Column, side_by_side
from recsys.ui.shared.latent_spaces import shown_of, tastes_if_there
from tests.support.small_models import small_config

N_FILMS = 60
GENRES = ("Crime", "Drama", "War")
PATIENCE = 60  # seconds


def write_data(folder: Path) -> Path:
    """60 films of three genres, the last with markup in its title."""
    folder.mkdir()
    ratings = low_rank(60, N_FILMS, 1500, seed=0, scale=HALF_STARS)
    users, items = ratings.nonzero()
    rows = [f"{user},{item},{stars},0" for user, item, stars in zip(users, items, ratings.data, strict=True)]
    (folder / "ratings.csv").write_text("\n".join(["userId,movieId,rating,timestamp", *rows, ""]))
    films = [f"{item},{title(item)},{GENRES[item % 3]}" for item in range(N_FILMS)]
    (folder / "movies.csv").write_text("\n".join(["movieId,title,genres", *films, ""]))
    return folder


def title(item: int) -> str:
    return f"Film {item} (1990)" if item < N_FILMS - 1 else "<b>Bold</b> (1990)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_data(tmp_path_factory.mktemp("explore") / "films")


def made(name: str, folder: Path) -> Recommender:
    dataset = load_dataset(folder, min_ratings=1)
    ratings, catalog = dataset.ratings.matrix(), dataset.catalog
    model = create(name, dataset.ratings.scale, config=small_config(name))
    model.fit(dataset.interactions())
    return Recommender(artifact_of(name, model, ratings, dataset, split=ALL, seed=0), catalog)


@pytest.fixture(scope="module")
def generative(folder) -> Recommender:
    return made("mult-vae", folder)


@pytest.fixture(scope="module")
def linear(folder) -> Recommender:
    return made("ease", folder)


@pytest.fixture(scope="module")
def space(generative) -> LatentSpace:
    return LatentSpace.of(generative)


def waited(ask):
    """What something that is made in the background comes to."""
    deadline = time.monotonic() + PATIENCE
    while (found := ask()) is None:
        assert time.monotonic() < deadline, f"nothing came in {PATIENCE} s"
        time.sleep(0.02)
    return found


# ---- plain values


def test_a_path_is_shown_in_its_order_with_what_everybody_thinks_of_the_films(generative, space):
    films = between(generative, space, "Film 3", "film 8 (1990)")
    items, like = [generative.titles.find(film.title) for film in films], generative.likeness
    assert items == path_between(space.tastes, items[0], items[-1], 5, may_be_met(generative), like).tolist()
    assert (films[0].title, films[-1].title) == ("Film 3 (1990)", "Film 8 (1990)")
    assert 3 <= len(films) <= 7
    assert generative.crowd.of_standing[items[1:-1]].all()
    assert {film.predicted_stars for film in films} == {None}
    assert all(film.n_ratings > 0 for film in films)


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        ("film 3", "There is no way from a film to itself: choose two films that differ"),
        ("Qqq", "no film is called 'Qqq'"),
        (None, "None"),
        (["Film 8"], "Film 8"),
        ({}, "{}"),
    ],
)
def test_what_is_no_other_film_is_refused(generative, space, end, sentence):
    with pytest.raises(DataError, match=sentence):
        between(generative, space, "Film 3", end)


def test_the_map_has_every_film_once_where_the_film_map_puts_it(generative, space):
    sent = json.loads(mapped_films(generative, space))
    assert sorted(film[0] for film in sent["films"]) == sorted(map(title, range(N_FILMS)))
    for name, across, up, genres, near in sent["films"]:
        item = generative.titles.find(name)
        np.testing.assert_allclose([across, up], 1000 * space.film_map.coordinates[item], atol=0.51)
        assert [sent["genres"][at] for at in genres] == list(generative.catalog.genres[item])
        likeness = dict(zip(generative.display_titles, space.tastes.likeness(space.tastes.vectors[item]), strict=True))
        others = sorted((other for other in likeness if other != name), key=likeness.get, reverse=True)
        assert {sent["films"][at][0] for at in near} == set(others[:3])
    ratings = [generative.crowd.n_ratings(generative.titles.find(film[0])) for film in sent["films"]]
    assert ratings == sorted(ratings, reverse=True)
    standing = {sent["films"][at][0] for at in sent["standing"]}
    of_standing = np.flatnonzero(generative.crowd.of_standing)
    assert standing == {generative.display_titles[item] for item in of_standing}
    assert 0 < len(standing) < N_FILMS


def test_a_path_meets_the_most_rated_films_that_people_like(generative, monkeypatch):
    every = may_be_met(generative)
    assert (every == generative.crowd.of_standing).all()
    monkeypatch.setattr(exploring, "MOST_MET", 3)
    met = np.flatnonzero(may_be_met(generative))
    most_rated = [item for item in generative.titles.item_of.values() if every[item]][:3]
    assert sorted(met) == sorted(most_rated)


def test_a_map_of_many_films_has_the_most_rated_only(generative, space, monkeypatch):
    monkeypatch.setattr(exploring, "MOST_ON_MAP", 4)
    films = [film[0] for film in json.loads(mapped_films(generative, space))["films"]]
    assert films == list(generative.titles.item_of)[:4]


def test_a_person_lies_where_the_map_puts_their_taste_and_nobody_lies_nowhere(generative, space):
    ratings = {"Film 3 (1990)": 5.0, "Film 8 (1990)": 4.5}
    taste = generative.model.latent(Histories(generative.history(ratings)))[0][0]
    place = taste_coordinates(generative, space, ratings)
    np.testing.assert_allclose(place, 1000 * space.film_map.place(taste), atol=0.51)
    assert taste_coordinates(generative, space, {}) is None


def test_an_imaginary_viewer_watches_what_the_model_draws_the_best_first(generative):
    viewer = imaginary_viewer(generative, 7)
    drawn = generative.sample(20, 7)
    assert sorted(viewer.watched) == sorted(zip(drawn.title, drawn.stars, strict=True))
    stars = [given for _, given in viewer.watched]
    assert stars == sorted(stars, reverse=True)
    assert imaginary_viewer(generative, 7) == viewer
    assert imaginary_viewer(generative, 8).watched != viewer.watched


def test_genres_stand_out_against_what_all_people_rated(generative):
    crimes = generative.for_genres(["Crime"], k=8)
    assert favourite_genres(generative, crimes)[0] == "Crime"


@pytest.mark.parametrize("seed", [-1, 10**6, 0.5, float("nan"), float("inf"), "7", None, True, [7]])
def test_no_viewer_has_such_a_number(seed):
    with pytest.raises(DataError, match="No viewer has this number: choose a whole one from 0 to 999,999"):
        checked_seed(seed)


def test_a_whole_number_is_a_viewer():
    assert [checked_seed(seed) for seed in (0, 7.0, 999_999)] == [0, 7, 999_999]


def test_a_list_to_compare_is_that_of_the_recommender(linear):
    ratings = {"Film 3 (1990)": 5.0, "Film 8 (1990)": 4.5}
    assert [film.title for film in listed(linear, ratings)] == linear.recommend(ratings).title.tolist()
    first = linear.recommend(ratings).title.tolist()[0]
    without = linear.recommend(ratings, exclude=[first]).title.tolist()
    assert [film.title for film in listed(linear, ratings, [first])] == without


def test_a_list_to_compare_leaves_out_what_rate_leaves_out(generative):
    low, high = "Film 3 (1990)", "Film 8 (1990)"
    usual = [{low: 5.0, high: 5.0}, {low: 0.5, high: 5.0}, {title(item): 5.0 for item in range(0, 30, 2)}]
    for ratings in usual:
        shown = [film.title for film in answers.recommend(generative, ratings)]
        assert [film.title for film in listed(generative, ratings)] == shown
    whole = [generative.recommend(ratings, below_usual=True).title.tolist() for ratings in usual]
    assert [[film.title for film in listed(generative, ratings)] for ratings in usual] != whole


def test_a_first_path_joins_films_that_share_no_genre(generative):
    genres = [set(generative.catalog.genres[generative.titles.find(film)]) for film in two_unlike(generative)]
    assert not genres[0] & genres[1]


# ---- what is made in the background


def test_something_is_made_once_however_many_ask_for_it():
    gate, calls = threading.Event(), []
    kept = Background[str, str]({})

    def make() -> str:
        calls.append(1)
        gate.wait(PATIENCE)
        return "made"

    assert [kept.ask("it", make) for _ in range(5)] == [None] * 5
    gate.set()
    assert waited(lambda: kept.ask("it", make)) == "made"
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("error", "sentence"), [(DataError("no such data"), "no such data"), (ValueError("x"), r"ready \(ValueError\)")]
)
def test_what_could_not_be_made_is_said_once_and_tried_again(error, sentence):
    kept = Background[str, str]({})

    def fail() -> str:
        raise error

    with pytest.raises(DataError, match=sentence):
        waited(lambda: kept.ask("it", fail))
    assert waited(lambda: kept.ask("it", lambda: "made")) == "made"


def test_the_latent_space_is_worked_out_meanwhile(generative):
    spaces = Background({})
    first, waiting, timer = shown_of(spaces, generative)
    assert (first, "Finding out which films are alike" in waiting, timer.active) == (None, True, True)
    vectors = waited(lambda: tastes_if_there(spaces, generative))
    found, nothing, timer = shown_of(spaces, generative)
    np.testing.assert_array_equal(found.tastes.vectors, vectors)
    assert (nothing, timer.active) == ("", False)


def test_a_model_without_a_latent_space_says_so(linear):
    spaces = Background({})
    found, sentence, timer = shown_of(spaces, linear)
    assert (found, timer.active) == (None, False)
    assert "ease, has no latent space to look into" in sentence
    assert tastes_if_there(spaces, linear) is None


# ---- other models


def test_models_to_compare_are_quick_ones_and_saved_ones_of_the_same_data_but_not_the_one_that_answers(
    folder, generative, linear, tmp_path
):
    save_artifact(tmp_path / "run" / "artifacts" / "all" / "mult-vae", generative.artifact)
    save_artifact(tmp_path / "old" / "artifacts" / "u1" / "ease", linear.artifact)
    (tmp_path / "broken" / "artifacts" / "u1" / "als").mkdir(parents=True)
    (tmp_path / "broken" / "artifacts" / "u1" / "als" / "recsys.json").write_text("{")
    others = OtherModels(str(folder), tmp_path)
    assert others.names(linear) == [SERVED, "popularity", "user-knn", "svd", "als", "vae", "mult-vae"]
    loaded = waited(lambda: others.ask("mult-vae", linear))
    np.testing.assert_allclose(
        loaded.model.score(Histories(loaded.history({}))),
        generative.model.score(Histories(generative.history({}))),
        rtol=1e-5,
    )


def test_a_quick_model_is_trained_on_the_data_of_the_one_that_answers(folder, linear, tmp_path):
    others = OtherModels(str(folder), tmp_path / "none")
    assert others.ask(SERVED, linear) is linear
    popular = waited(lambda: others.ask("popularity", linear))
    expected = made("popularity", folder)
    assert listed(popular, {}) == listed(expected, {})
    assert others.progress == {}


@pytest.mark.parametrize("name", ["ease", "bmf", "../x", None, 3, ["svd"]])
def test_a_model_that_is_not_offered_is_refused(folder, linear, tmp_path, name):
    with pytest.raises(DataError, match="There is no such model here: choose one of popularity, user-knn"):
        OtherModels(str(folder), tmp_path).checked(name, linear)


def test_data_that_cannot_be_had_are_said_in_the_place_of_the_list(linear, tmp_path):
    others = OtherModels(str(tmp_path / "films"), tmp_path)

    def column():
        found = Column.of(others, "popularity", linear, {})
        return None if found.waits else found

    assert "films" in waited(column).instead


# ---- HTML


def test_films_in_both_lists_are_marked_with_their_other_place():
    shown = side_by_side(Column("a", ["X", "Y"]), Column("b", ["Z", "X"]))
    assert shown.count('class="both"') == 2
    assert "#2 in the other list" in shown
    assert "#1 in the other list" in shown


def test_everything_from_outside_is_escaped(generative, space):
    bold = "<b>Bold</b> (1990)"
    viewer = exploring.Viewer(1, ["<i>"], [(bold, 4.0)])
    shown = [
        explore_cards.way(between(generative, space, bold, "Film 3")),
        explore_cards.person(viewer, 5.0),
        side_by_side(Column("<b>", [bold]), Column("b", [bold])),
    ]
    for html in shown:
        assert "&lt;" in html
        assert "<b>" not in html.replace("<b>Film", "")
        assert "<i>" not in html


def test_stars_are_drawn_whole_and_said_exactly():
    drawn = explore_cards.drawn_stars(3.6, 5.0)
    assert "★★★★<span>★</span>" in drawn
    assert 'aria-label="3.6 of 5 stars"' in drawn
