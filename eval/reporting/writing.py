"""Results that cannot be written, to a full disk say: it is told, and what can still be done is done."""

import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape


@dataclass
class Failures:
    """What broke off in a run, or could not be written.

    Attributes:
        folder: where failures.txt goes.
        said: a sentence for each, as it was printed.
    """

    folder: Path
    console: Console
    said: list[str] = field(default_factory=list)

    def tried(self, what: str, work: Callable[[], object]) -> bool:
        """Do a part of the work; an error is noted as "what: error", and then the answer is False."""
        try:
            work()
        except Exception as error:
            self.note(f"{what}: {type(error).__name__}: {error}")
            return False
        return True

    def note(self, sentence: str) -> None:
        """Print what went wrong; it goes to failures.txt, with the traceback of an error, if that can be written."""
        self.said.append(sentence)
        self.console.print(f"[red]{escape(sentence)}[/red]", soft_wrap=True)
        trace = f"{traceback.format_exc()}\n" if sys.exc_info()[0] else ""
        with suppress(OSError), (self.folder / "failures.txt").open("a", encoding="utf-8") as log:
            log.write(f"{sentence}\n{trace}")
