"""Where a data set of one's own lies, noted beside the models that were fitted on it, in no file that is given away."""

from contextlib import suppress
from pathlib import Path

from recsys.artifacts.runs import run_of

NOTE = "dataset_folder.txt"  # of a run
LONGEST = 4096  # characters of a path


def note_place(run: Path, folder: Path | None) -> None:
    """Note the folder of a data set in that of a run; nothing for a data set that goes by its name."""
    if folder is not None:
        run.mkdir(parents=True, exist_ok=True)
        (run / NOTE).write_text(f"{folder.resolve()}\n", encoding="utf-8", errors="surrogateescape")


def noted_place(model: Path) -> Path | None:
    """The folder of the data set that a saved model was fitted on; None if none was noted, or it is gone."""
    with suppress(OSError, ValueError):
        note = run_of(model.resolve()) / NOTE
        place = Path(note.read_text(encoding="utf-8", errors="surrogateescape")[:LONGEST].strip())
        if place.is_absolute() and place.is_dir():
            return place
    return None
