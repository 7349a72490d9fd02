"""What can be done to a model's folder: every function damages one, by random numbers, and says what it did.

Where a damage is not one of bytes alone, digests are made anew, so that the manifest vouches for what came of it.
"""

import json
import os
import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from safetensors.numpy import load_file, save_file

from recsys.artifacts.manifest import MANIFEST, write_manifest

DESCRIPTION, ARRAYS, WEIGHTS = "model.json", "arrays.safetensors", "model.weights.h5"
NUMBERS: list[Any] = [0, -1, 1, 2, 3, 0.5, 33, 1000, 1025, 10**6, 10**9, 2**31, 2**63, 10**400, 1e9, 1e300, -1e308]
NUMBERS += [1e-300, 5e-324, 2.0**-23, float("nan"), float("inf"), True]
OTHERS: list[Any] = [None, "x", "", "1", [], [1], {}, {"a": 1}, "~nosuchuser/x", "../../etc", "ml-32m", "\0", "\ud800"]
OTHERS += ["x" * 100_000, "/dev/zero", [1] * 100_000, [2_000_000], [[[[1]]]]]
MAGNITUDES = [1e38, -1e38, 1e300, -1e300, 3e6, 1e6, -1e6, 1e3, -50.0, 1e-30, 0.0, float("nan"), float("inf")]


def vouched(folder: Path) -> None:
    """Make the digests anew."""
    (folder / MANIFEST).unlink()
    write_manifest(folder)


def one_of(rng: np.random.Generator, values: list[Any]) -> Any:
    return values[rng.integers(len(values))]


def a_file(folder: Path, rng: np.random.Generator) -> Path:
    return folder / str(one_of(rng, sorted(path.name for path in folder.iterdir())))


# ---- bytes


def flipped(folder: Path, rng: np.random.Generator) -> str:
    path = a_file(folder, rng)
    flip(path, rng)
    return f"bytes of {path.name}"


def flip(path: Path, rng: np.random.Generator) -> None:
    content = bytearray(path.read_bytes())
    for place in rng.integers(len(content), size=rng.integers(1, 9)):
        content[place] ^= int(rng.integers(1, 256))
    path.write_bytes(content)


def flipped_and_vouched(folder: Path, rng: np.random.Generator) -> str:
    """Headers are at the beginning, so half of the damages are there."""
    path = a_file(folder, rng)
    if path.name == MANIFEST:
        return flipped(folder, rng)
    if rng.random() < 0.5:
        flip(path, rng)
    else:
        content = bytearray(path.read_bytes())
        content[rng.integers(min(len(content), 2000))] = int(rng.integers(256))
        path.write_bytes(content)
    vouched(folder)
    return f"bytes of {path.name}"


def cut_off(folder: Path, rng: np.random.Generator) -> str:
    path = a_file(folder, rng)
    path.write_bytes(path.read_bytes()[: rng.integers(path.stat().st_size)])
    if path.name != MANIFEST and rng.random() < 0.7:
        vouched(folder)
    return path.name


def exchanged(folder: Path, rng: np.random.Generator) -> str:
    one, other = a_file(folder, rng), a_file(folder, rng)
    one.replace(other)
    if MANIFEST not in (one.name, other.name):
        vouched(folder)
    return f"{one.name} in place of {other.name}"


# ---- JSON


def entries(content: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) inside a JSON value."""
    keys = content.keys() if isinstance(content, dict) else range(len(content)) if isinstance(content, list) else ()
    for key in list(keys):
        yield content, key
        yield from entries(content[key])


def described_anew(folder: Path, change: Callable[[Any], str]) -> str:
    path = folder / DESCRIPTION
    content = json.loads(path.read_text(encoding="utf-8"))
    done = change(content)
    path.write_bytes(json.dumps(content).encode("utf-8", "surrogatepass"))
    vouched(folder)
    return done


def with_another_number(folder: Path, rng: np.random.Generator) -> str:
    """In place of any number of model.json; the setting of a model, mostly."""

    def change(content: Any) -> str:
        numbers = [(at, key) for at, key in entries(content) if type(at[key]) in (int, float)]
        at, key = one_of(rng, numbers)
        at[key] = one_of(rng, NUMBERS)
        return f"{key} is {str(at[key])[:40]}"

    return described_anew(folder, change)


def with_another_value(folder: Path, rng: np.random.Generator) -> str:
    """In place of any value of model.json."""

    def change(content: Any) -> str:
        at, key = one_of(rng, list(entries(content)))
        at[key] = one_of(rng, OTHERS + NUMBERS)
        return f"{key} is {repr(at[key])[:40]}"

    return described_anew(folder, change)


def with_other_facts(folder: Path, rng: np.random.Generator) -> str:
    """Those that are acted upon."""

    def change(content: Any) -> str:
        key = one_of(rng, ["dataset", "dataset_sha256", "films_sha256", "split", "min_ratings", "metrics", "command"])
        content["facts"][key] = one_of(rng, OTHERS + NUMBERS)
        return f"{key} is {repr(content['facts'][key])[:40]}"

    return described_anew(folder, change)


def with_another_key(folder: Path, rng: np.random.Generator) -> str:
    def change(content: Any) -> str:
        at, key = one_of(rng, list(entries(content)))
        if isinstance(at, dict) and rng.random() < 0.5:
            del at[key]
            return f"without {key}"
        inside = at if isinstance(at, dict) else content
        inside[one_of(rng, ["x" * 100_000, "os", "", "\0"])] = 1
        return "with one more key"

    return described_anew(folder, change)


def with_another_scale(folder: Path, rng: np.random.Generator) -> str:
    scales = [(1.0, 5.0, 2.0**-power) for power in (8, 12, 23, 30)] + [(5e-324, 5.0, 5.0), (1.0, 1e308, 1.0)]
    scales += [(1.0, 1000.0, 1.0), (0.001, 1.0, 0.001), (1.0, 2.0, 1.0), (1.0, 100.0, 1.0), (3.0, 3.0, 0.0)]

    def change(content: Any) -> str:
        lowest, highest, step = one_of(rng, scales)
        content["scale"] = {"lowest": lowest, "highest": highest, "step": step}
        return f"from {lowest} to {highest} in steps of {step}"

    return described_anew(folder, change)


def of_another_model(folder: Path, rng: np.random.Generator) -> str:
    """Another name, with the settings of that one where they are of use."""
    from dataclasses import asdict

    from recsys.models import MODELS

    def change(content: Any) -> str:
        content["model"] = one_of(rng, list(MODELS))
        if rng.random() < 0.7:
            content["config"] = asdict(MODELS[content["model"]].config)
        return content["model"]

    return described_anew(folder, change)


def deep_json(folder: Path, rng: np.random.Generator) -> str:
    name, depth = one_of(rng, [DESCRIPTION, MANIFEST]), int(one_of(rng, [500, 100_000, 500_000]))
    (folder / name).write_text('{"a":' * depth + "1" + "}" * depth)
    if name != MANIFEST:
        vouched(folder)
    return f"{name}, {depth} deep"


def large_json(folder: Path, rng: np.random.Generator) -> str:
    name = one_of(rng, [DESCRIPTION, MANIFEST])
    with (folder / name).open("r+b") as stream:
        stream.truncate(int(one_of(rng, [10**7, 10**9, 10**12])))
    if name != MANIFEST:
        (folder / MANIFEST).write_text(json.dumps({name: "0" * 64, ARRAYS: "0" * 64}))
    return f"{name} of {(folder / name).stat().st_size:,} bytes"


# ---- safetensors


def with_arrays(folder: Path, rng: np.random.Generator, change: Callable[[dict[str, np.ndarray], str], str]) -> str:
    arrays = {name: array.copy() for name, array in load_file(folder / ARRAYS).items()}
    name = one_of(rng, sorted(arrays))
    done = change(arrays, name)
    save_file({each: np.asarray(array, order="C") for each, array in arrays.items()}, folder / ARRAYS)
    vouched(folder)
    return f"{name} {done}"


def with_magnitudes(folder: Path, rng: np.random.Generator) -> str:
    """Of one array, or of one number in it, or of all arrays."""

    def change(arrays: dict[str, np.ndarray], name: str) -> str:
        value = one_of(rng, MAGNITUDES)
        everywhere, all_of_one = rng.random() < 0.4, rng.random() < 0.5
        for each in arrays if everywhere else [name]:
            with np.errstate(all="ignore"):
                filled = np.full(arrays[each].shape, value).astype(arrays[each].dtype)
            places = np.ones(filled.shape, bool) if everywhere or all_of_one else rng.random(filled.shape) < 0.1
            arrays[each] = np.where(places, filled, arrays[each]).astype(filled.dtype)
        return f"and all others {value}" if everywhere else f"has {value}"

    with np.errstate(all="ignore"):
        return with_arrays(folder, rng, change)


def with_random_numbers(folder: Path, rng: np.random.Generator) -> str:
    def change(arrays: dict[str, np.ndarray], name: str) -> str:
        size = one_of(rng, [1.0, 1e2, 1e4, 9e5])
        for each, array in arrays.items():
            if array.dtype.kind == "f" and each.startswith("model/"):
                arrays[each] = rng.uniform(-size, size, array.shape).astype(array.dtype)
        return f"and all others up to {size}"

    return with_arrays(folder, rng, change)


def of_another_type(folder: Path, rng: np.random.Generator) -> str:
    types = ["f2", "f4", "f8", "i1", "i4", "i8", "u8", "?", "u1"]

    def change(arrays: dict[str, np.ndarray], name: str) -> str:
        arrays[name] = arrays[name].astype(one_of(rng, types))
        return f"of {arrays[name].dtype}"

    return with_arrays(folder, rng, change)


def of_another_shape(folder: Path, rng: np.random.Generator) -> str:
    def change(arrays: dict[str, np.ndarray], name: str) -> str:
        array = arrays[name]
        shapes = [array[None], array.ravel(), array.T, array[..., None], array[:0] if array.ndim else array[None][:0]]
        shapes += [np.concatenate([array, array]) if array.ndim else np.stack([array, array])]
        arrays[name] = one_of(rng, shapes)
        return f"of shape {arrays[name].shape}"

    return with_arrays(folder, rng, change)


def with_another_name(folder: Path, rng: np.random.Generator) -> str:
    def change(arrays: dict[str, np.ndarray], name: str) -> str:
        arrays[one_of(rng, ["x", "model/x", "model/" + "x" * 9999, "item_ids", "model/mean"])] = arrays.pop(name)
        return "under another name"

    return with_arrays(folder, rng, change)


def with_other_items(folder: Path, rng: np.random.Generator) -> str:
    wrong = {
        "item_ids": [lambda a: a[::-1], lambda a: a * 0, lambda a: -a, lambda a: a * 2.0, lambda a: a.astype("u8")],
        "n_ratings": [lambda a: -a, lambda a: a * 0, lambda a: a * 0 + 2**62, lambda a: a > 3, lambda a: a * 1.5],
        "mean_stars": [lambda a: a * 0 + 1e30, lambda a: -a, lambda a: a * np.nan, lambda a: a * 0],
        "level_counts": [lambda a: -a, lambda a: a + 1, lambda a: a[:, 1:], lambda a: a.T, lambda a: a * 2**40],
    }
    kind = one_of(rng, list(wrong))

    def change(arrays: dict[str, np.ndarray], name: str) -> str:
        arrays[kind] = one_of(rng, wrong[kind])(arrays[kind])
        return f"and {kind} of {arrays[kind].dtype}: {arrays[kind][:3]}"

    return with_arrays(folder, rng, change)


def with_another_header(folder: Path, rng: np.random.Generator) -> str:
    """What is declared is not what is there."""
    content = (folder / ARRAYS).read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    header, rest = json.loads(content[8 : 8 + length]), content[8 + length :]
    name = one_of(rng, sorted(header))
    shape = one_of(rng, [[0, 2**62], [2**60], [2**63], [-1], [2**31, 2**31], [1] * 100, [0], [3.5], "x", [10**30]])
    offsets = one_of(rng, [[0, 8], [0, len(rest)], [-8, 8], [2**62, 2**63], [8, 0], None])
    kind, text = int(rng.integers(5)), ""
    if kind == 0:
        header[name]["shape"] = shape
    elif kind == 1:
        header[name]["data_offsets"] = offsets
    elif kind == 2:
        header[name] |= {"shape": shape, "data_offsets": offsets}
    elif kind == 3:
        text = json.dumps(header)
        text = f"{text[:-1]},{json.dumps(name)}:{json.dumps(header[name] | {'shape': shape})}}}"
    else:
        header[f"model/{'x' * 50}"] = {"dtype": "F32", "shape": [0, 2**62], "data_offsets": [len(rest), len(rest)]}
    written = (text or json.dumps(header)).encode()
    said = int(one_of(rng, [0, 2**63, 2**40, 10**8])) if rng.random() < 0.15 else len(written)
    (folder / ARRAYS).write_bytes(struct.pack("<Q", said) + written + rest)
    vouched(folder)
    return f"{name}: {kind}, {shape}, {offsets}, {said}"


def with_zeros_of_a_large_size(folder: Path, rng: np.random.Generator) -> str:
    """Settings, shapes and file agree; the file has holes, so that it takes no place on the disk."""
    description = json.loads((folder / DESCRIPTION).read_text())
    arrays = load_file(folder / ARRAYS)
    grown = next((name for name in ("model/item_factors", "model/items", "model/weights") if name in arrays), None)
    if grown is None:
        return with_another_number(folder, rng)
    n_factors = int(one_of(rng, [200_000, 2_000_000]))
    if "n_factors" in description["config"]:
        description["config"]["n_factors"] = n_factors - (grown == "model/items")
    (folder / DESCRIPTION).write_text(json.dumps(description))
    shape = [*arrays[grown].shape[:-1], n_factors]
    header, at = {}, 0
    for name in sorted(arrays, key=lambda each: (each == grown, each)):
        array = arrays[name]
        size = 4 * int(np.prod(shape)) if name == grown else array.nbytes
        kind = "F32" if name == grown else {"f4": "F32", "f8": "F64", "i8": "I64"}[array.dtype.str[1:]]
        header[name] = {
            "dtype": kind,
            "shape": shape if name == grown else list(array.shape),
            "data_offsets": [at, at + size],
        }
        at += size
    written = json.dumps(header).encode()
    with (folder / ARRAYS).open("wb") as stream:
        stream.write(struct.pack("<Q", len(written)) + written)
        stream.write(b"".join(arrays[name].tobytes() for name in header if name != grown))
        stream.truncate(8 + len(written) + at)
    if at < 2**29:
        vouched(folder)
    return f"{grown} of {shape}"


# ---- HDF5


def weights_anew(folder: Path, rng: np.random.Generator, change: Callable[[h5py.File, str], str]) -> str:
    """Of a model without networks, its arrays are damaged instead."""
    path = folder / WEIGHTS
    if not path.exists():
        return with_another_header(folder, rng)
    with h5py.File(path, "r+") as file:
        places: list[str] = []
        file.visititems(lambda place, found: places.append(place) if isinstance(found, h5py.Dataset) else None)
        place = one_of(rng, places)
        done = change(file, place)
    vouched(folder)
    return f"{place} {done}"


def linked_elsewhere(folder: Path, rng: np.random.Generator) -> str:
    other = folder.parent / "other.h5"
    links = [h5py.ExternalLink(name, "/x") for name in (str(other), "/etc/passwd", "/dev/zero", WEIGHTS, "pipe")]
    links += [h5py.SoftLink("/nowhere"), h5py.SoftLink("."), h5py.SoftLink("/encoder")]

    def change(file: h5py.File, place: str) -> str:
        with h5py.File(other, "w") as elsewhere:
            elsewhere["x"] = file[place][()]
        if not (folder.parent / "pipe").exists():
            os.mkfifo(folder.parent / "pipe")
        link = one_of(rng, links)
        at = place if rng.random() < 0.7 else place.rsplit("/", 2)[0]
        del file[at]
        file[at] = link
        return f"is {link.__class__.__name__} {getattr(link, 'filename', '')} {link.path}"

    return weights_anew(folder, rng, change)


def stored_elsewhere(folder: Path, rng: np.random.Generator) -> str:
    """In another file, in pieces, compressed, or nowhere at all."""

    def change(file: h5py.File, place: str) -> str:
        values = file[place][()]
        shape, kind = np.shape(values), int(rng.integers(7))
        del file[place]
        n_bytes = 4 * int(np.prod(shape))
        if kind == 0:
            where = one_of(rng, ["/etc/passwd", "/dev/zero", str(folder.parent / "pipe"), "nowhere.bin"])
            file.create_dataset(place, shape, "f4", external=[(where, 0, n_bytes)])
        elif kind == 1 and shape:
            layout = h5py.VirtualLayout(shape, "f4")
            layout[:] = h5py.VirtualSource(one_of(rng, [".", "/dev/zero", "nowhere.h5"]), "x", shape)
            file.create_virtual_dataset(place, layout)
        elif kind == 2 and shape:
            file.create_dataset(place, data=values, chunks=True)
        elif kind == 3 and shape:
            file.create_dataset(place, data=values, compression=one_of(rng, ["gzip", "lzf"]), shuffle=True)
        elif kind == 4:
            file.create_dataset(place, shape, "f4")
        elif kind == 5:
            file.create_dataset(place, shape, one_of(rng, ["f8", ">f4", "i4", "c8", "S4", h5py.string_dtype(), "f2"]))
        else:
            file.create_group(place)
        return f"stored in another way, {kind}"

    return weights_anew(folder, rng, change)


def declared_large(folder: Path, rng: np.random.Generator) -> str:
    """Sizes that nothing stands behind; settings agree with them where they can."""

    def change(file: h5py.File, place: str) -> str:
        shape = one_of(rng, [(2**32,), (2**20, 2**12), (2**30, 2**30), (2**40,)])
        at = one_of(rng, [place, "encoder/layers/dense/vars/9", "z", "layers/z"])
        if at in file:
            del file[at]
        stored = one_of(rng, [{}, {"chunks": (2**10,) * len(shape), "compression": "gzip"}])
        file.create_dataset(at, shape, "f4", **stored)
        return f"{at} of {shape}, {stored}"

    return weights_anew(folder, rng, change)


def with_large_networks(folder: Path, rng: np.random.Generator) -> str:
    """Settings, and empty arrays of the shapes that they imply."""
    if not (folder / WEIGHTS).exists():
        return with_zeros_of_a_large_size(folder, rng)
    description = json.loads((folder / DESCRIPTION).read_text())
    config = description["config"].get("vae", description["config"])
    size = int(one_of(rng, [5_000, 200_000, 2_000_000]))
    if "hidden" in config:
        config["hidden"] = one_of(rng, [[size], [size, size], [1] * 8, [1] * 100_000, [16_384] * 8])
    else:
        config[one_of(rng, ["n_hidden", "n_latent", "n_star_units", "n_networks"])] = size
    (folder / DESCRIPTION).write_text(json.dumps(description))
    done = weights_anew(folder, rng, lambda file, place: resized(file, size))
    return f"{str(config)[:60]}, {done}"


def resized(file: h5py.File, size: int) -> str:
    """Every array of a hidden layer with as many units as `size`, empty and compressed."""
    places: list[str] = []
    file.visititems(lambda place, found: places.append(place) if getattr(found, "shape", ()) else None)
    for place in places:
        shape = tuple(size if length == 16 else length for length in file[place].shape)
        del file[place]
        file.create_dataset(place, shape, "f4", chunks=tuple(min(length, 64) for length in shape), compression="gzip")
    return f"empty arrays of {size}"


def weights_with_magnitudes(folder: Path, rng: np.random.Generator) -> str:
    def change(file: h5py.File, place: str) -> str:
        value, everywhere = one_of(rng, MAGNITUDES), rng.random() < 0.5

        def fill(found: h5py.Dataset) -> None:
            with np.errstate(all="ignore"):
                found[...] = np.full(found.shape, value).astype(found.dtype)

        if everywhere:
            file.visititems(lambda _, found: fill(found) if isinstance(found, h5py.Dataset) else None)
        else:
            fill(file[place])
        return f"{'and all others ' * everywhere}{value}"

    return weights_anew(folder, rng, change)


def with_random_weights(folder: Path, rng: np.random.Generator) -> str:
    def change(file: h5py.File, place: str) -> str:
        size = one_of(rng, [10.0, 1e3, 9e5])

        def draw(found: h5py.Dataset) -> None:
            found[...] = rng.uniform(-size, size, found.shape)

        file.visititems(lambda _, found: draw(found) if getattr(found, "dtype", None) == np.float32 else None)
        return f"and all others up to {size}"

    return weights_anew(folder, rng, change)


def shared_arrays(folder: Path, rng: np.random.Generator) -> str:
    """A hundred networks of one's own, all the same bytes."""

    def change(file: h5py.File, place: str) -> str:
        if "layers/mult_vae_network" not in file:
            file["again"] = file[place]
            return "twice"
        for number in range(1, 101):
            name = f"layers/mult_vae_network_{number}"
            if name in file:
                del file[name]
            file[name] = file["layers/mult_vae_network"]
        return "a hundred times"

    description = json.loads((folder / DESCRIPTION).read_text())
    config = description["config"].get("vae", description["config"])
    if "n_networks" in config:
        config["n_networks"] = int(one_of(rng, [100, 10**9]))
        (folder / DESCRIPTION).write_text(json.dumps(description))
    return weights_anew(folder, rng, change)


# ---- files that are none


def no_file(folder: Path, rng: np.random.Generator) -> str:
    """A pipe, a folder, a socket, a link or a hole in place of a file."""
    path, kind = a_file(folder, rng), int(rng.integers(8))
    content = path.read_bytes()
    outside = folder.parent / f"outside-{path.name}"
    outside.write_bytes(content)
    path.unlink()
    if kind == 0:
        os.mkfifo(path)
    elif kind == 1:
        path.mkdir()
    elif kind == 2:
        with socket.socket(socket.AF_UNIX) as bound:
            here = os.open(folder, os.O_RDONLY)
            bound.bind(f"/proc/self/fd/{here}/{path.name}")
            os.close(here)
    elif kind == 3:
        path.symlink_to(outside)
    elif kind == 4:
        path.symlink_to(path)
    elif kind == 5:
        path.symlink_to(one_of(rng, ["/dev/zero", "/dev/random", "/etc/passwd", "/proc/self/mem"]))
    elif kind == 6:
        path.write_bytes(content)
        with path.open("r+b") as stream:
            stream.truncate(int(one_of(rng, [2**33, 10**12])))
    else:
        path.write_bytes(content)
        path.chmod(0)
    return f"{path.name}, {kind}"


def with_another_manifest(folder: Path, rng: np.random.Generator) -> str:
    listed = json.loads((folder / MANIFEST).read_text())
    names = [
        "../x",
        "..\\x",
        "/etc/passwd",
        "a/b",
        "x" * 100_000,
        "\0",
        "\ud800",
        "",
        ".",
        "..",
        MANIFEST,
        "a\nb",
        "no",
    ]
    kind = int(rng.integers(4))
    if kind == 0:
        listed[one_of(rng, names)] = "0" * 64
    elif kind == 1:
        listed[one_of(rng, sorted(listed))] = one_of(rng, OTHERS)
    elif kind == 2:
        del listed[one_of(rng, sorted(listed))]
    else:
        listed |= {f"file-{number}": "0" * 64 for number in range(int(one_of(rng, [200, 100_000])))}
    (folder / MANIFEST).write_bytes(json.dumps(listed).encode("utf-8", "surrogatepass"))
    return f"{kind}"


DAMAGES: dict[str, Callable[[Path, np.random.Generator], str]] = {
    damage.__name__.replace("_", " "): damage
    for damage in (
        *(flipped, flipped_and_vouched, cut_off, exchanged),
        *(with_another_number, with_another_value, with_other_facts, with_another_key, with_another_scale),
        *(of_another_model, deep_json),
        *(with_magnitudes, with_random_numbers, of_another_type, of_another_shape, with_another_name),
        *(with_other_items, with_another_header, with_zeros_of_a_large_size),
        *(linked_elsewhere, stored_elsewhere, declared_large, with_large_networks, weights_with_magnitudes),
        *(with_random_weights, shared_arrays),
        *(with_another_manifest, large_json, no_file),
    )
}
