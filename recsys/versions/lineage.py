"""What is kept of a version beside the model: where it came from, what was measured, and what the gate said.

What is read may have been altered: types, sizes and finite numbers are always checked. Keys that are not known are
left out, so that older programs read what newer ones wrote.
"""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError

from recsys.artifacts.manifest import LONGEST_JSON, cut, read_json
from recsys.versions.errors import VersionError

FORMAT = 1
VERSION_FILE = "version.json"
FINGERPRINT = r"^[0-9a-f]{12}$"
MOST_VERSIONS = 10**9

PartType = TypeVar("PartType", bound="Part")


def plain(figures: object) -> object:
    """Figures as JSON has them: NumPy's numbers as Python's, and None for those that are not finite."""
    if isinstance(figures, Mapping):
        return {str(name): plain(value) for name, value in figures.items()}
    if isinstance(figures, list | tuple):
        return [plain(value) for value in figures]
    if hasattr(figures, "tolist"):
        return plain(figures.tolist())
    if isinstance(figures, float) and not math.isfinite(figures):
        return None
    return figures


Number = Annotated[int, Field(ge=1, le=MOST_VERSIONS)]
Count = Annotated[int, Field(ge=0, le=10**12)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(max_length=255)]
Words = Annotated[str, Field(max_length=2000)]
Figures = Annotated[dict[str, JsonValue], BeforeValidator(plain)]


class Part(BaseModel):
    """A part of what is kept of a version."""

    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)


class Fit(Part):
    """How a version was fitted, beside the settings of its model.

    Attributes:
        seed: of everything random.
        epochs: in place of the model's own number; None: that.
        min_film_ratings: of a film that the model is told of.
        epsilon: within which it hides people; None: as its model does, if it does.
    """

    seed: Annotated[int, Field(ge=0, le=2**64)]
    epochs: Count | None = None
    min_film_ratings: Count = 0
    epsilon: Annotated[float, Field(gt=0)] | None = None


class Lineage(Part):
    """What a version was made of, as whoever makes it says.

    Attributes:
        data_sha256: digest of all ratings that it has learned from; None: not told, as of a model that hides people.
        parent: number of the version that it was begun from, or is to take the place of; None: of none.
        n_people, n_ratings: people of the page whose ratings it has learned from beside the data set, and how many.
        read_at: when people's ratings were read, by the clock of whoever did; None: not told.
        fit: how it was fitted; None: not told.
        metrics: what was measured, by names of one's own; numbers that are not finite become None.
        note: a sentence for people.
    """

    data_sha256: Digest | None = None
    parent: Number | None = None
    n_people: Count = 0
    n_ratings: Count = 0
    read_at: AwareDatetime | None = None
    fit: Fit | None = None
    metrics: Figures = {}
    note: Words = ""


class Gate(Part):
    """Whether a version may take the place of the one before.

    Attributes:
        passed: whether it may.
        reason: why, in a sentence.
        figures: on which that rests, by names of one's own; numbers that are not finite become None.
    """

    passed: bool
    reason: Words
    figures: Figures = {}


class Record(Part):
    """What version.json holds.

    Attributes:
        format: FORMAT.
        number: from 1, in the order of adding; never used twice.
        fingerprint: of the fitted model when it was added, as lists that it made are kept with it; programs that know
            more settings of the model may work out another.
        model: key of MODELS.
        dataset: that knows its films.
        made_at: when it was added.
        code: the version of this package, and of the packages that the model was fitted with.
        lineage: where it came from.
        gate: what was decided; None: nothing yet.
    """

    format: Annotated[int, Field(ge=FORMAT, le=FORMAT)] = FORMAT
    number: Number
    fingerprint: Annotated[str, Field(pattern=FINGERPRINT)]
    model: Name
    dataset: Name = ""
    made_at: AwareDatetime
    code: dict[str, Name] = {}
    lineage: Lineage
    gate: Gate | None = None


def written(part: Part) -> bytes:
    """The JSON of a part; VersionError if there is too much of it."""
    content = (part.model_dump_json(indent=1) + "\n").encode()
    if len(content) > LONGEST_JSON:
        raise VersionError(
            f"got {len(content):,} bytes of figures to keep with a version; expected at most {LONGEST_JSON:,}, leave "
            "some out"
        )
    return content


def read(kind: type[PartType], path: Path) -> PartType:
    """A part from its file.

    Raises:
        DataError: there is no such file, or it holds something else.
    """
    content = read_json(path)
    came = content.get("format")
    if isinstance(came, int) and came > FORMAT:
        raise VersionError(f"{path}: got format {came}, expected {FORMAT}; update this package")
    try:
        return kind.model_validate_json(json.dumps(content))
    except ValidationError as error:
        mistake = error.errors(include_url=False, include_input=False)[0]
        where, what = ".".join(map(str, mistake["loc"])), mistake["msg"]
        raise VersionError(
            f"{path}: {cut(where)}: {cut(what[0].lower() + what[1:])}; the file was altered, put back a copy of it or "
            "remove this version's folder"
        ) from None


def told_at(moment: datetime) -> str:
    """A moment as people read it.

    >>> told_at(datetime.fromisoformat("2026-03-01T12:30:59+02:00"))
    '2026-03-01 10:30'
    """
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"
