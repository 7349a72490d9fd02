"""What a protocol is: a way to divide ratings into what models learn from and what they are asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from recsys.split import Split, split_ratings

if TYPE_CHECKING:
    from recsys.data.movielens import Dataset

SplitMakers = dict[str, Callable[[], Split]]  # by the split's name


@dataclass(frozen=True, kw_only=True)
class Axis:
    """What splits of the same test differ in, a number.

    Attributes:
        label: what the number is.
        places: it, by the name of a split, rising.
    """

    label: str
    places: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """One way.

    Attributes:
        summary: what there is of splits, for `--help`.
        rules: how ratings are divided; a clause for people who read a report.
        procedure: what a test by it is; sentences for people who never heard of one.
        splits: (dataset, seed) -> what makes each split, by its name, in their order. Everything random is drawn with
            the seed. Raises DataError where the data does not suit.
        whose: of which people lists are, where not of all; a phrase for a title.
        listed: which films lists hold, where not all that a person has not rated; sentences below a table.
        axis: where splits differ in a number, against which a report shows what was measured.
    """

    summary: str
    rules: str
    procedure: str
    splits: "Callable[[Dataset, int], SplitMakers]"
    whose: str = ""
    listed: str = ""
    axis: Axis | None = None


HIDDEN_RATINGS = (
    "Part of the ratings that people gave was hidden. Each model learned from the rest, and then had to guess the "
    "hidden stars and to list films for every person. The hidden ratings tell how often it was right."
)


def by_mask(dataset: "Dataset", masks: dict[str, np.ndarray]) -> SplitMakers:
    """Splits that hold out ratings of people who are known otherwise; masks are (n_ratings,) bool, True = test."""
    return {name: partial(split_ratings, name, dataset, mask) for name, mask in masks.items()}
