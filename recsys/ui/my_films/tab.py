"""What belongs to whoever is here: taste, ratings, films to watch later or not at all, lists, the account."""

import gradio as gr

from recsys.ui import browser
from recsys.ui.account.guest_import import FileComponents, guest_import
from recsys.ui.gradio_helpers import LATEST, NOT_AN_ENDPOINT, UNCHECKED, Renewal, TabContent
from recsys.ui.my_films.handlers import N_RATED, PICK, MyFilms, MyFilmsHandlers
from recsys.ui.shared.visits import Visits

BRING = ("account/import_words.js", "account/import_ratings.js")


def my_films_tab(visits: Visits, outer: gr.Tab) -> TabContent:
    """All of it, a tab for each; drawn anew whenever the outer tab is opened.

    Args:
        visits: find the model and who asks.
        outer: the tab.
    """
    shown, taken = my_films()
    handlers = MyFilmsHandlers(visits, shown, gr.State(N_RATED), gr.State(""))
    wire(handlers, outer)
    guest_import(visits, FileComponents(shown.own, taken, shown.taste))
    films = (shown.rated, shown.more, shown.pick, shown.tonight, shown.later, shown.seen, shown.hidden, shown.lists)
    renewal = Renewal((handlers.n_shown,), (*films, shown.taste), handlers.anew)
    return TabContent((*films, shown.own), handlers.updates, renewals=(renewal,))


def my_films() -> tuple[MyFilms, gr.HTML]:
    """The components, a tab for each; and what tells a guest what became of a file."""
    with gr.Tabs(overflow_behavior="wrap", elem_id="yours"):
        with gr.Tab("Taste", elem_id="taste-tab"):
            taste = scripted("yours-taste", "my_films/my_films_changes.js")
        with gr.Tab("Ratings", elem_id="ratings-tab"):
            rated = gr.HTML(elem_id="yours-rated")
            more = gr.Button("Show more", size="sm", visible=False, elem_id="yours-more")
        with gr.Tab("Watch later", elem_id="later-tab"):
            pick = gr.Button(PICK, visible=False, elem_id="yours-pick")
            tonight = gr.HTML(elem_id="yours-tonight")
            later = gr.HTML(elem_id="yours-later")
        with gr.Tab("Seen", elem_id="seen-tab"):
            seen = gr.HTML(elem_id="yours-seen")
        with gr.Tab("Not interested", elem_id="hidden-tab"):
            hidden = gr.HTML(elem_id="yours-hidden")
        with gr.Tab("Lists", elem_id="lists-tab"):
            lists = scripted("yours-lists", "my_films/days.js", "my_films/open_list.js", "my_films/my_films.js")
        with gr.Tab("Account", elem_id="account-tab"):
            taken = gr.HTML(apply_default_css=False, elem_id="yours-taken")
            own = scripted("yours-account", *BRING)
    return MyFilms(taste, rated, more, pick, tonight, later, seen, hidden, lists, own), taken


def scripted(elem_id: str, *scripts: str) -> gr.HTML:
    """A component that scripts come with."""
    return gr.HTML(js_on_load=browser.read(*scripts), apply_default_css=False, elem_id=elem_id)


def wire(handlers: MyFilmsHandlers, outer: gr.Tab) -> None:
    """Call the handlers for the events; one draws the taste, so that no older one comes after a newer."""
    shown, stored, n_shown = handlers.shown, handlers.visits.browser_state, handlers.n_shown
    gr.on([outer.select, shown.taste.submit], handlers.show, [stored, n_shown], shown.outputs, **LATEST)
    gr.on([outer.select, shown.taste.input], handlers.show_taste, stored, shown.taste, **LATEST)
    shown.more.click(handlers.show_more, [stored, n_shown], [*shown.outputs, n_shown], **UNCHECKED)
    picked = handlers.picked
    shown.pick.click(handlers.pick_one, [stored, picked], [shown.tonight, shown.pick, picked], **LATEST)
    opened = shown.lists.select(handlers.open_list, None, shown.lists, **UNCHECKED)
    opened.failure(None, js="() => { window.lists?.failed(); }", **NOT_AN_ENDPOINT)
