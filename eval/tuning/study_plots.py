"""The picture of a study: every trial as a line through its settings to its value, and what matters how much."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.reporting.plots import BAR_COLOUR, BEST_COLOUR, save
from eval.tuning.findings import Findings
from eval.tuning.study import Tried
from recsys.models.search_space import Space

WORST_COLOUR, GOOD_COLOUR, DEFAULT_COLOUR = "#dfe5ec", "#26425f", "black"
INCHES_PER_AXIS, INCHES_OF_BARS = 1.35, 3.4


def draw_study(path: Path, findings: Findings) -> None:
    """Write the picture: parallel coordinates, and bars of importances where there are any."""
    from matplotlib.figure import Figure as Canvas

    task, importances = findings.task, findings.importances
    widths = [max(5.0, INCHES_PER_AXIS * (len(task.space) + 1)), *([INCHES_OF_BARS] if importances else [])]
    canvas = Canvas(figsize=(sum(widths) + 0.6, 4.8), layout="constrained")
    panels = canvas.subplots(1, len(widths), width_ratios=widths, squeeze=False)[0]
    draw_trials(panels[0], findings)
    if importances:
        draw_importances(panels[1], importances)
    splits = ", ".join(split.name for split in task.splits)
    canvas.suptitle(
        f"{task.model}: {task.metric.key} on validation ratings of {task.dataset.name}, {splits}", fontsize=10
    )
    save(canvas, path)


def draw_trials(axes: Any, findings: Findings) -> None:
    """Parallel coordinates: an axis for every setting and one for the value, a line for every trial."""
    task, ranking = findings.task, findings.ranking
    heights = value_heights(ranking, higher_is_better=task.metric.higher_is_better)
    lines = {trial.number: [*places(trial, task.space), heights[trial.number]] for trial in ranking}
    for colour, trial in zip(colours(len(ranking)), reversed(ranking), strict=True):  # the best on top
        axes.plot(lines[trial.number], color=colour, linewidth=1)
    best, default = ranking[0], findings.default
    label = f"best, {best.value:.4f} (trial {best.number})"
    axes.plot(lines[best.number], color=BEST_COLOUR, linewidth=2.5, label=label)
    if default is not None:
        axes.plot(lines[default.number], color=DEFAULT_COLOUR, dashes=(4, 2), label=f"default, {default.value:.4f}")
    label_axes(axes, findings)
    axes.set_title("Trials: the darker, the better", fontsize=10)
    axes.legend(frameon=False, fontsize=8, loc="lower center", bbox_to_anchor=(0.5, -0.2), ncols=2)


def places(trial: Tried, space: Space) -> list[float]:
    """Where a trial's settings lie on their axes, 0 to 1."""
    return [dimension.place(trial.settings[name]) for name, dimension in space.items()]


def value_heights(ranking: Sequence[Tried], *, higher_is_better: bool) -> dict[int, float]:
    """Where each trial's value lies on its axis, by the trial's number: 0 for the worst, 1 for the best."""
    values = {trial.number: trial.value or 0.0 for trial in ranking}
    best, worst = values[ranking[0].number], values[ranking[-1].number]
    return {number: (value - worst) / (best - worst) if best != worst else 1.0 for number, value in values.items()}


def colours(n: int) -> list[Any]:
    """From the worst trial's colour to the best's, by rank, so that one bad trial does not make all others alike."""
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("trials", [WORST_COLOUR, GOOD_COLOUR])
    return [shades(number / max(n - 1, 1)) for number in range(n)]


def label_axes(axes: Any, findings: Findings) -> None:
    """Upright axes, named below, with what their ends stand for."""
    task, ranking = findings.task, findings.ranking
    ends = [dimension.ends() for dimension in task.space.values()]
    ends.append([(0.0, f"{ranking[-1].value:.4f}"), (1.0, f"{ranking[0].value:.4f}")])
    for number, labels in enumerate(ends):
        axes.axvline(number, color="grey", linewidth=0.8, zorder=0)
        for height, text in labels:
            axes.annotate(
                text,
                (number, height),
                xytext=(0, {0.0: -9, 1.0: 9}.get(height, 0)),
                textcoords="offset points",
                ha="center",
                va="center",
                fontsize=8,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.8},
            )
    axes.set_xticks(range(len(ends)), [*task.space, task.metric.key], fontsize=9)
    axes.tick_params(length=0, pad=14)
    axes.set_yticks([])
    axes.spines[:].set_visible(False)


def draw_importances(axes: Any, importances: dict[str, float]) -> None:
    """Horizontal bars, the most important setting on top."""
    names, shares = list(reversed(importances)), list(reversed(importances.values()))
    drawn = axes.barh(names, shares, height=0.6, color=BAR_COLOUR)
    axes.bar_label(drawn, labels=[f"{share:.0%}" for share in shares], padding=4, fontsize=8)
    axes.set_title("What tells good trials from the rest", fontsize=10)
    axes.set_xticks([])
    axes.margins(x=0.15)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
