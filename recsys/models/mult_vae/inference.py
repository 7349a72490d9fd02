"""What a trained MultVAENetwork computes, in NumPy: the same numbers without Keras, and nothing to compile.

A person's list takes a millisecond, and whoever only uses the weights waits neither for Keras nor for a compiler.

Legend: B histories in a batch, I items, H hidden units, T units for stars, L latent dimensions, N star levels,
K groups of them (see level_groups).
"""

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import RatingScale
from recsys.models.mult_vae.config import MultVAEConfig
from recsys.models.networks.choices import log_chances
from recsys.models.networks.histories import Described, Usual, described
from recsys.models.networks.keras_weights import length_at, read_weights
from recsys.models.networks.ordered_stars import STEEPEST, OrderedStars
from recsys.models.numeric.level_groups import n_groups
from recsys.models.numeric.shared_columns import Packed

FEW_ROWS = 4
PAIRS = 2**16  # of a person and a film, whose rows are laid out at once
FEWEST_UNITS = 100  # of a hidden layer that is smaller than was asked for


class NetworkWeights(NamedTuple):
    """What a MultVAENetwork learned, float32, in the order of Keras's `weights`."""

    kl_weight: np.ndarray  # ()
    item_offset: np.ndarray  # (I,) stars
    mean: np.ndarray  # () stars
    spread: np.ndarray  # () stars
    hidden_kernel: np.ndarray  # (2 I, H)
    hidden_bias: np.ndarray
    taste_mean_kernel: np.ndarray  # (H + 1, L - 1)
    taste_mean_bias: np.ndarray
    taste_log_var_kernel: np.ndarray  # (H + 1, L - 1)
    taste_log_var_bias: np.ndarray
    decoder_kernel: np.ndarray  # (L, H)
    decoder_bias: np.ndarray
    choice_kernel: np.ndarray  # (H, I)
    choice_bias: np.ndarray
    first: np.ndarray  # () the lowest threshold between star levels
    log_gaps: np.ndarray  # (K - 2,)
    log_width: np.ndarray  # ()
    generosity: np.ndarray  # ()
    star_taste_kernel: np.ndarray  # (L, T)
    star_taste_bias: np.ndarray
    star_items_kernel: np.ndarray  # (T, I)
    star_items_bias: np.ndarray

    @classmethod
    def read(cls, path: Path, config: MultVAEConfig, scale: RatingScale, n_items: int) -> list[Self]:
        """The networks of an ensemble that Keras saved to a .weights.h5 file, without Keras.

        Raises:
            ValueError: as read_weights.
        """
        prefixes = [f"layers/mult_vae_network{f'_{number}' * (number > 0)}/" for number in range(config.n_networks)]
        units = length_at(path, f"{prefixes[0]}{PLACES['hidden_bias']}")  # fewer than were asked where ratings were few
        if units is not None and config.ratings_per_unit and FEWEST_UNITS <= units < config.n_hidden:
            config = replace(config, n_hidden=units)
        shapes = weight_shapes(config, scale, n_items)
        wanted = {f"{prefix}{place}": shapes[name] for prefix in prefixes for name, place in PLACES.items()}
        ranges = {f"{prefix}{PLACES[name]}": allowed for prefix in prefixes for name, allowed in RANGES.items()}
        found = read_weights(path, wanted, ranges)
        return [cls(*(found[f"{prefix}{place}"] for place in PLACES.values())) for prefix in prefixes]

    def features(self, history: sp.csr_array, l2: float, scale: RatingScale) -> Described:
        """What `HistoryFeatures` says of people, (B, I) stars: features (B, 2 I), z_0's mean, log variance (B, 1)."""
        return described(history, Usual(self.mean, self.item_offset, self.spread), l2, scale)

    def encode(self, features: Packed, generosity: Any, generosity_log_var: Any) -> tuple[np.ndarray, np.ndarray]:
        """Mean and log variance of z, (B, L) float32 each, from what `features` returns, packed."""
        known = self.known(features, generosity)
        log_var = product(known, self.taste_log_var_kernel) + self.taste_log_var_bias
        log_var = np.clip(log_var, -STEEPEST, STEEPEST)
        return self.mean_of(known), np.hstack([generosity_log_var, log_var])

    def known(self, features: Packed, generosity: np.ndarray) -> np.ndarray:
        """What the encoder makes of people, (B, H + 1): hidden units, and their generosity.

        Args:
            features: what `features` returns, packed: (B, 2 I).
            generosity: (B, 1).
        """
        hidden = features.times(self.hidden_kernel)
        hidden += self.hidden_bias
        return np.hstack([np.tanh(hidden, out=hidden), generosity])

    def mean_of(self, known: np.ndarray) -> np.ndarray:
        """Mean of z, (B, L) float32, of people that are `known`."""
        taste = product(known, self.taste_mean_kernel) + self.taste_mean_bias
        return np.hstack([known[:, -1:], taste])

    def log_chances(self, z: np.ndarray) -> np.ndarray:
        """Log probability of each film being chosen, (B, L) -> (B, I) float32 nats."""
        logits = product(self.decoded(z), self.choice_kernel)
        logits += self.choice_bias
        return log_chances(logits)

    def decoded(self, z: np.ndarray) -> np.ndarray:
        """The decoder's hidden units for choices, (B, L) -> (B, H)."""
        return np.tanh(product(z, self.decoder_kernel) + self.decoder_bias)

    def usual_choice(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean over films of what makes logits of choices of hidden units: (H,) and ()."""
        return self.choice_kernel.mean(axis=1), self.choice_bias.mean()

    def chances_above(self, z: np.ndarray, usual: tuple[np.ndarray, np.ndarray], items: np.ndarray) -> np.ndarray:
        """Log probabilities of some films less their mean over all, (B, L) -> (B, len(items)) float32 nats.

        What makes them sum to 1 is the same for all films of a person, so only these films' logits are worked out.

        Args:
            usual: see `usual_choice`.
        """
        kernel, bias = usual
        above = self.decoded(z) @ (self.choice_kernel[:, items] - kernel[:, None])
        above += self.choice_bias[items] - bias
        return above

    def centres(self, z: np.ndarray, items: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Where the stars of films lie, (B, L) -> (B, len(items)) float32 stars."""
        taste = np.tanh(product(z, self.star_taste_kernel) + self.star_taste_bias)
        centre = product(taste, self.star_items_kernel[:, items])
        centre += self.star_items_bias[items] + self.generosity * z[:, :1]
        return centre

    @property
    def stars(self) -> OrderedStars:
        """How stars lie around their centre."""
        return OrderedStars(self.first, self.log_gaps, self.log_width)

    def at_least(
        self, z: np.ndarray, level: np.ndarray | int, n_levels: int, items: np.ndarray | slice = slice(None)
    ) -> np.ndarray:
        """Probability of this star level (0 = lowest) or a higher one, (B, L) -> (B, len(items)) float32.

        Args:
            level: one for all, or one for each person, (B, 1) int.
        """
        return self.stars.at_least(self.centres(z, items), level, n_levels)

    def distribution(self, z: np.ndarray, n_levels: int, items: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Probability of each star level, (B, L) -> (B, len(items), N) float32."""
        return self.stars.distribution(self.centres(z, items), n_levels)

    def distribution_at(self, z: np.ndarray, people: np.ndarray, items: np.ndarray, n_levels: int) -> np.ndarray:
        """The same for some pairs of a person and a film, (n,) int each: (n, N) float32."""
        taste = np.tanh(product(z, self.star_taste_kernel) + self.star_taste_bias)  # (B, T)
        rows, found = np.ascontiguousarray(self.star_items_kernel.T), np.empty((len(people), n_levels), np.float32)
        for start in range(0, len(people), PAIRS):
            part = slice(start, start + PAIRS)
            who, what = people[part], items[part]
            centre = np.einsum("nt,nt->n", taste[who], rows[what])
            centre += self.star_items_bias[what] + self.generosity * z[who, 0]
            found[part] = self.stars.distribution(centre[None], n_levels)[0]
        return found

    def on(self, scale: RatingScale) -> Self:
        """The same network for the stars of a scale, of one that was trained on `standardised` stars."""
        return self.of_other_stars(scale.unit, scale.lowest - scale.unit)

    def off(self, scale: RatingScale) -> Self:
        """The inverse of `on`."""
        return self.of_other_stars(1 / scale.unit, 1 - scale.lowest / scale.unit)

    def of_other_stars(self, unit: float, shift: float) -> Self:
        """The same network for stars that are unit * stars + shift."""
        taste, surprise = np.split(self.hidden_kernel, 2)
        grown = {name: getattr(self, name) * unit for name in ("spread", "generosity", "star_items_kernel")}
        moved = {name: getattr(self, name) * unit + shift for name in ("mean", "first", "star_items_bias")}
        logs = {name: getattr(self, name) + np.log(unit) for name in ("log_gaps", "log_width")}
        changed: dict[str, np.ndarray] = {
            **grown,
            **moved,
            **logs,
            "item_offset": self.item_offset * unit,
            "hidden_kernel": np.concatenate([taste, surprise / unit]),
        }
        return self._replace(**{name: np.asarray(array, dtype=np.float32) for name, array in changed.items()})


PLACES = {  # where Keras writes each of them in the group of a network
    "kl_weight": "vars/0",
    "item_offset": "encoder/layers/history_features/vars/0",
    "mean": "encoder/layers/history_features/vars/1",
    "spread": "encoder/layers/history_features/vars/2",
    "hidden_kernel": "encoder/layers/dense/vars/0",
    "hidden_bias": "encoder/layers/dense/vars/1",
    "taste_mean_kernel": "encoder/layers/dense_1/vars/0",
    "taste_mean_bias": "encoder/layers/dense_1/vars/1",
    "taste_log_var_kernel": "encoder/layers/dense_2/vars/0",
    "taste_log_var_bias": "encoder/layers/dense_2/vars/1",
    "decoder_kernel": "decoder/layers/dense/vars/0",
    "decoder_bias": "decoder/layers/dense/vars/1",
    "choice_kernel": "decoder/layers/dense_1/vars/0",
    "choice_bias": "decoder/layers/dense_1/vars/1",
    "first": "decoder/layers/ordered_stars/vars/0",
    "log_gaps": "decoder/layers/ordered_stars/vars/1",
    "log_width": "decoder/layers/ordered_stars/vars/2",
    "generosity": "decoder/layers/ordered_stars/vars/3",
    "star_taste_kernel": "decoder/layers/ordered_stars/taste/vars/0",
    "star_taste_bias": "decoder/layers/ordered_stars/taste/vars/1",
    "star_items_kernel": "decoder/layers/ordered_stars/items/vars/0",
    "star_items_bias": "decoder/layers/ordered_stars/items/vars/1",
}


RANGES = {  # of what is exponentiated, or divides
    "spread": (1e-6, 1e6),
    "log_gaps": (-30.0, 30.0),
    "log_width": (-30.0, 30.0),
}


def n_units(config: MultVAEConfig, n_ratings: int) -> int:
    """Hidden units, as many as so many ratings can bear: with more a network learns few of them by heart."""
    if not config.ratings_per_unit:
        return config.n_hidden
    return min(config.n_hidden, max(FEWEST_UNITS, n_ratings // config.ratings_per_unit))


def weight_shapes(config: MultVAEConfig, scale: RatingScale, n_items: int) -> dict[str, tuple[int, ...]]:
    """The shape of everything in NetworkWeights."""
    n_hidden, n_units, n_latent = config.n_hidden, config.n_star_units, config.n_latent
    scalars = ("kl_weight", "mean", "spread", "first", "log_width", "generosity")
    return {
        **dict.fromkeys(scalars, ()),
        "item_offset": (n_items,),
        "log_gaps": (n_groups(len(scale.levels)) - 2,),
        **dense_shapes("hidden", 2 * n_items, n_hidden),
        **dense_shapes("taste_mean", n_hidden + 1, n_latent - 1),
        **dense_shapes("taste_log_var", n_hidden + 1, n_latent - 1),
        **dense_shapes("decoder", n_latent, n_hidden),
        **dense_shapes("choice", n_hidden, n_items),
        **dense_shapes("star_taste", n_latent, n_units),
        **dense_shapes("star_items", n_units, n_items),
    }


def dense_shapes(name: str, n_inputs: int, n_outputs: int) -> dict[str, tuple[int, ...]]:
    """Shapes of a dense layer's kernel and bias."""
    return {f"{name}_kernel": (n_inputs, n_outputs), f"{name}_bias": (n_outputs,)}


def product(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Matrix product of finite matrices; what BLAS says of lanes that it leaves unused is not for anybody's eyes.

    For a few rows a product with each is quicker: for a whole matrix BLAS first copies all of the other one.
    """
    with np.errstate(all="ignore"):
        if len(left) == 1:
            return (left[0] @ right)[None]
        return np.stack([row @ right for row in left]) if 0 < len(left) <= FEW_ROWS else left @ right
