"""Profiles of genres, worked by hand."""

import numpy as np
import scipy.sparse as sp

from recsys.models.vae.genre_profiles import GenreProfiles

GENRES = np.array([[True, False], [True, True], [False, True]])  # three films
RESIDUALS = sp.csr_array([[1.0, -0.5, 0.0], [0.0, 0.5, 2.0], [0.0, 0.0, 0.0]])
LIKES = sp.csr_array([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0], [0.0, 0.0, 0.0]])


def test_a_profile_is_what_films_of_a_genre_get_and_how_often_they_are_liked():
    """Of 3 likes in all 2 are of genre 0 and 2 of genre 1; 5 films are added to whatever is known."""
    profiles = GenreProfiles(GENRES.astype(float), np.array([2 / 3, 2 / 3]), np.ones(4))
    found = profiles.of(RESIDUALS, LIKES)
    first = [0.5 / 7, -0.5 / 6, (1 - 2 / 3) / 6, (0 - 2 / 3) / 6]
    second = [0.5 / 6, 2.5 / 7, (1 - 4 / 3) / 7, (2 - 4 / 3) / 7]
    np.testing.assert_allclose(found, [first, second, [0, 0, 0, 0]], rtol=1e-6)


def test_profiles_are_in_standard_deviations_of_people_s():
    learned = GenreProfiles.learn(GENRES, RESIDUALS, LIKES)
    np.testing.assert_allclose(learned.reference, [2 / 3, 2 / 3])
    np.testing.assert_allclose(np.mean(learned.of(RESIDUALS, LIKES) ** 2, axis=0), 1, rtol=1e-6)


def test_a_genre_that_says_nothing_is_no_number_over_0():
    learned = GenreProfiles.learn(np.zeros((3, 1), dtype=bool), RESIDUALS, LIKES)
    assert learned.spread.tolist() == [1, 1]
    nobody = GenreProfiles.learn(GENRES, sp.csr_array((0, 3)), sp.csr_array((0, 3)))
    assert nobody.spread.tolist() == [1] * 4
    assert GenreProfiles.learn(np.zeros((3, 0)), RESIDUALS, LIKES).of(RESIDUALS, LIKES).shape == (3, 0)


def test_who_asks_for_a_genre_is_one_standard_deviation_above_the_usual_in_both():
    learned = GenreProfiles.learn(GENRES, RESIDUALS, LIKES)
    assert learned.asked(np.array([[False, True]])).tolist() == [[0, 1, 0, 1]]


def test_people_would_name_the_genres_that_stand_out():
    stated = GenreProfiles.learn(GENRES, RESIDUALS, LIKES).stated(LIKES)
    assert stated.shape == (3, 3, 2)
    assert stated[0].tolist()[:2] == [[True, False], [False, True]]
