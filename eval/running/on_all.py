"""A model of all ratings, to be used: fitted, and saved where runs have theirs."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from eval.running.experiment import Settings
from recsys.artifacts.artifact import Artifact, save_artifact
from recsys.artifacts.data_folder import note_place
from recsys.artifacts.fitting import fit_all
from recsys.artifacts.runs import ALL, model_folder
from recsys.data.movielens import Dataset
from recsys.training import Training


def save_fitted_on_all(
    name: str,
    dataset: Dataset,
    training: Training,
    settings: Settings,
    out: Path,
    console: Console,
    **facts: Any,
) -> Path:
    """Fit a model on all ratings, save it, and say so.

    Args:
        name: key of MODELS.
        training: of several processes, the first saves and speaks.
        settings: how many epochs, and of which films the model is told.
        out: folder of the run.
        facts: JSON values that go with it.

    Returns:
        The folder artifacts/all/MODEL of the run.
    """
    folder, least = model_folder(out, ALL, name), settings.min_film_ratings
    artifact = fit_all(name, dataset, training, epochs=settings.epochs, min_film_ratings=least, **facts)
    if training.processes.number == 0:
        save_weights(out, artifact, dataset)
        n_ratings = dataset.ratings.n_ratings
        console.print(f"{ALL:>6}  {name:<14} fitted on all {n_ratings:,} ratings: {escape(str(folder))}")
    return folder


def save_weights(out: Path, artifact: Artifact, dataset: Dataset) -> None:
    """Write a model to its folder in a run; of the data, where they lie is noted."""
    note_place(out, dataset.folder)
    save_artifact(model_folder(out, artifact.facts["split"], artifact.name), artifact)
