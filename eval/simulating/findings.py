"""What is found with simulated people: how true they are, and what retraining on them does.

Legend: U people, R rounds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recsys.simulation.fidelity import StarDistance, Told, agreement
from recsys.simulation.habits import Habits
from recsys.simulation.retraining import Round

NORMAL_95 = 1.96  # standard errors to either side of a 95 % interval
RISES, FALLS, UNDECIDED = "rises", "falls", "undecided"


@dataclass(frozen=True)
class Fidelity:
    """How true to life people of one truth are.

    Attributes:
        truth: its name.
        habits: found on ratings kept aside.
        told: of every ratio.
        distance: of their stars from held-out ones; `anybody`: of stars that know neither people nor films.
        satisfaction: by recommender, in the mean over people.
    """

    truth: str
    habits: Habits
    told: tuple[Told, ...]
    distance: StarDistance
    anybody: StarDistance
    satisfaction: Mapping[str, float]

    def tau(self, offline: Mapping[str, float]) -> float:
        """Kendall's tau of the order of recommenders by satisfaction and by what was measured offline."""
        return agreement(np.array([self.satisfaction[name] for name in offline]), np.array([*offline.values()]))


@dataclass(frozen=True, eq=False)
class Course:
    """A recommender in one world, trained again after every round, and left as it was.

    Attributes:
        truth, model: names.
        retrained, kept: R + 1 rounds each, the first of which is the same.
    """

    truth: str
    model: str
    retrained: Sequence[Round]
    kept: Sequence[Round]


@dataclass(frozen=True)
class Change:
    """How far a recommender that is trained again is from one that is not, after the first round.

    Attributes:
        difference: mean over rounds.
        low, high: of coverage, the least and the greatest of the rounds; of satisfaction, the 95 % interval over
            people.
    """

    difference: float
    low: float
    high: float

    @property
    def direction(self) -> str:
        """What can be said of it."""
        return RISES if self.low > 0 else FALLS if self.high < 0 else UNDECIDED


def coverage_change(course: Course) -> Change:
    """Of the share of films that anybody is shown."""
    differences = [one.coverage - other.coverage for one, other in later_rounds(course)]
    return Change(float(np.mean(differences)), min(differences), max(differences))


def satisfaction_change(course: Course) -> Change:
    """Of the same people's satisfaction."""
    differences = np.mean(
        [one.satisfaction - other.satisfaction for one, other in later_rounds(course)], axis=0
    )  # (U,)
    mean = float(differences.mean())
    margin = NORMAL_95 * float(differences.std(ddof=1)) / np.sqrt(len(differences)) if len(differences) > 1 else np.inf
    return Change(mean, mean - margin, mean + margin)


def later_rounds(course: Course) -> list[tuple[Round, Round]]:
    """All but the first, in which nothing was trained again."""
    return list(zip(course.retrained, course.kept, strict=True))[1:]


MEASURES = {"coverage": coverage_change, "satisfaction": satisfaction_change}


def conclusions(courses: Sequence[Course]) -> list[str]:
    """A sentence for each recommender: what retraining does under every truth; what truths differ on is named too."""
    models = list(dict.fromkeys(course.model for course in courses))
    return [conclusion(model, [course for course in courses if course.model == model]) for model in models]


def conclusion(model: str, courses: Sequence[Course]) -> str:
    """Of one recommender, in all worlds."""
    parts = []
    for measure, change_of in MEASURES.items():
        directions = {course.truth: change_of(course).direction for course in courses}
        agreed = {*directions.values()}
        if len(agreed) == 1 and UNDECIDED not in agreed:
            parts.append(f"{measure} {agreed.pop()} under every truth")
        else:
            told = ", ".join(f"{direction} under {truth}" for truth, direction in directions.items())
            parts.append(f"nothing that every truth shows can be said of {measure} ({told})")
    return f"{model}, trained again instead of left as it was: {'; '.join(parts)}."
