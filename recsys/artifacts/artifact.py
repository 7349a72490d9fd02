"""A trained model as a folder of safe files: JSON, safetensors and Keras weights, each with its SHA-256.

    model.json            format, model, settings, rating scale, size, genres, versions, and facts about the run
    arrays.safetensors    item_ids, n_ratings, mean_stars, level_counts, and what fit learned
    model.weights.h5      of a model with Keras networks; with
    config.json, metadata.json    which are Keras's own: the three, zipped, are a .keras file
    manifest.json         SHA-256 of every file above

Nothing is pickled, nothing is code, and no rating is stored: a model that consists of ratings is fitted again when it
is loaded. What is loaded is checked before it is used. Legend: U users, I items, V star levels, G genres.
"""

import hashlib
import json
import platform
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
import scipy.sparse as sp

from recsys.artifacts.arrays_file import read_declared
from recsys.artifacts.description import DESCRIPTION, FORMAT, read_description, told_of_vocabulary, unfitted
from recsys.artifacts.first_answer import require_finite_answers
from recsys.artifacts.manifest import (
    AGAIN,
    MANIFEST,
    ArtifactError,
    being_written,
    check_manifest,
    told_in_a_sentence,
    write_json,
    write_manifest,
)
from recsys.data.interactions import Interactions
from recsys.data.scale import HIGHEST, RatingScale
from recsys.models.array_shapes import check_declared, check_values
from recsys.models.base import KerasModel, Model

T = TypeVar("T")

BESIDE = {"protocol", "command", "metrics"}  # facts about the run that a model came from, not about the model
VERSIONS_OF = ("keras", "jax", "numpy", "scipy", "safetensors")
FEWEST_RATINGS = 5  # of a film whose mean and levels are stored: those of fewer would tell what single people gave
COUNTED_AT_ONCE = 2**22  # ratings: of tens of millions every array would take hundreds of megabytes
ARRAYS, WEIGHTS = "arrays.safetensors", "model.weights.h5"
KERAS_FILES = ("config.json", "metadata.json", WEIGHTS)
OWN = "model/"  # what the names of a model's own arrays start with
ITEM_SHAPES = {
    "item_ids": f"I whole in {-(2**63)}..{2**63}",
    "n_ratings": "I whole in 0..1e10",  # more than there are people
    "mean_stars": f"I in 0..{HIGHEST}",
    "level_counts?": "I V whole in 0..1e10",  # folders that earlier versions wrote have none
}
ROUNDING = 1e-3  # stars


@dataclass(frozen=True, eq=False)
class Items:
    """What is known about the columns of the ratings matrix that a model was fitted on.

    Attributes:
        ids: (I,) int64, the data's id of every column.
        n_ratings: (I,) int64, how many ratings each had.
        mean_stars: (I,) float32 their mean; 0 where there were fewer than FEWEST_RATINGS.
        genre_names: G names, in the order that the model was told of; empty if it was told of none.
        level_counts: (I, V) int64, how many ratings of every star level each had, lowest first; 0 where there were
            fewer than FEWEST_RATINGS in all. None where nobody has counted.
    """

    ids: np.ndarray
    n_ratings: np.ndarray
    mean_stars: np.ndarray
    genre_names: tuple[str, ...] = ()
    level_counts: np.ndarray | None = None

    @classmethod
    def of(
        cls,
        ids: np.ndarray,
        train: sp.csr_array,
        genre_names: tuple[str, ...] = (),
        scale: RatingScale | None = None,
    ) -> Self:
        """Count a training matrix, (U, I) stars; those of every level only where their scale is known."""
        n_ratings = np.bincount(train.indices, minlength=train.shape[1])
        sums = np.bincount(train.indices, train.data, minlength=train.shape[1])
        is_told = n_ratings >= FEWEST_RATINGS
        means = np.where(is_told, sums / np.maximum(n_ratings, 1), 0.0).astype(np.float32)
        counts = None if scale is None else counts_of_levels(train, scale) * is_told[:, None]
        return cls(np.asarray(ids, dtype=np.int64), n_ratings, means, genre_names, counts)

    @classmethod
    def told(cls, ids: np.ndarray, counts: np.ndarray, genre_names: tuple[str, ...] = ()) -> Self:
        """What may be told of the columns that a private model was fitted on: its own counts, (I,), and no means."""
        n_ratings = np.maximum(np.rint(counts), 0).astype(np.int64)
        n_ratings[np.argmax(counts)] = max(1, n_ratings.max())  # somebody rated something, or nothing could be fitted
        return cls(np.asarray(ids, dtype=np.int64), n_ratings, np.zeros(len(ids), dtype=np.float32), genre_names)


def counts_of_levels(train: sp.csr_array, scale: RatingScale) -> np.ndarray:
    """(I, V) int64, how many of the ratings of a training matrix, (U, I) stars, are of each level of a scale."""
    n_levels, n_items = len(scale.levels), train.shape[1]
    counts = np.zeros(n_items * n_levels, dtype=np.int64)
    for start in range(0, train.nnz, COUNTED_AT_ONCE):
        block = slice(start, start + COUNTED_AT_ONCE)
        levels = scale.level_of(train.data[block].astype(np.float64))
        counts += np.bincount(train.indices[block].astype(np.int64) * n_levels + levels, minlength=len(counts))
    return counts.reshape(n_items, n_levels)


@dataclass(frozen=True, eq=False)
class Artifact:
    """A fitted model and what it was fitted on.

    Attributes:
        name: key of MODELS.
        model: fitted.
        items: the films.
        facts: JSON values about the run: data set, digest, split, seed, metrics.
    """

    name: str
    model: Model
    items: Items
    facts: dict[str, Any]

    def fingerprint(self) -> str:
        """Which fitted model this is, in 12 hexadecimal digits: of its settings, its data and what it learned."""
        described = {name: value for name, value in describe(self).items() if name != "versions"}
        described["facts"] = {name: value for name, value in self.facts.items() if name not in BESIDE}
        digest = hashlib.sha256(json.dumps(described, sort_keys=True).encode())
        for name, array in sorted(self.model.arrays().items()):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:12]


def save_artifact(folder: Path, artifact: Artifact) -> None:
    """Write the folder whole or not at all; one that was there before is replaced."""
    with being_written(folder) as draft:
        write_json(draft / DESCRIPTION, describe(artifact))
        write_arrays(draft / ARRAYS, artifact)
        if isinstance(artifact.model, KerasModel):
            write_keras_files(draft, artifact.model)
        write_manifest(draft)


def describe(artifact: Artifact) -> dict[str, Any]:
    """The content of model.json."""
    return {
        "format": FORMAT,
        "model": artifact.name,
        "config": asdict(artifact.model.config),
        "scale": asdict(artifact.model.scale),
        "n_items": len(artifact.items.ids),
        "genres": list(artifact.items.genre_names),
        "versions": {"python": platform.python_version(), **installed(VERSIONS_OF)},
        "facts": artifact.facts,
        **told_of_vocabulary(artifact.model),
    }


def installed(packages: Iterable[str]) -> dict[str, str]:
    """The versions of those packages that are there."""
    found = {}
    for package in packages:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def write_arrays(path: Path, artifact: Artifact) -> None:
    """Write what is known of the items and what the model learned."""
    from safetensors.numpy import save_file

    items = artifact.items
    arrays = {"item_ids": items.ids, "n_ratings": items.n_ratings, "mean_stars": items.mean_stars}
    if items.level_counts is not None:
        arrays["level_counts"] = items.level_counts
    learned = {f"{OWN}{name}": array for name, array in artifact.model.arrays().items()}
    save_file({name: np.asarray(array, order="C") for name, array in (arrays | learned).items()}, path)


def write_keras_files(folder: Path, model: KerasModel) -> None:
    """Write what a repository of a Keras model consists of."""
    archive = folder / "model.keras"
    model.network().save(archive)
    with zipfile.ZipFile(archive) as packed:
        for name in KERAS_FILES:
            (folder / name).write_bytes(packed.read(name))
    archive.unlink()


def load_artifact(folder: Path, train: Interactions | None = None) -> Artifact:
    """Read and check a folder that `save_artifact` wrote.

    What files declare is compared with their sizes, and with what the settings imply, before anything is made of it.

    Args:
        folder: where it is.
        train: (U, I) the ratings that the model was fitted on; needed only by a model that consists of them.

    Raises:
        ArtifactError: a file is missing, altered, of a newer format or not what it says; the model is unknown; sizes
            do not agree, or are beyond recsys.limits; a number is NaN, or beyond what training finds; answers are not
            finite; or `train` is needed.
    """
    listed = check_manifest(folder)
    require_listed(folder, listed, [DESCRIPTION, ARRAYS])
    description = read_description(folder / DESCRIPTION)
    model = unfitted(folder / DESCRIPTION, description)
    items, learned = read_arrays(folder / ARRAYS, description, model)
    if isinstance(model, KerasModel):
        require_listed(folder, listed, [WEIGHTS])
        with told_in_a_sentence(folder / WEIGHTS):
            model.restore_network(folder / WEIGHTS, len(items.ids))
    if model.keeps_ratings and train is None:
        raise ArtifactError(f"{folder}: the model consists of its training ratings, which are not stored; pass train=")
    with told_in_a_sentence(folder):
        fit = model.restore(learned) if train is None or not model.keeps_ratings else model.fit(train)
        require_finite_answers(fit, len(items.ids), len(items.genre_names))
    return Artifact(description["model"], fit, items, description["facts"])


def rebuilt_from(folder: Path) -> dict[str, Any] | None:
    """Facts about the ratings that a saved model has to be given, since it consists of them; None if it stands alone.

    Raises:
        ArtifactError: as load_artifact, of model.json.
    """
    description = read_description(folder / DESCRIPTION)
    return description["facts"] if unfitted(folder / DESCRIPTION, description).keeps_ratings else None


def require_listed(folder: Path, listed: dict[str, str], names: list[str]) -> None:
    """Raise ArtifactError unless the manifest vouches for these files."""
    missing = [name for name in names if name not in listed]
    if missing:
        came = ", ".join(sorted(listed)) or "nothing"
        raise ArtifactError(f"{folder / MANIFEST}: lists {came}; expected {missing[0]} too, {AGAIN}")


def read_arrays(path: Path, description: dict[str, Any], model: Model) -> tuple[Items, dict[str, np.ndarray]]:
    """The items, and what the model learned; both look as they should."""
    from safetensors.numpy import load_file

    n_items = description["n_items"]
    shapes = {False: ITEM_SHAPES, True: model.array_shapes()}
    with told_in_a_sentence(path):
        declared = read_declared(path)
        for is_learned, of_kind in shapes.items():
            check_declared(those(declared, is_learned), of_kind, n_items)
        arrays = load_file(path)
        for is_learned, of_kind in shapes.items():
            check_values(those(arrays, is_learned), of_kind, n_items)
        about = those(arrays, False)
        genres = tuple(description["genres"])
        counts = about.get("level_counts")
        items = Items(about["item_ids"], about["n_ratings"], about["mean_stars"], genres, counts)
        require_likely(items, model.scale)
        require_counted(items, model.scale)
    return items, those(arrays, True)


def those(arrays: Mapping[str, T], is_learned: bool) -> dict[str, T]:
    """The arrays that a model learned, under its own names; or the others, which are about the items."""
    named = {name: array for name, array in arrays.items() if name.startswith(OWN) == is_learned}
    return {name.removeprefix(OWN): array for name, array in named.items()}


def require_likely(items: Items, scale: RatingScale) -> None:
    """Raise ValueError unless every film is there once, with a mean on the scale or none, and somebody rated some."""
    if np.any(np.diff(items.ids) <= 0):
        raise ValueError("item_ids do not increase; expected every film once")
    if not items.n_ratings.any():
        raise ValueError("n_ratings are all 0; expected films that somebody has rated")
    means = items.mean_stars[items.mean_stars != 0]
    if np.any((means < scale.lowest - ROUNDING) | (means > scale.highest + ROUNDING)):
        raise ValueError(
            f"mean_stars are from {means.min():g} to {means.max():g}; expected {scale.lowest:g} to {scale.highest:g}, "
            "or 0 for none"
        )


def require_counted(items: Items, scale: RatingScale) -> None:
    """Raise ValueError unless the ratings of all levels of a film are as many as it has, or are not told."""
    counts, n_levels = items.level_counts, len(scale.levels)
    if counts is None:
        return
    if counts.shape[1] != n_levels:
        raise ValueError(f"level_counts are of {counts.shape[1]} levels; expected the {n_levels} of the scale")
    in_all = counts.sum(axis=1)
    if np.any((in_all != 0) & (in_all != items.n_ratings)):
        raise ValueError("level_counts do not add up to n_ratings; expected as many of all levels, or 0 for none told")
