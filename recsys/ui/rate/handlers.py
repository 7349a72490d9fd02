"""What happens when a visitor rates, passes films over, or wants other films."""

from dataclasses import dataclass, field
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.errors import DataError
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.serve.concurrency import ConcurrencyLimit
from recsys.serve.security.cookies import SESSION
from recsys.serve.sentences import without_folders
from recsys.ui.acts.film_actions import ANEW, ASK_AGAIN, LOOK, PASSING, UNDO, Act, refused, told
from recsys.ui.gradio_helpers import Updates
from recsys.ui.markup import NOTHING
from recsys.ui.rate.lists import Lists, given, refilled
from recsys.ui.shared.list_controls import Values, Wanted
from recsys.ui.shared.visits import Visits

MOST_PASSED = 3000  # films that were suggested and passed over, and are remembered
ACTS_AT_ONCE = 2  # of guests, and of members; more would only take turns at one interpreter, and all wait longer
MOST_WAITING = 40  # acts of either, which take a few seconds; one more is refused
PATIENCE = 4.5  # seconds that a member's act may take, whose database may hang


def guests_limit() -> ConcurrencyLimit:
    """Of guests, whom no database keeps waiting."""
    return ConcurrencyLimit(ACTS_AT_ONCE, MOST_WAITING)


def members_limit() -> ConcurrencyLimit:
    """Of members."""
    return ConcurrencyLimit(ACTS_AT_ONCE, MOST_WAITING, PATIENCE)


@dataclass(frozen=True)
class Asked:
    """What the tab shows when something is done there.

    Attributes:
        controls: what those of the list say, which may be anything.
        passed: titles that were suggested and passed over.
        now: titles that are suggested.
    """

    controls: Values
    passed: list[str]
    now: list[str]


@dataclass(frozen=True, eq=False)
class RateHandlers:
    """The handlers of the tab's events.

    Attributes:
        visits: find the model and who asks.
        lists: the components that show films.
        carrier: the component that carries acts, and tells what became of them.
        passed: keeps titles that were suggested and passed over.
        guests: lets acts of guests work.
        members: lets acts of members work.
    """

    visits: Visits
    lists: Lists
    carrier: gr.HTML
    passed: gr.State
    guests: ConcurrencyLimit = field(default_factory=guests_limit)
    members: ConcurrencyLimit = field(default_factory=members_limit)

    async def act(self, event: gr.EventData, request: gr.Request, *said: Any) -> Updates:
        """Do what an event says with a film, as soon as it has its turn, and tell what became of it."""
        stored, *controls, passed, now = said
        limit = self.members if request.cookies.get(SESSION) else self.guests
        try:
            asked = Asked(controls, passed, now)
            return await limit.take(self.done, stored, asked, event, request)
        except DataError as reason:
            return {self.carrier: refused(reason, event)}

    def done(self, stored: Any, asked: Asked, event: gr.EventData, request: gr.Request) -> Updates:
        """Do it; DataError if it was not done."""
        recommender, shelf = self.visits.of(stored, request)
        act = Act.of(event)
        sentence = act.on(shelf, recommender)
        try:
            updates = self.renewed(recommender, shelf, act, asked)
        except DataError as reason:
            updates = {}
            sentence = f"{sentence} The films are not new: {without_folders(str(reason))}"
        said = told(sentence, event, way_back(act, asked), ANEW if act.still else LOOK)
        return updates | {self.carrier: said, self.visits.browser_state: shelf.stored()}

    def renewed(self, recommender: Recommender, shelf: Shelf, act: Act, asked: Asked) -> Updates:
        """The lists after an act; what the browser shows already is left alone.

        Raises:
            DataError: the model has no list to show.
        """
        is_passing = act.do in PASSING
        passed, now = passed_over(act, asked)
        wanted = Wanted.of(recommender, asked.controls)
        updates = {} if is_passing else self.films(recommender, shelf, act, wanted)
        titles = refilled(recommender, shelf, passed, now, self.visits.spaces, wanted.filters)
        suggested = self.lists.to_rate(recommender, shelf, titles)
        if titles == asked.now:
            suggested.pop(self.lists.now)
        else:
            suggested[self.passed] = passed
        shows_ratings_already = is_passing or (act.in_list and act.do == "rate")  # a new slider would lose the focus
        return updates | suggested | ({} if shows_ratings_already else {self.lists.given: given(recommender, shelf)})

    def films(self, recommender: Recommender, shelf: Shelf, act: Act, wanted: Wanted) -> Updates:
        """The list of films after an act; as it was, with a way to a new one, where the browser wants it to stay."""
        if act.still:
            return {self.lists.anew: gr.update(visible=True), self.lists.controls.beside: None}
        return self.lists.for_you(recommender, shelf, wanted, act.staying)

    def anew(self, recommender: Recommender, shelf: Shelf, said: Values) -> Updates:
        """All lists, as the controls want them; said is what they say, what was passed over, and what is suggested."""
        *controls, passed, now = said
        wanted, spaces = Wanted.of(recommender, controls), self.visits.spaces
        titles = refilled(recommender, shelf, passed, now, spaces, wanted.filters)  # type: ignore[arg-type]
        return self.lists.updates(recommender, shelf, wanted, titles)

    def suggest(self, request: gr.Request, stored: Any, *controls: Any) -> Updates:
        """Films that fit, for what else is wanted of the list."""
        with self.visits.answer(stored, request) as (recommender, shelf):
            return self.lists.for_you(recommender, shelf, Wanted.of(recommender, controls))

    def go_on(self, request: gr.Request, stored: Any, *controls: Any) -> Updates:
        """The same list, and how it goes on."""
        longer, kept = self.lists.controls.went_on(controls)
        return self.suggest(request, stored, *longer) | kept

    def clear(self, request: gr.Request, stored: Any, *controls: Any) -> Updates:
        """Films that fit, whatever they are."""
        plain, shown = self.lists.controls.cleared(controls)
        return self.suggest(request, stored, *plain) | shown

    def pass_over(self, request: gr.Request, stored: Any, *said: Any) -> Updates:
        """Other films to rate; said is what the controls say, what was passed over, and what is suggested."""
        *controls, passed, now = said
        with self.visits.answer(stored, request) as (recommender, shelf):
            passed, filters = [*passed, *now][-MOST_PASSED:], Wanted.of(recommender, controls).filters
            titles = refilled(recommender, shelf, passed, [], self.visits.spaces, filters)
            return self.lists.to_rate(recommender, shelf, titles) | {self.passed: passed}


def passed_over(act: Act, asked: Asked) -> tuple[list[str], list[str]]:
    """Titles that are passed over after an act, and those that are suggested, before others take free places."""
    film, passed, now = act.film, asked.passed, asked.now
    if act.do == "asked" and film in passed:
        rest = [title for title in now if title != film]
        return [title for title in passed if title != film], [*rest[: act.place], film, *rest[act.place :]]
    is_passed = act.do in ("remove", "unseen") and film in now
    return [*passed, film][-MOST_PASSED:] if is_passed else passed, now


def way_back(act: Act, asked: Asked) -> Markup:
    """The button that takes an act back; nothing where there is no way."""
    if act.do == "unseen" and act.film in asked.now:
        return ASK_AGAIN.format(act.film, asked.now.index(act.film))
    return UNDO if act.can_be_undone else NOTHING
