"""What the networks of a MultVAE learn, from rated cells alone, in JAX: the same loss as `MultVAENetwork` has.

The encoder adds up the rows of rated films, stars are learned where there are some, and the softmax is over all films,
or over some that stand for them. A loss is a mean over the people of a batch, so batches can be shared out.

Legend: B histories in a batch, I items, C cells (see Cells), S sampled items, H hidden units, L latent dimensions,
K groups of star levels.
"""

from typing import Any, NamedTuple, Self

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.random import threefry_2x32

from recsys.data.scale import RatingScale
from recsys.models.mult_vae.config import MultVAEConfig
from recsys.models.mult_vae.inference import NetworkWeights
from recsys.models.networks.cells import Cells
from recsys.models.networks.film_sample import FilmSample
from recsys.models.networks.histories import TINY, Usual
from recsys.models.networks.ordered_stars import FAR
from recsys.models.networks.sparse_product import at_cells, batch_product, cells_of, products_at, sums
from recsys.models.numeric.level_groups import group_size, n_groups

Trained = dict[str, Any]  # by the names of NetworkWeights; of a kernel of films, "rows" has a row for each film


class Batch(NamedTuple):
    """People of whom a step learns, and the films that stand for all in the softmax.

    Attributes:
        cells: what they rated.
        stand_in: None where all films are in the softmax.
    """

    cells: Cells
    stand_in: "StandIn | None" = None


class StandIn(NamedTuple):
    """Films that stand for all, and those of the people's own that are not surely among them: they count as they are.

    Attributes:
        sample: of all films.
        rare: cells of films that are drawn by chance, (C',).
        places: (C',) int32, where their films are in the sample, S where they are not.
    """

    sample: FilmSample
    rare: Cells
    places: np.ndarray

    @classmethod
    def of(cls, sample: FilmSample, rare: Cells) -> Self:
        """Find the places."""
        return cls(sample, rare, sample.places(rare.columns))


class Share(NamedTuple):
    """Which people of a batch one process has, of several that learn together.

    Attributes:
        first: number of the first of them in the batch, 0 if that is all of it.
        n_people: how many they are; 0 where processes are more than people, which then have one without ratings.
        n_all: in the batch.
    """

    first: int
    n_people: int
    n_all: int

    @classmethod
    def of(cls, number: int, count: int, n_all: int) -> Self:
        """That of a process of so many, which have about as many people."""
        first, end = (place * n_all // count for place in (number, number + 1))
        return cls(first, end - first, n_all)

    @property
    def rows(self) -> slice:
        """Which people they are."""
        return slice(self.first, self.first + self.n_people)

    @property
    def weight(self) -> float:
        """Of their mean, in that of all."""
        return self.n_people / self.n_all


class Stage(NamedTuple):
    """How far training is: keys of its random numbers, (2,) uint32 each, and the weight of the divergence.

    share: which of the numbers of a whole batch are used; None: all.
    """

    forgetting: Any
    taste: Any
    kl_weight: Any
    share: Share | None = None


def trained_of(weights: NetworkWeights) -> tuple[Trained, Usual]:
    """What a network learns, as it is trained, and what it is told."""
    found = weights._asdict()
    for name in ("kl_weight", *Usual._fields):
        del found[name]
    found["taste_rows"], found["surprise_rows"] = np.split(found.pop("hidden_kernel"), 2)
    for name in ("choice", "star_items"):
        found[f"{name}_rows"] = np.ascontiguousarray(found.pop(f"{name}_kernel").T)
    return found, Usual(weights.mean, weights.item_offset, weights.spread)


def weights_of(trained: Trained, usual: Usual, kl_weight: float) -> NetworkWeights:
    """The inverse; `trained` is empty afterwards."""
    rows = [np.asarray(trained.pop(name)) for name in ("taste_rows", "surprise_rows")]
    found = {"hidden_kernel": np.concatenate(rows)}
    del rows
    for name in ("choice", "star_items"):
        found[f"{name}_kernel"] = np.array(np.asarray(trained.pop(f"{name}_rows")).T, order="C")
    found |= {name: np.array(trained.pop(name)) for name in list(trained)}
    return NetworkWeights(**found, **usual._asdict(), kl_weight=np.array(kl_weight, np.float32))


def evidence_loss(
    trained: Trained, batch: Batch, usual: Usual, stage: Stage, config: MultVAEConfig, scale: RatingScale
) -> Any:
    """The negative evidence lower bound in nats, a mean over the batch, and the penalty of the films' star weights."""
    cells = batch.cells
    n_people, n_items = len(cells.starts) - 1, len(trained["choice_bias"])
    is_kept = uniform_at(stage.forgetting, cells, n_items, stage.share) >= config.forgets
    mean, log_var = encode(trained, cells, is_kept, usual, config.baseline.l2_user, scale)
    z = mean + jnp.exp(0.5 * log_var) * normal_at(stage.taste, mean.shape, stage.share)
    divergence = -0.5 * jnp.sum(1 + log_var - jnp.square(mean) - jnp.exp(log_var))
    of_choices = choice_nats(trained, z, grades(cells, scale), batch)
    of_stars = star_nats(trained, z, cells, scale)
    nats = of_choices + config.stars_weight * of_stars - stage.kl_weight * divergence
    return config.l2_stars * jnp.sum(jnp.square(trained["star_items_rows"])) - nats / n_people


def uniform_at(key: Any, cells: Cells, n_items: int, share: Share | None = None) -> Any:
    """(C,) uniform numbers: those that a (B, I) array of them, of the whole batch, has in these cells."""
    rows = cells.rows if share is None else cells.rows + share.first
    place = (rows * n_items + cells.columns).astype(jnp.uint32)
    high, low = jnp.split(threefry_2x32(key, jnp.concatenate([jnp.zeros_like(place), place])), 2)
    return ((high ^ low) >> 9).astype(jnp.float32) * np.float32(2**-23)


def normal_at(key: Any, shape: tuple[int, int], share: Share | None = None) -> Any:
    """(B, L) standard normal numbers: those that one of the whole batch has in these rows."""
    if share is None:
        return jax.random.normal(key, shape)
    first = min(share.first, share.n_all - shape[0])
    return jax.random.normal(key, (share.n_all, shape[1]))[first : first + shape[0]]


def grades(cells: Cells, scale: RatingScale) -> Any:
    """(C,) in [0, 1], from the lowest star to the highest; 0 in the padding."""
    return jnp.where(cells.stars > 0, (cells.stars - scale.lowest) / (scale.highest - scale.lowest), 0.0)


def encode(trained: Trained, cells: Cells, is_kept: Any, usual: Usual, l2: float, scale: RatingScale) -> Any:
    """Mean and log variance of z, (B, L) each, of what is kept of histories, (C,) bool (see `histories.described`)."""
    kept = jnp.where(is_kept & (cells.stars > 0), 1.0, 0.0)
    n_ratings, graded = sums(kept, cells), kept * grades(cells, scale)
    norm = jnp.sqrt(jnp.maximum(sums(jnp.square(graded), cells), TINY))
    residuals = kept * (cells.stars - usual.mean - usual.item_offset[cells.columns])
    offset = sums(residuals, cells) / (n_ratings + l2)
    surprise = (residuals - kept * at_cells(offset, cells)) / jnp.sqrt(at_cells(n_ratings, cells) + 1)
    hidden = batch_product(graded / at_cells(norm, cells), cells, trained["taste_rows"])
    hidden += batch_product(surprise, cells, trained["surprise_rows"])
    generosity = offset / usual.spread
    known = jnp.concatenate([jnp.tanh(hidden + trained["hidden_bias"]), generosity], axis=1)
    mean = jnp.concatenate([generosity, dense(trained, "taste_mean", known)], axis=1)
    log_var = jnp.concatenate([jnp.log(l2 / (n_ratings + l2)), dense(trained, "taste_log_var", known)], axis=1)
    return mean, log_var


def dense(trained: Trained, name: str, inputs: Any) -> Any:
    """What a layer says, (B, n) -> (B, m)."""
    return inputs @ trained[f"{name}_kernel"] + trained[f"{name}_bias"]


def choice_nats(trained: Trained, z: Any, counts: Any, batch: Batch) -> Any:
    """Log-likelihood in nats of films that were chosen, (C,) times each (Liang et al. 2018, eq. 2), of all people."""
    hidden = jnp.tanh(dense(trained, "decoder", z))
    rows, bias, cells = trained["choice_rows"], trained["choice_bias"], batch.cells
    if batch.stand_in is None:
        logits = hidden @ rows.T + bias
        chosen, log_sum = jnp.sum(counts * cells_of(logits, cells)), jax.nn.logsumexp(logits, axis=1, keepdims=True)
    else:
        chosen = jnp.sum(hidden * batch_product(counts, cells, rows)) + jnp.sum(counts * bias[cells.columns])
        (columns, log_weights), rare, _ = batch.stand_in
        own = products_at(rare, hidden, rows) + bias[rare.columns]
        log_sum = log_sum_of(own, hidden @ rows[columns].T + bias[columns] + log_weights, batch.stand_in)
    return chosen - jnp.sum(sums(counts, cells) * log_sum)


def log_sum_of(own: Any, sampled: Any, stand_in: StandIn) -> Any:
    """Logarithm of the sum of exponentials of people's rare films, (C',), and of sampled ones, (B, S): (B, 1)."""
    cells = stand_in.rare
    own = jnp.where(cells.stars > 0, own, -FAR)
    others = sampled.at[cells.rows, stand_in.places].set(-FAR, mode="drop")
    highest = jax.ops.segment_max(own, cells.rows, len(others), indices_are_sorted=True)
    highest = jax.lax.stop_gradient(jnp.maximum(jnp.max(others, axis=1), highest))[:, None]
    of_own = sums(jnp.exp(own - at_cells(highest, cells)), cells)
    return highest + jnp.log(of_own + jnp.sum(jnp.exp(others - highest), axis=1, keepdims=True))


def star_nats(trained: Trained, z: Any, cells: Cells, scale: RatingScale) -> Any:
    """Log-likelihood in nats of the stars of all cells (see `OrderedStars.log_likelihood`)."""
    taste = jnp.tanh(dense(trained, "star_taste", z))
    centre = products_at(cells, taste, trained["star_items_rows"]) + trained["star_items_bias"][cells.columns]
    centre += at_cells(trained["generosity"] * z[:, :1], cells)
    n_levels = len(scale.levels)
    size, last = group_size(n_levels) * scale.width, n_groups(n_levels) - 1
    lowest = scale.levels[0] + (size - scale.width) / 2
    group = jnp.clip(jnp.round((cells.stars - lowest) / size), 0, last).astype(jnp.int32)
    width = jnp.exp(trained["log_width"])
    bounds = thresholds(trained) / width
    lower, upper, centre = bounds[:-1][group], bounds[1:][group], centre / width
    tails = jax.nn.log_sigmoid(upper - centre) + jax.nn.log_sigmoid(centre - lower)
    nats = tails + jnp.log1p(-jnp.exp(lower - upper))
    return jnp.sum(jnp.where(cells.stars > 0, nats, 0.0))


def thresholds(trained: Trained) -> Any:
    """(K + 1,) between the groups, with one far below and one far above."""
    first = trained["first"].reshape(1)
    rest = first + jnp.cumsum(jnp.exp(trained["log_gaps"]))
    return jnp.concatenate([jnp.array([-FAR]), first, rest, jnp.array([FAR])])
