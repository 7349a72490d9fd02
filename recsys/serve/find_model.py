"""Which model a page serves when it starts: the best that can be had, and a sentence that says which it was."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from recsys.artifacts.artifact import Artifact, save_artifact
from recsys.artifacts.data_folder import note_place
from recsys.artifacts.fitting import fit_all_in_stages
from recsys.artifacts.runs import ALL, RUNS, model_folder, models_fitted_on, startup_run
from recsys.data.movielens import load_dataset
from recsys.data.sources.names import NAMES
from recsys.errors import DataError
from recsys.hub import AS_SET_UP, Hub
from recsys.models import FLAGSHIP
from recsys.models.hybrids.config import WeightedConfig
from recsys.progress import OnProgress, silent
from recsys.recommend.recommender import Recommender
from recsys.training import Training

MODEL_VARIABLE = "MOVIE_VAE_MODEL"  # a folder, USER/REPO or USER/REPO@REVISION
SEED = 0  # of a model that is trained at start-up
LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ModelRequest:
    """Where to look for a model, in this order, and what to train if there is none.

    Attributes:
        model: what somebody asked for; then there is no other choice.
        setting: what is set up for this place: MODEL_VARIABLE. The Hub's copy in the cache will do.
        runs: folder with results of eval.run; the newest model called `name` on `dataset` is taken.
        dataset: name, or a folder, which then also names the films.
        name: key of MODELS.
        min_film_ratings: of a film that the model is told of; None: whatever a model of eval.run was told of, and all
            films where one is trained.
    """

    model: str | None = None
    setting: str | None = None
    runs: Path = RUNS
    dataset: str = "ml-100k"
    name: str = FLAGSHIP
    min_film_ratings: int | None = None

    @property
    def titles(self) -> str | None:
        """The data set that names the films of a model from elsewhere; None: the one that it was fitted on."""
        return None if self.dataset in NAMES else self.dataset

    @classmethod
    def of_environment(
        cls, model: str | None = None, dataset: str = "ml-100k", min_film_ratings: int | None = None
    ) -> "ModelRequest":
        """As somebody asked for, and as the environment has it."""
        setting = os.environ.get(MODEL_VARIABLE) or None
        return cls(model=model, setting=setting, dataset=dataset, min_film_ratings=min_film_ratings)


@dataclass(frozen=True)
class ServedModel:
    """A model to serve.

    Attributes:
        recommender: the model.
        sentence: sentences that say where it came from, and why not from where it should have.
        number: of the version that it is; None: of none.
    """

    recommender: Recommender
    sentence: str
    number: int | None = None


def ignore(_: ServedModel) -> None:
    """Take no notice."""


def find_model(
    request: ModelRequest = ModelRequest(),
    *,
    hub: Hub = AS_SET_UP,
    on_progress: OnProgress = silent,
    on_usable: Callable[[ServedModel], None] = ignore,
) -> ServedModel:
    """Load what is requested, else what is set up, else the newest model of eval.run, else train one now.

    Args:
        request: what to look for, and where.
        hub: where the Hub is.
        on_progress: told of downloads and, while a model is trained, of its epochs.
        on_usable: given a model that answers already, while a better one is being trained.

    Raises:
        DataError: what somebody asked for cannot be had; or nothing else can, and the data to train on neither.
    """
    if request.model is not None:
        recommender = Recommender.from_pretrained(
            request.model, titles=request.titles, hub=hub, on_progress=on_progress
        )
        return ServedModel(recommender, recommender.source)
    reasons: list[str] = []
    if request.setting is not None:
        try:
            titles = request.titles
            recommender = Recommender.from_pretrained(request.setting, titles=titles, hub=hub, on_progress=on_progress)
            return ServedModel(recommender, recommender.source)
        except DataError as reason:
            reasons.append(f"The model that {MODEL_VARIABLE} names could not be had ({reason}).")
    others: list[ServedModel] = []
    least = request.min_film_ratings
    for folder in models_fitted_on(request.runs, request.dataset, request.name, least, on_progress):
        try:
            recommender = Recommender.from_pretrained(folder, titles=request.dataset, on_progress=on_progress)
        except DataError as reason:
            reasons.append(f"The model in {folder} could not be used ({reason}).")
            continue
        if recommender.films_from == request.dataset:
            return ServedModel(recommender, " ".join([*reasons, recommender.source]))
        reasons.append(f"The model in {folder} was left out, since its films are not those of {request.dataset}.")
        others.append(ServedModel(recommender, recommender.source))
    return trained_or_other(request, reasons, others, on_progress, on_usable)


def trained_or_other(
    request: ModelRequest,
    reasons: list[str],
    others: list[ServedModel],
    on_progress: OnProgress,
    on_usable: Callable[[ServedModel], None],
) -> ServedModel:
    """A model that is trained now, or, if there is nothing to train on, one that was left out for its films."""
    try:
        return train_one(request, reasons, on_progress, on_usable)
    except DataError:
        if not others:
            raise
        return others[0]


def train_one(
    request: ModelRequest, reasons: list[str], on_progress: OnProgress, on_usable: Callable[[ServedModel], None]
) -> ServedModel:
    """Train a model on all ratings and keep it, so that the next start finds it."""
    dataset = load_dataset(request.dataset, on_progress=on_progress)
    on_ratings = f"on the {dataset.ratings.n_ratings:,} ratings of {dataset.name}"

    def found(artifact: Artifact, sentence: str) -> ServedModel:
        source = f"{sentence} {dataset.source}"
        recommender = Recommender(artifact, dataset.catalog, source, films_from=request.dataset)
        return ServedModel(recommender, " ".join([*reasons, source]))

    training, least = Training(seed=SEED, on_progress=on_progress), request.min_film_ratings or 0
    for artifact, is_whole in fit_all_in_stages(request.name, dataset, training, least):
        if not is_whole:
            with regardless(artifact):
                on_usable(found(artifact, meanwhile(artifact, request.name, on_ratings)))
    where = save_if_possible(startup_run(request.runs, dataset, least), artifact, dataset.folder)
    return found(artifact, f"{request.name} was trained just now {on_ratings}{where}.")


def meanwhile(artifact: Artifact, wanted: str, on_ratings: str) -> str:
    """Sentences about a model that answers as long as the one that is wanted is being trained."""
    if artifact.name == wanted:
        return f"A part of {wanted} was trained {on_ratings}; the rest is being trained now, then all of it answers."
    parts = spoken_parts(artifact)
    return f"{parts} {on_ratings} to answer at once; {wanted} is being trained now, and then takes its place by itself."


def spoken_parts(artifact: Artifact) -> str:
    """Which models were fitted, as a sentence begins."""
    config = artifact.model.config
    if not isinstance(config, WeightedConfig):
        return f"{artifact.name} was fitted"
    lists, stars = (" and ".join(each.name for each in members) for members in (config.lists, config.stars))
    return f"Lists by {lists} and stars by {stars} were fitted"


@contextmanager
def regardless(artifact: Artifact) -> Iterator[None]:
    """What is done here may fail: a better model is on its way, and that is said of this one in the log."""
    try:
        yield
    except Exception:
        LOG.exception("%s was to answer meanwhile, and cannot", artifact.name)


def save_if_possible(run: Path, artifact: Artifact, data: Path | None) -> str:
    """Save a model, and where its data lie, if the disk lets us; the end of a sentence that says so."""
    folder = model_folder(run, ALL, artifact.name)
    try:
        save_artifact(folder, artifact)
        note_place(run, data)
    except OSError as error:
        return f" and is kept in memory only ({error})"
    return f" and is kept in {folder}"
