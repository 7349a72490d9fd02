"""Two variational autoencoders that learn together, one of ratings and one of genres: what they answer, and a lesson.

    z ~ N(0, 1), L numbers, the first of which is generosity; w ~ N(0, 1), W numbers
    genre profile | w ~ N(g(w), 1)
    film | z, w ~ multinomial(softmax(f(z, w)))
    stars | z, w ~ ordered logit around b_i + c z_0 + t(z, w) . v_i

Legend: B histories, I items, H hidden units, T units for stars, Y numbers of a genre profile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import RatingScale
from recsys.models.base import entry_rows
from recsys.models.networks.choices import choice_loss, log_chances
from recsys.models.networks.histories import Described
from recsys.models.networks.ordered_stars import OrderedStars
from recsys.models.networks.posterior import Posterior
from recsys.models.numeric.dense_stack import DenseStack
from recsys.models.vae.config import TwinVAEConfig

TWO_LAYERS = ("tanh", "linear")
FIRST_TASTES = 0.05  # standard deviation of films' star weights before anything is learned


class Told(NamedTuple):
    """What a network knows of people.

    Attributes:
        history: their ratings.
        profile: (B, Y) what they like among genres.
        is_blind: (B, 1) bool, of whom no rating is known: their z is the prior's mean.
    """

    history: Described
    profile: np.ndarray
    is_blind: np.ndarray


class Wanted(NamedTuple):
    """What a network should have said of people.

    Attributes:
        counts: (B, I) how much they chose each film.
        group: (nnz,) which group of star levels they gave it, in the order of `counts`.
        profile: (B, Y).
    """

    counts: sp.csr_array
    group: np.ndarray
    profile: np.ndarray


class Weights(NamedTuple):
    """Of the parts of a loss: those of both divergences, of the stars, of the genres and of squared star weights."""

    beta: float
    genre_beta: float
    stars: float
    genres: float
    l2_stars: float


class Heard(NamedTuple):
    """What goes into each layer of the encoders, and comes out of the last: of histories, of tastes, of genres."""

    history: list[np.ndarray]
    tastes: list[np.ndarray]
    genres: list[np.ndarray]

    @property
    def rest(self) -> Posterior:
        """Of z without generosity."""
        return Posterior.of(self.tastes[-1])

    @property
    def w(self) -> Posterior:
        """Of w."""
        return Posterior.of(self.genres[-1])


@dataclass(frozen=True, eq=False)
class TwinNetwork:
    """Both autoencoders.

    Attributes:
        histories: 2 I -> H, what is heard of a history.
        tastes: H and generosity -> means and log variances of the rest of z.
        genre_encoder, genre_decoder: Y -> those of w, and back.
        choices: z and w -> H -> I logits.
        star_tastes: z and w -> T -> I stars.
        generosity: (), stars per unit of z_0.
        stars: how they lie around their centre.
    """

    histories: DenseStack
    tastes: DenseStack
    genre_encoder: DenseStack
    genre_decoder: DenseStack
    choices: DenseStack
    star_tastes: DenseStack
    generosity: np.ndarray
    stars: OrderedStars

    @classmethod
    def drawn(
        cls, n_items: int, n_profile: int, config: TwinVAEConfig, scale: RatingScale, rng: np.random.Generator
    ) -> Self:
        """Networks that have learned nothing, for stars of the scale."""
        n_hidden, n_latent, n_codes = config.n_hidden, config.n_latent, config.n_genre_latent
        n_units, n_both = config.n_genre_units, n_latent + n_codes
        star_tastes = DenseStack.drawn((n_both, config.n_star_units, n_items), TWO_LAYERS, rng)
        star_tastes.kernels[1][:] = rng.normal(0, FIRST_TASTES, star_tastes.kernels[1].shape)
        return cls(
            DenseStack.drawn((2 * n_items, n_hidden), ("tanh",), rng),
            DenseStack.drawn((n_hidden + 1, 2 * (n_latent - 1)), ("linear",), rng),
            DenseStack.drawn((n_profile, n_units, 2 * n_codes), TWO_LAYERS, rng),
            DenseStack.drawn((n_codes, n_units, n_profile), TWO_LAYERS, rng),
            DenseStack.drawn((n_both, n_hidden, n_items), TWO_LAYERS, rng),
            star_tastes,
            np.ones((), dtype=np.float32),
            OrderedStars.of(scale),
        )

    @property
    def stacks(self) -> tuple[DenseStack, ...]:
        """All layers."""
        return (
            self.histories,
            self.tastes,
            self.genre_encoder,
            self.genre_decoder,
            self.choices,
            self.star_tastes,
        )

    @property
    def parameters(self) -> list[np.ndarray]:
        """Everything that is learned."""
        return [*(each for stack in self.stacks for each in stack.parameters), self.generosity, *self.stars]

    @classmethod
    def of(cls, parameters: Sequence[np.ndarray]) -> Self:
        """The network that has these `parameters`."""
        stacks, rest = [], list(parameters)
        for names in (("tanh",), ("linear",), *[TWO_LAYERS] * 4):
            part, rest = rest[: 2 * len(names)], rest[2 * len(names) :]
            stacks.append(DenseStack(part[::2], part[1::2], names))
        histories, tastes, genre_encoder, genre_decoder, choices, star_tastes = stacks
        generosity, *stars = rest
        return cls(
            histories, tastes, genre_encoder, genre_decoder, choices, star_tastes, generosity, OrderedStars(*stars)
        )

    def taste(self, told: Told) -> Posterior:
        """Of z, all of it."""
        heard = self.histories(told.history.features)
        rest = Posterior.of(self.tastes(np.hstack([heard, told.history.generosity])))
        return whole(rest, told)

    def means(self, told: Told) -> np.ndarray:
        """(B, L + W) float32 of z and w."""
        of_genres = Posterior.of(self.genre_encoder(told.profile))
        return np.hstack([self.taste(told).mean, of_genres.mean]).astype(np.float32)

    def log_chances(self, both: np.ndarray) -> np.ndarray:
        """Which films people of these z and w choose, (B, L + W) -> (B, I) nats."""
        return log_chances(self.choices(both))

    def centres(self, both: np.ndarray) -> np.ndarray:
        """Where the stars of films lie, (B, L + W) -> (B, I)."""
        return np.asarray(self.star_tastes(both) + self.generosity * both[:, :1])

    @property
    def n_latent(self) -> int:
        """L."""
        return len(self.tastes.biases[0]) // 2 + 1

    def lesson(self, told: Told, wanted: Wanted, noise: np.ndarray, weights: Weights) -> tuple[list[np.ndarray], float]:
        """The gradient of the negative evidence lower bound, averaged over people, and that bound in nats.

        Args:
            told: of people.
            wanted: what is to be said of them.
            noise: (B, L + W) standard normal, of the draws of z and w.
            weights: of the parts.
        """
        n_people, heard = max(len(told.profile), 1), self.heard(told)
        z, w = whole(heard.rest, told), heard.w
        drawn_z = np.where(told.is_blind, 0, z.draw(noise[:, : self.n_latent]))
        drawn_w = w.draw(noise[:, self.n_latent :]).astype(np.float32)
        both = np.hstack([drawn_z, drawn_w]).astype(np.float32)
        choices, at_both, of_choices = self.choice_lesson(both, wanted, n_people)
        stars, more, of_stars = self.star_lesson(both, wanted, weights, n_people)
        genres, at_w, of_genres = self.genre_lesson(drawn_w, wanted.profile, weights.genres / n_people)
        at_both += more
        at_both[:, self.n_latent :] += at_w
        gradient = [*self.heard_gradient(told, heard, at_both, noise, weights), *of_genres, *of_choices, *of_stars]
        divergence = weights.beta * float(np.where(told.is_blind[:, 0], 0, z.divergence()).sum())
        divergence += weights.genre_beta * float(w.divergence().sum())
        return gradient, choices + stars + genres + divergence / n_people

    def heard(self, told: Told) -> "Heard":
        """What the encoders answer on the way to z and w."""
        history = self.histories.outputs(told.history.features)
        tastes = self.tastes.outputs(np.hstack([history[-1], told.history.generosity]))
        return Heard(history, tastes, self.genre_encoder.outputs(told.profile))

    def heard_gradient(
        self, told: Told, heard: "Heard", at_both: np.ndarray, noise: np.ndarray, weights: Weights
    ) -> list[np.ndarray]:
        """The gradient with respect to the encoders, given that to the draws of z and w, (B, L + W)."""
        n_people, n_latent = max(len(told.profile), 1), self.n_latent
        of_rest = heard.rest.slopes(at_both[:, 1:n_latent], noise[:, 1:n_latent], weights.beta / n_people)
        at_rest = np.where(told.is_blind, 0, np.concatenate(of_rest, axis=1)).astype(np.float32)
        slopes = self.tastes.slopes(heard.tastes, at_rest)
        of_w = heard.w.slopes(at_both[:, n_latent:], noise[:, n_latent:], weights.genre_beta / n_people)
        return [
            *self.histories.gradient(heard.history, self.tastes.slope_of_input(slopes)[:, :-1]),
            *self.tastes.gradient_of(heard.tastes, slopes),
            *self.genre_encoder.gradient(heard.genres, np.concatenate(of_w, axis=1).astype(np.float32)),
        ]

    def choice_lesson(
        self, both: np.ndarray, wanted: Wanted, n_people: int
    ) -> tuple[float, np.ndarray, list[np.ndarray]]:
        """Nats of choices, and the gradient with respect to z and w and to the layers."""
        said = self.choices.outputs(both)
        loss, slope = choice_loss(said[-1].copy(), wanted.counts)
        slopes = self.choices.slopes(said, slope / np.float32(n_people))
        return loss / n_people, self.choices.slope_of_input(slopes), self.choices.gradient_of(said, slopes)

    def star_lesson(
        self, both: np.ndarray, wanted: Wanted, weights: Weights, n_people: int
    ) -> tuple[float, np.ndarray, list[np.ndarray]]:
        """The same of stars, with the penalty of films' weights; then those of generosity and thresholds."""
        said, rows = self.star_tastes.outputs(both), entry_rows(wanted.counts)
        cells = rows, wanted.counts.indices
        centre = said[-1][cells] + self.generosity * both[rows, 0]
        loss, at_centre, at_stars = self.stars.loss(centre, wanted.group)
        share = weights.stars / n_people
        slope = np.zeros_like(said[-1])
        slope[cells] = share * at_centre
        slopes = self.star_tastes.slopes(said, slope)
        gradient = self.star_tastes.gradient_of(said, slopes)
        kernel = self.star_tastes.kernels[1]
        gradient[2] = gradient[2] + np.float32(2 * weights.l2_stars) * kernel
        others: list[np.ndarray] = [
            np.asarray(share * float(at_centre @ both[rows, 0]), dtype=np.float32),
            *(np.asarray(np.float32(share) * each) for each in at_stars),
        ]
        penalty = weights.l2_stars * float(np.sum(kernel.astype(np.float64) ** 2))
        return share * loss + penalty, self.star_tastes.slope_of_input(slopes), [*gradient, *others]

    def genre_lesson(
        self, w: np.ndarray, profile: np.ndarray, share: float
    ) -> tuple[float, np.ndarray, list[np.ndarray]]:
        """The same of genre profiles, without the constant of a normal distribution."""
        said = self.genre_decoder.outputs(w)
        missed = said[-1] - profile
        slopes = self.genre_decoder.slopes(said, np.float32(share) * missed)
        gradient = self.genre_decoder.gradient_of(said, slopes)
        return share * float(np.sum(missed**2)) / 2, self.genre_decoder.slope_of_input(slopes), gradient


def whole(rest: Posterior, told: Told) -> Posterior:
    """All of z: generosity, whose posterior is known, and the rest; nothing but the prior's mean of who is blind."""
    mean = np.hstack([told.history.generosity, rest.mean])
    log_var = np.hstack([told.history.generosity_log_var, rest.log_var])
    return Posterior(np.where(told.is_blind, 0, mean), np.where(told.is_blind, 0, log_var))
