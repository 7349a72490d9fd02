"""A network of choices that learns what to add to the chances that content gives to films.

Legend: B histories, U training users, I items, H hidden units.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, keep_entries
from recsys.data.scale import RatingScale
from recsys.models.autoencoders.config import ListConfig
from recsys.models.autoencoders.training import with_decay
from recsys.models.base import graded, with_values
from recsys.models.content.content import Content
from recsys.models.networks.choices import choice_loss
from recsys.models.networks.histories import grades_of_length_one
from recsys.models.numeric.dense_stack import DenseStack
from recsys.models.numeric.descent import Gradient

LIST_LAYERS = ("tanh", "linear")


def list_network(n_items: int, config: ListConfig, rng: np.random.Generator) -> DenseStack:
    """A network that has learned nothing: I -> H -> I, the last layer at 0, so that it begins with content."""
    stack = DenseStack.drawn((n_items, config.n_hidden, n_items), LIST_LAYERS, rng)
    stack.kernels[1][:] = 0
    return stack


@dataclass(frozen=True, eq=False)
class ListLessons:
    """What the network learns from a batch of people.

    Attributes:
        stack: the network.
        train: (U, I) stars of all people.
        content: what is added to; it is told no more of anybody than the network.
        scale: of the stars.
        config: how it learns.
        rng: of what is hidden.
    """

    stack: DenseStack
    train: sp.csr_array
    content: Content
    scale: RatingScale
    config: ListConfig
    rng: np.random.Generator

    def steps(self, rows: np.ndarray) -> Iterator[tuple[Gradient, float]]:
        """The gradient of a step on people, and nats of the choices of each in the mean."""
        batch = self.train[rows]
        kept = keep_entries(batch, self.rng.random(batch.nnz) >= self.config.forgets)
        outputs = self.stack.outputs(with_values(kept, grades_of_length_one(kept, self.scale)))
        chosen = graded(batch, self.scale).astype(np.float32)
        loss, slope = choice_loss(outputs[-1] + self.content.score(Histories(kept)), chosen)
        gradient = self.stack.gradient(outputs, slope / np.float32(max(len(rows), 1)))
        yield with_decay(gradient, self.stack, self.config.l2), loss / max(len(rows), 1)
