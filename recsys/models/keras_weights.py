"""Reading a .weights.h5 file that Keras wrote, without Keras."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np


def read_weights(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    """The arrays at some places of an HDF5 file, float32.

    Args:
        path: the file. shapes: by place, what the array there must look like.

    Raises:
        ValueError: the file is not HDF5, lacks an array, or has one of another shape, type or with NaN or infinity;
            says which.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return {place: read_array(file, place, shape) for place, shape in shapes.items()}
    except OSError as error:
        raise ValueError(f"not an HDF5 file ({error})") from None


def read_array(file: Mapping, place: str, shape: tuple[int, ...]) -> np.ndarray:
    """One array; its shape is looked at before anything is read."""
    found = file.get(place)
    if found is None or getattr(found, "shape", None) != shape or found.dtype != np.float32:
        came = "nothing" if found is None else f"{getattr(found, 'shape', 'a group')} {getattr(found, 'dtype', '')}"
        raise ValueError(f"expected {shape} float32 at {place}, found {came.strip()}")
    values = np.asarray(found[()])
    require_finite(place, values)
    return values


def check_weights(path: Path) -> None:
    """Look through all arrays of a file; raises ValueError if one is not finite, or the file is not HDF5."""
    import h5py

    def check(place: str, found: object) -> None:
        if isinstance(found, h5py.Dataset):
            require_finite(place, np.asarray(found[()]))

    try:
        with h5py.File(path, "r") as file:
            file.visititems(check)
    except OSError as error:
        raise ValueError(f"not an HDF5 file ({error})") from None


def require_finite(place: str, values: np.ndarray) -> None:
    """Raise ValueError if an array holds NaN or infinity."""
    n_bad = int(np.sum(~np.isfinite(values))) if np.issubdtype(values.dtype, np.floating) else 0
    if n_bad:
        raise ValueError(f"{n_bad} of {values.size} numbers at {place} are NaN or infinite; expected none")
