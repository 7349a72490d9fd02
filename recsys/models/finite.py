"""What a model learns and answers must be numbers: NaN and infinity are refused, at every door by the same check."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

import numpy as np

from recsys.errors import DataError
from recsys.models.base import KerasModel

Made = TypeVar("Made")
Fit = TypeVar("Fit", bound=Callable[..., Any])

WHAT_TO_DO = "take another model, or fit it again with other settings."


class NotFiniteError(DataError):
    """A model learned, or answers, what is no number."""


def named(model: Made, name: str) -> Made:
    """The model, which is called so where it has to be spoken of."""
    model.name = name  # type: ignore[attr-defined]
    return model


def name_of(model: object) -> str:
    """What a model is called: its key of MODELS; its class, if it was not made by that."""
    return getattr(model, "name", type(model).__name__)


def require_finite(name: str, what: str, values: Any) -> np.ndarray:
    """The values, of any shape.

    Args:
        name: of the model.
        what: the values are, in the plural.

    Raises:
        NotFiniteError: some are NaN or infinite.
    """
    array = np.asarray(values)
    if not is_finite(array):
        n_bad = int(np.sum(~np.isfinite(array)))
        raise NotFiniteError(
            f"{name} does not work on these ratings: {n_bad:,} of {array.size:,} {what} are NaN or infinite, and all "
            f"should be numbers; {WHAT_TO_DO}"
        )
    return array


def is_finite(values: np.ndarray) -> bool:
    """Whether all are; NaN and infinity end up in the least or the largest, so that no array of answers is made."""
    return not values.size or bool(np.isfinite(values.min()) and np.isfinite(values.max()))


@contextmanager
def answering(name: str) -> Iterator[None]:
    """Let a model compute what is then checked; what ends its computing is said in a sentence.

    Raises:
        NotFiniteError: a matrix is singular, or a number too large.
    """
    try:
        with np.errstate(all="ignore"):
            yield
    except (np.linalg.LinAlgError, ArithmeticError) as error:
        raise NotFiniteError(f"{name} does not work on these ratings: {error}; {WHAT_TO_DO}") from error


def learns_numbers(fit: Fit) -> Fit:
    """Something that fits a model, and raises NotFiniteError where it would leave one that learned no numbers."""

    @wraps(fit)
    def checked(model: Any, *given: Any, **options: Any) -> Any:
        with answering(name_of(model)):
            fitted = fit(model, *given, **options)
        require_learned_numbers(fitted)
        return fitted

    return checked  # type: ignore[return-value]


def require_learned_numbers(model: Any) -> None:
    """Raise NotFiniteError if anything that a model learned is no number; says which."""
    for what, values in all_learned(model).items():
        require_finite(name_of(model), f"numbers that it learned ({what})", values)


def all_learned(model: Any) -> dict[str, np.ndarray]:
    """Everything that a model learned, by name."""
    return model.arrays() | (model.network_arrays() if isinstance(model, KerasModel) else {})
