"""Values per user, worked by hand on scales of every kind."""

import numpy as np
import pytest
import scipy.sparse as sp

from eval.measures.per_user import counts, forecast_errors, levels_of, list_quality, rating_errors
from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale

TO_TEN = RatingScale(lowest=1.0, highest=10.0)
BY_THREES = RatingScale(lowest=2.0, highest=8.0, step=3.0)
TENTHS = RatingScale(lowest=0.5, highest=1.0, step=0.1)  # whose levels no float holds exactly
SCALES = [WHOLE_STARS, HALF_STARS, TO_TEN, BY_THREES, TENTHS]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", SCALES)
def test_the_place_of_a_rating_is_counted_from_the_lowest_level(scale, dtype):
    held_out = sp.csr_array(scale.levels[np.newaxis, ::-1].astype(dtype))
    places = levels_of(held_out, scale)
    assert places.dtype == np.int64
    assert places.tolist() == list(range(len(scale.levels)))[::-1]


@pytest.mark.parametrize("scale", SCALES)
def test_a_forecast_is_judged_by_what_it_gave_to_the_level_that_came(scale):
    """Two people: the lowest level was given .4, the highest .1 and then .2."""
    n_levels = len(scale.levels)
    held_out = sp.csr_array(np.array([[scale.lowest, 0, scale.highest, 0], [0, 0, 0, 0], [0, scale.highest, 0, 0]]))
    forecast = np.zeros((3, n_levels))
    forecast[:, 0], forecast[:, -1] = [0.4, 0.9, 0.8], [0.6, 0.1, 0.2]
    errors = forecast_errors(forecast, held_out, scale)
    np.testing.assert_allclose(errors["negative_log_likelihood"], [-np.log(0.4 * 0.1), 0, -np.log(0.2)], rtol=1e-12)
    # every threshold is passed with these same probabilities, each in a bin of its own
    np.testing.assert_allclose(errors["calibration_error"], [0.6 + 0.9, 0, 0.8], rtol=1e-12)


def test_predicted_stars_are_clipped_to_half_stars_and_the_paper_s_errors_are_not():
    held_out = sp.csr_array(np.array([[0.5, 0, 5.0], [0, 3.5, 0]]))
    stars = np.array([[-1.5, 0.5, 7.0], [0.0, 2.0, 0.0]])
    errors = rating_errors(stars, held_out, HALF_STARS)
    assert errors["squared_error"].tolist() == [0, 1.5**2]
    assert errors["absolute_error"].tolist() == [0, 1.5]
    assert errors["paper_squared_error"].tolist() == [2**2 + 0.5**2 + 2**2, 1.5**2]
    assert errors["paper_absolute_error"].tolist() == [2 + 0.5 + 2, 1.5]


@pytest.mark.parametrize(("scale", "squared"), [(TO_TEN, 2**2 + 1), (WHOLE_STARS, 0.0)])
def test_where_stars_are_clipped_follows_the_scale(scale, squared):
    held_out = sp.csr_array(np.array([[5.0, 5.0]]))
    assert rating_errors(np.array([[7.0, 6.0]]), held_out, scale)["squared_error"].tolist() == [squared]


def test_what_is_divided_by_counts_items_ratings_and_relevant_ones():
    held_out = sp.csr_array(np.array([[1.0, 0, 5.0, 4.0], [0, 2.0, 0, 0]]))
    relevant = sp.csr_array(np.array([[0, 0, 1, 1], [0, 0, 0, 0]]))
    found = counts(held_out, relevant)
    assert {name: values.tolist() for name, values in found.items()} == {
        "n_items": [4, 4],
        "n_test_ratings": [3, 1],
        "n_relevant": [2, 0],
    }


def test_lists_are_judged_at_every_length_and_who_has_nothing_relevant_gets_0():
    """Nothing is relevant to the second person; one film is to the third, and stands on the second place."""
    relevant = sp.csr_array(np.array([[1, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 1]]))
    ranked = np.array([[1, 0, 3], [0, 1, 2], [0, 3, 2]])
    found = list_quality(ranked, relevant, ks=(1, 3))
    second, third = 1 / np.log2(3), 1 / np.log2(4)
    expected = {
        "precision@1": (0, 0),
        "recall@1": (0, 0),
        "f1@1": (0, 0),
        "ndcg@1": (0, 0),
        "mrr@1": (0, 0),
        "precision@3": (2 / 3, 1 / 3),
        "recall@3": (1, 1),
        "f1@3": (2 * 2 / (3 + 2), 2 * 1 / (3 + 1)),
        "ndcg@3": ((second + third) / (1 + second), second),
        "mrr@3": (1 / 2, 1 / 2),
    }
    assert list(found) == list(expected)
    for name, (of_first, of_third) in expected.items():
        np.testing.assert_allclose(found[name], [of_first, 0, of_third], rtol=1e-12, err_msg=name)
