"""eval.run's last step: a model fitted on all ratings, and pushed to the Hub."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eval.run import main
from recsys import Recommender
from recsys.artifacts.artifact import load_artifact
from recsys.data.movielens import load_dataset
from recsys.hub import Hub
from tests.support.data_folders import write_genres
from tests.support.loopback_hub import OWNER, LoopbackHub

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return write_genres(tmp_path_factory.mktemp("data") / "films")


@pytest.fixture
def server():
    running = LoopbackHub()
    running.start()
    yield running
    running.stop()


def command(data: Path, out: Path, *options: str) -> list[str]:
    return ["--dataset", str(data), "--min-ratings", "1", "--out", str(out), "--models", "popularity", *options]


def test_a_model_is_measured_fitted_on_all_ratings_and_pushed(data, tmp_path, server):
    environment = {
        **os.environ,
        "HF_ENDPOINT": server.url,
        "HF_TOKEN": OWNER,
        "HF_HOME": str(tmp_path / "hf"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "NO_PROXY": "127.0.0.1",
    }
    arguments = command(data, tmp_path / "out", "--fit-all", "ease", "--push-to-hub", "someone/films")
    program = [sys.executable, "-m", "eval.run", *arguments]
    run = subprocess.run(program, capture_output=True, text=True, cwd=ROOT, env=environment)
    assert run.returncode == 0, run.stderr
    dataset = load_dataset(data, min_ratings=1)
    assert f"fitted on all {dataset.ratings.n_ratings:,} ratings" in run.stderr
    assert f"{server.url}/someone/films" in run.stderr
    card = server.repositories["someone/films"].files()["README.md"].decode()
    assert "model-index" in card
    assert "fitted on **all** ratings" in card
    model = Recommender.from_pretrained("someone/films", titles=data, hub=Hub(server.url, False, tmp_path / "cache"))
    assert len(model.recommend({"Film 3": 5}, k=3)) == 3
    kept = load_artifact(tmp_path / "out/artifacts/all/ease")
    np.testing.assert_array_equal(kept.items.n_ratings, np.bincount(dataset.ratings.matrix().indices))
    assert kept.facts["metrics"].keys() >= {"ndcg@10", "precision@5"}


def test_a_dry_run_lists_the_files_and_writes_the_card(data, tmp_path, capsys):
    arguments = command(data, tmp_path / "out", "--fit-all", "popularity", "--push-to-hub", "a/b", "--dry-run")
    assert main(arguments) == 0
    said = capsys.readouterr().err
    assert "bytes  arrays.safetensors" in said
    assert "Nothing was sent to a/b." in said
    assert (tmp_path / "out/artifacts/all/popularity/README.md").is_file()


def test_a_failed_push_says_where_the_model_is_and_how_to_try_again(data, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_fake")
    monkeypatch.setattr("eval.publish.HUB", Hub("http://127.0.0.1:9", "hf_fake", tmp_path / "cache"))
    arguments = command(data, tmp_path / "out", "--fit-all", "popularity", "--push-to-hub", "a/b")
    assert main(arguments) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("eval.run: a/b: the Hub could not be reached")
    assert (
        f"The model is in {tmp_path / 'out/artifacts/all/popularity'}; to try again: python -m recsys.hub push" in last
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--private"], "--private says how to push; name the repository by --push-to-hub USER/REPO"),
        (["--dry-run"], "--dry-run says how to push"),
        (["--push-to-hub", "word", "--dry-run"], "got 'word' as the name of a repository"),
        (["--push-to-hub", "a/b@c", "--dry-run"], "got 'a/b@c' as a repository; expected USER/REPO, and a branch by"),
        (["--fit-all", "eaze"], "unknown model 'eaze'"),
    ],
)
def test_a_mistake_is_told_before_anything_is_trained(data, tmp_path, capsys, options, message):
    with pytest.raises(SystemExit, match="2"):
        main(command(data, tmp_path / "out", *options))
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_missing_token_is_told_before_anything_is_trained(data, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("eval.publish.HUB", Hub("http://127.0.0.1:9", token=False))
    with pytest.raises(SystemExit, match="2"):
        main(command(data, tmp_path / "out", "--push-to-hub", "a/b"))
    assert "a push needs a token, and there is none" in capsys.readouterr().err
