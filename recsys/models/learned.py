"""What all models have in common: how they are fitted, and what fit learned, declared where it is named.

    class Popularity(LearningModel):
        n_likes: np.ndarray = learned("I in 0..1e9")

`arrays`, `array_shapes` and `restore` of the contract follow from that.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, ClassVar, Self

import numpy as np

from recsys.data.interactions import Interactions
from recsys.data.scale import RatingScale
from recsys.models.finite import answering, name_of, require_learned_numbers
from recsys.settings import Config
from recsys.training import Training

REQUIRED = object()  # in place of a default


class Learned:
    """An attribute that fit learns; reading it before is an error, unless there is a default."""

    def __init__(self, shape: str, default: Any):
        self.shape, self.default = shape, default

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, model: Any, owner: type | None = None) -> Any:
        if model is None:
            return self
        if self.default is REQUIRED:
            raise AttributeError(f"{name_of(model)} has no {self.name} yet; fit it first")
        return self.default

    def is_default(self, model: Any) -> bool:
        """Whether it is what it would be if it had not been learned."""
        value = getattr(model, self.name)
        return value is self.default or (isinstance(value, float) and value == self.default)

    @property
    def stored_as(self) -> str:
        """Its name in `array_shapes`: with a question mark if it may be absent."""
        return self.name if self.default is REQUIRED else f"{self.name}?"


def learned(shape: str, *, default: Any = REQUIRED) -> Any:
    """Declare what fit learns.

    Args:
        shape: as `Model.array_shapes` has it; "" for a number. What `sizes` names stands in braces: "I K={n_factors}".
        default: what it is where it was not learned; then it is not stored.
    """
    return Learned(shape, default)


class LearningModel(ABC):
    """A model of the contract that implements `learn`, and declares what that learns."""

    config: Config
    scale: RatingScale

    uses_validation: ClassVar[bool] = False
    keeps_ratings: ClassVar[bool] = False

    def fit(self, data: Interactions, training: Training = Training()) -> Self:
        """See `Model.fit`.

        Raises:
            NotFiniteError: what was learned is no number.
            TypeError: `learn` left out something that is declared, or set it to what no folder of a model can hold.
        """
        with answering(name_of(self)):
            self.learn(data, training)
        missing = [each.name for each in self.declared() if each.default is REQUIRED and each.name not in vars(self)]
        if missing:
            raise TypeError(
                f"{type(self).__name__}.learn did not set {', '.join(missing)}; set what is declared with learned(), "
                "or declare it with a default"
            )
        require_learned_numbers(self)
        return self

    @abstractmethod
    def learn(self, data: Interactions, training: Training) -> None:
        """Set everything that is declared."""

    @classmethod
    def declared(cls) -> Iterator[Learned]:
        """What it and its ancestors declare, the ancestors' first."""
        for each in reversed(cls.__mro__):
            yield from (value for value in vars(each).values() if isinstance(value, Learned))

    def sizes(self) -> dict[str, Any]:
        """What fixes the size of an axis, by name: the settings."""
        return {field.name: getattr(self.config, field.name) for field in fields(self.config)}

    def arrays(self) -> dict[str, np.ndarray]:
        """What was learned, by name, without what is as by default."""
        found = {each.name: getattr(self, each.name) for each in self.declared() if not each.is_default(self)}
        arrays = {name: np.asarray(value) for name, value in found.items()}
        for name, array in arrays.items():
            if array.dtype.kind not in "fiu":
                raise TypeError(
                    f"{type(self).__name__}.{name} is a {type(found[name]).__name__}; expected a number or an array "
                    "of numbers (of a sparse matrix its data, indices and indptr)"
                )
        return arrays

    def array_shapes(self) -> dict[str, str]:
        """See `Model.array_shapes`."""
        return {each.stored_as: each.shape.format_map(self.sizes()) for each in self.declared()}

    def restore(self, arrays: dict[str, np.ndarray]) -> Self:
        """The inverse of `arrays`.

        Raises:
            TypeError: what fit learns is the ratings themselves.
        """
        if self.keeps_ratings:
            raise TypeError(
                f"{name_of(self)} consists of its training ratings, which no artifact holds; fit it on them again"
            )
        for each in self.declared():
            if each.name in arrays:
                array = arrays[each.name]
                setattr(self, each.name, array if array.shape else array.item())
        return self
