"""Round after round: newcomers come, the next version is made, the pages take it over, the next come."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from eval.measures.per_user import PerUser
from eval.rehearsing.judging import Jury, Standing, gain, jury_of
from eval.rehearsing.pages import Page
from eval.rehearsing.town import Town, Townsperson
from eval.rehearsing.visits import Resident, Street, resident, visit
from eval.retraining.gate import Row
from recsys.artifacts.artifact import Artifact, load_artifact
from recsys.errors import DataError
from recsys.versions.entries import Version
from recsys.versions.registry import Registry

Retrain = Callable[[], None]  # makes the next version, and promotes it if it may be
Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class CourseConfig:
    """Who comes.

    Attributes:
        people: honest newcomers of all rounds together.
        rounds: how often a version is made of what they gave.
        panel: people of the town who never come, on whom every version is measured.
        consent: share of newcomers who say yes.
        attackers: share of accounts that push a film.
        covers: other films that an attacker rates, as everybody does.
        again: share of those who have been there who come again in a round.
        turned: share of them whose taste turns when the middle round begins.
        seed: of everything.
    """

    people: int = 300
    rounds: int = 5
    panel: int = 300
    consent: float = 0.8
    attackers: float = 0.05
    covers: int = 10
    again: float = 0.2
    turned: float = 0.1
    seed: int = 0

    @property
    def middle(self) -> int:
        """The round, from 0, when a film that everybody loves is new, and tastes turn."""
        return self.rounds // 2

    @property
    def n_new(self) -> int:
        """Honest newcomers of a round."""
        return max(1, self.people // self.rounds)

    @property
    def n_attackers(self) -> int:
        """New accounts of a round that push a film."""
        return round(self.attackers / (1 - self.attackers) * self.n_new)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The version that answers, and the frozen one.

    Attributes:
        newcomers, panel: nDCG for those who came, and for those who never come.
        pushed, loved: where two films are for the panel, by the frozen model and by the version.
        liked: share of the films on lists that were looked at which people would like.
    """

    newcomers: Row
    panel: Row
    pushed: tuple[Standing, Standing]
    loved: tuple[Standing, Standing]
    liked: float


@dataclass(frozen=True, kw_only=True)
class Round:
    """What came of one.

    Attributes:
        number: 0: before anything was learned from anybody.
        version: that answered.
        passed: whether the gate let what was made after it pass; None: none was made.
        n_people, n_ratings: that the version had learned from.
        judged: the version, on people.
        seconds: of the visits.
    """

    number: int
    version: int
    passed: bool | None
    n_people: int
    n_ratings: int
    judged: Judged
    seconds: float


@dataclass(eq=False)
class Course:
    """A town before pages.

    Attributes:
        street: the way to the pages.
        pages: that are asked.
        registry: of versions, one of which answers: the frozen one.
        retrain: makes the next.
        config: who comes.
        tell: is given a line for people, now and then.
        people: who have come so far.
        by_round: values of newcomers, of the frozen model and of the version, of each round.
    """

    street: Street
    pages: Sequence[Page]
    registry: Registry
    retrain: Retrain
    config: CourseConfig
    tell: Tell
    people: list[Resident] = field(default_factory=list)
    by_round: list[tuple[PerUser, PerUser]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.config.seed)
        self.films = self.town.dataset.interactions()
        self.frozen = artifact_of(answering(self.registry))
        never_come = [self.newcomer(number, 0) for number in range(self.config.panel)]
        self.panel = self.jury(never_come)

    @property
    def town(self) -> Town:
        """Whose people they are."""
        return self.street.town

    def rounds(self) -> Iterator[Round]:
        """All of them; after the last version newcomers come once more."""
        for number in range(self.config.rounds + 1):
            yield self.round(number, is_last=number == self.config.rounds)

    def round(self, number: int, *, is_last: bool) -> Round:
        """Let people come, measure what they are recommended, and make a version of what they gave."""
        if number == self.config.middle:
            self.turn_tastes()
        newcomers, started = self.come(number), time.monotonic()
        again = self.who_come_again(len(newcomers))
        self.tell(f"Round {number}: {len(newcomers)} people come, and {len(again)} come again.")
        visit(self.street, newcomers, again)
        seconds = time.monotonic() - started
        version = answering(self.registry)
        judged = self.judged(newcomers, version)
        passed = None if is_last else self.improved(version)
        return Round(
            number=number,
            version=version.number,
            passed=passed,
            n_people=version.record.lineage.n_people,
            n_ratings=version.record.lineage.n_ratings,
            judged=judged,
            seconds=seconds,
        )

    def newcomer(self, number: int, in_round: int) -> Resident:
        """Somebody honest."""
        truth = self.town.person(self.rng, knows_loved=in_round >= self.config.middle)
        consent = "yes" if self.rng.random() < self.config.consent else "no"
        return resident(number, truth, consent, self.config.seed)

    def attacker(self, number: int) -> Resident:
        """Somebody who loves one film, and rates others as everybody does."""
        usual = self.town.person(self.rng)
        stars = usual.stars.copy()
        stars[self.town.pushed] = self.town.dataset.ratings.scale.highest
        to_tell = np.concatenate([[self.town.pushed], usual.to_tell[: self.config.covers]])
        truth = Townsperson(stars, usual.longing, to_tell, usual.kept_back)
        return resident(number, truth, "yes", self.config.seed, kind="attacker")

    def come(self, in_round: int) -> list[Resident]:
        """The newcomers of a round, attackers among them."""
        first = len(self.people)
        n_honest, n_attackers = self.config.n_new, self.config.n_attackers
        honest = [self.newcomer(first + at, in_round) for at in range(n_honest)]
        found = honest + [self.attacker(first + n_honest + at) for at in range(n_attackers)]
        self.people += found
        return found

    def who_come_again(self, n_new: int) -> list[Resident]:
        """Of those who came before this round."""
        honest = [person for person in self.people[: len(self.people) - n_new] if person.kind == "honest"]
        return [person for person in honest if self.rng.random() < self.config.again]

    def turn_tastes(self) -> None:
        """Some people like other films from now on."""
        honest = [person for person in self.people if person.kind == "honest"]
        turning = [person for person in honest if self.rng.random() < self.config.turned]
        fresh = self.town.turned([person.truth for person in turning], self.rng)
        for person, truth in zip(turning, fresh, strict=True):
            person.truth = truth

    def jury(self, people: Sequence[Resident]) -> Jury:
        """What some people tell of and keep back."""
        return jury_of(people, self.street.config.told, self.films)

    def judged(self, newcomers: Sequence[Resident], version: Version) -> Judged:
        """The figures of a round."""
        loop, honest = artifact_of(version), [person for person in newcomers if person.kind == "honest"]
        came = self.jury(honest)
        self.by_round.append((came.values(self.frozen), came.values(loop)))
        pushed, loved = (
            (self.panel.standing(self.frozen, film), self.panel.standing(loop, film))
            for film in (self.town.pushed, self.town.loved)
        )
        return Judged(
            newcomers=gain("newcomers", *self.by_round[-1]),
            panel=gain("who never come", self.panel.values(self.frozen), self.panel.values(loop)),
            pushed=pushed,
            loved=loved,
            liked=sum(person.liked for person in honest) / max(sum(person.shown for person in honest), 1),
        )

    def improved(self, version: Version) -> bool:
        """Make the next version, and wait until the pages answer with it if it passes."""
        self.retrain()
        made = self.registry.versions()[0]
        gate = made.record.gate
        if made.number == version.number or gate is None:
            raise DataError(f"no version was made after version {version.number}")
        for page in self.pages:
            page.wait_for_version(answering(self.registry).record.fingerprint)
        return gate.passed


def answering(registry: Registry) -> Version:
    """The version that answers; DataError if there is none."""
    found = registry.current()
    if found is None:
        raise DataError(f"no version in {registry.folder} answers; the gate let none pass")
    return found


def artifact_of(version: Version) -> Artifact:
    """A version's model."""
    return load_artifact(version.folder)
