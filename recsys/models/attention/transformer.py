"""A transformer that reads histories, and says which films people choose.

Legend: B histories, U training users, I items, D numbers of a token.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions, keep_entries
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.attention.config import TransformerConfig
from recsys.models.attention.layers import Slopes
from recsys.models.attention.network import SetTransformer, shapes
from recsys.models.attention.tokens import Tokens, highest, told_and_hidden
from recsys.models.base import entry_rows, graded, with_values
from recsys.models.learned import LearningModel
from recsys.models.networks.choices import choice_loss
from recsys.models.numeric.descent import Gradient, descend
from recsys.models.numeric.threads import by_blocks
from recsys.training import Training

TOGETHER = 16  # histories that are read at once; of about the same length, so that little is filled up


class Transformer(LearningModel):
    """Attention over a history (Vaswani et al. 2017), and a softmax over all films (as in BERT4Rec, Sun et al. 2019).

    Unlike there the order is not read: MovieLens has ratings by the second at which they were typed in, half of them at
    the same one as the rating before. So it is a function of the set of ratings alone. It learns to say which films are
    hidden of a history when the rest of it is told.
    """

    config: TransformerConfig
    network: SetTransformer

    def __init__(self, config: TransformerConfig = TransformerConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def learn(self, data: Interactions, training: Training) -> None:
        """Start from how much every film is chosen, and learn from histories of which a part is hidden."""
        people = graded(data.stars[np.diff(data.stars.indptr) > 0], self.scale).astype(np.float32)
        counts = np.asarray(people.sum(axis=0)).ravel() + self.config.prior
        rng = np.random.default_rng(training.seed)
        self.network = SetTransformer.drawn(np.log(counts / counts.sum()), self.config, rng)
        lessons = Lessons(self.network, people, rng)
        weights = list(self.network.weights.values())
        descend(weights, people.shape[0], lessons.steps, self.config, rng, training)

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32, log chances but for a number that is the same for all films."""
        return by_blocks(self.scores_of, people)

    def scores_of(self, people: Histories) -> np.ndarray:
        """The same for a block of people."""
        told = highest(graded(people.stars, self.scale).astype(np.float32), self.config.n_read)
        found = np.empty(people.shape, dtype=np.float32)
        by_length = np.argsort(np.diff(told.indptr), kind="stable")
        for start in range(0, len(by_length), TOGETHER):
            rows = by_length[start : start + TOGETHER]
            taste, _ = self.network.taste(Tokens.of(told[rows]))
            found[rows] = self.network.scores(taste)
        return found

    def arrays(self) -> dict[str, np.ndarray]:
        """What was learned, by name."""
        return dict(self.network.weights)

    def array_shapes(self) -> dict[str, str]:
        """See `Model.array_shapes`."""
        return {name: " ".join(map(axis, shape)) for name, shape in shapes(0, self.config).items()}

    def restore(self, arrays: dict[str, np.ndarray]) -> Self:
        """The inverse of `arrays`."""
        self.network = SetTransformer({name: arrays[name] for name in shapes(0, self.config)}, self.config)
        return self


def axis(size: int) -> str:
    """An axis of so many numbers, as `array_shapes` has it; 0 stands for all films."""
    return f"N{size}={size}" if size else "I"


@dataclass(frozen=True, eq=False)
class Lessons:
    """What a network learns from a batch of people.

    Attributes:
        network: what learns.
        people: (U, I) grades, float32; everybody has rated something.
        rng: of what is hidden and dropped.
    """

    network: SetTransformer
    people: sp.csr_array
    rng: np.random.Generator

    def steps(self, rows: np.ndarray) -> Iterator[tuple[Gradient, float]]:
        """The gradient of one step, in the order of the network's weights, and the loss."""
        config, batch = self.network.config, self.people[rows]
        is_told = told_and_hidden(batch, (config.hides_from, config.hides_to), config.n_told, self.rng)
        tokens, hidden = Tokens.of(keep_entries(batch, is_told)), keep_entries(batch, ~is_told)
        kept = (self.rng.random((len(rows), config.width)) >= config.dropout) / (1 - config.dropout)
        found, loss = slopes(self.network, tokens, hidden, kept.astype(np.float32))
        yield [found[name] for name in self.network.weights], loss


def slopes(network: SetTransformer, tokens: Tokens, hidden: sp.csr_array, kept: np.ndarray) -> tuple[Slopes, float]:
    """The loss of asking for what is hidden, and its gradient with respect to the weights, by name.

    The loss is -sum_i hidden_i log p(i | told) / sqrt(sum_i hidden_i), the mean over people: who has more that is
    hidden says more, but not as much more as there is.

    Args:
        network: its weights are looked at alone.
        tokens: what is told of B people.
        hidden: (B, I) grades of what is not.
        kept: (B, D), what tastes are multiplied by.
    """
    taste, back = network.taste(tokens)
    taste = taste * kept
    n_hidden = np.asarray(hidden.sum(axis=1))[entry_rows(hidden)]
    counts = with_values(hidden, hidden.data / np.sqrt(np.maximum(n_hidden, np.float32(1))) / np.float32(len(taste)))
    loss, slope = choice_loss(network.scores(taste), counts)
    found: Slopes = {"wanted_kernel": taste.T @ slope, "wanted_bias": slope.sum(axis=0)}
    back(slope @ network.weights["wanted_kernel"].T * kept, found)
    return found, loss
