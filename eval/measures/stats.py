"""How sure a metric is: standard errors and paired comparisons, with users as the sampling unit.

A user's ratings, lists and splits belong together, so they are resampled and summed together. What is estimated is the
chance in which people were measured; the chance in how a model was trained, or the data split, is not part of it.

Shapes: n_splits S, n_users U, n_models M, n_resamples R. `users` always means the same people in the same order, over
splits and over models.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recsys.results.schema import Comparison, Difference

CHUNK_WEIGHTS = 16_000_000  # resampling weights held at once: 128 MB of float64
ROUNDING = 1e-12  # a relative difference below this is no difference


@dataclass(frozen=True, eq=False)
class UserSums:
    """A metric before its mean is taken: mean over splits of (sum of numerator / sum of denominator).

    For precision, nDCG and the like: numerator = the user's value, denominator = 1, both 0 for a user left out.
    For the MSE: numerator = the user's sum of squared errors, denominator = the user's number of test ratings.

    Args:
        numerator: (n_splits, n_users) float64.
        denominator: (n_splits, n_users) float64 >= 0; where it is 0 the numerator is 0 too.
        root: whether the square root of each split's ratio is taken, as for the RMSE; then numerator >= 0.

    Raises:
        ValueError: shapes or dtypes are wrong, a value is NaN, infinite or of the wrong sign, a user is left out with a
            numerator, or a split has nobody in it (0/0).
    """

    numerator: np.ndarray
    denominator: np.ndarray
    root: bool = False

    def __post_init__(self) -> None:
        _check_matrices(self.numerator, self.denominator)
        _check_values(self.numerator, self.denominator, self.root)


def estimate(sums: UserSums) -> float:
    """The metric itself: mean over splits of the ratio of sums, or of its square root.

    >>> precision = UserSums(np.array([[0.5, 0.1, 0.0]]), np.array([[1.0, 1.0, 0.0]]))  # the third user is left out
    >>> estimate(precision)
    0.3
    >>> rmse = UserSums(np.array([[7.0, 5.0], [1.0, 3.0]]), np.array([[2.0, 1.0], [1.0, 3.0]]), root=True)
    >>> estimate(rmse)  # mean of sqrt(12 / 3) and sqrt(4 / 4)
    1.5
    """
    return float(_split_values(sums).mean())


def standard_error(sums: UserSums) -> float:
    """Standard error of `estimate` over users, robust to any dependence within a user, by linearisation.

    A user's contribution is the derivative of the estimate by that user's weight,
    mean over splits of slope * (numerator - ratio * denominator) / sum of denominator, with slope 1, or
    1 / (2 sqrt(ratio)) under a root. Contributions of one user add up over splits; the standard error is
    sqrt(n / (n - 1) * sum of squares), n = the users that some split holds. With one split and denominator 1 this is
    sd / sqrt(n). Source: Binder 1983, On the variances of asymptotically normal estimators from complex surveys.

    Raises:
        ValueError: fewer than 2 users are in any split.

    >>> standard_error(UserSums(np.array([[1.0, 0.0, 1.0, 0.0]]), np.ones((1, 4))))  # sd of 0, 1 over sqrt(4)
    0.28867513459481287
    """
    n_present = int((sums.denominator > 0).any(axis=0).sum())
    if n_present < 2:
        raise ValueError(f"got {n_present} user with a value; a standard error needs at least 2")
    total = sums.denominator.sum(axis=1, keepdims=True)  # (S, 1)
    ratio = sums.numerator.sum(axis=1, keepdims=True) / total  # (S, 1)
    slope = _slope(ratio) if sums.root else 1.0
    contribution = (slope * (sums.numerator - ratio * sums.denominator) / total).mean(axis=0)  # (U,)
    return float(np.sqrt(n_present / (n_present - 1) * np.sum(contribution**2)))


def paired_bootstrap(a: UserSums, b: UserSums, *, rng: np.random.Generator, n_resamples: int = 2000) -> Difference:
    """Whether one model's metric differs from another's, by resampling users with the same draw for both.

    As many users as are in any split are drawn with replacement, n_resamples times (Efron and Tibshirani 1993). The
    interval is the 95 % percentile interval. The p-value is the level at which such an interval would just touch 0,
    2 min(1 + #{difference <= 0}, 1 + #{difference >= 0}) / (n_resamples + 1), at most 1; differences within rounding
    are 0. A resample that leaves a split without users takes the mean over its other splits, for both models.

    Args:
        a: one model's metric.
        b: the other's, on the same splits and users: the same denominator and root.
        rng: where the draw comes from; the same state gives the same answer.
        n_resamples: at least 1; with 2000, chance moves a p-value of 0.05 by about 0.007 (one standard error).

    Returns:
        estimate(a) - estimate(b) with its interval and p-value.

    Raises:
        ValueError: a and b were not measured on the same splits and users, or n_resamples is below 1.

    >>> rng = np.random.default_rng(0)
    >>> a = UserSums(rng.random((1, 50)), np.ones((1, 50)))
    >>> b = UserSums(a.numerator - 0.1, np.ones((1, 50)))  # worse by 0.1 for each user
    >>> result = paired_bootstrap(a, b, rng=rng, n_resamples=999)
    >>> round(result.difference, 6), round(result.low, 6), round(result.high, 6), result.p_value
    (0.1, 0.1, 0.1, 0.002)
    """
    resampled = _resampled_estimates({"a": a, "b": b}, rng, n_resamples)  # (R, 2)
    return _difference(estimate(a), estimate(b), resampled[:, 0], resampled[:, 1])


def compare_to_best(
    sums_by_model: dict[str, UserSums], *, higher_is_better: bool, rng: np.random.Generator, n_resamples: int = 2000
) -> Comparison:
    """Every model against the best, with `paired_bootstrap` on one draw of users for all of them.

    The best is chosen on the very users it is then compared on, and p-values are not corrected for the number of
    models: read them as a description of this table.

    Args:
        sums_by_model: one metric of each model, all on the same splits and users.
        higher_is_better: True for precision and its like, False for errors.
        rng: where the draw comes from.
        n_resamples: at least 1.

    Returns:
        The best model's name, and each other model minus the best.

    Raises:
        ValueError: there is no model, or as `paired_bootstrap`.
    """
    resampled = _resampled_estimates(sums_by_model, rng, n_resamples)  # (R, M)
    estimates = {name: estimate(sums) for name, sums in sums_by_model.items()}
    best = (max if higher_is_better else min)(estimates, key=estimates.__getitem__)
    of_best = resampled[:, list(estimates).index(best)]
    return Comparison(
        best=best,
        differences={
            name: None if name == best else _difference(value, estimates[best], resampled[:, column], of_best)
            for column, (name, value) in enumerate(estimates.items())
        },
    )


def _split_values(sums: UserSums) -> np.ndarray:
    """(n_splits,) float64, the metric on each split."""
    ratio = sums.numerator.sum(axis=1) / sums.denominator.sum(axis=1)
    return np.sqrt(ratio) if sums.root else ratio


def _slope(ratio: np.ndarray) -> np.ndarray:
    """Derivative of the square root; 0 at 0, where every numerator is 0 and nothing varies."""
    return np.where(ratio > 0, 0.5 / np.sqrt(np.where(ratio > 0, ratio, 1.0)), 0.0)


def _resampled_estimates(sums_by_model: dict[str, UserSums], rng: np.random.Generator, n_resamples: int) -> np.ndarray:
    """(n_resamples, n_models) estimates, each row on one draw of users that all models share."""
    _check_comparable(sums_by_model)
    if n_resamples < 1:
        raise ValueError(f"n_resamples is {n_resamples}; a bootstrap needs at least 1 resample, better 2000")
    models = list(sums_by_model.values())
    present = (models[0].denominator > 0).any(axis=0)  # (U,): who is in no split cannot matter
    denominator = models[0].denominator[:, present]  # (S, U)
    parts = np.stack([denominator, *(model.numerator[:, present] for model in models)])  # (1 + M, S, U)
    totals = _resampled_totals(parts, rng, n_resamples)
    return _mean_over_splits(totals[:, 1:], totals[:, :1], models[0].root)


def _resampled_totals(parts: np.ndarray, rng: np.random.Generator, n_resamples: int) -> np.ndarray:
    """(..., n_users) -> (n_resamples, ...), sums over users drawn with replacement, the same for every part."""
    n_users = parts.shape[-1]
    columns = parts.reshape(-1, n_users).T  # (U, parts)
    chunk = max(1, CHUNK_WEIGHTS // n_users)
    sizes = [min(chunk, n_resamples - start) for start in range(0, n_resamples, chunk)]
    totals = np.concatenate([_weights(rng, size, n_users) @ columns for size in sizes])
    return totals.reshape(n_resamples, *parts.shape[:-1])


def _weights(rng: np.random.Generator, n_resamples: int, n_users: int) -> np.ndarray:
    """(n_resamples, n_users) float64, how often each user is drawn in n_users draws with replacement."""
    weights = np.empty((n_resamples, n_users))
    for row in weights:
        row[:] = np.bincount(rng.integers(n_users, size=n_users), minlength=n_users)
    return weights


def _mean_over_splits(numerator: np.ndarray, denominator: np.ndarray, root: bool) -> np.ndarray:
    """(R, M, S) over (R, 1, S) -> (R, M); a split that a resample left without users is not in that resample's mean."""
    drawn = denominator > 0  # (R, 1, S), in every row at least one: all users are in some split
    ratio = numerator / np.where(drawn, denominator, 1.0)  # 0 where the split is empty
    values = np.sqrt(ratio) if root else ratio
    return values.sum(axis=-1) / drawn.sum(axis=-1)


def _difference(a: float, b: float, resampled_a: np.ndarray, resampled_b: np.ndarray) -> Difference:
    resampled = _subtract(resampled_a, resampled_b)  # (R,)
    low, high = np.percentile(resampled, [2.5, 97.5])
    tail = 1 + min(np.sum(resampled <= 0), np.sum(resampled >= 0))
    p_value = min(1.0, 2 * tail / (len(resampled) + 1))
    return Difference(difference=float(_subtract(a, b)), low=float(low), high=float(high), p_value=float(p_value))


def _subtract(a: np.ndarray | float, b: np.ndarray | float) -> np.ndarray:
    """Values a - b, but 0 where they differ by rounding: the order of a sum must not decide who is better."""
    difference = np.subtract(a, b)
    return np.where(np.abs(difference) <= ROUNDING * np.maximum(np.abs(a), np.abs(b)), 0.0, difference)


def _check_comparable(sums_by_model: dict[str, UserSums]) -> None:
    if not sums_by_model:
        raise ValueError("got no models; a comparison needs at least 1")
    (first_name, first), *others = sums_by_model.items()
    for name, sums in others:
        if sums.root != first.root:
            raise ValueError(f"{name} has root={sums.root} but {first_name} root={first.root}; compare the same metric")
        if not np.array_equal(sums.denominator, first.denominator):
            raise ValueError(
                f"{name} has another denominator {sums.denominator.shape} than {first_name} {first.denominator.shape}; "
                "a paired comparison needs both measured on the same splits, users and test ratings, in the same order"
            )


def _check_matrices(numerator: np.ndarray, denominator: np.ndarray) -> None:
    if numerator.ndim != 2 or numerator.size == 0 or numerator.shape != denominator.shape:
        raise ValueError(
            f"numerator has shape {numerator.shape} and denominator {denominator.shape}; expected the same "
            "(n_splits, n_users) with at least one of each: for one split pass values[np.newaxis]"
        )
    for name, values in (("numerator", numerator), ("denominator", denominator)):
        if values.dtype != np.float64:
            raise ValueError(f"{name} has dtype {values.dtype}; expected float64: use {name}.astype(np.float64)")


def _check_values(numerator: np.ndarray, denominator: np.ndarray, root: bool) -> None:
    """Each rule: which cells break it, and what to say."""
    rules: Sequence[tuple[np.ndarray, str]] = (
        (~np.isfinite(numerator), "numerator is NaN or infinite; a user left out has numerator 0 and denominator 0"),
        (~np.isfinite(denominator), "denominator is NaN or infinite; a user left out has denominator 0"),
        (denominator < 0, "denominator is negative; expected a count or 1, and 0 for a user left out"),
        ((denominator == 0) & (numerator != 0), "denominator is 0 but numerator is not; a user left out has both 0"),
        (root & (numerator < 0), "numerator is negative under a root; expected sums of squares"),
    )
    for broken, message in rules:
        if broken.any():
            split, user = np.unravel_index(broken.argmax(), broken.shape)
            raise ValueError(f"in {broken.sum()} cells, the first in split {split}, user {user}, {message}")
    empty = denominator.sum(axis=1) == 0
    if empty.any():
        raise ValueError(
            f"split {empty.argmax()} has denominator 0 for all users; leave the split out, 0/0 is no value"
        )
