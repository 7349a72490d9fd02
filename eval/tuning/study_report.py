"""What a study has found: for the terminal, as a table of all trials, and as a picture."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from eval.console import make_console
from eval.reporting.results import write_atomically
from eval.reporting.writing import Failures
from eval.tuning import study_plots
from eval.tuning.findings import Findings
from eval.tuning.objective import Task
from eval.tuning.search_spaces import with_settings
from eval.tuning.study import Tried
from recsys.models.search_space import code

N_SHOWN = 5  # best trials in the table
ADVICE = (
    "\nThe best of many trials looks better than it is: make it the default in the config.py of the model's family, "
    "then let eval.run measure it on test ratings."
)


def introduction(task: Task, tried: list[Tried]) -> str:
    """What is about to be searched, and whether that began earlier."""
    splits = ", ".join(split.name for split in task.splits)
    better = "higher" if task.metric.higher_is_better else "lower"
    state = f"It goes on after {len(tried)} trials." if tried else "It is new."
    return escape(
        f"Study {task.name}: {task.metric.key} ({better} is better) on {task.fraction:.0%} of every person's training "
        f"ratings of {splits}. {state}"
    )


def report(findings: Findings, folder: Path, console: Console, failures: Failures) -> bool:
    """Print what was found, write the table of trials and the picture; False if no trial has a value."""
    table, picture = (folder / f"{findings.task.name}.{ending}" for ending in ("csv", "png"))
    if findings.ranking:
        stdout = make_console(stderr=False)
        failures.tried("the findings could not be printed", lambda: print_findings(findings, stdout))
    else:
        console.print("No trial has a value yet.")
    write: dict[Path, Callable[[], None]] = {table: lambda: write_atomically(table, trials_table(findings))}
    if findings.ranking:
        write[picture] = lambda: study_plots.draw_study(picture, findings)
    written = [path for path, work in write.items() if failures.tried(f"{path.name} could not be written", work)]
    where = " and ".join(escape(str(path)) for path in written) or "nowhere"
    console.print(f"\nAll trials: {where}", soft_wrap=True)
    return bool(findings.ranking)


def trials_table(findings: Findings) -> str:
    """Every trial as a line of CSV."""
    names = ["trial", "state", findings.task.metric.key, "seconds", "same_as", "reason", *findings.task.space]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(names)
    for trial in findings.tried:
        settings = (trial.settings.get(name) for name in findings.task.space)
        result = (trial.number, trial.state, trial.value, f"{trial.seconds:.3f}", trial.same_as, trial.reason)
        table.writerow([*result, *settings])
    return text.getvalue()


def print_findings(findings: Findings, stdout: Console) -> None:
    """The default beside the best, the best five, importances."""
    for line in verdict(findings):
        stdout.print(escape(line), soft_wrap=True)
    stdout.print(best_trials(findings))
    if findings.importances:
        shares = ", ".join(f"{name} {share:.0%}" for name, share in findings.importances.items())
        stdout.print(f"\nWhat tells the good trials from the rest (PED-ANOVA): {escape(shares)}", soft_wrap=True)
    if findings.ranking[0] is not findings.default:
        stdout.print(ADVICE, soft_wrap=True)


def verdict(findings: Findings) -> list[str]:
    """What tuning gained, and the configuration to paste."""
    task, best, default = findings.task, findings.ranking[0], findings.default
    n_without = sum(trial.value is None for trial in findings.tried)
    seconds = sum(trial.seconds for trial in findings.tried)
    counted = f"{len(findings.tried)} trials in {seconds:.0f} s" + (f", {n_without} without a value" * bool(n_without))
    first = config_line(task, default) if default else "has no value"
    second = f"{config_line(task, best)}  (trial {best.number}{gain(best, default)})"
    return [
        "",
        f"{task.model}: {task.metric.key} on validation ratings, {counted}",
        "",
        f"default  {first}",
        f"best     {'is the default' if best is default else second}",
    ]


def gain(best: Tried, default: Tried | None) -> str:
    """By how much the best is better than the default, where that is known."""
    if default is None or default.value is None or best.value is None:
        return ""
    return f", better by {abs(best.value - default.value):.4f}"


def config_line(task: Task, trial: Tried) -> str:
    """A value and its configuration, to paste."""
    return f"{trial.value:.4f}  {code(with_settings(task.base, trial.settings))}"


def best_trials(findings: Findings) -> Table:
    """The best trials and what they change."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", title="\nBest trials", title_justify="left")
    for heading in ("trial", findings.task.metric.key, "seconds"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("differs from the default by")
    for trial in findings.ranking[:N_SHOWN]:
        cells: list[Any] = [str(trial.number), f"{trial.value:.4f}", f"{trial.seconds:.1f}"]
        table.add_row(*cells, Text(findings.task.changes(trial.settings)))
    return table
