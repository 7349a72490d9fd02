"""What belongs to whoever is here: ratings, films to watch later or not at all, lists that were shown, the account."""

import gradio as gr

from recsys.ui import browser
from recsys.ui.account.guest_import import FileComponents, guest_import
from recsys.ui.gradio_helpers import LATEST, UNCHECKED, TabContent
from recsys.ui.my_films.handlers import N_RATED, MyFilms, MyFilmsHandlers
from recsys.ui.shared.visits import Visits

BRING = ("account/import_words.js", "account/import_ratings.js")


def my_films_tab(visits: Visits, outer: gr.Tab, rate: TabContent) -> TabContent:
    """All of it, a tab for each; drawn anew whenever the outer tab is opened.

    Args:
        visits: find the model and who asks.
        outer: the tab.
        rate: what is drawn anew too when a guest has brought ratings.
    """
    n_shown = gr.State(N_RATED)
    shown, taken = my_films()
    handlers = MyFilmsHandlers(visits, shown, n_shown)
    wire(handlers, outer)
    films = TabContent((shown.rated, shown.more, shown.later, shown.hidden), handlers.of_films)
    guest_import(visits, FileComponents(shown.own, taken, shown.over_time), TabContent.joined([rate, films]))
    return TabContent(tuple(handlers.shown.outputs), handlers.updates)


def my_films() -> tuple[MyFilms, gr.HTML]:
    """The components, a tab for each; and what tells a guest what became of a file."""
    with gr.Tabs(overflow_behavior="wrap", elem_id="yours"):
        with gr.Tab("Ratings"):
            rated = gr.HTML(elem_id="yours-rated")
            more = gr.Button("Show more", size="sm", visible=False, elem_id="yours-more")
            gr.Markdown("## Over time", elem_id="yours-time-heading")
            over_time = scripted("yours-time", "my_films/my_films_changes.js")
        with gr.Tab("Watch later"):
            later = gr.HTML(elem_id="yours-later")
        with gr.Tab("Not interested"):
            hidden = gr.HTML(elem_id="yours-hidden")
        with gr.Tab("Lists"):
            lists = scripted("yours-lists", "my_films/my_films.js")
        with gr.Tab("Account"):
            taken = gr.HTML(apply_default_css=False, elem_id="yours-taken")
            own = scripted("yours-account", *BRING)
    return MyFilms(rated, more, later, hidden, over_time, lists, own), taken


def scripted(elem_id: str, *scripts: str) -> gr.HTML:
    """A component that scripts come with."""
    return gr.HTML(js_on_load=browser.read(*scripts), apply_default_css=False, elem_id=elem_id)


def wire(handlers: MyFilmsHandlers, outer: gr.Tab) -> None:
    """Call the handlers for the events."""
    shown, stored, n_shown = handlers.shown, handlers.visits.browser_state, handlers.n_shown
    gr.on([outer.select, shown.over_time.submit], handlers.show, [stored, n_shown], shown.outputs, **LATEST)
    shown.over_time.input(handlers.show_time, stored, shown.over_time, **LATEST)
    shown.more.click(handlers.show_more, [stored, n_shown], [*shown.outputs, n_shown], **UNCHECKED)
    shown.lists.select(handlers.open_list, None, shown.lists, **UNCHECKED)
