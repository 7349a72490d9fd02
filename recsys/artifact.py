"""A trained model as a folder of safe files: JSON, safetensors and Keras weights, each with its SHA-256.

    model.json           format, model's name, settings, rating scale, shape, and facts about the data and the versions
    arrays.safetensors   item_ids, and what fit learned
    NAME.weights.h5      one per Keras network
    manifest.json        SHA-256 of every file above

Nothing is pickled, and no rating is stored: a model that consists of ratings is fitted again when it is loaded.
"""

import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass, fields, is_dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from recsys.config import Config
from recsys.data.cache import sha256_of
from recsys.data.scale import RatingScale
from recsys.models import MODELS, create
from recsys.models.base import KerasModel, Model

FORMAT = 1
VERSIONS_OF = ("keras", "jax", "numpy", "scipy")


class ArtifactError(ValueError):
    """A model folder that cannot be used: a sentence with the file, what came, what was expected and how to fix it."""


@dataclass(frozen=True, eq=False)
class Artifact:
    """A fitted model and what it was fitted on.

    Attributes:
        name: key of MODELS.
        model: fitted.
        item_ids: (n_items,) int64, the data's id of every column.
        facts: JSON values about the run: data set, digest, split, seed.
    """

    name: str
    model: Model
    item_ids: np.ndarray
    facts: dict[str, Any]


def save_artifact(folder: Path, artifact: Artifact) -> None:
    """Write the folder whole or not at all; one that was there before is replaced."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        write_files(aside, artifact)
        aside.chmod(0o755)
        replace_folder(folder, aside)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def replace_folder(folder: Path, new: Path) -> None:
    """Give `new` the name of `folder`; what was there is deleted only when it has another name."""
    old = new.with_name(f"{new.name}-old")
    if folder.exists():
        os.rename(folder, old)
    os.rename(new, folder)
    shutil.rmtree(old, ignore_errors=True)


def write_files(folder: Path, artifact: Artifact) -> None:
    """Write every file of an artifact into an existing folder."""
    from safetensors.numpy import save_file

    model = artifact.model
    description = {
        "format": FORMAT,
        "model": artifact.name,
        "config": asdict(model.config),
        "scale": asdict(model.scale),
        "n_items": len(artifact.item_ids),
        "versions": {package: version(package) for package in VERSIONS_OF},
        "facts": artifact.facts,
    }
    (folder / "model.json").write_text(json.dumps(description, indent=1) + "\n")
    arrays = {"item_ids": artifact.item_ids, **model.arrays()}
    save_file({name: np.asarray(array, order="C") for name, array in arrays.items()}, folder / "arrays.safetensors")
    if isinstance(model, KerasModel):
        for name, network in model.networks().items():
            network.save_weights(folder / f"{name}.weights.h5")
    digests = {path.name: sha256_of(path) for path in sorted(folder.iterdir())}
    (folder / "manifest.json").write_text(json.dumps(digests, indent=1) + "\n")


def load_artifact(folder: Path, train: sp.csr_array | None = None) -> Artifact:
    """Read and check a folder that `save_artifact` wrote.

    Args:
        folder: where it is.
        train: (U, I) the ratings that the model was fitted on; needed only by a model that consists of them.

    Raises:
        ArtifactError: a file is missing, altered or of a newer format; the model is unknown; or `train` is needed.
    """
    check_manifest(folder)
    description = read_json(folder / "model.json")
    if description["format"] != FORMAT:
        raise ArtifactError(
            f"{folder / 'model.json'}: got format {description['format']}, expected {FORMAT}; update this package"
        )
    if description["model"] not in MODELS:
        known = ", ".join(MODELS)
        raise ArtifactError(f"{folder / 'model.json'}: unknown model {description['model']!r}, expected one of {known}")
    arrays = read_arrays(folder)
    item_ids = arrays.pop("item_ids")
    model = restored(folder, description, arrays, train)
    return Artifact(description["model"], model, item_ids, description["facts"])


def restored(folder: Path, description: dict[str, Any], arrays: dict[str, np.ndarray], train: Any) -> Model:
    """The fitted model that a description, arrays and the folder's weights make."""
    name = description["model"]
    config = config_from_json(MODELS[name].config, description["config"])
    model = create(name, RatingScale(**description["scale"]), config=config)
    if model.keeps_ratings:
        if train is None:
            raise ArtifactError(f"{folder}: {name} consists of its training ratings, which are not stored; pass train=")
        return model.fit(train, seed=0, on_progress=lambda *_, **__: None)
    if isinstance(model, KerasModel):
        for network_name, network in model.build(description["n_items"]).networks().items():
            network.load_weights(folder / f"{network_name}.weights.h5")
    return model.restore(arrays)


def check_manifest(folder: Path) -> None:
    """Raise ArtifactError unless the folder holds exactly the files of its manifest, unaltered."""
    digests = read_json(folder / "manifest.json")
    stray = {path.name for path in folder.iterdir()} - {*digests, "manifest.json"}
    if stray or not digests.keys() >= {"model.json", "arrays.safetensors"}:
        raise ArtifactError(
            f"{folder}: the manifest lists {', '.join(sorted(digests)) or 'nothing'}, beside it lies "
            f"{', '.join(sorted(stray)) or 'nothing'}; expected a list of all files, save or download the model again"
        )
    for name, expected in digests.items():
        path = folder / name
        if path.parent != folder or not path.is_file():
            raise ArtifactError(f"{path}: the file is missing; save or download the model again")
        if (found := sha256_of(path)) != expected:
            raise ArtifactError(
                f"{path}: got sha256 {found}, the manifest has {expected}; the file was altered or cut off, "
                "save or download the model again"
            )


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file; ArtifactError if it is missing or is not one."""
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError:
        raise ArtifactError(f"{path}: the file is missing; expected a folder written by save_artifact") from None
    except ValueError as error:
        raise ArtifactError(f"{path}: not JSON ({error}); save or download the model again") from None
    if not isinstance(content, dict):
        raise ArtifactError(f"{path}: got a {type(content).__name__}, expected a JSON object")
    return content


def read_arrays(folder: Path) -> dict[str, np.ndarray]:
    """The arrays of a folder by name."""
    from safetensors.numpy import load_file

    return load_file(folder / "arrays.safetensors")


def config_from_json(default: Config, values: dict[str, Any]) -> Config:
    """A config of the default's type from JSON values; lists become tuples, objects the nested config."""
    settings: dict[str, Any] = {}
    for field in fields(default):
        value, example = values[field.name], getattr(default, field.name)
        if is_dataclass(example):
            value = config_from_json(example, value)
        settings[field.name] = tuple(value) if isinstance(example, tuple) else value
    return type(default)(**settings)
