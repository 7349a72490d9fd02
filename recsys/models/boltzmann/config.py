"""Settings of Boltzmann machines, by the RMSE or nDCG@10 on a fifth of u1's training ratings."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from recsys.limits import Bounded
from recsys.models.simple.config import BaselineConfig
from recsys.settings import LEVEL, LIKING_WISH, Liking, is_liking, require


@dataclass(frozen=True, kw_only=True)
class ContrastiveConfig(Bounded):
    """How a machine learns by contrastive divergence."""

    most: ClassVar = {"sweeps": 1_000}

    epochs: int = 60
    batch_size: int = 100  # people per step
    learning_rate: float = 3e-3  # of the first step, falling to 0: rate * (1 + cos(pi * step / n_steps)) / 2
    decay: float = 0.01  # of weights, in the units of the mean slope per person
    init_scale: float = 0.01  # standard deviation of the first weights
    rule: Literal["adam", "momentum"] = "adam"  # what makes a step of a slope
    sweeps: int = 1  # down and up again in the last epochs; from 1 in the first, rising evenly

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.rule in ("adam", "momentum") and self.sweeps >= 1, self, "rule 'adam' or 'momentum', sweeps >= 1")
        require(min(self.epochs, self.batch_size) >= 1, self, "epochs and batch_size >= 1")
        require(self.learning_rate > 0 and self.decay >= 0, self, "learning_rate > 0 and decay >= 0")
        require(self.init_scale > 0, self, "init_scale > 0")

    def decay_of(self, name: str) -> float:
        """That of a parameter, by its name."""
        return self.decay if name.endswith("weights") else 0.0


@dataclass(frozen=True, kw_only=True)
class GaussianRBMConfig(Bounded):
    """The machine of real-valued stars."""

    most: ClassVar = {"n_hidden": 16_384}

    n_hidden: int = 64
    variance: float = 0.5  # of a rating around what the hidden units expect, in stars of five, squared
    learning: ContrastiveConfig = ContrastiveConfig(learning_rate=2e-3, decay=0.19)
    baseline: BaselineConfig = BaselineConfig()  # what the machine's ratings are measured from

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.n_hidden >= 1 and self.variance > 0, self, "n_hidden >= 1 and variance > 0")


@dataclass(frozen=True, kw_only=True)
class ChoiceRBMConfig(Bounded):
    """The machine of choices."""

    most: ClassVar = {"n_hidden": 16_384}

    n_hidden: int = 100
    feedback: Literal["graded", "binary"] = "graded"  # a rating is as much of a choice as its grade, or 1 for a like
    liked_from: Liking = LEVEL  # used by binary feedback
    prior: float = 1.0  # choices of every film beside those that were made, before the first step
    learning: ContrastiveConfig = ContrastiveConfig(batch_size=50, decay=0.003)

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.feedback in ("graded", "binary"), self, "feedback 'graded' or 'binary'")
        require(is_liking(self.liked_from), self, LIKING_WISH)
        require(self.n_hidden >= 1 and self.prior > 0, self, "n_hidden >= 1 and prior > 0")


@dataclass(frozen=True, kw_only=True)
class FineTuningConfig(Bounded):
    """How the layers of a belief network, unrolled, learn together to say what they are told."""

    epochs: int = 15
    batch_size: int = 100  # people per step
    learning_rate: float = 1e-3  # Adam's, falling to 0: rate * (1 + cos(pi * step / n_steps)) / 2
    forgets: float = 0.5  # probability that a rating is hidden from the input
    l2: float = 0.02  # of all weights, in squared stars, or nats, per person

    def __post_init__(self) -> None:
        super().__post_init__()
        require(min(self.epochs, self.batch_size) >= 1, self, "epochs and batch_size >= 1")
        require(self.learning_rate > 0 and self.l2 >= 0, self, "learning_rate > 0 and l2 >= 0")
        require(0 <= self.forgets < 1, self, "forgets in [0, 1)")


@dataclass(frozen=True, kw_only=True)
class DBNConfig(Bounded):
    """Two belief networks: one of stars, one of choices."""

    most: ClassVar = {"star_units": 16_384, "list_units": 16_384}

    star_units: tuple[int, ...] = (128, 128)  # hidden units of each machine, the one of films first
    list_units: tuple[int, ...] = (100, 50)
    variance: float = 0.44  # of a rating around what the hidden units expect, in stars of five, squared
    prior: float = 1.0  # choices of every film beside those that were made, before the first step
    stars: ContrastiveConfig = ContrastiveConfig(learning_rate=2e-3, decay=0.19)  # of the machine of films
    choices: ContrastiveConfig = ContrastiveConfig(batch_size=50, decay=0.003)  # likewise
    above: ContrastiveConfig = ContrastiveConfig(decay=0.001)  # of those above, in both
    pretrains: bool = True  # layers begin as machines, or as chance has it
    tunes: bool = True  # then they learn together, or stay what they are
    tuning_stars: FineTuningConfig = FineTuningConfig(epochs=23, learning_rate=9.5e-4, forgets=0.57, l2=0.011)
    tuning_choices: FineTuningConfig = FineTuningConfig(epochs=60, learning_rate=3e-3, l2=0.01)
    baseline: BaselineConfig = BaselineConfig()  # what stars are measured from

    def __post_init__(self) -> None:
        super().__post_init__()
        sizes = (*self.star_units, *self.list_units)
        require(bool(self.star_units and self.list_units) and min(sizes) >= 1, self, "sizes >= 1, one at least")
        require(self.variance > 0 and self.prior > 0, self, "variance > 0 and prior > 0")


@dataclass(frozen=True, kw_only=True)
class JointConfig(ContrastiveConfig):
    """How two hidden layers learn at once; sweeps are those of the chains, between two steps that a person is in."""

    most: ClassVar = {**ContrastiveConfig.most, "rounds": 1_000}

    upper_decay: float = 0.003  # of the weights between the hidden layers; `decay` is that of the lower ones
    rounds: int = 10  # of mean field: in each, both layers are inferred from their neighbours
    damping: float = 0.5  # how much of a layer stays as it was

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.upper_decay >= 0 and self.rounds >= 1, self, "upper_decay >= 0 and rounds >= 1")
        require(0 <= self.damping < 1, self, "damping in [0, 1)")

    def decay_of(self, name: str) -> float:
        """That of a parameter, by its name."""
        return self.upper_decay if name == "upper_weights" else super().decay_of(name)


@dataclass(frozen=True, kw_only=True)
class DeepMachineConfig(Bounded):
    """A machine of two hidden layers: its sizes, and how it learns."""

    most: ClassVar = {"n_lower": 16_384, "n_upper": 16_384}

    n_lower: int = 64  # hidden units next to films
    n_upper: int = 32  # those above
    pretrains: bool = True  # layers begin as two machines, or as chance has them
    below: ContrastiveConfig = ContrastiveConfig(epochs=30)  # of the machine of films
    above: ContrastiveConfig = ContrastiveConfig(epochs=15, decay=0.001)  # of that of its hidden units
    joint: JointConfig = JointConfig(epochs=40)

    def __post_init__(self) -> None:
        super().__post_init__()
        require(min(self.n_lower, self.n_upper) >= 1, self, "n_lower and n_upper >= 1")


@dataclass(frozen=True, kw_only=True)
class DBMConfig(Bounded):
    """Two deep Boltzmann machines: one of stars, one of choices."""

    stars: DeepMachineConfig = DeepMachineConfig(
        below=ContrastiveConfig(learning_rate=2e-3, decay=0.19, epochs=30),
        joint=JointConfig(learning_rate=2e-3, decay=0.19, upper_decay=0.01, epochs=80),
    )
    choices: DeepMachineConfig = DeepMachineConfig(
        n_lower=100,
        n_upper=50,
        below=ContrastiveConfig(batch_size=50, decay=0.003, epochs=30),
        joint=JointConfig(batch_size=50, decay=0.02, epochs=40),
    )
    variance: float = 0.5  # of a rating around what the hidden units expect, in stars of five, squared
    prior: float = 1.0  # choices of every film beside those that were made, before the first step
    baseline: BaselineConfig = BaselineConfig()  # what stars are measured from

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.variance > 0 and self.prior > 0, self, "variance > 0 and prior > 0")


@dataclass(frozen=True, kw_only=True)
class SoftmaxRBMConfig(Bounded):
    """The machine of star levels."""

    most: ClassVar = {"n_hidden": 1_024}

    n_hidden: int = 100
    knows_generosity: bool = True  # levels lean by the person's offset of the baseline
    knows_rated: bool = False  # hidden units know which films were rated, whatever stars they got
    draws: bool = False  # learning draws levels, or takes their chances
    exact: bool = False  # all states of the hidden units are summed over in an answer, or each stands at its chance
    prior: float = 3.0  # ratings of every film with everybody's levels beside its own, before the first step
    learning: ContrastiveConfig = ContrastiveConfig(epochs=50, decay=0.015)
    baseline: BaselineConfig = BaselineConfig()  # whose offset of a person is their generosity

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.n_hidden >= 1 and self.prior > 0, self, "n_hidden >= 1 and prior > 0")


@dataclass(frozen=True, kw_only=True)
class TimedRBMConfig(SoftmaxRBMConfig):
    """The machine of star levels that hears when films were rated; what it hears takes the place of which they were."""

    hears_time: bool = True  # hidden units know the mean moment of the ratings
    leans_by_time: bool = False  # levels lean by the moment in which they were given

    def __post_init__(self) -> None:
        super().__post_init__()
        require(not self.knows_rated, self, "knows_rated false")


AS_IN_2007 = SoftmaxRBMConfig(  # Salakhutdinov, Mnih and Hinton's rule; the rate and the decay are of this data
    knows_generosity=False,
    draws=True,
    learning=ContrastiveConfig(rule="momentum", learning_rate=0.15, decay=0.01, epochs=50, sweeps=3),
)


@dataclass(frozen=True, kw_only=True)
class BoltzmannConfig(Bounded):
    """The machine without hidden units."""

    feedback: Literal["graded", "binary"] = "graded"  # what an answer is told of a rating: its grade, or 1 for a like
    liked_from: Liking = LEVEL  # what is learned from
    l2: float = 20.0  # of the weights: half of it times their squares is added to the nats of all people
    prior: float = 1.0  # people who like a film, and as many who do not, beside those who are known, at first
    epochs: int = 60  # steps, each on everybody
    learning_rate: float = 0.03  # Adam's, falling to 0: rate * (1 + cos(pi * step / n_steps)) / 2

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.feedback in ("graded", "binary"), self, "feedback 'graded' or 'binary'")
        require(is_liking(self.liked_from), self, LIKING_WISH)
        require(self.l2 >= 0 and self.epochs >= 1, self, "l2 >= 0 and epochs >= 1")
        require(self.prior > 0 and self.learning_rate > 0, self, "prior > 0 and learning_rate > 0")
