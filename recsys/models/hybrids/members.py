"""Models of models: members by their names in MODELS, each with its settings.

Legend: B histories, I items.
"""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.limits import Bounded
from recsys.models.array_shapes import of_part
from recsys.models.base import FitPart, Model
from recsys.models.finite import name_of, named
from recsys.models.learned import LearningModel
from recsys.settings import Config, require
from recsys.training import Training


@dataclass(frozen=True, kw_only=True)
class Member(Bounded):
    """A model that a hybrid is made of."""

    name: str  # of MODELS
    config: Config  # its settings

    @classmethod
    def like(cls, values: Any) -> Self:
        """A member whose settings are of the kind that those of the name in JSON values are.

        Raises:
            ValueError: no model is called so.
        """
        from recsys.models import MODELS, require_known

        name = values.get("name") if isinstance(values, dict) else None
        require_known([str(name)])
        return cls(name=str(name), config=MODELS[str(name)].config)


def require_members(config: Config, *roles: tuple[Member, ...]) -> None:
    """Raise ValueError unless every role has members, and a name has the same settings wherever it stands."""
    require(all(roles), config, "a member or more for lists and for stars")
    members = {member for role in roles for member in role}
    require(len({member.name for member in members}) == len(members), config, "a name with one setting only")


class Hybrid(LearningModel):
    """Lists are made of the scores of some models, stars of some models' stars (Burke 2002).

    Each member is fitted once, whatever it is for. A member is a model whose weights are arrays alone.
    """

    config: Any

    def __init__(self, config: Any, scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale
        self.fitted: dict[str, Any] = {}
        for member in self.members:
            require_possible(member.name)

    @property
    def members(self) -> tuple[Member, ...]:
        """Those of lists, and of stars; each once."""
        return tuple(dict.fromkeys((*self.config.lists, *self.config.stars)))

    def parts(self) -> dict[str, Model]:
        """The members, unfitted."""
        from recsys.models import create

        made = {each.name: create(each.name, self.scale, config=each.config) for each in self.members}
        return {part_name(name): named(part, f"{name_of(self)} ({name})") for name, part in made.items()}

    def learn(self, data: Interactions, training: Training) -> None:
        """Train the members; progress tells which."""

        def fit_part(name: str, part: Model, data: Interactions, kept_aside: Interactions | None) -> Model:
            return part.fit(data, training.of_part(name))

        for _ in self.fit_by(fit_part, data, training.seed):
            pass

    def fit_by(self, fit_part: FitPart, data: Interactions, seed: int) -> Iterator[Self]:
        """The same, where somebody else fits the members, or knows them already."""
        yield self.assemble({name: fit_part(name, part, data, None) for name, part in self.parts().items()})

    def assemble(self, parts: dict[str, Any]) -> Self:
        """Use fitted members."""
        self.fitted = parts
        return self

    def fitted_as(self, member: Member) -> Any:
        """A member, fitted."""
        return self.fitted[part_name(member.name)]

    @abstractmethod
    def score(self, people: Histories) -> np.ndarray:
        """(B, I) float32, of what the members score."""

    @abstractmethod
    def predict(self, people: Histories) -> np.ndarray:
        """(B, I) float32, of the members' stars."""

    def arrays(self) -> dict[str, np.ndarray]:
        """What the members learned, each under "member/name"."""
        parts = self.fitted.items()
        return super().arrays() | {f"{name}/{key}": each for name, part in parts for key, each in part.arrays().items()}

    def array_shapes(self) -> dict[str, str]:
        """See `Model.array_shapes`."""
        shapes = super().array_shapes()
        for name, part in (self.fitted or self.parts()).items():
            shapes |= of_part(name, part.array_shapes())
        return shapes

    def restore(self, arrays: dict[str, np.ndarray]) -> Self:
        """The inverse of `arrays`."""
        super().restore(arrays)
        self.fitted = dict(self.parts())
        for name, part in self.fitted.items():
            part.restore(
                {key.removeprefix(f"{name}/"): each for key, each in arrays.items() if key.startswith(f"{name}/")}
            )
        return self


class Together(Hybrid):
    """All members are asked, whoever the person is; stars are the mean of the members'."""

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) float32, of what the members score."""
        scores = [self.fitted_as(member).score(people) for member in self.config.lists]
        return self.put_together([standardised(each, people) for each in scores], people).astype(np.float32)

    @abstractmethod
    def put_together(self, scores: list[np.ndarray], people: Histories) -> np.ndarray:
        """(B, I) of the members' scores, standardised: (B, I) each."""

    def predict(self, people: Histories) -> np.ndarray:
        """(B, I) float32, the mean of the members' stars."""
        stars = [self.fitted_as(member).predict(people) for member in self.config.stars]
        return np.asarray(np.mean(stars, axis=0, dtype=np.float64), dtype=np.float32)


def part_name(name: str) -> str:
    """What a member is called among parts, where letters, digits and _ alone are allowed."""
    return name.replace("-", "_")


def require_possible(name: str) -> None:
    """Raise ValueError for a model that no hybrid can hold."""
    from recsys.models import MODELS, require_known

    require_known([name])
    recipe = MODELS[name]
    is_hybrid = recipe.class_path.startswith("recsys.models.hybrids")
    if is_hybrid or recipe.is_keras or name in ("mult-vae", "user-knn"):
        raise ValueError(f"got {name!r} for a member; expected a model whose weights are arrays, and no hybrid")


def standardised(scores: np.ndarray, people: Histories) -> np.ndarray:
    """(B, I) float64: scores less the mean of the films that a person has not rated, over their standard deviation.

    Rounded to five decimals, so that what is alike is so whatever the order of a sum; all 0 where all are alike.
    """
    unrated = np.ones(scores.shape, dtype=bool)
    unrated[people.stars.nonzero()] = False
    wanted = scores.astype(np.float64)
    count = np.maximum(unrated.sum(axis=1, keepdims=True), 1)
    mean = np.where(unrated, wanted, 0.0).sum(axis=1, keepdims=True) / count
    spread = np.sqrt(np.where(unrated, (wanted - mean) ** 2, 0.0).sum(axis=1, keepdims=True) / count)
    is_alike = spread <= 1e-6 * np.maximum(np.abs(mean), 1e-6)
    return np.where(is_alike, 0.0, np.round((wanted - mean) / np.where(is_alike, 1.0, spread), 5))


def best_first(*keys: np.ndarray) -> np.ndarray:
    """(B, I) item_idx, the best by the first key, (B, I), first; ties by the next key, then by item_idx."""
    order = np.argsort(-keys[-1], axis=1, kind="stable")
    for key in reversed(keys[:-1]):
        again = np.argsort(-np.take_along_axis(key, order, axis=1), axis=1, kind="stable")
        order = np.take_along_axis(order, again, axis=1)
    return order


def ranks(*keys: np.ndarray) -> np.ndarray:
    """(B, I) whole numbers, 0 for the best by the first key, (B, I), ties by the next; what is alike in all has one."""
    order = best_first(*keys)
    differs = np.zeros(order.shape, dtype=bool)
    for key in keys:
        differs[:, 1:] |= np.diff(np.take_along_axis(key, order, axis=1), axis=1) != 0
    found = np.empty(order.shape, dtype=np.int64)
    np.put_along_axis(found, order, np.cumsum(differs, axis=1), axis=1)
    return found
