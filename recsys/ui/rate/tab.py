"""Rate films with sliders, and get films that fit."""

from dataclasses import dataclass, replace

import gradio as gr

from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.ui.fields.film_field import HINT, film_field
from recsys.ui.gradio_helpers import LATEST, NOT_AN_ENDPOINT, UNCHECKED, UNQUEUED, Renewal, TabContent, Updates
from recsys.ui.rate.address import rate_place
from recsys.ui.rate.handlers import RateHandlers
from recsys.ui.rate.lists import Lists, newer_films, refilled
from recsys.ui.rate.surprise import SurpriseHandlers, surprise_box, wire_surprise
from recsys.ui.shared import cards
from recsys.ui.shared.list_controls import Wanted, list_controls
from recsys.ui.shared.visits import Visits

READ_IT = cards.note(
    "First comes what you are most likely to choose and to like. Stars are what you might give, and the bars how sure "
    "that is."
)


def rate_tab(visits: Visits, carrier: gr.HTML) -> tuple[Lists, TabContent]:
    """Search a film or take a suggested one, give it stars, change or take back what was given; films that fit."""
    passed = gr.State([])  # titles that were suggested and passed over
    with gr.Row(elem_id="rate-layout"):
        with gr.Column(min_width=280, elem_id="rate-ask"):
            suggested = gr.HTML(elem_id="suggested")
            others = gr.Button("Show me others", size="sm", elem_id="others")
            title = film_field("Another film you have seen", HINT, "film", placeholder="Another film you have seen")
            stars = gr.Slider(label="Stars", buttons=[], elem_id="stars")
            add = gr.Button("Rate this film", variant="primary", elem_id="add")
        with gr.Column(min_width=280, elem_id="rate-films"):
            gr.Markdown("## Films for you")
            surprising = surprise_box()
            controls = list_controls("rate", visits)
            films = gr.HTML(elem_id="for-you")
            with gr.Row(elem_id="rate-goes-on"):
                controls.more.render()  # type: ignore[no-untyped-call]
                anew = gr.Button("New list by my ratings", visible=False, size="sm", elem_id="rate-anew")
            gr.HTML(READ_IT, elem_id="read-it")
            newer = gr.HTML(elem_id="newer")
        with gr.Column(min_width=280, elem_id="rate-given"):
            gr.Markdown("## Your ratings")
            rated = gr.HTML(elem_id="given")
    lists = Lists(films, controls, rated, suggested, gr.State([]), visits.spaces, anew)
    handlers = RateHandlers(visits, lists, carrier, passed)
    wire_acts(handlers)
    rate = "(film, stars) => window.films.rate(film, stars)"
    add.click(None, [title, stars], [title, stars], js=rate, **NOT_AN_ENDPOINT)
    wire_lists(handlers, others)
    wire_surprise(SurpriseHandlers(visits, surprising), controls.inputs)
    renewal = Renewal((*lists.controls.inputs, passed, lists.now), tuple(lists.outputs), handlers.anew)
    shown = content(visits, lists, Asking(stars, newer))
    return lists, replace(shown, places=(rate_place(lists),), renewals=(renewal,))


def wire_acts(handlers: RateHandlers) -> None:
    """Call the handler of acts."""
    lists, passed, carrier = handlers.lists, handlers.passed, handlers.carrier
    stored = handlers.visits.browser_state
    asked = [stored, *lists.controls.inputs, passed, lists.now]
    act = carrier.submit(handlers.act, asked, [*lists.outputs, carrier, stored, passed], **UNQUEUED)
    act.failure(None, js="() => { window.films.failed(); }", **NOT_AN_ENDPOINT)


def wire_lists(handlers: RateHandlers, others: gr.Button) -> None:
    """Call the handlers that draw lists anew; others is the button that asks for other films to rate."""
    lists, passed, stored = handlers.lists, handlers.passed, handlers.visits.browser_state
    controls = lists.controls
    asked, films = [stored, *controls.inputs], lists.of_films
    gr.on([*controls.triggers, lists.anew.click], handlers.suggest, asked, films, **LATEST)
    controls.more.click(handlers.go_on, asked, [*films, controls.n_films], **LATEST)
    controls.filters.clear.click(handlers.clear, asked, [*films, *controls.filters.when_cleared], **LATEST)
    shown = [lists.suggested, lists.now, passed]
    others.click(handlers.pass_over, [*asked, passed, lists.now], shown, **UNCHECKED)


@dataclass(frozen=True, eq=False)
class Asking:
    """The components that depend on the films alone.

    Attributes:
        stars: a slider over the scale.
        newer: how to have newer films.
    """

    stars: gr.Slider
    newer: gr.HTML

    def updates(self, recommender: Recommender) -> Updates:
        """What they show."""
        scale = recommender.scale
        return {
            self.stars: gr.Slider(scale.lowest, scale.highest, step=scale.increment, value=scale.liked_from),
            self.newer: newer_films(recommender),
        }


def content(visits: Visits, lists: Lists, asking: Asking) -> TabContent:
    """The lists, and what is asked with."""
    filters = lists.controls.filters

    def updates(recommender: Recommender, shelf: Shelf) -> Updates:
        to_rate = refilled(recommender, shelf, [], [], visits.spaces)
        filled = asking.updates(recommender) | filters.choices_of(recommender)
        return lists.updates(recommender, shelf, Wanted(), to_rate) | filled

    return TabContent((*lists.outputs, *filters.choices, asking.stars, asking.newer), updates)
