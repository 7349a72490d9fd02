"""Hues of films: films of one kind share a colour."""

import numpy as np
import pytest

from recsys.films.catalog import Catalog, Film
from recsys.recommend.hues import hues_of_genres, hues_of_places
from recsys.recommend.latent import FilmMap, FilmTastes

N_KINDS, N_OF_A_KIND = 5, 40


def apart(hues, others):
    """Degrees between hues, at most 180."""
    return np.abs((hues - others + 180) % 360 - 180)


@pytest.fixture(scope="module")
def kinds():
    """Tastes of films of a few kinds, laid out on a map: (kind of each film, hue of each film)."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((N_KINDS, 12))
    kind = np.repeat(np.arange(N_KINDS), N_OF_A_KIND)
    vectors = (centres[kind] + 0.3 * rng.standard_normal((len(kind), 12))).astype(np.float32)
    tastes = FilmTastes(vectors, np.full(len(kind), 1 / len(kind)))
    return kind, [hues_of_places(FilmMap.of(tastes).coordinates, tastes.chances) for _ in range(2)]


def test_films_of_one_kind_share_a_hue_more_than_others_do_and_always_the_same(kinds):
    kind, (hues, again) = kinds
    assert np.array_equal(hues, again)
    distance, same = apart(hues[:, None], hues), kind[:, None] == kind
    assert distance[same].mean() < 0.5 * distance[~same].mean()


def test_hues_follow_the_direction_from_the_middle_of_the_map():
    around = np.linspace(-np.pi, np.pi, 12, endpoint=False)
    far = np.array([1, 2, 3] * 4)[:, None]
    hues = hues_of_places(far * np.column_stack([np.cos(around), np.sin(around)]), np.ones(12))
    assert np.diff(hues).tolist() in ([30] * 11, [30] * 10 + [-330])
    assert set(hues.tolist()) == set(range(0, 360, 30))


def test_films_that_are_met_often_take_more_of_the_circle():
    around = np.radians([-170, 10, 20, 30])
    places = np.column_stack([np.cos(around), np.sin(around)])
    assert hues_of_places(places, np.array([1.0, 4.0, 2.0, 1.0])).tolist() == [45, 225, 315, 0]


def test_a_film_in_the_middle_of_the_map_has_a_hue_too():
    assert hues_of_places(np.zeros((1, 2)), np.ones(1)).tolist() == [0]


def test_a_film_has_the_hue_of_its_rarest_genre_and_those_without_one_share_one():
    genres = [("Drama",), ("Drama", "War"), ("War",), ("Comedy", "Drama"), ("Comedy",), ("Comedy",), (), ()]
    films = {item: Film(f"Film {item} (1990)", listed) for item, listed in enumerate(genres)}
    catalog = Catalog.from_films(np.arange(len(films)), films)  # Comedy, Drama: 3 films; War: 2
    assert hues_of_genres(catalog, np.arange(len(films))).tolist() == [90, 180, 180, 0, 0, 0, 270, 270]
    assert hues_of_genres(catalog, np.array([7, 1])).tolist() == [270, 180]
    assert hues_of_genres(catalog, np.array([], dtype=int)).tolist() == []


def test_films_of_which_no_genre_is_known_have_a_hue_too():
    catalog = Catalog.from_films(np.arange(2), {0: Film("A"), 1: Film("B")})
    assert hues_of_genres(catalog, np.arange(2)).tolist() == [0, 0]
