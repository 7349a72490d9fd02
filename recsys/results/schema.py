"""What results.json holds, version 1: eval.run writes through it, and whoever shows measurements reads through it.

What is read may be altered, or hostile: types, finite numbers and agreement are always checked. Limits of what can be
shown are checked where the context of validation is LIMITED, since a run may measure more than that: lists of 2,000
films, say, or stars on a scale of 1,000 levels. A report of version 1 that was written before a key was added lacks it,
and reads as the default that stands here. Change the meaning of a key only with the version.

Legend: T thresholds ("so many stars or more"), B bins of probability.
"""

import math
from collections import defaultdict
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, TypeAdapter, ValidationInfo, model_validator

VERSION = 1
LIMITED = "limited"  # context of validation
MOST_MODELS = 60  # that a table can hold


def shown(expected: Any, **limits: Any) -> AfterValidator:
    """Limits, as pydantic.Field names them, of what can be shown."""
    limited: TypeAdapter[Any] = TypeAdapter(Annotated[expected, Field(**limits)])

    def check(value: Any, info: ValidationInfo) -> Any:
        return limited.validate_python(value) if info.context == LIMITED else value

    return AfterValidator(check)


Name = Annotated[str, shown(str, max_length=200)]
Sentences = Annotated[str, shown(str, max_length=1000)]
Count = Annotated[int, Field(ge=0, le=10**12)]
Value = Annotated[float, shown(float, ge=0, le=1e9)]  # no metric is negative, but a sum of rounded numbers may be
Share = Annotated[float, Field(ge=0, le=1)]
Length = Annotated[int, shown(int, ge=1, le=1000)]
Liked = Annotated[float | Literal["mean"], shown(Annotated[float, Field(ge=0, le=1e9)] | Literal["mean"])]


class Part(BaseModel):
    """A part of a results.json. What it holds besides does not matter."""

    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)


class SplitFacts(Part):
    """What a split holds, and what predicting 0 for every cell of its test matrix scores, by the paper's recipe.

    Attributes:
        n_cells: of the people on whom models are measured and all films; 0 where a report does not say.
        zero_mse: in stars squared.
        zero_rmse, zero_mae: in stars. NaN where a report does not say.
        n_asked: people of whom models know genres alone; None where they know ratings.
        n_rare_films, n_rare_test_ratings: films that models are not told of, and held-out ratings of these; None where
            they are told of all.
    """

    name: Name
    n_users: Count
    n_items: Count
    n_train_ratings: Count = 0
    n_test_ratings: Count
    n_test_users: Count
    n_ranked_users: Count
    n_cells: Annotated[int, Field(ge=0)] = 0
    zero_mse: Value = math.nan
    zero_rmse: Value = math.nan
    zero_mae: Value = math.nan
    n_asked: Count | None = None
    n_rare_films: Count | None = None
    n_rare_test_ratings: Count | None = None


class ReliabilityTable(Part):
    """How often what a model said of stars came true: (T, B) by threshold and bin of equal width from 0 to 1.

    Attributes:
        stars: (T,) thresholds.
        predicted, observed: mean probability and share that came true; None in a bin that no rating is in.
        count: how many ratings.
    """

    stars: Annotated[list[Value], Field(min_length=1), shown(list, max_length=20)]
    predicted: list[list[Share | None]]
    observed: list[list[Share | None]]
    count: list[list[Count]]

    @model_validator(mode="after")
    def check_shape(self) -> Self:
        """Raise ValueError unless all tables have a row for each threshold and rows of one length."""
        expected = [len(self.count[0]) if self.count else 0] * len(self.stars)
        if any(list(map(len, rows)) != expected for rows in (self.predicted, self.observed, self.count)):
            raise ValueError("predicted, observed and count differ in shape")
        return self

    @property
    def shape(self) -> tuple[float, ...]:
        """What has to be the same wherever two of them are taken together."""
        return *self.stars, len(self.count[0])


class ModelRun(Part):
    """A model on a split.

    Attributes:
        metrics: by key; None for one that the model does not have.
        seconds_per_epoch, peak_rss_bytes, reliability: None where there is none.
        learning_curve: the figures of every epoch, "epoch" counts from 1.
    """

    model: Name
    split: Name
    metrics: dict[Name, Value | None] = {}
    n_test_ratings: Count = 0
    n_ranked_users: Count = 0
    epochs: Count = 0
    seconds_per_epoch: float | None = None
    fit_seconds: float = math.nan
    score_seconds: float = math.nan
    peak_rss_bytes: int | None = None
    learning_curve: list[dict[str, int | float]] = []
    reliability: ReliabilityTable | None = None


class Figure(Part):
    """A metric of a model over splits.

    Attributes:
        mean: mean over splits.
        stderr: its standard error over people; None with fewer than 2.
        n_splits: how many splits it is the mean of; 0 where a report does not say.
    """

    model: Name
    metric: Name
    mean: Value
    stderr: Value | None
    n_splits: Count = 0


class Difference(Part):
    """One metric of two models measured on the same people: first minus second.

    Attributes:
        difference: of all people; NaN where a report does not say.
        low, high: 2.5th and 97.5th percentile of the difference over resamples of people.
        p_value: two-sided; NaN where a report does not say.
    """

    difference: float = math.nan
    low: float
    high: float
    p_value: float = math.nan


class Comparison(Part):
    """All models against the best one.

    Attributes:
        best: the model with the best figure, the first of several equal ones.
        differences: by name, that model minus the best; None for the best itself.
    """

    best: Name
    differences: dict[Name, Difference | None]


class Results(Part):
    """A results.json.

    Attributes:
        source, cleaning: where the data are from, and what was dropped of them.
        protocol_rules: how ratings were divided, a clause.
        protocol_procedure: what a test by it is, sentences.
        min_film_ratings: training ratings of the films that models were told of; metrics are of all films.
        k: lengths of lists.
        relevant_from: stars of a like, or the name of a rule.
        models: the settings of every model.
        summary: means over splits.
        comparisons: by metric; only of a finished run.
        measured_on, about: only of the published ones.
    """

    version: Literal[1]
    dataset: Name
    dataset_sha256: Name
    source: str = ""
    cleaning: dict[str, int] = {}
    protocol: Name
    protocol_rules: Sentences = ""
    protocol_procedure: Sentences = ""
    seed: int
    min_film_ratings: Count = 0
    k: Annotated[list[Length], Field(min_length=1), shown(list, max_length=10)]
    relevant_from: Liked
    command: Annotated[str, shown(str, max_length=2000)]
    environment: dict[str, Any] = {}
    splits: list[SplitFacts]
    models: dict[Name, dict[str, Any]]
    runs: list[ModelRun]
    summary: list[Figure]
    comparisons: dict[Name, Comparison] = {}
    measured_on: Annotated[date, Strict(False)] | None = None
    about: str = ""

    @model_validator(mode="after")
    def check_agreement(self, info: ValidationInfo) -> Self:
        """Raise ValueError for runs of unknown splits, for curves that do not fit together, or for too many models."""
        if unknown := {run.split for run in self.runs} - {split.name for split in self.splits}:
            raise ValueError(f"a run is on {min(unknown)!r}, which is none of the splits")
        shapes: dict[str, set[tuple[float, ...]]] = defaultdict(set)
        for run in self.runs:
            shapes[run.model] |= {run.reliability.shape} if run.reliability else set()
        if any(len(found) > 1 for found in shapes.values()):
            raise ValueError("reliability differs in shape between splits")
        if info.context == LIMITED and len(shapes) > MOST_MODELS:
            raise ValueError(f"there are {len(shapes)} models, more than {MOST_MODELS}")
        return self
