"""Bayesian matrix factorization with side information: many models in a vote, each drawn from the posterior.

Legend: U users, I items, B histories, n ratings, K factors, D = K + 1 (factors and an offset), S kept draws.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Self

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import FilmFacts, Histories, Interactions, keep_entries
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.base import with_values
from recsys.models.bayes.chain import Chain, first_vectors, membership, most_rated, part_of, sorted_rows
from recsys.models.bayes.config import BMFConfig
from recsys.models.bayes.held_out_noise import HeldOutNoise
from recsys.models.bayes.linked_prior import LinkedPrior
from recsys.models.bayes.probit import expected_latent, first_cutpoints, of_levels, with_ends
from recsys.models.bayes.rehearsal import Foretold, Rehearsal, told_in_all
from recsys.models.bayes.shares import Crowd
from recsys.models.finite import learns_numbers
from recsys.models.learned import LearningModel, learned
from recsys.models.numeric.level_groups import group_size, n_groups, spreading
from recsys.models.numeric.normal_levels import level_probabilities
from recsys.models.numeric.threads import one_thread
from recsys.models.simple.baseline import Baseline
from recsys.models.simple.plain_share import are_few, plain_offsets, sure_share
from recsys.models.simple.sums import mean_of_all
from recsys.training import Training
from recsys.training.processes import ALONE, Processes, own_place

HELD_OUT = 0.1  # share of the ratings that are kept from the rehearsal, where nobody says which
TEMPERING = {"gaussian": 0.85, "ordinal": 1.0}  # power of the likelihood beside the prior: people's ratings are not
# quite as the model has it, and then less trust in each predicts better
FIRST_PRECISION = {"gaussian": 10.0, "ordinal": 100.0}  # of vectors in the first sweep. A wide prior would begin where
# they follow every rating, out of which a chain hardly finds; nothing but this holds an ordinal one back
MOST_KEPT = 2**26  # numbers of films' vectors in all draws: 256 MB
CELLS = 2**21  # latent stars, by draw, person and film, that are worked out at once
NOTHING = np.zeros(0)
FOLD_IN_STEPS = 4  # of expected latent <-> weights, where levels are observed instead of a latent variable


class BMF(LearningModel):
    """stars = mean + b_u + b_i + p_u . q_i under full Gibbs sampling, vectors drawn towards what features predict.

    The sampler is Salakhutdinov and Mnih's (2008); the features enter as in Macau (Simm et al. 2017). A person's
    features are the films in the history, 1 / sqrt(n) each, which makes it a Bayesian SVD++ (Koren 2008); a film's are
    the people who rated it, likewise ("flipped": Rendle, Zhang and Koren 2019), and its genres and period where given.

    The likelihood is normal, or an ordered probit (Albert and Chib 1993). Kept are draws of the items and of the
    people's prior; anybody is folded in under each draw, and the predictions are averaged.

    The chain begins with a rehearsal: some of the ratings are kept from it, and what it foretells of them says how
    large the noise is, and how good the model. Then it goes on with all of them.
    """

    mean: float = learned("")
    link_items: np.ndarray = learned("F:I")  # columns of the history that are a person's features
    items: np.ndarray = learned("S I D={n_dimensions}")  # factors, then the offset
    user_mean: np.ndarray = learned("S D={n_dimensions}")
    user_link: np.ndarray = learned("S F D={n_dimensions}")
    user_precision: np.ndarray = learned("S D={n_dimensions} D={n_dimensions} in -1e12..1e12")
    noise_precision: np.ndarray = learned("S in 1e-9..1e12")  # 1 / stars squared, tempered; 1 if ordinal
    cutpoints: np.ndarray = learned("S C={n_cutpoints}")  # between levels or groups of them; if ordinal
    share: float = learned(" in 0..1", default=1.0)  # in the stars; plain offsets, better on few ratings, have the rest
    plain_noise: float = learned(" in 1e-6..1e9", default=1.0)  # standard deviation of stars around the plain offsets
    plain_offset: np.ndarray | None = learned("I", default=None)  # of the items

    foretold: Foretold | None = None  # by `fit_and_foretell`

    @property
    def predicts_means(self) -> bool:
        """Of an ordinal likelihood; what a normal one predicts is not rounded to levels."""
        return self.config.likelihood == "ordinal"

    config: BMFConfig

    def __init__(
        self,
        config: BMFConfig = BMFConfig(),
        scale: RatingScale = WHOLE_STARS,
    ):
        self.config, self.scale = config, scale

    def learn(self, data: Interactions, training: Training) -> None:
        """Rehearse without a tenth of the ratings; then run the chain for `epochs` sweeps on all.

        After `burn_in` every `thin`-th draw is kept, and in any case the last.
        """
        rng, by_user = np.random.default_rng(training.seed), sorted_rows(data.stars)
        own, n_ratings = own_place(by_user.nnz, training.processes)
        self.run(by_user, data.films, rng.random(n_ratings)[own] < HELD_OUT, rng, training)

    @learns_numbers
    def fit_and_foretell(self, data: Interactions, kept_aside: Interactions, training: Training) -> Self:
        """The same on the ratings of both; the rehearsal does without those kept aside and foretells them.

        What it foretells is `foretold`.
        """
        by_user, held_out = together(data.stars, kept_aside.stars)
        rng = np.random.default_rng(training.seed)
        rehearsal = self.run(by_user, data.films, held_out, rng, training)
        self.foretold = told_in_all(self.told_by(rehearsal), training.processes)
        return self

    def run(
        self,
        by_user: sp.csr_array,
        films: FilmFacts | None,
        held_out: np.ndarray,
        rng: np.random.Generator,
        training: Training,
    ) -> Rehearsal:
        """Fit on (U, I) stars, after a rehearsal without those held out, (nnz,) bool."""
        self.know(by_user, films, training.processes)
        with one_thread():
            rehearsal = self.rehearse(by_user, held_out, rng, training)
            self.trust(by_user, rehearsal)
            stands = rehearsal.chain.end(rng)
            chain = self.start(by_user, rng, training.processes)
            chain.go_on_from(stands)
            loop = training.checkpoints.loop("sweeps", {}, rng)
            draws = gone_on(chain, loop.found)
            n_sweeps = self.config.epochs if self.share else 1  # where plain offsets alone answer, any draw will do
            for epoch in range(loop.done, n_sweeps):
                error = chain.sweep(rng) * self.unit
                if self.keeps(epoch, by_user.shape[1]) or epoch == n_sweeps - 1:
                    draws.append(kept(chain, self.unit, rng))
                loop.reached(epoch + 1, lambda: chain.state | as_drawn(draws))
                training.on_progress("epoch", epoch + 1, n_sweeps, rmse=error)
        for name, values in stacked(draws).items():
            setattr(self, name, values)
        return rehearsal

    def sizes(self) -> dict[str, Any]:
        """What fixes the size of an axis, by name."""
        n_cutpoints = n_groups(len(self.scale.levels)) - 1 if self.config.likelihood == "ordinal" else 0
        return {"n_dimensions": self.config.n_factors + 1, "n_cutpoints": n_cutpoints}

    @property
    def plain(self) -> Baseline:
        """The plain offsets."""
        return plain_offsets(self.scale, self.mean, self.plain_offset)

    def keeps(self, epoch: int, n_items: int = 0) -> bool:
        """Whether the draw of a sweep, counted from 0, is kept: fewer of many films, see MOST_KEPT."""
        after, n_sweeps = epoch - self.config.burn_in, self.config.epochs - self.config.burn_in
        thin = max(self.config.thin, -(-n_sweeps * n_items * (self.config.n_factors + 1) // MOST_KEPT))
        return (after >= 0 and after % thin == 0) or epoch == self.config.epochs - 1

    def know(self, by_user: sp.csr_array, films: FilmFacts | None, processes: Processes = ALONE) -> None:
        """Learn what both chains share: what films' features are, the mean, and the unit of the targets.

        The unit is how far the ratings spread, in stars; 1 where only their levels count.
        """
        crowd = Crowd.of(by_user, processes)
        counts = crowd.of_films.sum(axis=0), crowd.of_people
        self.link_items, self.link_people = (most_rated(each, self.config.n_link_features) for each in counts)
        self.item_features = films.features if films is not None and self.config.uses_item_features else None
        self.mean = mean_of_all(by_user.data, self.scale, processes)
        squares = processes.sum(np.sum(np.square(by_user.data - np.float64(self.mean))))
        spread = float(np.sqrt(squares / max(crowd.n_ratings, 1)))
        self.unit = 1.0 if self.config.likelihood == "ordinal" else spread or 1.0

    def rehearse(
        self, by_user: sp.csr_array, is_held_out: np.ndarray, rng: np.random.Generator, training: Training
    ) -> Rehearsal:
        """Run a chain without some of the ratings, (n,) bool, whose noise those determine; see `Rehearsal`."""
        held_out = keep_entries(by_user, is_held_out)
        chain = self.start(keep_entries(by_user, ~is_held_out), rng, training.processes)
        rehearsal = Rehearsal(chain, held_out)
        learns_noise = self.config.likelihood == "gaussian" and rehearsal.n_aside and chain.crowd.n_ratings
        targets = (held_out.data - self.mean) / self.unit
        noise = HeldOutNoise(targets, training.processes) if learns_noise else None
        tempering = TEMPERING[self.config.likelihood]
        chain.noise_precision *= tempering
        loop = training.checkpoints.loop("rehearsal", {}, rng)
        if loop.found:
            rehearsal.go_on_from(loop.found)
        if loop.found and noise is not None:
            noise.go_on_from(loop.found, rehearsal.own)
        for sweep in range(loop.done, self.config.rehearsal):
            chain.sweep(rng)
            predicted = rehearsal.add(counts=sweep >= self.config.rehearsal // 2)
            if noise is not None:
                noise.add(predicted)
                chain.noise_precision = tempering / noise.variance
            loop.reached(sweep + 1, lambda: rehearsal.state | (noise.state if noise is not None else {}))
            training.on_progress("rehearsal", sweep + 1, self.config.rehearsal)
        return rehearsal

    def trust(self, by_user: sp.csr_array, rehearsal: Rehearsal) -> None:
        """Learn from a rehearsal how far this model is believed beside plain offsets; if ratings are many, wholly."""
        self.share, self.plain_noise, self.plain_offset = 1.0, 1.0, None
        crowd, aside = rehearsal.chain.crowd, rehearsal.aside
        n_ratings, processes = crowd.n_ratings + rehearsal.n_aside, crowd.processes
        if are_few(n_ratings, (crowd.n_people, by_user.shape[1]), rehearsal.n_aside):
            training = Training(processes=processes)
            self.plain_offset = Baseline(scale=self.scale).fit(Interactions(by_user), training).item_offset
            plain = self.plain_stars(rehearsal, aside)
            missed = processes.gathered(aside.data - plain)
            self.plain_noise = float(np.sqrt(np.mean(missed**2))) or 1.0
            self.share = sure_share(processes.gathered(self.told_stars(rehearsal) - plain), missed)

    def told_stars(self, rehearsal: Rehearsal) -> np.ndarray:
        """(n,) stars that a rehearsal foretold of what was kept from it, by this model alone."""
        latent, variance = self.in_stars(rehearsal.held_out)
        if self.config.likelihood == "gaussian":
            return self.mean + latent
        return self.scale.mean_of(self.distribution_of(latent, variance, 1.0, rehearsal.chain.cutpoints))

    def in_stars(self, moments: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance, (n,) each, of targets in stars."""
        return moments[0] * self.unit, moments[1] * self.unit**2

    def plain_stars(self, rehearsal: Rehearsal, cells: sp.csr_array) -> np.ndarray:
        """(nnz,) stars of cells, (U, I), by the offsets of what the rehearsal learns from."""
        known, training = rehearsal.chain.by_user, Training(processes=rehearsal.chain.crowd.processes)
        return Baseline(scale=self.scale).fit(Interactions(known), training).stars_of(known, cells)

    def start(self, by_user: sp.csr_array, rng: np.random.Generator, processes: Processes = ALONE) -> Chain:
        """A chain that begins: small random vectors, towards what features of both sides predict."""
        crowd = Crowd.of(by_user, processes)
        by_item, ordinal = by_user.T.tocsr(), self.config.likelihood == "ordinal"
        n_dimensions, precision = self.config.n_factors + 1, FIRST_PRECISION[self.config.likelihood]
        n_levels = n_groups(len(self.scale.levels))
        places = of_levels(self.levels(by_user.data), n_levels) if ordinal else []
        return Chain(
            by_user=by_user,
            crowd=crowd,
            users=first_vectors(crowd.of_all(n_dimensions), rng)[crowd.people],
            items=first_vectors((by_user.shape[1], n_dimensions), rng),
            user_prior=LinkedPrior(membership(by_user, self.link_items), n_dimensions, precision, processes),
            item_prior=LinkedPrior(self.features_of(by_item, crowd), n_dimensions, precision),
            targets=((by_user.data - self.mean) / self.unit).astype(np.float32),
            places=places,
            cutpoints=first_cutpoints(processes.sum([len(each) for each in places])) if ordinal else np.zeros(0),
        )

    def features_of(self, by_item: sp.csr_array, crowd: Crowd) -> sp.csr_array:
        """(I, n_features) of the films: who rated them, and what is known of them."""
        if crowd.is_alone:
            features = membership(by_item, self.link_people)
        else:
            features = crowd.raters(by_item, self.link_people)
        if self.item_features is not None:
            return sp.csr_array(sp.hstack([features, sp.csr_array(self.item_features, dtype=np.float32)]))
        return features

    def levels(self, stars: np.ndarray) -> np.ndarray:
        """(n,) int level of every rating, 0 = lowest; where levels are many, the group of it."""
        return self.scale.level_of(stars) // group_size(len(self.scale.levels))

    def fold_in(self, films: np.ndarray, stars: np.ndarray) -> np.ndarray:
        """A history, (n,) places of the films and their stars -> (S, D) mean of the person's vector under every draw.

        The vector has the factors, then the offset.
        """
        seen = self.items[:, films]  # (S, n, D)
        offsets = seen[:, :, -1].astype(np.float64)  # (S, n)
        seen[:, :, -1] = 1.0  # see `with_last_ones`
        known = positions(self.link_items, films)  # as `membership` has them
        linked = self.user_link[:, known].sum(axis=1, dtype=np.float64) / np.sqrt(max(len(films), 1))
        towards = self.user_mean + linked  # (S, D)
        seen_t = seen.transpose(0, 2, 1) * self.noise_precision[:, None, None]  # (S, D, n)
        precision = seen_t @ seen + self.user_precision  # (S, D, D)
        pull = times(self.user_precision, towards)

        def pulled(targets: np.ndarray) -> np.ndarray:  # (S, n) -> (S, D)
            return pull + times(seen_t, targets - offsets)

        if self.config.likelihood == "gaussian":
            return np.linalg.solve(precision, pulled(stars.astype(np.float64) - self.mean)[..., None])[..., 0]
        begun, gain = divided(precision, pull, seen_t)  # several steps with the same matrix
        weights = towards
        ends, level, exact = with_ends(self.cutpoints), self.levels(stars), seen.astype(np.float64)
        lower, upper = ends[:, level], ends[:, level + 1]
        for _ in range(FOLD_IN_STEPS):
            targets = expected_latent(times(exact, weights) + offsets, lower, upper)
            weights = begun + times(gain, targets - offsets)
        return weights

    def moments(self, history: sp.csr_array, items: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance over draws of everybody's latent stars, (B, I) stars -> (B, len(items)) float64 each."""
        vectors = self.items if items is None else self.items[:, items]  # (S, len(items), D)
        means, variances = np.empty((2, history.shape[0], vectors.shape[1]))
        n_rows = max(1, CELLS // max(1, vectors.shape[0] * vectors.shape[1]))
        with one_thread():
            weights = self.weights_of(history)
            for start in range(0, len(means), n_rows):
                block = slice(start, start + n_rows)
                draws = latent_stars(weights[:, block], vectors)
                means[block], variances[block] = draws.mean(axis=0), draws.var(axis=0)
        return means, variances

    def weights_of(self, history: sp.csr_array) -> np.ndarray:
        """(B, I) stars -> (S, B, D) everybody's factors and offset under every draw."""
        weights = np.empty((len(self.items), history.shape[0], self.items.shape[2]))
        for row, (start, stop) in enumerate(pairwise(history.indptr)):
            weights[:, row] = self.fold_in(history.indices[start:stop], history.data[start:stop])
        return weights

    def rating_distribution(self, people: Histories, items: np.ndarray | None = None) -> np.ndarray:
        """Probability of every star level, (B, I) stars -> (B, I, n_levels) float32; of some items where given."""
        return self.told(people, items)[0]

    def told(self, people: Histories, items: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """`rating_distribution`, and the stars that are expected, (B, I) float32, inside the scale.

        Those of a normal likelihood are not the mean of the distribution, which rounding draws from the scale's ends.
        """
        history = people.stars
        latent, variance = self.moments(history, items)
        noise = np.sqrt(TEMPERING["gaussian"] * np.mean(1.0 / self.noise_precision))
        plain = self.plain_predictions(history, items) if self.share < 1.0 else NOTHING
        distribution = self.distribution_of(latent, variance, noise, self.cutpoints.mean(axis=0))
        distribution = self.beside_plain(distribution, plain)
        return distribution, self.expected(latent, distribution, plain)

    def expected(self, latent: np.ndarray, distribution: np.ndarray, plain: np.ndarray) -> np.ndarray:
        """(...) float32 stars, inside the scale, of latent ones, (...), the distributions, and plain offsets' stars."""
        if self.config.likelihood == "ordinal":
            return self.scale.mean_of(distribution)
        return self.scale.clip(self.stars_beside_plain(latent, plain)).astype(np.float32)

    def stars_beside_plain(self, latent: np.ndarray, plain: np.ndarray) -> np.ndarray:
        """(...) stars of latent ones by a normal likelihood, (...), with those of plain offsets, (...)."""
        stars = self.mean + latent
        return stars if self.share == 1.0 else self.share * stars + (1 - self.share) * plain

    def beside_plain(self, distribution: np.ndarray, plain: np.ndarray) -> np.ndarray:
        """Distributions of stars, (..., n_levels), with those of plain offsets' stars, (...), if they have a share."""
        if self.share == 1.0:
            return distribution
        others = level_probabilities(plain / self.plain_noise, self.scale.cutpoints / self.plain_noise)
        return (self.share * distribution + (1 - self.share) * others).astype(np.float32)

    def plain_predictions(self, history: sp.csr_array, items: np.ndarray | None) -> np.ndarray:
        """Stars by plain offsets, (B, I), or (B, len(items))."""
        stars = self.plain.predict(Histories(history))
        return stars if items is None else stars[:, items]

    def distribution_of(
        self, latent: np.ndarray, variance: np.ndarray, noise: float, cutpoints: np.ndarray
    ) -> np.ndarray:
        """Probability of every level given latent stars, (...) -> (..., n_levels) float32.

        Args:
            latent, variance: (...) mean and variance.
            noise: standard deviation of stars, where they are not ordinal.
            cutpoints: as `Chain` has them, where they are.
        """
        if self.config.likelihood == "gaussian":
            latent, variance, cutpoints = (
                (latent + self.mean) / noise,
                variance / noise**2,
                self.scale.cutpoints / noise,
            )
        else:
            cutpoints = spreading(len(self.scale.levels)) @ cutpoints
        return level_probabilities(latent, cutpoints, variance).astype(np.float32)

    def told_by(self, rehearsal: Rehearsal) -> Foretold:
        """The distributions of stars that a rehearsal foretold, and the stars that are expected."""
        chain = rehearsal.chain
        noise = self.unit * np.sqrt(TEMPERING[self.config.likelihood] / chain.noise_precision)

        def distribution(of: tuple[np.ndarray, np.ndarray], plain: np.ndarray, some: slice) -> np.ndarray:
            foretold = self.distribution_of(*self.in_stars((of[0][some], of[1][some])), noise, chain.cutpoints)
            return self.beside_plain(foretold, plain[some])

        cells = (rehearsal.aside, chain.by_user)
        of_aside, of_known = (self.plain_stars(rehearsal, each) if self.share < 1.0 else NOTHING for each in cells)
        learned = rehearsal.learned
        held_out = distribution(rehearsal.held_out, of_aside, slice(None))
        stars = self.expected(self.in_stars(rehearsal.held_out)[0], held_out, of_aside)
        return Foretold.of(held_out, stars, lambda some: distribution(learned, of_known, some), chain.by_user)

    def predict(self, people: Histories, items: np.ndarray | None = None) -> np.ndarray:
        """Expected stars, (B, I) stars -> (B, I) or (B, len(items)) float32."""
        history = people.stars
        if self.config.likelihood == "ordinal":
            return self.told(people, items)[1]
        plain = self.plain_predictions(history, items) if self.share < 1.0 else NOTHING
        return self.stars_beside_plain(self.moments(history, items)[0], plain).astype(np.float32)

    def score(self, people: Histories) -> np.ndarray:
        """The predicted stars."""
        return self.predict(people)


def together(known: sp.csr_array, aside: sp.csr_array) -> tuple[sp.csr_array, np.ndarray]:
    """The ratings of both, which have none in common, rows in order of their columns; and which are the latter's."""
    marks = (with_values(each, np.full(each.nnz, mark, dtype=np.int8)) for mark, each in enumerate((known, aside), 1))
    return sorted_rows(known + aside), sorted_rows(next(marks) + next(marks)).data == 2


def positions(increasing: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Where those of the values that occur in an increasing array stand in it."""
    places = np.minimum(np.searchsorted(increasing, values), len(increasing) - 1) if len(increasing) else values[:0]
    return places[increasing[places] == values[: len(places)]]


def times(matrices: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """A matrix of each draw, (S, m, n), times its vector, (S, n): (S, m)."""
    return (matrices @ vectors[..., None])[..., 0]


def divided(precision: np.ndarray, pull: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The inverse of a matrix of each draw, (S, D, D), times a vector, (S, D), and times others, (S, D, n)."""
    right = np.concatenate([pull[:, :, None], seen], axis=2)
    few = right.shape[2] <= right.shape[1]
    found = np.linalg.solve(precision, right) if few else np.linalg.inv(precision) @ right
    return found[:, :, 0], found[:, :, 1:]


def with_last_ones(vectors: np.ndarray) -> np.ndarray:
    """(..., D) -> (..., D) with the offset, in the last place, replaced by 1: the regressor of the other side's."""
    return np.concatenate([vectors[..., :-1], np.ones_like(vectors[..., -1:])], axis=-1)


def latent_stars(weights: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """What people's weights, (S, B, D), make of films' vectors, (S, n, D): (S, B, n) float32."""
    exact = weights.astype(np.float32)
    return with_last_ones(exact) @ vectors.transpose(0, 2, 1) + exact[:, :, -1:]


def kept(chain: Chain, unit: float, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """What is kept of a draw, in stars: enough to fold anybody in. A person's vector carries the unit, and offsets."""
    items = chain.items.copy()
    items[:, -1] *= unit
    return {
        "items": items.astype(np.float32),
        "user_mean": chain.user_prior.mean * unit,
        "user_link": chain.user_prior.draw_whole_link(rng) * np.float32(unit),
        "user_precision": chain.user_prior.precision / unit**2,
        "noise_precision": np.array(chain.noise_precision / unit**2),
        "cutpoints": chain.cutpoints,
    }


def as_drawn(draws: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Draws as a checkpoint keeps them."""
    return {f"draw {name}": values for name, values in stacked(draws).items()} if draws else {}


def gone_on(chain: Chain, found: Mapping[str, np.ndarray]) -> list[dict[str, np.ndarray]]:
    """The draws that a checkpoint has kept, and the chain where it was then; without one none, and where it is."""
    if not found:
        return []
    chain.be_at(found)
    draws = part_of(found, "draw ")
    return [{name: each[place] for name, each in draws.items()} for place in range(len(draws.get("items", ())))]


def stacked(draws: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Draws on top of each other: every array gets a first axis of length S."""
    return {name: np.stack([draw[name] for draw in draws]) for name in draws[0]}
