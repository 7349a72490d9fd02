"""Biased matrix factorization by alternating least squares."""

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.base import with_values
from recsys.models.factors.config import ALSConfig
from recsys.models.factors.folded import FactorModel, centred, ridge_rows, training_rmse, with_ones
from recsys.training import Training


class ALS(FactorModel):
    """Explicit ALS with weighted-lambda regularisation (Zhou et al. 2008), offsets solved with the factors.

    Users are solved with (item factors, 1) as regressors, items with (user factors, 1): the weight of the 1 is the
    offset. Stars are in units of the scale, which the settings hold for. Each half sweep is an exact minimum, so the
    training objective never rises.
    """

    config: ALSConfig

    def __init__(self, config: ALSConfig = ALSConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale
        self.l2, self.l2_offset = config.l2, config.l2_offset

    def factorize(self, train: sp.csr_array, training: Training) -> None:
        """Start from small random item factors; alternate users and items `epochs` times."""
        rng, unit = np.random.default_rng(training.seed), self.scale.unit
        self.mean = float(train.data.mean(dtype=np.float64)) if train.nnz else self.scale.middle
        self.item_offset = np.zeros(train.shape[1])
        self.item_factors = rng.normal(0.0, self.config.init_scale, (train.shape[1], self.config.n_factors))
        by_item = with_values(train, train.data / unit).T.tocsr()
        state = {"item_factors": self.item_factors, "item_offset": self.item_offset}
        sweeps = training.checkpoints.loop("sweeps", state)
        for epoch in range(sweeps.done, self.config.epochs):
            user_weights = self.user_weights(train) / unit  # (U, F + 1)
            item_residuals = centred(by_item, self.mean / unit, user_weights[:, -1])
            item_weights = ridge_rows(item_residuals, user_weights[:, :-1], self.l2, self.l2_offset)  # (I, F + 1)
            self.item_factors, self.item_offset = item_weights[:, :-1], unit * item_weights[:, -1]
            sweeps.reached(epoch + 1, {"item_factors": self.item_factors, "item_offset": self.item_offset})
            loss = (
                unit * training_rmse(item_residuals, item_weights, with_ones(user_weights[:, :-1]))
                if train.nnz
                else 0.0
            )
            training.on_progress("epoch", epoch + 1, self.config.epochs, rmse=loss)
