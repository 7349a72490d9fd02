import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
import scipy.sparse as sp
from safetensors.numpy import load_file, save_file

from recsys.artifacts.artifact import Artifact, Items, counts_of_levels, load_artifact, save_artifact
from recsys.artifacts.manifest import ArtifactError, write_json, write_manifest
from recsys.data.interactions import Histories
from recsys.data.scale import HALF_STARS, WHOLE_STARS
from recsys.models.mult_vae.mult_vae import MultVAE
from tests.support.small_models import artifact_of, fitted, ratings

TRAIN = ratings(1)


@pytest.fixture
def folder(tmp_path):
    save_artifact(tmp_path / "svd", artifact_of("svd", fitted("svd", TRAIN), TRAIN, dataset="tiny"))
    return tmp_path / "svd"


def test_the_folder_holds_json_arrays_and_a_manifest_and_nothing_else(folder):
    assert sorted(path.name for path in folder.iterdir()) == ["arrays.safetensors", "manifest.json", "model.json"]
    assert [path.name for path in folder.parent.iterdir()] == ["svd"]
    description = json.loads((folder / "model.json").read_text())
    assert description["model"] == "svd"
    assert description["n_items"] == 23
    assert description["scale"] == {"lowest": 1.0, "highest": 5.0, "step": 1.0}


def test_saving_again_replaces_the_folder_whole(folder):
    (folder / "stray.txt").touch()
    save_artifact(folder, artifact_of("ease", fitted("ease", TRAIN), TRAIN))
    assert load_artifact(folder).name == "ease"
    assert not (folder / "stray.txt").exists()


def test_a_failed_save_leaves_the_old_folder_and_no_draft(folder):
    broken = artifact_of("svd", fitted("svd", TRAIN), TRAIN, not_json=object())
    with pytest.raises(TypeError, match="not JSON serializable"):
        save_artifact(folder, broken)
    assert load_artifact(folder).facts == {"dataset": "tiny"}
    assert [path.name for path in folder.parent.iterdir()] == ["svd"]


def test_a_model_of_ratings_stores_none_and_asks_for_them(tmp_path):
    save_artifact(tmp_path / "knn", artifact_of("user-knn", fitted("user-knn", TRAIN), TRAIN))
    assert (tmp_path / "knn" / "arrays.safetensors").stat().st_size < 1800  # what is known of the items
    with pytest.raises(
        ArtifactError, match="the model consists of its training ratings, which are not stored; pass train="
    ):
        load_artifact(tmp_path / "knn")


@pytest.mark.parametrize("name", ["arrays.safetensors", "model.json", "manifest.json"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(ArtifactError, match=f"{name}: the file is missing; "):
        load_artifact(folder)


@pytest.mark.parametrize("name", ["arrays.safetensors", "model.json"])
def test_an_altered_file_is_named(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ArtifactError, match=f"{name}: got sha256 .*, the manifest has .*; the file was altered or cut"):
        load_artifact(folder)


def test_a_manifest_that_is_not_json_is_refused(folder):
    manifest = folder / "manifest.json"
    manifest.write_text("{")
    with pytest.raises(ArtifactError, match=r"manifest.json: not JSON \("):
        load_artifact(folder)
    manifest.write_text("[]")
    with pytest.raises(ArtifactError, match="manifest.json: got a list, expected a JSON object"):
        load_artifact(folder)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/b", "..", "", "C:\\secret", "manifest.json"])
def test_a_manifest_that_points_outside_the_folder_is_refused(folder, name):
    (folder.parent / "secret").touch()
    (folder / "manifest.json").write_text(json.dumps({name: "00", "model.json": "", "arrays.safetensors": ""}))
    with pytest.raises(ArtifactError, match=r"manifest.json: lists .*; expected plain names of files in its folder"):
        load_artifact(folder)


@pytest.mark.parametrize("name", ["model.json", "arrays.safetensors"])
def test_a_manifest_that_does_not_vouch_for_a_file_is_refused(folder, name):
    digests = json.loads((folder / "manifest.json").read_text())
    del digests[name]
    (folder / "manifest.json").write_text(json.dumps(digests))
    with pytest.raises(ArtifactError, match=rf"manifest.json: lists .*; expected {name} too"):
        load_artifact(folder)


def test_a_file_that_nobody_vouches_for_is_not_looked_at(folder):
    (folder / "README.md").write_text("a card")
    assert load_artifact(folder).name == "svd"


def rewritten(folder: Path, **changes: object) -> Path:
    """The folder with other entries in model.json and a manifest that agrees."""
    description = json.loads((folder / "model.json").read_text()) | changes
    write_json(folder / "model.json", description)
    return vouched(folder)


def vouched(folder: Path) -> Path:
    (folder / "manifest.json").unlink()
    write_manifest(folder)
    return folder


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 3}, "got format 3, expected 2; update this package"),
        ({"format": 1}, "got format 1, expected 2; train the model again"),
        ({"format": "2"}, "got format 2, expected 2; train the model again"),
        ({"model": "eaze"}, "unknown model 'eaze', expected one of global-mean"),
        ({"model": 5}, "got 5 for 'model', expected a JSON str"),
        ({"genres": None}, "got None for 'genres', expected a JSON list"),
        ({"config": {}}, "got the settings  for SVDConfig; expected n_factors"),
        ({"config": {"n_factors": 3, "os": "system"}}, "got the settings n_factors, os for SVDConfig; expected"),
        (
            {"scale": {"lowest": "1", "highest": 5, "step": 1}},
            "got '1' for RatingScale.lowest; expected",
        ),
        ({"scale": {"lowest": 1, "highest": 5, "step": 3}}, "got a rating scale from 1 to 5 in steps of 3"),
        ({"n_items": 22}, r"arrays.safetensors: item_ids has shape \(23,\); expected \(I\) with I = 22"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(folder, change, message):
    with pytest.raises(ArtifactError, match=message):
        load_artifact(rewritten(folder, **change))


def test_a_setting_out_of_range_or_of_another_type_is_refused(folder):
    config = json.loads((folder / "model.json").read_text())["config"]
    for change, message in (({"l2": -1}, "l2, l2_offset and init_scale > 0"), ({"epochs": True}, "got True for SVDC")):
        with pytest.raises(ArtifactError, match=message):
            load_artifact(rewritten(folder, config=config | change))


def with_arrays(folder: Path, **changes: np.ndarray | None) -> Path:
    """The folder with other arrays, None for one that is gone, and a manifest that agrees."""
    arrays = load_file(folder / "arrays.safetensors") | {f"model/{name}": array for name, array in changes.items()}
    save_file({name: array for name, array in arrays.items() if array is not None}, folder / "arrays.safetensors")
    return vouched(folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"item_offset": None}, "found the arrays item_factors, mean; expected"),
        ({"stray": np.zeros(2)}, "found the arrays item_factors, item_offset, mean, stray; expected"),
        ({"item_offset": np.zeros(22)}, r"item_offset has shape \(22,\); expected \(I\) with I = 23"),
        ({"item_factors": np.zeros(23)}, r"item_factors has shape \(23,\); expected \(I K\)"),
        ({"item_offset": np.full(23, np.nan)}, "item_offset holds 23 NaN or infinite numbers; expected none"),
    ],
)
def test_an_array_that_does_not_fit_is_named(folder, changes, message):
    with pytest.raises(ArtifactError, match=rf"arrays.safetensors: {message}"):
        load_artifact(with_arrays(folder, **changes))


def test_sizes_of_a_model_s_arrays_must_agree_and_indices_be_in_range(tmp_path):
    save_artifact(tmp_path / "bmf", artifact_of("bmf", fitted("bmf", TRAIN), TRAIN))
    with pytest.raises(ArtifactError, match=r"link_items holds other values than whole numbers from 0 to 22"):
        load_artifact(with_arrays(tmp_path / "bmf", link_items=np.arange(23) + 1))
    save_artifact(tmp_path / "bmf", artifact_of("bmf", fitted("bmf", TRAIN), TRAIN))
    with pytest.raises(ArtifactError, match=r"user_mean has shape \(2, 4\); expected \(S D\) with S = "):
        load_artifact(with_arrays(tmp_path / "bmf", user_mean=np.zeros((2, 4))))


def test_a_film_listed_twice_is_refused(folder):
    arrays = load_file(folder / "arrays.safetensors")
    arrays["item_ids"][1] = arrays["item_ids"][0]
    save_file(arrays, folder / "arrays.safetensors")
    with pytest.raises(ArtifactError, match="item_ids do not increase; expected every film once"):
        load_artifact(vouched(folder))


def test_means_of_few_ratings_are_not_stored():
    stars = np.zeros((6, 2), dtype=np.float32)
    stars[:5, 0], stars[:4, 1] = 4, 4
    items = Items.of(np.array([7, 9]), sp.csr_array(stars))
    assert (items.n_ratings.tolist(), items.mean_stars.tolist()) == ([5, 4], [4, 0])


def test_of_every_film_it_is_stored_how_many_gave_each_level_unless_few_did():
    stars = np.array([[5, 5, 1], [5, 5, 2], [1, 5, 3], [4, 5, 4], [5, 0, 5]], dtype=np.float32)
    items = Items.of(np.array([7, 9, 11]), sp.csr_array(stars), scale=WHOLE_STARS)
    assert items.level_counts.tolist() == [[1, 0, 0, 1, 3], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]]
    assert Items.of(np.array([7, 9, 11]), sp.csr_array(stars)).level_counts is None


def test_ratings_are_counted_the_same_in_several_blocks(monkeypatch):
    stars = np.random.default_rng(0).integers(0, 11, (40, 7)).astype(np.float32) / 2
    whole = counts_of_levels(sp.csr_array(stars), HALF_STARS)
    by_hand = [[int((stars[:, item] == level).sum()) for level in HALF_STARS.levels] for item in range(7)]
    monkeypatch.setattr("recsys.artifacts.artifact.COUNTED_AT_ONCE", 50)
    assert whole.tolist() == counts_of_levels(sp.csr_array(stars), HALF_STARS).tolist() == by_hand


def test_counts_of_levels_are_saved_and_loaded_and_may_be_missing(tmp_path):
    train = ratings(0)
    items = Items.of(np.arange(train.shape[1]) + 1, train, scale=WHOLE_STARS)
    for counted in (items, replace(items, level_counts=None)):
        save_artifact(tmp_path / "model", Artifact("popularity", fitted("popularity", train), counted, {}))
        found = load_artifact(tmp_path / "model").items.level_counts
        np.testing.assert_array_equal(found, counted.level_counts)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (lambda counts: counts[:, :4], "level_counts are of 4 levels; expected the 5 of the scale"),
        (lambda counts: counts + 1, "level_counts do not add up to n_ratings"),
        (lambda counts: -counts, "level_counts holds numbers from"),
        (lambda counts: counts.astype(float), "level_counts holds float64; expected int64"),
        (lambda counts: counts[1:], "level_counts has shape"),
    ],
)
def test_counts_that_cannot_be_are_refused(tmp_path, counts, message):
    train = ratings(0)
    items = Items.of(np.arange(train.shape[1]) + 1, train, scale=WHOLE_STARS)
    wrong = replace(items, level_counts=np.ascontiguousarray(counts(items.level_counts)))
    save_artifact(tmp_path / "model", Artifact("popularity", fitted("popularity", train), wrong, {}))
    with pytest.raises(ArtifactError, match=message):
        load_artifact(tmp_path / "model")


# ---- Keras's files


@pytest.fixture(scope="module")
def keras_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keras") / "mult-vae"
    save_artifact(folder, artifact_of("mult-vae", small_vae(), TRAIN))
    return folder


@cache
def small_vae() -> MultVAE:
    return fitted("mult-vae", TRAIN)


def test_the_three_files_of_keras_zipped_are_a_model_that_keras_opens(keras_folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as packed:
        for name in ("config.json", "metadata.json", "model.weights.h5"):
            packed.write(keras_folder / name, name)
    network = keras.models.load_model(tmp_path / "model.keras")
    log_chances, stars = (np.asarray(head) for head in network(TRAIN.toarray()))
    np.testing.assert_allclose(stars, small_vae().rating_distribution(Histories(TRAIN)), atol=1e-5)
    liked = 0.5 * np.log(stars[..., 3:].sum(axis=2))
    np.testing.assert_allclose(log_chances + liked, small_vae().score(Histories(TRAIN)), rtol=1e-4, atol=1e-5)


def test_a_loaded_model_answers_without_keras(keras_folder):
    code = (
        "import sys; from pathlib import Path; from recsys.data.interactions import Histories;"
        "from recsys.artifacts.artifact import load_artifact;"
        f"model = load_artifact(Path({str(keras_folder)!r})).model;"
        "model.score(Histories.of({0: 5.0}, 23)); print({'keras', 'jax', 'tensorflow'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


HIDDEN = "encoder/layers/dense/vars/0"


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("vars/0", None, r"expected \(\) float32 at layers/mult_vae_network/vars/0, found nothing"),
        (
            "encoder/layers/dense/vars/0",
            np.zeros((46, 15), "float32"),
            r"expected \(46, 16\) float32 at .*, found \(46, 15\)",
        ),
        ("encoder/layers/dense/vars/0", np.zeros((46, 16)), r"found \(46, 16\) float64"),
        ("encoder/layers/dense/vars/1", np.full(16, np.nan, "float32"), "16 of 16 numbers at .* are NaN or infinite"),
    ],
)
def test_weights_of_keras_that_do_not_fit_are_named(keras_folder, tmp_path, place, value, message):
    folder = tmp_path / "mult-vae"
    shutil.copytree(keras_folder, folder)
    with h5py.File(folder / "model.weights.h5", "r+") as file:
        del file[f"layers/mult_vae_network/{place}"]
        if value is not None:
            file[f"layers/mult_vae_network/{place}"] = value
    with pytest.raises(ArtifactError, match=rf"model.weights.h5: .*{message}"):
        load_artifact(vouched(folder))


def test_weights_that_are_no_hdf5_file_are_refused(keras_folder, tmp_path):
    folder = tmp_path / "mult-vae"
    shutil.copytree(keras_folder, folder)
    (folder / "model.weights.h5").write_bytes(b"weights")
    with pytest.raises(ArtifactError, match=r"model.weights.h5: not an HDF5 file \("):
        load_artifact(vouched(folder))


def test_weights_of_the_paper_s_vae_are_looked_through_too(tmp_path):
    save_artifact(tmp_path / "vae", artifact_of("vae", fitted("vae", TRAIN), TRAIN))
    with h5py.File(tmp_path / "vae" / "model.weights.h5", "r+") as file:
        file["encoder/layers/dense/vars/1"][...] = np.nan
    with pytest.raises(ArtifactError, match="model.weights.h5: .* numbers at encoder/layers/dense/vars/1 are NaN"):
        load_artifact(vouched(tmp_path / "vae"))


# ---- damage of any kind

N_DAMAGES = 500


def damaged(folder: Path, rng: np.random.Generator) -> None:
    """Flip bytes in, cut off, rename or empty one file of a folder."""
    path = folder / str(rng.choice(sorted(file.name for file in folder.iterdir())))
    content = bytearray(path.read_bytes())
    match rng.integers(4):
        case 0:
            for place in rng.integers(len(content), size=rng.integers(1, 4)):
                content[place] ^= int(rng.integers(1, 256))
            path.write_bytes(content)
        case 1:
            path.write_bytes(content[: rng.integers(len(content))])
        case 2:
            path.rename(path.with_name(f"{path.name}{rng.choice(['x', '.bak', '~'])}"))
        case 3:
            other = str(rng.choice(sorted(file.name for file in folder.iterdir())))
            path.replace(folder / other)


def refusal_of(folder: Path) -> str:
    """What loading is refused with; empty if it is not."""
    try:
        load_artifact(folder)
    except ArtifactError as error:
        return str(error)
    return ""


def test_any_damage_is_refused_or_changes_nothing(keras_folder, tmp_path):
    """Of every file; a refusal is one sentence with the folder in it."""
    expected, refused = load_artifact(keras_folder).model.score(Histories(TRAIN)), 0
    for seed in range(N_DAMAGES):
        folder = tmp_path / "copy"
        shutil.copytree(keras_folder, folder)
        damaged(folder, np.random.default_rng(seed))
        refusal = refusal_of(folder)
        refused += bool(refusal)
        if refusal:
            assert str(folder) in refusal
            assert "\n" not in refusal
        else:
            np.testing.assert_array_equal(load_artifact(folder).model.score(Histories(TRAIN)), expected)
        shutil.rmtree(folder)
    assert refused > 0.9 * N_DAMAGES
