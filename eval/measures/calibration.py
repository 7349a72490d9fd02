"""Whether what a model says of stars comes true as often as it says.

Legend: N held-out ratings, L star levels, T = L - 1 thresholds: the events "so many stars or more", one for every level
but the lowest, where it is certain.
"""

from dataclasses import dataclass

import numpy as np

N_BINS = 15  # of equal width over [0, 1], as in Guo et al. 2017


@dataclass(frozen=True, eq=False)
class Reliability:
    """Probabilities of "so many stars or more" against how often it came true, by threshold and bin of probability.

    Bin b holds the probabilities from b / N_BINS up to, but not including, (b + 1) / N_BINS; the last holds 1 too.

    Attributes:
        predicted: (T, N_BINS) float64 sum of the probabilities in each bin.
        observed: (T, N_BINS) float64, for how many of them the event came true.
        count: (T, N_BINS) float64, how many there are; each row sums to N.
    """

    predicted: np.ndarray
    observed: np.ndarray
    count: np.ndarray

    def __add__(self, other: "Reliability") -> "Reliability":
        """Both taken together, as if measured at once."""
        return Reliability(self.predicted + other.predicted, self.observed + other.observed, self.count + other.count)

    @property
    def mean_predicted(self) -> np.ndarray:
        """(T, N_BINS) mean probability in each bin; NaN in an empty one."""
        return np.divide(self.predicted, self.count, out=np.full(self.count.shape, np.nan), where=self.count > 0)

    @property
    def share_observed(self) -> np.ndarray:
        """(T, N_BINS) how often it came true in each bin; NaN in an empty one."""
        return np.divide(self.observed, self.count, out=np.full(self.count.shape, np.nan), where=self.count > 0)


def reliability_of(forecast: np.ndarray, level: np.ndarray) -> Reliability:
    """Sort held-out ratings into bins.

    Args:
        forecast: (N, L) probability of every star level, lowest first.
        level: (N,) integer in [0, L), the level that was given.

    Raises:
        ValueError: shapes disagree, a probability is NaN or outside [0, 1], or a level is not one of L.

    >>> forecast = np.array([[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.1, 0.9]])
    >>> curve = reliability_of(forecast, np.array([1, 1, 0, 0]))  # 2 levels, so 1 threshold
    >>> [sums[0, [7, 13]].tolist() for sums in (curve.predicted, curve.observed, curve.count)]
    [[1.5, 0.9], [2.0, 0.0], [3.0, 1.0]]
    """
    _check(forecast, level)
    probability = at_least(forecast)  # (N, T)
    return _binned(probability, came_true(level, probability.shape[1]), bins_of(probability))


def calibration_error_sums(forecast: np.ndarray, level: np.ndarray, user_idx: np.ndarray, n_users: int) -> np.ndarray:
    """Each user's part of the expected calibration error (ECE); all parts over all ratings is the ECE.

    ECE = mean over thresholds of the sum over bins of (ratings in the bin / all ratings) * |mean probability of "so
    many stars or more" - share of the ratings that were so high|. It is the static calibration error of Nixon et al.
    2019 (Measuring calibration in deep learning), of the events whose Brier scores sum to the ranked probability score
    (Murphy 1971), since stars are ordered. Thresholds are not pooled: too few 5s and too many 1s would hide each
    other. The edges of the bins are fixed, so that a bin means the same for every model, split and resample of users.

    The ECE is a sum of absolute values of sums over users. A user's part is that user's own sums, each with the sign
    that the sum over all users has; it is negative for a user who pulls against what is wrong for most. An error, or
    a comparison, that resamples users' parts keeps these signs: linearised, and too careful where a bin is off by no
    more than chance. By chance alone a perfect forecast of 20,000 ratings scores about 0.006, not 0.

    Args:
        forecast: (N, L) probability of every star level, lowest first.
        level: (N,) integer in [0, L), the level that was given.
        user_idx: (N,) integer in [0, n_users), whose rating each is; any order.
        n_users: length of the result.

    Returns:
        (n_users,) float64; 0 for a user without held-out ratings.

    Raises:
        ValueError: as `reliability_of`.

    The example of `reliability_of`: bin 7 predicts 1.5 and sees 2, bin 13 predicts 0.9 and sees 0, so the ECE is
    (0.5 + 0.9) / 4 = 0.35. The second user's 0.5 that did not come true speaks against bin 7 being too low.

    >>> forecast = np.array([[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.1, 0.9]])
    >>> calibration_error_sums(forecast, np.array([1, 1, 0, 0]), np.array([0, 0, 1, 1]), n_users=2).round(4)
    array([1. , 0.4])
    """
    _check(forecast, level)
    probability = at_least(forecast)  # (N, T)
    happened, bins = came_true(level, probability.shape[1]), bins_of(probability)
    curve = _binned(probability, happened, bins)
    sign = np.sign(curve.predicted - curve.observed)  # (T, N_BINS)
    signed = sign[np.arange(sign.shape[0]), bins] * (probability - happened)  # (N, T)
    return np.bincount(user_idx, weights=signed.mean(axis=1), minlength=n_users)


def at_least(forecast: np.ndarray) -> np.ndarray:
    """Probability of every level but the lowest or a higher one: (N, L) -> (N, T) float64.

    >>> at_least(np.array([[0.5, 0.25, 0.25]]))
    array([[0.5 , 0.25]])
    """
    from_the_top = np.cumsum(forecast[:, :0:-1], axis=1, dtype=np.float64)
    return np.minimum(from_the_top[:, ::-1], 1.0)  # a sum of float32 may pass 1


def came_true(level: np.ndarray, n_thresholds: int) -> np.ndarray:
    """Whether the given level reached each threshold: (N,) -> (N, T) bool."""
    return level[:, np.newaxis] > np.arange(n_thresholds)


def bins_of(probability: np.ndarray) -> np.ndarray:
    """The bin of each probability, an integer array of the same shape."""
    return np.minimum((probability * N_BINS).astype(np.int64), N_BINS - 1)


def _binned(probability: np.ndarray, happened: np.ndarray, bins: np.ndarray) -> Reliability:
    """Sums by threshold and bin of three (N, T) arrays."""
    n_thresholds = bins.shape[1]
    cells = (bins + N_BINS * np.arange(n_thresholds)).ravel()

    def sums(values: np.ndarray) -> np.ndarray:
        summed = np.bincount(cells, weights=values.ravel(), minlength=n_thresholds * N_BINS)
        return summed.reshape(n_thresholds, N_BINS)

    return Reliability(sums(probability), sums(happened), sums(np.ones(bins.shape)))


def _check(forecast: np.ndarray, level: np.ndarray) -> None:
    if forecast.ndim != 2 or forecast.shape[1] < 2 or level.shape != forecast.shape[:1]:
        raise ValueError(
            f"forecast has shape {forecast.shape} and level {level.shape}; expected (N, L) with at least 2 levels and "
            "(N,), the level that was given"
        )
    outside = ~((forecast >= 0) & (forecast <= 1 + 1e-6)).all(axis=1)
    if outside.any():
        raise ValueError(
            f"{outside.sum()} forecasts are NaN or outside 0..1, the first {forecast[outside.argmax()]} at index "
            f"{outside.argmax()}; expected a probability of every star level"
        )
    if len(level) and not (level.min() >= 0 and level.max() < forecast.shape[1]):
        raise ValueError(
            f"levels run from {level.min()} to {level.max()}; expected 0 to {forecast.shape[1] - 1}, places on the "
            "rating scale counted from its lowest star"
        )
