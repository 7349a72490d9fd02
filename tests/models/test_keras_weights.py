"""Reading the weights that Keras wrote, and refusing whatever Keras does not write."""

import re
from pathlib import Path

import h5py
import numpy as np
import pytest

from recsys.models.networks.keras_weights import LARGEST, read_weights, require_room

PLACE = "encoder/layers/dense/vars/0"
SHAPES = {PLACE: (3, 4), "decoder/vars/1": (2,)}
NUMBERS = np.arange(12, dtype=np.float32).reshape(3, 4)


def written(path: Path, numbers: np.ndarray = NUMBERS, **options: object) -> Path:
    """A file with what SHAPES says and something more; `options` are of the first array."""
    with h5py.File(path, "w") as file:
        file.create_dataset(PLACE, data=numbers, **options)
        file.create_dataset("decoder/vars/1", data=np.array([0.5, -0.5], dtype=np.float32))
        file.create_dataset("else", data=np.array([np.nan] * 20))
    return path


def test_arrays_come_by_their_places_and_in_their_order(tmp_path):
    found = read_weights(written(tmp_path / "w.h5"), SHAPES)
    assert list(found) == list(SHAPES)
    np.testing.assert_array_equal(found[PLACE], NUMBERS)
    assert found[PLACE].dtype == np.float32
    assert found["decoder/vars/1"].tolist() == [0.5, -0.5]


@pytest.mark.parametrize(
    ("numbers", "options", "message"),
    [
        (NUMBERS.T, {}, f"expected (3, 4) float32 at {PLACE}, found (4, 3) float32"),
        (NUMBERS.astype(np.float64), {}, f"expected (3, 4) float32 at {PLACE}, found (3, 4) float64"),
        (NUMBERS.astype(">f4"), {}, f"expected (3, 4) float32 at {PLACE}, found (3, 4) >f4"),
        (NUMBERS, {"compression": "gzip"}, f"{PLACE} is compressed, in pieces, in another file or nowhere; expected"),
        (NUMBERS, {"chunks": (3, 4)}, f"{PLACE} is compressed, in pieces"),
        (np.where(NUMBERS < 2, np.nan, NUMBERS), {}, f"2 of 12 numbers at {PLACE} are NaN or infinite; expected none"),
        (np.where(NUMBERS < 1, -np.inf, NUMBERS), {}, f"1 of 12 numbers at {PLACE} are NaN or infinite"),
        (NUMBERS + 2 * LARGEST, {}, f"numbers at {PLACE} are from 2e+06 to 2.00001e+06; expected -1e+06 to 1e+06"),
        (NUMBERS - 2 * LARGEST, {}, f"numbers at {PLACE} are from -2e+06 to -1.99999e+06; expected -1e+06 to 1e+06"),
    ],
)
def test_what_keras_does_not_write_is_refused(tmp_path, numbers, options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        read_weights(written(tmp_path / "w.h5", numbers, **options), SHAPES)


def test_an_array_without_bytes_behind_it_is_refused(tmp_path):
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.create_dataset(PLACE, (3, 4), dtype=np.float32)
        file.create_dataset("else", data=np.zeros(100))
    with pytest.raises(ValueError, match="in another file or nowhere"):
        read_weights(tmp_path / "w.h5", {PLACE: (3, 4)})


def test_an_array_in_another_file_or_pieced_together_is_refused(tmp_path):
    source = written(tmp_path / "other.h5")
    layout = h5py.VirtualLayout((3, 4), np.float32)
    layout[:] = h5py.VirtualSource(source, PLACE, (3, 4))
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.create_dataset("out", (3, 4), dtype=np.float32, external=[(str(tmp_path / "raw"), 0, 48)])[:] = 1.0
        file.create_virtual_dataset("pieces", layout)
        file.create_dataset("else", data=np.zeros(100))
    for place in ("out", "pieces"):
        with pytest.raises(ValueError, match=f"{place} is compressed, in pieces, in another file or nowhere"):
            read_weights(tmp_path / "w.h5", {place: (3, 4)})


@pytest.mark.parametrize("link", [h5py.SoftLink("/else"), h5py.ExternalLink("other.h5", PLACE)])
@pytest.mark.parametrize("place", ["link", "a/link"])
def test_links_are_not_followed(tmp_path, link, place):
    written(tmp_path / "other.h5")
    with h5py.File(written(tmp_path / "w.h5"), "a") as file:
        file[place] = link
    for wanted in (place, f"{place}/further"):
        message = f"link of {wanted} is a link to elsewhere; expected an array in the file itself"
        with pytest.raises(ValueError, match=message):
            read_weights(tmp_path / "w.h5", {wanted: (3, 4)})


@pytest.mark.parametrize(
    ("place", "found"), [("nowhere", "nothing"), (f"{PLACE}/0", "nothing"), ("encoder/layers", "a group")]
)
def test_what_is_not_there_or_is_no_array_is_named(tmp_path, place, found):
    message = re.escape(f"expected (3, 4) float32 at {place}, found {found}")
    with pytest.raises(ValueError, match=message + "$"):
        read_weights(written(tmp_path / "w.h5"), {place: (3, 4)})


def test_some_arrays_have_limits_of_their_own(tmp_path):
    path = written(tmp_path / "w.h5")
    read_weights(path, SHAPES, {PLACE: (0.0, 11.0)})
    for allowed in ((0.5, 11.0), (0.0, 10.5)):
        with pytest.raises(ValueError, match=f"are from 0 to 11; expected {allowed[0]:g} to {allowed[1]:g}"):
            read_weights(path, SHAPES, {PLACE: allowed})
    np.testing.assert_array_equal(read_weights(written(path, NUMBERS * 0 - LARGEST), SHAPES)[PLACE], -LARGEST)


def test_arrays_without_numbers_are_allowed(tmp_path):
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.create_dataset("a", data=np.zeros((0, 4), dtype=np.float32))
    assert read_weights(tmp_path / "w.h5", {"a": (0, 4)})["a"].shape == (0, 4)


def test_a_file_needs_the_room_for_what_it_is_to_hold(tmp_path):
    """12 and 2 numbers of four bytes are 56."""
    path = tmp_path / "w.h5"
    path.write_bytes(bytes(56))
    require_room(path, SHAPES)
    path.write_bytes(bytes(55))
    with pytest.raises(ValueError, match="the file has 55 bytes; expected more than 56, which the settings imply"):
        require_room(path, SHAPES)
    with pytest.raises(ValueError, match=r"the file has .* bytes; expected more than 4,000,000,000"):
        read_weights(written(path), {PLACE: (1000, 1_000_000)})


def test_a_file_that_is_not_hdf5_is_refused(tmp_path):
    (tmp_path / "w.h5").write_bytes(bytes(500))
    with pytest.raises(ValueError, match=r"not an HDF5 file \("):
        read_weights(tmp_path / "w.h5", SHAPES)
