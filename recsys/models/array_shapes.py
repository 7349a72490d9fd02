"""What a model's stored arrays must look like (see `Model.array_shapes`), and whether they do.

Shapes and types are checked by what a file declares, before anything is read; then the values.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

ITEMS = "I"
LARGEST = 1e6  # in size, of a number that training has found: stars, factors and weights are far smaller
AXIS = re.compile(r"(?P<letter>[A-Z][.\w]*)(?P<rest>(=(?P<size>\d+))?(:(?P<within>[A-Z]))?)")
EXAMPLES = "'', 'I', 'I K=16', 'N:I', 'I in 0..1e9' or 'I whole in 0..9'"
FLOATS, WHOLE = (np.dtype("f4"), np.dtype("f8")), (np.dtype("i8"),)


class Declared(Protocol):
    """An array, or what a file says of one."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of every axis."""

    @property
    def dtype(self) -> np.dtype:
        """The type of its numbers."""


@dataclass(frozen=True)
class Look:
    """What an array must look like.

    Attributes:
        axes: a letter for each size.
        fixed: the sizes that are known, by their letters.
        within: the axis whose item_idx the values are; empty: none.
        whole: whether the values are whole numbers.
        low, high: what they may be.
    """

    axes: tuple[str, ...]
    fixed: Mapping[str, int]
    within: str
    whole: bool
    low: float
    high: float

    @classmethod
    def of(cls, shape: str) -> Self:
        """Read what `Model.array_shapes` says of an array.

        >>> Look.of("S D=3 in 0..1e9")
        Look(axes=('S', 'D'), fixed={'D': 3}, within='', whole=False, low=0.0, high=1000000000.0)
        >>> Look.of("F:I")
        Look(axes=('F',), fixed={}, within='I', whole=True, low=-1000000.0, high=1000000.0)

        Raises:
            ValueError: it is not written so.
        """
        sizes, _, limits = shape.partition(" in ")
        axes = [AXIS.fullmatch(axis) for axis in sizes.split() if axis != "whole"]
        parts = [axis.groupdict() for axis in axes if axis]
        if len(parts) < len(axes):
            raise ValueError(f"got the shape {shape!r}; expected a capital letter for each axis, like {EXAMPLES}")
        fixed = {part["letter"]: int(part["size"]) for part in parts if part["size"]}
        within = "".join(part["within"] or "" for part in parts)
        low, _, high = limits.partition("..")
        bounds = (float(low), float(high)) if limits else (-LARGEST, LARGEST)
        whole = bool(within) or "whole" in sizes.split()
        return cls(tuple(part["letter"] for part in parts), fixed, within, whole, *bounds)


def of_part(part: str, shapes: Mapping[str, str]) -> dict[str, str]:
    """The shapes of a composite's part, under "part/name"; sizes other than I are its own.

    >>> of_part("stars", {"items": "S I D=5", "link_items": "F:I", "noise": "S in 0..1e9"})
    {'stars/items': 'S.stars I D.stars=5', 'stars/link_items': 'F.stars:I', 'stars/noise': 'S.stars in 0..1e9'}
    """

    def own(axis: str) -> str:
        return axis if axis == ITEMS else AXIS.sub(rf"\g<letter>.{part}\g<rest>", axis)

    def owned(shape: str) -> str:
        sizes, word, limits = shape.partition(" in ")
        return " ".join(map(own, sizes.split())) + word + limits

    return {f"{part}/{name}": owned(shape) for name, shape in shapes.items()}


def check_arrays(arrays: Mapping[str, np.ndarray], shapes: Mapping[str, str], n_items: int) -> None:
    """Raise ValueError, saying which and how, if arrays are missing, unexpected, or do not look as they should."""
    check_declared(arrays, shapes, n_items)
    check_values(arrays, shapes, n_items)


def check_declared(found: Mapping[str, Declared], shapes: Mapping[str, str], n_items: int) -> None:
    """The same of names, shapes and types alone."""
    expected = looks(shapes)
    missing = [name for name in shapes if not name.endswith("?") and name not in found]
    if missing or found.keys() - expected.keys():
        came = ", ".join(sorted(found)) or "none"
        raise ValueError(f"found the arrays {came}; expected {', '.join(shapes) or 'none'}")
    sizes = {ITEMS: n_items}
    for name, array in found.items():
        check_shape(name, array.shape, expected[name], sizes)
        check_type(name, array.dtype, expected[name])


def check_values(arrays: Mapping[str, np.ndarray], shapes: Mapping[str, str], n_items: int) -> None:
    """The same of values alone."""
    for name, look in looks(shapes).items():
        if name in arrays:
            check_range(name, arrays[name], look, n_items)


def looks(shapes: Mapping[str, str]) -> dict[str, Look]:
    """What every array must look like, by its name."""
    return {name.rstrip("?"): Look.of(shape) for name, shape in shapes.items()}


def check_shape(name: str, shape: tuple[int, ...], look: Look, sizes: dict[str, int]) -> None:
    """Check the shape of one array; sizes seen for the first time are noted in `sizes`."""
    sizes |= look.fixed
    fits = len(shape) == len(look.axes) and all(
        sizes.setdefault(axis, size) == size for axis, size in zip(look.axes, shape, strict=True)
    )
    if not fits:
        known = ", ".join(f"{axis} = {sizes[axis]}" for axis in dict.fromkeys(look.axes) if axis in sizes)
        raise ValueError(f"{name} has shape {shape}; expected ({' '.join(look.axes)}){f' with {known}' * bool(known)}")


def check_type(name: str, dtype: np.dtype, look: Look) -> None:
    """Check the type of one array's numbers."""
    expected = WHOLE if look.whole else FLOATS
    if dtype not in expected:
        raise ValueError(f"{name} holds {dtype}; expected {' or '.join(map(str, expected))}")


def check_range(name: str, array: np.ndarray, look: Look, n_items: int) -> None:
    """Check the values of one array."""
    if not look.whole and not np.isfinite(array).all():
        raise ValueError(f"{name} holds {np.sum(~np.isfinite(array))} NaN or infinite numbers; expected none")
    if look.within:
        if np.any((array < 0) | (array >= n_items)):
            raise ValueError(f"{name} holds other values than whole numbers from 0 to {n_items - 1}")
    elif array.size and not (look.low <= array.min() and array.max() <= look.high):
        raise ValueError(
            f"{name} holds numbers from {array.min():g} to {array.max():g}; expected {look.low:g} to {look.high:g}"
        )
