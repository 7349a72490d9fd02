"""Adam (Kingma and Ba 2015) in JAX, with a rate that falls to 0 along a cosine, as Keras's own computes it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

FIRST, SECOND = 0.9, 0.999  # shares of the moments that a step leaves
EPSILON = 1e-7
N_DONE = "steps of Adam"  # by what name the number of steps is kept


class Learner(NamedTuple):
    """Values that are learned, their gradients' moments, and how many steps were done; the first three alike."""

    values: Any
    first: Any
    second: Any
    n_done: Any  # () int32


def beginning(values: Any) -> Learner:
    """Before the first step; the values are copied into JAX's memory."""
    values = jax.tree.map(lambda each: jnp.array(each, copy=True), values)
    first, second = (jax.tree.map(jnp.zeros_like, values) for _ in range(2))
    return Learner(values, first, second, jnp.zeros((), jnp.int32))


def arrays_of(learner: Learner) -> dict[str, np.ndarray]:
    """All of it, in NumPy, where values are arrays by name."""
    kinds = {"value": learner.values, "first": learner.first, "second": learner.second}
    arrays = {f"{kind} {name}": np.asarray(each) for kind, all_ in kinds.items() for name, each in all_.items()}
    return arrays | {N_DONE: np.asarray(learner.n_done)}


def learner_of(arrays: Mapping[str, np.ndarray]) -> Learner:
    """The inverse of `arrays_of`; more arrays than those are not looked at."""

    def of(kind: str) -> dict[str, Any]:
        return {
            name.removeprefix(f"{kind} "): jnp.array(each, copy=True)
            for name, each in arrays.items()
            if name.startswith(f"{kind} ")
        }

    return Learner(of("value"), of("first"), of("second"), jnp.array(arrays[N_DONE], copy=True))


def stepped(learner: Learner, slopes: Any, rate: float, n_steps: int) -> Learner:
    """After one of n_steps steps.

    Args:
        learner: before it.
        slopes: the gradient, shaped as the values.
        rate: of the first step: rate * (1 + cos(pi * step / n_steps)) / 2.
        n_steps: of the whole training.
    """
    share_done = jnp.minimum(learner.n_done, n_steps) / n_steps
    number = (learner.n_done + 1).astype(jnp.float32)
    now = rate * 0.5 * (1 + jnp.cos(jnp.pi * share_done))
    now *= jnp.sqrt(1 - SECOND**number) / (1 - FIRST**number)
    first = jax.tree.map(lambda m, g: m + (g - m) * (1 - FIRST), learner.first, slopes)
    second = jax.tree.map(lambda v, g: v + (jnp.square(g) - v) * (1 - SECOND), learner.second, slopes)
    values = jax.tree.map(lambda w, m, v: w - m * now / (jnp.sqrt(v) + EPSILON), learner.values, first, second)
    return Learner(values, first, second, learner.n_done + 1)
