"""Which version answers, and which did before: promotions.json of a registry, which is replaced whole."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field

from recsys.versions.lineage import FORMAT, MOST_VERSIONS, Number, Part, read, written
from recsys.versions.writing import replace_file

PROMOTIONS = "promotions.json"
MOST_EVENTS = 5000  # that are kept


class Event(Part):
    """That a version became the one that answers.

    Attributes:
        number: of the version.
        at: when.
        how: by a promotion, or by a rollback from a later one.
    """

    number: Number
    at: AwareDatetime
    how: Literal["promoted", "rolled back to"]


class Promotions(Part):
    """What promotions.json holds.

    Attributes:
        way: the versions that a rollback leads back along; the last one answers.
        events: what happened, the oldest first.
        last_number: that a version was given, though its folder may be gone; 0: none yet.
    """

    format: Annotated[int, Field(ge=FORMAT, le=FORMAT)] = FORMAT
    way: tuple[Number, ...] = ()
    events: tuple[Event, ...] = ()
    last_number: Annotated[int, Field(ge=0, le=MOST_VERSIONS)] = 0

    @property
    def highest(self) -> int:
        """The highest number that is known of; 0: none is."""
        return max(self.last_number, *self.way, *self.ever, 0)

    @property
    def current(self) -> int | None:
        """The version that answers; None: none yet."""
        return self.way[-1] if self.way else None

    @property
    def before(self) -> int | None:
        """The version that a rollback leads to; None: there is none."""
        return self.way[-2] if len(self.way) > 1 else None

    @property
    def ever(self) -> set[int]:
        """All that have answered."""
        return {event.number for event in self.events}

    def promoted(self, event: Event) -> Self:
        """These with a version that answers from now on."""
        return self._with((*self.way, event.number), event)

    def rolled_back(self, event: Event) -> Self:
        """These without what came after the version that answers again."""
        last = len(self.way) - 1 - self.way[-2::-1].index(event.number)
        return self._with(self.way[:last], event)

    def numbered(self, number: int) -> Self:
        """These with a number that is taken from now on."""
        return self.model_copy(update={"last_number": number})

    def without(self, gone: set[int]) -> Self:
        """These without versions whose models are gone; nobody rolls back to those."""
        left = [number for number in self.way if number not in gone]
        way = [number for place, number in enumerate(left) if place == 0 or left[place - 1] != number]
        return self.model_copy(update={"way": tuple(way)})

    def _with(self, way: tuple[int, ...], event: Event) -> Self:
        return self.model_copy(update={"way": way, "events": (*self.events, event)[-MOST_EVENTS:]})


def read_promotions(folder: Path) -> Promotions:
    """Those of a registry; none where there was no promotion yet. DataError if the file cannot be used."""
    path = folder / PROMOTIONS
    return read(Promotions, path) if path.exists() else Promotions()


def write_promotions(folder: Path, promotions: Promotions) -> None:
    """Replace those of a registry."""
    replace_file(folder / PROMOTIONS, written(promotions))
