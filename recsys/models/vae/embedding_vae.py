"""A variational autoencoder of choices that knows films by codes, which a sibling of it found in their features.

Legend: B histories, U training users, I items, D numbers of a film's code, H hidden units, L latent dimensions,
M networks.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions, keep_entries
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.base import graded, with_values
from recsys.models.learned import LearningModel, learned
from recsys.models.networks.histories import grades_of_length_one
from recsys.models.networks.posterior import Annealing
from recsys.models.numeric.dense_stack import DenseStack
from recsys.models.numeric.descent import Gradient, descend
from recsys.models.numeric.threads import by_blocks
from recsys.models.vae.choosing import ChoiceNetwork
from recsys.models.vae.config import EmbeddingVAEConfig
from recsys.models.vae.film_codes import film_codes
from recsys.training import Training

INTO, OUT, OUT_BIAS = 0, 6, 7  # of a ChoiceNetwork's parameters: those that have a place for each film


class EmbeddingVAE(LearningModel):
    """Film embeddings from a sibling VAE (Gupta, Raghuprasad and Kumar 2018), in a VAE that can rank.

    A film's weights, into the network and out of it, are a linear map of its code plus what is the film's own. The
    latter is held near 0, so films that few rated are told apart by their codes. Films without any rating are left out
    of the softmax in training: that nobody chose them says nothing.
    """

    into_kernel: np.ndarray = learned("M={n_networks} I H={n_hidden}")
    into_bias: np.ndarray = learned("M={n_networks} H={n_hidden}")
    code_kernel: np.ndarray = learned("M={n_networks} H={n_hidden} K={n_code}")
    code_bias: np.ndarray = learned("M={n_networks} K={n_code}")
    taste_kernel: np.ndarray = learned("M={n_networks} L={n_latent} H={n_hidden}")
    taste_bias: np.ndarray = learned("M={n_networks} H={n_hidden}")
    out_kernel: np.ndarray = learned("M={n_networks} H={n_hidden} I")
    out_bias: np.ndarray = learned("M={n_networks} I")

    config: EmbeddingVAEConfig

    def __init__(self, config: EmbeddingVAEConfig = EmbeddingVAEConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def sizes(self) -> dict[str, int]:
        """The settings, and how many numbers an encoder answers."""
        return super().sizes() | {"n_code": 2 * self.config.n_latent}

    def learn(self, data: Interactions, training: Training) -> None:
        """Find films' codes; then train the networks one after the other."""
        codes = film_codes(data.films, data.shape[1], self.config.films, training)
        seeds = np.random.default_rng(training.seed).integers(2**31 - 1, size=self.config.n_networks)
        train = data.stars[np.diff(data.stars.indptr) > 0]
        found = [self.trained(train, codes, int(seed), training).parameters for seed in seeds]
        for each, arrays in zip(self.declared(), zip(*found, strict=True), strict=True):
            setattr(self, each.name, np.stack(arrays))

    def trained(self, train: sp.csr_array, codes: np.ndarray, seed: int, training: Training) -> ChoiceNetwork:
        """One network that has learned from (U, I) stars, given films' codes, (I, D)."""
        rng = np.random.default_rng(seed)
        lessons = Lessons.of(train, codes, self.config, self.scale, rng)
        descend(lessons.parameters, train.shape[0], lessons.steps, self.config, rng, training.unkept)
        return lessons.network()

    @property
    def networks(self) -> Iterator[ChoiceNetwork]:
        """As they were trained."""
        arrays = (getattr(self, each.name) for each in self.declared())
        return (ChoiceNetwork.of(parameters) for parameters in zip(*arrays, strict=True))

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) float32 nats: the mean log chance of a film to be chosen."""
        return by_blocks(self.score_of_block, people)

    def score_of_block(self, people: Histories) -> np.ndarray:
        """The same of few."""
        told = with_values(people.stars, grades_of_length_one(people.stars, self.scale))
        answers = [network.log_chances(network.taste(told).mean) for network in self.networks]
        return np.asarray(sum(answers) / len(answers), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Lessons:
    """What a network learns from a batch of people, its films' weights being made of codes.

    Attributes:
        train: (U, I) stars of all people.
        scale: of the stars.
        own: the network of what is each film's own.
        into_map: (D, H), from a code to the film's weights into the network.
        out_map: (H + 1, D), from a code to its weights out of it, the bias last.
        codes: (I, D).
        beyond: (I,) -inf for films without ratings, else 0.
        annealing: of the divergence.
        config: how it learns.
        rng: of what is forgotten, and of tastes.
    """

    train: sp.csr_array
    scale: RatingScale
    own: ChoiceNetwork
    into_map: np.ndarray
    out_map: np.ndarray
    codes: np.ndarray
    beyond: np.ndarray
    annealing: Annealing
    config: EmbeddingVAEConfig
    rng: np.random.Generator

    @classmethod
    def of(
        cls,
        train: sp.csr_array,
        codes: np.ndarray,
        config: EmbeddingVAEConfig,
        scale: RatingScale,
        rng: np.random.Generator,
    ) -> "Lessons":
        """Before the first step."""
        own = ChoiceNetwork.drawn(train.shape[1], config.n_hidden, config.n_latent, rng)
        maps = DenseStack.drawn((codes.shape[1], config.n_hidden, codes.shape[1]), ("linear",) * 2, rng.spawn(1)[0])
        is_rated = np.bincount(train.indices, minlength=train.shape[1]) > 0
        own.encoder.kernels[0][~is_rated], own.decoder.kernels[1][:, ~is_rated] = 0, 0
        return cls(
            train=train,
            scale=scale,
            own=own,
            into_map=maps.kernels[0],
            out_map=np.vstack([maps.kernels[1], maps.biases[1]]),
            codes=codes,
            beyond=np.where(is_rated | ~is_rated.any(), 0, -np.inf).astype(np.float32),
            annealing=Annealing(config.beta, config.anneal_epochs * max(1, -(-train.shape[0] // config.batch_size))),
            config=config,
            rng=rng,
        )

    @property
    def parameters(self) -> list[np.ndarray]:
        """Everything that is learned."""
        codes = [] if self.config.frozen else [self.codes]
        return [*self.own.parameters, self.into_map, self.out_map, *codes]

    def network(self) -> ChoiceNetwork:
        """The network whose films' weights are their own and what their codes say."""
        parameters, out = self.own.parameters, self.out_map @ self.codes.T  # (H + 1, I)
        parameters[INTO] = parameters[INTO] + self.codes @ self.into_map
        parameters[OUT], parameters[OUT_BIAS] = parameters[OUT] + out[:-1], parameters[OUT_BIAS] + out[-1]
        return ChoiceNetwork.of(parameters)

    def steps(self, rows: np.ndarray) -> Iterator[tuple[Gradient, float]]:
        """The gradient of a step on people, and the negative evidence lower bound of each in the mean, nats."""
        batch = self.train[rows]
        kept = keep_entries(batch, self.rng.random(batch.nnz) >= self.config.forgets)
        told = with_values(kept, grades_of_length_one(kept, self.scale))
        chosen = graded(batch, self.scale).astype(np.float32)
        noise = self.rng.standard_normal((len(rows), self.config.n_latent), dtype=np.float32)
        network, weight = self.network(), self.annealing.next()
        gradient, loss = network.lesson(told, chosen, noise, weight, self.beyond)
        yield self.of_parts(gradient), loss

    def of_parts(self, gradient: list[np.ndarray]) -> list[np.ndarray]:
        """The gradient with respect to `parameters`, given that with respect to the network's."""
        out = np.vstack([gradient[OUT], gradient[OUT_BIAS]])  # (H + 1, I)
        found = [*gradient, self.codes.T @ gradient[INTO], out @ self.codes]
        if not self.config.frozen:
            found.append(gradient[INTO] @ self.into_map.T + out.T @ self.out_map)
        for place in (INTO, OUT, OUT_BIAS):
            found[place] = gradient[place] + np.float32(self.config.l2_own) * self.own.parameters[place]
        return found
