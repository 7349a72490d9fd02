"""Where runs leave what they make; whoever looks for a result or a model of a run asks here.

    runs/RUN/results.json                  what eval.run has measured
    runs/RUN/artifacts/SPLIT/MODEL/        a fitted model; SPLIT is "all" for one of all ratings
    runs/startup-DATASET/artifacts/...     the same, of a model that was trained when a page started
    runs/RUN/checkpoints/MODEL/            what is kept of a fit on all ratings that is under way

Whatever is found comes the newest first. What reads artifacts or data is imported where it is used, so that a command
line that only names these places starts at once.
"""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TypeVar

from recsys.errors import DataError
from recsys.progress import OnProgress, silent

if TYPE_CHECKING:
    from recsys.data.movielens import Dataset

AnyPath = TypeVar("AnyPath", bound=PurePath)

RUNS = Path("runs")
RESULTS = "results.json"
ARTIFACTS = "artifacts"
CHECKPOINTS = "checkpoints"
ALL = "all"  # in place of a split's name: fitted on all ratings
STARTUP = "startup"  # how the runs begin that hold models trained at start-up
LONGEST_NAME, DIGITS = 60, 8  # of a data set, and of its digest, in the name of such a run


def results_file(run: Path) -> Path:
    """Where a run's measurements are, or will be."""
    return run / RESULTS


def model_folder(run: AnyPath, split: str, model: str) -> AnyPath:
    """Where a run's model is, or will be.

    Args:
        run: folder of the run.
        split: name of a split, or ALL.
        model: key of MODELS.
    """
    return run / ARTIFACTS / split / model


def checkpoint_folder(run: Path, model: str) -> Path:
    """Where what is kept of a model's fit is, or will be."""
    return run / CHECKPOINTS / model


def run_of(folder: AnyPath) -> AnyPath:
    """The run that a model's folder lies in: three steps up, or as many as there are."""
    parents = folder.parents
    return parents[min(2, len(parents) - 1)] if len(parents) else folder


def is_of_all_ratings(folder: PurePath) -> bool:
    """Whether a path ends like one of a model that was fitted on all ratings."""
    return folder.parts[-3:-1] == (ARTIFACTS, ALL)


def results_files(runs: Path) -> list[Path]:
    """The measurements of all runs, the newest first."""
    return newest_first([*runs.glob(f"*/{RESULTS}")])


def model_folders(runs: Path, model: str = "*") -> list[Path]:
    """The models of all runs, on whatever split, the newest first.

    Args:
        runs: folder of all runs.
        model: key of MODELS; "*" for all.
    """
    from recsys.artifacts.description import DESCRIPTION

    return [path.parent for path in newest_first([*runs.glob(f"*/{ARTIFACTS}/*/{model}/{DESCRIPTION}")])]


def newest_first(files: list[Path]) -> list[Path]:
    """Those of some files that are there, by when they were written."""
    return sorted(filter(Path.is_file, files), key=written_at, reverse=True)


def written_at(file: Path) -> int:
    """When a file was written, in nanoseconds; 0 for one that has just gone."""
    with suppress(OSError):
        return file.stat().st_mtime_ns
    return 0


def startup_run(runs: Path, dataset: "Dataset", min_film_ratings: int = 0) -> Path:
    """The run that holds models of a data set trained at start-up, and those of no other.

    Such as "startup-ml-100k", and with a digest for what is not published; "startup-20-ml-32m" where models are told
    of films with 20 ratings or more.
    """
    begin = f"{STARTUP}-{min_film_ratings}" if min_film_ratings else STARTUP
    from recsys.data.sources.identity import pinned_sha256

    if dataset.sha256 == pinned_sha256(dataset.name) and dataset.folder is None:
        return runs / f"{begin}-{dataset.name}"
    digest = hashlib.sha256(f"{dataset.sha256} {dataset.films_sha256}".encode()).hexdigest()
    return runs / f"{begin}-{dataset.name[:LONGEST_NAME]}-{digest[:DIGITS]}"


def models_fitted_on(
    runs: Path,
    dataset: str,
    model: str,
    min_film_ratings: int | None = None,
    on_progress: OnProgress = silent,
) -> list[Path]:
    """Folders of models that were fitted on these very ratings, the newest first.

    Args:
        runs: folder of all runs.
        dataset: name or folder of the ratings; where they cannot be had, the name has to do.
        model: key of MODELS.
        min_film_ratings: of a film that a model was told of; None: however many.
        on_progress: told of downloads.
    """
    from recsys.data.sources.identity import ratings_sha256

    folders = model_folders(runs, model)
    if not folders:
        return []
    sha256 = None
    with suppress(DataError):  # without ratings nothing can be trained either
        sha256 = ratings_sha256(dataset, on_progress=on_progress)
    return [folder for folder in folders if is_fitted_on(folder, dataset, sha256, min_film_ratings)]


def is_fitted_on(folder: Path, dataset: str, sha256: str | None, min_film_ratings: int | None = None) -> bool:
    """Whether a model was fitted on a data set; what cannot be read counts, so that somebody is told of it.

    Args:
        folder: of the model.
        dataset: name or folder of the ratings.
        sha256: of the ratings; None where they cannot be had.
        min_film_ratings: of a film that it was told of; None: however many.
    """
    from recsys.artifacts.description import DESCRIPTION, read_description
    from recsys.artifacts.manifest import ArtifactError

    try:
        facts = read_description(folder / DESCRIPTION)["facts"]
    except ArtifactError:
        return True
    if min_film_ratings not in (None, facts.get("min_film_ratings", 0)):
        return False
    if sha256 is not None:
        return bool(facts.get("dataset_sha256") == sha256)
    return bool(facts.get("dataset") == Path(dataset).expanduser().resolve().name)


def models_beside(runs: Path, facts: Mapping[str, Any]) -> dict[str, Path]:
    """Models that were fitted on the same ratings as another, in the order of their names.

    Args:
        runs: folder of all runs.
        facts: of the other model.

    Returns:
        Name -> folder: of several of a name, one that was fitted on all ratings, else the newest.
    """
    from recsys.artifacts.description import DESCRIPTION, read_description
    from recsys.artifacts.manifest import ArtifactError

    found: dict[str, tuple[bool, Path]] = {}
    for folder in model_folders(runs):
        with suppress(ArtifactError, OSError):
            description = read_description(folder / DESCRIPTION)
            name, of_all = description["model"], description["facts"].get("split") == ALL
            if are_of_same_data(description["facts"], facts) and (name not in found or of_all > found[name][0]):
                found[name] = of_all, folder
    return {name: folder for name, (_, folder) in sorted(found.items())}


def are_of_same_data(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two models' facts say that they were fitted on the same ratings, and, if they tell, of the same films."""
    ratings = one.get("dataset_sha256")
    if ratings is None or ratings != other.get("dataset_sha256"):
        return False
    films = [facts["films_sha256"] for facts in (one, other) if "films_sha256" in facts]
    same_cleaning = one.get("min_ratings") == other.get("min_ratings")
    return len(films) < 2 or films[0] == films[1] or not same_cleaning  # of others, other films may be left
