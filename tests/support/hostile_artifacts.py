"""Models that somebody has made up to do harm, and what becomes of whoever loads them.

Every model of MODELS is saved as it should be, small; a damage, drawn by a seed, is done to the folder; and a process
of its own loads it and asks it everything that people ask. Each must be refused in a sentence, or answer with finite
numbers, within MOST_BYTES of memory and MOST_SECONDS. The damages are in `hostile_damages`.

    python tests/support/hostile_artifacts.py 2000      how many artifacts; exits with 1 if one did harm
    python tests/support/hostile_artifacts.py --seed 17     one of them, and what was done to it
"""

import argparse
import json
import os
import resource
import select
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from recsys.artifacts.artifact import Artifact, save_artifact
from recsys.artifacts.fitting import artifact_of
from recsys.data.interactions import Histories, Interactions
from recsys.data.movielens import Dataset, load_dataset
from recsys.errors import DataError
from recsys.models import MODELS, create
from recsys.models.hybrids.hybrid_vae import LINEAR, NORMAL, ORDINAL, VAE, HybridVAE
from recsys.models.mult_vae.inference import NetworkWeights, weight_shapes
from recsys.models.mult_vae.mult_vae import MultVAE
from recsys.recommend.recommender import Recommender
from tests.support.data_folders import write_genres
from tests.support.hostile_damages import DAMAGES
from tests.support.small_models import small_config

MOST_BYTES, MOST_SECONDS = 500_000_000, 10.0  # of the processor: others may use the machine too
ADDRESS_SPACE = 4 * 2**30  # beyond what the process has when it is ready
HANGS = 120.0  # seconds, on the clock, after which a process is given up
DATA = "films"  # the folder of ratings, in the folder where a process runs
NO_MEMORY = "takes more memory than there is"  # a refusal that came too late

Outcome = dict[str, Any]


# ---- honest artifacts


def write_honest(place: Path, names: list[str] | None = None) -> dict[str, Path]:
    """A folder with ratings, and below it a small model of every name, or some, as `save_artifact` writes it."""
    dataset = load_dataset(write_genres(place / DATA), min_ratings=1)
    train = dataset.ratings.matrix()
    written = {}
    for name in names or MODELS:
        folder = written[name] = place / "honest" / name
        artifact = artifact_of(name, made(name, dataset), train, dataset, split="all", seed=0)
        save_artifact(
            folder, Artifact(name, artifact.model, artifact.items, artifact.facts | {"metrics": {"rmse": 1.0}})
        )
    return written


def made(name: str, dataset: Dataset) -> Any:
    """A model that could have been trained; networks are made of small random numbers, which is quicker."""
    model: Any = create(name, dataset.ratings.scale, config=small_config(name))
    train = dataset.ratings.matrix()
    if isinstance(model, MultVAE):
        return with_random_networks(model, dataset)
    if isinstance(model, HybridVAE):
        parts: dict[str, Any] = model.parts()
        fitted = {part: parts[part].fit(Interactions(train)) for part in (LINEAR, NORMAL, ORDINAL)}
        return model.assemble({VAE: with_random_networks(parts[VAE], dataset)} | fitted)
    if MODELS[name].is_keras:
        return model.build(train.shape[1])
    return model.fit(Interactions(train))


def with_random_networks(model: MultVAE, dataset: Dataset) -> MultVAE:
    rng, config, n_items = np.random.default_rng(0), model.config, dataset.ratings.n_items
    shapes = weight_shapes(config, model.scale, n_items)
    fixed = {"spread": 0.5, "mean": 3.0, "first": 1.5, "generosity": 0.5}

    def network() -> NetworkWeights:
        drawn = {name: rng.normal(0, 0.1, shape) for name, shape in shapes.items()} | fixed
        return NetworkWeights(**{name: np.asarray(values, dtype=np.float32) for name, values in drawn.items()})

    model.take([network() for _ in range(config.n_networks)])
    n_features = 1 + 2 * len(dataset.catalog.genre_names)
    weights = rng.normal(0, 0.1, (config.n_networks, n_features, config.n_latent))
    model.genre_weights, model.genre_variance = weights, np.full((config.n_networks, config.n_latent), 0.5)
    return model


# ---- asking, in a process of its own


def asked(folder: Path) -> str:
    """Load a model and ask it everything; "harmless", or the sentence that refused it."""
    try:
        model = Recommender.from_pretrained(folder)
    except DataError as error:
        return checked_sentence(error)
    ids = model.catalog.item_ids.tolist()
    some = {ids[0]: model.scale.highest, ids[-1]: model.scale.lowest}
    questions = [
        lambda: model.recommend({}, k=5),
        lambda: model.recommend(some, k=5),
        lambda: model.recommend(some, k=5, adventure=1.0),
        lambda: model.predict(some, ids[1:4]),
        lambda: model.similar(ids[0], k=5),
        lambda: model.for_genres(model.catalog.genre_names[:1], k=5),
        lambda: model.sample(k=5, seed=0),
        lambda: model.artifact.fingerprint(),
    ]
    for question in questions:
        with suppress(DataError):
            require_finite(question(), stars=model.checked.rating is not None)
    return "harmless"


def checked_sentence(error: DataError) -> str:
    sentence = str(error)
    assert "\n" not in sentence, f"more than a sentence: {sentence[:500]}"
    assert NO_MEMORY not in sentence, sentence[:500]
    assert 20 < len(sentence) < 3000, f"{len(sentence)} characters: {sentence[:500]}"
    return sentence


def require_finite(answer: Any, stars: bool) -> None:
    """Fail unless every number of a table is finite; stars may be missing where a model predicts none."""
    if isinstance(answer, str):
        return
    numbers = answer.select_dtypes("float")
    for column in numbers:
        is_there = stars or column != "stars"
        assert not is_there or np.isfinite(numbers[column]).all(), f"{column}: {numbers[column].tolist()}"


def work() -> None:
    """Read folders, one a line; answer each with a line of JSON."""
    from recsys.models.vae.paper_vae import PaperVAE

    PaperVAE(small_config("vae")).build(3).score(
        Histories(sp.csr_array((1, 3), dtype=np.float32))
    )  # starting JAX is not to count
    warnings.simplefilter("ignore")
    limit = int(memory("VmSize") + ADDRESS_SPACE)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(outcome_of(Path(line.rstrip("\n")))), flush=True)


def outcome_of(folder: Path) -> Outcome:
    """What became of an artifact: a sentence, "harmless", or a fault; with the processor's seconds and bytes on top."""
    Path("/proc/self/clear_refs").write_text("5")  # forgets the highest memory so far
    before, start = memory("VmRSS"), time.process_time()
    try:
        said, fault = asked(folder), ""
    except BaseException as error:
        said, fault = "", f"{type(error).__name__}: {str(error)[:300]}"
    return {"said": said, "fault": fault, "seconds": time.process_time() - start, "bytes": memory("VmHWM") - before}


def memory(kind: str) -> int:
    """Bytes, as the kernel counts them."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(f"{kind}:")).split()[1])


@dataclass
class Asker:
    """A process that loads artifacts, begun anew when one has ended it.

    Attributes:
        place: the folder that it runs in.
    """

    place: Path
    process: subprocess.Popen | None = None

    def ask(self, folder: Path) -> Outcome:
        process = self.running()
        start = time.monotonic()
        process.stdin.write(f"{folder}\n")
        process.stdin.flush()
        line = self.line(HANGS)
        if line is None:
            return {"said": "", "fault": self.end(), "seconds": time.monotonic() - start, "bytes": 0}
        return json.loads(line)

    def running(self) -> Any:
        if self.process is None:
            root = Path(__file__).resolve().parents[2]
            nowhere = "http://127.0.0.1:9"  # where no server listens
            away = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), nowhere)
            env = os.environ | away | {"PYTHONPATH": str(root), "PIP_NO_INDEX": "1", "HF_HUB_OFFLINE": "1"}
            env |= {"MOVIE_VAE_CACHE": str(self.place / "cache"), "PYTHONFAULTHANDLER": "1"}
            command = [sys.executable, str(Path(__file__).resolve()), "--work"]
            self.process = subprocess.Popen(
                command, cwd=self.place, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            assert self.line(120.0) == "ready"
        return self.process

    def line(self, seconds: float) -> str | None:
        """The next line that the process prints; None if it has ended, or says nothing for so long."""
        stream = self.process.stdout
        there, _, _ = select.select([stream], [], [], seconds)
        return (stream.readline().rstrip("\n") or None) if there else None

    def end(self) -> str:
        """Stop the process; says how it stood."""
        if self.process is None:
            return ""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(1.0)
        status = self.process.poll()
        self.process.kill()
        self.process.communicate()
        self.process = None
        return "hangs" if status is None else f"the process ended with {status}"


# ---- trials


@dataclass(frozen=True)
class Trial:
    """What was done to an artifact, and what became of it."""

    seed: int
    model: str
    damage: str
    outcome: Outcome

    @property
    def fault(self) -> str:
        """Why it did harm; empty if it did none."""
        if self.outcome["fault"]:
            return self.outcome["fault"]
        if self.outcome["seconds"] > MOST_SECONDS:
            return f"took {self.outcome['seconds']:.1f} s"
        if self.outcome["bytes"] > MOST_BYTES:
            return f"took {self.outcome['bytes'] / 1e6:.0f} MB"
        return ""

    def __str__(self) -> str:
        return f"seed {self.seed}, {self.model}, {self.damage}: {self.fault or self.outcome['said']}"


def trials(seeds: Iterator[int] | range, place: Path, honest: dict[str, Path]) -> Iterator[Trial]:
    """Damage a copy of an honest model for every seed, and load it."""
    asker, names = Asker(place), list(honest)
    try:
        for seed in seeds:
            rng = np.random.default_rng(seed)
            name = names[seed % len(names)]
            folder = place / "copy"
            shutil.copytree(honest[name], folder)
            damage = damaged(folder, rng)
            yield Trial(seed, name, damage, asker.ask(folder))
            shutil.rmtree(folder)
    finally:
        asker.end()


def damaged(folder: Path, rng: np.random.Generator) -> str:
    """Do one damage, or two, to a folder; says which."""
    kinds = list(DAMAGES)
    chosen = sorted({int(rng.integers(len(kinds))) for _ in range(rng.choice([1, 1, 1, 2]))})  # pipes come last
    first, *rest = (kinds[number] for number in chosen)
    done = [f"{first} ({DAMAGES[first](folder, rng)})"]
    for kind in rest:
        with suppress(Exception):  # what the first has damaged the second may not be able to read
            done.append(f"{kind} ({DAMAGES[kind](folder, rng)})")
    return " and ".join(done)


def main() -> int:
    parser = argparse.ArgumentParser(description="Load artifacts that were made up to do harm.")
    parser.add_argument("number", nargs="?", type=int, default=200)
    parser.add_argument("--seed", type=int, help="this one alone")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work()
        return 0
    seeds = range(options.number) if options.seed is None else range(options.seed, options.seed + 1)
    with tempfile.TemporaryDirectory(prefix="hostile-") as place:
        return report(list(shown(trials(seeds, Path(place), write_honest(Path(place))), options.seed is not None)))


def shown(tried: Iterator[Trial], every: bool) -> Iterator[Trial]:
    for trial in tried:
        if trial.fault or every:
            print(trial, flush=True)
        yield trial


def report(tried: list[Trial]) -> int:
    """Print what became of them all; 1 if one did harm."""
    counts = Counter("harm" if t.fault else "harmless" if t.outcome["said"] == "harmless" else "refused" for t in tried)
    print(f"{len(tried)} artifacts of {len({t.model for t in tried})} models:", dict(counts))
    slowest, largest = (max(tried, key=lambda t: t.outcome[kind]) for kind in ("seconds", "bytes"))
    print(f"at most {slowest.outcome['seconds']:.1f} s ({slowest})")
    print(f"at most {largest.outcome['bytes'] / 1e6:.0f} MB ({largest})")
    return int(counts["harm"] > 0)


if __name__ == "__main__":
    raise SystemExit(main())
