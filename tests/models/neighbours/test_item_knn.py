"""item-knn: worked by hand, and against a plain loop over the definition."""

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.models.neighbours.config import ItemKNNConfig
from recsys.models.neighbours.item_knn import ItemKNN
from recsys.models.neighbours.star_votes import BLOCK
from recsys.models.simple.baseline import Baseline
from tests.support.small_models import ratings

TRAIN = ratings(1)


def cosine(first: np.ndarray, second: np.ndarray) -> float:
    length = np.linalg.norm(first) * np.linalg.norm(second)
    return float(first @ second / length) if length else 0.0


def by_definition(config: ItemKNNConfig, history: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Stars and scores of one person, (I,) each, film by film."""
    stars, n_items = TRAIN.toarray(), TRAIN.shape[1]
    baseline = Baseline(config.baseline).fit(Interactions(TRAIN))
    residuals = np.where(stars > 0, stars - baseline.predict(Histories(TRAIN)), 0.0)
    grades = np.where(stars > 0, (stars - 1) / 4, 0.0)
    own = sp.csr_array(history[None].astype(np.float32))
    person = np.where(history > 0, history - baseline.predict(Histories(own))[0], 0.0)
    found = baseline.predict(Histories(own))[0].astype(np.float64), np.zeros(n_items)
    for item in range(n_items):
        similar = []
        for other in range(n_items):
            both = (stars[:, item] > 0) & (stars[:, other] > 0) & (item != other)
            adjusted = cosine(residuals[both, item], residuals[both, other])
            graded = cosine(grades[:, item], grades[:, other])
            n = both.sum()
            shares = n / (n + config.shrinkage), n / (n + config.list_shrinkage)
            similar.append((max(adjusted, 0.0) * shares[0], max(graded, 0.0) * shares[1]))
        for kind, k in ((0, config.n_neighbours), (1, config.n_list_neighbours)):
            near = sorted(range(n_items), key=lambda other, kind=kind: -similar[other][kind])[:k]
            votes = [(similar[other][kind], other) for other in near if history[other] > 0]
            if kind:
                found[1][item] = sum(weight * (history[other] - 1) / 4 for weight, other in votes)
            else:
                said = sum(weight * person[other] for weight, other in votes)
                found[0][item] += said / (sum(weight for weight, _ in votes) + config.l2)
    return found


@pytest.mark.parametrize("config", [ItemKNNConfig(), ItemKNNConfig(n_neighbours=4, n_list_neighbours=3, shrinkage=7)])
def test_answers_are_those_of_the_definition(config):
    model, people = ItemKNN(config).fit(Interactions(TRAIN)), ratings(2)[:3]
    for person in range(3):
        stars, scores = by_definition(config, people[[person]].toarray()[0])
        np.testing.assert_allclose(model.predict(Histories(people))[person], stars, atol=1e-5)
        np.testing.assert_allclose(model.score(Histories(people))[person], scores, atol=1e-6)


def test_a_film_liked_by_the_same_people_is_found_and_its_stars_follow():
    stars = np.array([[5, 5, 1, 1], [4, 5, 1, 2], [1, 1, 5, 5], [2, 1, 4, 5]] * 5, dtype=np.float32)
    model = ItemKNN(ItemKNNConfig(shrinkage=0, list_shrinkage=0)).fit(Interactions(sp.csr_array(stars)))
    fan = sp.csr_array(np.array([[5, 0, 0, 0]], dtype=np.float32))
    assert np.argmax(model.score(Histories(fan))[0, 1:]) == 0
    assert model.predict(Histories(fan))[0, 1] > model.predict(Histories(fan))[0, 2] + 0.5


def test_answers_do_not_change_the_model():
    model, people = ItemKNN().fit(Interactions(TRAIN)), ratings(2)
    first = model.predict(Histories(people)), model.score(Histories(people))
    np.testing.assert_array_equal(first, (model.predict(Histories(people)), model.score(Histories(people))))


def test_films_beyond_one_block_are_worked_out_alike():
    rng = np.random.default_rng(0)
    stars = sp.csr_array((rng.integers(1, 6, (30, 7)) * (rng.random((30, 7)) < 0.6)).astype(np.float32))
    copies = BLOCK // 7 + 2
    many = sp.csr_array(sp.hstack([stars, sp.csr_array((30, 7 * copies), dtype=np.float32)]))
    one, more = (ItemKNN(ItemKNNConfig()).fit(Interactions(matrix)) for matrix in (stars, many))
    np.testing.assert_allclose(more.score(Histories(many))[:, :7], one.score(Histories(stars)), rtol=1e-6)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"n_neighbours": 0}, "n_neighbours, n_list_neighbours >= 1"), ({"l2": 0}, "shrinkages >= 0 and l2 > 0")],
)
def test_settings_out_of_range_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        ItemKNNConfig(**wrong)
