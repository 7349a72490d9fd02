"""What a .safetensors file says it holds, checked against its size before anything of it is read.

The file begins with the length of a header (8 bytes, little-endian); the header is a JSON object with the type, the
shape and the place of every array; the arrays' bytes follow, without a gap (safetensors format).
"""

import json
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

LONGEST_HEADER = 2**20  # bytes; ours have a thousand
MOST_AXES, LONGEST_AXIS = 8, 2**40
DTYPES: dict[str, np.dtype] = {
    "F32": np.dtype("f4"),
    "F64": np.dtype("f8"),
    "I64": np.dtype("i8"),
}  # what artifacts are made of


class DeclaredArray(NamedTuple):
    """What a header says of an array."""

    dtype: np.dtype
    shape: tuple[int, ...]


def read_declared(path: Path) -> dict[str, DeclaredArray]:
    """The arrays that a file declares, by name.

    Raises:
        ValueError: the header is none, or says something else than the file's size; says what.
    """
    n_bytes = path.stat().st_size
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if not 2 <= length <= min(LONGEST_HEADER, n_bytes - 8):
            raise ValueError(f"not a safetensors file (a header of {length:,} bytes in a file of {n_bytes:,})")
        header = parsed(stream.read(length))
    header.pop("__metadata__", None)
    declared = {name: declared_array(name, entry) for name, entry in header.items()}
    said = sum(array.dtype.itemsize * math.prod(array.shape) for array in declared.values())
    if said != n_bytes - 8 - length:
        raise ValueError(f"arrays of {said:,} bytes are declared, and there are {n_bytes - 8 - length:,}")
    return declared


def parsed(header: bytes) -> dict[str, Any]:
    """The header's JSON object; ValueError if it is none or says something twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"it says {twice[:40]!r} twice")
        return dict(pairs)

    try:
        content = json.loads(header, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not a safetensors file (its header is not JSON: {error})") from None
    if not isinstance(content, dict):
        raise ValueError("not a safetensors file (its header is no JSON object)")
    return content


def declared_array(name: str, entry: Any) -> DeclaredArray:
    """Type and shape of an entry; ValueError if they are not such as artifacts have."""
    said = entry if isinstance(entry, dict) else {}
    kind, shape = said.get("dtype"), said.get("shape")
    dtype = DTYPES.get(kind) if isinstance(kind, str) else None
    if dtype is None:
        raise ValueError(f"{name[:40]} holds {str(kind)[:40]}; expected one of {', '.join(DTYPES)}")
    if not (isinstance(shape, list) and len(shape) <= MOST_AXES and all(map(is_size, shape))):
        raise ValueError(f"{name[:40]} has the shape {str(shape)[:40]}; expected a few sizes that a file can have")
    return DeclaredArray(dtype, tuple(shape))


def is_size(size: Any) -> bool:
    """Whether it is the length of an axis that a file could hold."""
    return type(size) is int and 0 <= size < LONGEST_AXIS
