"""embedding-vae: codes of films, and a network whose films' weights are made of them."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import FilmFacts, Histories, Interactions, keep_entries
from recsys.data.scale import WHOLE_STARS
from recsys.models.base import graded, with_values
from recsys.models.networks.histories import grades_of_length_one
from recsys.models.networks.posterior import Annealing
from recsys.models.numeric.descent import descend
from recsys.models.vae.choosing import ChoiceNetwork
from recsys.models.vae.config import EmbeddingVAEConfig, FilmVAEConfig
from recsys.models.vae.embedding_vae import EmbeddingVAE, Lessons
from recsys.models.vae.film_codes import FilmLessons, film_codes
from recsys.training import Training
from tests.support.small_models import made_small, ratings

SMALL = made_small(EmbeddingVAEConfig())
TRAIN = ratings(1)
N_ITEMS = TRAIN.shape[1]
KINDS = FilmFacts(features=np.eye(3)[np.arange(N_ITEMS) % 3])  # films of three kinds


def lessons(config: EmbeddingVAEConfig, codes: np.ndarray, seed: int = 0) -> Lessons:
    return Lessons.of(TRAIN, codes, config, WHOLE_STARS, np.random.default_rng(seed))


def test_without_codes_it_is_the_plain_network_bit_for_bit():
    """Trained by a loop of its own, on the same random numbers."""
    own = lessons(SMALL, np.zeros((N_ITEMS, 4), dtype=np.float32))
    descend(own.parameters, 40, own.steps, SMALL, own.rng, Training())
    rng = np.random.default_rng(0)
    plain, annealing = ChoiceNetwork.drawn(N_ITEMS, SMALL.n_hidden, SMALL.n_latent, rng), Annealing(SMALL.beta, 20 * 3)

    def steps(rows):
        batch = TRAIN[rows]
        kept = keep_entries(batch, rng.random(batch.nnz) >= SMALL.forgets)
        noise = rng.standard_normal((len(rows), SMALL.n_latent), dtype=np.float32)
        told = with_values(kept, grades_of_length_one(kept, WHOLE_STARS))
        chosen = graded(batch, WHOLE_STARS).astype(np.float32)
        found, loss = plain.lesson(told, chosen, noise, annealing.next(), np.zeros(N_ITEMS, dtype=np.float32))
        for place in (0, 6, 7):
            found[place] = found[place] + np.float32(SMALL.l2_own) * plain.parameters[place]
        yield found, loss

    descend(plain.parameters, 40, steps, SMALL, rng, Training())
    for one, other in zip(own.network().parameters, plain.parameters, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("frozen", [True, False])
def test_the_gradient_reaches_codes_and_maps_as_finite_differences_say(frozen):
    config = replace(SMALL, frozen=frozen, l2_own=0.7)
    teacher = lessons(config, np.random.default_rng(1).normal(size=(N_ITEMS, 4)))
    weights = [np.random.default_rng(2).normal(size=each.shape) for each in teacher.network().parameters]

    def loss() -> float:
        """Linear in the network's weights; and the squares of the films' own."""
        own = [teacher.own.parameters[place] for place in (0, 6, 7)]
        squares = 0.35 * sum(np.sum(each.astype(np.float64) ** 2) for each in own)
        return float(
            sum(np.sum(w * each) for w, each in zip(weights, teacher.network().parameters, strict=True)) + squares
        )

    found = teacher.of_parts(weights)
    assert len(found) == len(teacher.parameters) == (10 if frozen else 11)
    for each, slope in zip(teacher.parameters, found, strict=True):
        assert each.shape == slope.shape
        for place in [(0,) * each.ndim, (-1,) * each.ndim]:
            before = each[place]
            each[place] = before + 2.0**-6
            above, far = loss(), float(each[place])
            each[place] = before - 2.0**-6
            assert (above - loss()) / (far - float(each[place])) == pytest.approx(slope[place], rel=1e-2, abs=1e-2)
            each[place] = before


def test_films_of_the_same_features_have_the_same_code_and_others_another():
    codes = film_codes(KINDS, N_ITEMS, FilmVAEConfig(n_codes=3, n_hidden=8, epochs=80, batch_size=8), Training())
    np.testing.assert_allclose(codes[:3], codes[3:6], atol=1e-6)
    apart = np.linalg.norm(codes[:3, None] - codes[:3], axis=2)[~np.eye(3, dtype=bool)]
    assert apart.min() > 0.5
    assert np.mean(np.sum(codes**2, axis=1)) == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize("films", [None, FilmFacts(), FilmFacts(features=np.zeros((N_ITEMS, 2)))])
def test_films_of_which_nothing_is_known_have_no_code(films):
    assert not film_codes(films, N_ITEMS, FilmVAEConfig(), Training()).any()


def test_the_film_network_s_gradient_is_that_of_finite_differences():
    """Of cross-entropy and divergence, the same noise drawn again."""
    rng = np.random.default_rng(0)
    features = (rng.random((5, 4)) < 0.4).astype(np.float64)
    teacher = FilmLessons(features, FilmVAEConfig(n_codes=2, n_hidden=3, beta=0.3), np.random.default_rng(0))
    for each in teacher.parameters:
        each += rng.normal(0, 0.2, each.shape).astype(np.float32)

    def step() -> tuple[list[np.ndarray], float]:
        teacher.rng = np.random.default_rng(7)
        gradient, nats = next(teacher.steps(np.arange(5)))
        return gradient, nats + 0.3 * float(teacher.code(features).divergence().sum()) / 5

    gradient, _ = step()
    for each, slope in zip(teacher.parameters, gradient, strict=True):
        place = (0,) * each.ndim
        before = each[place]
        each[place] = before + 1e-3
        above = step()[1]
        each[place] = before - 1e-3
        assert (above - step()[1]) / 2e-3 == pytest.approx(slope[place], abs=2e-3)
        each[place] = before


def test_a_film_that_nobody_rated_is_listed_for_who_likes_its_kind():
    """Two kinds of films, and people of one kind or the other; the last film of each kind is new."""
    rng = np.random.default_rng(0)
    kind, person = np.arange(24) % 2, np.arange(80) % 2
    stars = np.where(kind == person[:, None], 5.0, 1.0) * (rng.random((80, 24)) < 0.5)
    stars[:, 22:] = 0
    config = EmbeddingVAEConfig(n_hidden=20, n_latent=5, n_networks=1, epochs=30, batch_size=20)
    model = EmbeddingVAE(config).fit(Interactions(sp.csr_array(stars), films=FilmFacts(features=np.eye(2)[kind])))
    scores = model.score(Histories(sp.csr_array(stars[:2])))
    assert scores[0, 22] > scores[0, 23] + 1
    assert scores[1, 23] > scores[1, 22] + 1


def test_scores_are_the_mean_of_the_networks_log_chances():
    model, people = EmbeddingVAE(SMALL).fit(Interactions(TRAIN, films=KINDS)), Histories(ratings(2)[:4])
    told = with_values(people.stars, grades_of_length_one(people.stars, WHOLE_STARS))
    one, other = (network.log_chances(network.taste(told).mean) for network in model.networks)
    assert np.abs(one - other).max() > 0.01
    np.testing.assert_allclose(model.score(people), (one + other) / 2, rtol=1e-5)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_networks": 0}, "sizes and epochs >= 1"),
        ({"forgets": 1.0}, r"forgets in \[0, 1\) and learning_rate > 0"),
        ({"l2_own": -1.0}, "weights >= 0"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        EmbeddingVAEConfig(**wrong)
    with pytest.raises(ValueError, match="sizes and epochs >= 1"):
        FilmVAEConfig(n_codes=0)
