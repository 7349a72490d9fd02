"""An autoencoder of films, in whose codes people are normal distributions.

Legend: B histories, U training users, I items, K hidden units, F = K + 1.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.autoencoders.config import ItemAutoRecConfig
from recsys.models.autoencoders.reconstruction import Reconstruction
from recsys.models.autoencoders.training import trained
from recsys.models.base import with_values
from recsys.models.learned import learned
from recsys.models.numeric.grams import chunks, grams
from recsys.models.numeric.threads import one_thread
from recsys.training import Training


class ItemAutoRec(Reconstruction):
    """I-AutoRec (Sedhain, Menon, Sanner and Xie 2015, equation 1): a film's ratings by all, through one hidden layer.

    The network has an input and an output for each training user, so a newcomer is none of them. But what it answers
    for a person is the film's code times the weights of the person's output. Of these weights the training users show
    a normal distribution, and somebody's are its mean given what they rated: Bayesian linear regression on the codes.
    Training users get the same.
    """

    centre: np.ndarray = learned("I")  # what the mean person says of each film, in units of the scale
    codes: np.ndarray = learned("I F={n_codes}")  # times a person's standard normal vector: how they differ from that

    config: ItemAutoRecConfig

    def __init__(self, config: ItemAutoRecConfig = ItemAutoRecConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale
        self.target, self.baseline = config.network.target, config.network.baseline

    def sizes(self) -> dict[str, Any]:
        """The settings, and the length of a code."""
        return super().sizes() | {"n_codes": self.config.network.n_hidden + 1}

    def learn_to_reconstruct(self, told: sp.csr_array, training: Training) -> None:
        """Train on films, keep their codes, and see how the weights of people's outputs are distributed."""
        by_film = told.T.tocsr()
        stack = trained(by_film, self.config.network, training)
        hidden = with_ones(stack.outputs(by_film)[1].astype(np.float64))  # (I, F)
        people = np.column_stack([stack.kernels[1].T, stack.biases[1]]).astype(np.float64)  # (U, F)
        mean, root = normal_of(people[np.diff(told.indptr) > 0])
        self.centre, self.codes = hidden @ mean, hidden @ root

    def reconstructed(self, told: sp.csr_array) -> np.ndarray:
        """(B, I) what stars are beyond -> (B, I) float64, of all films."""
        return self.centre + regressed(told, self.centre, self.codes, self.config.noise) @ self.codes.T


def with_ones(features: np.ndarray) -> np.ndarray:
    """(n, K) -> (n, F): a column of ones, the input of a bias."""
    return np.column_stack([features, np.ones(len(features))])


def normal_of(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The normal distribution that points, (n, F), show: its mean, (F,), and a root of its covariance, (F, F).

    mean + root @ z has that distribution where z is standard normal. No points show one around 0 without spread.
    """
    if not len(points):
        return np.zeros(points.shape[1]), np.zeros((points.shape[1], points.shape[1]))
    apart = points - points.mean(axis=0)
    variance, axes = np.linalg.eigh(apart.T @ apart / len(points))
    return points.mean(axis=0), axes * np.sqrt(np.maximum(variance, 0))


def regressed(told: sp.csr_array, centre: np.ndarray, codes: np.ndarray, noise: float) -> np.ndarray:
    """What vectors people most likely have, whose prior is standard normal: told = centre + codes @ vector + noise.

    Args:
        told: (B, I), stored cells are observations.
        centre: (I,).
        codes: (I, F).
        noise: its variance, > 0.

    Returns:
        (B, F), (codes' codes + noise I)^-1 codes' (told - centre) over each person's stored cells.
    """
    pulls = with_values(told, told.data - centre[told.indices]) @ codes  # (B, F)
    found = np.zeros(pulls.shape)
    with one_thread():
        for rows in chunks(*pulls.shape):
            precisions = grams(told[rows], codes) + noise * np.eye(codes.shape[1])
            found[rows] = np.linalg.solve(precisions, pulls[rows, :, None])[:, :, 0]
    return found
