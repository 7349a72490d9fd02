"""Reading a .weights.h5 file that Keras wrote, without Keras.

HDF5 can send a reader elsewhere: links to other files, arrays whose bytes are kept in other files, arrays pieced
together out of others, filters that are code. Keras writes none of that, so only its own way is read: plain arrays,
each in one piece inside the file. And it can declare sizes that nothing stands behind, so sizes are compared with the
file's before anything is made.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

FLOAT = np.dtype("<f4")
LARGEST = 1e6  # in size, of a weight
Range = tuple[float, float]


def read_weights(
    path: Path, shapes: Mapping[str, tuple[int, ...]], ranges: Mapping[str, Range] | None = None
) -> dict[str, np.ndarray]:
    """The arrays at some places of an HDF5 file, float32; what else is in it is not looked at.

    Args:
        path: the file.
        shapes: by place, what the array there must look like.
        ranges: by place, what its numbers may be, where it is not at most LARGEST in size.

    Raises:
        ValueError: the file is not HDF5, lacks an array, has one of another shape or type, in another file, or with
            numbers that no training finds, NaN and infinity among them; says which.
    """
    import h5py

    allowed = ranges or {}
    try:
        with h5py.File(path, "r") as file:
            require_room(path, shapes)
            return {
                place: read_array(file, place, shape, allowed.get(place, (-LARGEST, LARGEST)))
                for place, shape in shapes.items()
            }
    except OSError as error:
        raise ValueError(f"not an HDF5 file ({error})") from None


def length_at(path: Path, place: str) -> int | None:
    """Of an array with one axis at a place of an HDF5 file, as it is declared; None if there is none."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            shape = getattr(linked(file, place), "shape", None)
    except OSError as error:
        raise ValueError(f"not an HDF5 file ({error})") from None
    return shape[0] if isinstance(shape, tuple) and len(shape) == 1 else None


def require_room(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Raise ValueError if arrays of these shapes are larger than the file that is to hold them."""
    expected = FLOAT.itemsize * sum(map(math.prod, shapes.values()))
    n_bytes = path.stat().st_size
    if expected > n_bytes:
        raise ValueError(f"the file has {n_bytes:,} bytes; expected more than {expected:,}, which the settings imply")


def read_array(file: Any, place: str, shape: tuple[int, ...], allowed: Range) -> np.ndarray:
    """One array; how it is stored is looked at before anything is read."""
    found = linked(file, place)
    if found is None or getattr(found, "shape", None) != shape or found.dtype != FLOAT:
        came = "nothing" if found is None else f"{getattr(found, 'shape', 'a group')} {getattr(found, 'dtype', '')}"
        raise ValueError(f"expected {shape} float32 at {place}, found {came.strip()}")
    require_plain(found, place)
    values = np.asarray(found[()])
    require_usual(place, values, allowed)
    return values


def linked(file: Any, place: str) -> Any:
    """What lies at a place of the file itself; None if there is nothing, ValueError if a link leads elsewhere."""
    import h5py

    found = file
    for name in place.split("/"):
        link = found.get(name, getlink=True) if isinstance(found, h5py.Group) else None
        if link is None:
            return None
        if not isinstance(link, h5py.HardLink):
            raise ValueError(f"{name} of {place} is a link to elsewhere; expected an array in the file itself")
        found = found[name]
    return found


def require_plain(found: Any, place: str) -> None:
    """Raise ValueError unless an array lies in one piece inside its file, uncompressed."""
    from h5py import h5d

    stored = found.id.get_create_plist()
    one_piece = stored.get_layout() in (h5d.CONTIGUOUS, h5d.COMPACT) and not found.is_virtual
    inside = found.external is None and not stored.get_nfilters()
    if not (one_piece and inside and found.id.get_storage_size() == found.size * FLOAT.itemsize):
        came = f"{place} is compressed, in pieces, in another file or nowhere"
        raise ValueError(f"{came}; expected it as Keras writes it")


def require_usual(place: str, values: np.ndarray, allowed: Range) -> None:
    """Raise ValueError if an array holds NaN or infinity, or a number that is not allowed."""
    n_bad = int(np.sum(~np.isfinite(values)))
    if n_bad:
        raise ValueError(f"{n_bad} of {values.size} numbers at {place} are NaN or infinite; expected none")
    low, high = allowed
    if values.size and not (low <= values.min() and values.max() <= high):
        raise ValueError(
            f"numbers at {place} are from {values.min():g} to {values.max():g}; expected {low:g} to {high:g}"
        )
