"""Biased matrix factorization by stochastic gradient descent: the "SVD" of the Netflix Prize.

Legend: n ratings, U users, I items, F factors.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import scipy.sparse as sp

from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.base import entry_rows
from recsys.models.factors.config import SVDConfig
from recsys.models.factors.folded import FactorModel
from recsys.training import Training


class SVD(FactorModel):
    """stars = mean + b_u + b_i + p_u . q_i, fitted by SGD (Koren, Bell and Volinsky 2009, equations 4 and 5).

    A step takes a batch of ratings and adds up the updates of all, each computed from the parameters before the step;
    the learning rate falls linearly. Ratings are learned in units of the scale, which the settings hold for. The users'
    own p and b are then dropped: everybody is folded in from the history.
    """

    config: SVDConfig

    def __init__(self, config: SVDConfig = SVDConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale
        self.l2, self.l2_offset = config.l2, config.l2_offset

    def factorize(self, train: sp.csr_array, training: Training) -> None:
        """Run `epochs` passes over the ratings, each in a new order."""
        rng, run_epoch = np.random.default_rng(training.seed), compiled_epoch()
        self.mean = float(train.data.mean(dtype=np.float64)) if train.nnz else self.scale.middle
        parameters = first_parameters(train.shape, self.config, rng)
        users, items, unit = entry_rows(train), train.indices, np.float32(self.scale.unit)
        stars = (train.data - np.float32(self.mean)) / unit
        passes = training.checkpoints.loop("passes", parameters, rng)
        for epoch in range(passes.done, self.config.epochs):
            batches = shuffled_batches(users, items, stars, self.config.batch_size, rng)
            rate = self.config.learning_rate * (1 - 0.9 * epoch / self.config.epochs)
            parameters, squared_error = run_epoch(parameters, batches, np.float32(rate), np.float32(self.config.l2))
            passes.reached(epoch + 1, parameters)
            loss = self.scale.unit * float(np.sqrt(squared_error / max(train.nnz, 1)))
            training.on_progress("epoch", epoch + 1, self.config.epochs, rmse=loss)
        self.item_offset = self.scale.unit * np.asarray(parameters["item_offset"], dtype=np.float64)
        self.item_factors = np.asarray(parameters["item_factors"], dtype=np.float64)


def first_parameters(shape: tuple[int, int], config: SVDConfig, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Offsets of 0 and small random factors, float32."""
    n_users, n_items = shape
    return {
        "user_offset": np.zeros(n_users, dtype=np.float32),
        "item_offset": np.zeros(n_items, dtype=np.float32),
        "user_factors": rng.normal(0.0, config.init_scale, (n_users, config.n_factors)).astype(np.float32),
        "item_factors": rng.normal(0.0, config.init_scale, (n_items, config.n_factors)).astype(np.float32),
    }


def shuffled_batches(
    users: np.ndarray, items: np.ndarray, stars: np.ndarray, batch_size: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """All ratings in a new order, (n,) each -> users, items, stars and weights, each (n_batches, batch_size).

    The last batch is filled up with ratings of weight 0, so that every step has one shape.
    """
    order = rng.permutation(len(stars))
    n_batches = -(-len(order) // batch_size)
    padded = np.resize(order, n_batches * batch_size) if len(order) else order
    weights = (np.arange(len(padded)) < len(order)).astype(np.float32)
    batches = (users[padded].astype(np.int32), items[padded].astype(np.int32), stars[padded], weights)
    return tuple(column.reshape(n_batches, batch_size) for column in batches)  # type: ignore[return-value]


def compiled_epoch() -> Any:
    """One pass over the batches as a jitted function."""

    def step(parameters: Any, batch: Any, rate: Any, l2: Any) -> Any:
        users, items, stars, weights = batch  # (batch_size,)
        p, q = parameters["user_factors"][users], parameters["item_factors"][items]  # (batch_size, F)
        b_u, b_i = parameters["user_offset"][users], parameters["item_offset"][items]
        error = (stars - b_u - b_i - (p * q).sum(axis=1)) * weights
        decay = l2 * weights
        updated = {
            "user_offset": parameters["user_offset"].at[users].add(rate * (error - decay * b_u)),
            "item_offset": parameters["item_offset"].at[items].add(rate * (error - decay * b_i)),
            "user_factors": parameters["user_factors"].at[users].add(rate * (error[:, None] * q - decay[:, None] * p)),
            "item_factors": parameters["item_factors"].at[items].add(rate * (error[:, None] * p - decay[:, None] * q)),
        }
        return updated, jnp.square(error).sum()

    @jax.jit
    def epoch(parameters: Any, batches: Any, rate: Any, l2: Any) -> Any:
        parameters, squares = jax.lax.scan(lambda state, batch: step(state, batch, rate, l2), parameters, batches)
        return parameters, squares.sum()

    return epoch
