import numpy as np
import pytest
import scipy.sparse as sp

from recsys.recommend.lists.reasons import (
    likeness_of,
    most_telling,
    named,
    rarity,
    rating_in_words,
    support_of,
    with_and_without,
    without_rating,
    worth_naming,
)
from tests.support.small_models import N_ITEMS, fitted, ratings

TRAIN = ratings(1)
LINEAR = fitted("ease", TRAIN)
EVERY = np.arange(N_ITEMS)
HISTORY = TRAIN[[2]]
GIVEN = np.arange(HISTORY.nnz)  # places of its ratings


def test_a_history_is_followed_by_itself_without_each_rating():
    history = sp.csr_array([[0, 5.0, 0, 3.0, 1.0]])
    expected = [[0, 5, 0, 3, 1], [0, 0, 0, 3, 1], [0, 5, 0, 0, 1], [0, 5, 0, 3, 0]]
    np.testing.assert_array_equal(with_and_without(history, np.arange(history.nnz)).toarray(), expected)
    np.testing.assert_array_equal(with_and_without(sp.csr_array((1, 3)), np.arange(0)).toarray(), [[0, 0, 0]])


def test_what_a_linear_model_adds_up_is_what_supports_a_film():
    """EASE's score is a sum over ratings of grade * weight; the mean over all films is taken off."""
    support = support_of(LINEAR, None, HISTORY, GIVEN, EVERY)
    added = LINEAR.feedback(HISTORY).data[:, None] * LINEAR.matrix()[HISTORY.indices]
    np.testing.assert_allclose(support, added - added.mean(axis=1, keepdims=True), atol=1e-5)


def reasons(support, ranked, likeness=None):
    return named(support[:, ranked], np.ones((len(support), len(ranked))) if likeness is None else np.array(likeness))


def test_the_strongest_reason_is_named_and_none_where_nothing_speaks_for_a_film():
    support = np.array([[0.5, -1.0, 0.0], [0.2, -2.0, 0.1]])
    assert reasons(support, [2, 1, 0]) == [1, None, 0]
    assert reasons(np.zeros((0, 3)), [1, 0]) == [None, None]


def test_a_model_that_tells_everybody_the_same_has_no_reasons():
    support = support_of(fitted("popularity", TRAIN), None, HISTORY, GIVEN, EVERY)
    assert reasons(support, EVERY) == [None] * N_ITEMS


@pytest.mark.parametrize("name", ["hybrid-vae", "bmf-ordinal", "user-knn"])
def test_any_kind_of_model_can_be_asked(name):
    support = support_of(fitted(name, TRAIN), None, HISTORY, GIVEN, EVERY)
    assert support.shape == (HISTORY.nnz, N_ITEMS)
    np.testing.assert_allclose(support.mean(axis=1), 0, atol=1e-5)


@pytest.mark.parametrize("name", ["ease", "mult-vae", "hybrid-vae"])
def test_what_is_said_of_few_films_is_what_scores_of_all_say(name):
    model, items = fitted(name, TRAIN), np.array([4, 0, 11])
    quick, slow = (support_of(model, contrast, HISTORY, GIVEN, items) for contrast in (model, None))
    np.testing.assert_allclose(quick, slow, rtol=1e-3, atol=1e-4)
    assert support_of(model, model, HISTORY, GIVEN, items[:0]).shape == (HISTORY.nnz, 0)
    assert support_of(model, None, HISTORY, GIVEN[:0], items).shape == (0, len(items))


def test_how_much_films_are_liked_on_average_is_told_by_some_of_many(monkeypatch):
    model, items = fitted("mult-vae", TRAIN), np.array([4, 0, 11])
    every = support_of(model, model, HISTORY, GIVEN, items)
    monkeypatch.setattr("recsys.models.mult_vae.mult_vae.USUAL_FILMS", N_ITEMS // 2)
    some = support_of(model, model, HISTORY, GIVEN, items)
    moved = some - every  # by as much for all films
    assert np.abs(moved).max() > 0
    np.testing.assert_allclose(moved, np.broadcast_to(moved[:, :1], moved.shape), atol=1e-5)


def test_what_has_nothing_in_common_is_never_a_reason():
    support = np.array([[0.9, 0.9, 0.9], [0.2, -0.1, 0.3]])
    assert reasons(support, [0, 1, 2], likeness=[[0, 0, 0.1], [0.5, 0.5, 0]]) == [1, None, 0]


def test_of_those_that_speak_for_a_film_about_as_much_the_most_alike_is_named():
    support = np.array([[1.0], [0.6], [0.4], [0.9], [0.8]])
    alike = [[0.1], [0.9], [0.8], [0.2], [0.3]]  # the second is not among the three strongest, the third is too weak
    assert reasons(support, [0], likeness=alike) == [4]
    assert reasons(support[:3], [0], likeness=alike[:3]) == [1]


def test_a_rating_that_was_named_gives_way_to_one_that_is_nearly_as_much_alike():
    support = np.ones((2, 4))
    assert reasons(support, [0, 1, 2, 3], likeness=[[0.9] * 4, [0.6] * 4]) == [0, 0, 1, 0]


@pytest.mark.parametrize(
    ("stars", "expected"),
    [([5, 4, 3, 1], [1, 1, 0, 0]), ([3.5, 5, 5], [0, 1, 1]), ([4, 4], [1, 1]), ([2, 3, 1], [0, 0, 0]), ([], [])],
)
def test_worth_naming_is_what_is_neither_below_the_middle_nor_below_the_persons_mean(stars, expected):
    assert worth_naming(np.array(stars, dtype=np.float32), middle=3.0).tolist() == expected


def test_films_are_alike_by_common_genres_and_by_time_as_worked_by_hand():
    genres = np.array([[1, 1, 0], [0, 0, 1], [0, 0, 0]], dtype=bool)
    others = np.array([[1, 0, 0], [0, 1, 1]], dtype=bool)
    found = likeness_of(genres, np.array([1990.0, 1990, np.nan]), others, np.array([1990.0, 2000]))
    close, far = 0.3, 0.3 / np.e
    np.testing.assert_allclose(found, [[0.35 + close, 0.7 / 3 + far], [0, 0.35 + far], [0.07, 0.07]])


def test_films_that_share_too_little_have_nothing_in_common():
    genres, others = np.array([[1.0, 3, 0]]), np.array([[1.0, 0, 0], [1, 3, 0], [1, 0, 1]])
    years = np.array([1990.0])
    found = likeness_of(genres, years, others, np.array([1990.0] * 3), least=0.25)
    np.testing.assert_allclose(found, [[0.7 / 4 + 0.3, 1, 0]])


def test_genres_that_few_films_have_tell_more_and_formats_tell_nothing():
    genres = np.array([[1, 0, 1], [1, 0, 0], [1, 1, 0], [0, 0, 1]], dtype=bool)
    np.testing.assert_allclose(rarity(genres, ["Drama", "Western", "IMAX"]), [np.log(4 / 3), np.log(4), 0])


@pytest.mark.parametrize(("stars", "words"), [(5, "5 stars"), (1, "1 star"), (3.5, "3.5 stars")])
def test_a_rating_is_said_in_words(stars, words):
    history = sp.csr_array([[0, 2.0, 0, stars]])
    assert rating_in_words(history, 1, ["A", "B", "C", "Heat (1995)"]) == f"you gave Heat (1995) {words}"


def test_without_a_rating_a_film_that_many_like_is_said_to_be_one_and_of_others_nothing_is_said():
    assert [without_rating(item, np.array([1.0, 3.0])) for item in (0, 1)] == ["", "many people like it"]


def test_of_many_ratings_the_highest_are_tried_as_reasons():
    tried = most_telling(HISTORY, GIVEN, 3)
    assert sorted(HISTORY.data[tried]) == sorted(HISTORY.data)[-3:]
    np.testing.assert_array_equal(most_telling(HISTORY, GIVEN), GIVEN)
    every, some = (support_of(LINEAR, None, HISTORY, places, EVERY) for places in (GIVEN, tried))
    np.testing.assert_allclose(some, every[tried], atol=1e-6)


def test_what_cannot_be_named_is_not_tried():
    possible = GIVEN[1::2]
    assert set(most_telling(HISTORY, possible, 2)) <= set(possible)
    np.testing.assert_array_equal(most_telling(HISTORY, possible), possible)


def test_in_a_large_catalogue_fewer_ratings_are_tried(monkeypatch):
    monkeypatch.setattr("recsys.recommend.lists.reasons.FEWEST_TRIED", 2)
    monkeypatch.setattr("recsys.recommend.lists.reasons.MOST_CELLS", 3 * TRAIN.shape[1])
    tried = most_telling(HISTORY, GIVEN)
    assert len(tried) == 3
    assert HISTORY.data[tried].min() >= np.delete(HISTORY.data, tried).max()
