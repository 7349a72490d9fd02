"""A variational autoencoder that needs no density of its posterior: a critic tells how far that is from a normal one.

Legend: B people, I items, L latent dimensions, H hidden units, N numbers of noise, F = H + N, T units for tastes.
"""

from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.adversarial.autoencoding import Autoencoder, Autoencoding, shares_of
from recsys.models.adversarial.config import VAEGANConfig
from recsys.models.adversarial.contest import played
from recsys.models.base import graded
from recsys.models.learned import LearningModel, learned
from recsys.models.numeric.threads import by_blocks
from recsys.training import Training


class VAEGAN(LearningModel):
    """An adversarial variational autoencoder of choices (Yu, Zhang, Cao and Xia 2019; Mescheder et al. 2017)."""

    into_kernel: np.ndarray = learned("I H={n_hidden}")
    into_bias: np.ndarray = learned("H={n_hidden}")
    mixing_kernel: np.ndarray = learned("F={n_mixed} T={n_taste}")
    mixing_bias: np.ndarray = learned("T={n_taste}")
    taste_kernel: np.ndarray = learned("T={n_taste} L={n_latent}")
    taste_bias: np.ndarray = learned("L={n_latent}")
    decoder_kernel: np.ndarray = learned("L={n_latent} H={n_hidden}")
    decoder_bias: np.ndarray = learned("H={n_hidden}")
    choice_kernel: np.ndarray = learned("H={n_hidden} I")
    choice_bias: np.ndarray = learned("I")

    config: VAEGANConfig

    def __init__(self, config: VAEGANConfig = VAEGANConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def sizes(self) -> dict[str, Any]:
        """The settings, and how much the encoder puts together."""
        return super().sizes() | {"n_mixed": self.config.n_hidden + self.config.n_noise}

    def learn(self, data: Interactions, training: Training) -> None:
        """Let autoencoder and critics play, and keep the autoencoder."""

        def begin(people: sp.csr_array, rng: np.random.Generator) -> Autoencoding:
            return Autoencoding.begun(people, self.config, rng)

        found = played(begin, self.choices(data.stars), self.config.game, training).autoencoder
        self.__dict__.pop("autoencoder", None)
        for each, values in zip(self.declared(), found.parameters, strict=True):
            setattr(self, each.name, values)

    def choices(self, history: sp.csr_array) -> sp.csr_array:
        """(B, I) stars -> (B, I) float32 in (0, 1]: how much of a choice each rating is; those of the lowest, none."""
        found = graded(history, self.scale).astype(np.float32)
        found.eliminate_zeros()
        return found

    @cached_property
    def autoencoder(self) -> Autoencoder:
        """What was learned."""
        return Autoencoder.of([getattr(self, each.name) for each in self.declared()])

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) float32, the log chance of a choice but for a number that is the same for all films."""
        return by_blocks(lambda block: self.autoencoder.decoder(self.latent(block)[0]), people)

    def latent(self, people: Histories) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of the taste, (B, L) float32 each, over a few fixed draws: the posterior has no density."""
        return self.autoencoder.moments(shares_of(self.choices(people.stars)))
