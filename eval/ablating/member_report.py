"""What came of trying models as further members of the flagship's pools: weights, gains, a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.ablating.ablation_report import as_text
from eval.ablating.pooling import LENGTH, Pair, Tried, lists_tried, stars_tried
from eval.reporting.tables import Cell, Column, Table, make_table
from recsys.models import FLAGSHIP
from recsys.results.metrics import NDCG, NLL, RMSE
from recsys.results.schema import Difference
from recsys.results.text import MISSING

LISTS, ERROR, LOSS = (metric.heading for metric in (NDCG.at(LENGTH), RMSE, NLL))


@dataclass(frozen=True)
class Member:
    """What came of trying a model as a member.

    Attributes:
        model: its name.
        weights: that people of even and of odd number were given, each the best for the others: of its score, of its
            stars; None where it has no such part.
        gains: by metric, how far the flagship with it is from the flagship.
        fit_seconds: of it, mean over splits.
    """

    model: str
    weights: dict[str, tuple[float, float] | None]
    gains: dict[str, Difference]
    fit_seconds: float


def member(name: str, pairs: Sequence[Pair], fit_seconds: float, seed: int) -> Member:
    """A model beside the flagship; chances go by the weight that is best for the stars."""
    lists, stars = lists_tried(pairs), stars_tried(pairs)
    gains: dict[str, Difference] = {}
    if lists:
        gains[LISTS] = lists.gain(lists.chosen(), seed)
    if stars:
        error, loss = stars
        gains |= {ERROR: error.gain(error.chosen(), seed), LOSS: loss.gain(error.chosen(), seed)}
    weights = {"lists": weights_of(lists), "stars": weights_of(stars[0] if stars else None)}
    return Member(name, weights, gains, fit_seconds)


def weights_of(found: Tried | None) -> tuple[float, float] | None:
    """Those of even and of odd people."""
    if found is None:
        return None
    even, odd = found.chosen()
    return found.weights[even], found.weights[odd]


def as_table(members: Sequence[Member], splits: Sequence[str]) -> Table:
    """A row for each model."""
    note = (
        f"Means over splits ({', '.join(splits)}), on a fifth of the training ratings. w: weight of its score, in "
        "standard deviations over films, or share of its stars, for people of even and of odd number, each the best "
        "for the others. Δ: with it minus without; ± half the 95 % interval of a paired bootstrap over people; * where "
        "that interval leaves out 0; 0 where the weight is 0."
    )
    return make_table(f"Further members of {FLAGSHIP}", columns(members), [each.model for each in members], [note])


def columns(members: Sequence[Member]) -> list[Column]:
    """Weights, gains and seconds."""
    by_name = {each.model: each for each in members}

    def weight(part: str) -> Column:
        def cell(name: str) -> Cell:
            found = by_name[name].weights[part]
            return Cell(f"{found[0]:g}, {found[1]:g}" if found else MISSING)

        return Column(f"w {part}", cell)

    def gain(metric: str) -> Column:
        def cell(name: str) -> Cell:
            found = by_name[name].gains.get(metric)
            return Cell(as_text(found) if found else MISSING)

        return Column(f"Δ {metric}", cell)

    seconds = Column("fit s", lambda name: Cell(f"{by_name[name].fit_seconds:.1f}"))
    return [weight("lists"), gain(LISTS), weight("stars"), gain(ERROR), gain(LOSS), seconds]
