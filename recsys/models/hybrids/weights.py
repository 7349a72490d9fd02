"""How the flagship's parts are weighed, and how ratings that were kept aside decide about it.

A default stands unless the ratings kept aside speak against it by DOUBT standard errors: on the data that it was found
on it is as good as any, and little data cannot tell. Legend: U users, I items, n ratings kept aside, N star levels,
C candidates, P people of whom something was kept aside.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import RatingScale
from recsys.models.base import entry_rows
from recsys.models.bayes.rehearsal import Foretold
from recsys.models.hybrids.config import HybridVAEConfig
from recsys.models.hybrids.level_use import LevelUse, tilted, with_means
from recsys.models.numeric.rankings import whole_ndcg
from recsys.training.processes import Processes

VAE, LINEAR, NORMAL, ORDINAL = "vae", "linear", "normal", "ordinal"  # the parts

DOUBT = 2.0  # standard errors of a difference
CHANCE = 0.002  # nats of a rating, by which shares must be better on top of that: so much do chains differ by chance
MOST_PEOPLE = 1000  # whose lists are looked at
MOST_CELLS = 2**25  # of people and films, of which several scores are kept; of more than 33,554 films fewer people
SEEN_SHARES = (0.0, 0.5, 1.0)
LINEAR_FACTORS = (0.25, 0.5, 2.0, 4.0, 16.0, 0.0)  # times the default
LIKED_WEIGHTS = (0.0, 0.25, 0.5, 1.0, 2.0)
SHARE_STEPS = 10  # from a share of 0 to one of 1, of the factorizations together
PRIORS = (10.0, 20.0, 30.0, 50.0, 100.0, 300.0, 1000.0, 3000.0, 1e6)  # ratings
FEWEST_RATINGS = 5  # of a film whose use of the levels is kept: that of fewer would tell what single people gave
IN_WORDS = {
    "linear_weight": "weight of the linear path",
    "seen_share": "share of what was rated at all in it",
    "liked_weight": "weight of liking",
    "normal_share": "share of bmf in the stars",
    "ordinal_share": "share of bmf-ordinal in the stars",
    "level_prior": "ratings for the mean of a person's stars",
    "shape_prior": "ratings for the shape around it",
    "film_prior": "ratings for the shape of a film's stars",
}
LEAST_CHANCE = 1e-6  # of a level


@dataclass(frozen=True, kw_only=True)
class HybridWeights:
    """What a flagship weighs its parts with; the meaning of each is that of the setting of its name.

    Attributes:
        n_kept_aside: ratings that decided; 0 where none did.
    """

    linear_weight: float
    seen_share: float
    liked_weight: float
    normal_share: float
    ordinal_share: float
    level_prior: float
    shape_prior: float
    film_prior: float
    n_kept_aside: int = 0

    @classmethod
    def of(cls, config: HybridVAEConfig) -> Self:
        """Those of the settings."""
        own = {each.name: getattr(config, each.name) for each in fields(cls) if hasattr(config, each.name)}
        return cls(**own, seen_share=config.linear.seen_share, liked_weight=config.vae.liked_weight)

    @property
    def shares(self) -> dict[str, float]:
        """Of every part in the distribution of stars of somebody with very many ratings, summing to 1."""
        shares = {NORMAL: self.normal_share, ORDINAL: self.ordinal_share}
        return {**shares, VAE: max(0.0, round(1.0 - sum(shares.values()), 9))}

    def shares_of(self, n_ratings: np.ndarray, few_ratings: float) -> dict[str, np.ndarray]:
        """The same of people by how many ratings they have, (B,): (B,) float32 each, of the parts that have any.

        A factorization has little to fold in of who has told few, and the VAE has learned which tastes there are.

        Args:
            n_ratings: of each.
            few_ratings: see the setting.
        """
        known = n_ratings / (n_ratings + few_ratings) if few_ratings else np.ones(len(n_ratings))
        shares = {name: known * share for name, share in self.shares.items()}
        shares[VAE] = shares[VAE] + (1 - known)
        return {name: share.astype(np.float32) for name, share in shares.items() if share.any()}

    def in_words(self, default: Self) -> str:
        """What decided, and what is not as the default has it."""
        values = [(each.name, getattr(self, each.name), getattr(default, each.name)) for each in fields(self)[:-1]]
        changed = [
            f"{IN_WORDS[name]} {value:g} instead of {usual:g}" for name, value, usual in values if value != usual
        ]
        said = ", ".join(changed) or "the usual weights stand"
        if not self.n_kept_aside:
            return "the usual weights: nothing was kept aside to choose by"
        return f"chosen on {self.n_kept_aside:,} ratings kept aside: {said}"

    def as_first_has_them(self, processes: Processes) -> Self:
        """Those of the first of several processes, which might find others by the last bits of what they compare."""
        told = processes.told_by_first(self.as_array().tobytes())
        return self.of_array(np.frombuffer(told, dtype=np.float64))

    def as_array(self) -> np.ndarray:
        """(W,) float64, in the order of the fields."""
        return np.array([getattr(self, each.name) for each in fields(self)], dtype=np.float64)

    @classmethod
    def of_array(cls, values: np.ndarray) -> Self:
        """The inverse of `as_array`."""
        named = dict(zip((each.name for each in fields(cls)), values.tolist(), strict=True))
        n_kept_aside = int(
            np.nan_to_num(named["n_kept_aside"])
        )  # what is no number is noticed in what the rest answers
        return cls(**{**named, "n_kept_aside": n_kept_aside})


@dataclass(frozen=True, eq=False)
class ListTrial:
    """Scores by models that do not know what was kept aside, (U, I) each.

    Attributes:
        nats: log chance of a choice.
        liking: of being liked, if chosen.
        linear: what the linear path expects, by its share of "rated at all".
        known: stars that the models know.
        relevant: (U, I) bool, which films kept aside should be found.
    """

    nats: np.ndarray
    liking: np.ndarray
    linear: Mapping[float, np.ndarray]
    known: sp.csr_array
    relevant: sp.csr_array

    def losses(self, weights: HybridWeights) -> np.ndarray:
        """(P,) 1 - nDCG of each person's whole ranking."""
        score = self.nats + np.float32(weights.liked_weight) * self.liking
        if weights.linear_weight:
            score += np.float32(weights.linear_weight) * self.linear[weights.seen_share]
        score[self.known.nonzero()] = -np.inf
        return 1.0 - whole_ndcg(score, self.relevant)


def weighed_for_lists(trial: ListTrial, weights: HybridWeights, has_linear: bool) -> HybridWeights:
    """The weights with those of lists as the trial has them: one after the other, twice."""
    linear_weights = [weights.linear_weight * factor for factor in LINEAR_FACTORS]
    for _ in range(2):
        if has_linear:
            weights = better(weights, "seen_share", SEEN_SHARES, trial.losses)
            weights = better(weights, "linear_weight", linear_weights, trial.losses)
        weights = better(weights, "liked_weight", LIKED_WEIGHTS, trial.losses)
    return weights


@dataclass(frozen=True, eq=False)
class StarTrial:
    """Stars that parts foretold of ratings kept aside.

    Attributes:
        foretold: by part.
        known: (U, I) stars that they know.
        aside: (U, I) those kept aside.
        scale: of both.
        has_parts_stars: see the setting.
        few_ratings: likewise.
    """

    foretold: Mapping[str, Foretold]
    known: sp.csr_array
    aside: sp.csr_array
    scale: RatingScale
    has_parts_stars: bool
    few_ratings: float

    def pooled(self, weights: HybridWeights) -> Foretold:
        """What the parts foretold together; of films by the shares of people who have told much."""
        shares = weights.shares_of(np.diff(self.known.indptr), self.few_ratings)
        parts = [(share, self.foretold[name]) for name, share in shares.items()]
        people = entry_rows(self.aside)
        held_out = sum(share[people, None] * part.held_out for share, part in parts)
        stars = sum(share[people] * part.stars for share, part in parts)
        of_people = sum(share[:, None] * part.of_people for share, part in parts)
        return Foretold(*map(np.asarray, (held_out, stars, of_people, self.of_films(weights))))

    def of_films(self, weights: HybridWeights) -> np.ndarray:
        """(I, N) of that."""
        return np.asarray(sum(share * self.foretold[name].of_films for name, share in weights.shares.items() if share))

    def film_use(self, weights: HybridWeights) -> np.ndarray:
        """(I, N) float32: by how much more often films get each level than was expected; 1 for those of few ratings."""
        factor = LevelUse(self.films_gave, self.of_films(weights)).factor(weights.film_prior)
        factor[self.films_gave.sum(axis=1) < FEWEST_RATINGS] = 1.0
        return factor

    @cached_property
    def films_gave(self) -> np.ndarray:
        """(I, N) how many ratings of each level a film has."""
        return self.counts(self.known.indices, self.known.shape[1])

    @cached_property
    def people_gave(self) -> np.ndarray:
        """(U, N) likewise of people."""
        return self.counts(entry_rows(self.known), self.known.shape[0])

    def counts(self, whose: np.ndarray, n_rows: int) -> np.ndarray:
        """(n_rows, N) float64 of each level, of known ratings of whom, (nnz,) int."""
        n_levels = len(self.scale.levels)
        cells = whose.astype(np.int64) * n_levels + self.scale.level_of(self.known.data)
        return np.bincount(cells, minlength=n_rows * n_levels).reshape(n_rows, n_levels).astype(np.float64)

    def distribution(self, weights: HybridWeights) -> np.ndarray:
        """(n, N) of every rating kept aside, as a flagship of these weights would have it."""
        pooled, people = self.pooled(weights), entry_rows(self.aside)
        use = LevelUse(self.people_gave, pooled.of_people)
        return shaped(
            pooled.held_out,
            lambda prior: use.factor(prior)[people],
            self.film_use(weights)[self.aside.indices] if weights.film_prior else None,
            self.scale,
            weights,
            pooled.stars if self.has_parts_stars else None,
        )

    def losses(self, weights: HybridWeights) -> np.ndarray:
        """(P,) sums over each person's ratings: nats of the level, and of the stars around the mean.

        The latter are those of normal noise, whose variance is that of the errors of the default.
        """
        distribution = self.distribution(weights)
        given = self.scale.level_of(self.aside.data)
        nats = -np.log(np.maximum(distribution[np.arange(len(given)), given], LEAST_CHANCE))
        grades = self.scale.grade(self.scale.mean_of(distribution)) - self.scale.grade(self.aside.data)
        nats = nats + grades**2 / (2.0 * self.variance)
        counts = np.diff(self.aside.indptr)
        return np.bincount(entry_rows(self.aside), nats, minlength=len(counts))[counts > 0]

    @cached_property
    def variance(self) -> float:
        """Of a grade around what is foretold, as the parts have it on average."""
        mean = np.mean([each.held_out for each in self.foretold.values()], axis=0)
        errors = self.scale.grade(self.scale.mean_of(mean)) - self.scale.grade(self.aside.data)
        return max(float(np.mean(errors**2)), 1e-6)


def shaped(
    pooled: np.ndarray,
    factor: Callable[[float], np.ndarray],
    film_factor: np.ndarray | None,
    scale: RatingScale,
    weights: HybridWeights,
    stars: np.ndarray | None = None,
) -> np.ndarray:
    """Pooled distributions of stars, moved to how a person and a film use the levels.

    The mean is believed to move only after `level_prior` ratings, since a person's and a film's mean were learned
    before; the shape around it after `shape_prior` and `film_prior`.

    Args:
        pooled: (..., N).
        factor: of the levels given a prior, broadcasting to it.
        film_factor: likewise, if any.
        stars: (...) that are expected before; None: the means of what is pooled.
    """
    moved = tilted(pooled, factor(weights.level_prior))
    if not weights.shape_prior and stars is None:
        return moved
    means = scale.mean_of(moved)
    if stars is not None:
        means = np.clip(means + stars - scale.mean_of(pooled), *scale.levels[[0, -1]])
    if not weights.shape_prior:
        return with_means(moved, means, scale)
    shape = factor(weights.shape_prior)
    shape = shape if film_factor is None else shape * film_factor
    return with_means(tilted(pooled, shape), means, scale)


def weighed_for_stars(trial: StarTrial, weights: HybridWeights) -> HybridWeights:
    """The weights with those of stars as the trial has them: first the VAE's share, then the priors.

    The factorizations divide the rest as they did: a rehearsal is too short to tell which of them is the better.
    """
    usual = weights.normal_share + weights.ordinal_share
    factors = [step / SHARE_STEPS / usual for step in range(SHARE_STEPS + 1)] if usual else []
    possible = [
        replace(weights, normal_share=factor * weights.normal_share, ordinal_share=factor * weights.ordinal_share)
        for factor in factors
    ]
    weights = best(weights, possible, trial.losses, CHANCE * trial.aside.nnz)
    weights = better(weights, "level_prior", PRIORS, trial.losses)
    if weights.shape_prior:
        weights = better(weights, "shape_prior", PRIORS, trial.losses)
    if weights.shape_prior and weights.film_prior:
        weights = better(weights, "film_prior", PRIORS, trial.losses)
    return weights


Losses = Callable[[HybridWeights], np.ndarray]


def better(weights: HybridWeights, name: str, values: Sequence[float], losses: Losses) -> HybridWeights:
    """The weights with the best value of one of them."""
    changes: list[dict[str, Any]] = [{name: value} for value in values if value != getattr(weights, name)]
    return best(weights, [replace(weights, **change) for change in changes], losses)


def best(default: HybridWeights, others: Sequence[HybridWeights], losses: Losses, margin: float = 0.0) -> HybridWeights:
    """Of these the one of least loss, unless the default's is within doubt of it, and a margin.

    Args:
        losses: (P,) of weights, one of a person.
        margin: of their sum.
    """
    usual = losses(default)
    gains = [usual - losses(other) for other in others]  # (P,) each
    sure = [total(gain) > margin + DOUBT * doubt(gain) for gain in gains]
    found = max(
        (place for place, is_sure in enumerate(sure) if is_sure), key=lambda place: total(gains[place]), default=None
    )
    return default if found is None else others[found]


def total(gain: np.ndarray) -> float:
    """Sum over people."""
    return float(gain.sum())


def doubt(gain: np.ndarray) -> float:
    """Standard error of that sum."""
    return float(np.sqrt(len(gain)) * gain.std())
