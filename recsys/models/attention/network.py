"""A transformer of sets: tokens of films and stars, in no order, and one token that reads them all.

Legend: B histories in a batch, I items, T tokens of each, D numbers of a token, S anchors of the scale.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.models.attention.config import TransformerConfig
from recsys.models.attention.layers import Slopes, Weights, block, layer_norm
from recsys.models.attention.tokens import N_ANCHORS, Tokens, anchored

Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class SetTransformer:
    """score = taste @ films wanted + how much a film is wanted by everybody.

    A taste is what a reader's token has become after some blocks, in which it attends to the tokens of what was rated:
    the sum of a vector of the film and one of the stars. Since nothing says where a token stands, their order is
    nothing that could be read.

    Attributes:
        weights: by name, float32; see `shapes`.
        config: the sizes.
    """

    weights: Weights
    config: TransformerConfig

    @classmethod
    def drawn(cls, wanted: np.ndarray, config: TransformerConfig, rng: np.random.Generator) -> Self:
        """A network that has learned nothing but how much each film is wanted, (I,)."""
        weights = {name: first_values(name, shape, config, rng) for name, shape in shapes(len(wanted), config).items()}
        return cls(weights | {"wanted_bias": wanted.astype(np.float32)}, config)

    def taste(self, tokens: Tokens) -> tuple[np.ndarray, Callable[[np.ndarray, Slopes], None]]:
        """What the reader learns, (B, D), and the way back from a slope of it."""
        n_rows, backs = len(tokens.films), []
        values, back_embedded = self.embedded(tokens)
        is_token = np.hstack([np.ones((n_rows, 1), dtype=bool), tokens.is_token])
        for n in range(self.config.n_blocks):
            n_asking = 1 if n == self.config.n_blocks - 1 else values.shape[1]
            values, back = block(values, n_asking, is_token, self.weights, f"block_{n}", self.config.n_heads)
            backs.append(back)
        taste, back_last = layer_norm(values[:, 0], self.weights, "last")

        def back_all(slope: np.ndarray, found: Slopes) -> None:
            slope = back_last(slope, found)[:, None]
            for back in reversed(backs):
                slope = back(slope, found)
            back_embedded(slope, found)

        return taste, back_all

    def embedded(self, tokens: Tokens) -> tuple[np.ndarray, Callable[[np.ndarray, Slopes], None]]:
        """The reader and the tokens, (B, 1 + T, D), and the way back. Where there is no token there are zeros."""
        is_token, weights = tokens.is_token, self.weights
        films, shares = tokens.films[is_token], anchored(tokens.grades[is_token])
        values = np.zeros((*is_token.shape, self.config.width), dtype=weights["film"].dtype)
        values[is_token] = weights["film"][films] + shares @ weights["stars"]
        reader = np.broadcast_to(weights["reader"], (len(values), 1, self.config.width))

        def back(slope: np.ndarray, found: Slopes) -> None:
            of_tokens = slope[:, 1:][is_token]
            found["reader"] = slope[:, 0].sum(axis=0)
            found["stars"] = shares.T @ of_tokens
            found["film"] = one_hot(films, len(weights["film"])).T @ of_tokens

        return np.concatenate([reader, values], axis=1), back

    def scores(self, taste: np.ndarray) -> np.ndarray:
        """(B, D) -> (B, I), log chances but for a number that is the same for all films."""
        return np.asarray(taste @ self.weights["wanted_kernel"] + self.weights["wanted_bias"])


def shapes(n_items: int, config: TransformerConfig) -> Shapes:
    """Of all weights, in their order."""
    width = (config.width,)
    found: Shapes = {"film": (n_items, *width), "stars": (N_ANCHORS, *width), "reader": width}
    for n in range(config.n_blocks):
        found |= block_shapes(f"block_{n}", config.width, config.widening * config.width)
    return found | {
        "last_gain": width,
        "last_bias": width,
        "wanted_kernel": (config.width, n_items),
        "wanted_bias": (n_items,),
    }


def block_shapes(name: str, width: int, wide: int) -> Shapes:
    """Of the weights of a block."""
    kernels = dict.fromkeys(("query", "key", "value", "told"), (width, width))
    kernels |= {"wide": (width, wide), "narrow": (wide, width)}
    found: Shapes = {}
    for each, shape in kernels.items():
        found |= {f"{name}_{each}_kernel": shape, f"{name}_{each}_bias": shape[1:]}
    for each in ("first", "second"):
        found |= {f"{name}_{each}_gain": (width,), f"{name}_{each}_bias": (width,)}
    return found


def first_values(name: str, shape: tuple[int, ...], config: TransformerConfig, rng: np.random.Generator) -> np.ndarray:
    """What a weight is before the first step: normal, gains 1, biases 0.

    What a block adds begins small, the smaller the more blocks there are, so that they add up to about the same.
    """
    if name.endswith(("_gain", "_bias")):
        return np.full(shape, float(name.endswith("_gain")), dtype=np.float32)
    size = {"film": 0.1, "stars": 0.1, "reader": 0.1, "wanted_kernel": 0.02}.get(name, shape[0] ** -0.5)
    if name.endswith(("_told_kernel", "_narrow_kernel")):
        size /= np.sqrt(2 * config.n_blocks)
    return (size * rng.standard_normal(shape)).astype(np.float32)


def one_hot(films: np.ndarray, n_items: int) -> sp.csr_array:
    """(n,) int -> (n, I) float32, a one in each row."""
    ones = np.ones(len(films), dtype=np.float32)
    return sp.csr_array((ones, films, np.arange(len(films) + 1)), shape=(len(films), n_items))
