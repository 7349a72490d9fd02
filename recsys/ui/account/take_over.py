"""What offers a member to take ratings over that they gave in another data set."""

from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.errors import DataError
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import MemberShelf, Shelf
from recsys.serve.accounts.taking_over import NO_OFFER, Offer
from recsys.ui import browser
from recsys.ui.gradio_helpers import LATEST, UNCHECKED, TabContent, Updates
from recsys.ui.markup import NOTHING
from recsys.ui.shared.visits import Visits

SCRIPT = "account/take_over.js"


@dataclass(frozen=True, eq=False)
class TakeOverHandlers:
    """The handlers of the offer's events.

    Attributes:
        visits: find the model and who asks.
        offer: the component that shows it.
    """

    visits: Visits
    offer: gr.HTML

    def updates(self, recommender: Recommender, shelf: Shelf) -> Updates:
        """The offer that whoever has the shelf has, if any."""
        offer = shelf.offer() if isinstance(shelf, MemberShelf) else None
        return {self.offer: NOTHING if offer is None else offered(offer)}

    def show(self, stored: Any, request: gr.Request) -> Updates:
        """The offer, as it is now."""
        with self.visits.answer(stored, request) as (recommender, shelf):
            return self.updates(recommender, shelf)

    def answer(self, stored: Any, event: gr.EventData, request: gr.Request) -> Updates:
        """Take over, or decline, what an event says, which may be anything."""
        with self.visits.answer(stored, request) as (_, shelf):
            other, takes = said_of(event)
            if not isinstance(shelf, MemberShelf):
                raise DataError(NO_OFFER)
            if not takes:
                shelf.decline(other)
                return {self.offer: NOTHING}
            return {self.offer: taken(other, shelf.take_over(other))}


def take_over(visits: Visits, offer: gr.HTML) -> TabContent:
    """Call the handlers; what the component shows when the page opens.

    Args:
        visits: find the model and who asks.
        offer: the component.
    """
    handlers = TakeOverHandlers(visits, offer)
    stored = visits.browser_state
    answered = offer.submit(handlers.answer, stored, offer, **UNCHECKED)
    answered.failure(handlers.show, stored, offer, **LATEST)
    offer.input(handlers.show, stored, offer, **LATEST)
    return TabContent((offer,), handlers.updates)


def offer_component() -> gr.HTML:
    """The component, with its script."""
    return gr.HTML(js_on_load=browser.read(SCRIPT), apply_default_css=False, elem_id="take-over")


def said_of(event: gr.EventData) -> tuple[str, bool]:
    """Which data set an event is about, and whether its ratings are to be taken over; DataError if it is none."""
    said = event._data if isinstance(event._data, dict) else {}
    other, takes = said.get("other"), said.get("takes")
    if not isinstance(other, str) or not isinstance(takes, bool):
        raise DataError(NO_OFFER)
    return other, takes


def offered(offer: Offer) -> Markup:
    """An offer in words, with what can be answered."""
    return Markup(
        '<div class="offer" role="status" data-other="{other}"><p>{sentence}</p><div class="choices">'
        '<button type="button" class="strong" data-takes="true">Take over {n_new} of {n_rated} {ratings}</button>'
        '<button type="button" class="plain" data-takes="false">No, thanks</button></div></div>'
    ).format(
        other=offer.other,
        sentence=in_words(offer),
        n_new=f"{offer.n_new:,}",
        n_rated=f"{offer.n_rated:,}",
        ratings="ratings" if offer.n_rated != 1 else "rating",
    )


def in_words(offer: Offer) -> str:
    """What somebody rated elsewhere, and how much of it is here.

    >>> in_words(Offer("ml-100k", 9, 8, 8))
    'You rated 9 films in ml-100k. 8 of them are here too.'
    >>> in_words(Offer("ml-100k", 9, 8, 6))
    'You rated 9 films in ml-100k. 8 of them are here too; 2 are rated here, and stay as they are.'
    """
    n_both, n_here = offer.n_here - offer.n_new, offer.n_here
    here = "It is here too" if offer.n_rated == 1 else f"{n_here:,} of them {'is' if n_here == 1 else 'are'} here too"
    both = "1 is rated here, and stays as it is" if n_both == 1 else f"{n_both:,} are rated here, and stay as they are"
    films = f"{offer.n_rated:,} film{'s' * (offer.n_rated != 1)}"
    return f"You rated {films} in {offer.other}. {here}{f'; {both}' if n_both else ''}."


def taken(other: str, number: int) -> Markup:
    """What was taken over, and the way back."""
    return Markup(
        '<div class="offer" role="status" data-taken><p>{number} {ratings} came over from {other}.</p>'
        '<div class="choices">'
        '<button type="button" class="plain" data-do="undo">Undo</button></div></div>'
    ).format(number=f"{number:,}", ratings="rating" if number == 1 else "ratings", other=other)
