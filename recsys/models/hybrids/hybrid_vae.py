"""The flagship: a generative model with a linear path for lists, and with averaged posterior samples for stars.

    score  = nats of the VAE (choice and liking) + linear_weight * grade that the linear autoencoder expects
    P(star) = three models' probabilities, by shares that the person's number of ratings decides, with the mean of what
              they expect, then shaped as the person and the film use the star levels

Every term is a model of its own, trained alone. Legend: B histories, I items, L latent dimensions, N star levels,
G genres.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.liking import least_stars, liked
from recsys.models.array_shapes import of_part
from recsys.models.base import FitPart, Model
from recsys.models.bayes.bmf import BMF
from recsys.models.bayes.rehearsal import Foretold, told_in_all
from recsys.models.finite import name_of, named
from recsys.models.hybrids.config import HybridVAEConfig
from recsys.models.hybrids.kept_parts import fitted_once
from recsys.models.hybrids.level_use import LevelUse
from recsys.models.hybrids.meanwhile import Meanwhile, beside
from recsys.models.hybrids.trial import Trial
from recsys.models.hybrids.weighted import lists_beside_stars
from recsys.models.hybrids.weights import (
    LINEAR,
    MOST_CELLS,
    MOST_PEOPLE,
    NORMAL,
    ORDINAL,
    SEEN_SHARES,
    VAE,
    HybridWeights,
    ListTrial,
    StarTrial,
    shaped,
    weighed_for_lists,
    weighed_for_stars,
)
from recsys.models.learned import LearningModel, learned
from recsys.models.linear.ease import EASE, for_a_trial
from recsys.models.mult_vae.mult_vae import MultVAE, sized
from recsys.models.numeric.threads import by_blocks
from recsys.models.simple.baseline import Baseline
from recsys.split import carve_evenly
from recsys.training import Training
from recsys.training.checkpoints import Arrays
from recsys.training.processes import Processes, all_people, own_place

if TYPE_CHECKING:
    import keras

WEIGHTS = "weights"  # an array of its own
LOG = logging.getLogger(__name__)
MOST_ASIDE = 250_000  # ratings that are kept aside: more would decide no better, and parts foretell each of them
TRIAL_NETWORKS = 1  # of the VAE that does without what is kept aside
TRIAL_PEOPLE = 20_000  # whom it learns from, at most; it foretells ratings of everybody


def fit_one(part: Any, data: Interactions, kept_aside: Interactions | None, training: Training) -> Any:
    """Fit a part on the ratings of both; one that was given what is kept aside foretells it, see `BMF`.

    A part that was fitted before the fit of the whole was interrupted is what it was then.
    """
    if kept_aside is None:
        return fitted_once(part, training.checkpoints, lambda: part.fit(data, training))
    return fitted_once(part, training.checkpoints, lambda: part.fit_and_foretell(data, kept_aside, training))


class HybridVAE(LearningModel):
    """A multinomial-ordinal VAE, a linear autoencoder beside it, and two Bayesian matrix factorizations for the stars.

    The linear path beside the deep one is the idea of VASP (Vančura and Kordík 2021); the linear autoencoder is EASE
    (Steck 2019) with graded feedback and the films' genres and periods, and it enters the VAE's log chances as one more
    term, so that the product is again a distribution over films. Averaging the star distributions of models that err
    differently is a linear opinion pool (Stone 1961).

    The weights are those of the settings, unless a part of the ratings, which fit keeps aside at first, says clearly
    that others are better for the data at hand (see `hybrid_weights`). Then all parts learn from all ratings.

    `score` needs the VAE and the linear path only, so lists are quick; stars take the draws of the factorizations.
    """

    predicts_means = True

    film_use: np.ndarray | None = learned("I N={n_levels} in 0..1e9", default=None)  # see `StarTrial.film_use`

    config: HybridVAEConfig

    def __init__(
        self,
        config: HybridVAEConfig = HybridVAEConfig(),
        scale: RatingScale = WHOLE_STARS,
    ):
        self.config, self.scale = config, scale
        self.weights = HybridWeights.of(config)
        self.fitted: dict[str, Any] = {}
        self.ahead: EASE | None = None  # a linear path that is fitted on the ratings that are to be learned from

    def parts(self) -> dict[str, Model]:
        """The parts that the weights leave something to do, unfitted."""
        config, weights = self.config, self.weights
        vae = replace(config.vae, liked_weight=weights.liked_weight)
        parts: dict[str, Model] = {VAE: MultVAE(vae, self.scale)}
        if config.linear_weight:
            linear = replace(config.linear, seen_share=weights.seen_share)
            parts[LINEAR] = EASE(linear, self.scale)
        if config.normal_share:
            parts[NORMAL] = BMF(config.normal, self.scale)
        if config.ordinal_share:
            parts[ORDINAL] = BMF(config.ordinal, self.scale)
        return {name: named(part, f"{name_of(self)} ({name})") for name, part in parts.items()}

    def learn(self, data: Interactions, training: Training) -> None:
        """Choose the weights and train the parts; progress tells which."""
        *_, complete = self.fit_in_stages(data, training)
        assert complete is self

    def fit_ahead(self, data: Interactions, training: Training) -> Model | None:
        """Lists of the linear path by the usual weights, with stars of `baseline`; None where there is no such path."""
        self.weights, self.ahead = HybridWeights.of(self.config), None
        path = self.parts().get(LINEAR)
        if path is None:
            return None
        self.ahead = cast(EASE, path.fit(data, training.of_part(LINEAR).unkept))
        return lists_beside_stars(("ease-features", self.ahead), ("baseline", Baseline(scale=self.scale).fit(data)))

    def fit_in_stages(self, data: Interactions, training: Training) -> Iterator[Self]:
        """Train; yields what the VAE and the linear path make, and then the whole.

        Progress of the factorizations, which are fitted meanwhile, is told once the VAE is done.
        """
        meanwhile = Meanwhile()

        def fit_part(name: str, part: Model, data: Interactions, kept_aside: Interactions | None) -> Model:
            told = training.of_part(name)
            if name.startswith(f"trial {LINEAR}"):  # a large matrix, of little use once the trial is over
                told = told.unkept
            if name in (NORMAL, ORDINAL):
                told = replace(told, on_progress=meanwhile.behind(told.on_progress))
                return cast(Model, fit_one(part, data, kept_aside, told))
            with meanwhile.in_front(is_last=name == VAE):
                return cast(Model, fit_one(part, data, kept_aside, told))

        return self.fit_under(training, fit_part, data)

    def fit_by(self, fit_part: FitPart, data: Interactions, seed: int) -> Iterator[Self]:
        """The same, where somebody else fits the parts, or knows them already."""
        return self.fit_under(Training(seed=seed), fit_part, data)

    def fit_under(self, training: Training, fit_part: FitPart, data: Interactions) -> Iterator[Self]:
        """The same, with checkpoints of the trial; those of the parts are for whoever fits them.

        Several processes, which have to do all in one order, fit no parts side by side.
        """
        processes = training.processes
        self.weights, self.film_use = HybridWeights.of(self.config), None  # those of an earlier fit are of other data
        n_ratings = max(int(processes.sum(data.n_ratings)), 1)
        share = min(self.config.kept_aside, MOST_ASIDE / n_ratings)
        known, aside = carve_evenly(data, share, training.seed, processes)
        n_aside = int(processes.sum(aside.n_ratings))
        ratings = (known, aside) if n_aside else (data, None)
        parts = self.parts()
        factorizations = {name: parts[name] for name in (NORMAL, ORDINAL) if name in parts}  # no weights matter to them
        with beside(len(factorizations) if processes.count == 1 else 0) as begun:
            at_work = {name: begun(partial(fit_part, name, part, *ratings)) for name, part in factorizations.items()}
            try_vae = partial(self.try_vae, fit_part, data, known, aside, processes)
            trial = self.tried_once(training, try_vae) if n_aside else None
            parts = self.parts_after(trial)
            trial = trial and trial.without_networks()  # which the part has now
            ahead = self.taken_ahead(parts)
            in_front = [name for name in (VAE, LINEAR) if name in parts]
            fitted = {name: ahead.get(name) or fit_part(name, parts[name], data, None) for name in in_front}
            if factorizations:
                yield self.without_factorizations(fitted)
            fitted |= {name: done() for name, done in at_work.items()}
        if trial:
            foretold = {VAE: trial.foretold} | {name: fitted[name].foretold for name in factorizations}
            of_known, of_aside = (all_people(each.stars, processes) for each in (known, aside))
            settings = self.config.has_parts_stars, self.config.few_ratings
            self.try_stars(StarTrial(foretold, of_known, of_aside, self.scale, *settings))
            self.weights = self.weights.as_first_has_them(processes)
            LOG.info("%s: %s", name_of(self), self.chosen())
        yield self.assemble(fitted)

    def parts_after(self, trial: Trial | None) -> dict[str, Model]:
        """The parts as the trial leaves them to be fitted: a network that has begun goes on."""
        parts = self.parts()
        vae = cast(MultVAE, parts[VAE])
        if trial and trial.begun:
            vae.begun = trial.begun
        else:
            vae.config = replace(vae.config, more_epochs=0)
        return parts

    def taken_ahead(self, parts: dict[str, Model]) -> dict[str, Any]:
        """What was fitted ahead, if it is what the trial leaves to be fitted; it is of no other use."""
        ahead, self.ahead = self.ahead, None
        is_wanted = ahead is not None and LINEAR in parts and parts[LINEAR].config == ahead.config
        return {LINEAR: ahead} if is_wanted else {}

    def tried_once(self, training: Training, try_vae: Callable[[], Trial]) -> Trial:
        """What `try_vae` gives, with the weights that it finds, or gave before the fit was interrupted."""

        def made() -> Arrays:
            trial = try_vae()
            return trial.arrays() | {WEIGHTS: self.weights.as_first_has_them(training.processes).as_array()}

        found = dict(training.checkpoints.kept("trial", made))
        self.weights = HybridWeights.of_array(found.pop(WEIGHTS))
        return Trial.of(found)

    def try_vae(
        self, fit_part: FitPart, data: Interactions, known: Interactions, aside: Interactions, processes: Processes
    ) -> Trial:
        """What a VAE that does not know what is kept aside foretells of it; the weights of lists are found by it."""
        own, n_people = own_place(data.shape[0], processes)
        step = max(1, -(-n_people // TRIAL_PEOPLE))
        people = slice(-own.start % step, None, step)
        some, sizes = Interactions(known.stars[people]), all_people(data.stars[people], processes)
        vae = fit_part(f"trial {VAE}", self.trial_vae(sizes), some, None)
        if self.config.chooses_weights:
            self.try_lists(vae, fit_part, known, aside, processes)
        rated, kept = vae.distribution_of_entries(known.histories, known.stars, aside.stars)
        of_kept = Foretold.of(kept, self.scale.mean_of(kept), rated.__getitem__, known.stars)
        foretold = told_in_all(of_kept, processes)
        begun = tuple(vae.weights) if step == 1 else ()  # one that has met few people begins anew
        return Trial(foretold, begun)

    def trial_vae(self, train: sp.csr_array) -> Model:
        """A VAE of fewer networks, of the size that all ratings can bear, to learn what is not kept aside of them."""
        n_networks = min(TRIAL_NETWORKS, self.config.vae.n_networks)
        config = replace(sized(self.config.vae, train), n_networks=n_networks)
        return named(MultVAE(config, self.scale), f"{name_of(self)} (trial {VAE})")

    def trial_linear(self, seen_share: float, train: sp.csr_array, processes: Processes) -> Model:
        """A linear path with another share of "rated at all", likewise; see `for_a_trial`."""
        config = replace(for_a_trial(self.config.linear, train, processes), seen_share=seen_share)
        return named(EASE(config, self.scale), f"{name_of(self)} (trial {LINEAR} {seen_share:g})")

    def try_lists(
        self, vae: Any, fit_part: FitPart, known: Interactions, aside: Interactions, processes: Processes
    ) -> None:
        """Find the weights of lists by what was kept aside, and a VAE that does not know it.

        Linear paths are fitted one after the other, so that memory holds one matrix of films by films at a time.
        """
        n_people = min(MOST_PEOPLE, MOST_CELLS // aside.shape[1])
        people = np.flatnonzero(np.diff(aside.stars.indptr))[:n_people]
        known_of, aside_of = (all_people(each.stars[people], processes)[:n_people] for each in (known, aside))
        given = Histories(known_of)

        def scores(share: float) -> np.ndarray:
            part = self.trial_linear(share, known.stars, processes)
            return fit_part(f"trial {LINEAR} {share:g}", part, known, None).score(given)

        linear = {share: scores(share) for share in (SEEN_SHARES if self.config.linear_weight else ())}
        nats, liking = vae.choice_and_liking(given)
        relevant = liked(aside_of, least_stars(self.config.vae.liked_from, self.scale, known_of))
        lists = ListTrial(nats, liking, linear, known_of, relevant)
        usual = replace(self.weights, n_kept_aside=int(processes.sum(aside.n_ratings)))
        self.weights = weighed_for_lists(lists, usual, bool(linear))

    def try_stars(self, stars: StarTrial) -> None:
        """Find the weights of stars likewise, and how films use the levels."""
        if self.config.chooses_weights:
            self.weights = weighed_for_stars(stars, self.weights)
        self.film_use = stars.film_use(self.weights) if self.weights.film_prior else None

    def chosen(self) -> str:
        """The weights that are not those of the settings, and how many ratings decided."""
        return self.weights.in_words(HybridWeights.of(self.config))

    def without_factorizations(self, parts: dict[str, Any]) -> Self:
        """A model of some of the parts, whose stars are those of the VAE."""
        config = replace(self.config, normal_share=0.0, ordinal_share=0.0)
        less = type(self)(config, self.scale)
        less.weights = replace(self.weights, normal_share=0.0, ordinal_share=0.0)
        return named(less, name_of(self)).assemble(dict(parts))

    def assemble(self, parts: dict[str, Any]) -> Self:
        """Use fitted parts."""
        self.fitted = parts
        return self

    @property
    def understands_genres(self) -> bool:
        """Whether the VAE has learned what genres say."""
        return VAE in self.fitted and self.fitted[VAE].understands_genres

    def score(self, people: Histories) -> np.ndarray:
        """Ranking scores in nats, (B, I) float32.

        Genres that people ask for draw their taste, and no film is hidden; without ratings the genres alone say what
        somebody is like.
        """
        return by_blocks(self.score_of_block, people)

    def score_of_block(self, people: Histories) -> np.ndarray:
        """The VAE's (B, I) nats plus what the linear autoencoder adds."""
        nats = self.fitted[VAE].score(people)
        if LINEAR not in self.fitted or not self.weights.linear_weight:
            return nats
        score = self.fitted[LINEAR].score(people)
        score *= np.float32(self.weights.linear_weight)
        score += nats
        return score

    def above_mean(self, people: Histories, items: np.ndarray) -> np.ndarray:
        """(B, len(items)) float32 nats; see `ContrastModel.above_mean`."""
        nats = self.fitted[VAE].above_mean(people, items)
        if LINEAR not in self.fitted or not self.weights.linear_weight:
            return nats
        return nats + np.float32(self.weights.linear_weight) * self.fitted[LINEAR].above_mean(people, items)

    def rating_distribution(self, people: Histories, items: np.ndarray | None = None) -> np.ndarray:
        """Probability of every star level, (B, I, N) float32, lowest level first.

        Of some items only, (B, len(items), N), where they are given; then films that nobody rated are not looked at.
        """
        history = people.stars
        if items is None:
            return self.shaped(*self.pooled(people), history, self.film_use)
        wanted, places = np.unique(np.concatenate([items, history.indices]), return_inverse=True)
        among = (history.data, places[len(items) :], history.indptr)
        seen = sp.csr_array(among, shape=(history.shape[0], len(wanted)))  # the same ratings, in the columns `wanted`
        film_use = None if self.film_use is None else self.film_use[wanted]
        return self.shaped(*self.pooled(people, wanted), seen, film_use)[:, places[: len(items)]]

    def shaped(
        self, pooled: np.ndarray, stars: np.ndarray | None, history: sp.csr_array, film_use: np.ndarray | None
    ) -> np.ndarray:
        """What is pooled, (B, n, N) and (B, n), moved to how people, (B, n) stars, and films, (n, N), use levels."""
        use = LevelUse.of(pooled, history, self.scale)
        return shaped(pooled, lambda prior: use.factor(prior)[:, None], film_use, self.scale, self.weights, stars)

    def pooled(self, people: Histories, items: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray | None]:
        """By the parts' shares their probabilities, (B, I, N) or (B, len(items), N) float32, and expected stars.

        No stars where they are those of the probabilities.
        """
        shares = self.weights.shares_of(np.diff(people.stars.indptr), self.config.few_ratings)
        distribution, stars = np.zeros((2, 1), np.float32)
        for name, share in shares.items():
            levels, expected = self.told_by(name, people, items)
            distribution = distribution + share[:, None, None] * levels
            stars = stars + share[:, None] * expected
            del levels
        differ = self.config.has_parts_stars and self.weights.normal_share
        return distribution, stars if differ else None

    def told_by(self, name: str, people: Histories, items: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """The distributions of the part of a name, and the stars that it expects; see `BMF.told`."""
        part = self.fitted[name]
        if name in (NORMAL, ORDINAL):
            told: tuple[np.ndarray, np.ndarray] = part.told(people, items)
            return told
        distribution = part.rating_distribution(people, items)
        return distribution, self.scale.mean_of(distribution)

    def predict(self, people: Histories, items: np.ndarray | None = None) -> np.ndarray:
        """Expected stars, the mean of `rating_distribution`: (B, I) or (B, len(items)) float32."""
        return self.scale.mean_of(self.rating_distribution(people, items))

    def latent(self, people: Histories) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of people's taste z given ratings and genres, (B, L) float32 each; see `MultVAE.latent`."""
        return self.fitted[VAE].latent(people)

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

    def sizes(self) -> dict[str, Any]:
        """What fixes the size of an axis, by name."""
        return {"n_levels": len(self.scale.levels)}

    def arrays(self) -> dict[str, np.ndarray]:
        """What the parts keep as arrays, each under "part/name", and the weights, and how films use the levels."""
        own = {WEIGHTS: self.weights.as_array(), **super().arrays()}
        parts = self.fitted.items()
        return {**own, **{f"{name}/{key}": array for name, part in parts for key, array in part.arrays().items()}}

    def array_shapes(self) -> dict[str, str]:
        """See `Model.array_shapes`. What was saved before there was a choice has the weights of the settings."""
        parts = self.fitted or self.parts()
        shapes = [of_part(part, model.array_shapes()) for part, model in parts.items()]
        own = {f"{WEIGHTS}?": f"W={len(fields(HybridWeights))} in 0..1e9", **super().array_shapes()}
        return own | {name: shape for part in shapes for name, shape in part.items()}

    def restore(self, arrays: dict[str, np.ndarray]) -> Self:
        """The inverse of `arrays`, after `restore_network`."""
        super().restore(arrays)
        if WEIGHTS in arrays:
            self.weights = HybridWeights.of_array(arrays[WEIGHTS])
        self.fitted[VAE].liked_weight = self.weights.liked_weight
        if LINEAR in self.fitted:
            self.fitted[LINEAR].seen_share = self.weights.seen_share
        for name, part in self.fitted.items():
            own = {key.removeprefix(f"{name}/"): array for key, array in arrays.items() if key.startswith(f"{name}/")}
            part.restore(own)
        return self
