"""Models made of other models: parts that do not change are fitted once, asked once, and used again."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any

import numpy as np
import scipy.sparse as sp

from recsys.artifacts.fitting import fit_on
from recsys.data.interactions import Histories, Interactions
from recsys.models.base import CompositeModel, Model
from recsys.models.hybrids.hybrid_vae import fit_one
from recsys.progress import OnProgress
from recsys.split import Split
from recsys.training import Training

N_KEPT_PER_SPLIT = 10  # fitted parts in memory; fewer than a model has would be fitted anew in every trial

PURE = (
    "score",
    "predict",
    "rating_distribution",
    "told",
)  # methods whose answers depend on their arguments alone


class Remembering:
    """A fitted part that works out an answer once: composites differ in what they make of the same answers."""

    def __init__(self, part: Model):
        self.part = part
        self.answers: dict[Hashable, tuple[np.ndarray, ...]] = {}

    def __getattr__(self, name: str) -> Any:
        """The part's own attribute; of a pure method one that remembers."""
        found = getattr(self.part, name)
        return self.remembered(name, found) if name in PURE else found

    def remembered(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """A method that answers with copies, which the caller may change: of one array, or of several."""

        def answer(*arguments: Any) -> Any:
            key = (name, *map(digest, arguments))
            if key not in self.answers:
                found = method(*arguments)
                self.answers[key] = tuple(map(np.array, found if isinstance(found, tuple) else (found,)))
            copies = tuple(each.copy() for each in self.answers[key])
            return copies if len(copies) > 1 else copies[0]

        return answer


def digest(argument: Any) -> Hashable:
    """What tells an argument of a model's method from another: a name, an array, people or nothing."""
    if argument is None or isinstance(argument, str):
        return argument
    if isinstance(argument, Histories):
        return tuple(map(digest, (argument.stars, argument.times, argument.genres)))
    if isinstance(argument, sp.csr_array):
        return (argument.shape, *map(digest, (argument.data, argument.indices, argument.indptr)))
    return argument.shape, str(argument.dtype), hashlib.sha256(argument.tobytes()).digest()


class PartCache:
    """Fits the models of one study; the parts of a composite model are kept for the next trial.

    A part is used again where the names of split and part, config, seed and number of validation ratings are the same.
    The `n_kept` parts used last are kept.
    """

    def __init__(self, n_kept: int):
        self.n_kept = n_kept
        self.kept: OrderedDict[Hashable, Any] = OrderedDict()  # the one used last at the end
        self.lock = Lock()

    def fitted(self, model: Model, split: Split, seed: int, on_progress: OnProgress) -> Model:
        """The model, fitted on the split's training part, or assembled of parts that are."""
        training = Training(seed=seed, on_progress=on_progress)
        if not isinstance(model, CompositeModel):
            return fit_on(split.train, model, training)

        def fit_part(name: str, part: Model, data: Interactions, kept_aside: Interactions | None) -> Any:
            key = (split.name, name, part.config, seed, 0 if kept_aside is None else kept_aside.n_ratings)
            return self.part(key, lambda: fit_one(part, data, kept_aside, training.of_part(name)))

        *_, whole = model.fit_by(fit_part, split.train, seed)
        return whole

    def part(self, key: Hashable, fit: Callable[[], Model]) -> Any:
        """A fitted part, from the cache if it is there."""
        found = self.kept.get(key) or Remembering(fit())
        with self.lock:
            self.kept[key] = found
            self.kept.move_to_end(key)
            while len(self.kept) > self.n_kept:
                self.kept.popitem(last=False)
        return found
