"""What a model's folder says of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recsys.artifacts.artifact import ARRAYS, FEWEST_RATINGS, KERAS_FILES
from recsys.artifacts.description import DESCRIPTION, read_description
from recsys.artifacts.manifest import MANIFEST, read_manifest, told_in_a_sentence
from recsys.data.scale import RatingScale
from recsys.data.sources.names import NAMES
from recsys.results.text import one_line
from recsys.settings import from_json

HOLDS = {
    DESCRIPTION: "which model this is, its settings, the rating scale, the names of genres, how it was trained",
    ARRAYS: "the data set's ids of the films, how many ratings each had, their mean where there were at least "
    f"{FEWEST_RATINGS}, and what the model learned outside of Keras",
    "config.json": "the layers of the networks, as Keras describes them",
    "metadata.json": "the version of Keras, and when the networks were saved",
    "model.weights.h5": "the weights of the networks, as Keras stores them",
    MANIFEST: "SHA-256 of the other files, checked whenever the model is loaded",
}


@dataclass(frozen=True)
class Trained:
    """A trained model, as its folder describes it.

    Attributes:
        name: key of MODELS.
        config: nested settings.
        n_items: films.
        facts: about data and training; each may be missing.
        versions: by package.
        files: names of all files, in the order of the card.
    """

    name: str
    config: dict[str, Any]
    scale: RatingScale
    n_items: int
    facts: dict[str, Any]
    versions: dict[str, str]
    files: tuple[str, ...]

    @property
    def dataset(self) -> str:
        """Name of the data set, in one line."""
        return one_line(self.facts.get("dataset", "")) or "a data set without a name"

    @property
    def is_movielens(self) -> bool:
        """Whether it was fitted on what is published under the name; models that do not tell are taken at it."""
        from recsys.data.sources.identity import pinned_sha256  # which loads pandas

        pinned = pinned_sha256(self.dataset)
        if pinned is not None:
            return self.facts.get("dataset_sha256") == pinned
        return self.dataset in NAMES and self.facts.get("published", True) is True

    @property
    def has_networks(self) -> bool:
        """Whether a part of it lives in Keras."""
        return set(KERAS_FILES) <= set(self.files)

    @property
    def stars(self) -> str:
        """The rating scale in words."""
        return f"{self.scale.lowest:g} to {self.scale.highest:g}"


def read_model(folder: Path) -> Trained:
    """What model.json and manifest.json say; DataError if they cannot be used."""
    path = folder / DESCRIPTION
    description = read_description(path)
    listed = {*read_manifest(folder / MANIFEST), MANIFEST}
    with told_in_a_sentence(path):
        scale = from_json(RatingScale(), description["scale"])
    return Trained(
        name=description["model"],
        config=description["config"],
        scale=scale,
        n_items=description["n_items"],
        facts=description["facts"],
        versions=description["versions"],
        files=(*(name for name in HOLDS if name in listed), *sorted(listed - HOLDS.keys())),
    )
