"""twin-vae: one person, told by ratings and by genres."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.models.mult_vae.config import MultVAEConfig
from recsys.models.mult_vae.inference import NetworkWeights, weight_shapes
from recsys.models.networks.ordered_stars import groups_of
from recsys.models.networks.posterior import Posterior
from recsys.models.numeric.shared_columns import Packed
from recsys.models.vae.config import TwinVAEConfig
from recsys.models.vae.twin_network import Told, TwinNetwork, Wanted, Weights
from recsys.models.vae.twin_vae import Lessons, TwinVAE
from recsys.training import Training
from tests.support.small_models import made_small, ratings

SMALL = made_small(TwinVAEConfig())
TRAIN = ratings(1)
N_ITEMS = TRAIN.shape[1]
GENRES = np.eye(3, dtype=bool)[np.arange(N_ITEMS) % 3]
FILMS = FilmFacts(genres=GENRES)
EVERYTHING = Weights(0.4, 0.3, 0.9, 0.7, 0.05)


def fitted(train: sp.csr_array = TRAIN, **changes: object) -> TwinVAE:
    return TwinVAE(replace(SMALL, **changes)).fit(Interactions(train, films=FILMS), Training(seed=3))


MODEL = fitted()


def example(model: TwinVAE = MODEL) -> tuple[TwinNetwork, Told, Wanted, np.ndarray]:
    """A network in float64, three people, the second of whom only names a genre, and noise."""
    rng, people = np.random.default_rng(0), ratings(2)[:3]
    first = next(model.networks).parameters
    network = TwinNetwork.of([each + 0.1 * rng.normal(size=each.shape) for each in first])
    heard, asked = people.copy(), np.zeros((3, 3), dtype=bool)
    heard.data[people.indptr[1] : people.indptr[2]] = 0
    heard.eliminate_zeros()
    asked[1, 2] = True
    counts = sp.csr_array((people.data / 5, people.indices, people.indptr), shape=people.shape)
    profile = model.profiles.of(model.residuals(people), model.likes(people))
    wanted = Wanted(counts, groups_of(people.data, WHOLE_STARS), profile)
    return network, model.told(heard, asked), wanted, rng.normal(size=(3, SMALL.n_latent + SMALL.n_genre_latent))


def bound(network: TwinNetwork, told: Told, wanted: Wanted, noise: np.ndarray, weights: Weights) -> float:
    """The negative evidence lower bound of a mean person, term by term."""
    z = network.taste(told)
    w = Posterior.of(network.genre_encoder(told.profile))
    n_latent = z.mean.shape[1]
    drawn = np.where(told.is_blind, 0, z.draw(noise[:, :n_latent])), w.draw(noise[:, n_latent:])
    both = np.hstack(drawn).astype(np.float32)
    cells = wanted.counts.nonzero()
    choices = -np.sum(wanted.counts.data * network.log_chances(both)[cells])
    stars = network.stars.loss(network.centres(both)[cells], wanted.group)[0]
    genres = np.sum((network.genre_decoder(drawn[1].astype(np.float32)) - wanted.profile) ** 2) / 2
    divergence = np.where(told.is_blind[:, 0], 0, z.divergence()).sum()
    total = choices + weights.stars * stars + weights.genres * genres
    total += weights.beta * divergence + weights.genre_beta * w.divergence().sum()
    return float(total) / 3 + weights.l2_stars * float(np.sum(network.star_tastes.kernels[1] ** 2))


def test_a_lesson_is_the_bound_and_its_gradient_that_of_finite_differences():
    network, told, wanted, noise = example()
    gradient, loss = network.lesson(told, wanted, noise, EVERYTHING)
    assert loss == pytest.approx(bound(network, told, wanted, noise, EVERYTHING), rel=1e-5)
    rng = np.random.default_rng(4)
    for number, (each, slope) in enumerate(zip(network.parameters, gradient, strict=True)):
        assert np.shape(slope) == each.shape
        direction = rng.normal(size=each.shape)
        ends = []
        for sign in (1, -1):
            moved = network.parameters
            moved[number] = each + sign * 1e-3 * direction
            ends.append(bound(TwinNetwork.of(moved), told, wanted, noise, EVERYTHING))
        assert (ends[0] - ends[1]) / 2e-3 == pytest.approx(float(np.sum(direction * slope)), rel=2e-2, abs=5e-3), number


def test_without_the_genres_half_it_answers_what_mult_vae_does():
    """The same weights in mult-vae's network, those from w cut."""
    network, told, *_ = example()
    n_latent = SMALL.n_latent
    for stack in (network.choices, network.star_tastes):
        stack.kernels[0][n_latent:] = 0
    sizes = {"n_hidden": SMALL.n_hidden, "n_star_units": SMALL.n_star_units, "n_latent": n_latent}
    shapes = weight_shapes(MultVAEConfig(**sizes), WHOLE_STARS, N_ITEMS)
    means, log_vars = np.split(network.tastes.kernels[0], 2, axis=1), np.split(network.tastes.biases[0], 2)
    first, _ = network.choices, network.star_tastes
    arrays = [
        0.0,
        MODEL.item_offset,
        MODEL.mean,
        MODEL.spread,
        network.histories.kernels[0],
        network.histories.biases[0],
    ]
    arrays += [means[0], log_vars[0], means[1], log_vars[1]]
    arrays += [first.kernels[0][:n_latent], first.biases[0], first.kernels[1], first.biases[1], *network.stars]
    arrays += [network.generosity, network.star_tastes.kernels[0][:n_latent], *network.star_tastes.parameters[1:]]
    mult = NetworkWeights(*(np.asarray(each, dtype=np.float32) for each in arrays))
    assert {name: each.shape for name, each in mult._asdict().items()} == shapes
    people = ratings(2)[:3]
    told = MODEL.told(people)
    both = network.means(told)
    features, *generosity = mult.features(people, SMALL.baseline.l2_user, WHOLE_STARS)
    z, log_var = mult.encode(Packed.of(features), *generosity)
    np.testing.assert_allclose(both[:, :n_latent], z, atol=1e-5)
    np.testing.assert_allclose(network.taste(told).log_var, log_var, atol=1e-5)
    np.testing.assert_allclose(network.log_chances(both), mult.log_chances(z), atol=1e-5)
    found = network.stars.distribution(network.centres(both), 5)
    np.testing.assert_allclose(found, mult.distribution(z, 5), atol=1e-5)


def test_people_who_only_name_genres_are_the_prior_s_mean_and_a_profile():
    told = MODEL.told(sp.csr_array((2, N_ITEMS)), np.array([[True, False, False], [False, False, False]]))
    assert told.is_blind.ravel().tolist() == [True, False]  # who asks for nothing is an empty history
    assert told.profile.tolist() == [[1, 0, 0, 1, 0, 0], [0] * 6]
    assert not next(MODEL.networks).taste(told).mean[0].any()


def test_training_forgets_some_ratings_and_all_of_people_who_name_genres():
    model = fitted(blind=0.5, forgets=0.3)
    lessons = Lessons.of(model, next(model.networks), TRAIN, np.random.default_rng(0))
    told = lessons.met(np.arange(40), TRAIN)
    n_heard = np.diff(told.history.features.indptr) / 2
    blind = told.is_blind.ravel()
    assert 10 < blind.sum() < 30
    assert not n_heard[blind].any()
    assert 0.6 < n_heard[~blind].sum() / np.diff(TRAIN.indptr)[~blind].sum() < 0.8
    assert set((told.profile[blind] > 0).sum(axis=1) / 2) == {1, 2, 3}  # only what they name


def test_nothing_but_the_history_makes_a_profile():
    """A rating that is held out may be anything."""
    heard = ratings(2)[:4]
    profile = MODEL.told(heard).profile
    with_more = sp.csr_array(np.where(np.arange(N_ITEMS) == 5, 4.0, heard.toarray()))
    assert np.abs(MODEL.told(with_more).profile - profile).max() > 0.01
    np.testing.assert_array_equal(MODEL.told(heard).profile, profile)


def test_a_genre_that_is_asked_for_is_listed_first():
    """Two kinds of films, each liked by its own half of the people."""
    rng = np.random.default_rng(0)
    kind, person = np.arange(24) % 2, np.arange(80) % 2
    stars = np.where(kind == person[:, None], 5.0, 1.0) * (rng.random((80, 24)) < 0.5)
    films = FilmFacts(genres=np.eye(2, dtype=bool)[kind])
    config = replace(SMALL, n_networks=1, n_hidden=20, n_latent=5, epochs=30, batch_size=20, blind=0.3)
    model = TwinVAE(config).fit(Interactions(sp.csr_array(stars), films=films))
    scores = model.score(Histories.strangers(np.eye(2, dtype=bool), 24))
    for wanted in (0, 1):
        assert scores[wanted, kind == wanted].min() > scores[wanted, kind != wanted].max()


def test_genres_that_were_not_known_cannot_be_asked_for():
    deaf = TwinVAE(SMALL).fit(Interactions(TRAIN))
    assert not deaf.understands_genres
    with pytest.raises(ValueError, match="fitted without films' genres; fit it with them"):
        deaf.score(Histories.strangers(np.eye(3, dtype=bool), N_ITEMS))


@pytest.mark.parametrize("scale", [HALF_STARS, RatingScale(lowest=10.0, highest=50.0, step=10.0)])
def test_other_scales_answer_in_their_stars(scale):
    stars = sp.csr_array((scale.levels[TRAIN.data.astype(int) - 1], TRAIN.indices, TRAIN.indptr), shape=TRAIN.shape)
    model = TwinVAE(SMALL, scale).fit(Interactions(stars.astype(np.float32), films=FILMS))
    found = model.predict(Histories(stars[:5].astype(np.float32)))
    assert scale.lowest < found.min() < found.max() < scale.highest


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_latent": 1}, "sizes and epochs >= 1, n_latent >= 2"),
        ({"blind": 1.0}, r"probabilities in \[0, 1\)"),
        ({"learning_rate": 0.0}, "learning_rate > 0"),
        ({"genre_weight": -1.0}, "weights >= 0"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        TwinVAEConfig(**wrong)
