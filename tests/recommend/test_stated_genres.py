"""The genres that people would name: worked by hand, against a naive loop, and under changes that must not matter."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.stated_genres import PSEUDO_LIKES, genre_shares, stated_genres
from tests.support.small_models import ratings

LIKED_FROM = 4.0
GENRES = np.array([[1, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 1, 1], [0, 0, 0]], dtype=bool)  # of six films


def named(stars: list[float], reference: list[float], n_genres: int = 1) -> list[int]:
    """The genres that one person names."""
    history = sp.csr_array(np.array([stars], dtype=np.float32))
    return np.flatnonzero(stated_genres(history, GENRES, np.array(reference), n_genres, LIKED_FROM)[0]).tolist()


def test_shares_are_of_likes():
    """Five likes: films 0, 2, 2, 4 and 5; three of them have genre 0, three genre 1, one genre 2."""
    history = sp.csr_array(np.array([[5, 3, 4, 0, 4, 5], [3, 1, 4, 2, 0, 0]], dtype=np.float32))
    np.testing.assert_allclose(genre_shares(history, GENRES, LIKED_FROM), [3 / 5, 3 / 5, 1 / 5])


def test_shares_of_nothing_are_zero():
    assert genre_shares(sp.csr_array((2, 6)), GENRES, LIKED_FROM).tolist() == [0, 0, 0]


def test_what_stands_out_is_named_and_not_what_is_most():
    """Likes 3 films of genre 0, 2.4 expected: 8 / 7.4 = 1.08; and 2 of genre 1, 0.4 expected: 7 / 5.4 = 1.30."""
    stars = [5, 4, 5, 4, 0, 0]
    assert named(stars, [0.6, 0.1, 0.1]) == [1]
    assert named(stars, [0.6, 0.1, 0.1], 2) == [0, 1]


def test_one_film_of_a_rare_genre_does_not_outweigh_many():
    """Twelve dramas of 13 likes where half would be expected, and one film noir where a tenth of one would be."""
    genre_matrix = np.zeros((13, 2), dtype=bool)
    genre_matrix[:12, 0] = genre_matrix[12, 1] = True
    history, reference = sp.csr_array(np.full((1, 13), 5.0)), np.array([0.5, 0.01])
    assert stated_genres(history, genre_matrix, reference, 1, LIKED_FROM).tolist() == [[True, False]]
    assert 12 / 6.5 < 1 / 0.13  # the bare ratio would name film noir


def test_a_rating_below_a_like_says_nothing():
    assert named([3.5, 3, 2, 0, 4, 0], [0.1, 0.5, 0.4]) == [2]


def test_equal_genres_go_to_the_lower():
    assert named([0, 0, 5, 0, 0, 0], [0.2, 0.2, 0.0]) == [0]


def test_nobody_names_a_genre_of_which_they_like_no_film():
    assert named([5, 4, 0, 1, 1, 0], [0.9, 0.3, 0.0], 3) == [0]


@pytest.mark.parametrize("stars", [[0, 0, 0, 0, 0, 0], [3, 1, 2, 1, 1, 1], [0, 0, 0, 0, 0, 5]])
def test_who_likes_no_film_of_any_genre_names_the_most_liked(stars):
    assert named(stars, [0.2, 0.5, 0.3], 2) == [1, 2]


def test_everybody_may_name_another_number_even_more_than_there_are():
    history = sp.csr_array(np.full((4, 6), 5, dtype=np.float32))
    stated = stated_genres(history, GENRES, np.array([0.3, 0.3, 0.3]), np.array([1, 2, 3, 9]), LIKED_FROM)
    assert stated.sum(axis=1).tolist() == [1, 2, 3, 3]
    assert (stated[1:] >= stated[:-1]).all()


def naive_stated(stars: np.ndarray, genre_matrix: np.ndarray, reference: np.ndarray, n_genres: int) -> set[int]:
    liked = [item for item, given_stars in enumerate(stars) if given_stars >= LIKED_FROM]
    n_likes = [sum(bool(genre_matrix[item, genre]) for item in liked) for genre in range(len(reference))]
    lift = {
        genre: (PSEUDO_LIKES + n) / (PSEUDO_LIKES + len(liked) * reference[genre])
        for genre, n in enumerate(n_likes)
        if n
    } or dict(enumerate(reference))
    return set(sorted(lift, key=lambda genre: (-lift[genre], genre))[:n_genres])


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), n_genres=st.integers(1, 4))
def test_the_rule_agrees_with_a_naive_loop(seed, n_genres):
    history = ratings(seed, (12, 15), 0.3)
    genre_matrix = np.random.default_rng(seed).random((15, 6)) < 0.3
    reference = genre_shares(history, genre_matrix, LIKED_FROM)
    stated = stated_genres(history, genre_matrix, reference, n_genres, LIKED_FROM)
    for row, stars in zip(stated, history.toarray(), strict=True):
        assert set(np.flatnonzero(row)) == naive_stated(stars, genre_matrix, reference, n_genres)


def test_one_by_one_equals_all_at_once():
    history, genre_matrix = ratings(1), np.random.default_rng(0).random((23, 5)) < 0.3
    reference = genre_shares(history, genre_matrix, LIKED_FROM)
    together = stated_genres(history, genre_matrix, reference, 2, LIKED_FROM)
    for person in range(40):
        alone = stated_genres(history[[person]], genre_matrix, reference, 2, LIKED_FROM)
        np.testing.assert_array_equal(alone[0], together[person])
