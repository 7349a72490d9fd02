"""How long work tells its caller where it stands: one callable, handed down as `on_progress`."""

from typing import Protocol


class OnProgress(Protocol):
    """Called at every step of a piece of work; must return quickly and never raise."""

    def __call__(self, stage: str, done: int, total: int | None, /, **figures: float) -> None:
        """Take note of one step.

        Args:
            stage: what is being done, in a word or two ("download", "epoch").
            done: steps (or bytes) finished, from 0 to total.
            total: steps (or bytes) in all; None while unknown.
            figures: measurements of the step just finished, such as loss=0.03.
        """


def silent(stage: str, done: int, total: int | None, /, **figures: float) -> None:
    """Take no note: the default where nobody watches."""


def renamed(on_progress: OnProgress, name: str) -> OnProgress:
    """An `on_progress` that puts a name before the stages that it passes on."""

    def passed_on(stage: str, done: int, total: int | None, /, **figures: float) -> None:
        on_progress(f"{name} {stage}", done, total, **figures)

    return passed_on
