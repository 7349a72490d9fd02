"""An autoencoder whose code is drawn by a network, and the game that it learns by.

Legend: R people who are learned from, B people, I items, L latent dimensions, H hidden units, N numbers of noise,
D draws of a taste.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import scipy.sparse as sp

from recsys.models.adversarial.config import VAEGANConfig
from recsys.models.adversarial.game import Game, Losses, Player, told_apart
from recsys.models.adversarial.policy import softmax
from recsys.models.adversarial.profiles import without_some
from recsys.models.base import entry_rows, with_values
from recsys.models.numeric.dense_stack import DenseStack, sigmoid
from recsys.models.numeric.descent import Gradient

N_DRAWS = 32  # of a taste, when somebody is answered; even, since they come in pairs +e, -e
LEAST_VARIANCE = 1e-6  # of a taste, so that its logarithm is finite


def shares_of(choices: sp.csr_array) -> sp.csr_array:
    """(B, I) choices, each divided by the Euclidean norm of the person's, as the encoder takes them."""
    rows = entry_rows(choices)
    norms = np.sqrt(np.bincount(rows, choices.data.astype(np.float64) ** 2, minlength=choices.shape[0]))
    return with_values(choices, (choices.data / np.maximum(norms[rows], 1e-12)).astype(np.float32))


@dataclass(frozen=True, eq=False)
class Autoencoder:
    """Three networks.

    Attributes:
        into: (B, I) -> (B, H), one layer of tanh.
        taste: (B, H + N) of that beside noise -> (B, L), a draw of the taste.
        decoder: (B, L) -> (B, I), log chances of a choice but for a constant.
    """

    into: DenseStack
    taste: DenseStack
    decoder: DenseStack

    @classmethod
    def of(cls, parameters: Sequence[np.ndarray]) -> Self:
        """Of kernels and biases, in the order of `parameters`."""
        kernels, biases = parameters[::2], parameters[1::2]
        return cls(
            DenseStack(kernels[:1], biases[:1], ("tanh",)),
            DenseStack(kernels[1:3], biases[1:3], ("tanh", "linear")),
            DenseStack(kernels[3:], biases[3:], ("tanh", "linear")),
        )

    @classmethod
    def drawn(cls, n_items: int, config: VAEGANConfig, rng: np.random.Generator) -> Self:
        """One that has learned nothing."""
        n_mixed = config.n_hidden + config.n_noise
        sizes = ((n_items, config.n_hidden), (n_mixed, config.n_taste, config.n_latent))
        stacks = [DenseStack.drawn(each, ("linear",) * (len(each) - 1), rng) for each in sizes]
        decoder = DenseStack.drawn((config.n_latent, config.n_hidden, n_items), ("linear",) * 2, rng)
        return cls.of([each for stack in (*stacks, decoder) for each in stack.parameters])

    @property
    def parameters(self) -> list[np.ndarray]:
        """Kernel and bias of each layer; whoever changes them changes the networks."""
        return [each for stack in (self.into, self.taste, self.decoder) for each in stack.parameters]

    @property
    def n_noise(self) -> int:
        """N."""
        return int(self.taste.kernels[0].shape[0] - self.into.kernels[0].shape[1])

    def mixed(self, hidden: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """(B, H) and (B, D, N) -> (D * B, H + N): everybody with their first noise, then with their second."""
        return np.concatenate([np.hstack([hidden, each]) for each in noise.transpose(1, 0, 2)])

    def moments(self, given: sp.csr_array) -> tuple[np.ndarray, np.ndarray]:
        """(B, I) -> mean and variance of the taste over N_DRAWS fixed draws, (B, L) float32 each."""
        half = np.random.default_rng(0).standard_normal((N_DRAWS // 2, self.n_noise)).astype(np.float32)
        noise = np.broadcast_to(np.concatenate([half, -half]), (given.shape[0], N_DRAWS, self.n_noise))
        tastes = self.taste(self.mixed(self.into(given), noise)).reshape(
            N_DRAWS, given.shape[0], len(self.taste.biases[-1])
        )
        return tastes.mean(axis=0), tastes.var(axis=0)


class Drawn(NamedTuple):
    """People of a batch, and what was drawn for them.

    Attributes:
        choices: (B, I) what they chose.
        given: (B, I) what the encoder is given of it.
        hidden: (B, H) what the first layer says.
        inputs: what goes into and comes out of the layers of `taste`, for all draws.
        tastes: (D, B, L) draws.
    """

    choices: np.ndarray
    given: sp.csr_array
    hidden: np.ndarray
    inputs: list[np.ndarray]
    tastes: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """(B, L) of the draws."""
        return np.asarray(self.tastes.mean(axis=0))

    @property
    def variance(self) -> np.ndarray:
        """(B, L) of the draws, as of the population that they are drawn from."""
        return np.asarray(self.tastes.var(axis=0, ddof=1) + LEAST_VARIANCE)


@dataclass(frozen=True, eq=False)
class Autoencoding:
    """An autoencoder, a critic of its draws and a critic of its reconstructions, who play for people's choices.

    The divergence of the posterior q from the prior is that of a normal distribution with the mean and the variance of
    q, which has a formula, plus what q has beyond it: E_q[log q(z) - log normal(z)]. Only that needs a critic, who
    learns to tell draws from normal ones (adaptive contrast: Mescheder et al. 2017, equation 8).

    Attributes:
        choices: (R, I) float32 of people.
        autoencoder: learns to say choices again.
        critic: (B, I + L) of a person beside a draw, standardised -> (B, 1) log odds of its being one of q's.
        auxiliary: (B, I) of shares in choices -> (B, 1) log odds that they are true.
        config: how they play.
        rng: of all that is drawn.
    """

    choices: sp.csr_array
    autoencoder: Autoencoder
    critic: DenseStack
    auxiliary: DenseStack
    config: VAEGANConfig
    rng: np.random.Generator

    @classmethod
    def begun(cls, choices: sp.csr_array, config: VAEGANConfig, rng: np.random.Generator) -> Self:
        """Before the first step: everybody chooses a film as often as all do."""
        n_items = choices.shape[1]
        autoencoder = Autoencoder.drawn(n_items, config, rng)
        counts = np.asarray(choices.sum(axis=0)).ravel() + config.prior
        autoencoder.decoder.biases[1][:] = np.log(counts / counts.sum())
        critic = DenseStack.drawn((n_items + config.n_latent, config.n_critic, config.n_critic, 1), CRITIC, rng)
        auxiliary = DenseStack.drawn((n_items, config.n_critic, 1), CRITIC[1:], rng)
        return cls(choices, autoencoder, critic, auxiliary, config, rng)

    def epochs(self) -> Iterator[Losses]:
        """Play; losses after each epoch."""
        game, players = self.config.game, []
        for name, stack, gradient, turns, weight in (
            ("critic", self.critic, self.criticism, game.critic_turns, self.config.beta),
            ("auxiliary", self.auxiliary, self.review, 1, self.config.auxiliary),
        ):
            if weight:
                players.append(
                    Player(
                        name=name, parameters=stack.parameters, gradient=gradient, rate=game.critic_rate, turns=turns
                    )
                )
        players.append(
            Player(name="loss", parameters=self.autoencoder.parameters, gradient=self.lesson, rate=game.rate)
        )
        return Game(*players).epochs(self.choices.shape[0], game, self.rng)

    def scores(self, profiles: sp.csr_array) -> np.ndarray:
        """What the autoencoder says of people."""
        return self.autoencoder.decoder(self.autoencoder.moments(shares_of(profiles))[0])

    def drawn(self, rows: np.ndarray) -> Drawn:
        """Some people, part of whose choices is hidden from the encoder, and draws of their tastes."""
        choices = self.choices[rows]
        given = shares_of(without_some(choices, self.config.forgets, self.rng))
        hidden, n_draws = self.autoencoder.into(given), self.config.draws
        noise = self.rng.standard_normal((len(rows), n_draws, self.config.n_noise), dtype=np.float32)
        inputs = self.autoencoder.taste.outputs(self.autoencoder.mixed(hidden, noise))
        return Drawn(
            choices.toarray(), given, hidden, inputs, inputs[-1].reshape(n_draws, len(rows), self.config.n_latent)
        )

    def criticism(self, rows: np.ndarray) -> tuple[Gradient, float]:
        """The critic's gradient: a draw of each person's against a normal one, both in standard deviations.

        These are known of a few draws alone, so normal ones come by as many.
        """
        drawn = self.drawn(rows)
        normal = drawn._replace(tastes=self.rng.standard_normal(drawn.tastes.shape, dtype=np.float32))
        pairs = np.vstack([self.of_critic(standardised(each), drawn) for each in (drawn, normal)])
        outputs = self.critic.outputs(pairs)
        is_draw = np.repeat(np.array([[1], [0]], dtype=np.float32), len(rows), axis=0)
        slope, loss = told_apart(outputs[-1], is_draw)
        return self.critic.gradient(outputs, slope), loss

    def of_critic(self, tastes: np.ndarray, drawn: Drawn) -> np.ndarray:
        """(B, I + L): people, and standardised tastes beside them."""
        return np.hstack([drawn.given.toarray(), tastes])

    def review(self, rows: np.ndarray) -> tuple[Gradient, float]:
        """The gradient of the critic of reconstructions: true shares in choices against those that are said."""
        drawn = self.drawn(rows)
        true = drawn.choices / np.maximum(drawn.choices.sum(axis=1, keepdims=True), 1e-12)
        said = softmax(self.autoencoder.decoder(drawn.tastes[0]))
        outputs = self.auxiliary.outputs(len(true[0]) * np.vstack([true, said]))
        is_true = np.repeat(np.array([[1], [0]], dtype=np.float32), len(rows), axis=0)
        slope, loss = told_apart(outputs[-1], is_true)
        return self.auxiliary.gradient(outputs, slope), loss

    def lesson(self, rows: np.ndarray) -> tuple[Gradient, float]:
        """The autoencoder's gradient: of minus the evidence's lower bound, the contraction, the auxiliary critic."""
        drawn, config = self.drawn(rows), self.config
        decoded = self.autoencoder.decoder.outputs(drawn.tastes[0])
        logit_slope, loss = self.reconstruction(decoded[-1], drawn.choices)
        taste_slope, divergence = self.divergence(drawn)
        decoder, stack = self.autoencoder.decoder, self.autoencoder.taste
        decoder_slopes = decoder.slopes(decoded, logit_slope)
        taste_slope[0] += decoder.slope_of_input(decoder_slopes)
        slopes = stack.slopes(drawn.inputs, taste_slope.reshape(-1, taste_slope.shape[2]))
        mixed_slope = stack.slope_of_input(slopes)[:, : drawn.hidden.shape[1]]
        contracted, kernel_slope, contraction = contractive(drawn.hidden, self.autoencoder.into.kernels[0])
        hidden_slope = mixed_slope.reshape(config.draws, len(rows), -1).sum(axis=0) + config.contraction * contracted
        into = self.autoencoder.into.gradient([drawn.given, drawn.hidden], hidden_slope)
        into[0] = into[0] + config.contraction * kernel_slope
        found = [*into, *stack.gradient_of(drawn.inputs, slopes), *decoder.gradient_of(decoded, decoder_slopes)]
        n = np.float32(max(len(rows), 1))
        return [each / n for each in found], (loss + divergence + config.contraction * contraction) / float(n)

    def reconstruction(self, logits: np.ndarray, choices: np.ndarray) -> tuple[np.ndarray, float]:
        """The slope of logits, (B, I), and the loss: nats of the choices, and what the auxiliary critic thinks."""
        chances = softmax(logits)
        slope = chances * choices.sum(axis=1, keepdims=True) - choices
        loss = -float(np.sum(choices * np.log(np.maximum(chances, 1e-30))))
        if self.config.auxiliary:
            outputs = self.auxiliary.outputs(chances.shape[1] * chances)
            fooled = slope_of(self.auxiliary, outputs, -sigmoid(outputs[-1])) * np.float32(chances.shape[1])
            fooled = chances * (fooled - np.sum(chances * fooled, axis=1, keepdims=True))
            slope = slope + np.float32(self.config.auxiliary) * fooled
            loss -= self.config.auxiliary * float(np.logaddexp(0, outputs[-1]).sum())
        return slope, loss

    def divergence(self, drawn: Drawn) -> tuple[np.ndarray, float]:
        """The slope of draws, (D, B, L), and the loss: beta times what q is away from the prior, in nats.

        The critic's part is taken of the first draw, with mean and variance held.
        """
        if not self.config.beta:
            return np.zeros_like(drawn.tastes), 0.0
        mean, variance, n = drawn.mean, drawn.variance, np.float32(self.config.draws)
        loss = float(np.sum(mean**2 + variance - 1 - np.log(variance)) / 2)
        slope = mean / n + (1 - 1 / variance) * (drawn.tastes - mean) / (n - 1)
        outputs = self.critic.outputs(self.of_critic(standardised(drawn), drawn))
        beyond = slope_of(self.critic, outputs, np.ones_like(outputs[-1]))[:, drawn.given.shape[1] :]
        slope[0] += beyond / np.sqrt(variance)
        loss += float(outputs[-1].sum())
        return np.float32(self.config.beta) * slope, self.config.beta * loss


CRITIC = ("tanh", "tanh", "linear")


def slope_of(critic: DenseStack, outputs: list[np.ndarray], slope: np.ndarray) -> np.ndarray:
    """The gradient of a loss with respect to what a critic was given, from that with respect to what it said."""
    return critic.slope_of_input(critic.slopes(outputs, slope))


def standardised(drawn: Drawn) -> np.ndarray:
    """(B, L) the first draw of each person, in standard deviations from the mean."""
    return np.asarray((drawn.tastes[0] - drawn.mean) / np.sqrt(drawn.variance))


def contractive(hidden: np.ndarray, kernel: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Squared slopes of a layer of tanh, summed over people: of every unit with respect to every input.

    Args:
        hidden: (B, H) what it answered.
        kernel: (I, H).

    Returns:
        The gradients with respect to what it answered and, that held, to the kernel; and the sum, which is
        sum_j (1 - h_j^2)^2 |w_j|^2 (Rifai et al. 2011, equation 5).
    """
    steep, lengths = 1 - hidden**2, np.sum(kernel**2, axis=0)  # (B, H), (H,)
    squares = np.sum(steep**2, axis=0)  # (H,)
    return -4 * hidden * steep * lengths, 2 * kernel * squares, float(squares @ lengths)
