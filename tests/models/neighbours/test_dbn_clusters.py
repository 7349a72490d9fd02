"""dbn-clusters: its network, its clusters and its votes, against definitions."""

from dataclasses import replace

import numpy as np
import pytest

from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.models.boltzmann.binary import BinaryUnits, codes_of, learned_machine
from recsys.models.boltzmann.config import ContrastiveConfig
from recsys.models.boltzmann.machine import Batch, free_energy, slopes, up
from recsys.models.neighbours.config import DBNClustersConfig, ItemKNNConfig
from recsys.models.neighbours.dbn_clusters import DBNClusters
from recsys.models.neighbours.item_knn import ItemKNN
from recsys.models.numeric.dense_stack import sigmoid
from recsys.models.simple.baseline import Baseline
from recsys.training import Training
from tests.models.boltzmann.enumeration import energies, machine_of
from tests.support.small_models import N_ITEMS, made_small, ratings

CONFIG = made_small(DBNClustersConfig())
TRAIN, RNG = ratings(1), np.random.default_rng(0)
KIND = RNG.integers(2, size=N_ITEMS)
FEATURES = np.column_stack([KIND, 1 - KIND, RNG.random((N_ITEMS, 3)) < 0.3]).astype(float)
DATA = Interactions(TRAIN, films=FilmFacts(features=FEATURES))
PEOPLE = Histories(ratings(2)[:4])


def votes_on(model: DBNClusters, film: int) -> dict[int, float]:
    """Who votes on a film, and how similar it is."""
    k = len(model.neighbours) // N_ITEMS
    cells = slice(film * k, (film + 1) * k)
    pairs = zip(model.neighbours[cells].tolist(), model.similarities[cells].tolist(), strict=True)
    return {neighbour: similarity for neighbour, similarity in pairs if similarity > 0}


# ---- the network


def all_rows(n: int) -> np.ndarray:
    return np.array([[number >> bit & 1 for bit in range(n)] for number in range(2**n)], dtype=float)


def test_energies_of_binary_units_sum_to_the_free_energy_and_give_their_chances():
    units, machine, rows = BinaryUnits(), machine_of(4), all_rows(4)
    batch = Batch(values=rows, is_unit=np.ones((16, 1)))
    both = -energies(units, batch, machine)
    np.testing.assert_allclose(free_energy(units, batch, machine), -np.logaddexp.reduce(both, axis=1), atol=1e-10)
    weight = np.exp(both[:, 1])  # the hidden state (0, 1)
    chances = units.expected(np.array([[0.0, 1.0]]), batch, machine)[0]
    np.testing.assert_allclose(chances, weight @ rows / weight.sum(), atol=1e-10)


def test_the_likelihood_rises_along_what_the_data_have_above_all_states():
    """The exact gradient: slopes of the data less their mean under the machine, by finite differences."""
    units, machine, rows = BinaryUnits(), machine_of(4), all_rows(4)
    every, seen = Batch(values=rows, is_unit=np.ones((16, 1))), Batch(values=rows[[3, 5]], is_unit=np.ones((2, 1)))

    def likelihood(given: dict[str, np.ndarray]) -> float:
        weight = -free_energy(units, every, given)
        return float(np.sum(-free_energy(units, seen, given) - np.logaddexp.reduce(weight)))

    def of(batch: Batch, film: int) -> np.ndarray:
        one = Batch(values=batch.values[[film]], is_unit=batch.is_unit[[film]])
        return slopes(units, one, sigmoid(up(units, one, machine)), machine)["weights"]

    weight = -free_energy(units, every, machine)
    chances = np.exp(weight - np.logaddexp.reduce(weight))
    expected = sum(of(seen, row) for row in range(2)) - 2 * sum(chances[row] * of(every, row) for row in range(16))
    moved = {**machine, "weights": machine["weights"].copy()}
    moved["weights"][2, 1] += 1e-6
    assert (likelihood(moved) - likelihood(machine)) / 1e-6 == pytest.approx(expected[2, 1], rel=1e-4)


def test_each_layer_learns_the_chances_of_the_one_below():
    config = ContrastiveConfig(epochs=3, batch_size=10)
    first = learned_machine(FEATURES.astype(np.float32), 4, config, Training())
    below = sigmoid(FEATURES @ first["weights"] + first["hidden_bias"])
    second = learned_machine(below.astype(np.float32), 2, config, Training())
    expected = sigmoid(below @ second["weights"] + second["hidden_bias"])
    np.testing.assert_allclose(codes_of(FEATURES, (4, 2), config, Training()), expected, atol=1e-5)


def test_films_of_one_kind_have_codes_of_one_cluster():
    config = replace(CONFIG, n_clusters=2, learning=replace(CONFIG.learning, epochs=200, learning_rate=0.02))
    model = DBNClusters(config)
    codes = model.codes(FilmFacts(features=FEATURES[:, :2]), N_ITEMS, Training())
    cluster = model.clusters(codes, 0)
    assert len(set(cluster[KIND == 0])) == len(set(cluster[KIND == 1])) == 1
    assert len(set(cluster)) == 2


# ---- votes


def test_similarity_is_that_of_ratings_shrunk_towards_that_of_codes_by_a_double_loop():
    model = DBNClusters(replace(CONFIG, n_neighbours=N_ITEMS, n_clusters=3, content_weight=0.2, shrinkage=5.0)).fit(
        DATA
    )
    codes = model.codes(DATA.films, N_ITEMS, Training())
    cluster, stars = model.clusters(codes, 0), TRAIN.toarray()
    residuals = np.zeros_like(stars, dtype=float)
    residuals[TRAIN.nonzero()] = Baseline().fit(DATA).residuals(TRAIN)
    for film in range(N_ITEMS):
        expected = {}
        for other in range(N_ITEMS):
            both = (stars[:, film] > 0) & (stars[:, other] > 0)
            one, two = residuals[both, film], residuals[both, other]
            cosine = one @ two / np.sqrt(one @ one * (two @ two))
            alike = max(codes[film] @ codes[other], 0)
            similarity = (both.sum() * cosine + 5 * 0.2 * alike) / (both.sum() + 5)
            if other != film and cluster[other] == cluster[film] and similarity > 0:
                expected[other] = similarity
        found = votes_on(model, film)
        assert found.keys() == expected.keys()
        np.testing.assert_allclose([found[each] for each in expected], list(expected.values()), atol=1e-9)


def test_one_cluster_without_content_is_item_knn():
    config = replace(CONFIG, n_clusters=1, content_weight=0.0)
    same = ItemKNNConfig(n_neighbours=config.n_neighbours, shrinkage=config.shrinkage, l2=config.l2)
    expected = ItemKNN(same).fit(DATA).predict(PEOPLE)
    np.testing.assert_allclose(DBNClusters(config).fit(DATA).predict(PEOPLE), expected, atol=1e-6)


def test_a_film_that_nobody_rated_is_voted_on_by_what_it_is():
    stars = TRAIN.toarray()
    stars[:, 4] = 0
    data = Interactions(type(TRAIN)(stars), films=DATA.films)
    model = DBNClusters(replace(CONFIG, n_clusters=2, content_weight=0.5)).fit(data)
    assert votes_on(model, 4)
    assert np.ptp(model.predict(PEOPLE)[:, 4] - Baseline().fit(data).predict(PEOPLE)[:, 4]) > 0
    assert not votes_on(DBNClusters(replace(CONFIG, content_weight=0.0)).fit(data), 4)


def test_settings_out_of_range_are_refused():
    with pytest.raises(ValueError, match="at least one hidden layer"):
        DBNClustersConfig(hidden=())
