"""Which model a page serves when it starts: the best that can be had, and a sentence that says which it was."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from recsys.artifact import DESCRIPTION, Artifact, read_description, save_artifact
from recsys.data.errors import DataError
from recsys.data.movielens import load_dataset
from recsys.data.names import NAMES
from recsys.fitting import fit_all_in_stages
from recsys.hub import AS_SET_UP, Hub
from recsys.manifest import ArtifactError
from recsys.models import FLAGSHIP
from recsys.progress import OnProgress, silent
from recsys.recommender import Recommender

MODEL_VARIABLE = "MOVIE_VAE_MODEL"  # a folder, USER/REPO or USER/REPO@REVISION
RUNS = Path("runs")  # where eval.run leaves its results
SEED = 0  # of a model that is trained at start-up


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """Where to look for a model, in this order, and what to train if there is none.

    Attributes:
        model: what somebody asked for; then there is no other choice.
        setting: what is set up for this place: MODEL_VARIABLE. The Hub's copy in the cache will do.
        runs: folder with results of eval.run; the newest model called `name` on `dataset` is taken.
        dataset: name, or a folder, which then also names the films.
        name: key of MODELS.
    """

    model: str | None = None
    setting: str | None = None
    runs: Path = RUNS
    dataset: str = "ml-100k"
    name: str = FLAGSHIP

    @classmethod
    def of_environment(cls, model: str | None = None, dataset: str = "ml-100k") -> "Wishes":
        """As somebody asked for, and as the environment has it."""
        return cls(model=model, setting=os.environ.get(MODEL_VARIABLE) or None, dataset=dataset)


@dataclass(frozen=True)
class Found:
    """A model to serve, and sentences that say where it came from, and why not from where it should have."""

    recommender: Recommender
    sentence: str


def ignore(_: Found) -> None:
    """Take no notice."""


def find_model(
    wishes: Wishes = Wishes(),
    *,
    hub: Hub = AS_SET_UP,
    on_progress: OnProgress = silent,
    on_usable: Callable[[Found], None] = ignore,
) -> Found:
    """Load what is wished for, else what is set up, else the newest model of eval.run, else train one now.

    Args:
        wishes: see there.
        hub: where the Hub is.
        on_progress: told of downloads and, while a model is trained, of its epochs.
        on_usable: given a model that answers already, while a better one is being trained.

    Raises:
        DataError: what somebody asked for cannot be had; or nothing else can, and the data to train on neither.
    """
    titles = None if wishes.dataset in NAMES else wishes.dataset
    if wishes.model is not None:
        recommender = Recommender.from_pretrained(wishes.model, titles=titles, hub=hub, on_progress=on_progress)
        return Found(recommender, recommender.source)
    reasons: list[str] = []
    for model, failing in candidates(wishes):
        try:
            recommender = Recommender.from_pretrained(model, titles=titles, hub=hub, on_progress=on_progress)
            return Found(recommender, " ".join([*reasons, recommender.source]))
        except DataError as reason:
            reasons.append(f"{failing} ({reason}).")
    return train_one(wishes, reasons, on_progress, on_usable)


def candidates(wishes: Wishes) -> Iterator[tuple[str | Path, str]]:
    """Yield what to try, and what to say if it fails."""
    if wishes.setting is not None:
        yield wishes.setting, f"The model that {MODEL_VARIABLE} names could not be had"
    for folder in local_models(wishes):
        yield folder, f"The model in {folder} could not be used"


def local_models(wishes: Wishes) -> list[Path]:
    """Folders of models that were fitted on these data here, the newest first."""
    written = [path for path in wishes.runs.glob(f"*/artifacts/*/{wishes.name}/{DESCRIPTION}") if path.is_file()]
    newest_first = sorted(written, key=lambda path: path.stat().st_mtime, reverse=True)
    return [path.parent for path in newest_first if is_of(path, wishes.dataset)]


def is_of(description: Path, dataset: str) -> bool:
    """Whether a model was fitted on a data set; what cannot be read counts, so that somebody is told of it."""
    try:
        return read_description(description)["facts"].get("dataset") == Path(dataset).expanduser().resolve().name
    except ArtifactError:
        return True


def train_one(wishes: Wishes, reasons: list[str], on_progress: OnProgress, on_usable: Callable[[Found], None]) -> Found:
    """Train a model on all ratings and keep it, so that the next start finds it."""
    dataset = load_dataset(wishes.dataset, on_progress=on_progress)
    on_ratings = f"on the {dataset.ratings.n_ratings:,} ratings of {dataset.name}"

    def found(artifact: Artifact, sentence: str) -> Found:
        source = f"{sentence} {dataset.source}"
        return Found(Recommender(artifact, dataset.catalog, source), " ".join([*reasons, source]))

    for artifact, is_whole in fit_all_in_stages(wishes.name, dataset, seed=SEED, on_progress=on_progress):
        if not is_whole:
            part = f"A part of {wishes.name} was trained {on_ratings}; the rest is being trained now."
            on_usable(found(artifact, part))
    kept = keep(wishes.runs / "startup" / "artifacts" / "all" / wishes.name, artifact)
    return found(artifact, f"{wishes.name} was trained just now {on_ratings}{kept}.")


def keep(folder: Path, artifact: Artifact) -> str:
    """Save a model if the disk lets us; the end of a sentence that says so."""
    try:
        save_artifact(folder, artifact)
    except OSError as error:
        return f" and is kept in memory only ({error})"
    return f" and is kept in {folder}"
