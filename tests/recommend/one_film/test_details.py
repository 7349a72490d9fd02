"""What is known of one film: from whose ratings it follows, what speaks for it and against it."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.errors import DataError, UnknownError
from recsys.recommend import answers
from recsys.recommend.one_film.details import N_NEAR, details
from recsys.recommend.one_film.speaking import Rated, both_ends
from tests.support.pages.page_server import made, untrained, write_board

FILM, LIKE_IT, ALSO, UNLIKE_IT = "Film 8 (1968)", "Film 10 (1970)", "Film 12 (1972)", "Film 9 (1969)"
TWIN = "Twin (1991)"


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    return write_board(tmp_path_factory.mktemp("one-film") / "board")


@pytest.fixture(scope="module")
def svd(board):
    return made("svd", board)


def test_a_film_is_what_a_list_says_of_it_and_more(svd):
    found = details(svd, FILM, {LIKE_IT: 5.0})
    assert found.film == answers.predict(svd, {LIKE_IT: 5.0}, [FILM])[0]
    assert (found.title, found.name, found.year, found.other_titles) == (FILM, "Film 8", 1968, ())
    assert found.level_counts == (18, 0, 0, 0, 18)
    assert sum(found.level_counts) == found.film.n_ratings
    assert (found.given, found.has_rated, found.has_space) == (None, True, False)


def test_the_ratings_of_all_numbers_of_a_film_are_counted(svd):
    found = details(svd, TWIN, {})
    assert found.level_counts == (36, 0, 0, 0, 36)
    assert found.film.n_ratings == 72


def test_a_film_is_guessed_from_the_other_ratings_alone(svd):
    others = {LIKE_IT: 5.0}
    found = details(svd, FILM, {FILM: 1.0, **others})
    assert found.given == 1.0
    assert found.film == details(svd, FILM, others).film
    assert not details(svd, FILM, {FILM: 1.0}).has_rated


def test_a_model_without_stars_says_none_and_one_with_a_latent_space_says_so(board):
    popular = details(made("popularity", board), FILM, {LIKE_IT: 5.0})
    assert (popular.film.predicted_stars, popular.film.chances, popular.near) == (None, (), ())
    generative = details(untrained(board), FILM, {})
    assert generative.has_space
    assert len(generative.film.chances) == len(generative.levels)


def test_high_ratings_of_films_like_it_speak_for_it_and_low_ones_against_it(svd):
    liked = details(svd, FILM, {LIKE_IT: 5.0, UNLIKE_IT: 1.0, ALSO: 3.0}).speaking
    assert (liked.for_it, liked.against_it) == ((Rated(LIKE_IT, 5.0),), ())
    disliked = details(svd, FILM, {LIKE_IT: 1.0, UNLIKE_IT: 5.0, ALSO: 3.0}).speaking
    assert (disliked.for_it, disliked.against_it) == ((), (Rated(LIKE_IT, 1.0),))


@pytest.mark.parametrize("ratings", [{}, {FILM: 5.0}, {UNLIKE_IT: 1.0}, {LIKE_IT: 3.0}])
def test_where_nothing_sensible_can_be_said_nothing_is(svd, ratings):
    spoken = details(svd, FILM, ratings).speaking
    assert (spoken.for_it, spoken.against_it) == ((), ())


def test_near_films_are_known_and_liked_and_none_that_is_hidden(svd):
    near = [film.title for film in details(svd, FILM, {}).near]
    assert 0 < len(near) <= N_NEAR
    assert FILM not in near
    assert near[0] not in [film.title for film in details(svd, FILM, {}, hidden=[near[0]]).near]
    svd.crowd.of_standing[:] = False
    try:
        assert details(svd, FILM, {}).near == ()
    finally:
        del svd.crowd.of_standing


def test_a_film_is_found_by_what_people_call_it_and_has_its_other_titles(svd, monkeypatch):
    assert details(svd, "film 8", {}).title == FILM
    item = svd.titles.find(FILM)
    titles = (*svd.catalog.titles[:item], "Film 8, The (a.k.a. Eight) (Huit/Otto)", *svd.catalog.titles[item + 1 :])
    monkeypatch.setattr(svd, "catalog", replace(svd.catalog, titles=titles))
    found = details(svd, FILM, {})
    assert (found.name, found.other_titles) == ("The Film 8", ("Eight", "Huit", "Otto"))


def test_a_film_that_is_not_known_is_told_in_a_sentence(svd):
    with pytest.raises(UnknownError, match="no film is called 'twnn'; the nearest are 'Twin"):
        details(svd, "twnn", {})
    with pytest.raises(UnknownError, match="nothing is known of 'unknown': it has neither year nor genre"):
        details(svd, "unknown", {})
    for film in (None, 8, ["Film 8"], {"film": FILM}):
        with pytest.raises(DataError, match="expected its title"):
            details(svd, film, {})


def test_of_too_many_ratings_the_highest_and_the_lowest_are_tried():
    history = sp.csr_array(np.array([[3.0, 5.0, 1.0, 4.0, 2.0]], dtype=np.float32))
    every = np.arange(5)
    assert both_ends(history, every).tolist() == [0, 1, 2, 3, 4]
    assert both_ends(history, every, 3).tolist() == [1, 2, 3]
    assert both_ends(history, every, 1).tolist() == [1]
    assert both_ends(history, np.array([0, 3, 4]), 2).tolist() == [3, 4]
