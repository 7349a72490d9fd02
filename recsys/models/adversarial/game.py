"""Two players who learn against each other: the step that all models of this family take.

Legend: B rows in a batch.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from recsys.models.numeric.dense_stack import sigmoid
from recsys.models.numeric.descent import Adam, Gradient, falling, shuffled

Losses = dict[str, float]  # by the name of a player


@dataclass(frozen=True, eq=False, kw_only=True)
class Player:
    """One of two who learn against each other.

    Attributes:
        name: of the loss, where progress is told.
        parameters: changed where they are.
        gradient: for the rows of a batch what is stepped along, and the loss, against the other as it is by then.
        rate: Adam's at the first step.
        turns: steps on each batch.
    """

    name: str
    parameters: Sequence[np.ndarray]
    gradient: Callable[[np.ndarray], tuple[Gradient, float]]
    rate: float
    turns: int = 1


class Length(Protocol):
    """How long a game is."""

    @property
    def epochs(self) -> int:
        """Passes over all rows."""

    @property
    def batch_size(self) -> int:
        """Rows that are looked at together."""


class Game:
    """Players take turns: each steps against what the others have become (Goodfellow et al. 2014, algorithm 1)."""

    def __init__(self, *players: Player):
        self.players = players
        self.rules = [Adam(player.parameters) for player in players]

    def step(self, rows: np.ndarray, pace: float = 1.0) -> Losses:
        """All turns of every player, in order, on a batch; mean losses before the steps. Rates are times `pace`."""
        found: Losses = {}
        for player, rule in zip(self.players, self.rules, strict=True):
            losses = []
            for _ in range(player.turns):
                gradient, loss = player.gradient(rows)
                rule.step(gradient, pace * player.rate)
                losses.append(loss)
            found[player.name] = float(np.mean(losses))
        return found

    def epochs(self, n_rows: int, length: Length, rng: np.random.Generator) -> Iterator[Losses]:
        """Mean losses after each epoch; rates fall to 0 by a cosine."""
        n_batches = max(-(-n_rows // length.batch_size), 1)
        for epoch in range(length.epochs):
            found = [
                self.step(rows, falling(1.0, (epoch + number / n_batches) / length.epochs))
                for number, rows in enumerate(shuffled(n_rows, length.batch_size, rng))
            ]
            yield {each.name: float(np.mean([step[each.name] for step in found] or 0.0)) for each in self.players}


def told_apart(logits: np.ndarray, is_real: np.ndarray) -> tuple[np.ndarray, float]:
    """How wrong a critic is who gives these log odds of being real, in nats.

    Args:
        logits: (n, 1), as many of real ones as of others.
        is_real: (n, 1), 1 or 0.

    Returns:
        The gradient of -mean log D(real) - mean log(1 - D(other)), of the shape of the logits, and its value: log 4
        where neither can be told from the other.
    """
    weight = 2 / max(len(logits), 1)
    loss = np.logaddexp(0, logits) - is_real * logits
    return (sigmoid(logits) - is_real) * np.float32(weight), float(loss.sum() * weight)
