"""What models see, against dense tables: cut, kept and put together, with times that stay beside their ratings."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.movielens import load_dataset
from tests.support.data_folders import write_tabbed

seeds = st.integers(0, 2**32 - 1)


def drawn(seed: int, n_people: int = 7, n_films: int = 5) -> tuple[np.ndarray, np.ndarray, Interactions]:
    """Stars and times as dense tables, 0 where there is no rating, and the same as interactions."""
    rng = np.random.default_rng(seed)
    stars = rng.integers(1, 6, (n_people, n_films)) * (rng.random((n_people, n_films)) < 0.5)
    times = np.where(stars > 0, rng.integers(1, 10**9, stars.shape), 0)
    matrix = sp.csr_array(stars.astype(np.float32))
    people = pd.DataFrame({"age": rng.integers(10, 80, n_people)})
    return stars, times, Interactions(matrix, times[stars > 0], FilmFacts(), people)


def dense_times(of: Interactions | Histories) -> np.ndarray:
    """(n, I) times, 0 where there is no rating."""
    table = np.zeros(of.shape, dtype=np.int64)
    table[of.stars.nonzero()] = of.times
    return table


@given(seed=seeds)
def test_some_of_the_ratings_keep_their_times(seed):
    stars, times, data = drawn(seed)
    kept = data.only(data.stars.data >= 3)
    np.testing.assert_array_equal(kept.stars.toarray(), np.where(stars >= 3, stars, 0))
    np.testing.assert_array_equal(dense_times(kept), np.where(stars >= 3, times, 0))
    assert (kept.films, kept.people) == (data.films, data.people)


@given(seed=seeds)
def test_some_people_keep_their_times_and_facts_in_the_order_that_is_asked_for(seed):
    stars, times, data = drawn(seed)
    rows = np.random.default_rng(seed).permutation(7)[:4]
    few, people = data.of_people(rows), data.histories[rows]
    for each in (few, people):
        np.testing.assert_array_equal(each.stars.toarray(), stars[rows])
        np.testing.assert_array_equal(dense_times(each), times[rows])
    assert few.people.age.tolist() == data.people.age[rows].tolist()


@given(seed=seeds, size=st.integers(1, 9))
def test_batches_are_everybody_in_order_with_what_each_asks_for(seed, size):
    stars, times, data = drawn(seed)
    genres = np.random.default_rng(seed).random((7, 3)) < 0.5
    batches = [*Histories(data.stars, data.times, genres).batches(size)]
    assert {len(batch) for batch in batches[:-1]} <= {size}
    np.testing.assert_array_equal(np.vstack([batch.stars.toarray() for batch in batches]), stars)
    np.testing.assert_array_equal(np.vstack([dense_times(batch) for batch in batches]), times)
    np.testing.assert_array_equal(np.vstack([batch.genres for batch in batches]), genres)


def test_one_person_is_made_of_a_dict_and_a_stranger_of_genres():
    person = Histories.of({3: 4.5, 0: 1.0}, 5, genres=np.array([True, False]))
    assert person.stars.toarray().tolist() == [[1.0, 0, 0, 4.5, 0]]
    assert person.genres.tolist() == [[True, False]]
    assert Histories.of({}, 5).stars.nnz == 0
    strangers = Histories.strangers(np.eye(2, dtype=bool), 5)
    assert (strangers.shape, strangers.stars.nnz, len(strangers)) == ((2, 5), 0, 2)


@pytest.mark.parametrize("made", [Interactions, Histories])
def test_a_time_too_few_is_noticed(made):
    with pytest.raises(AssertionError, match="a time for every rating"):
        made(sp.csr_array(np.ones((2, 2), dtype=np.float32)), np.arange(3))


def test_what_is_not_known_of_films_and_people_is_left_out():
    bare = drawn(0)[2].without_facts()
    assert (bare.films, bare.people) == (None, None)
    assert bare.times is not None


def test_a_data_set_gives_times_films_and_people_to_models(tmp_path):
    dataset = load_dataset(write_tabbed(tmp_path / "films"), min_ratings=1)
    ratings, keep = dataset.ratings, np.arange(dataset.ratings.n_ratings) % 3 > 0
    data = dataset.interactions(keep)
    expected = np.zeros(data.shape, dtype=np.int64)
    expected[ratings.user_idx[keep], ratings.item_idx[keep]] = ratings.timestamp[keep]
    np.testing.assert_array_equal(dense_times(data), expected)
    np.testing.assert_array_equal(data.stars.toarray(), ratings.matrix(keep).toarray())
    np.testing.assert_array_equal(data.films.genres, dataset.catalog.genre_matrix)
    np.testing.assert_array_equal(data.films.features, dataset.catalog.features())
    assert (data.films.titles, data.films.years) == (dataset.catalog.titles, dataset.catalog.year)
    assert data.people is dataset.users
