"""Steps by which the networks of a MultVAE learn, in JAX, by one process or by several that share out every batch."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jax.stages import Wrapped

from recsys.data.scale import RatingScale
from recsys.models.mult_vae.config import MultVAEConfig
from recsys.models.mult_vae.learning import Batch, Share, Stage, evidence_loss
from recsys.models.networks.adam import Learner, stepped
from recsys.models.networks.histories import Usual
from recsys.settings import LEVEL
from recsys.training.processes import Processes

N_KEPT = 4  # sets of settings


class Course(NamedTuple):
    """How long a training is.

    Attributes:
        n_steps: in all.
        n_annealing: in so many the divergence gets its weight.
        seed: of its noise.
        rate: Adam's in the first step, see `stepped`.
    """

    n_steps: int
    n_annealing: int
    seed: int
    rate: float


Step = Callable[[Learner, Batch, Usual, Course], tuple[Learner, Any]]  # -> (learner, loss)


def of_a_step(config: MultVAEConfig) -> MultVAEConfig:
    """The settings without those that make no difference to a step of training."""
    one_epoch = replace(config, n_networks=1, epochs=1, anneal_epochs=1, batch_size=1, n_sampled=1)
    one_epoch = replace(one_epoch, learning_rate=1.0, more_epochs=0, more_rate=1.0)
    return replace(one_epoch, popular_start=False, liked_from=LEVEL, liked_weight=0.0, l2_genres=1.0)


@lru_cache(maxsize=N_KEPT)
def step_of(config: MultVAEConfig, scale: RatingScale) -> Wrapped:
    """A step of training: (learner, batch, what is usual, course) -> (learner, loss).

    It writes what is learned where it was, so that there is never a second; it is compiled once for each size of a
    batch, whatever the course.
    """

    def step(learner: Learner, batch: Batch, usual: Usual, course: Course) -> tuple[Learner, Any]:
        stage = stage_of(learner.n_done, course, config)
        nats, slopes = jax.value_and_grad(evidence_loss)(learner.values, batch, usual, stage, config, scale)
        return stepped(learner, slopes, course.rate, course.n_steps), nats

    return jax.jit(step, donate_argnums=0)


def stage_of(n_done: Any, course: Course, config: MultVAEConfig) -> Stage:
    """How far a training is after so many steps."""
    number = n_done.astype("uint32")
    forgetting, taste = (jnp.stack([jnp.uint32(course.seed) + own, number]) for own in range(2))
    return Stage(forgetting, taste, config.beta * jnp.minimum(1.0, (number + 1) / course.n_annealing))


def joint_step_of(config: MultVAEConfig, scale: RatingScale, share: Share, processes: Processes) -> Step:
    """The same by several processes, each with its share of every batch: losses and gradients are summed."""
    slopes_of = slopes_of_share(config, scale, share)

    def step(learner: Learner, batch: Batch, usual: Usual, course: Course) -> tuple[Learner, Any]:
        summed = processes.sum(slopes_of(learner.values, learner.n_done, batch, usual, course))
        return step_along(learner, summed, course.rate, course.n_steps), summed[-1]

    return step


@lru_cache(maxsize=N_KEPT)
def slopes_of_share(config: MultVAEConfig, scale: RatingScale, share: Share) -> Callable[..., Any]:
    """What a share adds to the gradient of a whole batch, in one row, and then to its loss."""

    def slopes_of(values: Any, n_done: Any, batch: Batch, usual: Usual, course: Course) -> Any:
        stage = stage_of(n_done, course, config)._replace(share=share)
        nats, slopes = jax.value_and_grad(evidence_loss)(values, batch, usual, stage, config, scale)
        return share.weight * jnp.append(ravel_pytree(slopes)[0], nats)

    return jax.jit(slopes_of)


@partial(jax.jit, donate_argnums=0)
def step_along(learner: Learner, summed: Any, rate: float, n_steps: int) -> Learner:
    """After a step along a gradient, in one row as above."""
    _, in_place = ravel_pytree(learner.values)
    return stepped(learner, in_place(summed[:-1]), rate, n_steps)
