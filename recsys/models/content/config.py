"""Settings of models that know films by their genres and periods."""

from dataclasses import dataclass, field
from typing import ClassVar

from recsys.limits import Bounded
from recsys.models.simple.config import BaselineConfig
from recsys.settings import LEVEL, LIKING_WISH, Liking, is_liking, require


@dataclass(frozen=True, kw_only=True)
class ContentConfig(Bounded):
    """Tastes for features, and how films of some features are chosen."""

    most: ClassVar = {"sweeps": 1_000, "steps": 100_000, "most_people": 1_000_000}

    baseline: BaselineConfig = field(default_factory=BaselineConfig)  # that the stars begin with
    l2: float = 5.0  # of tastes in the first sweep, in ratings (systems of normal equations)
    sweeps: int = 10  # between tastes, how far they spread, and films' offsets
    l2_kind: float = 2.0  # of what features say about a film's offset, in films
    liked_from: Liking = LEVEL  # what is a choice that is learned from, and what describes a person
    shrinkage: float = 5.0  # in films: a profile of so many counts half
    l2_choice: float = 6.0  # of what profiles say about choices, in choices
    kind_likes: float = 0.1  # likes that a film has before anybody rated it, in those that are usual of its kind
    steps: int = 60  # of L-BFGS
    most_people: int = 2_000  # from whom choices are learned; drawn where there are more

    def __post_init__(self) -> None:
        super().__post_init__()
        least = min(self.l2, self.l2_kind, self.l2_choice, self.kind_likes)
        require(least > 0 and self.shrinkage >= 0, self, "l2s and kind_likes > 0, and shrinkage >= 0")
        require(min(self.sweeps, self.steps, self.most_people) >= 1, self, "sweeps, steps and most_people >= 1")
        require(is_liking(self.liked_from), self, LIKING_WISH)


@dataclass(frozen=True, kw_only=True)
class TowersConfig(Bounded):
    """A network of towers, and how it learns."""

    most: ClassVar = {"width": 4_096, "n_code": 512}

    width: int = 32  # units of a tower
    n_code: int = 21  # numbers of a film's code
    epochs: int = 60
    batch_size: int = 100  # people per step
    learning_rate: float = 0.019  # Adam's at the first step, falling to 0 by a cosine
    l2: float = 200.0  # of kernels, in ratings
    l2_person: float = 15.0  # of the people's vectors, in ratings
    choice_weight: float = 30.0  # of a choice's nats beside half of a squared star

    def __post_init__(self) -> None:
        super().__post_init__()
        require(min(self.width, self.n_code, self.epochs, self.batch_size) >= 1, self, "sizes and epochs >= 1")
        require(min(self.l2, self.l2_person, self.choice_weight) >= 0, self, "l2s and choice_weight >= 0")
        require(self.learning_rate > 0, self, "learning_rate > 0")


@dataclass(frozen=True, kw_only=True)
class TridentConfig(Bounded):
    """Branches of what is known of films, and the network that joins them."""

    most: ClassVar = {"n_title": 1_024, "n_graph": 1_024, "n_table": 1_024}

    n_title: int = 32  # numbers of a title
    n_graph: int = 48  # of a film's place in the graph
    n_table: int = 64  # of a table of features from files, where it has more
    towers: TowersConfig = TowersConfig()
    content: ContentConfig = ContentConfig(l2_choice=12.0)  # tastes for codes, and choices by them

    def __post_init__(self) -> None:
        super().__post_init__()
        require(min(self.n_title, self.n_graph, self.n_table) >= 1, self, "numbers of branches >= 1")


@dataclass(frozen=True, kw_only=True)
class KnowledgeConfig(Bounded):
    """What a person is taken to require, and what makes films of use to them; nothing of it is learned."""

    most: ClassVar = {"least_ratings": 1_000_000, "least_films": 200_000}

    genre_weight: float = 1.2  # of a utility from 0 to 1: the person likes the film's genres, or asks for one
    period_weight: float = 0.1  # of the time that liked films come from
    quality_weight: float = 0.2  # of the mean of the film's stars
    fame_weight: float = 1.2  # of how many know the film
    liked_from: Liking = LEVEL  # of which films genres and period are inferred
    period_share: float = 0.6  # of liked films that lie within the period; half of the others before, half after
    slack: float = 40.0  # years beyond the period after which a film is of no use for its time
    prior: float = 10.0  # ratings; a film with so many keeps half of its distance from the mean
    least_ratings: int = 20  # that a film is required to have
    least_grade: float = 0.5  # that a film's mean is required to have; 0: the lowest stars, 1: the highest
    least_films: int = 50  # that have to be left; where there are fewer, requirements are given up

    def __post_init__(self) -> None:
        super().__post_init__()
        weights = (self.genre_weight, self.period_weight, self.quality_weight, self.fame_weight)
        require(min(weights) >= 0 and max(weights) > 0, self, "weights >= 0, one of them above 0")
        require(0 <= self.period_share <= 1 and self.slack > 0, self, "period_share in [0, 1] and slack > 0 years")
        require(self.prior >= 0 and 0 <= self.least_grade <= 1, self, "prior >= 0 and least_grade in [0, 1]")
        require(self.least_ratings >= 0 and self.least_films >= 1, self, "least_ratings >= 0 and least_films >= 1")
        require(is_liking(self.liked_from), self, LIKING_WISH)
