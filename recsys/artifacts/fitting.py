"""How a model is fitted on a data set: one way for tables, start-up and page, so that a name is the same model there.

Legend: U users, I items.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
import scipy.sparse as sp

import recsys
from recsys.artifacts.artifact import Artifact, Items
from recsys.artifacts.at_once import models_at_once
from recsys.artifacts.room import require_room
from recsys.artifacts.runs import ALL
from recsys.data.interactions import Interactions
from recsys.data.movielens import Dataset
from recsys.models import MODELS, create, require_shared
from recsys.models.base import ChoosingModel, Model, PrivateModel, StagedModel
from recsys.models.finite import name_of
from recsys.models.vocabulary.abilities import with_vocabulary
from recsys.models.vocabulary.vocabulary import Vocabulary
from recsys.privacy.config import in_secret, within
from recsys.split import carve_validation
from recsys.training import Training
from recsys.training.processes import own_part


def fit_on(data: Interactions, model: Model, training: Training) -> Model:
    """Fit on all ratings or, if the model stops early, on all but a validation part carved out of them.

    Several processes are given the same ratings, and each fits on its own people's; what they make is the same.

    Raises:
        DataError: memory has no room for it, or the data do not suit the model.
    """
    require_room(model, data.stars)
    if model.uses_validation:
        data, validation = carve_validation(data, seed=training.seed)
        training = replace(training, validation=own_part(validation, training.processes))
    return model.fit(own_part(data, training.processes), training)


def fit_all(
    name: str,
    dataset: Dataset,
    training: Training,
    *,
    epochs: int | None = None,
    min_film_ratings: int = 0,
    epsilon: float | None = None,
    **facts: Any,
) -> Artifact:
    """A model of all ratings of a data set, to be used.

    Args:
        name: key of MODELS.
        training: how; the noise of private models is repeated by no seed.
        epochs: replaces the model's own number.
        min_film_ratings: of a film that the model is told of; what answers for the others: see `models.vocabulary`.
        epsilon: within which a private model hides people, in place of its own.
        facts: JSON values that the artifact says beside those of `artifact_of`.

    Raises:
        DataError: the model cannot be fitted by so many processes.
    """
    wanted, data = to_fit(name, dataset, training, min_film_ratings, epochs, epsilon), dataset.interactions()
    *_, model = fitted_in_stages(wanted, data, training)
    return artifact_of(name, model, data.stars, dataset, split=ALL, seed=training.seed, **facts)


def fit_all_in_stages(
    name: str, dataset: Dataset, training: Training, min_film_ratings: int = 0
) -> Iterator[tuple[Artifact, bool]]:
    """Yield what answers before a model is ready, and at last what `fit_all` gives; each with whether it is that.

    Of a model that takes long the first are others, which are fitted in seconds, under their own names.
    """
    wanted, data = to_fit(name, dataset, training, min_film_ratings), dataset.interactions()
    quick = models_at_once(wanted, data, training, min_film_ratings) if isinstance(wanted, StagedModel) else ()
    for model in chain(quick, fitted_in_stages(wanted, data, training)):
        artifact = artifact_of(name_of(model), model, data.stars, dataset, split=ALL, seed=training.seed)
        yield artifact, model is wanted


def to_fit(
    name: str,
    dataset: Dataset,
    training: Training,
    min_film_ratings: int,
    epochs: int | None = None,
    epsilon: float | None = None,
) -> Model:
    """The unfitted model; the arguments are those of `fit_all`."""
    require_shared(name, training.processes.count, min_film_ratings)
    config = in_secret(within(MODELS[name].config, epsilon))
    made = create(name, dataset.ratings.scale, epochs=epochs, config=config)
    return with_vocabulary(made, min_film_ratings)


def fitted_in_stages(wanted: Model, data: Interactions, training: Training) -> Iterator[Model]:
    """Fit on all ratings; yields what answers before, and the model at last."""
    if isinstance(wanted, StagedModel):
        require_room(wanted, data.stars)
        yield from wanted.fit_in_stages(own_part(data, training.processes), training)
    else:
        yield fit_on(data, wanted, training)


def facts_of_fit(
    name: str, dataset: Dataset, seed: int, epochs: int | None, min_film_ratings: int = 0
) -> dict[str, str]:
    """All on which a model of all ratings depends, so that two fits can be told apart."""
    stars = dataset.ratings.matrix()
    ratings = hashlib.sha256()
    for part in (stars.data, stars.indices, stars.indptr):
        ratings.update(np.ascontiguousarray(part).data)
    return {
        "model": name,
        "settings": repr(MODELS[name].config),
        "scale": repr(dataset.ratings.scale),
        "seed": str(seed),
        "epochs": str(epochs),
        "min_film_ratings": str(min_film_ratings),
        "ratings": ratings.hexdigest()[:16],
        "films": (dataset.films_sha256 or "")[:16],
        "version": recsys.__version__,
    }


def artifact_of(
    name: str, model: Model, train: sp.csr_array, dataset: Dataset, *, split: str, seed: int, **facts: Any
) -> Artifact:
    """A model that was fitted on (U, I) stars of a data set, with what is known of its films, and of its ratings.

    Args:
        split: whose training part `train` is; ALL: these are all ratings.
        facts: JSON values to add.
    """
    known = {
        "dataset": dataset.name,
        "dataset_sha256": dataset.sha256,
        "films_sha256": dataset.films_sha256,
        "published": dataset.is_published,  # under that name, which any folder may have
        "split": split,
        "seed": seed,
        "n_users": train.shape[0],
        "n_ratings": train.nnz,
        "min_ratings": dataset.cleaning.min_ratings,
    }
    if isinstance(model, Vocabulary):
        known["min_film_ratings"] = model.least
    if isinstance(model, ChoosingModel):
        known["chosen"] = model.chosen()
    ids, genre_names = dataset.ratings.item_ids, dataset.catalog.genre_names
    if isinstance(model, PrivateModel):
        known = without_ratings(known) | {"private": model.promise()}
        items = Items.told(ids, model.told_counts(), genre_names)
    else:
        items = Items.of(ids, train, genre_names, model.scale)
    return Artifact(name, model, items, known | facts)


def without_ratings(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts that tell nothing of single ratings; the digest of a file that anybody can have tells nothing new."""
    telling = {"n_ratings"} if facts["published"] else {"n_ratings", "dataset_sha256"}
    return {name: fact for name, fact in facts.items() if name not in telling}
