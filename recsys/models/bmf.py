"""Bayesian matrix factorization with side information: many models in a vote, each drawn from the posterior.

Legend: U users, I items, B histories, n ratings, K factors, D = K + 1 (factors and an offset), S kept draws.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import scipy.sparse as sp

from recsys.config import BMFConfig
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.base import entry_rows, with_values
from recsys.models.factors import with_ones
from recsys.models.finite import learns_numbers
from recsys.models.linked_prior import LinkedPrior
from recsys.models.probit import (
    draw_latent,
    expected_latent,
    first_cutpoints,
    improved_cutpoints,
    level_probabilities,
    with_ends,
)
from recsys.models.threads import one_thread
from recsys.progress import OnProgress, silent

FOLD_IN_STEPS = 4  # of expected latent <-> weights, where levels are observed instead of a latent variable


@dataclass
class Chain:
    """Where the sampler stands.

    Attributes:
        users: (U, D) factors, then the offset. items: (I, D), likewise. Users see items as (factors, 1), and back.
        user_prior, item_prior: how vectors follow from features.
        turned: (n,) int, where by_item's ratings stand among by_user's.
        centre: what is subtracted from targets. noise_precision: 1 / variance of a target around its prediction.
        cutpoints: (n_levels - 1,) of an ordinal likelihood; empty otherwise.
    """

    users: np.ndarray
    items: np.ndarray
    user_prior: LinkedPrior
    item_prior: LinkedPrior
    turned: np.ndarray
    centre: float
    noise_precision: float
    cutpoints: np.ndarray


class BMF:
    """stars = mean + b_u + b_i + p_u . q_i under full Gibbs sampling, vectors drawn towards what features predict.

    The sampler is Salakhutdinov and Mnih's (2008); the features enter as in Macau (Simm et al. 2017). A person's
    features are the films in the history, 1 / sqrt(n) each, which makes it a Bayesian SVD++ (Koren 2008); a film's are
    the people who rated it, likewise ("flipped": Rendle, Zhang and Koren 2019), and its genres and period where given.

    The likelihood is normal, or an ordered probit (Albert and Chib 1993). Kept are draws of the items and of the
    people's prior; anybody is folded in under each draw, and the predictions are averaged.
    """

    mean: float
    link_items: np.ndarray  # (n_link_features,) int, columns of the history that are a person's features
    items: np.ndarray  # (S, I, D) factors, then the offset
    user_mean: np.ndarray  # (S, D)
    user_link: np.ndarray  # (S, n_link_features, D)
    user_precision: np.ndarray  # (S, D, D)
    noise_precision: np.ndarray  # (S,) 1 / stars squared; 1 for an ordinal likelihood
    cutpoints: np.ndarray  # (S, n_levels - 1); (S, 0) for a normal likelihood

    uses_validation: ClassVar[bool] = False
    keeps_ratings: ClassVar[bool] = False

    def __init__(
        self,
        config: BMFConfig = BMFConfig(),
        scale: RatingScale = WHOLE_STARS,
        item_features: np.ndarray | None = None,
    ):
        self.config, self.scale, self.item_features = config, scale, item_features

    @learns_numbers
    def fit(
        self,
        train: sp.csr_array,
        validation: sp.csr_array | None = None,
        *,
        seed: int = 0,
        on_progress: OnProgress = silent,
    ) -> Self:
        """Run the chain for `epochs` sweeps; after `burn_in` every `thin`-th draw is kept, and in any case the last."""
        rng, draws = np.random.default_rng(seed), []
        by_user = sorted_rows(train)
        by_item = sorted_rows(by_user.T)
        self.link_items = most_rated(by_user, self.config.n_link_features)
        self.mean = float(train.data.mean(dtype=np.float64)) if train.nnz else self.scale.middle
        with one_thread():
            chain = self.start(by_user, by_item, rng)
            for epoch in range(self.config.epochs):
                error = self.sweep(chain, by_user, by_item, rng)
                if self.keeps(epoch):
                    draws.append(kept(chain))
                on_progress("epoch", epoch + 1, self.config.epochs, rmse=error)
        return self.restore({**stacked(draws), "mean": np.array(self.mean), "link_items": self.link_items})

    def keeps(self, epoch: int) -> bool:
        """Whether the draw of a sweep, counted from 0, is kept."""
        after = epoch - self.config.burn_in
        return (after >= 0 and after % self.config.thin == 0) or epoch == self.config.epochs - 1

    def start(self, by_user: sp.csr_array, by_item: sp.csr_array, rng: np.random.Generator) -> Chain:
        """Small random vectors; features of both sides."""
        (n_users, n_items), n_dimensions = by_user.shape, self.config.n_factors + 1
        item_features = membership(by_item, most_rated(by_item, self.config.n_link_features))
        if self.config.uses_item_features and self.item_features is not None:
            item_features = sp.csr_array(sp.hstack([item_features, sp.csr_array(self.item_features)]))
        ordinal = self.config.likelihood == "ordinal"
        return Chain(
            users=rng.normal(0.0, 0.1, (n_users, n_dimensions)),
            items=rng.normal(0.0, 0.1, (n_items, n_dimensions)),
            user_prior=LinkedPrior(membership(by_user, self.link_items), n_dimensions),
            item_prior=LinkedPrior(item_features, n_dimensions),
            turned=np.argsort(by_user.indices, kind="stable"),
            centre=0.0 if ordinal else self.mean,
            noise_precision=1.0,
            cutpoints=first_cutpoints(self.levels(by_user), len(self.scale.levels)) if ordinal else np.zeros(0),
        )

    def levels(self, history: sp.csr_array) -> np.ndarray:
        """(n,) int level of every stored rating, 0 = lowest."""
        return np.rint((history.data - self.scale.lowest) / self.scale.step).astype(np.int64)

    def sweep(self, chain: Chain, by_user: sp.csr_array, by_item: sp.csr_array, rng: np.random.Generator) -> float:
        """Draw everything once, each part given the rest; returns the training error, in units of the target."""
        targets = self.targets(chain, by_user, rng)
        chain.users = draw_vectors(by_user, targets, chain.items, chain.user_prior, chain.noise_precision, rng)
        chain.user_prior.draw(chain.users, rng)
        chain.items = draw_vectors(
            by_item, targets[chain.turned], chain.users, chain.item_prior, chain.noise_precision, rng
        )
        chain.item_prior.draw(chain.items, rng)
        error = targets - latent_of(chain, by_user)
        if self.config.likelihood == "gaussian":
            chain.noise_precision = rng.gamma(1.0 + error.size / 2, 1.0 / (1.0 + np.sum(error**2) / 2))
        return float(np.sqrt(np.mean(error**2))) if error.size else 0.0

    def targets(self, chain: Chain, by_user: sp.csr_array, rng: np.random.Generator) -> np.ndarray:
        """(n,) what the vectors must explain: stars minus their mean, or a draw of the latent variable."""
        if self.config.likelihood == "gaussian":
            return by_user.data.astype(np.float64) - chain.centre
        latent, level = latent_of(chain, by_user), self.levels(by_user)
        chain.cutpoints = improved_cutpoints(chain.cutpoints, latent, level)
        return draw_latent(latent, level, chain.cutpoints, rng)

    def latent_draws(self, history: sp.csr_array, items: np.ndarray | slice = slice(None)) -> np.ndarray:
        """One person's latent stars of some items under every draw, (1, I) stars -> (S, len(items)) float64."""
        weights, vectors = self.fold_in(history), self.items[:, items]  # (S, D), (S, len(items), D)
        return np.einsum("sid,sd->si", vectors[:, :, :-1], weights[:, :-1]) + weights[:, -1:] + vectors[:, :, -1]

    def fold_in(self, history: sp.csr_array) -> np.ndarray:
        """(1, I) stars -> (S, D) mean of the person's factors and offset under every draw."""
        seen = with_last_ones(self.items[:, history.indices])  # (S, n, D)
        offsets = self.items[:, history.indices, -1]  # (S, n)
        known = positions(self.link_items, history.indices)  # as `membership` has them
        linked = self.user_link[:, known].sum(axis=1, dtype=np.float64) / np.sqrt(max(history.nnz, 1))
        towards = self.user_mean + linked  # (S, D)
        seen_t = seen.transpose(0, 2, 1) * self.noise_precision[:, None, None]  # (S, D, n)
        precision = seen_t @ seen + self.user_precision  # (S, D, D)
        pull = np.einsum("sde,se->sd", self.user_precision, towards)

        def pulled(targets: np.ndarray) -> np.ndarray:  # (S, n) -> (S, D)
            return pull + np.einsum("sdn,sn->sd", seen_t, targets - offsets)

        if self.config.likelihood == "gaussian":
            return np.linalg.solve(precision, pulled(history.data - np.full(offsets.shape, self.mean))[..., None])[
                ..., 0
            ]
        covariance, weights = np.linalg.inv(precision), towards  # several steps with the same matrix
        ends, level = with_ends(self.cutpoints), self.levels(history)
        for _ in range(FOLD_IN_STEPS):
            latent = np.einsum("snd,sd->sn", seen, weights) + offsets
            targets = expected_latent(latent, ends[:, level], ends[:, level + 1])
            weights = np.einsum("sde,se->sd", covariance, pulled(targets))
        return weights

    def moments(self, history: sp.csr_array, items: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance over draws of everybody's latent stars, (B, I) stars -> (B, len(items)) float64 each."""
        chosen = slice(None) if items is None else items
        means, variances = np.empty((2, history.shape[0], history.shape[1] if items is None else len(items)))
        with one_thread():
            for row in range(history.shape[0]):
                draws = self.latent_draws(history[[row]] if len(means) > 1 else history, chosen)  # slicing is slow
                means[row], variances[row] = draws.mean(axis=0), draws.var(axis=0)
        return means, variances

    def rating_distribution(self, history: sp.csr_array, items: np.ndarray | None = None) -> np.ndarray:
        """Probability of every star level, (B, I) stars -> (B, I, n_levels) float32; of some items where given."""
        latent, variance = self.moments(history, items)
        cutpoints = self.cutpoints.mean(axis=0) if self.config.likelihood == "ordinal" else self.gaussian_cutpoints()
        if self.config.likelihood == "gaussian":
            noise = np.sqrt(np.mean(1.0 / self.noise_precision))
            latent, variance, cutpoints = (latent + self.mean) / noise, variance / noise**2, cutpoints / noise
        return level_probabilities(latent, cutpoints, variance).astype(np.float32)

    def gaussian_cutpoints(self) -> np.ndarray:
        """(n_levels - 1,) stars halfway between levels: where a normal prediction is rounded up."""
        return self.scale.levels[:-1] + self.scale.step / 2

    def predict(self, history: sp.csr_array, items: np.ndarray | None = None) -> np.ndarray:
        """Expected stars, (B, I) stars -> (B, I) or (B, len(items)) float32."""
        if self.config.likelihood == "ordinal":
            probabilities = self.rating_distribution(history, items)
            return np.einsum("bil,l->bi", probabilities, self.scale.levels).astype(np.float32)
        return (self.mean + self.moments(history, items)[0]).astype(np.float32)

    def score(self, history: sp.csr_array) -> np.ndarray:
        """The predicted stars."""
        return self.predict(history)

    def arrays(self) -> dict[str, np.ndarray]:
        """Every kept draw, stacked; the people's vectors are not among them."""
        names = ("items", "user_mean", "user_link", "user_precision", "noise_precision", "cutpoints")
        return {"mean": np.array(self.mean), "link_items": self.link_items, **{n: getattr(self, n) for n in names}}

    def array_shapes(self) -> dict[str, str]:
        """See `Model.array_shapes`."""
        draws = f"S={sum(map(self.keeps, range(self.config.epochs)))}"
        dimensions = f"D={self.config.n_factors + 1}"
        n_cutpoints = len(self.scale.levels) - 1 if self.config.likelihood == "ordinal" else 0
        return {
            "mean": "",
            "link_items": "F:I",
            "items": f"{draws} I {dimensions}",
            "user_mean": f"{draws} {dimensions}",
            "user_link": f"{draws} F {dimensions}",
            "user_precision": f"{draws} {dimensions} {dimensions} in -1e12..1e12",
            "noise_precision": f"{draws} in 1e-9..1e12",
            "cutpoints": f"{draws} C={n_cutpoints}",
        }

    def restore(self, arrays: dict[str, np.ndarray]) -> Self:
        """The inverse of `arrays`."""
        for name, values in arrays.items():
            setattr(self, name, values)
        self.mean = float(arrays["mean"])
        return self


def sorted_rows(matrix: Any) -> sp.csr_array:
    """A csr copy whose rows list their columns in order."""
    rows = sp.csr_array(matrix, copy=True)
    rows.sort_indices()
    return rows


def most_rated(by_row: sp.csr_array, n: int) -> np.ndarray:
    """The n columns with most entries, fewer if there are fewer, as an increasing (n,) int array."""
    counts = np.bincount(by_row.indices, minlength=by_row.shape[1])
    return np.sort(np.argsort(-counts, kind="stable")[:n])


def positions(increasing: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Where those of the values that occur in an increasing array stand in it."""
    places = np.minimum(np.searchsorted(increasing, values), len(increasing) - 1) if len(increasing) else values[:0]
    return places[increasing[places] == values[: len(places)]]


def membership(matrix: sp.csr_array, columns: np.ndarray) -> sp.csr_array:
    """(rows, len(columns)) float64: 1 / sqrt(entries of the row) where there is an entry, else 0."""
    lengths = np.maximum(np.diff(matrix.indptr), 1)
    return with_values(matrix, 1.0 / np.sqrt(np.repeat(lengths, np.diff(matrix.indptr))))[:, columns]


def with_last_ones(vectors: np.ndarray) -> np.ndarray:
    """(..., D) -> (..., D) with the offset, in the last place, replaced by 1: the regressor of the other side's."""
    return np.concatenate([vectors[..., :-1], np.ones_like(vectors[..., -1:])], axis=-1)


def latent_of(chain: Chain, by_user: sp.csr_array) -> np.ndarray:
    """(n,) current prediction of every training rating, without the centre."""
    users, items = chain.users[entry_rows(by_user)], chain.items[by_user.indices]
    return users[:, -1] + items[:, -1] + np.einsum("nk,nk->n", users[:, :-1], items[:, :-1])


def draw_vectors(
    rows: sp.csr_array,
    targets: np.ndarray,
    others: np.ndarray,
    prior: LinkedPrior,
    noise_precision: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw every row's vector, (n_rows, D), from its normal posterior given the other side's vectors, (n_columns, D).

    targets, (n,), belong to the stored entries of `rows`, in storage order.
    """
    regressors, rest = with_ones(others[:, :-1]), targets - others[rows.indices, -1]
    precision = np.empty((rows.shape[0], *prior.precision.shape))
    for row in range(rows.shape[0]):
        seen = regressors[rows.indices[rows.indptr[row] : rows.indptr[row + 1]]]  # (n, D)
        np.matmul(seen.T, seen, out=precision[row])
    precision *= noise_precision
    precision += prior.precision
    pull = noise_precision * (with_values(rows, rest) @ regressors) + prior.means() @ prior.precision  # (n_rows, D)
    noise = np.linalg.cholesky(precision) @ rng.standard_normal((*pull.shape, 1))
    return np.linalg.solve(precision, pull[:, :, None] + noise)[:, :, 0]


def kept(chain: Chain) -> dict[str, np.ndarray]:
    """What is kept of a draw: enough to fold anybody in."""
    return {
        "items": chain.items.astype(np.float32),
        "user_mean": chain.user_prior.mean,
        "user_link": chain.user_prior.link.astype(np.float32),
        "user_precision": chain.user_prior.precision,
        "noise_precision": np.array(chain.noise_precision),
        "cutpoints": chain.cutpoints,
    }


def stacked(draws: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Draws on top of each other: every array gets a first axis of length S."""
    return {name: np.stack([draw[name] for draw in draws]) for name in draws[0]}
