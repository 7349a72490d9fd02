"""What a model's stored arrays must look like (see `Model.array_shapes`), and whether they do."""

from collections.abc import Mapping

import numpy as np

ITEMS = "I"


def of_part(part: str, shapes: Mapping[str, str]) -> dict[str, str]:
    """The shapes of a composite's part, under "part/name"; sizes other than I are its own.

    >>> of_part("stars", {"items": "S I", "link_items": "F:I"})
    {'stars/items': 'S.stars I', 'stars/link_items': 'F.stars:I'}
    """

    def own(axis: str) -> str:
        size, colon, limit = axis.partition(":")
        return axis if size == ITEMS else f"{size}.{part}{colon}{limit}"

    return {f"{part}/{name}": " ".join(map(own, shape.split())) for name, shape in shapes.items()}


def check_arrays(arrays: Mapping[str, np.ndarray], shapes: Mapping[str, str], n_items: int) -> None:
    """Raise ValueError, saying which and how, if arrays are missing, unexpected, or do not look as they should."""
    expected = {name.rstrip("?"): shape for name, shape in shapes.items()}
    missing = [name for name in shapes if not name.endswith("?") and name not in arrays]
    if missing or arrays.keys() - expected.keys():
        came = ", ".join(sorted(arrays)) or "none"
        raise ValueError(f"found the arrays {came}; expected {', '.join(shapes) or 'none'}")
    sizes = {ITEMS: n_items}
    for name, array in arrays.items():
        check_array(name, array, expected[name], sizes)


def check_array(name: str, array: np.ndarray, shape: str, sizes: dict[str, int]) -> None:
    """Check one array; sizes seen for the first time are noted in `sizes`."""
    axes = shape.split()
    letters = [axis.partition(":")[0] for axis in axes]
    fits = array.ndim == len(axes) and all(
        sizes.setdefault(letter, size) == size for letter, size in zip(letters, array.shape, strict=True)
    )
    if not fits:
        known = ", ".join(f"{letter} = {sizes[letter]}" for letter in letters if letter in sizes)
        raise ValueError(f"{name} has shape {array.shape}; expected ({shape}){f' with {known}' * bool(known)}")
    if np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
        raise ValueError(f"{name} holds {np.sum(~np.isfinite(array))} NaN or infinite numbers; expected none")
    if any(":" in axis for axis in axes):
        limit = sizes[axes[0].partition(":")[2]]
        if not np.issubdtype(array.dtype, np.integer) or np.any((array < 0) | (array >= limit)):
            raise ValueError(f"{name} holds other values than whole numbers from 0 to {limit - 1}")
