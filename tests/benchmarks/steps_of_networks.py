"""What a step of training the generative networks takes: `python -m tests.benchmarks.steps_of_networks 1m`.

Ratings are made up, in the numbers of MovieLens; seconds are of a processor, in whatever many threads.
"""

import argparse
import resource
import time
from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import WHOLE_STARS
from recsys.models.mult_vae.config import MultVAEConfig
from recsys.models.mult_vae.mult_vae import sized

SHAPES = {  # people, films, ratings
    "100k": (943, 1682, 80_000),
    "1m": (6040, 3706, 1_000_000),
    "10m": (69_878, 10_677, 10_000_000),
    "32m": (200_948, 87_585, 32_000_000),
}


def made_up(n_people: int, n_items: int, n_ratings: int) -> sp.csr_array:
    """(U, I) stars by chance, of people and films that are very unequally busy; a tenth fewer than asked, or so."""
    rng = np.random.default_rng(0)
    activity = rng.lognormal(size=n_people)
    each = np.clip((activity / activity.sum() * n_ratings).astype(int), 15, n_items // 3)
    fame = np.cumsum(1 / (np.arange(n_items) + n_items / 100))
    rows = np.repeat(np.arange(n_people, dtype=np.int32), each)
    columns = np.searchsorted(fame, fame[-1] * rng.random(len(rows), dtype=np.float32)).clip(max=n_items - 1)
    stars = rng.integers(1, 6, len(rows)).astype(np.float32)
    found = sp.csr_array((stars, (rows, columns.astype(np.int32))), shape=(n_people, n_items))
    found.data.clip(max=5, out=found.data)  # who rated a film twice has the sum
    return found


def main() -> None:
    """Print a line for each size."""
    from recsys.models.mult_vae.learning import trained_of
    from recsys.models.mult_vae.training import Course, Study, of_a_step, step_of, untrained
    from recsys.models.networks.adam import beginning

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("size", choices=SHAPES)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--exact", action="store_true", help="the softmax is over all films")
    options = parser.parse_args()
    ratings = made_up(*SHAPES[options.size])
    config = MultVAEConfig(n_hidden=800, exact_films=200_000 if options.exact else 10_000)
    config = replace(sized(config, ratings), n_networks=1)
    study = Study(ratings, config, WHOLE_STARS, seed=0)
    trained, usual = trained_of(next(untrained(ratings, config, WHOLE_STARS, 0, [0])))
    learner, step = beginning(trained), step_of(of_a_step(config), WHOLE_STARS)
    del trained
    course, batches = Course(config.epochs * study.n_batches, config.anneal_epochs * study.n_batches, 0), study.orders()
    for number in range(options.steps + 1):
        learner, loss = step(learner, next(batches)(), usual, course)
        assert np.isfinite(float(loss))
        if not number:  # that one was compiled for
            start = time.process_time()
    seconds = (time.process_time() - start) / options.steps
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    each = f"{study.n_batches} batches of {config.batch_size}, {config.epochs} epochs; a step {seconds:.2f} s"
    whole = f"a network {seconds * course.n_steps:.0f} s, {peak:.1f} GB, compiled {step._cache_size()} times"  # type: ignore[attr-defined]
    print(f"{options.size}: {each}, {whole}")


if __name__ == "__main__":
    main()
