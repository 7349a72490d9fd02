"""One model on one split: fit it, let it score every user's history, measure per user.

Legend: U users, I items, B users of a chunk, N held-out ratings, k list length.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp

from eval.measures.calibration import Reliability, reliability_of
from eval.measures.per_user import PerUser, counts, forecast_errors, levels_of, list_quality, rating_errors
from eval.running.environment import peak_memory_bytes, reset_peak_memory
from recsys.artifacts.fitting import fit_on
from recsys.data.interactions import Histories
from recsys.data.scale import RatingScale
from recsys.liking import least_stars, liked
from recsys.models import MODELS, create
from recsys.models.base import DistributionModel, Model, RatingModel, entry_rows
from recsys.models.finite import answering, name_of, require_finite
from recsys.models.vocabulary.abilities import with_vocabulary
from recsys.progress import OnProgress, silent
from recsys.ranking import top_k
from recsys.settings import LEVEL, Config, Liking
from recsys.split import Asks, Split
from recsys.training import Training
from recsys.training.processes import ALONE, Processes

CHUNK_CELLS = 2**20  # users x items scored at once
FORECAST = "forecast"  # beside the names of values per user


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What holds for every model of a run.

    Attributes:
        ks: list lengths.
        liking: what a like is; a held-out rating is relevant if it is one.
        seed: of models and validation.
        epochs: replaces each model's own number, if given.
        min_film_ratings: training ratings of a film that models are told of; see `recsys.models.vocabulary`.
    """

    ks: tuple[int, ...] = (5, 10)
    liking: Liking = LEVEL
    seed: int = 0
    epochs: int | None = None
    min_film_ratings: int = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """What a model did on a split.

    Attributes:
        config: the settings that it was fitted with.
        per_user: see `measure`; metrics that the model does not have are absent.
        reliability: of its probabilities of stars; None where it gives none.
        curve: the figures of every epoch, with "epoch" counted from 1.
        seconds_per_epoch: median; with three epochs or more the compiling in the first has no part in it. None without.
        fit_seconds: with the compiling that fit sets off, without importing the model's libraries.
        peak_rss_bytes: of the whole process, data included; None where the system does not tell.
    """

    model: str
    split: str
    config: Config
    per_user: PerUser
    reliability: Reliability | None
    curve: list[dict[str, float]]
    seconds_per_epoch: float | None
    fit_seconds: float
    score_seconds: float
    peak_rss_bytes: int | None


@dataclass
class EpochLog:
    """An `on_progress` that keeps every epoch's figures and time, and passes everything on.

    The epochs of a composite's parts, which say whose they are, are passed on only: they are not of one kind.
    """

    forward: OnProgress
    curve: list[dict[str, float]] = field(default_factory=list)
    times: list[float] = field(default_factory=lambda: [time.perf_counter()])

    def __call__(self, stage: str, done: int, total: int | None, /, **figures: float) -> None:
        """Note one epoch."""
        if stage == "epoch":
            self.times.append(time.perf_counter())
            self.curve.append({"epoch": done, **figures})
        self.forward(stage, done, total, **figures)

    @property
    def seconds_per_epoch(self) -> float | None:
        """Median seconds between epochs; None if there was none."""
        return float(np.median(np.diff(self.times))) if self.curve else None


def run_experiment(
    name: str,
    split: Split,
    scale: RatingScale,
    settings: Settings,
    on_progress: OnProgress = silent,
    processes: Processes = ALONE,
) -> tuple[Model, Outcome]:
    """Fit a model on a split's training part and measure it on the test part, which is read here and nowhere else.

    Args:
        name: key of MODELS.
        split: whose training part is learned from.
        scale: of the ratings.
        settings: of the run.
        on_progress: told of epochs and scoring.
        processes: that fit and measure together, each with some of the people.
    """
    reset_peak_memory()
    of_all_films = create(name, scale, epochs=settings.epochs, liking=settings.liking)
    unfitted = with_vocabulary(of_all_films, settings.min_film_ratings)
    log = EpochLog(on_progress)
    started = time.perf_counter()
    model = fit_on(split.train, unfitted, Training(seed=settings.seed, on_progress=log, processes=processes))
    fit_seconds = time.perf_counter() - started
    per_user, reliability, score_seconds = measure(
        model, split, settings, ranks_by=MODELS[name].ranks_by, on_progress=on_progress, processes=processes
    )
    return model, Outcome(
        model=name,
        split=split.name,
        config=model.config,
        per_user=per_user,
        reliability=reliability,
        curve=log.curve,
        seconds_per_epoch=log.seconds_per_epoch,
        fit_seconds=fit_seconds,
        score_seconds=score_seconds,
        peak_rss_bytes=peak_memory_bytes(),
    )


def measure(
    model: Model,
    split: Split,
    settings: Settings,
    *,
    ranks_by: str,
    on_progress: OnProgress,
    processes: Processes = ALONE,
) -> tuple[PerUser, Reliability | None, float]:
    """Measure a fitted model on a split's people, of whom each process has some; all find what one would find.

    Returns:
        per_user: (U,) each, see `measure_chunk` and, where people ask for genres, `measure_asking`; 0 for those on whom
            nothing is measured. With a distribution of stars also negative_log_likelihood and calibration_error, summed
            over the user's held-out ratings.
        reliability: None without a distribution of stars.
        seconds: that the model took to score and predict; of several processes, in the slowest.
    """
    chunks, people = [], split.people  # (A,)
    for rows in own_share(list(user_chunks(len(people), split.test.shape[1])), processes):
        held_out = split.test[people[rows]]
        if split.asks is None:
            people_of = split.histories[rows]
            unfit = unlistable(split, rows)
            chunks.append(measure_chunk(model, people_of, held_out, settings, ranks_by=ranks_by, unfit=unfit))
        else:
            chunks.append(measure_asking(model, split.asks.of(rows), held_out, settings, ranks_by=ranks_by))
        on_progress("score", min(rows.stop, len(people)), len(people))
    found = joined([chunk.columns for chunk in chunks], processes)
    forecast, reliability = found.pop(FORECAST, None), None  # (N, n_levels)
    per_user = {name: at_places(people, values, split.test.shape[0]) for name, values in found.items()}
    if forecast is not None:
        per_user |= forecast_errors(forecast, split.test, model.scale)
        reliability = reliability_of(forecast, levels_of(split.test, model.scale))
    seconds = processes.gathered(np.array([sum(chunk.seconds for chunk in chunks)]))
    return per_user, reliability, float(seconds.max())


def own_share(chunks: list[slice], processes: Processes) -> list[slice]:
    """Those of the chunks, in order, that this process measures; the first has one, if there is any."""
    begin, end = (-(-len(chunks) * number // processes.count) for number in (processes.number, processes.number + 1))
    return chunks[begin:end]


def joined(chunks: list[dict[str, np.ndarray]], processes: Processes) -> dict[str, np.ndarray]:
    """Columns, (n, ...) each, of all chunks of all processes, in the order of people.

    A process that had nothing to measure hears from the first which columns there are.
    """
    told = {name: (str(values.dtype), values.shape[1:]) for name, values in chunks[0].items()} if chunks else {}
    columns = json.loads(processes.told_by_first(json.dumps(told).encode()))
    nothing = {name: np.empty((0, *shape), dtype=dtype) for name, (dtype, shape) in columns.items()}
    own = {name: np.concatenate([none, *(chunk[name] for chunk in chunks)]) for name, none in nothing.items()}
    return {name: processes.gathered(values) for name, values in own.items()}


def at_places(places: np.ndarray, values: np.ndarray, n: int) -> np.ndarray:
    """(A,) places and values -> (n,), 0 elsewhere."""
    spread = np.zeros(n, dtype=values.dtype)
    spread[places] = values
    return spread


def user_chunks(n_users: int, n_items: int) -> Iterator[slice]:
    """Row ranges that cover so many users, with about CHUNK_CELLS cells each."""
    size = max(1, CHUNK_CELLS // n_items)
    return (slice(start, start + size) for start in range(0, n_users, size))


@dataclass(frozen=True, eq=False)
class Measured:
    """What came out for a chunk of users.

    Attributes:
        per_user: see `measure_chunk`.
        forecast: (N, n_levels) what the model gave to every star level of each held-out rating, in storage order; None
            where it gives no probabilities.
        seconds: that the model took to score and predict, chances of star levels included.
    """

    per_user: PerUser
    forecast: np.ndarray | None
    seconds: float

    @property
    def columns(self) -> dict[str, np.ndarray]:
        """All of it but the seconds, by name."""
        return self.per_user | ({} if self.forecast is None else {FORECAST: self.forecast})


def measure_chunk(
    model: Model,
    people: Histories,
    held_out: sp.csr_array,
    settings: Settings,
    *,
    ranks_by: str,
    unfit: sp.csr_array,
) -> Measured:
    """Measure a chunk of users; their lists hold no film that is stored in unfit, (B, I).

    Of per_user, (B,) each, n_items, n_test_ratings and n_relevant are always there. With stars predicted: squared_error
    and absolute_error, summed over the user's held-out ratings, predictions clipped to the scale; paper_squared_error
    and paper_absolute_error, summed over all items with unrated as 0, not clipped. With ranking: precision@k, recall@k,
    f1@k, ndcg@k and mrr@k, 0 for a user with n_relevant 0, who is left out of means.

    Raises:
        NotFiniteError: the model answers what is no number.
    """
    relevant = liked(held_out, least_stars(settings.liking, model.scale, people.stars))  # (B, I) sparse bool
    values = counts(held_out, relevant)
    started = time.perf_counter()
    with answering(name_of(model)):
        stars, chances = predicted(model, people)
        scores = {"nothing": None, "stars": stars}[ranks_by] if ranks_by != "scores" else model.score(people)
    seconds = time.perf_counter() - started
    for what, answered in (("stars", stars), ("scores", scores), ("chances", chances)):
        if answered is not None:
            require_finite(name_of(model), what, answered)
    if stars is not None:
        values |= rating_errors(stars, held_out, model.scale)
    if scores is not None:
        values |= list_quality(top_k(scores, unfit, max(settings.ks)), relevant, settings.ks)
    forecast = None if chances is None else chances[entry_rows(held_out), held_out.indices]  # (N, n_levels)
    return Measured(values, forecast, seconds)


def unlistable(split: Split, rows: slice) -> sp.csr_array:
    """(B, I) sparse, the films that no list of some of the people may hold: what they rated, and what is not listed."""
    rated = split.histories[rows].stars
    if split.newcomers is not None and split.newcomers.untold is not None:
        rated = rated + split.newcomers.untold[rows]
    return rated if split.listed is None else rated_or_unlisted(rated, split.listed)


def rated_or_unlisted(history: sp.csr_array, listed: np.ndarray) -> sp.csr_array:
    """(B, I) bool, the films that no list may hold: those that somebody rated, and all but the listed, (I,) bool."""
    unfit = np.tile(~listed, (history.shape[0], 1))
    unfit[history.nonzero()] = True
    return sp.csr_array(unfit)


def predicted(model: Model, people: Histories) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Stars, (B, I), and the chance of every level, (B, I, n_levels), of people; None what a model lacks."""
    if not isinstance(model, DistributionModel):
        return (model.predict(people) if isinstance(model, RatingModel) else None), None
    chances = model.rating_distribution(people)
    return (model.scale.mean_of(chances) if model.predicts_means else model.predict(people)), chances


def measure_asking(model: Model, asks: Asks, held_out: sp.csr_array, settings: Settings, *, ranks_by: str) -> Measured:
    """Measure a chunk of people of whom the model knows the genres that they ask for, if it understands any, alone.

    Of per_user, only what `measure_chunk` has of lists. Every model ranks the same candidates.
    """
    relevant = liked(held_out, least_stars(settings.liking, model.scale, asks.told))  # (B, I) sparse bool
    values = counts(held_out, relevant)
    started = time.perf_counter()
    with answering(name_of(model)):
        scores = None if ranks_by == "nothing" else model.score(Histories.strangers(asks.genres, held_out.shape[1]))
    seconds = time.perf_counter() - started
    if scores is not None:
        require_finite(name_of(model), "scores", scores)
        unfit = sp.csr_array(~asks.candidates)  # (B, I)
        values |= list_quality(top_k(scores, unfit, max(settings.ks)), relevant, settings.ks)
    return Measured(values, None, seconds)
