"""A variational autoencoder that can be asked for genres.

Legend: B histories, U training users, E examples, I items, G genres, H hidden units, L latent dimensions.
"""

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.liking import least_stars
from recsys.models.base import entry_rows, graded, with_values
from recsys.models.learned import LearningModel, learned
from recsys.models.networks.choices import choice_loss, log_chances
from recsys.models.networks.posterior import Annealing, Posterior
from recsys.models.numeric.dense_stack import DenseStack
from recsys.models.numeric.descent import Gradient, descend
from recsys.models.numeric.threads import by_blocks
from recsys.models.vae.conditions import Example, Examples
from recsys.models.vae.config import ConditionedVAEConfig
from recsys.training import Training

TINY = 1e-6  # keeps an empty history from being divided by 0


class ConditionedVAE(LearningModel):
    """score = log chance of a choice, given the mean of z; z is read off a history and the genres that are asked for.

    Conditioned variational autoencoders (Carraro, Polato, Aiolli 2020, "Conditioned variational autoencoder for top-N
    item recommendation"): the encoder is told, behind the history, which genres are wanted, and for whoever wants some
    films of these alone are right. Whoever wants none is served as by a plain one.
    """

    film_kernel: np.ndarray = learned("I H={n_hidden}")
    genre_kernel: np.ndarray | None = learned("G H={n_hidden}", default=None)  # where genres are known
    hidden_bias: np.ndarray = learned("H={n_hidden}")
    code_kernel: np.ndarray = learned("H={n_hidden} C={n_code}")
    code_bias: np.ndarray = learned("C={n_code}")
    taste_kernel: np.ndarray = learned("L={n_latent} H={n_hidden}")
    taste_bias: np.ndarray = learned("H={n_hidden}")
    choice_kernel: np.ndarray = learned("H={n_hidden} I")
    choice_bias: np.ndarray = learned("I")

    config: ConditionedVAEConfig

    def __init__(self, config: ConditionedVAEConfig = ConditionedVAEConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def sizes(self) -> dict[str, int]:
        """The settings, and how long a code is: means and log variances."""
        return super().sizes() | {"n_code": 2 * self.config.n_latent}

    @property
    def understands_genres(self) -> bool:
        """Whether it has learned what genres say."""
        return self.genre_kernel is not None

    def learn(self, data: Interactions, training: Training) -> None:
        """Train on people as they are and as they ask for genres."""
        rng, (n_people, n_items) = np.random.default_rng(training.seed), data.shape
        genres = None if data.films is None or data.films.genres is None or not data.n_ratings else data.films.genres
        examples = Examples.of(
            data.stars, self.grades(data.stars), genres, least_stars(self.config.liked_from, self.scale, data.stars)
        )
        n_hidden, n_latent = self.config.n_hidden, self.config.n_latent
        n_told = n_items + examples.genres.shape[1]
        encoder = DenseStack.drawn((n_told, n_hidden, 2 * n_latent), ("tanh", "linear"), rng)
        decoder = DenseStack.drawn((n_latent, n_hidden, n_items), ("tanh", "linear"), rng)
        decoder.biases[-1][:] = np.log(np.asarray(examples.grades.sum(axis=0)).ravel() + 1)
        n_batches = -(-n_people // self.config.batch_size)
        annealing = Annealing(self.config.beta, max(1, self.config.anneal_epochs * n_batches))

        def steps(people: np.ndarray) -> Iterator[tuple[Gradient, float]]:
            drawn = examples.draw(people, self.config.forgets, self.config.strangers, rng)
            noise = rng.standard_normal((2 * len(people), n_latent), dtype=np.float32)
            yield slopes(encoder, decoder, drawn, noise, annealing.next())

        descend([*encoder.parameters, *decoder.parameters], n_people, steps, self.config, rng, training)
        self.keep(encoder, decoder, n_items)

    def keep(self, encoder: DenseStack, decoder: DenseStack, n_items: int) -> None:
        """Take what networks learned."""
        told, self.hidden_bias, self.code_kernel, self.code_bias = encoder.parameters
        self.film_kernel, of_genres = np.split(told, [n_items])
        self.genre_kernel = of_genres if len(of_genres) else None
        self.taste_kernel, self.taste_bias, self.choice_kernel, self.choice_bias = decoder.parameters

    def grades(self, history: sp.csr_array) -> sp.csr_array:
        """(B, I) stars -> (B, I) float32 in [0, 1]: how much of a choice each rating is."""
        return graded(history, self.scale).astype(np.float32)

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) float32 nats; genres move them.

        Raises:
            ValueError: genres are asked for, and what they say was not learned.
        """
        if people.genres is not None and self.genre_kernel is None:
            raise ValueError("got genres, but the model was fitted without films' genres; fit it with them")
        return by_blocks(self.scores_of, people)

    def scores_of(self, people: Histories) -> np.ndarray:
        """The same for a block of people."""
        hidden = of_length_one(self.grades(people.stars)) @ self.film_kernel + self.hidden_bias
        if people.genres is not None and self.genre_kernel is not None:
            hidden = hidden + people.genres.astype(np.float32) @ self.genre_kernel
        mean = Posterior.of(np.tanh(hidden) @ self.code_kernel + self.code_bias).mean
        says = np.tanh(mean @ self.taste_kernel + self.taste_bias)
        return np.asarray(log_chances(says @ self.choice_kernel + self.choice_bias), dtype=np.float32)


def slopes(
    encoder: DenseStack, decoder: DenseStack, drawn: Example, noise: np.ndarray, weight: float
) -> tuple[Gradient, float]:
    """The gradient of the loss of both networks' parameters, and the loss, for each example.

    Args:
        encoder, decoder: as they stand.
        drawn: E examples; those for whom nothing is right do not count.
        noise: (E, L) that z is drawn with.
        weight: of the divergence.
    """
    counts = (np.diff(drawn.wanted.indptr) > 0).astype(np.float32)[:, None]
    n = max(float(counts.sum()), 1.0)
    told = encoder.outputs(sp.csr_array(sp.hstack([of_length_one(drawn.told), sp.csr_array(drawn.asked)])))
    posterior = Posterior.of(told[-1])
    said = decoder.outputs(posterior.draw(noise))
    loss, at_logits = choice_loss(said[-1], drawn.wanted)
    decoding = decoder.slopes(said, at_logits / np.float32(n))
    at_code = posterior.slopes(decoder.slope_of_input(decoding), noise, weight / n)
    encoding = encoder.slopes(told, np.concatenate(at_code, axis=1) * counts)
    loss += weight * float(posterior.divergence() @ counts[:, 0])
    return [*encoder.gradient_of(told, encoding), *decoder.gradient_of(said, decoding)], loss / n


def of_length_one(grades: sp.csr_array) -> sp.csr_array:
    """(B, I) grades over their Euclidean norm, float32."""
    rows = entry_rows(grades)
    norm = np.sqrt(np.bincount(rows, grades.data.astype(np.float64) ** 2, minlength=grades.shape[0]) + TINY)
    return with_values(grades, (grades.data / norm[rows]).astype(np.float32))
