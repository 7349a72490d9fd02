"""VAEGAN: the divergence that a critic finds, all gradients, the contraction, and that it learns tastes."""

from dataclasses import replace

import jax
import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS
from recsys.models.adversarial.autoencoding import (
    Autoencoder,
    Autoencoding,
    Drawn,
    contractive,
    shares_of,
    standardised,
)
from recsys.models.adversarial.config import GameConfig, VAEGANConfig
from recsys.models.adversarial.game import Game, Player, told_apart
from recsys.models.adversarial.policy import softmax
from recsys.models.adversarial.vaegan import VAEGAN
from recsys.models.base import graded
from recsys.models.numeric.dense_stack import DenseStack, sigmoid
from recsys.ranking import top_k
from recsys.testing.synthetic import checkerboard
from tests.models.adversarial.finite_differences import assert_gradient, doubled
from tests.support.small_models import made_small, ratings

SMALL = replace(made_small(VAEGANConfig()), forgets=0.2, beta=0.4, contraction=0.05, auxiliary=0.3)
CHOICES = graded(ratings(1), WHOLE_STARS).astype(np.float32)
ROWS = np.arange(7)
RNG = np.random.default_rng(0)


class Same(Autoencoding):
    """The same numbers are drawn every time."""

    def drawn(self, rows: np.ndarray) -> Drawn:
        return replace(as_it_is(self), rng=np.random.default_rng(5)).drawn(rows)


def as_it_is(game: Autoencoding) -> Autoencoding:
    return Autoencoding(game.choices, game.autoencoder, game.critic, game.auxiliary, game.config, game.rng)


def contest(config: VAEGANConfig = SMALL) -> Same:
    begun = Autoencoding.begun(CHOICES, config, np.random.default_rng(0))
    parts = begun.autoencoder
    parts = Autoencoder(doubled(parts.into), doubled(parts.taste), doubled(parts.decoder))
    return Same(CHOICES, parts, doubled(begun.critic), doubled(begun.auxiliary), config, np.random.default_rng(1))


def bound(game: Same, held: tuple[np.ndarray, np.ndarray]) -> float:
    """What the autoencoder minimises, from its definition; `held` are mean and variance for the critic of draws."""
    drawn, config, n = game.drawn(ROWS), game.config, len(ROWS)
    chances = softmax(game.autoencoder.decoder(drawn.tastes[0]))
    nats = -np.sum(drawn.choices * np.log(chances))
    mean, variance = drawn.mean, drawn.variance
    normal = 0.5 * np.sum(mean**2 + variance - 1 - np.log(variance))
    unit = (drawn.tastes[0] - held[0]) / np.sqrt(held[1])
    beyond = np.sum(game.critic(np.hstack([drawn.given.toarray(), unit])))
    reviewed = np.sum(np.log(1 - sigmoid(game.auxiliary(chances.shape[1] * chances))))
    kernel = game.autoencoder.into.kernels[0]
    slopes = [np.sum(((1 - hidden**2) * kernel) ** 2) for hidden in drawn.hidden]
    return (
        float(nats + config.beta * (normal + beyond) + config.auxiliary * reviewed + config.contraction * sum(slopes))
        / n
    )


@pytest.mark.parametrize("off", [(), ("beta",), ("auxiliary", "contraction")])
def test_the_autoencoder_s_gradient_is_that_of_finite_differences(off):
    game = contest(replace(SMALL, **dict.fromkeys(off, 0.0)))
    drawn = game.drawn(ROWS)
    held = drawn.mean, drawn.variance
    gradient, value = game.lesson(ROWS)
    assert value == pytest.approx(bound(game, held), rel=1e-5)
    assert_gradient(gradient, game.autoencoder.parameters, lambda: bound(game, held), n_places=5)


def test_the_critics_gradients_are_those_of_finite_differences():
    game = contest()
    drawn, state = game.drawn(ROWS), game.rng.bit_generator.state
    gradient, value = game.criticism(ROWS)
    game.rng.bit_generator.state = state
    normal = drawn._replace(tastes=game.rng.standard_normal(drawn.tastes.shape, dtype=np.float32))

    def of_draws() -> float:
        real, made = (np.hstack([drawn.given.toarray(), standardised(each)]) for each in (drawn, normal))
        logits = game.critic(real), game.critic(made)
        return float(-np.log(sigmoid(logits[0])).mean() - np.log(1 - sigmoid(logits[1])).mean())

    assert value == pytest.approx(of_draws(), rel=1e-5)
    assert_gradient(gradient, game.critic.parameters, of_draws, n_places=5)
    gradient, value = game.review(ROWS)
    true = drawn.choices / drawn.choices.sum(axis=1, keepdims=True)
    said = softmax(game.autoencoder.decoder(drawn.tastes[0]))

    def of_reviews() -> float:
        logits = [game.auxiliary(true.shape[1] * each) for each in (true, said)]
        return float(-np.log(sigmoid(logits[0])).mean() - np.log(1 - sigmoid(logits[1])).mean())

    assert value == pytest.approx(of_reviews(), rel=1e-5)
    assert_gradient(gradient, game.auxiliary.parameters, of_reviews, n_places=5)


def test_the_contraction_is_the_squared_jacobian_and_its_gradient_that_of_finite_differences():
    kernel, bias, given = (RNG.normal(size=shape) for shape in ((6, 4), (4,), (3, 6)))

    def found() -> float:
        return contractive(np.tanh(given @ kernel + bias), kernel)[2]

    jacobian = jax.jacobian(lambda one: jax.numpy.tanh(one @ kernel + bias))
    assert found() == pytest.approx(sum(float(np.sum(np.square(jacobian(one)))) for one in given), rel=1e-4)
    hidden = np.tanh(given @ kernel + bias)
    of_hidden, of_kernel, _ = contractive(hidden, kernel)
    assert_gradient([of_kernel + given.T @ (of_hidden * (1 - hidden**2))], [kernel], found)


def test_the_best_critic_of_two_normal_distributions_is_the_logarithm_of_their_ratio():
    """N(0.5, 0.7^2) against N(0, 1): what the game's step learns of draws, against the formula."""
    rng = np.random.default_rng(3)
    critic = DenseStack.drawn((1, 24, 1), ("tanh", "linear"), rng)

    def gradient(rows: np.ndarray) -> tuple[list[np.ndarray], float]:
        pairs = np.concatenate([0.5 + 0.7 * rng.standard_normal(400), rng.standard_normal(400)])[:, None]
        outputs = critic.outputs(pairs.astype(np.float32))
        slope, loss = told_apart(outputs[-1], np.repeat([[1.0], [0.0]], 400, axis=0))
        return critic.gradient(outputs, slope), loss

    game = Game(Player(name="critic", parameters=critic.parameters, gradient=gradient, rate=0.02))
    for number in range(300):
        game.step(ROWS, pace=1 - number / 300)
    places = np.linspace(-1.5, 2, 60)[:, None]
    ratio = -(((places - 0.5) / 0.7) ** 2) / 2 - np.log(0.7) + places**2 / 2
    assert np.corrcoef(critic(places)[:, 0], ratio[:, 0])[0, 1] > 0.99
    assert np.abs(critic(places) - ratio).mean() < 0.15


def test_the_mean_and_variance_of_a_taste_are_those_of_fixed_draws():
    model, people = VAEGAN(SMALL).fit(Interactions(ratings(1))), ratings(2)[:4]
    given = shares_of(model.choices(people)).toarray()
    hidden = np.tanh(given @ model.into_kernel + model.into_bias)
    half = np.random.default_rng(0).standard_normal((16, SMALL.n_noise))
    draws = [
        np.tanh(np.hstack([hidden, np.tile(noise, (4, 1))]) @ model.mixing_kernel + model.mixing_bias)
        @ model.taste_kernel
        + model.taste_bias
        for noise in (*half, *-half)
    ]
    mean, variance = model.latent(Histories(people))
    np.testing.assert_allclose(mean, np.mean(draws, axis=0), atol=1e-5)
    np.testing.assert_allclose(variance, np.var(draws, axis=0), atol=1e-5)
    decoded = np.tanh(mean @ model.decoder_kernel + model.decoder_bias) @ model.choice_kernel + model.choice_bias
    np.testing.assert_allclose(model.score(Histories(people)), decoded, rtol=1e-4, atol=1e-5)


def test_what_is_told_has_length_one_and_the_lowest_stars_choose_nothing():
    stars = sp.csr_array(np.array([[1, 3, 5], [1, 1, 0], [0, 0, 0]], dtype=np.float32))
    choices = VAEGAN(SMALL).choices(stars)
    np.testing.assert_allclose(choices.toarray(), [[0, 0.5, 1], [0, 0, 0], [0, 0, 0]])
    np.testing.assert_allclose(shares_of(choices).toarray()[0], np.array([0, 0.5, 1]) / np.sqrt(1.25))


def test_people_of_two_tastes_are_told_films_of_their_own():
    board = Interactions(checkerboard(60, 20))
    game = GameConfig(epochs=40, batch_size=20, rate=0.01, critic_turns=1, aside=0.0)
    config = replace(SMALL, n_hidden=12, beta=0.1, contraction=0.0, auxiliary=0.01, game=game)
    ranked = top_k(VAEGAN(config).fit(board).score(Histories(board.stars)), board.stars, 1)[:, 0]
    assert (ranked % 2 == np.arange(60) % 2).all()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"draws": 1}, "units >= 1 and draws >= 2"),
        ({"forgets": 1.0}, r"forgets in \[0, 1\)"),
        ({"beta": -1.0}, "weights >= 0"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        VAEGANConfig(**wrong)
