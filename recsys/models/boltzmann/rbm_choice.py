"""A restricted Boltzmann machine of choices: which films somebody watches, not how many stars they give.

Legend: B histories, I items, F hidden units.
"""

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.liking import least_stars, likes
from recsys.models.base import graded, with_values
from recsys.models.boltzmann.config import ChoiceRBMConfig, ContrastiveConfig
from recsys.models.boltzmann.learning import learn
from recsys.models.boltzmann.machine import Batch, Parameters, first_machine, sigmoid, up
from recsys.models.boltzmann.restricted import RestrictedMachine
from recsys.models.boltzmann.visible import CountUnits
from recsys.models.numeric.threads import by_blocks
from recsys.training import Training


class ChoiceRBM(RestrictedMachine):
    """score = b + W E[h | history], the log chance of a choice but for a number that is the same for all films.

    The replicated softmax of Salakhutdinov and Hinton (2009, "Replicated softmax: an undirected topic model"), with
    people as documents and films as words.
    """

    config: ChoiceRBMConfig

    def __init__(self, config: ChoiceRBMConfig = ChoiceRBMConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale
        self.units = CountUnits()

    def learn(self, data: Interactions, training: Training) -> None:
        """Start from how often every film is chosen, and learn what goes together."""
        config = self.config
        choices = self.choices(data.stars)
        self.keep(
            learned_machine(choices, log_shares(choices, config.prior), config.n_hidden, config.learning, training)
        )

    def choices(self, history: sp.csr_array) -> sp.csr_array:
        """(B, I) stars -> (B, I) float32 in [0, 1]: how much of a choice each rating is."""
        if self.config.feedback == "graded":
            return graded(history, self.scale).astype(np.float32)
        least = least_stars(self.config.liked_from, self.scale, history)
        return with_values(history, likes(history, least).astype(np.float32))

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32."""
        return by_blocks(self.scores_of, people)

    def scores_of(self, people: Histories) -> np.ndarray:
        """The same for a block of people."""
        hidden = sigmoid(up(self.units, batch_of(self.choices(people.stars)), self.machine))
        return np.asarray(hidden @ self.weights.T + self.visible_bias, dtype=np.float32)


def learned_machine(
    choices: sp.csr_array, visible_bias: np.ndarray, n_hidden: int, config: ContrastiveConfig, training: Training
) -> Parameters:
    """A machine of stored counts, (U, I), whose visible units begin with these biases, (I,)."""
    machine = first_machine(visible_bias, n_hidden, config.init_scale, np.random.default_rng(training.seed))
    learn(CountUnits(), machine, lambda people: batch_of(choices[people]), choices.shape[0], config, training)
    return machine


def log_shares(choices: sp.csr_array, prior: float) -> np.ndarray:
    """(I,) logarithm of each film's share of all stored counts, (U, I), each with so many more."""
    counts = np.asarray(choices.sum(axis=0)).ravel() + prior
    return np.asarray(np.log(counts / counts.sum()))


def batch_of(choices: sp.csr_array) -> Batch:
    """Of stored counts, (B, I)."""
    values = choices.toarray()
    return Batch(values=values, is_unit=values.sum(axis=1, keepdims=True))
