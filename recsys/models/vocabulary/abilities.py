"""What models with a vocabulary can do, each where the model that they are around can.

Legend: B histories, I items, F films of the vocabulary, n items asked for, L latent dimensions, V star levels.
"""

from collections.abc import Iterator
from copy import copy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

import numpy as np

from recsys.data.interactions import Histories, Interactions
from recsys.errors import DataError
from recsys.models.base import (
    ChoosingModel,
    DistributionModel,
    GenreModel,
    KerasModel,
    LatentModel,
    Model,
    PrivateModel,
    RatingModel,
    StagedModel,
)
from recsys.models.finite import name_of, named
from recsys.models.vocabulary.config import RareFilmsConfig
from recsys.models.vocabulary.vocabulary import Vocabulary
from recsys.training import Training

if TYPE_CHECKING:
    import keras


def with_vocabulary(
    model: Model, least: int, n_known: int | None = None, config: RareFilmsConfig = RareFilmsConfig()
) -> Model:
    """A model that is told of films with at least so many ratings; it has all abilities of the model that it is around.

    Args:
        model: unfitted.
        least: ratings; 0: it is told of all films, and returned as it is.
        n_known: films of its vocabulary, where it is to be restored.
        config: of what answers for the others.

    Raises:
        DataError: the model hides people, and which films it knows would tell of them.
    """
    if not least:
        return model
    if isinstance(model, PrivateModel):
        raise DataError(
            f"{name_of(model)} hides who rated what, and which films have {least:,} ratings would tell of it: fit it "
            "without --min-film-ratings."
        )
    abilities = tuple(ability for contract, ability in ABILITIES if isinstance(model, contract))
    kind = with_abilities(abilities, model.uses_validation, model.keeps_ratings)
    return named(cast(Model, kind(model, least, n_known, config)), name_of(model))


class Stars(Vocabulary):
    """Of a model that predicts stars."""

    def predict(self, people: Histories) -> np.ndarray:
        """(B, I) float32 stars."""
        return self.together(self.inner.predict(self.known.of_people(people)), self.rare.stars(people, self.known.rare))


class Chances(Vocabulary):
    """Of a model that knows how sure it is of a star."""

    @property
    def predicts_means(self) -> bool:
        """See `DistributionModel.predicts_means`."""
        return bool(self.inner.predicts_means)

    def rating_distribution(self, people: Histories, items: np.ndarray | None = None) -> np.ndarray:
        """(B, n, V) float32 chances of every star level; see `DistributionModel.rating_distribution`."""
        asked = np.arange(self.known.n_items) if items is None else np.asarray(items, dtype=np.int64)
        places = self.known.places[asked]
        is_known = places >= 0
        answer = np.empty((len(people), len(asked), len(self.scale.levels)), dtype=np.float32)
        if is_known.any():
            known = None if items is None else places[is_known].astype(np.int64)
            answer[:, is_known] = self.inner.rating_distribution(self.known.of_people(people), known)
        answer[:, ~is_known] = self.rare.chances(self.rare.stars(people, asked[~is_known]))
        return answer


class Genres(Vocabulary):
    """Of a model that can be told which genres somebody asks for."""

    @property
    def understands_genres(self) -> bool:
        """See `GenreModel.understands_genres`."""
        return bool(self.inner.understands_genres)


class Latent(Vocabulary):
    """Of a generative model; a rare film is chosen as often as it was, whatever the taste."""

    def latent(self, people: Histories) -> tuple[np.ndarray, np.ndarray]:
        """See `LatentModel.latent`."""
        mean, variance = self.inner.latent(self.known.of_people(people))
        return mean, variance

    def log_chances(self, taste: np.ndarray) -> np.ndarray:
        """(B, L) -> (B, I) float32 nats."""
        rare = np.maximum(self.rare.chance[self.known.rare], np.finfo(np.float32).tiny)
        share = min(float(rare.sum()), 1 - 1e-6)
        inner = self.inner.log_chances(taste) + np.log1p(-share)
        return self.together(inner, np.broadcast_to(np.log(rare), (len(taste), len(rare))))

    def stars_of_taste(self, taste: np.ndarray) -> np.ndarray:
        """(B, L) -> (B, I) float32 stars."""
        stars = self.scale.clip(self.rare.mean + self.rare.offset[self.known.rare])
        return self.together(self.inner.stars_of_taste(taste), np.broadcast_to(stars, (len(taste), len(stars))))


class Networks(Vocabulary):
    """Of a model some of whose weights live in a Keras model."""

    def network(self) -> "keras.Model":
        """See `KerasModel.network`; it knows the vocabulary alone."""
        return self.inner.network()

    def network_arrays(self) -> dict[str, np.ndarray]:
        """See `KerasModel.network_arrays`."""
        return dict(self.inner.network_arrays())

    def restore_network(self, path: Path, n_items: int) -> Self:
        """See `KerasModel.restore_network`; n_items are of the catalogue."""
        assert self.n_known is not None, "made to be restored"
        self.inner = self.inner.restore_network(path, self.n_known)
        return self


class Choosing(Vocabulary):
    """Of a model that finds some of its settings itself."""

    def chosen(self) -> str:
        """See `ChoosingModel.chosen`."""
        return str(self.inner.chosen())


class Staged(Vocabulary):
    """Of a model that is of use before all of it is trained."""

    def fit_ahead(self, data: Interactions, training: Training) -> Model | None:
        """See `StagedModel.fit_ahead`."""
        ahead = self.inner.fit_ahead(*self.prepared(data, training))
        if ahead is None:
            return None
        around = cast(Vocabulary, with_vocabulary(ahead, self.least))
        around.rare = self.rare
        around.take(self.known)
        return cast(Model, around)

    def fit_in_stages(self, data: Interactions, training: Training) -> Iterator[Self]:
        """See `StagedModel.fit_in_stages`."""
        wanted = self.inner
        for stage in wanted.fit_in_stages(*self.prepared(data, training)):
            answering = self if stage is wanted else copy(self)
            answering.inner = stage
            yield answering


ABILITIES: tuple[tuple[type, type[Vocabulary]], ...] = (
    (RatingModel, Stars),
    (DistributionModel, Chances),
    (GenreModel, Genres),
    (LatentModel, Latent),
    (KerasModel, Networks),
    (ChoosingModel, Choosing),
    (StagedModel, Staged),
)


@cache
def with_abilities(
    abilities: tuple[type[Vocabulary], ...], uses_validation: bool, keeps_ratings: bool
) -> type[Vocabulary]:
    """The class of models with these abilities, and no others: who asks what a model can asks its class."""
    told = {"uses_validation": uses_validation, "keeps_ratings": keeps_ratings}
    return type("Vocabulary", abilities or (Vocabulary,), told)
