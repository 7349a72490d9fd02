"""What the benchmarks work on, and how one is timed.

Legend: U users, I items, B users that are scored at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from pytest_benchmark.fixture import BenchmarkFixture

from eval.protocols import make_splits
from recsys.artifacts.fitting import fit_on
from recsys.data.interactions import Interactions, keep_entries
from recsys.data.movielens import Dataset
from recsys.data.scale import WHOLE_STARS
from recsys.models import MODELS, create
from recsys.models.base import Model
from recsys.models.hybrids.config import HybridVAEConfig
from recsys.models.mult_vae.config import MultVAEConfig
from recsys.models.vae.config import VAEConfig
from recsys.settings import Config
from recsys.split import Split
from recsys.testing.synthetic import low_rank
from recsys.training import Training

K = 10  # list length
RELEVANT_FROM = 4.0  # stars
TEST_SHARE = 0.2
OF_VAES = {"vae": 1, "vae-bce": 1, "vae-masked": 1, "mult-vae": 6}  # epochs
OF_CHAINS = {"bmf": 15, "bmf-ordinal": 15, "hybrid-vae": 15}
OF_ALL = {"svd": 2, "als": 2, **OF_CHAINS, **OF_VAES}
OF_NARROW = {**OF_ALL, "vae": 10, "vae-bce": 10, "vae-masked": 10, "hybrid-vae": 6}  # an epoch has few steps


@dataclass(frozen=True)
class Workload:
    """Ratings to fit on, people to score, and how many epochs a model gets whose own number would take too long.

    `is_large` where a fit may take half a minute. `made` makes the settings of a name those that are fitted.
    """

    name: str
    split: Split
    n_scored: int
    epochs: dict[str, int]
    is_large: bool
    made: Callable[[Config], Config] = lambda config: config

    @property
    def train(self) -> sp.csr_array:
        """(U, I) stars."""
        return self.split.train.stars

    @cached_property
    def histories(self) -> sp.csr_array:
        """(B, I) stars given."""
        return self.train[: self.n_scored]

    @cached_property
    def held_out(self) -> sp.csr_array:
        """(B, I) stars to find."""
        return self.split.test[: self.n_scored]

    @cached_property
    def relevant(self) -> sp.csr_array:
        """(B, I) bool."""
        return sp.csr_array(self.held_out >= RELEVANT_FROM)

    @cached_property
    def one_history(self) -> sp.csr_array:
        """(1, I) stars of a person with a median number of them."""
        by_length = np.argsort(np.diff(self.histories.indptr), kind="stable")
        return self.histories[by_length[[self.n_scored // 2]]]

    @cached_property
    def mean(self) -> float:
        """Stars, of all training ratings."""
        return float(self.train.data.mean(dtype=np.float64))

    def label(self, name: str) -> str:
        """A model's name, with its epochs where they are not its own number."""
        return f"{name}, epochs={self.epochs[name]}" if name in self.epochs else name


def movielens(dataset: Dataset, *, timed: bool) -> Workload:
    """Training part of the official fold u1; everybody is scored."""
    (split,) = make_splits(dataset, "folds", ["u1"], seed=0)
    return Workload("ml-100k", split, split.train.shape[0], OF_VAES if timed else OF_ALL, is_large=False)


def synthetic(*, timed: bool) -> Workload:
    """Ten times MovieLens 100K, of which 100 people are scored; where nothing is timed, a small one.

    The small one has whole batches of users: the VAEs compile once more for a batch that is not full.
    """
    n_users, n_items, n_ratings = (3000, 5000, 1_000_000) if timed else (512, 500, 30_000)
    ratings = low_rank(n_users, n_items, n_ratings, seed=0)
    in_test = np.random.default_rng(0).random(ratings.nnz) < TEST_SHARE
    split = Split("random", Interactions(ratings).only(~in_test), keep_entries(ratings, in_test))
    if timed:
        return Workload("synthetic 10x", split, 100, OF_ALL, is_large=True)
    return Workload("synthetic 10x", split, 100, OF_NARROW, is_large=False, made=narrow)


def narrow(config: Config) -> Config:
    """Networks of few units, and one where several are averaged, which learn as much of so few people in no time."""
    if isinstance(config, HybridVAEConfig):
        return replace(config, vae=narrow(config.vae))
    if isinstance(config, MultVAEConfig):
        return replace(config, n_networks=1)
    return replace(config, hidden=(128, 64), n_latent=16) if isinstance(config, VAEConfig) else config


def fit(name: str, workload: Workload) -> Model:
    """A model fitted as the harness fits it, compilation included: a new model compiles anew."""
    config = workload.made(MODELS[name].config)
    model = create(name, WHOLE_STARS, config=config, epochs=workload.epochs.get(name))
    return fit_on(workload.split.train, model, Training(seed=0))


def time_it(benchmark: BenchmarkFixture, group: str, label: str, call: Callable[[], Any], rounds: int) -> None:
    """Time a call that has run and been checked; where nothing is timed, that was enough."""
    benchmark.group, benchmark.name = group, label
    benchmark.pedantic(call if benchmark.enabled else lambda: None, rounds=rounds)
