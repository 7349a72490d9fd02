import json

import numpy as np
import pytest

from recsys.artifact import Artifact, ArtifactError, load_artifact, save_artifact
from tests.small_models import fitted, ratings

TRAIN = ratings(1)


@pytest.fixture
def folder(tmp_path):
    save_artifact(tmp_path / "svd", Artifact("svd", fitted("svd", TRAIN), np.arange(23), {"dataset": "tiny"}))
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
    save_artifact(folder, Artifact("ease", fitted("ease", TRAIN), np.arange(23), {}))
    assert load_artifact(folder).name == "ease"
    assert not (folder / "stray.txt").exists()


def test_a_failed_save_leaves_the_old_folder_and_no_draft(folder):
    broken = Artifact("svd", fitted("svd", TRAIN), np.arange(23), {"not json": object()})
    with pytest.raises(TypeError, match="not JSON serializable"):
        save_artifact(folder, broken)
    assert load_artifact(folder).facts == {"dataset": "tiny"}
    assert [path.name for path in folder.parent.iterdir()] == ["svd"]


def test_a_model_of_ratings_stores_none_and_asks_for_them(tmp_path):
    save_artifact(tmp_path / "knn", Artifact("user-knn", fitted("user-knn", TRAIN), np.arange(23), {}))
    assert (tmp_path / "knn" / "arrays.safetensors").stat().st_size < 400  # the item ids alone
    with pytest.raises(
        ArtifactError, match="user-knn consists of its training ratings, which are not stored; pass train="
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


def test_a_manifest_that_is_not_json_or_points_outside_is_refused(folder):
    manifest = folder / "manifest.json"
    manifest.write_text("{")
    with pytest.raises(ArtifactError, match=r"manifest.json: not JSON \("):
        load_artifact(folder)
    manifest.write_text("[]")
    with pytest.raises(ArtifactError, match="manifest.json: got a list, expected a JSON object"):
        load_artifact(folder)
    manifest.write_text('{"../secret": "00", "model.json": "", "arrays.safetensors": ""}')
    (folder.parent / "secret").touch()
    with pytest.raises(ArtifactError, match="secret: the file is missing"):
        load_artifact(folder)


def test_a_manifest_that_does_not_list_every_file_is_refused(folder):
    (folder / "stray.txt").touch()
    with pytest.raises(
        ArtifactError, match="the manifest lists arrays.safetensors, model.json, beside it lies stray.txt"
    ):
        load_artifact(folder)
    (folder / "manifest.json").write_text("{}")
    with pytest.raises(
        ArtifactError, match="the manifest lists nothing, beside it lies arrays.safetensors, model.json"
    ):
        load_artifact(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"format": 2}, "got format 2, expected 1; update this package"), ({"model": "eaze"}, "unknown model 'eaze'")],
)
def test_a_newer_format_and_an_unknown_model_are_refused(folder, change, message):
    from recsys.data.cache import sha256_of

    description = json.loads((folder / "model.json").read_text()) | change
    (folder / "model.json").write_text(json.dumps(description))
    digests = json.loads((folder / "manifest.json").read_text()) | {"model.json": sha256_of(folder / "model.json")}
    (folder / "manifest.json").write_text(json.dumps(digests))
    with pytest.raises(ArtifactError, match=message):
        load_artifact(folder)
