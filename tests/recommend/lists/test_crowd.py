"""How many like a film: worked by hand on three scales."""

import numpy as np
import pytest
from scipy import stats

from recsys.artifacts.artifact import Items
from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.films.catalog import Catalog, Film
from recsys.recommend.lists.crowd import Crowd, expected_likes

SCALES = [WHOLE_STARS, HALF_STARS, RatingScale(lowest=1.0, highest=10.0)]


def stars_at(share: float, scale: RatingScale) -> float:
    """The stars that lie this far up a scale."""
    return scale.lowest + share * (scale.highest - scale.lowest)


@pytest.mark.parametrize("scale", SCALES)
def test_a_film_s_likes_are_the_part_of_a_normal_curve_above_five_eighths_of_the_scale(scale):
    means = np.array([stars_at(share, scale) for share in (0.375, 0.625, 0.875)])
    likes = expected_likes(np.array([10, 20, 40]), means, scale)
    np.testing.assert_allclose(likes, [10 * stats.norm.sf(1), 20 * 0.5, 40 * stats.norm.cdf(1)], rtol=1e-12)


def test_of_five_stars_half_of_the_ratings_around_three_and_a_half_are_of_four_or_more():
    np.testing.assert_allclose(expected_likes(np.array([8]), np.array([3.5]), WHOLE_STARS), [4.0])


@pytest.mark.parametrize("scale", SCALES)
def test_the_average_of_the_others_is_that_of_their_ratings(scale):
    """30 ratings at the top and 10 at the bottom: three quarters up the scale, half a spread above what is a like."""
    means = np.array([scale.highest, scale.lowest, 0.0])
    likes = expected_likes(np.array([30, 10, 6]), means, scale)
    assert likes[2] == pytest.approx(6 * stats.norm.cdf(0.5))


@pytest.mark.parametrize("scale", SCALES)
def test_where_no_mean_is_known_every_film_counts_as_one_of_the_middle(scale):
    """The middle is half a spread below what is a like."""
    likes = expected_likes(np.array([4, 2]), np.zeros(2), scale)
    np.testing.assert_allclose(likes, np.array([4, 2]) * stats.norm.sf(0.5))


def crowd(n_ratings, mean_stars, scale=WHOLE_STARS) -> Crowd:
    ids = np.arange(len(n_ratings))
    catalog = Catalog.from_films(ids, {int(item): Film(f"Film {item} (1990)") for item in ids})
    return Crowd(Items(ids, np.array(n_ratings), np.array(mean_stars, dtype=np.float32), ()), catalog, scale)


def test_the_mean_of_all_is_that_of_the_ratings_and_the_middle_where_none_is_known():
    assert crowd([30, 10, 5], [4.0, 2.0, 0.0]).mean_of_all == pytest.approx(3.5)
    assert crowd([3, 4], [0.0, 0.0]).mean_of_all == 3.0


def test_of_standing_is_what_is_known_and_not_disliked_worked_by_hand():
    """1,000 ratings, of which the first four films have 900; the third's mean is (100 * 2 + 10 * 3.5) / 110 < 3."""
    mean = (500 * 4 + 250 * 3.2 + 100 * 2 + 50 * 5 + 49 * 5 + 51 * 0.2) / 1000
    films = crowd([500, 250, 100, 51, 50, 49], [4.0, 3.2, 2.0, 0.2, 5.0, 5.0])
    assert films.mean_of_all == pytest.approx(mean, rel=1e-5)
    assert films.of_standing.tolist() == [True, True, False, False, False, False]


def test_of_few_ratings_little_is_believed():
    """Both are known; 2 ratings of 1 star say little, 40 do."""
    assert crowd([90, 2], [4.0, 1.0]).of_standing.tolist() == [True, False]
    assert crowd([90, 30, 30], [4.0, 2.9, 2.0]).of_standing.tolist() == [True, True, False]


def test_where_no_ratings_are_known_every_film_is_of_standing():
    assert crowd([0, 0], [0.0, 0.0]).of_standing.all()


def test_everybodys_ratings_are_those_of_all_ids_of_a_film_where_they_are_told():
    ids = np.arange(3)
    catalog = Catalog.from_films(ids, {0: Film("Twin (1991)"), 1: Film("Twin (1991)"), 2: Film("Few (1990)")})
    counts = np.array([[1, 0, 0, 0, 5], [0, 2, 0, 0, 4], [0, 0, 0, 0, 0]])
    items = Items(ids, np.array([6, 6, 3]), np.array([4.3, 4.0, 0.0], dtype=np.float32), (), counts)
    films = Crowd(items, catalog, WHOLE_STARS)
    assert films.histogram(0) == films.histogram(1) == (1, 2, 0, 0, 9)
    assert films.histogram(2) == ()
    assert crowd([6], [4.0]).histogram(0) == ()
