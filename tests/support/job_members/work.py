"""What processes of a job find together, and one process alone: by name, arrays that are to be the same.

`python -m tests.support.job_members.work OUT --coordinator ...` writes them to OUT/NUMBER.npz; `--run` lets `eval.run`
follow.
"""

import argparse
import shlex
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from eval.console import make_console
from eval.jobs import add_job_options, processes_of
from eval.run import parse as parse_run
from eval.run import prepare
from eval.running import experiment
from eval.running.experiment import Settings, measure
from recsys.artifacts.fitting import fit_on
from recsys.data.interactions import FilmFacts, Interactions
from recsys.data.scale import HALF_STARS
from recsys.models import create
from recsys.models.base import KerasModel, Model
from recsys.models.linear import core, grams
from recsys.models.linear.config import EASEConfig, SLIMConfig
from recsys.models.linear.core import BYTES_OF_PAIR
from recsys.models.linear.ease import EASE
from recsys.models.linear.slim import SLIM
from recsys.models.mult_vae.mult_vae import MultVAE
from recsys.progress import silent
from recsys.split import Split, carve_validation
from recsys.training import Training
from recsys.training.processes import Processes, all_people, own_part, sum_of_sparse
from tests.support.small_models import small_config

SMALL_STEPS = {(grams, "BLOCK"): 7, (core, "BLOCK"): 7, (experiment, "CHUNK_CELLS"): 200}  # films, and cells


def made_up(seed: int, n_users: int, n_items: int) -> Interactions:
    """Random half stars, whose grades are no binary fractions, with features of films."""
    rng = np.random.default_rng(seed)
    stars = rng.integers(1, 11, (n_users, n_items)) / 2 * (rng.random((n_users, n_items)) < 0.3)
    stars[:, 3] = 0  # a film that nobody rated
    stars[n_users // 2] = 0  # a person without ratings
    features = (rng.random((n_items, 4)) < 0.4).astype(float)
    return Interactions(sp.csr_array(stars.astype(np.float32)), films=FilmFacts(features=features))


MANY, FEW = made_up(0, 60, 29), made_up(1, 9, 120)
SEEN = EASEConfig(l2=3.0, seen_share=0.5, feature_weight=2.5)
AROUND_A_CORE = replace(SEEN, memory_mb=BYTES_OF_PAIR * 11.5**2 / 2**20)
SAMPLED = replace(small_config("mult-vae"), exact_films=9, n_sampled=12, n_networks=1)
FITS = {
    "ease": (EASE(SEEN, HALF_STARS), MANY),
    "ease of few people": (EASE(SEEN, HALF_STARS), FEW),
    "ease around a core": (EASE(AROUND_A_CORE, HALF_STARS), MANY),
    "slim": (SLIM(SLIMConfig(l1=0.1, l2=1.0, epochs=20), HALF_STARS), MANY),
    "slim of few people": (SLIM(SLIMConfig(l1=0.1, l2=1.0, epochs=20), HALF_STARS), FEW),
    **{
        name: (create(name, HALF_STARS), MANY)
        for name in ("global-mean", "item-mean", "user-mean", "baseline", "popularity", "ease-binary")
    },
    "mult-vae": (MultVAE(SAMPLED, HALF_STARS), MANY),
    "bmf": (create("bmf", HALF_STARS, config=small_config("bmf")), MANY),
    "bmf-ordinal": (create("bmf-ordinal", HALF_STARS, config=small_config("bmf-ordinal")), MANY),
    "bmf of few people": (create("bmf", HALF_STARS, config=small_config("bmf")), FEW),
}  # of every model that is fitted together, in each of its ways


def everything(processes: Processes) -> dict[str, np.ndarray]:
    """Sums and rows, then all that models learn, then what is measured of one."""
    found = dict(operations(processes))
    for name, (model, data) in FITS.items():
        losses: list[float] = []
        told = partial(note_losses, losses)
        fitted = fit_on(data, model, Training(processes=processes, on_progress=told))
        found |= {f"{name}: {part}": array for part, array in learned_by(fitted).items()}
        found[f"losses: {name}"] = np.array(losses)
    return found | {f"measured: {name}": values for name, values in measured(processes).items()}


def learned_by(model: Model) -> dict[str, np.ndarray]:
    """All arrays of a fitted model."""
    return model.arrays() | (model.network_arrays() if isinstance(model, KerasModel) else {})


def note_losses(losses: list[float], *_: Any, **figures: float) -> None:
    """An `on_progress` that notes losses."""
    losses += [figures[name] for name in ("loss", "rmse") if name in figures]


def operations(processes: Processes) -> dict[str, np.ndarray]:
    """What is put together again of the people of each process."""
    own = own_part(MANY, processes)
    sparse = sum_of_sparse(sp.csc_array(own.stars.T @ own.stars), processes)
    return {
        "stars": all_people(own.stars, processes).toarray(),
        "likes": processes.sum((own.stars.toarray() > 3).sum(axis=0)),
        "in common": sparse.toarray(),
        "told": np.frombuffer(processes.told_by_first(b"first" if processes.number == 0 else b"another"), np.uint8),
        "nothing": processes.gathered(np.zeros((0, 2), dtype=np.float32)),
        "doubles": processes.sum(np.array([2.0**40, 1 / 3]) / processes.count),
    }


def measured(processes: Processes) -> dict[str, np.ndarray]:
    """Values per user of a model with scores, and of one with stars and their chances."""
    fitting, held_out = carve_validation(MANY, seed=0)
    split, found = Split("s", fitting, held_out.stars), {}
    for name, ranks_by in (("ease", "scores"), ("rbm", "stars")):
        model = fit_on(fitting, create(name, HALF_STARS, epochs=1), Training())
        per_user, reliability, _ = measure(
            model, split, Settings(), ranks_by=ranks_by, on_progress=silent, processes=processes
        )
        found |= {f"{name} {value}": values for value, values in per_user.items()}
        if reliability is not None:
            found[f"{name} reliability"] = reliability.predicted
    return found


def harness(arguments: list[str], processes: Processes) -> None:
    """Let `eval.run` measure its models and fit one on all ratings; plots and tables, which take long, are left out."""
    options = parse_run(arguments)
    run = prepare(options, make_console(stderr=True, quiet=processes.number > 0), "command", processes)
    assert not run.work()
    assert run.fit_all(options.fit_all)
    if processes.number > 0:
        run.finish()  # which is nothing to it


def main(arguments: list[str]) -> None:
    """Find all of it as one process of a job, write it, and run the harness."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--run", help="options of eval.run, in one word")
    add_job_options(parser)
    options = parser.parse_args(arguments)
    for (module, name), size in SMALL_STEPS.items():
        setattr(module, name, size)
    with processes_of(options) as processes:
        np.savez(options.out / f"{processes.number}.npz", **everything(processes))
        if options.run:
            harness(shlex.split(options.run), processes)


if __name__ == "__main__":
    main(sys.argv[1:])
