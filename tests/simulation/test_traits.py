"""Traits against a hand computation."""

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import FilmFacts, Interactions
from recsys.simulation.traits import dissent, novelty, tiers, traits_of, usual_genres

STARS = sp.csr_array(
    np.array(
        [
            [5, 3, 0, 0, 0, 0],
            [3, 3, 4, 0, 0, 0],
            [1, 0, 4, 2, 5, 1],
            [0, 0, 0, 2, 0, 0],
        ],
        dtype=np.float32,
    )
)
GENRES = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 1], [1, 1, 0], [0, 0, 0]], dtype=bool)


def test_usual_genres_are_the_fewest_that_hold_four_fifths_of_the_mentions():
    found = usual_genres(STARS, GENRES.astype(float))
    # mentions: (2 0 0), (2 1 0), (2 3 1), (0 1 1)
    assert found.tolist() == [[True, False, False], [True, True, False], [True, True, False], [False, True, True]]


def test_dissent_is_the_mean_squared_distance_from_the_films_means():
    # means: 3, 3, 4, 2, 5, 1
    np.testing.assert_allclose(dissent(STARS), [2.0, 0.0, 4 / 5, 0.0])


def test_new_is_the_share_of_a_films_genres_that_somebody_hardly_watches():
    found = novelty(STARS, GENRES.astype(float))
    assert found[0].tolist() == [0, 0, 1, 1, 0.5, 0]
    assert found[3].tolist() == [1, 1, 0, 0, 0.5, 0]


def test_tiers_are_cut_at_percentiles():
    assert tiers(np.arange(1, 11), (60, 90)).tolist() == [0] * 6 + [1] * 3 + [2]
    assert tiers(np.zeros(5), (33, 66)).tolist() == [0] * 5
    assert tiers(np.zeros(0), (33, 66)).tolist() == []


def test_traits_of_four_people_by_hand():
    traits = traits_of(Interactions(STARS, films=FilmFacts(genres=GENRES)))
    assert traits.activity.tolist() == [0, 1, 2, 0]  # 2, 3, 5, 1 ratings; cuts at 2.8 and 4.4
    assert traits.diversity.tolist() == [0, 1, 1, 1]  # 1, 2, 2, 2 genres; cuts at 1.99 and 2
    # 2, 0, .8, 0; cuts at 0 and 1.28: the nearest to the mean conform most
    assert traits.conformity.tolist() == [0, 2, 1, 2]


def test_without_genres_nobody_is_varied_and_nothing_new():
    plain = Interactions(STARS)
    assert traits_of(plain).diversity.tolist() == [0] * 4
    assert not novelty(STARS, np.zeros((6, 0))).any()


@pytest.mark.parametrize("n_people", [0, 1])
def test_few_people_have_traits_too(n_people):
    assert len(traits_of(Interactions(STARS[:n_people])).activity) == n_people
