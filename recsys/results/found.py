"""Which measurements there are to show, read from files that anybody may have changed.

Those of eval.run on this machine, those beside the served model, and those that come with the package.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from recsys.artifacts.runs import results_file, results_files, run_of, written_at
from recsys.errors import DataError
from recsys.results.measurements import Measurements
from recsys.results.reading import read_results

PUBLISHED = Path(__file__).with_name("published_results.json")
MOST_RUNS = 20  # to choose from, the newest
COME_ALONG = "published"  # the key of those that come with the program


@dataclass(frozen=True)
class Shown:
    """Measurements, and what to say of them.

    Attributes:
        measured: the figures.
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
    folder = None if model is None else Path(model).expanduser()
    around = [folder, run_of(folder.resolve())] if folder is not None and folder.is_dir() else []
    return [*results_files(runs)[:MOST_RUNS], *filter(Path.is_file, map(results_file, around))]


def all_measurements(candidates: Iterable[Path], published: Path = PUBLISHED) -> list[Shown]:
    """What can be shown of files, in their order, and of the published one.

    A run that has not measured a model yet is passed over silently, a file that cannot be used with a sentence.

    Raises:
        DataError: nothing can be shown.
    """
    shown: list[Shown] = []
    problems: list[str] = []
    for path in candidates:
        moment = written_at(path)
        found = attempt(path, moment)
        if isinstance(found, str):
            problems.append(found)
        elif found.runs:
            shown.append(measured_here(found, path, moment, problems))
    found = attempt(published, written_at(published))
    if not isinstance(found, str):
        shown.append(Shown(found, found.results.measured_on, "come with the program", tuple(problems)))
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
    measured = Measurements(read_results(path))
    if measured.runs and not measured.metrics:
        raise DataError(f"{path}: no model has a figure that is known here; expected the results.json of a run.")
    return measured
