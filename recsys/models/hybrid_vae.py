"""The flagship: a generative model with a linear path for lists, and with averaged posterior samples for stars.

    score  = nats of the VAE (choice and liking) + linear_weight * grade that the linear autoencoder expects
    P(star) = shares of three models' probabilities, then tilted to how the person uses the star levels

Every term is a model of its own, trained alone. Legend: B histories, I items, L latent dimensions, N star levels,
G genres.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, Self

import numpy as np
import scipy.sparse as sp

from recsys.config import HybridVAEConfig
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.base import Model
from recsys.models.bmf import BMF
from recsys.models.ease import EASE
from recsys.models.level_use import with_level_use
from recsys.models.mult_vae import MultVAE
from recsys.progress import OnProgress, renamed, silent

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
        return parts

    def fit(
        self,
        train: sp.csr_array,
        validation: sp.csr_array | None = None,
        *,
        seed: int = 0,
        on_progress: OnProgress = silent,
    ) -> Self:
        """Train the parts one after the other; progress tells which."""
        return self.assemble(
            {
                name: part.fit(train, validation, seed=seed, on_progress=renamed(on_progress, name))
                for name, part in self.parts().items()
            }
        )

    def assemble(self, parts: dict[str, Any]) -> Self:
        """Use fitted parts."""
        self.fitted = parts
        return self

    def score(self, history: sp.csr_array) -> np.ndarray:
        """Ranking scores in nats, (B, I) stars -> (B, I) float32."""
        return self.with_linear_path(self.fitted[VAE].score, history)

    def score_for_genres(self, history: sp.csr_array, genres: np.ndarray) -> np.ndarray:
        """The same for people who ask for genres, (B, G) bool, which draw their taste; no film is hidden.

        The history may be empty: then the genres alone say what somebody is like.
        """
        return self.with_linear_path(lambda given: self.fitted[VAE].score_for_genres(given, genres), history)

    def with_linear_path(self, nats_of: Callable[[sp.csr_array], np.ndarray], history: sp.csr_array) -> np.ndarray:
        """The VAE's (B, I) nats plus what the linear autoencoder adds, worked out side by side."""
        if LINEAR not in self.fitted:
            return nats_of(history)
        with ThreadPoolExecutor(max_workers=1) as beside:
            linear = beside.submit(self.fitted[LINEAR].score, history)
            nats = nats_of(history)
        score = np.multiply(linear.result(), np.float32(self.config.linear_weight))
        score += nats
        return score

    def rating_distribution(self, history: sp.csr_array) -> np.ndarray:
        """Probability of every star level, (B, I) stars -> (B, I, N) float32, lowest level first."""
        shares = {NORMAL: self.config.normal_share, ORDINAL: self.config.ordinal_share}
        shares[VAE] = 1.0 - sum(shares.values())
        used = [(share, self.fitted[name]) for name, share in shares.items() if share > 0]
        pooled = sum(np.float32(share) * part.rating_distribution(history) for share, part in used)
        return with_level_use(pooled, history, self.scale, self.config.level_prior)

    def predict(self, history: sp.csr_array) -> np.ndarray:
        """Expected stars, the mean of `rating_distribution`: (B, I) stars -> (B, I) float32."""
        levels = self.scale.levels.astype(np.float32)
        return np.einsum("bil,l->bi", self.rating_distribution(history), levels)

    def latent(self, history: sp.csr_array, genres: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of people's taste z given ratings and genres, (B, L) float32 each; see `MultVAE.latent`."""
        return self.fitted[VAE].latent(history, genres)

    def log_chances(self, taste: np.ndarray) -> np.ndarray:
        """What a person of taste z chooses, (B, L) -> (B, I) nats: for neighbourhoods of a taste and made-up people."""
        return self.fitted[VAE].log_chances(taste)

    def build(self, n_items: int) -> Self:
        """Create the VAE's networks, untrained, and the other parts, empty."""
        self.fitted = dict(self.parts())
        self.fitted[VAE].build(n_items)
        return self

    def networks(self) -> dict[str, Any]:
        """The VAE's networks."""
        return self.fitted[VAE].networks()

    def arrays(self) -> dict[str, np.ndarray]:
        """What the parts keep as arrays, each under "part/name"."""
        return {f"{name}/{key}": array for name, part in self.fitted.items() for key, array in part.arrays().items()}

    def restore(self, arrays: dict[str, np.ndarray]) -> Self:
        """The inverse of `arrays`, after `build`."""
        for name, part in self.fitted.items():
            own = {key.removeprefix(f"{name}/"): array for key, array in arrays.items() if key.startswith(f"{name}/")}
            part.restore(own)
        return self
