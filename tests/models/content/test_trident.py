"""trident-metadata: its branches, its network and what they are worth, each against a definition or a plain loop."""

from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from scipy.optimize import approx_fprime
from scipy.special import log_softmax

from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.scale import WHOLE_STARS
from recsys.models.content.config import TowersConfig, TridentConfig
from recsys.models.content.graph import graph_vectors, incidence, spectral, triples
from recsys.models.content.titles import term_weights, terms, title_vectors
from recsys.models.content.towers import Lesson, Told, Towers, film_codes
from recsys.models.content.trident import Trident, branches, standardised
from recsys.training import Training
from tests.support.small_models import N_ITEMS, ratings, small_config

TITLES = ("Star Trek: First Contact", "Star Trek VI", "Godfather, The", "Godfather: Part II, The", "Alone")
FILMS = FilmFacts(
    features=np.eye(5, 3),
    genres=np.array([[1, 0], [1, 0], [0, 1], [0, 1], [0, 0]], dtype=bool),
    titles=TITLES,
    years=(1996, 1991, 1972, 1974, None),
)


# ---- the branches


def test_a_title_s_terms_weigh_as_tf_idf_says():
    weights, n = term_weights(TITLES).toarray(), len(TITLES)
    known = sorted(term for term in {each for title in TITLES for each in terms(title)})
    of_several = [term for term in known if sum(term in terms(title) for title in TITLES) >= 2]
    for film, title in enumerate(TITLES):
        row = np.zeros(len(of_several))
        for at, term in enumerate(of_several):
            if count := terms(title).count(term):
                row[at] = (1 + np.log(count)) * np.log(n / sum(term in terms(other) for other in TITLES))
        np.testing.assert_allclose(weights[film], row / (np.linalg.norm(row) or 1), atol=1e-12)
    assert not weights[4].any()


def test_titles_of_one_word_or_none_are_near_each_other_or_nowhere():
    near = title_vectors(TITLES, 2) @ title_vectors(TITLES, 2).T
    assert near[0, 1] > 0.5
    assert near[2, 3] > 0.5
    np.testing.assert_allclose(near[4], 0, atol=1e-9)
    assert title_vectors(("Up", "Alien"), 4).shape == (2, 0)
    assert title_vectors((), 4).shape == (0, 0)


def test_the_graph_knows_genres_times_series_and_words():
    known = set(triples(FILMS))
    assert {(0, "has genre", "0"), (0, "of the year", "1996"), (0, "of the decade", "199")} < known
    assert {(0, "of the series", "star trek"), (1, "of the series", "star trek"), (0, "called", "contact")} < known
    assert not [each for each in known if each[0] == 4 and each[1] in ("has genre", "of the year")]


def test_films_that_the_graph_joins_are_near_and_what_one_film_has_alone_joins_nothing():
    joined = incidence(list(triples(FILMS)), 5)
    assert (joined.sum(axis=0) >= 2).all()
    near = graph_vectors(FILMS, 2) @ graph_vectors(FILMS, 2).T
    assert near[0, 1] > 0.4
    assert near[2, 3] > 0.4
    np.testing.assert_allclose(near[np.ix_([0, 1], [2, 3])], 0, atol=1e-9)
    assert not near[4].any()


def test_the_spectral_embedding_is_that_of_the_normalised_adjacency():
    joined = sp.csr_array((np.random.default_rng(1).random((7, 5)) < 0.5).astype(float))
    dense = joined.toarray()
    normalised = dense / np.sqrt(dense.sum(axis=1, keepdims=True)) / np.sqrt(dense.sum(axis=0))
    found = spectral(joined, 7)
    np.testing.assert_allclose(found @ found.T, normalised @ normalised.T, atol=1e-9)


def test_a_table_counts_in_deviations_from_the_mean_and_what_is_not_known_is_the_mean():
    table = np.array([[1.0, 5, 2], [3, 5, np.nan], [np.nan, np.nan, np.nan]])
    np.testing.assert_allclose(standardised(table), [[-1, 0, 0], [1, 0, 0], [0, 0, 0]])


def test_each_table_from_a_file_is_a_branch_more():
    given = replace(FILMS, tables={"audio": np.random.default_rng(0).random((5, 9))})
    found = branches(given, 5, TridentConfig(n_table=3))
    assert list(found) == ["metadata", "title", "graph", "audio"]
    assert found["audio"].shape == (5, 3)
    for rows in found.values():
        lengths = np.linalg.norm(rows, axis=1)
        assert np.all(np.isclose(lengths, 1) | np.isclose(lengths, 0))
    assert list(branches(FilmFacts(), 5, TridentConfig())) == []


# ---- the network


def lesson(config: TowersConfig) -> Lesson:
    """Of four people and five films, with all numbers in float64."""
    rng = np.random.default_rng(3)
    stars = rng.normal(size=(4, 5)) * (rng.random((4, 5)) < 0.6)
    told = Told(sp.csr_array(stars), sp.csr_array((stars > 0).astype(float)), rng.normal(size=5))
    network = Towers.drawn([rng.normal(size=(5, 3)), rng.normal(size=(5, 2))], config, rng)
    for stack in (*network.towers, network.joint):
        stack.kernels[:] = [each.astype(float) for each in stack.kernels]
        stack.biases[:] = [rng.normal(size=each.shape) for each in stack.biases]
    return Lesson(network, rng.normal(size=(4, config.n_code)), rng.normal(size=(4, config.n_code)), told, config)


def loss(given: Lesson) -> float:
    """By the definition, cell by cell."""
    codes, told, config = given.network.codes(), given.told, given.config
    total = 0.0
    for person in range(4):
        chances = log_softmax(told.popularity + codes @ given.choosers[person])
        for film in range(5):
            if told.beyond[person, film]:
                total += (told.beyond[person, film] - given.raters[person] @ codes[film]) ** 2 / 2
            total -= config.choice_weight * told.chosen[person, film] * chances[film]
    total += config.l2_person / 2 * (np.sum(given.raters**2) + np.sum(given.choosers**2))
    return total + config.l2 / 2 * sum(np.sum(each**2) for each in given.network.parameters if each.ndim > 1)


def test_the_gradient_is_that_of_the_loss():
    given = lesson(TowersConfig(width=3, n_code=2, l2=0.7, l2_person=0.3, choice_weight=0.6))
    _, gradient = given.of(np.arange(4))
    halves = [given.of(rows)[1] for rows in (np.array([2, 0]), np.array([1, 3]))]
    for at, parameter in enumerate(given.parameters):
        kept = parameter.copy()

        def moved(values: np.ndarray, parameter=parameter) -> float:
            parameter[...] = values.reshape(parameter.shape)
            return loss(given)

        expected = approx_fprime(kept.ravel(), moved, 1e-6).reshape(kept.shape)
        parameter[...] = kept
        np.testing.assert_allclose(gradient[at], expected, rtol=2e-4, atol=2e-4)
        np.testing.assert_allclose(halves[0][at] + halves[1][at], gradient[at], atol=1e-9)


def test_films_that_are_rated_alike_for_what_they_are_get_like_codes():
    rng = np.random.default_rng(0)
    kind = rng.integers(2, size=40)
    stars = np.where(rng.random((80, 1)) < 0.5, 1, -1) * (2 * kind - 1) + 0.3 * rng.normal(size=(80, 40))
    told = Told(
        sp.csr_array(stars.astype(np.float32)),
        sp.csr_array((stars > 0).astype(np.float32)),
        np.zeros(40, dtype=np.float32),
    )
    noise = rng.normal(size=(40, 3))
    config = TowersConfig(width=4, n_code=2, l2=5.0, epochs=40)
    codes = film_codes([np.column_stack([kind, 1 - kind]), noise], told, config, Training())
    near = codes @ codes.T
    assert near[kind == 0][:, kind == 0].mean() > 0.5
    assert near[kind == 0][:, kind == 1].mean() < -0.5


def test_a_table_from_a_file_reaches_the_answers():
    tables = {"audio": np.random.default_rng(0).random((N_ITEMS, 6))}
    told, deaf = (
        Trident(small_config("trident-metadata"), WHOLE_STARS).fit(Interactions(ratings(1), films=films))
        for films in (FilmFacts(tables=tables), FilmFacts())
    )
    people = Histories(ratings(2)[:3])
    assert not np.allclose(told.predict(people), deaf.predict(people))
    assert not np.allclose(told.score(people), deaf.score(people))
    assert told.chosen() == "multimodal: learned from audio"
    assert deaf.chosen() == "of metadata: learned from nothing, as nothing is known of the films"
