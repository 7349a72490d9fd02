"""Whether a new version may take the place of the one that answers: it is not worse to anybody, beyond a margin.

Legend: U users of the data set and people.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from eval.measures.per_user import PerUser
from eval.measures.ratios import RANKED, ratio_of
from eval.measures.stats import UserSums, estimate, paired_bootstrap
from eval.retraining.trial import LENGTH, Trial
from recsys.results.metrics import NDCG, RMSE, Metric
from recsys.settings import require

Verdict = Literal["better", "not worse", "worse", "too few to tell"]
METRICS = (NDCG.at(LENGTH), RMSE)
FEWEST_SHOWN = 10  # people of a figure that is kept, and who are in one group and not in one within: few are told of
BASE, PEOPLE = "people of the data set", "people of the page"


@dataclass(frozen=True, kw_only=True)
class GateConfig:
    """How much worse is still not worse, and to whom."""

    ndcg_margin: float = 0.025  # a share of what the rival has of the nDCG of ten films
    rmse_margin: float = 0.01  # in stars of a scale of 1 to 5; on others, in quarters of the scale
    newcomer_ratings: int = 20  # somebody of whom fewer are known is a newcomer
    least_people: int = 20  # of a group that is judged
    n_resamples: int = 2000

    def __post_init__(self) -> None:
        require(min(self.ndcg_margin, self.rmse_margin) >= 0, self, "margins of at least 0")
        require(min(self.least_people, self.n_resamples) >= 2, self, "at least 2 people and resamples")

    def margin(self, metric: Metric, rival: float, unit: float) -> float:
        """A loss of a metric that is none.

        A share of lists' figures: those of newcomers may be a tenth of those of the data set's people.

        Args:
            metric: which.
            rival: the figure of whom a version is compared with.
            unit: of the scale of stars.
        """
        return self.rmse_margin * unit if metric == RMSE else self.ndcg_margin * rival


@dataclass(frozen=True, eq=False, kw_only=True)
class Rival:
    """Whom a version is compared with.

    Attributes:
        name: in words.
        per_user: (U,) values, by name.
        trial: what it was asked, of whom: of everybody, or of the first of them.
    """

    name: str
    per_user: PerUser
    trial: Trial


@dataclass(frozen=True, kw_only=True)
class Row:
    """A figure of both, of a group.

    Attributes:
        against: whom the version is compared with, in words.
        group: whose, in words.
        metric: in words.
        n_people: of the group on whom it was measured.
        rival, challenger: the figure of each.
        gain: by how much the challenger is better, in units of the metric; below 0 it is worse.
        low, high: 95 % interval of the gain.
        margin: a loss up to it is none.
        verdict: what follows.
    """

    against: str
    group: str
    metric: str
    n_people: int
    rival: float
    challenger: float
    gain: float
    low: float
    high: float
    margin: float
    verdict: Verdict

    def sentence(self) -> str:
        """What a loss is, in words."""
        return (
            f"for {self.group}, {self.metric} goes from {self.rival:.4f}, which {self.against} has, to "
            f"{self.challenger:.4f}: worse by "
            f"{-self.gain:.4f} (95 % interval {-self.high:.4f} to {-self.low:.4f}), more than the "
            f"{self.margin:.4f} that may be"
        )


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What the gate says.

    Attributes:
        passed: whether the version may answer.
        reason: why, in a sentence.
        rows: the figures.
    """

    passed: bool
    reason: str
    rows: tuple[Row, ...]

    @property
    def figures(self) -> dict[str, Any]:
        """The rows as JSON has them."""
        return {"rows": [asdict(row) for row in self.rows]}


def groups(trial: Trial, config: GateConfig) -> dict[str, np.ndarray]:
    """(U,) bool by words: who is in each group that must not lose."""
    newcomers = ~trial.is_base & (trial.n_told < config.newcomer_ratings)
    return {
        BASE: trial.is_base,
        PEOPLE: ~trial.is_base,
        f"newcomers (fewer than {config.newcomer_ratings} ratings)": newcomers,
    }


def compared(rival: Rival, challenger: PerUser, config: GateConfig) -> Iterator[Row]:
    """The figures of both, for every group on which there are any; newcomers' where the others are none, or many.

    Args:
        rival: whom the version is compared with.
        challenger: (U,) values of the version, by name; of the first of these people, if the rival was asked of them.
        config: of the gate.
    """
    whole = rival.trial.whole.ratings
    own = {name: values[: whole.n_users] for name, values in challenger.items()}
    for metric in METRICS:
        n_around = 0  # of the group in which the next one lies
        for group, members in groups(rival.trial, config).items():
            pair = [sums_of(values, metric, members) for values in (rival.per_user, own)]
            n_people = 0 if pair[0] is None else int(np.count_nonzero(pair[0].denominator))
            tells_of_few = n_people < FEWEST_SHOWN or 0 < n_around - n_people < FEWEST_SHOWN
            n_around = n_people if group == PEOPLE else 0
            if pair[0] is not None and pair[1] is not None and not tells_of_few:
                named = {"against": rival.name, "group": group}
                yield row_of(named, metric, (pair[0], pair[1]), config, whole.scale.unit)


def lacking(rival: Rival, challenger: PerUser, rows: Sequence[Row]) -> str | None:
    """What the challenger has no figure of, in a sentence; None: of nothing."""
    missing = [each.name for each in METRICS if ratio_of(each).values in rival.per_user.keys() - challenger.keys()]
    if missing:
        return f"it has no {' and no '.join(missing)}, and {rival.name} has"
    return (
        None if any(row.verdict != "too few to tell" for row in rows) else "there are too few people to measure it on"
    )


def sums_of(values: PerUser, metric: Metric, members: np.ndarray) -> UserSums | None:
    """A metric of some people, (U,) bool; None if there is nothing to take it of."""
    ratio = ratio_of(metric)
    if ratio.values not in values:
        return None
    weights = (values["n_relevant"] > 0 if ratio.per == RANKED else values[ratio.per]) * members
    if not weights.any():
        return None
    return UserSums((values[ratio.values] * members)[None].astype(float), weights[None].astype(float), ratio.root)


def row_of(
    named: Mapping[str, str], metric: Metric, pair: tuple[UserSums, UserSums], config: GateConfig, unit: float = 1.0
) -> Row:
    """A figure of rival and challenger, and what follows from it.

    Args:
        named: against whom, and whose.
        metric: which.
        pair: of the rival, and of the challenger.
        config: of the gate.
        unit: of the scale of stars.
    """
    rival, challenger = pair
    sign = 1 if metric.higher_is_better else -1
    found = paired_bootstrap(challenger, rival, rng=np.random.default_rng(0), n_resamples=config.n_resamples)
    low, high = sorted((sign * found.low, sign * found.high))
    n_people = int(np.count_nonzero(rival.denominator))
    gain, before = sign * found.difference, estimate(rival)
    margin = config.margin(metric, before, unit)
    return Row(
        **named,
        metric=metric.name,
        n_people=n_people,
        rival=before,
        challenger=estimate(challenger),
        gain=gain,
        low=low,
        high=high,
        margin=margin,
        verdict="too few to tell" if n_people < config.least_people else verdict_of(gain, low, high, margin),
    )


def verdict_of(gain: float, low: float, high: float, margin: float) -> Verdict:
    """What a gain with its interval says.

    A loss is one that is beyond the margin and that chance in who was asked does not explain: with few people, a gate
    that asked for proof that there is none would let no version pass.

    >>> verdict_of(-0.03, -0.05, -0.01, 0.01)
    'worse'
    >>> verdict_of(-0.03, -0.08, 0.02, 0.01), verdict_of(-0.005, -0.008, -0.002, 0.01)
    ('not worse', 'not worse')
    """
    if gain < -margin and high < 0:
        return "worse"
    return "better" if low > 0 else "not worse"


def decided(rows: Sequence[Row], problem: str | None, aside: str | None = None) -> Decision:
    """Pass, or refuse.

    Args:
        rows: the figures.
        problem: why the version cannot be used, in a sentence; None: it can.
        aside: whom it could not be compared with, and why, in a sentence; None: nobody is missing.
    """
    losses = [row.sentence() for row in rows if row.verdict == "worse"]
    if problem is not None:
        reason = f"Refused: {problem.rstrip('.')}."
    elif losses:
        reason = f"Refused: {'; '.join(losses)}."
    else:
        reason = f"Passed: it is not worse than {judged_against(rows)}, loads, and makes lists."
    said = "" if aside is None else f" {aside[:1].upper()}{aside[1:].rstrip('.')}."
    return Decision(passed=problem is None and not losses, reason=reason + said, rows=tuple(rows))


def judged_against(rows: Sequence[Row]) -> str:
    """Against whom how many figures were judged, in words."""
    n_judged = Counter(row.against for row in rows if row.verdict != "too few to tell")
    return ", nor than ".join(f"{rival} in {any_of(number)}" for rival, number in n_judged.items())


def any_of(n_figures: int) -> str:
    """So many figures.

    >>> any_of(1), any_of(2)
    ('the one figure that there is', 'any of 2 figures')
    """
    return "the one figure that there is" if n_figures == 1 else f"any of {n_figures} figures"


def by_name(rows: Sequence[Row]) -> Mapping[str, float]:
    """The challenger's figures, by group and metric."""
    return {f"{row.metric}, {row.group}": row.challenger for row in rows}
