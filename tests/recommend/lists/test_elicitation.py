"""What to ask a newcomer."""

import numpy as np
import pytest

from recsys.recommend.lists.elicitation import NOISE, films_to_rate, reductions, updated, variance_after

SEEDS = range(5)


def catalogue(seed: int, n_films: int = 25, n_dimensions: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Random vectors of films and numbers of ratings."""
    rng = np.random.default_rng(seed)
    return rng.normal(0, 1, (n_films, n_dimensions)), rng.integers(1, 300, n_films)


def naive_next(vectors, n_ratings, asked):
    """Whichever film lowers the summed variance most, times its ratings: every posterior worked out from scratch."""
    films = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def left(asked_about):
        heard = films[asked_about]
        variance = np.linalg.inv(np.eye(films.shape[1]) + heard.T @ heard / NOISE)
        return sum(n * film @ variance @ film for n, film in zip(n_ratings, films, strict=True))

    still = [item for item in range(len(films)) if item not in asked]
    gains = {item: n_ratings[item] * (left(asked) - left([*asked, item])) for item in still}
    return max(gains, key=gains.get)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_film_is_the_one_that_lowers_the_variance_most_times_the_chance_that_it_was_seen(seed):
    vectors, n_ratings = catalogue(seed)
    expected: list[int] = [3, 11]
    for _ in range(6):
        expected.append(naive_next(vectors, n_ratings, expected))
    np.testing.assert_array_equal(films_to_rate(vectors, n_ratings, [3, 11], k=6), expected[2:])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_list_is_what_would_come_one_by_one(seed):
    vectors, n_ratings = catalogue(seed)
    at_once = films_to_rate(vectors, n_ratings, k=8)
    np.testing.assert_array_equal(films_to_rate(vectors, n_ratings, at_once[:5], k=3), at_once[5:])
    np.testing.assert_array_equal(films_to_rate(vectors, n_ratings, k=1), at_once[:1])


def test_what_an_answer_leaves_unknown_worked_by_hand():
    """With noise of .3 one answer leaves .3 / 1.3 of the taste along a film, two leave .3 / 2.3, and all across it."""
    film = np.array([0.6, 0.8])
    for asked, left in (([film], 3 / 13), ([film, film], 3 / 23)):
        variance = variance_after(np.array(asked))
        assert film @ variance @ film == pytest.approx(left)
        assert variance @ [0.8, -0.6] == pytest.approx([0.8, -0.6])
    np.testing.assert_allclose(updated(variance_after(np.array([film])), film), variance_after(np.array([film, film])))


def test_what_an_answer_is_worth_worked_by_hand():
    """Films along (1, 0) and (.6, .8), of weights .75 and .25: sums of .84 and .52 fall by as much over 1.3."""
    films, shares = np.array([[1.0, 0.0], [0.6, 0.8]]), np.array([0.75, 0.25])
    weighted = films.T * shares @ films
    np.testing.assert_allclose(weighted, [[0.84, 0.12], [0.12, 0.16]])
    np.testing.assert_allclose(reductions(films, np.eye(2), weighted), [0.84 / 1.3, 0.52 / 1.3])


@pytest.mark.parametrize("seed", SEEDS)
def test_what_an_answer_is_worth_is_the_fall_of_the_weighted_variance(seed):
    vectors, n_ratings = catalogue(seed)
    films = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    weighted, variance = films.T * n_ratings @ films, variance_after(films[:3])
    falls = [np.trace(weighted @ (variance - updated(variance, film))) for film in films]
    np.testing.assert_allclose(reductions(films, variance, weighted), falls, rtol=1e-9)


def test_films_count_by_how_many_know_them_both_as_a_question_and_as_what_is_to_be_known():
    """The first lies along a well-known film that nobody may be asked about; as questions both are as well known."""
    vectors = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    offered = np.array([True, True, False, False])
    assert films_to_rate(vectors, np.array([10, 10, 900, 20]), k=1, offered=offered).tolist() == [0]
    assert films_to_rate(vectors, np.array([10, 10, 20, 900]), k=1, offered=offered).tolist() == [1]
    assert films_to_rate(vectors, np.array([10, 1000, 900, 20]), k=1, offered=offered).tolist() == [1]


@pytest.mark.parametrize("offered", [None, np.ones(3, dtype=bool)])
def test_a_film_with_a_single_rating_may_be_asked_about(offered):
    assert films_to_rate(np.eye(3), np.array([0, 1, 2]), k=5, offered=offered).tolist() == [2, 1]


def test_ten_films_are_named_where_no_number_is():
    vectors, n_ratings = catalogue(0)
    assert len(films_to_rate(vectors, n_ratings)) == 10


def test_renumbering_the_films_renumbers_the_answer():
    vectors, n_ratings = catalogue(1)
    order = np.random.default_rng(0).permutation(len(vectors))
    renumbered = films_to_rate(vectors[order], n_ratings[order], k=6)
    np.testing.assert_array_equal(order[renumbered], films_to_rate(vectors, n_ratings, k=6))


def test_among_films_that_tell_alike_the_best_known_comes_first():
    assert films_to_rate(np.eye(4), np.array([20, 50, 30, 40]), k=4).tolist() == [1, 3, 2, 0]


def test_a_film_like_one_that_was_asked_about_waits_for_one_that_is_not():
    vectors = np.array([[1, 0], [1, 0.01], [0, 1], [0.01, 1]])
    n_ratings = np.array([100, 99, 90, 89])
    assert films_to_rate(vectors, n_ratings, k=2).tolist() == [0, 2]
    assert films_to_rate(vectors, n_ratings, [2], k=1).tolist() == [0]
    assert films_to_rate(vectors, n_ratings, [0], k=1).tolist() == [2]


def test_how_long_a_vector_is_does_not_matter():
    vectors, n_ratings = catalogue(2)
    longer = vectors * np.linspace(0.1, 10, len(vectors))[:, None]
    np.testing.assert_array_equal(films_to_rate(longer, n_ratings, k=9), films_to_rate(vectors, n_ratings, k=9))


def test_only_films_that_are_offered_and_that_somebody_rated_are_asked_about_and_none_twice():
    vectors, n_ratings = catalogue(3)
    n_ratings[::5] = 0
    offered = np.arange(25) < 20
    asked = films_to_rate(vectors, n_ratings, [1, 2], k=100, offered=offered)
    assert sorted(asked) == [item for item in range(20) if item % 5 and item not in (1, 2)]
    assert offered.sum() == 20


def test_nothing_is_left_to_ask_once_everything_was_asked():
    vectors, n_ratings = catalogue(4)
    assert films_to_rate(vectors, n_ratings, np.arange(25)).tolist() == []
    assert films_to_rate(vectors, np.zeros(25, dtype=int)).tolist() == []


def test_genres_will_do_and_a_film_of_which_nothing_is_known_comes_last():
    genres = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 1]], dtype=bool)
    asked = films_to_rate(genres.astype(np.float64), np.array([400, 100, 90, 80]), k=4)
    assert (sorted(asked), asked[-1]) == ([0, 1, 2, 3], 0)


def test_only_films_that_many_rated_are_asked_about(monkeypatch):
    vectors, n_ratings = catalogue(2, n_films=60)
    monkeypatch.setattr("recsys.recommend.lists.elicitation.MOST_KNOWN", 10)
    known = np.argsort(-n_ratings, kind="stable")[:11]
    asked = films_to_rate(vectors, n_ratings, known[:1], k=20)
    assert sorted(asked) == sorted(known[1:])  # those after the one that was asked about


def test_of_films_that_tell_the_same_the_lower_comes_first():
    assert films_to_rate(np.ones((7, 2)), np.full(7, 5), [1], k=3).tolist() == [0, 2, 3]
