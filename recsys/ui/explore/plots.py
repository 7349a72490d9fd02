"""Plots in HTML and SVG, drawn in the colours of the page: legible on a phone, in light and dark, and read aloud.

Legend: T thresholds ("so many stars or more"), B bins of probability.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from markupsafe import Markup

from recsys.results.schema import ReliabilityTable
from recsys.ui.markup import NOTHING, joined

FEWEST_RATINGS = 50  # in a bin whose point is drawn: its standard error is then below 0.07
OUTLYING = 1.5  # times the median: an error above it would press all others together
MOST_PARTS = 6  # of an axis, between its ticks
WIDTH, HEIGHT = 340, 300  # of the reliability plot, in units of 1 px on a phone
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 10, 44
SHAPES = (
    "m-3.6 0a3.6 3.6 0 1 0 7.2 0a3.6 3.6 0 1 0-7.2 0",
    "m-3.2-3.2h6.4v6.4h-6.4z",
    "m0-4.4l4 7.2h-8z",
    "m0-4.6l4.6 4.6l-4.6 4.6l-4.6-4.6z",
)


@dataclass(frozen=True)
class Dot:
    """A model's figure in a plot.

    Attributes:
        name: of the model, as text or Markup.
        value: of the figure, >= 0.
        stderr: its standard error.
        marked: whether it stands out.
    """

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


def dot_plot(label: str, dots: Sequence[Dot], *, from_zero: bool) -> Markup:
    """A dot with a bar of one standard error to each side for every model, in the given order.

    Args:
        label: what is shown, for those who do not see it.
        dots: at least one.
        from_zero: whether the axis begins at 0; else it fits closely, and what lies far above the rest is left out.
    """
    axis = fitting_axis(dots, from_zero)
    tick = Markup('<i style="left:{:.2f}%">{:g}</i>')
    return Markup(
        '<ol class="dots" aria-label="{label}">{rows}'
        '<li class="axis" aria-hidden="true"><span class="track">{ticks}</span></li></ol>'
    ).format(
        label=label,
        rows=joined(dot_row(dot, axis) for dot in dots),
        ticks=joined(tick.format(axis.percent(at), at) for at in axis.ticks),
    )


def dot_row(dot: Dot, axis: Axis) -> Markup:
    """One model: its name, where its figure lies, and the figure."""
    line = Markup('<u style="left:{:.2f}%"></u>')
    return Markup(
        '<li{kind}><span class="name">{name}</span><span class="track" aria-hidden="true">{grid}{mark}</span>'
        '<span class="value">{value:.3f}{error}</span></li>'
    ).format(
        kind=Markup(' class="marked"') if dot.marked else NOTHING,
        name=dot.name,
        grid=joined(line.format(axis.percent(at)) for at in axis.ticks),
        mark=mark(dot, axis),
        value=dot.value,
        error=NOTHING if dot.stderr is None else Markup(" <small>±{:.3f}</small>").format(dot.stderr),
    )


def mark(dot: Dot, axis: Axis) -> Markup:
    """The dot and its bar; an arrow for what lies beyond the axis."""
    if dot.value > axis.high:
        return Markup('<b class="beyond">→</b>')
    stderr, bar = dot.stderr or 0.0, NOTHING
    if dot.stderr is not None:
        left, right = axis.percent(dot.value - stderr), axis.percent(dot.value + stderr)
        bar = Markup('<i style="left:{:.2f}%;width:{:.2f}%"></i>').format(left, right - left)
    return bar + Markup('<b style="left:{:.2f}%"></b>').format(axis.percent(dot.value))


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


def reliability_plot(curves: Curves, label: str) -> Markup:
    """A line for each threshold over its bins; on the diagonal it came true as often as was said.

    Args:
        curves: with at least one point to draw.
        label: what is shown, for those who do not see it.
    """
    every = range(len(curves.stars))
    return Markup(
        '<svg class="reliability" viewBox="0 0 {width} {height}" role="img" aria-label="{label}">{frame}{lines}</svg>'
        '<ul class="key">{names}</ul>'
    ).format(
        width=WIDTH,
        height=HEIGHT,
        label=label,
        frame=frame(),
        lines=joined(curve_line(curves, at) for at in every),
        names=joined(curve_name(curves, at) for at in every),
    )


def curve_name(curves: Curves, at: int) -> Markup:
    """What a threshold's line looks like, and what it is."""
    return Markup(
        '<li><svg viewBox="0 0 26 12" aria-hidden="true" style="--colour:{}">'
        '<path class="line" d="M0 6H26"/>{}</svg>{}</li>'
    ).format(colour(at, len(curves.stars)), symbol(at, 13, 6), threshold(curves.stars, at))


def threshold(stars: np.ndarray, at: int) -> str:
    """A threshold in words."""
    return f"{stars[at]:g} stars" + (" or more" if at < len(stars) - 1 else "")


def frame() -> Markup:
    """The diagonal and the axes, in percent."""
    (left, bottom), (right, top) = place(0, 0), place(1, 1)
    return Markup(
        '{lines}<path class="diagonal" d="M{left:.1f} {bottom:.1f}L{right:.1f} {top:.1f}"/>'
        '<text x="{middle:.1f}" y="{under}" text-anchor="middle">said</text>'
    ).format(
        lines=joined(map(quarter_lines, range(5))),
        left=left,
        bottom=bottom,
        right=right,
        top=top,
        middle=(left + right) / 2,
        under=HEIGHT - 6,
    )


def quarter_lines(quarter: int) -> Markup:
    """Both lines of a quarter, from 0 to 4, with its percentage at either."""
    across, down = place(quarter / 4, quarter / 4)
    return Markup(
        '<path class="grid" d="M{x:.1f} {top}V{bottom}M{left} {y:.1f}H{right}"/>'
        '<text x="{x:.1f}" y="{under}" text-anchor="{anchor}">{percent} %</text>'
        '<text x="{beside}" y="{middle:.1f}" text-anchor="end">{percent} %</text>'
    ).format(
        x=across,
        y=down,
        top=TOP,
        bottom=HEIGHT - BOTTOM,
        left=LEFT,
        right=WIDTH - RIGHT,
        under=HEIGHT - BOTTOM + 16,
        anchor="end" if quarter == 4 else "middle",
        percent=25 * quarter,
        beside=LEFT - 6,
        middle=down + 4,
    )


def curve_line(curves: Curves, at: int) -> Markup:
    """One threshold's points, joined."""
    drawn = curves.drawn[at]
    points = [place(*point) for point in zip(curves.predicted[at, drawn], curves.observed[at, drawn], strict=True)]
    path = "L".join(f"{across:.1f} {down:.1f}" for across, down in points)
    line = Markup('<path class="line" d="M{}"/>').format(path) if points else NOTHING
    symbols = joined(symbol(at, *point) for point in points)
    return Markup('<g style="--colour:{}">{}{}</g>').format(colour(at, len(curves.stars)), line, symbols)


def place(predicted: float, observed: float) -> tuple[float, float]:
    """Where a point lies in the drawing."""
    return LEFT + predicted * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - observed * (HEIGHT - TOP - BOTTOM)


def symbol(at: int, across: float, down: float) -> Markup:
    """A mark whose shape tells thresholds apart where colours do not."""
    return Markup('<path class="point" d="M{:.1f} {:.1f}{}"/>').format(across, down, SHAPES[at % len(SHAPES)])


def colour(at: int, n: int) -> str:
    """Blue to orange by way of purple: all of these stand out from white as well as from black."""
    return f"hsl({210 + 168 * at / max(n - 1, 1):.0f} 72% 56%)"
