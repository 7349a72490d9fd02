"""The plainest predictors, worked by hand on half stars and on stars to ten."""

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import HALF_STARS, RatingScale
from recsys.models.simple.means import GlobalMean, ItemMean, UserMean

# two films with ratings, one without; a person without ratings
TRAIN = sp.csr_array(np.array([[0.5, 4.5, 0], [1.5, 0, 0], [0, 0, 0], [4.0, 0, 0]], dtype=np.float32))
MEAN = (0.5 + 4.5 + 1.5 + 4.0) / 4
MODELS = [GlobalMean, ItemMean, UserMean]


def test_everybody_gives_the_mean_of_all_ratings():
    assert (
        GlobalMean(scale=HALF_STARS).fit(Interactions(TRAIN)).predict(Histories(TRAIN[:2])).tolist() == [[MEAN] * 3] * 2
    )


def test_a_film_gets_the_mean_of_its_ratings_and_one_without_that_of_all():
    found = ItemMean(scale=HALF_STARS).fit(Interactions(TRAIN)).predict(Histories(TRAIN[:2]))
    assert found.tolist() == [[2.0, 4.5, MEAN]] * 2


def test_a_person_gives_the_mean_of_the_own_history_and_somebody_without_that_of_all():
    history = sp.csr_array(np.array([[0.5, 4.5, 4.5, 0], [0, 0, 0, 0], [0, 0, 3.5, 0]], dtype=np.float32)[:, :3])
    found = UserMean(scale=HALF_STARS).fit(Interactions(TRAIN)).predict(Histories(history))
    np.testing.assert_allclose(found, np.repeat([[9.5 / 3], [MEAN], [3.5]], 3, axis=1), rtol=1e-6)


@pytest.mark.parametrize("made", MODELS)
def test_without_any_ratings_everything_is_the_middle_of_the_scale(made):
    nothing = sp.csr_array((2, 3), dtype=np.float32)
    for scale, middle in ((HALF_STARS, 2.75), (RatingScale(lowest=1.0, highest=10.0), 5.5)):
        model = made(scale=scale).fit(Interactions(nothing))
        assert model.predict(Histories(nothing)).tolist() == [[middle] * 3] * 2


@pytest.mark.parametrize("made", MODELS)
def test_the_score_is_the_predicted_stars_and_a_model_comes_back_from_its_arrays(made):
    model = made(scale=HALF_STARS).fit(Interactions(TRAIN))
    again = made(scale=HALF_STARS).restore(model.arrays())
    assert again.predict(Histories(TRAIN)).dtype == np.float32
    np.testing.assert_array_equal(again.predict(Histories(TRAIN)), model.predict(Histories(TRAIN)))
    np.testing.assert_array_equal(model.score(Histories(TRAIN)), model.predict(Histories(TRAIN)))
    assert model.array_shapes() == {"mean": "", "item_mean": "I"}
