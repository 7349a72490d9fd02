"""A variational autoencoder of films: what is known of a film, in a few numbers.

Legend: I items, B films in a batch, M features of a film, D numbers of its code.
"""

from collections.abc import Iterator

import numpy as np

from recsys.data.interactions import FilmFacts
from recsys.models.networks.posterior import Posterior
from recsys.models.numeric.dense_stack import DenseStack, sigmoid
from recsys.models.numeric.descent import Gradient, descend
from recsys.models.vae.config import FilmVAEConfig
from recsys.training import Training

LAYERS = ("relu", "linear")
TINY = 1e-9  # the square of a length, keeps no codes at all from being divided by 0


def film_codes(films: FilmFacts | None, n_items: int, config: FilmVAEConfig, training: Training) -> np.ndarray:
    """(I, D) float32 posterior means of films' codes, of length 1 in the mean; 0 where nothing is known of any film.

    Args:
        films: what is known.
        n_items: I.
        config: of the autoencoder.
        training: its seed counts.
    """
    if films is None or films.features is None or not films.features.any():
        return np.zeros((n_items, config.n_codes), dtype=np.float32)
    features, rng = films.features.astype(np.float32), np.random.default_rng(training.seed)
    lessons = FilmLessons(features, config, rng)
    descend(lessons.parameters, n_items, lessons.steps, config, rng, training.of_part("films"))
    codes = lessons.code(features).mean
    codes = codes - codes.mean(axis=0)
    return np.asarray(codes / np.sqrt(max(float(np.mean(np.sum(codes**2, axis=1))), TINY)), dtype=np.float32)


class FilmLessons:
    """What an autoencoder of films learns: features from features, as yes or no, through a normal code."""

    def __init__(self, features: np.ndarray, config: FilmVAEConfig, rng: np.random.Generator):
        n_features = features.shape[1]
        self.features, self.config, self.rng = features, config, rng
        self.encoder = DenseStack.drawn((n_features, config.n_hidden, 2 * config.n_codes), LAYERS, rng)
        self.decoder = DenseStack.drawn((config.n_codes, config.n_hidden, n_features), LAYERS, rng)

    @property
    def parameters(self) -> list[np.ndarray]:
        """The encoder's, then the decoder's."""
        return [*self.encoder.parameters, *self.decoder.parameters]

    def code(self, features: np.ndarray) -> Posterior:
        """Of films with (B, M) features."""
        return Posterior.of(self.encoder(features))

    def steps(self, rows: np.ndarray) -> Iterator[tuple[Gradient, float]]:
        """The gradient of cross-entropy plus weighed divergence, averaged over films, and the cross-entropy in nats."""
        known, n_films = self.features[rows], len(rows)
        heard = self.encoder.outputs(known)
        code = Posterior.of(heard[-1])
        noise = self.rng.standard_normal(code.mean.shape, dtype=np.float32)
        said = self.decoder.outputs(code.draw(noise))
        slopes = self.decoder.slopes(said, (sigmoid(said[-1]) - known) / np.float32(n_films))
        at_code = code.slopes(self.decoder.slope_of_input(slopes), noise, self.config.beta / n_films)
        gradient = self.encoder.gradient(heard, np.concatenate(at_code, axis=1, dtype=np.float32))
        nats = np.logaddexp(0, said[-1]) - known * said[-1]
        yield [*gradient, *self.decoder.gradient_of(said, slopes)], float(nats.sum()) / n_films
