"""What a guest has said about films, as the guest's own browser keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recsys.recommend import answers
from recsys.recommend.answers import MOST_RATINGS, Suggestion
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.guest_changes import (
    MARKS,
    MOST_MARKS,
    MOST_TAKEN,
    TAKEN,
    TIMES,
    WHERE,
    changes_in,
    is_mark,
    is_number,
    moment_of,
    now,
    times_in,
    with_change,
)
from recsys.serve.comparing import Drafted, ListBy


@dataclass(frozen=True)
class Taken:
    """What became of a file that a guest took.

    Attributes:
        n_new: films that had no stars.
        n_changed: films that had other stars.
        n_marked: films that had no such mark.
        n_left: ratings and marks for which there was no room.
    """

    n_new: int
    n_changed: int
    n_marked: int
    n_left: int


class GuestShelf:
    """A guest's: all of it comes from the browser, and goes back there."""

    name = None

    def __init__(self, model: Recommender, stored: object):
        """Read what a browser has stored.

        Args:
            model: knows the films.
            stored: what the browser has, which may be anything.
        """
        self._model = model
        content = stored if isinstance(stored, dict) else {}
        self._ratings = {title: stars for title, stars in dict_of(content.get("ratings")).items() if is_number(stars)}
        self._times = times_in(content.get(TIMES), self._ratings)
        self._marks = {title: mark for title, mark in dict_of(content.get("marks")).items() if is_mark(mark)}
        self._changes = changes_in(content.get("changes"))

    @property
    def ratings(self) -> dict[str, float]:
        """What was rated."""
        return answers.known_ratings(self._model, self._ratings)

    @property
    def times(self) -> dict[str, datetime]:
        """When films that are rated were given the stars that they have, as far as that is known."""
        return {title: moment_of(self._times[title]) for title in self.ratings if title in self._times}

    @property
    def marks(self) -> dict[str, str]:
        """What was marked."""
        known: dict[str, str] = {}
        for title, mark in list(self._marks.items())[:MOST_MARKS]:
            if title in self._model.titles.item_of:
                known[title] = mark
        return known

    def rate(self, title: str, stars: float | None) -> None:
        """Keep it."""
        self._change("ratings", title, stars)

    def mark(self, title: str, mark: str | None) -> None:
        """Keep it."""
        self._change("marks", title, mark)

    def undo(self) -> str:
        """Put back what was there before."""
        while self._changes:
            where, *change = self._changes.pop()
            if where == TAKEN:
                return self._untake(*change)
            title, before, place, *since = change
            if title in self._model.titles.item_of:
                self._put(where, title, before, place)
                if where == "ratings":
                    self._since(title, *since)
                return undone(title, self.ratings.get(title) if where == "ratings" else self.marks.get(title))
        return ""

    def take(self, ratings: object, marks: object, times: object = None) -> Taken:
        """Keep what a file rates and marks, as far as there is room; the first undo takes all of it back.

        Args:
            ratings: title -> stars, as a browser sends them, which may be anything; what cannot be kept is left out.
            marks: title -> key of MARKS, likewise.
            times: title -> when it was rated, in ms since EPOCH, likewise; what is not known was rated now.
        """
        marked = {title: mark for title, mark in dict_of(marks).items() if is_mark(mark)}
        known = {title: mark for title, mark in marked.items() if title in self._model.titles.item_of}
        rated = answers.known_ratings(self._model, ratings)
        before = {"ratings": self._add("ratings", rated, MOST_RATINGS)}
        before["marks"] = self._add("marks", dict([*known.items()][:MOST_TAKEN]), MOST_MARKS)
        at, given = now(), times_in(times, before["ratings"])
        since = {title: self._since(title, given.get(title, at)) for title in before["ratings"]}
        if known_before := {title: ms for title, ms in since.items() if ms is not None}:
            before[TIMES] = known_before
        if before["ratings"] or before["marks"]:
            self._changes = with_change(self._changes, [TAKEN, before])
        n_left = sum(title not in self._ratings for title in rated) + sum(title not in self._marks for title in known)
        n_changed = sum(value is not None for value in before["ratings"].values())
        return Taken(len(before["ratings"]) - n_changed, n_changed, len(before["marks"]), n_left)

    def _add(self, where: str, values: Mapping[str, Any], most: int) -> dict[str, Any]:
        """Put values after those that are there, up to so many; what was there before, of those that are others."""
        kept, before = self._values(where), {}
        for title, value in values.items():
            if kept.get(title) != value and (title in kept or len(kept) < most):
                before[title] = kept.get(title)
                kept[title] = value
        return before

    def _untake(self, before: Mapping[str, Mapping[str, Any]]) -> str:
        """Put back what was there before many films were taken."""
        for title in before["ratings"]:
            self._since(title, before.get(TIMES, {}).get(title))
        for where in WHERE:
            kept = self._values(where)
            for title, value in before[where].items():
                if value is None:
                    kept.pop(title, None)
                else:
                    kept[title] = value
        return f"Undone: {len({*before['ratings'], *before['marks']})} films are as they were."

    @property
    def model(self) -> Recommender:
        """The model that answers guests."""
        return self._model

    def drafted(self, model: Recommender, list_by: ListBy, k: int) -> Drafted:
        """A list by the model: nothing is compared for guests."""
        return Drafted(list_by(model))

    def alone(self, model: Recommender, list_by: ListBy) -> Drafted:
        """Likewise."""
        return Drafted(list_by(model))

    def record(
        self,
        kind: str,
        model: Recommender,
        request: Mapping[str, Any],
        films: Sequence[Suggestion],
        picks: Mapping[int, str] | None = None,
        *,
        beside_others: bool = False,
        stands_in: bool = False,
    ) -> None:
        """Nothing about guests is kept on the server."""

    def stored(self) -> dict[str, Any]:
        """What the browser keeps."""
        times = {TIMES: self._times} if self._times else {}
        return {"ratings": self._ratings, "marks": self._marks, "changes": self._changes, **times}

    def _change(self, where: str, title: str, value: Any) -> None:
        if self._values(where).get(title) != value:
            change = [where, title, *self._put(where, title, value)]
            since = self._since(title, None if value is None else now()) if where == "ratings" else None
            self._changes = with_change(self._changes, change if since is None else [*change, since])

    def _since(self, title: str, at: int | None = None) -> int | None:
        """Keep when a film was rated, in ms; None: nobody knows, or it is not. Returns what was kept before."""
        before = self._times.pop(title, None)
        if at is not None:
            self._times[title] = at
        return before

    def _values(self, where: str) -> dict[str, Any]:
        return self._ratings if where == "ratings" else self._marks

    def _put(self, where: str, title: str, value: Any, place: int = 0) -> tuple[Any, int]:
        """Put a value at a place, the newest comes first; None removes. Returns the value before, and its place."""
        values = self._values(where)
        before = values.get(title), [*values].index(title) if title in values else 0
        entries = [entry for entry in values.items() if entry[0] != title]
        entries[place:place] = [] if value is None else [(title, value)]
        values.clear()
        values.update(entries)
        return before


def dict_of(value: object) -> dict[str, Any]:
    """A dictionary as a browser has kept it; anything else is none."""
    return dict(list(value.items())[: answers.MOST_RATINGS * 2]) if isinstance(value, dict) else {}


def undone(title: str, value: object) -> str:
    """What holds again, in a sentence."""
    if value is None:
        return f"Undone: {title} is as it was before."
    if isinstance(value, str):
        return f"Undone: {title} is marked “{MARKS.get(value, value)}” again."
    return f"Undone: {title} has {value:g} star{'s' * (value != 1)} again."
