"""What happens when somebody opens the page, and until nothing better is to come: bars and tabs are filled."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from weakref import ref

import gradio as gr

from recsys.errors import DataError
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.guest_shelf import GuestShelf
from recsys.serve.accounts.shelf import MemberShelf, Shelf
from recsys.serve.security.cookies import SESSION
from recsys.ui.account.account_bar import AccountBar
from recsys.ui.gradio_helpers import NOT_AN_ENDPOINT, UNCHECKED, TabContent, Updates
from recsys.ui.rate.lists import Lists
from recsys.ui.shared.list_controls import Values, Wanted
from recsys.ui.shared.visits import Visits
from recsys.ui.status_bar import StatusBar
from recsys.ui.welcomes import Welcome, Welcomes

POLL_SECONDS = 0.5
NOBODY: Any = SimpleNamespace(cookies={})  # makes a request, and is not known

Standing = tuple[Any, ...] | None


@dataclass(frozen=True, eq=False)
class ArrivalHandlers:
    """The handlers of the page's own events.

    Attributes:
        visits: find the model and who asks.
        status_bar: tells where the engine stands.
        account_bar: tells who is here.
        content: of all tabs.
        lists: that a better model draws anew.
        timer: asks again.
        filled: keeps the version of the model that has filled the tabs; None: none yet.
        greeted: keeps whether the page has said who is here.
        arrived: has the token of what came with the page, if it was shown.
        welcomes: what may have come with it.
    """

    visits: Visits
    status_bar: StatusBar
    account_bar: AccountBar
    content: TabContent
    lists: Lists
    timer: gr.Timer
    filled: gr.State
    greeted: gr.State
    arrived: gr.HTML = field(default_factory=lambda: gr.HTML("", visible=False, elem_id="arrived"))
    welcomes: Welcomes = field(default_factory=Welcomes)

    @property
    def outputs(self) -> list[Any]:
        """All components that they may fill."""
        own = [self.timer, self.filled, self.greeted, self.arrived, self.account_bar.bar, self.visits.browser_state]
        return [*self.status_bar.outputs, *own, *self.content.outputs]

    def show(self, request: gr.Request, filled: str | None, was_greeted: bool, *said: Any) -> Updates:
        """All that is to be shown now.

        Args:
            request: says by its cookies who makes it.
            filled: version of the model that has filled the tabs.
            was_greeted: whether the page has said who is here.
            said: the token of what came with the page, what the visitor's browser keeps, and what the controls of the
                list of films say; all of it may be anything.
        """
        arrived, stored, *controls = said
        if filled is None and (shown := self.came_along(arrived, stored, controls, request)):
            return shown.of_session
        engine, opening = self.visits.engine, self.visits.shelves.members.opening
        recommender = engine.recommender  # read once: it may become another meanwhile
        waits = (recommender is None and not engine.problem) or engine.improving or opening
        updates = self.status_bar.updates(engine) | {self.timer: gr.Timer(active=waits)}
        if not opening and not was_greeted:
            updates |= {self.account_bar.bar: self.account_bar.shown(self.visits.shelves, request), self.greeted: True}
        if recommender is None:
            return updates
        if opening and SESSION in request.cookies:  # whoever it is may be a member
            return updates | self.status_bar.waits("Looking for your account")
        return updates | self.tabs(recommender, filled, stored, controls, request)

    def standing(self) -> Standing:
        """Where the engine and the accounts stand; None while a newcomer may have to wait for something."""
        engine, members = self.visits.engine, self.visits.shelves.members
        if engine.recommender is None or engine.improving or members.opening:
            return None
        return ref(engine.recommender), engine.sentence, engine.problem, members.problem, members.warning

    def welcome(self) -> Welcome | None:
        """All that is shown to somebody who comes for the first time; None if that is not known before."""
        recommender = self.visits.engine.recommender
        if recommender is None or self.standing() is None:
            return None
        values = [component.value for component in self.lists.controls.inputs]
        try:
            updates = self.show(NOBODY, None, False, None, {}, *values)
        except DataError:
            return None
        if updates.get(self.filled) != recommender.version:
            return None
        welcome = self.welcomes.new(recommender, updates)
        updates[self.arrived] = welcome.token
        return welcome

    def came_along(self, token: Any, stored: Any, controls: Values, request: gr.Request) -> Welcome | None:
        """What was shown to whoever makes a request as the page came, if that is all that there is to show to them."""
        recommender = self.visits.engine.recommender
        if not token or recommender is None or self.standing() is None or SESSION in request.cookies or controls[-1]:
            return None
        shelf = GuestShelf(recommender, stored)
        return None if shelf.ratings or shelf.marks else self.welcomes.of(token, recommender)

    def tabs(
        self, recommender: Recommender, filled: str | None, stored: Any, controls: Values, request: gr.Request
    ) -> Updates:
        """The tabs, filled with the first model; with a better one, the list of films is drawn anew."""
        if filled == recommender.version:
            return {}
        shelf, updates = self.shelf_or_guest(recommender, stored, request)
        if filled is None:
            updates |= self.content.updates(shelf.model, shelf)
            if chosen := controls[-1]:  # another model makes the list of whose browser keeps its name
                updates |= self.lists.for_you(shelf.model, shelf, Wanted(model=chosen))
        else:
            # while a guest's first rating is on its way, there is nothing to draw anew
            updates = self.lists.for_you(shelf.model, shelf, Wanted.of(shelf.model, controls)) if shelf.ratings else {}
        return updates | {self.filled: recommender.version}

    def shelf_or_guest(self, recommender: Recommender, stored: object, request: gr.Request) -> tuple[Shelf, Updates]:
        """Whose shelf is shown, with what a guest brings to a new account; a guest's if the account is out of reach."""
        try:
            shelf = self.visits.shelves.of(recommender, stored, request)
            if isinstance(shelf, MemberShelf):
                return shelf, {self.visits.browser_state: brought(recommender, shelf, stored)}
            return shelf, {}
        except DataError:
            return GuestShelf(recommender, stored), {}


def arrive(
    visits: Visits,
    page: gr.Blocks,
    status_bar: StatusBar,
    account_bar: AccountBar,
    content: TabContent,
    lists: Lists,
) -> None:
    """Ask the engine when the page opens, and now and then, until nothing better is to come."""
    timer, filled, greeted = gr.Timer(POLL_SECONDS), gr.State(None), gr.State(False)
    handlers = ArrivalHandlers(visits, status_bar, account_bar, content, lists, timer, filled, greeted)
    again = status_bar.again.click(visits.engine.start, **NOT_AN_ENDPOINT)
    again.then(lambda: gr.Timer(active=True), outputs=timer, **NOT_AN_ENDPOINT)
    inputs = [filled, greeted, handlers.arrived, visits.browser_state, *lists.controls.inputs]
    gr.on([page.load, timer.tick], handlers.show, inputs=inputs, outputs=handlers.outputs, **UNCHECKED)


def brought(recommender: Recommender, shelf: MemberShelf, stored: object) -> Any:
    """Take what a guest has said in this browser into an account that has nothing yet; what the browser then keeps."""
    guest = GuestShelf(recommender, stored)
    ratings, marks = guest.ratings, guest.marks
    if not (ratings or marks) or shelf.ratings or shelf.marks:
        return gr.skip()
    shelf.take(ratings, marks, guest.times)
    gr.Info(f"{len(ratings) + len(marks)} films came along into your account.", duration=8)
    return {}
