"""What a run shows while it works: a bar for the step at hand, a line for every step done. All of it on stderr."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from recsys.progress import OnProgress

WIDTH_OF_FILES = 132  # columns assumed where the output is not a terminal, so that tables are not broken


class PatientConsole(Console):
    """A console that says no more once nobody reads on; the work goes on."""

    def on_broken_pipe(self) -> None:
        """Let what is still to come go nowhere."""
        with suppress(SystemExit):
            super().on_broken_pipe()


def make_console(*, stderr: bool, quiet: bool = False) -> Console:
    """A console as wide as the terminal, or WIDTH_OF_FILES; a quiet one says nothing."""
    console = PatientConsole(stderr=stderr, highlight=False, quiet=quiet)
    width = None if console.is_terminal else WIDTH_OF_FILES
    return console if width is None else PatientConsole(stderr=stderr, highlight=False, quiet=quiet, width=width)


@contextmanager
def bar(console: Console, label: str) -> Iterator[OnProgress]:
    """An `on_progress` whose stages are drawn as bars, one after the other, and wiped at the end."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[figures]}"),
    )
    with Progress(
        *columns, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        tasks = {"": progress.add_task(label, total=None, figures="")}

        def on_progress(stage: str, done: int, total: int | None, /, **figures: float) -> None:
            if "" in tasks:
                progress.remove_task(tasks.pop(""))
            if stage not in tasks:
                tasks[stage] = progress.add_task(f"{label}: {stage}", total=total, figures="")
            shown = "  ".join(f"{name} {value:.4g}" for name, value in figures.items())
            progress.update(tasks[stage], completed=done, total=total, figures=shown)

        yield on_progress
