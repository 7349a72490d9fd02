"""A variational autoencoder of choices (Liang et al. 2018, "Mult-VAE") in NumPy: what it answers, and how it learns.

    z ~ N(0, 1), film | z ~ multinomial(softmax(f(z)))

Legend: B histories, I items, H hidden units, L latent dimensions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.models.networks.choices import choice_loss, log_chances
from recsys.models.networks.posterior import Posterior
from recsys.models.numeric.dense_stack import DenseStack

TWO_LAYERS = ("tanh", "linear")


@dataclass(frozen=True, eq=False)
class ChoiceNetwork:
    """An encoder of histories, and a decoder of tastes; a hidden layer each.

    Attributes:
        encoder: I -> H -> 2 L, the means and log variances of z.
        decoder: L -> H -> I, how likely each film is, as logits.
    """

    encoder: DenseStack
    decoder: DenseStack

    @classmethod
    def drawn(cls, n_items: int, n_hidden: int, n_latent: int, rng: np.random.Generator) -> Self:
        """A network that has learned nothing."""
        return cls(
            DenseStack.drawn((n_items, n_hidden, 2 * n_latent), TWO_LAYERS, rng),
            DenseStack.drawn((n_latent, n_hidden, n_items), TWO_LAYERS, rng),
        )

    @classmethod
    def of(cls, parameters: Sequence[np.ndarray]) -> Self:
        """The network that has these `parameters`."""
        halves = parameters[:4], parameters[4:]
        return cls(*(DenseStack(half[::2], half[1::2], TWO_LAYERS) for half in halves))

    @property
    def parameters(self) -> list[np.ndarray]:
        """The encoder's, then the decoder's, four each."""
        return [*self.encoder.parameters, *self.decoder.parameters]

    def taste(self, told: sp.csr_array) -> Posterior:
        """Of people of whom (B, I) is told."""
        return Posterior.of(self.encoder(told))

    def log_chances(self, z: np.ndarray) -> np.ndarray:
        """What people of these tastes choose, (B, L) -> (B, I) float32 nats."""
        return log_chances(self.decoder(z))

    def lesson(
        self, told: sp.csr_array, chosen: sp.csr_array, noise: np.ndarray, weight: float, beyond: np.ndarray
    ) -> tuple[list[np.ndarray], float]:
        """The gradient of the negative evidence lower bound, averaged over people, and that bound in nats.

        Args:
            told: (B, I) of people.
            chosen: (B, I) how much each film was chosen by them.
            noise: (B, L) standard normal, of the tastes that are drawn.
            weight: of the divergence.
            beyond: (I,) what is added to the logits: -inf for films that nobody could choose.
        """
        n_people = max(told.shape[0], 1)
        heard = self.encoder.outputs(told)
        taste = Posterior.of(heard[-1])
        said = self.decoder.outputs(taste.draw(noise))
        loss, slope = choice_loss(said[-1] + beyond, chosen)
        slopes = self.decoder.slopes(said, slope / np.float32(n_people))
        at_code = np.concatenate(
            taste.slopes(self.decoder.slope_of_input(slopes), noise, weight / n_people), axis=1, dtype=np.float32
        )
        gradient = [*self.encoder.gradient(heard, at_code), *self.decoder.gradient_of(said, slopes)]
        return gradient, (loss + weight * float(taste.divergence().sum())) / n_people
