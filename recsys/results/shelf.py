"""All models as a list: what each does, where it comes from, and its figures where it was measured."""

from dataclasses import dataclass

from recsys.models import MODELS
from recsys.models.recipe import About
from recsys.results.measurements import Measurements
from recsys.results.metrics import NDCG, RMSE


@dataclass(frozen=True)
class OnShelf:
    """A model of the list.

    Attributes:
        name: under which it can be made.
        about: what it does, and where it comes from.
        rmse: of guessed stars, with four decimals; a dash where it has none.
        ndcg: of the longest list that was measured, likewise.
    """

    name: str
    about: About
    rmse: str
    ndcg: str


def shelf(measured: Measurements) -> list[OnShelf]:
    """Every model that is described, in the order of tables.

    Args:
        measured: has the figures.
    """
    ndcg = NDCG.at(max(measured.results.k))
    return [
        OnShelf(name, recipe.about, measured.mean(name, RMSE), measured.mean(name, ndcg))
        for name, recipe in MODELS.items()
        if recipe.about
    ]
