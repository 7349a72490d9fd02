"""What Gaussian noise gives away of one person: the accounting, and the noise that keeps it within a limit.

A mechanism is (epsilon, delta)-differentially private if, whatever is asked of its answer, a person's data raise the
chance of a yes from p to at most e^epsilon p + delta (Dwork, Roth 2014, "The algorithmic foundations of differential
privacy", definition 2.4). Legend: A orders of Renyi's divergence, S standard deviations over one person's largest part.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import gammaln, log_ndtr

ORDERS = np.concatenate([np.arange(2, 33), np.unique(np.geomspace(34, 1024, 40).astype(int))])
HALVINGS = 40  # of an interval that is searched
WIDEST = 1e9  # times the noise of a plan, beyond which none is looked for


@dataclass(frozen=True, kw_only=True)
class Release:
    """A sum over people that is told with normal noise, some times.

    Attributes:
        noise: S, > 0.
        sampling: with this chance, in (0, 1], each person is in the sum, whatever becomes of the others.
        times: how often it is told.
    """

    noise: float
    sampling: float = 1.0
    times: int = 1

    def __post_init__(self) -> None:
        assert self.noise > 0, self
        assert 0 < self.sampling <= 1, self
        assert self.times >= 0, self


Plan = Callable[[float], Sequence[Release]]  # how many times as much noise -> what is released


def renyi(release: Release, orders: np.ndarray = ORDERS) -> np.ndarray:
    """(A,) Renyi's divergence, in nats, that one person makes, for orders (A,), which are whole numbers of 2 or more.

    Mironov, Talwar and Zhang 2019, "Renyi differential privacy of the sampled Gaussian mechanism", section 3.3.

    >>> renyi(Release(noise=2.0, times=8), np.array([2, 3]))
    array([2., 3.])
    """
    if release.sampling == 1:
        return release.times * orders / (2 * release.noise**2)
    return release.times * np.array([of_sample(int(order), release) / (order - 1) for order in orders])


def of_sample(order: int, release: Release) -> float:
    """The logarithm of the moment of that order of the ratio of densities, with a person to without."""
    k = np.arange(order + 1)
    chances = (order - k) * math.log1p(-release.sampling) + k * math.log(release.sampling)
    terms = log_choices(order) + chances + k * (k - 1) / (2 * release.noise**2)
    largest = float(terms.max())
    return largest + math.log(float(np.exp(terms - largest).sum()))


@cache
def log_choices(n: int) -> np.ndarray:
    """(n + 1,) logarithms of the binomial coefficients of n."""
    k = np.arange(n + 1)
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))


def epsilon_of_renyi(divergence: np.ndarray, delta: float, orders: np.ndarray = ORDERS) -> float:
    """The epsilon of divergences, (A,), at the best of their orders, (A,).

    Canonne, Kamath and Steinke 2020, "The discrete Gaussian for differential privacy", proposition 12.
    """
    found = divergence + np.log1p(-1 / orders) - (math.log(delta) + np.log(orders)) / (orders - 1)
    return max(0.0, float(found.min()))


def delta_of_gaussian(epsilon: float, noise: float) -> float:
    """The smallest delta of one release to all of whom there are, exactly.

    Balle and Wang 2018, "Improving the Gaussian mechanism for differential privacy", theorem 8.
    """
    half, shift = 1 / (2 * noise), epsilon * noise
    likely, unlikely = log_ndtr(half - shift), epsilon + log_ndtr(-half - shift)
    return math.exp(likely) * -math.expm1(min(0.0, unlikely - likely))


def epsilon_of_gaussian(noise: float, delta: float) -> float:
    """The epsilon that goes with a delta in (0, 1), exactly."""
    most = 1.0
    while delta_of_gaussian(most, noise) > delta:
        most *= 2
    return least(lambda epsilon: delta_of_gaussian(epsilon, noise) <= delta, 0.0, most)


def epsilon_of(releases: Sequence[Release], delta: float) -> float:
    """What all of them together give away; each may depend on what those before told."""
    if not told(releases):
        return 0.0
    if (noise := noise_of_all(releases)) is not None:
        return epsilon_of_gaussian(noise, delta)
    return epsilon_of_renyi(np.sum([renyi(each) for each in releases], axis=0), delta)


def keeps(releases: Sequence[Release], epsilon: float, delta: float) -> bool:
    """Whether all of them together give away no more than this."""
    noise = noise_of_all(releases) if told(releases) else None
    return epsilon_of(releases, delta) <= epsilon if noise is None else delta_of_gaussian(epsilon, noise) <= delta


def told(releases: Sequence[Release]) -> bool:
    """Whether anything is told at all."""
    return any(each.times for each in releases)


def noise_of_all(releases: Sequence[Release]) -> float | None:
    """The noise, S, of the one release that gives away as much as all of them, some of which are told.

    There is one where nobody is left out by chance (Dong, Roth and Su 2022, "Gaussian differential privacy", corollary
    3.3), otherwise None.
    """
    if any(each.sampling < 1 for each in releases):
        return None
    return float(sum(each.times / each.noise**2 for each in releases) ** -0.5)


def calibrated(plan: Plan, epsilon: float, delta: float) -> float:
    """How many times as much noise a plan needs, and no more, to give away (epsilon, delta).

    Raises:
        ValueError: no noise is enough.
    """
    most = 1.0
    while not keeps(plan(most), epsilon, delta):
        most *= 2
        if most > WIDEST:
            raise ValueError(f"got epsilon {epsilon:g} and delta {delta:g}; no noise gives away so little")
    return least(lambda times: keeps(plan(times), epsilon, delta), 0.0, most)


def least(holds: Callable[[float], bool], low: float, high: float) -> float:
    """The least number, from the upper side, for which something holds that holds at high and not at low."""
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if middle > low and holds(middle) else (middle, high)
    return high
