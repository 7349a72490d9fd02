"""Models that were made up to do harm: each kind by hand, and many drawn at random (see hostile_artifacts)."""

import json
import os
import shutil
import struct
from pathlib import Path

import h5py
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from recsys.artifacts.artifact import load_artifact
from recsys.artifacts.manifest import MANIFEST, ArtifactError, told_in_a_sentence
from recsys.errors import DataError
from recsys.hub import Hub
from recsys.hub.download import cached_snapshot
from recsys.hub.references import Reference
from recsys.limits import MOST_BYTES
from recsys.models import MODELS
from recsys.recommend.recommender import Recommender
from tests.support.hostile_artifacts import trials, write_honest
from tests.support.hostile_damages import vouched

N_TRIALS = 60
VAE_PLACE = "layers/mult_vae_network/encoder/layers/dense/vars/0"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="module")
def honest(place) -> dict[str, Path]:
    return write_honest(place)


@pytest.fixture
def folder(honest, tmp_path) -> Path:
    return Path(shutil.copytree(honest["als"], tmp_path / "als"))


@pytest.fixture
def networks(honest, tmp_path) -> Path:
    return Path(shutil.copytree(honest["mult-vae"], tmp_path / "mult-vae"))


def refused(folder: Path, message: str, *, anew: bool = True) -> None:
    if anew:
        vouched(folder)
    with pytest.raises(ArtifactError, match=message):
        load_artifact(folder)


@pytest.mark.parametrize("name", [name for name in MODELS if name != "user-knn"])
def test_what_nobody_has_damaged_loads(honest, name):
    assert load_artifact(honest[name]).name == name


def test_random_damages_are_refused_in_a_sentence_or_do_no_harm(place, honest):
    """Another seed, or one of these alone: python tests/support/hostile_artifacts.py --seed N."""
    tried = list(trials(range(N_TRIALS), place, honest))
    assert [str(trial) for trial in tried if trial.fault] == []
    assert 0 < sum(trial.outcome["said"] == "harmless" for trial in tried) < N_TRIALS / 2


# ---- files


@pytest.mark.parametrize("name", [MANIFEST, "model.json", "arrays.safetensors"])
def test_a_pipe_or_a_folder_in_place_of_a_file_is_refused_at_once(folder, name):
    (folder / name).unlink()
    os.mkfifo(folder / name)
    refused(folder, f"{name}: is no file but a folder, a pipe or a device", anew=False)
    (folder / name).unlink()
    (folder / name).mkdir()
    refused(folder, f"{name}: is no file but a folder, a pipe or a device", anew=False)


def test_a_link_out_of_the_folder_is_refused_though_its_digest_is_right(folder, tmp_path):
    (folder / "arrays.safetensors").rename(tmp_path / "elsewhere")
    (folder / "arrays.safetensors").symlink_to(tmp_path / "elsewhere")
    refused(folder, "arrays.safetensors: is a link that leads out of the folder, to .*elsewhere; copy the file")


def test_links_as_the_cache_of_the_hub_has_them_are_followed(folder, tmp_path):
    cached = tmp_path / "cache" / "models--someone--films"
    snapshot = cached / "snapshots" / ("a" * 40)
    snapshot.mkdir(parents=True)
    (cached / "blobs").mkdir()
    for number, path in enumerate(sorted(folder.iterdir())):
        path.rename(cached / "blobs" / str(number))
        (snapshot / path.name).symlink_to(Path("../../blobs") / str(number))
    assert load_artifact(snapshot).name == "als"
    assert cached_snapshot(Reference("someone/films", "a" * 40), Hub(cache=tmp_path / "cache")) == snapshot


def test_files_larger_than_a_model_may_be_are_not_even_read(folder):
    with (folder / "arrays.safetensors").open("r+b") as stream:
        stream.truncate(MOST_BYTES + 1)  # a hole, which takes no place on the disk
    refused(folder, r"manifest.json: lists files of 4,294,\d+,\d+ bytes; expected at most 4,294,967,296", anew=False)
    with (folder / "model.json").open("r+b") as stream:
        stream.truncate(10**12)
    (folder / "arrays.safetensors").write_bytes(b"")
    refused(folder, "manifest.json: lists files of", anew=False)


@pytest.mark.parametrize("name", ["x" * 100_000, "a\nb", "\ud800", "a/b"])
def test_names_that_no_file_has_are_refused_in_few_words(folder, name):
    listed = json.loads((folder / MANIFEST).read_text()) | {name: "0" * 64}
    (folder / MANIFEST).write_text(json.dumps(listed))
    with pytest.raises(ArtifactError, match="manifest.json: lists .*; expected plain names of files") as error:
        load_artifact(folder)
    assert len(str(error.value)) < 1000


def test_what_a_library_raises_becomes_one_line():
    for kind in (OSError, RuntimeError, TypeError, OverflowError, RecursionError, ZeroDivisionError):
        told = pytest.raises(ArtifactError, match=r"^model.json: why and how; save or download the model again")
        with told, told_in_a_sentence(Path("model.json")):
            raise kind("why\nand how")
    told = pytest.raises(ArtifactError, match="model.json: takes more memory than there is")
    with told, told_in_a_sentence(Path("model.json")):
        raise MemoryError
    with pytest.raises(KeyboardInterrupt), told_in_a_sentence(Path("model.json")):
        raise KeyboardInterrupt


# ---- model.json


def described(folder: Path, **changes: object) -> Path:
    content = json.loads((folder / "model.json").read_text())
    for name, value in changes.items():
        content[name] = content[name] | value if isinstance(value, dict) else value
    (folder / "model.json").write_text(json.dumps(content))
    return folder


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_items": 10**9}, "got 1000000000 for 'n_items', expected a whole number of 1 to 200,000"),
        ({"n_items": True}, "got True for 'n_items', expected a JSON int"),
        ({"genres": ["x"] * 5000}, "for 'genres', expected some names"),
        ({"genres": [5]}, "for 'genres', expected some names"),
        ({"config": {"n_factors": 200_000}}, "got 200,000 for ALSConfig.n_factors; expected at most 1,024"),
        ({"scale": {"step": 2.0**-23}}, "expected at most 1,000 levels"),
        ({"facts": {"dataset": "x" * 100_000}}, "got 100,000 characters for 'dataset', expected at most 255"),
        ({"facts": {"min_ratings": "x"}}, "got 'x' for 'min_ratings', expected a JSON int"),
        ({"facts": {"min_ratings": [1]}}, r"got \[1\] for 'min_ratings', expected a JSON int"),
        ({"facts": {"min_ratings": float("inf")}}, "got inf for 'min_ratings', expected a JSON int"),
        ({"facts": {"min_ratings": -1}}, "got -1 for 'min_ratings', expected a whole number of 0 or more"),
    ],
)
def test_a_description_that_asks_for_too_much_is_refused(folder, changes, message):
    refused(described(folder, **changes), f"model.json: .*{message}")


def test_films_and_star_levels_are_bounded_together(folder):
    refused(
        described(folder, n_items=100_000, scale={"lowest": 1.0, "highest": 1000.0, "step": 1.0}),
        "got 100,000 films and 1,000 star levels; expected at most 10,000,000 pairs of a film and a level",
    )


def test_a_model_that_wants_a_large_data_set_needs_a_person_who_names_it(honest, tmp_path, monkeypatch):
    folder = Path(shutil.copytree(honest["user-knn"], tmp_path / "user-knn"))
    vouched(described(folder, facts={"dataset": "ml-32m"}))
    with pytest.raises(DataError, match="the 32 million ratings of ml-32m, .*; say titles='ml-32m' if that is meant"):
        Recommender.from_pretrained(folder)
    monkeypatch.setattr("recsys.recommend.pretrained.ratings_sha256", lambda *_, **__: "another")
    with pytest.raises(DataError, match="but those of ml-32m now have another"):
        Recommender.from_pretrained(folder, titles="ml-32m")


def test_a_home_that_nobody_has_is_refused_in_a_sentence():
    with pytest.raises(DataError, match="there is no home folder for ~nosuchuser/x"):
        Recommender.from_pretrained("~nosuchuser/x")


# ---- arrays.safetensors


def with_arrays(folder: Path, **changes: np.ndarray) -> Path:
    arrays = load_file(folder / "arrays.safetensors")
    save_file(
        arrays | {name.replace("__", "/"): array for name, array in changes.items()}, folder / "arrays.safetensors"
    )
    return folder


N, F = 30, 32


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"model__item_factors": np.full((N, F), 1e300)},
            r"item_factors holds numbers from 1e\+300 to 1e\+300; expected -1e",
        ),
        ({"model__item_factors": np.full((N, F), 1e38, "f4")}, "item_factors holds numbers from"),
        ({"model__item_factors": np.zeros((N, 31))}, r"\(30, 31\); expected \(I K\) with I = 30, K = 32"),
        ({"model__mean": np.array(1, "i8")}, "mean holds int64; expected float32 or float64"),
        ({"item_ids": np.arange(N) + 0.5}, "item_ids holds float64; expected int64"),
        ({"item_ids": np.arange(N, dtype="u8")}, "item_ids holds U64; expected one of F32, F64, I64"),
        ({"n_ratings": np.full(N, -1)}, "n_ratings holds numbers from -1 to -1; expected 0 to"),
        ({"n_ratings": np.ones(N, bool)}, "n_ratings holds BOOL; expected one of"),
        ({"n_ratings": np.zeros(N, "i8")}, "n_ratings are all 0; expected films that somebody has rated"),
        ({"mean_stars": np.full(N, 900.0)}, "mean_stars are from 900 to 900; expected 1 to 5, or 0 for none"),
    ],
)
def test_an_array_that_no_training_finds_is_refused(folder, changes, message):
    refused(with_arrays(folder, **changes), f"arrays.safetensors: .*{message}")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shape": [0, 2**62]}, r"has the shape \[0, 4611686018427387904\]; expected a few sizes"),
        ({"shape": [2**39, 2**39]}, "arrays of .* bytes are declared, and there are"),
        ({"shape": [-1]}, "expected a few sizes that a file can have"),
        ({"shape": [True]}, "expected a few sizes that a file can have"),
        ({"dtype": "F8_E4M3"}, "holds F8_E4M3; expected one of F32, F64, I64"),
    ],
)
def test_a_header_is_compared_with_the_file_before_anything_is_read(folder, change, message):
    content = (folder / "arrays.safetensors").read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    header["model/item_offset"] |= change
    written = json.dumps(header).encode()
    (folder / "arrays.safetensors").write_bytes(struct.pack("<Q", len(written)) + written + content[8 + length :])
    refused(folder, f"arrays.safetensors: .*{message}")


def test_a_header_that_says_something_twice_is_refused(folder):
    content = (folder / "arrays.safetensors").read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    header = content[8 : 8 + length].decode().rstrip()
    entry = json.dumps(json.loads(header)["n_ratings"])
    written = f'{header[:-1]},"n_ratings":{entry}}}'.encode()
    (folder / "arrays.safetensors").write_bytes(struct.pack("<Q", len(written)) + written + content[8 + length :])
    refused(folder, "its header is not JSON: it says 'n_ratings' twice")


# ---- model.weights.h5


def external(file: h5py.File, values: np.ndarray, folder: Path) -> None:
    (folder.parent / "raw").write_bytes(values.tobytes())
    file.create_dataset(VAE_PLACE, values.shape, "f4", external=[(str(folder.parent / "raw"), 0, values.nbytes)])


def other_file(file: h5py.File, values: np.ndarray, folder: Path) -> None:
    with h5py.File(folder.parent / "other.h5", "w") as elsewhere:
        elsewhere["x"] = values
    file[VAE_PLACE] = h5py.ExternalLink(str(folder.parent / "other.h5"), "x")


def soft_link(file: h5py.File, values: np.ndarray, folder: Path) -> None:
    file["x"] = values
    file[VAE_PLACE] = h5py.SoftLink("/x")


def virtual(file: h5py.File, values: np.ndarray, folder: Path) -> None:
    file["x"] = values
    layout = h5py.VirtualLayout(values.shape, "f4")
    layout[:] = h5py.VirtualSource(".", "x", values.shape)
    file.create_virtual_dataset(VAE_PLACE, layout)


def compressed(file: h5py.File, values: np.ndarray, folder: Path) -> None:
    file.create_dataset(VAE_PLACE, data=values, compression="gzip")


def in_pieces(file: h5py.File, values: np.ndarray, folder: Path) -> None:
    file.create_dataset(VAE_PLACE, data=values, chunks=True)


def nowhere(file: h5py.File, values: np.ndarray, folder: Path) -> None:
    file.create_dataset(VAE_PLACE, values.shape, "f4")


@pytest.mark.parametrize("stored", [external, other_file, soft_link, virtual, compressed, in_pieces, nowhere])
def test_weights_are_read_only_as_keras_writes_them(networks, stored):
    """Each of these holds, or leads to, the right numbers."""
    with h5py.File(networks / "model.weights.h5", "r+") as file:
        values = file[VAE_PLACE][()]
        del file[VAE_PLACE]
        stored(file, values, networks)
    refused(networks, f"model.weights.h5: .*{VAE_PLACE} is (a link to elsewhere|compressed, in pieces, in another)")


def test_arrays_that_nobody_asked_for_are_not_looked_at(networks):
    with h5py.File(networks / "model.weights.h5", "r+") as file:
        file.create_dataset("z", (2**40,), "f4", chunks=(2**20,), compression="gzip")
    vouched(networks)
    assert load_artifact(networks).name == "mult-vae"


def test_settings_that_imply_more_than_the_file_holds_are_refused_before_it_is_read(networks):
    refused(
        described(networks, config={"n_hidden": 16_000}),
        r"model.weights.h5: the file has [\d,]+ bytes; expected more than \d+,\d+,\d+, which the settings imply",
    )


def test_one_array_in_the_place_of_many_does_not_count_as_many(networks):
    with h5py.File(networks / "model.weights.h5", "r+") as file:
        for number in range(2, 100):
            file[f"layers/mult_vae_network_{number}"] = file["layers/mult_vae_network"]
    arrays = load_file(networks / "arrays.safetensors")
    about_films = {name: array for name, array in arrays.items() if not name.startswith("model/")}
    save_file(about_films, networks / "arrays.safetensors")
    refused(described(networks, config={"n_networks": 100}), "bytes; expected more than .* which the settings imply")


@pytest.mark.parametrize(
    ("weight", "value", "message"),
    [
        (VAE_PLACE, 1e38, r"numbers at .*dense/vars/0 are from 1e\+38 to 1e\+38; expected -1e\+06 to 1e\+06"),
        ("layers/mult_vae_network/decoder/layers/ordered_stars/vars/2", -100.0, "expected -30 to 30"),
        ("layers/mult_vae_network/encoder/layers/history_features/vars/2", 0.0, r"expected 1e-06 to 1e\+06"),
    ],
    ids=["a kernel", "the logarithm of a width", "what divides"],
)
def test_weights_that_no_training_finds_are_refused(networks, weight, value, message):
    with h5py.File(networks / "model.weights.h5", "r+") as file:
        file[weight][...] = value
    refused(networks, f"model.weights.h5: .*{message}")


def test_numbers_that_are_possible_but_make_no_finite_answer_are_refused(honest, tmp_path):
    folder = Path(shutil.copytree(honest["bmf"], tmp_path / "bmf"))
    arrays = load_file(folder / "arrays.safetensors")
    precision = arrays["model/user_precision"] * 0
    refused(with_arrays(folder, model__user_precision=precision), "bmf: .*(Singular|NaN or infinite)")
