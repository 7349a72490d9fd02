"""Which measurements the page can show, read from files that anybody may have changed.

Those of eval.run on this machine, those beside the served model, and those that come with the package.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError, model_validator

from recsys.errors import DataError
from recsys.model_card.escaping import one_line
from recsys.model_card.measurements import Measurements
from recsys.model_card.results import read_run

RESULTS = "results.json"
PUBLISHED = Path(__file__).with_name("published_results.json")
LARGEST = 16 * 2**20  # bytes; a run of all models on five splits writes 0.4 MB
MOST_MODELS = 60  # that a table can hold
MOST_RUNS = 20  # to choose from, the newest
COME_ALONG = "published"  # the key of those that come with the program

Name = Annotated[str, Field(max_length=200)]
Sentences = Annotated[str, Field(max_length=1000)]
Count = Annotated[int, Field(ge=0, le=10**12)]
Value = Annotated[float, Field(ge=0, le=1e9)]  # no metric is negative
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A part of a results.json, as far as it is shown; what else is there does not matter."""

    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)


class SplitFacts(Part):
    """How many of what a split holds."""

    name: Name
    n_users: Count
    n_items: Count
    n_test_ratings: Count
    n_test_users: Count
    n_ranked_users: Count
    n_asked: Count | None


class Reliability(Part):
    """A row for each threshold ("so many `stars` or more") with an entry for each bin of probability."""

    stars: Annotated[list[Value], Field(min_length=1, max_length=20)]
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
    def shape(self) -> tuple[Any, ...]:
        """What has to be the same wherever two of them are taken together."""
        return *self.stars, len(self.count[0])


class Run(Part):
    """A model on a split."""

    model: Name
    split: Name
    reliability: Reliability | None = None


class Figure(Part):
    """A model's mean over splits, with its standard error over people."""

    model: Name
    metric: Name
    mean: Value
    stderr: Value | None


class Difference(Part):
    """The interval of a paired difference from the best."""

    low: float
    high: float


class Comparison(Part):
    """The best model by a metric, and the others' differences from it; None for its own."""

    best: Name
    differences: dict[Name, Difference | None]


class Results(Part):
    """What the page takes from a results.json."""

    dataset: Name
    dataset_sha256: Name
    protocol: Name
    protocol_rules: Sentences = ""  # how ratings were divided; reports of before do not say
    protocol_procedure: Sentences = ""
    seed: int
    k: Annotated[list[Annotated[int, Field(ge=1, le=1000)]], Field(min_length=1, max_length=10)]
    relevant_from: Value | Literal["mean"]
    command: Annotated[str, Field(max_length=2000)]
    measured_on: Annotated[date, Strict(False)] | None = None  # only in the published ones
    splits: list[SplitFacts]
    runs: list[Run]
    summary: list[Figure]
    comparisons: dict[Name, Comparison] = {}

    @model_validator(mode="after")
    def check_agreement(self) -> Self:
        """Raise ValueError for runs of unknown splits, for curves that do not fit together, or for too many models."""
        if unknown := {run.split for run in self.runs} - {split.name for split in self.splits}:
            raise ValueError(f"a run is on {min(unknown)!r}, which is none of the splits")
        shapes: dict[str, set[tuple[Any, ...]]] = defaultdict(set)
        for run in self.runs:
            shapes[run.model] |= {run.reliability.shape} if run.reliability else set()
        if any(len(found) > 1 for found in shapes.values()):
            raise ValueError("reliability differs in shape between splits")
        if len(shapes) > MOST_MODELS:
            raise ValueError(f"there are {len(shapes)} models, more than {MOST_MODELS}")
        return self


@dataclass(frozen=True)
class Shown:
    """Measurements, and what to say of them.

    Attributes:
        measured: holds what Results describes.
        measured_on: the day they were made or, for those of this machine, written.
        origin: where they are from, as the end of a sentence that begins with "These figures".
        problems: sentences that say why newer files cannot be shown.
        key: tells them from others.
        moment: when they were written; None for those that come with the program.
    """

    measured: Measurements
    measured_on: date | None
    origin: str
    problems: tuple[str, ...] = ()
    key: str = COME_ALONG
    moment: datetime | None = None


def places(runs: Path, model: str | None) -> list[Path]:
    """Files that may hold measurements, the newest first, and then those beside the model.

    Args:
        runs: folder with a folder for each run of eval.run.
        model: where the served model is, if that is known; only a folder has anything beside it.
    """
    newest_first = sorted(runs.glob(f"*/{RESULTS}"), key=written, reverse=True)[:MOST_RUNS]
    folder = None if model is None else Path(model).expanduser()
    around = [folder, *folder.resolve().parents[2:3]] if folder is not None and folder.is_dir() else []
    return [path for path in (*newest_first, *(near / RESULTS for near in around)) if path.is_file()]


def written(path: Path) -> int:
    """When a file was written, in nanoseconds; 0 for one that has just gone."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def all_measurements(candidates: Iterable[Path], published: Path = PUBLISHED) -> list[Shown]:
    """What can be shown of files, in their order, and of the published one.

    A run that has not measured a model yet is passed over silently, a file that cannot be used with a sentence.

    Raises:
        DataError: nothing can be shown.
    """
    shown: list[Shown] = []
    problems: list[str] = []
    for path in candidates:
        moment = written(path)
        found = attempt(path, moment)
        if isinstance(found, str):
            problems.append(found)
        elif found.runs:
            shown.append(measured_here(found, path, moment, problems))
    found = attempt(published, written(published))
    if not isinstance(found, str):
        shown.append(Shown(found, found.results["measured_on"], "come with the program", tuple(problems)))
    elif not shown:
        raise DataError(found)
    return shown


def measured_here(found: Measurements, path: Path, nanoseconds: int, problems: list[str]) -> Shown:
    """Measurements of a file that was written at a moment, and what is wrong with newer ones."""
    moment = datetime.fromtimestamp(nanoseconds / 1e9)
    key = hashlib.sha256(str(path).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    origin = f"were measured here and read from {path}"
    return Shown(found, moment.date(), origin, tuple(problems), key, moment)


@lru_cache(maxsize=2 * MOST_RUNS)
def attempt(path: Path, _written: int) -> Measurements | str:
    """What a file holds, or a sentence that says why that cannot be shown; read anew once it is written anew."""
    try:
        return read_measurements(path)
    except DataError as reason:
        return str(reason)


def read_measurements(path: Path) -> Measurements:
    """What can be shown of a results.json.

    Raises:
        DataError: it cannot be read, is too large, of another version, or altered; or has runs but no figure of a
            metric that is known here.
    """
    if path.is_file() and path.stat().st_size > LARGEST:
        raise DataError(
            f"{path}: has {path.stat().st_size / 2**20:.0f} MiB; expected the results.json of a run, of at most "
            f"{LARGEST / 2**20:.0f} MiB."
        )
    results = read_run(path)
    try:
        measured = Measurements(Results.model_validate(results).model_dump())
    except ValidationError as error:
        raise DataError(f"{path}: {first_mistake(error)}; the file was altered, measure again.") from None
    if measured.runs and not measured.metrics:
        raise DataError(f"{path}: no model has a figure that is known here; expected the results.json of a run.")
    return measured


def first_mistake(error: ValidationError) -> str:
    """Where the first mistake is, and what was expected there."""
    mistake = error.errors(include_url=False, include_input=False)[0]
    where = one_line(".".join(map(str, mistake["loc"])))[:80]
    what = one_line(mistake["msg"].removeprefix("Value error, "))[:200]
    return f"{where}: {what[0].lower()}{what[1:]}" if where else what
