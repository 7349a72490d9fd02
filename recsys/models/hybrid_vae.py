"""The flagship: a generative model with a linear path for lists, and with averaged posterior samples for stars.

    score  = nats of the VAE (choice and liking) + linear_weight * grade that the linear autoencoder expects
    P(star) = shares of three models' probabilities, then tilted to how the person uses the star levels

Every term is a model of its own, trained alone. Legend: B histories, I items, L latent dimensions, N star levels,
G genres.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import scipy.sparse as sp

from recsys.config import HybridVAEConfig
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.array_shapes import of_part
from recsys.models.base import Model
from recsys.models.bmf import BMF
from recsys.models.ease import EASE
from recsys.models.finite import name_of, named
from recsys.models.level_use import with_level_use
from recsys.models.mult_vae import MultVAE
from recsys.models.threads import by_blocks
from recsys.progress import OnProgress, renamed, silent

if TYPE_CHECKING:
    import keras

VAE, LINEAR, NORMAL, ORDINAL = "vae", "linear", "normal", "ordinal"


class HybridVAE:
    """A multinomial-ordinal VAE, a linear autoencoder beside it, and two Bayesian matrix factorizations for the stars.

    The linear path beside the deep one is the idea of VASP (Vančura and Kordík 2021); the linear autoencoder is EASE
    (Steck 2019) with graded feedback and the films' genres and periods, and it enters the VAE's log chances as one more
    term, so that the product is again a distribution over films. Averaging the star distributions of models that err
    differently is a linear opinion pool (Stone 1961).

    `score` needs the VAE and the linear path only, so lists are quick; stars take the draws of the factorizations.
    """

    uses_validation: ClassVar[bool] = False
    keeps_ratings: ClassVar[bool] = False
    predicts_means = True

    def __init__(
        self,
        config: HybridVAEConfig = HybridVAEConfig(),
        scale: RatingScale = WHOLE_STARS,
        item_features: np.ndarray | None = None,
        item_genres: np.ndarray | None = None,
    ):
        """Settings, scale, and what is known of the films: features (I, n_features) and genres (I, G) bool."""
        self.config, self.scale = config, scale
        self.item_features, self.item_genres = item_features, item_genres
        self.fitted: dict[str, Any] = {}

    def parts(self) -> dict[str, Model]:
        """The parts that the weights leave something to do, unfitted."""
        config, features = self.config, self.item_features
        parts: dict[str, Model] = {VAE: MultVAE(config.vae, self.scale, self.item_genres)}
        if config.linear_weight:
            parts[LINEAR] = EASE(config.linear, self.scale, features)
        if config.normal_share:
            parts[NORMAL] = BMF(config.normal, self.scale, features)
        if config.ordinal_share:
            parts[ORDINAL] = BMF(config.ordinal, self.scale, features)
        return {name: named(part, f"{name_of(self)} ({name})") for name, part in parts.items()}

    def fit(
        self,
        train: sp.csr_array,
        validation: sp.csr_array | None = None,
        *,
        seed: int = 0,
        on_progress: OnProgress = silent,
    ) -> Self:
        """Train the parts one after the other; progress tells which."""
        *_, complete = self.fit_in_stages(train, seed=seed, on_progress=on_progress)
        return complete

    def fit_in_stages(self, train: sp.csr_array, *, seed: int, on_progress: OnProgress) -> Iterator[Self]:
        """Train; yields what the VAE and the linear path make, in a third of the time, and then the whole."""
        fitted: dict[str, Any] = {}
        for name, part in self.parts().items():
            if name == NORMAL or (name == ORDINAL and NORMAL not in fitted):
                yield self.without_factorizations(fitted)
            fitted[name] = part.fit(train, seed=seed, on_progress=renamed(on_progress, name))
        yield self.assemble(fitted)

    def without_factorizations(self, parts: dict[str, Any]) -> Self:
        """A model of some of the parts, whose stars are those of the VAE."""
        config = replace(self.config, normal_share=0.0, ordinal_share=0.0)
        less = type(self)(config, self.scale, self.item_features, self.item_genres)
        return named(less, name_of(self)).assemble(dict(parts))

    def assemble(self, parts: dict[str, Any]) -> Self:
        """Use fitted parts."""
        self.fitted = parts
        return self

    def score(self, history: sp.csr_array) -> np.ndarray:
        """Ranking scores in nats, (B, I) stars -> (B, I) float32."""
        return by_blocks(lambda block: self.with_linear_path(self.fitted[VAE].score, block), history)

    def score_for_genres(self, history: sp.csr_array, genres: np.ndarray) -> np.ndarray:
        """The same for people who ask for genres, (B, G) bool, which draw their taste; no film is hidden.

        The history may be empty: then the genres alone say what somebody is like.
        """
        return self.with_linear_path(lambda given: self.fitted[VAE].score_for_genres(given, genres), history)

    def with_linear_path(self, nats_of: Callable[[sp.csr_array], np.ndarray], history: sp.csr_array) -> np.ndarray:
        """The VAE's (B, I) nats plus what the linear autoencoder adds."""
        if LINEAR not in self.fitted:
            return nats_of(history)
        score = self.fitted[LINEAR].score(history)
        score *= np.float32(self.config.linear_weight)
        score += nats_of(history)
        return score

    def rating_distribution(self, history: sp.csr_array, items: np.ndarray | None = None) -> np.ndarray:
        """Probability of every star level, (B, I) stars -> (B, I, N) float32, lowest level first.

        Of some items only, (B, len(items), N), where they are given; then films that nobody rated are not looked at.
        """
        if items is None:
            return with_level_use(self.pooled(history), history, self.scale, self.config.level_prior)
        wanted, places = np.unique(np.concatenate([items, history.indices]), return_inverse=True)
        among = (history.data, places[len(items) :], history.indptr)
        seen = sp.csr_array(among, shape=(history.shape[0], len(wanted)))  # the same ratings, in the columns `wanted`
        tilted = with_level_use(self.pooled(history, wanted), seen, self.scale, self.config.level_prior)
        return tilted[:, places[: len(items)]]

    def pooled(self, history: sp.csr_array, items: np.ndarray | None = None) -> np.ndarray:
        """The parts' probabilities by their shares, (B, I, N) or (B, len(items), N) float32."""
        shares = {NORMAL: self.config.normal_share, ORDINAL: self.config.ordinal_share}
        shares[VAE] = 1.0 - sum(shares.values())
        used = [(np.float32(share), self.fitted[name]) for name, share in shares.items() if share > 0]
        return sum(share * part.rating_distribution(history, items) for share, part in used)

    def predict(self, history: sp.csr_array, items: np.ndarray | None = None) -> np.ndarray:
        """Expected stars, the mean of `rating_distribution`: (B, I) stars -> (B, I) or (B, len(items)) float32."""
        return self.scale.mean_of(self.rating_distribution(history, items))

    def latent(self, history: sp.csr_array, genres: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of people's taste z given ratings and genres, (B, L) float32 each; see `MultVAE.latent`."""
        return self.fitted[VAE].latent(history, genres)

    def log_chances(self, taste: np.ndarray) -> np.ndarray:
        """What a person of taste z chooses, (B, L) -> (B, I) nats: for neighbourhoods of a taste and made-up people."""
        return self.fitted[VAE].log_chances(taste)

    def stars_of_taste(self, taste: np.ndarray) -> np.ndarray:
        """Stars that the VAE expects of a person of taste z, (B, L) -> (B, I) float32."""
        return self.fitted[VAE].stars_of_taste(taste)

    def network(self) -> "keras.Model":
        """The VAE's networks as one Keras model."""
        return self.fitted[VAE].network()

    def network_arrays(self) -> dict[str, np.ndarray]:
        """What the VAE's networks learned."""
        return self.fitted[VAE].network_arrays()

    def restore_network(self, path: Path, n_items: int) -> Self:
        """Create the parts, with the VAE's weights out of a file; `restore` does the rest."""
        self.fitted = dict(self.parts())
        self.fitted[VAE].restore_network(path, n_items)
        return self

    def arrays(self) -> dict[str, np.ndarray]:
        """What the parts keep as arrays, each under "part/name"."""
        return {f"{name}/{key}": array for name, part in self.fitted.items() for key, array in part.arrays().items()}

    def array_shapes(self) -> dict[str, str]:
        """See `Model.array_shapes`."""
        parts = self.fitted or self.parts()
        shapes = [of_part(part, model.array_shapes()) for part, model in parts.items()]
        return {name: shape for part in shapes for name, shape in part.items()}

    def restore(self, arrays: dict[str, np.ndarray]) -> Self:
        """The inverse of `arrays`, after `restore_network`."""
        for name, part in self.fitted.items():
            own = {key.removeprefix(f"{name}/"): array for key, array in arrays.items() if key.startswith(f"{name}/")}
            part.restore(own)
        return self
