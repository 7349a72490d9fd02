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
from recsys.models.vae.conditions import Example, Examples, beyond_genres
from recsys.models.vae.config import ConditionedVAEConfig
from recsys.training import Training

TINY = 1e-6  # keeps an empty history from being divided by 0


class ConditionedVAE(LearningModel):
    """score = log chance of a choice, given the mean of z; z is read off a history and the genres that are asked for.

    Conditioned variational autoencoders (Carraro, Polato, Aiolli 2020, "Conditioned variational autoencoder for top-N
    item recommendation"): the encoder is told, behind the history, which genres are wanted, and for whoever wants some
    films of these alone are right. Whoever wants none is served as by a plain one. Here the decoder is told, too, and
    which films have these genres need not be learned: all others lose `OUT`.
    """

    film_kernel: np.ndarray = learned("I H={n_hidden}")
    genre_kernel: np.ndarray | None = learned("G H={n_hidden}", default=None)  # where genres are known
    hidden_bias: np.ndarray = learned("H={n_hidden}")
    code_kernel: np.ndarray = learned("H={n_hidden} C={n_code}")
    code_bias: np.ndarray = learned("C={n_code}")
    taste_kernel: np.ndarray = learned("L={n_latent} H={n_hidden}")
    asked_kernel: np.ndarray | None = learned("G H={n_hidden}", default=None)  # likewise
    taste_bias: np.ndarray = learned("H={n_hidden}")
    choice_kernel: np.ndarray = learned("H={n_hidden} I")
    choice_bias: np.ndarray = learned("I")
    film_genres: np.ndarray | None = learned("I G in 0..1", default=None)  # likewise

    config: ConditionedVAEConfig

    def __init__(self, config: ConditionedVAEConfig = ConditionedVAEConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def sizes(self) -> dict[str, int]:
        """The settings, and how long a code is: means and log variances."""
        return super().sizes() | {"n_code": 2 * self.config.n_latent}

    @property
    def understands_genres(self) -> bool:
        """Whether it has learned what genres say."""
        return not any(each is None for each in (self.genre_kernel, self.asked_kernel, self.film_genres))

    def learn(self, data: Interactions, training: Training) -> None:
        """Train on people as they are and as they ask for genres."""
        rng, (n_people, n_items) = np.random.default_rng(training.seed), data.shape
        genres = None if data.films is None or data.films.genres is None or not data.n_ratings else data.films.genres
        examples = Examples.of(
            data.stars, self.grades(data.stars), genres, least_stars(self.config.liked_from, self.scale, data.stars)
        )
        n_hidden, n_latent = self.config.n_hidden, self.config.n_latent
        n_genres = examples.genres.shape[1]
        encoder = DenseStack.drawn((n_items + n_genres, n_hidden, 2 * n_latent), ("tanh", "linear"), rng)
        decoder = DenseStack.drawn((n_latent + n_genres, n_hidden, n_items), ("tanh", "linear"), rng)
        decoder.biases[-1][:] = np.log(np.asarray(examples.grades.sum(axis=0)).ravel() + 1)
        n_batches = -(-n_people // self.config.batch_size)
        annealing = Annealing(self.config.beta, max(1, self.config.anneal_epochs * n_batches))

        def steps(people: np.ndarray) -> Iterator[tuple[Gradient, float]]:
            drawn = examples.draw(people, self.config.forgets, self.config.strangers, rng)
            noise = rng.standard_normal((2 * len(people), n_latent), dtype=np.float32)
            yield slopes(encoder, decoder, drawn, noise, annealing.next())

        descend([*encoder.parameters, *decoder.parameters], n_people, steps, self.config, rng, training.unkept)
        self.keep(encoder, decoder, examples.genres)

    def keep(self, encoder: DenseStack, decoder: DenseStack, genres: np.ndarray) -> None:
        """Take what networks learned, and the films' genres, (I, G) bool."""
        told, self.hidden_bias, self.code_kernel, self.code_bias = encoder.parameters
        heard, self.taste_bias, self.choice_kernel, self.choice_bias = decoder.parameters
        self.film_kernel, genre_kernel = np.split(told, [len(genres)])
        self.taste_kernel, asked_kernel = np.split(heard, [self.config.n_latent])
        is_known = genres.shape[1] > 0
        self.genre_kernel, self.asked_kernel = (genre_kernel, asked_kernel) if is_known else (None, None)
        self.film_genres = genres.astype(np.float32) if is_known else None

    def grades(self, history: sp.csr_array) -> sp.csr_array:
        """(B, I) stars -> (B, I) float32 in [0, 1]: how much of a choice each rating is."""
        return graded(history, self.scale).astype(np.float32)

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) float32 nats; genres move them.

        Raises:
            ValueError: genres are asked for, and what they say was not learned.
        """
        if people.genres is not None and not self.understands_genres:
            raise ValueError("got genres, but the model was fitted without films' genres; fit it with them")
        return by_blocks(self.scores_of, people)

    def scores_of(self, people: Histories) -> np.ndarray:
        """The same for a block of people."""
        asked = people.genres
        hidden = of_length_one(self.grades(people.stars)) @ self.film_kernel + self.hidden_bias
        mean = Posterior.of(np.tanh(hidden + heard(asked, self.genre_kernel)) @ self.code_kernel + self.code_bias).mean
        taste = np.tanh(mean @ self.taste_kernel + self.taste_bias + heard(asked, self.asked_kernel))
        logits = taste @ self.choice_kernel + self.choice_bias
        if asked is not None and self.film_genres is not None:
            logits += beyond_genres(asked, self.film_genres)
        return np.asarray(log_chances(logits), dtype=np.float32)


def heard(asked: np.ndarray | None, kernel: np.ndarray | None) -> np.ndarray | float:
    """What units hear of the genres that are asked for, (B, G) bool: (B, H), or nothing where there is none."""
    return 0.0 if asked is None or kernel is None else np.asarray(asked.astype(np.float32) @ kernel)


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
    said = decoder.outputs(np.concatenate([posterior.draw(noise), drawn.asked], axis=1))
    loss, at_logits = choice_loss(said[-1] + drawn.beyond, drawn.wanted)
    decoding = decoder.slopes(said, at_logits / np.float32(n))
    at_draw = decoder.slope_of_input(decoding)[:, : noise.shape[1]]
    at_code = posterior.slopes(at_draw, noise, weight / n)
    encoding = encoder.slopes(told, np.concatenate(at_code, axis=1) * counts)
    loss += weight * float(posterior.divergence() @ counts[:, 0])
    return [*encoder.gradient_of(told, encoding), *decoder.gradient_of(said, decoding)], loss / n


def of_length_one(grades: sp.csr_array) -> sp.csr_array:
    """(B, I) grades over their Euclidean norm, float32."""
    rows = entry_rows(grades)
    norm = np.sqrt(np.bincount(rows, grades.data.astype(np.float64) ** 2, minlength=grades.shape[0]) + TINY)
    return with_values(grades, (grades.data / norm[rows]).astype(np.float32))
