"""The work of `eval.simulate`: fitting truths and recommenders, and letting people visit.

Legend: U people, I films.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import numpy as np

from eval.running.experiment import Settings, measure
from eval.simulating.findings import Course, Fidelity
from eval.tuning.objective import Ranker
from recsys.artifacts.fitting import fit_on
from recsys.data.interactions import Interactions
from recsys.data.scale import RatingScale
from recsys.models import create
from recsys.models.base import Model
from recsys.progress import OnProgress, silent
from recsys.results.metrics import NDCG
from recsys.simulation.fidelity import (
    RATIOS,
    HeldOut,
    anybodys_stars,
    simulated_stars,
    star_distance,
    told_apart,
)
from recsys.simulation.habits import Habits
from recsys.simulation.people import Crowd, People, calibrated, people_of
from recsys.simulation.retraining import World, lists_of, rounds
from recsys.simulation.session import VisitConfig
from recsys.simulation.traits import genres_of
from recsys.simulation.truths import TRUTHS
from recsys.simulation.voice import Voice, interview_of
from recsys.split import Split, carve_validation, merged
from recsys.training import Training

K = 10  # places of a list offline
Watched = Callable[[str], AbstractContextManager[OnProgress]]  # a label -> what is told of progress


def some_people(split: Split, n_people: int | None, seed: int) -> Split:
    """The split of so many people by chance, or of all, without times: those of simulated ratings are unknown."""
    n_users = split.test.shape[0]
    rows = np.arange(n_users)
    if n_people is not None and n_people < n_users:
        rows = np.sort(np.random.default_rng(seed).permutation(n_users)[:n_people])
    return Split(split.name, replace(split.train.of_people(rows), times=None), split.test[rows])


@dataclass(frozen=True, eq=False)
class Study:
    """What is studied, and how.

    Attributes:
        split: of some people.
        scale: of the stars.
        seed: of all that is random.
        epochs: instead of the recommenders' own numbers; truths keep theirs, since one that has learned little is none.
        watched: shows progress; said: takes a line for each step that is done.
        config: of visits.
    """

    split: Split
    scale: RatingScale
    seed: int
    epochs: int | None
    watched: Watched
    said: Callable[[str], None]
    config: VisitConfig

    def fitted(self, name: str, data: Interactions, label: str) -> Model:
        """A recommender that has learned."""
        started = time.perf_counter()
        with self.watched(f"{label} {name}") as on_progress:
            training = Training(seed=self.seed, on_progress=on_progress)
            model = fit_on(data, create(name, self.scale, epochs=self.epochs), training)
        self.said(f"{label:<12} {name:<20} {time.perf_counter() - started:6.1f} s")
        return model

    def crowd(self, name: str, data: Interactions, label: str) -> Crowd:
        """People by a truth that has learned."""
        started = time.perf_counter()
        with self.watched(f"{label} {name}") as on_progress:
            truth = TRUTHS[name](self.scale)
            truth = truth.fit(data, Training(seed=self.seed, on_progress=on_progress))
        self.said(f"{label:<12} {name:<20} {time.perf_counter() - started:6.1f} s")
        return Crowd(truth, data, self.scale)

    def offline(self, names: Sequence[str]) -> tuple[dict[str, float], dict[str, Model]]:
        """nDCG@10 on held-out ratings of recommenders that learned from the training part, and these."""
        models = {name: self.fitted(name, self.split.train, "recommender") for name in names}
        return {name: self.ndcg(model) for name, model in models.items()}, models

    def ndcg(self, model: Model) -> float:
        """Mean over people who liked something that was held out; 0 if nobody did."""
        settings, shown = Settings(ks=(K,), seed=self.seed), Ranker(model)
        found, _, _ = measure(shown, self.split, settings, ranks_by="scores", on_progress=silent)  # type: ignore[arg-type]
        values = found[NDCG.at(K).key][found["n_relevant"] > 0]
        return float(values.mean()) if len(values) else 0.0

    def fidelity(self, name: str, models: Mapping[str, Model]) -> Fidelity:
        """People of nine tenths of the training part, calibrated on the rest, measured on the test part."""
        rng, train = np.random.default_rng(self.seed), self.split.train
        known, aside = carve_validation(train, seed=self.seed)
        crowd = self.crowd(name, known, "truth, part")
        habits = calibrated(crowd, aside.stars, rng)
        people, held_out = people_of(crowd, habits, rng), HeldOut(self.split.test, train.stars)
        world = World(train, people, self.config, self.seed)
        return Fidelity(
            truth=name,
            habits=habits,
            told=tuple(told_apart(people, held_out, ratio, rng) for ratio in RATIOS),
            distance=star_distance(simulated_stars(people, held_out), held_out),
            anybody=star_distance(anybodys_stars(train, held_out, rng), held_out),
            satisfaction={name: self.satisfaction(world, model) for name, model in models.items()},
        )

    def satisfaction(self, world: World, model: Model) -> float:
        """Of one visit to a recommender, mean over people."""
        ranked = lists_of(model, world.data.histories, self.config.n_places)
        return float(world.visits(ranked, 0).satisfaction.mean())

    def people(self, name: str, habits: Habits) -> People:
        """People of all ratings, those held out too: what recommenders know is less."""
        everything = replace(self.split.train, stars=merged(self.split.train.stars, self.split.test))
        crowd = self.crowd(name, everything, "truth, whole")
        return people_of(crowd, habits, np.random.default_rng(self.seed))

    def course(self, truth: str, people: People, name: str, first: Model, n_rounds: int) -> Course:
        """A recommender, with and without retraining."""
        world = World(self.split.train, people, self.config, self.seed)

        def refit(data: Interactions, number: int) -> Model:
            return self.fitted(name, data, f"{truth} {number}")

        retrained = list(rounds(world, first, n_rounds, refit))
        return Course(truth, name, retrained, list(rounds(world, first, n_rounds, None)))

    def interviews(self, people: People, model: Model, n: int, voice: Voice) -> list[str]:
        """What the first n people say of their first visit."""
        films = self.split.train.films
        titles = (films and films.titles) or tuple(f"film {number}" for number in range(self.split.test.shape[1]))
        world = World(self.split.train, people, self.config, self.seed)
        visits = world.visits(lists_of(model, world.data.histories, self.config.n_places), 0)
        return [voice.say(interview_of(people, visits, row, titles)) for row in range(min(n, len(visits.pages)))]


def has_genres(split: Split) -> bool:
    """Whether genres of the films are known."""
    return genres_of(split.train).shape[1] > 0
