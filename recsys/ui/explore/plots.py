"""Plots in HTML and SVG, drawn in the colours of the page: legible on a phone, in light and dark, and read aloud.

Legend: T thresholds ("so many stars or more"), B bins of probability.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from statistics import median

import numpy as np

from recsys.results.schema import ReliabilityTable

FEWEST_RATINGS = 50  # in a bin whose point is drawn: its standard error is then below 0.07
OUTLYING = 1.5  # times the median: an error above it would press all others together
MOST_PARTS = 6  # of an axis, between its ticks
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = (
    340,
    300,
    46,
    10,
    10,
    44,
)  # of the reliability plot, in units of 1 px on a phone


@dataclass(frozen=True)
class Dot:
    """A model's figure in a plot: its name, already escaped, value >= 0 and standard error; marked or not."""

    name: str
    value: float
    stderr: float | None
    marked: bool = False


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`, with `ticks` in between, both ends among them."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def percent(self, value: float) -> float:
        """Where a value lies, in [0, 100]."""
        return 100 * min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


def dot_plot(label: str, dots: Sequence[Dot], *, from_zero: bool) -> str:
    """A dot with a bar of one standard error to each side for every model, in the given order.

    Args:
        label: what is shown, for those who do not see it.
        dots: at least one.
        from_zero: whether the axis begins at 0; else it fits closely, and what lies far above the rest is left out.
    """
    axis = fitting_axis(dots, from_zero)
    rows = "".join(dot_row(dot, axis) for dot in dots)
    ticks = "".join(f'<i style="left:{axis.percent(tick):.2f}%">{tick:g}</i>' for tick in axis.ticks)
    under = f'<li class="axis" aria-hidden="true"><span class="track">{ticks}</span></li>'
    return f'<ol class="dots" aria-label="{escape(label)}">{rows}{under}</ol>'


def dot_row(dot: Dot, axis: Axis) -> str:
    """One model: its name, where its figure lies, and the figure."""
    grid = "".join(f'<u style="left:{axis.percent(tick):.2f}%"></u>' for tick in axis.ticks)
    value = f"{dot.value:.3f}" + ("" if dot.stderr is None else f" <small>±{dot.stderr:.3f}</small>")
    track = f'<span class="track" aria-hidden="true">{grid}{mark(dot, axis)}</span>'
    kind = ' class="marked"' if dot.marked else ""
    return f'<li{kind}><span class="name">{dot.name}</span>{track}<span class="value">{value}</span></li>'


def mark(dot: Dot, axis: Axis) -> str:
    """The dot and its bar; an arrow for what lies beyond the axis."""
    if dot.value > axis.high:
        return '<b class="beyond">→</b>'
    stderr = dot.stderr or 0.0
    left, right = axis.percent(dot.value - stderr), axis.percent(dot.value + stderr)
    bar = f'<i style="left:{left:.2f}%;width:{right - left:.2f}%"></i>' if dot.stderr is not None else ""
    return f'{bar}<b style="left:{axis.percent(dot.value):.2f}%"></b>'


def any_beyond(dots: Sequence[Dot]) -> bool:
    """Whether a closely fitting axis leaves a dot out."""
    return any(dot.value > OUTLYING * median(dot.value for dot in dots) for dot in dots)


def fitting_axis(dots: Sequence[Dot], from_zero: bool) -> Axis:
    """An axis over the dots and their bars, ending at round numbers.

    >>> fitting_axis([Dot("a", 0.88, 0.01), Dot("b", 0.94, 0.02), Dot("c", 2.7, 0.1)], from_zero=False)
    Axis(low=0.86, high=0.96, ticks=(0.86, 0.88, 0.9, 0.92, 0.94, 0.96))
    """
    most = math.inf if from_zero else OUTLYING * median(dot.value for dot in dots)
    ends = [(dot.value - (dot.stderr or 0), dot.value + (dot.stderr or 0)) for dot in dots if dot.value <= most]
    low, high = 0.0 if from_zero else max(min(end for end, _ in ends), 0.0), max(end for _, end in ends)
    step = round_step(max(high - low, 1e-6 * max(high, 1.0)))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(float(f"{step * at:.10g}") for at in range(first, max(last, first + 1) + 1))
    return Axis(ticks[0], ticks[-1], ticks)


def round_step(span: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that divides a span into at most MOST_PARTS parts."""
    power = 10.0 ** math.floor(math.log10(span / MOST_PARTS))
    return next(step for step in (power, 2 * power, 5 * power, 10 * power) if span <= step * MOST_PARTS * (1 + 1e-9))


@dataclass(frozen=True, eq=False)
class Curves:
    """How often what was said of stars came true.

    Attributes:
        stars: (T,) thresholds.
        predicted, observed: (T, B) mean probability and share that came true; NaN where nothing was counted.
        count: (T, B) how many ratings.
    """

    stars: np.ndarray
    predicted: np.ndarray
    observed: np.ndarray
    count: np.ndarray

    @property
    def drawn(self) -> np.ndarray:
        """(T, B) bool, which points rest on enough ratings."""
        return (self.count >= FEWEST_RATINGS) & np.isfinite(self.predicted) & np.isfinite(self.observed)


def pooled(reliabilities: Sequence[ReliabilityTable]) -> Curves:
    """The splits of one model taken together; all have the same thresholds and bins."""
    counts = np.array([one.count for one in reliabilities], dtype=np.float64)  # (S, T, B)
    total = counts.sum(axis=0)  # (T, B)

    def mean(key: str) -> np.ndarray:
        values = np.nan_to_num(np.array([getattr(one, key) for one in reliabilities], dtype=np.float64))  # (S, T, B)
        return np.divide((values * counts).sum(axis=0), total, out=np.full(total.shape, np.nan), where=total > 0)

    return Curves(np.array(reliabilities[0].stars), mean("predicted"), mean("observed"), total)


def reliability_plot(curves: Curves, label: str) -> str:
    """A line for each threshold over its bins; on the diagonal it came true as often as was said.

    Args:
        curves: with at least one point to draw.
        label: what is shown, for those who do not see it.
    """
    lines = "".join(curve_line(curves, at) for at in range(len(curves.stars)))
    drawing = (
        f'<svg class="reliability" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">'
        f"{frame()}{lines}</svg>"
    )
    names = "".join(
        f'<li><svg viewBox="0 0 26 12" aria-hidden="true" style="--colour:{colour(at, len(curves.stars))}">'
        f'<path class="line" d="M0 6H26"/>{symbol(at, 13, 6)}</svg>{escape(threshold(curves.stars, at))}</li>'
        for at in range(len(curves.stars))
    )
    return f'{drawing}<ul class="key">{names}</ul>'


def threshold(stars: np.ndarray, at: int) -> str:
    """A threshold in words."""
    return f"{stars[at]:g} stars" + (" or more" if at < len(stars) - 1 else "")


def frame() -> str:
    """The diagonal and the axes, in percent."""
    quarters = [(quarter, place(quarter / 4, quarter / 4)) for quarter in range(5)]
    lines = "".join(
        f'<path class="grid" d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>'
        f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="{"end" if quarter == 4 else "middle"}">'
        f"{25 * quarter} %</text>"
        f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{25 * quarter} %</text>'
        for quarter, (x, y) in quarters
    )
    (left, bottom), (right, top) = place(0, 0), place(1, 1)
    diagonal = f'<path class="diagonal" d="M{left:.1f} {bottom:.1f}L{right:.1f} {top:.1f}"/>'
    return f'{lines}{diagonal}<text x="{(left + right) / 2:.1f}" y="{HEIGHT - 6}" text-anchor="middle">said</text>'


def curve_line(curves: Curves, at: int) -> str:
    """One threshold's points, joined."""
    drawn = curves.drawn[at]
    points = [place(*point) for point in zip(curves.predicted[at, drawn], curves.observed[at, drawn], strict=True)]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    line = f'<path class="line" d="M{path}"/>' if points else ""
    symbols = "".join(symbol(at, *point) for point in points)
    return f'<g style="--colour:{colour(at, len(curves.stars))}">{line}{symbols}</g>'


def place(predicted: float, observed: float) -> tuple[float, float]:
    """Where a point lies in the drawing."""
    return LEFT + predicted * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - observed * (HEIGHT - TOP - BOTTOM)


def symbol(at: int, x: float, y: float) -> str:
    """A mark whose shape tells thresholds apart where colours do not."""
    shapes = ("m-3.6 0a3.6 3.6 0 1 0 7.2 0a3.6 3.6 0 1 0-7.2 0", "m-3.2-3.2h6.4v6.4h-6.4z", "m0-4.4l4 7.2h-8z")
    shape = (*shapes, "m0-4.6l4.6 4.6l-4.6 4.6l-4.6-4.6z")[at % 4]
    return f'<path class="point" d="M{x:.1f} {y:.1f}{shape}"/>'


def colour(at: int, n: int) -> str:
    """Blue to orange by way of purple: all of these stand out from white as well as from black."""
    return f"hsl({210 + 168 * at / max(n - 1, 1):.0f} 72% 56%)"
