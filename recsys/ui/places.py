"""Places of the page that an address leads to, and what it says of them: settings, as a browser sends them, checked."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from recsys.errors import DataError
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.serve.sentences import without_folders

LONGEST, MOST = 300, 40  # characters of a text, texts of a list: what more an address says is not read
SHOWN = 80  # characters of what was not understood
MOST_PROBLEMS = 3  # that are told


@dataclass(frozen=True)
class Said:
    """What an address says of a place.

    Attributes:
        settings: name -> a text or a list of texts; as a browser sends it, which may be anything.
        recommender: knows the films.
        problems: sentences on what was not understood, and is left out.
        list_model: name of the model that makes the visitor's lists, as the browser keeps it, which may be anything.
    """

    settings: Mapping[object, object]
    recommender: Recommender
    problems: list[str] = field(default_factory=list)
    list_model: object = ""

    def text(self, name: str) -> str | None:
        """A setting; None if it is not said."""
        value = self.settings.get(name)
        return value if isinstance(value, str) and 0 < len(value) <= LONGEST else None

    def texts(self, name: str) -> list[str]:
        """A setting that is a list."""
        value = self.settings.get(name)
        found = value if isinstance(value, list) else [value]
        return [each for each in found[:MOST] if isinstance(each, str) and 0 < len(each) <= LONGEST]

    def one_of(self, name: str, known: Mapping[str, Any] | list[str], instead: str, what: str) -> str:
        """A setting that is one of the known ones, else `instead`; `what` it is called in a sentence."""
        value = self.text(name)
        if value is None or value in known:
            return instead if value is None else value
        self.problem(f"No {what} here is called “{value[:SHOWN]}”.")
        return instead

    def some_of(self, name: str, known: list[str], what: str) -> list[str]:
        """Those texts of a list that are known, in the order in which they are known."""
        said = self.texts(name)
        for value in said:
            if value not in known:
                self.problem(f"No {what} here is called “{value[:SHOWN]}”.")
        return [value for value in known if value in said]

    def film(self, name: str) -> str | None:
        """The display title of a film; None if none is said, or none is known by what is."""
        value = self.text(name)
        return None if value is None else self._found(value)

    def films(self, name: str, most: int) -> list[str]:
        """Display titles of the films of a list that are known, at most so many."""
        found = [self._found(value) for value in self.texts(name)[:most]]
        return list(dict.fromkeys(title for title in found if title is not None))

    def _found(self, value: str) -> str | None:
        titles = self.recommender.titles
        if value in titles.item_of:
            return value
        with suppress(DataError):
            return self.recommender.display_titles[titles.find(value)]
        self.problem(f"No film here is called “{value[:SHOWN]}”.")
        return None

    def number(self, name: str) -> int | None:
        """A whole number; None if it is not said; -1, which counts nothing, if it is none."""
        value = self.text(name)
        is_number = value is not None and value.isascii() and value.isdecimal() and len(value) < 16
        return None if value is None else int(value) if is_number else -1

    def checked(self, name: str, check: Callable[[object], Any], instead: Any) -> Any:
        """What a check makes of a number, else `instead`, with the reason among the problems.

        Args:
            name: of the setting.
            check: raises DataError for what it refuses.
            instead: what stands for what is not said, or refused.
        """
        value = self.number(name)
        try:
            return instead if value is None else check(value)
        except DataError as reason:
            self.problem(without_folders(str(reason)))
            return instead

    def problem(self, sentence: str) -> None:
        """Tell it, unless enough is told."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(sentence)


@dataclass(frozen=True)
class Setting:
    """A component whose value is in the address.

    Attributes:
        component: has the value.
        first: its value as long as nobody has changed it, which is not told.
        events: after which it may have another one; none: its own, when somebody changes it.
    """

    component: Any
    first: Any = None
    events: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Place:
    """What an address leads to.

    Attributes:
        name: such as "explore/near"; addresses.js knows it.
        settings: name -> what is in the address, in the order in which the address has them.
        outputs: the components that `restore` fills.
        restore: (recommender, shelf, said) -> their values and properties, as the address says.
    """

    name: str
    settings: Mapping[str, Setting]
    outputs: tuple[Any, ...]
    restore: Callable[[Recommender, Shelf, Said], dict[Any, Any]]
