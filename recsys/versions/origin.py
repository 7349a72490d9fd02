"""What a model folder tells of where it came from, when a version is made of it."""

import re
from dataclasses import dataclass
from pathlib import Path

from recsys.artifacts.description import DESCRIPTION, read_description
from recsys.versions.lineage import VERSION_FILE, Gate, Lineage, Record, read

DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Origin:
    """Where a model came from.

    Attributes:
        lineage: as a version keeps it.
        gate: what was decided elsewhere, and holds here too; None: nothing.
        sentences: for whoever adds it.
    """

    lineage: Lineage
    gate: Gate | None = None
    sentences: tuple[str, ...] = ()


def origin_of(folder: Path, note: str = "") -> Origin:
    """What a model folder tells; DataError if that cannot be read.

    Args:
        folder: a model; where it was a version elsewhere, what was kept of that lies in it.
        note: a sentence that is kept with it.
    """
    if not (folder / VERSION_FILE).exists():
        return Origin(lineage_of(folder, note))
    record = read(Record, folder / VERSION_FILE)
    kept = {"parent": None, "note": note or f"Was version {record.number} elsewhere. {record.lineage.note}".strip()}
    refused = record.gate if record.gate is not None and not record.gate.passed else None
    sentences = [f"It was version {record.number} elsewhere; what it was made of there is kept, but for its parent."]
    if record.gate is not None:
        sentences.append(
            "The gate refused it there, and so it is refused here."
            if refused
            else "That it passed the gate there says nothing here, where it was compared with none."
        )
    return Origin(record.lineage.model_copy(update=kept), refused, tuple(sentences))


def lineage_of(folder: Path, note: str = "") -> Lineage:
    """What a model folder says of where it came from: the ratings of its data set, and nobody's beside them."""
    digest = str(read_description(folder / DESCRIPTION)["facts"].get("dataset_sha256", ""))
    return Lineage(data_sha256=digest if DIGEST.fullmatch(digest) else None, note=note)
