"""Where a trained model is found: a folder or the Hub, and for what no artifact may hold, the data set's own source.

Legend: U users, I items.
"""

import warnings
from pathlib import Path

import scipy.sparse as sp

from recsys.artifact import Artifact, rebuilt_from
from recsys.data.catalog import Catalog, Film
from recsys.data.errors import DataError
from recsys.data.movielens import load_catalog, load_dataset
from recsys.hub import Hub, pull
from recsys.progress import OnProgress


def find_folder(model: str | Path, revision: str | None, hub: Hub, on_progress: OnProgress) -> tuple[Path, str]:
    """A folder with a model, and a sentence that says where it came from; DataError if there is none."""
    folder = Path(model).expanduser()
    if folder.is_dir():
        if revision is not None:
            raise DataError(f"got revision {revision!r} for the folder {folder}; a folder has none, leave it out.")
        return folder, f"The model was read from the folder {folder}."
    if isinstance(model, Path) or str(model).startswith((".", "/", "~")):
        raise DataError(f"there is no folder {folder}; expected a saved model there, or USER/REPO for one on the Hub.")
    if revision is not None and "@" in model:
        raise DataError(f"got revision {revision!r} for {model!r}, which has one; name one of them.")
    pulled = pull(model if revision is None else f"{model}@{revision}", hub, on_progress)
    return pulled.folder, pulled.sentence


def training_ratings(folder: Path, on_progress: OnProgress) -> sp.csr_array | None:
    """(U, I) stars from the data's own source, for a model that consists of its training ratings; None for others.

    Raises:
        DataError: the ratings cannot be had, or are not those that the model was fitted on.
    """
    facts = rebuilt_from(folder)
    if facts is None:
        return None
    if facts.get("split") != "all":
        raise DataError(
            f"{folder}: the model consists of the training part of {facts.get('split')}, which nobody publishes; load "
            "it by load_artifact(folder, train=...), or fit it on all ratings (eval.run --fit-all)."
        )
    dataset = load_dataset(
        str(facts.get("dataset")),
        min_ratings=int(facts.get("min_ratings", 1)),
        on_duplicate="latest",  # where there are none, it makes no difference
        on_progress=on_progress,
    )
    if dataset.sha256 != facts.get("dataset_sha256"):
        raise DataError(
            f"{folder}: the model was fitted on ratings of sha256 {facts.get('dataset_sha256')}, but those of "
            f"{dataset.name} now have {dataset.sha256}; fit the model again."
        )
    return dataset.ratings.matrix()


def films_of(artifact: Artifact, titles: str | Path | None, on_progress: OnProgress) -> tuple[Catalog, str]:
    """Titles and genres of a model's films, and where they came from; where they cannot be had, ids for titles."""
    ids, dataset = artifact.items.ids, titles or str(artifact.facts.get("dataset"))
    try:
        found = load_catalog(dataset, ids, on_progress=on_progress)
        return found.catalog, found.source
    except DataError as reason:
        message = f"Films are called by their ids, since their titles could not be had: {reason}"
        warnings.warn(message, stacklevel=4)
        return Catalog.from_films(ids, {int(item_id): Film(f"film {item_id}") for item_id in ids}), message
