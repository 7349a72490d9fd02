"""Jobs of real processes on this machine: what they find together is what one process finds."""

import json
import re
import shlex
import signal
import socket

import numpy as np
import pytest

from eval.train import main, parse
from recsys.artifacts.artifact import load_artifact
from recsys.artifacts.runs import ALL, CHECKPOINTS, model_folder, results_file
from recsys.errors import DataError
from recsys.models import MODELS, require_shared
from recsys.models.hybrids.config import HybridVAEConfig
from recsys.models.linear import grams
from recsys.training.processes import ALONE, Alone, own_part
from tests.support.data_folders import write_genres
from tests.support.job_members.run import run_job
from tests.support.job_members.work import FITS, MANY, SMALL_STEPS, everything, harness, learned_by

WORK, KILLED = "tests.support.job_members.work", "tests.support.job_members.killed"
ROUNDING = 1e-12  # of sums of doubles in another order
OF_FLOATS = 2e-6  # of weights kept as floats of 32 bits
OF_LOSSES, OF_NETWORKS = 1e-4, 1e-3  # steps of Adam are as large where a slope is next to nothing
OF_CHAINS = 1e-4  # after some sweeps
SLURM_PORTS = 65535 - 2**12 + 1  # jax takes one of the 2**12 from here on, by the number of the job


@pytest.fixture
def small_steps(monkeypatch):
    for (module, name), size in SMALL_STEPS.items():
        monkeypatch.setattr(module, name, size)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_genres(tmp_path_factory.mktemp("data") / "own")


@pytest.fixture(scope="module")
def alone():
    with pytest.MonkeyPatch.context() as patch:
        for (module, name), size in SMALL_STEPS.items():
            patch.setattr(module, name, size)
        return everything(ALONE)


def require_same(came: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert came.keys() == expected.keys()
    for name, right in expected.items():
        assert (came[name].dtype, came[name].shape) == (right.dtype, right.shape), name
        tolerance = tolerance_of(name, right)
        np.testing.assert_allclose(came[name], right, rtol=tolerance, atol=tolerance, err_msg=name)


def tolerance_of(name: str, values: np.ndarray) -> float:
    networks = dict.fromkeys(("mult-vae", "hybrid-vae"), OF_NETWORKS)
    kinds = {"losses": OF_LOSSES, "bmf": OF_CHAINS, "bmf-ordinal": OF_CHAINS, "measured": ROUNDING} | networks
    return kinds.get(re.split(":| of", name)[0], OF_FLOATS if values.dtype == np.float32 else ROUNDING)


def figures(run) -> dict[tuple[str, str], float]:
    """What was measured in a run, by model and metric."""
    runs = json.loads(results_file(run).read_bytes())["runs"]
    return {
        (each["model"], name): value for each in runs for name, value in each["metrics"].items() if value is not None
    }


def test_two_processes_find_what_one_does_and_the_first_writes_the_results(folder, tmp_path, alone, small_steps):
    options = ["--dataset", str(folder), "--min-ratings", "5", "--models", "baseline", "ease", "--fit-all", "ease"]
    run = shlex.join([*options, "--out", str(tmp_path / "two")])
    members = run_job(WORK, 2, str(tmp_path), "--run", run)
    assert [member.status for member in members] == [0, 0], members
    for number in range(2):
        require_same(dict(np.load(tmp_path / f"{number}.npz")), alone)
    assert ["fitted on all" in member.said for member in members] == [True, False]
    harness([*options, "--out", str(tmp_path / "one")], ALONE)
    one, two = (figures(tmp_path / name) for name in ("one", "two"))
    assert one == pytest.approx(two, rel=1e-9)
    assert len(one) > 10
    fitted = [load_artifact(model_folder(tmp_path / name, ALL, "ease")).model.matrix() for name in ("one", "two")]
    np.testing.assert_allclose(*fitted, rtol=OF_FLOATS, atol=OF_FLOATS)


def test_four_processes_that_slurm_has_started_find_what_one_does(tmp_path, alone):
    number_of_job = next(number for number in range(1, 2**12) if is_free(SLURM_PORTS + number))
    shared = {"SLURM_JOB_ID": str(number_of_job), "SLURM_STEP_NODELIST": "127.0.0.1", "SLURM_NTASKS": "4"}
    told = [shared | {"SLURM_PROCID": str(number), "SLURM_LOCALID": str(number)} for number in range(4)]
    members = run_job(
        "tests.support.job_members.work", 4, str(tmp_path), "--cluster", environments=told, by_options=False
    )
    assert [member.status for member in members] == [0] * 4, members
    for number in range(4):
        require_same(dict(np.load(tmp_path / f"{number}.npz")), alone)


def is_free(port: int) -> bool:
    with socket.socket() as listener:
        return listener.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize(("model", "piece", "whole"), [("slim", "gram-8", 0), ("hybrid-vae", "normal-sweeps", 4)])
def test_a_job_that_lost_a_process_goes_on_to_the_model_of_an_undisturbed_one(
    model, piece, whole, folder, tmp_path, monkeypatch
):
    options = ["--model", model, "--dataset", str(folder), "--min-ratings", "5", "--epochs", "2", "--keep-every", "0"]
    kept = tmp_path / "killed" / CHECKPOINTS / model
    job = [KILLED, 2, str(kept / f"{piece}.safetensors"), *options, "--out", str(tmp_path / "killed")]
    first, second = run_job(*job)
    assert second.status == -signal.SIGKILL
    assert first.status == 2, first.said
    assert "another process of this job has gone" in first.said
    assert len(list(kept.glob("*whole*")) + list(kept.glob("trial.*"))) == whole
    assert not list(kept.glob("ordinal-*"))
    job[2] = "nobody dies"
    members = run_job(*job)
    assert [member.status for member in members] == [0, 0], members
    assert not kept.exists()
    monkeypatch.setattr(grams, "BLOCK", 4)
    assert main([*options, "--out", str(tmp_path / "undisturbed")]) == 0
    require_same(*(trained(tmp_path / name, model) for name in ("killed", "undisturbed")))


def trained(out, model: str) -> dict[str, np.ndarray]:
    learned = learned_by(load_artifact(model_folder(out, ALL, model)).model)
    return {f"{model}: {name}": array for name, array in learned.items()}


# ---- without a second process


class Third(Alone):
    """One of several, as far as its share goes."""

    def __init__(self, number: int):
        self.number, self.count = number, 3


def test_each_process_has_its_own_people_with_about_as_many_ratings():
    parts = [own_part(MANY, Third(number)) for number in range(3)]
    np.testing.assert_array_equal(np.vstack([part.stars.toarray() for part in parts]), MANY.stars.toarray())
    assert all(abs(part.n_ratings - MANY.n_ratings / 3) < 15 for part in parts)
    assert own_part(MANY, ALONE) is MANY


def test_every_model_that_is_said_to_be_shared_is_fitted_by_the_jobs_above():
    tried = {HybridVAEConfig, *(model.config.__class__ for model, _ in FITS.values())}
    assert {type(recipe.config) for recipe in MODELS.values() if recipe.shared} == tried


def test_a_model_that_several_cannot_fit_is_refused_with_those_that_they_can():
    require_shared("svd", 1)
    with pytest.raises(DataError, match="^svd cannot be trained by 2 processes together; these can: .*ease, .*"):
        require_shared("svd", 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--coordinator", "127.0.0.1:1", "--process-id", "0"], "together"),
        (["--coordinator", "127.0.0.1:1", "--process-id", "2", "--num-processes", "2"], "a number from 0 to 1"),
        (["--coordinator", "here"], "no HOST:PORT"),
        (["--coordinator", "here:70000"], "no HOST:PORT"),
        (["--coordinator", "10.0.0.1:1", "--cluster"], "leave it out, or these"),
        (["--model", "nothing"], "unknown model 'nothing'"),
    ],
)
def test_half_a_job_is_refused(options, message, capsys):
    with pytest.raises(SystemExit):
        parse(options)
    assert message in capsys.readouterr().err


def test_one_process_trains_any_model_and_says_where_it_is(folder, tmp_path, capsys):
    options = ["--model", "baseline", "--dataset", str(folder), "--min-ratings", "5", "--out", str(tmp_path)]
    assert main(options) == 0
    artifact = load_artifact(model_folder(tmp_path, ALL, "baseline"))
    assert artifact.facts["command"].startswith("python -m eval.train --model baseline")
    assert str(model_folder(tmp_path, ALL, "baseline")) in capsys.readouterr().err
    assert not (tmp_path / CHECKPOINTS).exists()


def test_a_vocabulary_is_for_one_process():
    require_shared("ease", 1, 5)
    with pytest.raises(DataError, match="leave out --min-film-ratings, or let one process"):
        require_shared("ease", 2, 5)
