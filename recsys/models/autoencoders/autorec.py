"""An autoencoder of people: what they said of films, through one hidden layer.

Legend: B histories, I items, K hidden units.
"""

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.autoencoders.config import AutoRecConfig
from recsys.models.autoencoders.reconstruction import Reconstruction
from recsys.models.autoencoders.training import ACTIVATIONS, trained
from recsys.models.learned import learned
from recsys.models.numeric.dense_stack import DenseStack
from recsys.training import Training


class AutoRec(Reconstruction):
    """U-AutoRec (Sedhain, Menon, Sanner and Xie 2015, equation 1): linear(W sigmoid(V told + v) + w)."""

    into_kernel: np.ndarray = learned("I K={n_hidden}")
    into_bias: np.ndarray = learned("K={n_hidden}")
    out_kernel: np.ndarray = learned("K={n_hidden} I")
    out_bias: np.ndarray = learned("I")

    config: AutoRecConfig

    def __init__(self, config: AutoRecConfig = AutoRecConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale
        self.target, self.baseline = config.target, config.baseline

    def learn_to_reconstruct(self, told: sp.csr_array, training: Training) -> None:
        """Train on people."""
        stack = trained(told, self.config, training)
        self.into_kernel, self.into_bias, self.out_kernel, self.out_bias = stack.parameters

    def reconstructed(self, told: sp.csr_array) -> np.ndarray:
        """(B, I) what stars are beyond -> (B, I) float32, of all films."""
        kernels, biases = (self.into_kernel, self.out_kernel), (self.into_bias, self.out_bias)
        return DenseStack(kernels, biases, ACTIVATIONS)(told)
