"""What a machine may be like: Keras set up for others, a disk that is full, a terminal that knows ASCII alone."""

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import eval.ablation
import eval.members
import eval.run
import eval.simulate
import eval.tune
from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS
from recsys.errors import DataError
from recsys.extras import require_jax
from recsys.models import FLAGSHIP, MODELS, create
from recsys.streams import HANDLER, run
from tests.support.data_folders import write_genres
from tests.support.small_models import fitted, ratings

ROOT = Path(__file__).parents[2]
TRAIN = ratings(seed=1)
COMMANDS = {
    "eval.run": eval.run.main,
    "eval.tune": eval.tune.main,
    "eval.ablation": eval.ablation.main,
    "eval.members": eval.members.main,
    "eval.simulate": eval.simulate.main,
}
OPTIONS = {  # of a short piece of work
    "eval.run": ["--models", "popularity", "baseline"],
    "eval.tune": ["--model", "baseline", "--trials", "2", "--protocol", "random"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_genres(tmp_path_factory.mktemp("data") / "own")


def work(command: str, folder: Path, out: Path) -> int:
    return COMMANDS[command](["--dataset", str(folder), "--out", str(out), "--min-ratings", "1", *OPTIONS[command]])


# ---- Keras


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_says_that_it_takes_jax_where_another_backend_is_asked_for(command, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    options = ["--model", "als"] if command == "eval.tune" else []
    assert COMMANDS[command](["--dataset", str(tmp_path), "--out", str(tmp_path / "out"), *options]) == 2
    word = f"{command}: KERAS_BACKEND is 'torch'; the networks here run on JAX alone, so jax is taken instead.\n"
    assert capsys.readouterr().err.startswith(word)
    assert os.environ["KERAS_BACKEND"] == "jax"


def test_the_page_says_so_too():
    given = {**os.environ, "KERAS_BACKEND": "tensorflow"}
    found = subprocess.run(
        [sys.executable, "app.py", "--dataset", "nothing"], capture_output=True, text=True, cwd=ROOT, env=given
    )
    assert found.returncode == 2
    assert found.stderr.startswith("app.py: KERAS_BACKEND is 'tensorflow'; the networks here run on JAX alone")


@pytest.mark.parametrize("name", [*(name for name in MODELS if MODELS[name].is_keras), "mult-vae", FLAGSHIP])
def test_a_model_with_networks_is_refused_where_keras_runs_on_something_else(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)  # as if nothing had imported it
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    with pytest.raises(DataError, match="Keras is set to run on 'torch', and the networks .* set KERAS_BACKEND=jax"):
        create(name, WHOLE_STARS).fit(Interactions(TRAIN))


def test_the_others_do_not_care(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert np.isfinite(create("ease", WHOLE_STARS).fit(Interactions(TRAIN)).score(Histories(TRAIN))).all()


@pytest.mark.parametrize("set_to", ["", "jax"])
def test_an_empty_variable_is_none(set_to, monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    monkeypatch.setenv("KERAS_BACKEND", set_to)
    require_jax()
    show = "import recsys, os; print(os.environ['KERAS_BACKEND'])"
    found = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True)
    assert found.stdout == "jax\n"


@pytest.mark.parametrize("floatx", ["float16", "float64"])
@pytest.mark.parametrize("name", ["vae-bce", "mult-vae"])
def test_numbers_are_the_same_whatever_keras_is_set_to(name, floatx):
    import keras

    expected = fitted(name, TRAIN).score(Histories(TRAIN))
    keras.config.set_floatx(floatx)
    keras.config.set_epsilon(0.1)
    keras.config.set_image_data_format("channels_first")
    keras.config.set_max_epochs(1)
    try:
        found = fitted(name, TRAIN).score(Histories(TRAIN))
        assert (keras.config.floatx(), keras.config.epsilon(), keras.config.max_epochs()) == (floatx, 0.1, 1)
        assert keras.config.image_data_format() == "channels_first"
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_epsilon(1e-7)
        keras.config.set_image_data_format("channels_last")
        keras.config.set_max_epochs(None)
    np.testing.assert_array_equal(found, expected)


# ---- a full disk


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


WRITES = {  # what writes: how it is called in the sentence, and a file of it
    "eval.running.on_all.save_artifact": (
        "the weights of baseline on f1 could not be written",
        "artifacts/f1/baseline",
    ),
    "eval.runner.write_per_user": ("the values per user of baseline on f1 could not be", "per_user/f1/baseline.csv"),
    "eval.runner.write_results": ("results.json could not be written", "results.json"),
    "eval.reporting.plots.save": ("metrics.png could not be drawn", "metrics.png"),
    "eval.reporting.report.write_report": ("report.md could not be written", "report.md"),
}


@pytest.mark.parametrize("write", [*WRITES, "all"])
def test_the_tables_are_printed_whatever_the_disk_has_no_room_for(write, folder, tmp_path, capsys, monkeypatch):
    broken = [*WRITES] if write == "all" else [write]
    for each in broken:
        monkeypatch.setattr(each, full)
    assert work("eval.run", folder, tmp_path) == 1
    out, err = capsys.readouterr()
    assert "Rating accuracy" in out
    assert "Top-N lists" in out
    assert "baseline" in out
    for each, (sentence, file) in WRITES.items():
        assert (sentence in err) == (each in broken)
        assert (tmp_path / file).exists() == (each not in broken)
    assert "No space left on device" in err
    assert "Traceback" not in err


def test_a_picture_that_is_not_there_is_not_shown_in_the_report(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("eval.reporting.plots.save", full)
    assert work("eval.run", folder, tmp_path) == 1
    assert ".png" not in (tmp_path / "report.md").read_text()


def test_nothing_that_can_be_written_at_all_leaves_the_tables(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(Path, "write_bytes", full)
    monkeypatch.setattr(Path, "write_text", full)
    monkeypatch.setattr("recsys.artifacts.artifact.write_arrays", full)
    assert work("eval.run", folder, tmp_path) == 1
    out, err = capsys.readouterr()
    assert "Rating accuracy" in out
    assert "Traceback" not in err


@pytest.mark.parametrize("write", ["eval.tuning.study_report.write_atomically", "eval.tuning.study_plots.draw_study"])
def test_a_study_is_told_although_its_files_cannot_be_written(write, folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(write, full)
    assert work("eval.tune", folder, tmp_path) == 1
    out, err = capsys.readouterr()
    assert "Best trials" in out
    assert "could not be written: OSError: [Errno 28] No space left on device" in err


def test_fitting_on_all_ratings_may_fail_without_a_traceback(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("eval.running.on_all.fit_all", full)
    options = ["--models", "baseline", "--fit-all", "baseline", "--min-ratings", "1"]
    assert eval.run.main(["--dataset", str(folder), "--out", str(tmp_path), *options]) == 1
    assert "baseline failed on all ratings: OSError: [Errno 28] No space left" in capsys.readouterr().err


# ---- what a terminal can say


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437"])
@pytest.mark.parametrize("command", OPTIONS)
def test_whatever_a_terminal_can_say_the_tables_come_out(command, encoding, folder, tmp_path, monkeypatch):
    streams = {
        name: io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True) for name in ("stdout", "stderr")
    }
    for name, stream in streams.items():
        monkeypatch.setattr(sys, name, stream)
    assert run(lambda: work(command, folder, tmp_path)) == 0
    said = streams["stdout"].buffer.getvalue().decode(encoding)
    assert "baseline" in said
    assert "±" in said or "+/-" in said or command == "eval.tune"
    assert streams["stderr"].buffer.getvalue()


@pytest.mark.parametrize("command", [*COMMANDS, "recsys.hub", "app.py"])
def test_help_comes_out_in_ascii(command):
    given = {**os.environ, "PYTHONIOENCODING": "ascii"}
    start = ["app.py"] if command == "app.py" else ["-m", command]
    found = subprocess.run([sys.executable, *start, "--help"], capture_output=True, cwd=ROOT, env=given)
    assert (found.returncode, found.stderr) == (0, b"")
    assert found.stdout.isascii()


def test_signs_without_a_replacement_become_question_marks():
    assert "5 ± 1 – Amélie …".encode("ascii", HANDLER) == b"5 +/- 1 - Am?lie ..."


def test_a_reader_that_goes_away_is_no_error(folder, tmp_path):
    command = [sys.executable, "-m", "eval.run", "--dataset", str(folder), "--out", str(tmp_path), *OPTIONS["eval.run"]]
    with subprocess.Popen(
        [*command, "--min-ratings", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as started:
        started.stdout.close()
        said = started.stderr.read().decode()
    assert "Traceback" not in said
    assert "BrokenPipe" not in said
    assert (tmp_path / "report.md").exists()
