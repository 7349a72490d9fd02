"""What belongs to whoever is here: ratings, films to watch later or not at all, lists that were shown, the account."""

from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.errors import DataError
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import MemberShelf, Shelf, Shelves, title_of
from recsys.serve.engine import Engine
from recsys.ui import browser
from recsys.ui.gradio_helpers import UNCHECKED, TabContent, Updates, in_one_sentence
from recsys.ui.my_films import cards as my_cards
from recsys.ui.shared import cards, controls

BRING = ("account/import_words.js", "account/import_ratings.js")
N_RATED = 100  # ratings that are shown at first, and more at a time
N_LISTS = 20
UNDO = Markup('<p><button type="button" class="act" data-do="undo">Undo the last change</button></p>')
NO_RATINGS = cards.note("None yet: rate some films, and they are here.")
NONE_LATER = cards.note("None yet: “Watch later”, below a film, puts it here.")
NONE_HIDDEN = cards.note("None: “Not interested”, below a film, puts it here, and it is not recommended again.")
SIGN_IN = cards.note("This is kept for those who have an account.")
NOT_SIGNED_IN = "Sign in first: lists are kept for those who have an account."


def yours_tab(engine: Engine, shelves: Shelves, kept: gr.BrowserState, outer: gr.Tab) -> TabContent:
    """All of it, a tab for each; drawn anew whenever the outer tab is opened."""
    n_shown = gr.State(N_RATED)
    with gr.Tabs(overflow_behavior="wrap", elem_id="yours"):
        with gr.Tab("Ratings"):
            rated = gr.HTML(elem_id="yours-rated")
            more = gr.Button("Show more", size="sm", visible=False, elem_id="yours-more")
            gr.Markdown("### Over time", elem_id="yours-time-heading")
            script = browser.read("my_films/my_films_changes.js")
            over_time = gr.HTML(js_on_load=script, apply_default_css=False, elem_id="yours-time")
        with gr.Tab("Watch later"):
            later = gr.HTML(elem_id="yours-later")
        with gr.Tab("Not interested"):
            hidden = gr.HTML(elem_id="yours-hidden")
        with gr.Tab("Lists"):
            script = browser.read("my_films/my_films.js")
            lists = gr.HTML(js_on_load=script, apply_default_css=False, elem_id="yours-lists")
        with gr.Tab("Account"):
            script = browser.read(*BRING)
            own = gr.HTML(js_on_load=script, apply_default_css=False, elem_id="yours-account")

    def content(model: Recommender, shelf: Shelf, most: int) -> Updates:
        ratings, marks = shelf.ratings, shelf.marks
        to_watch = [film for film, mark in marks.items() if mark == "later" and film not in ratings]
        out = [film for film, mark in marks.items() if mark == "hidden"]
        scale = model.scale
        return {
            rated: UNDO + (controls.rated_rows(ratings, scale, most) if ratings else NO_RATINGS),
            more: gr.Button(visible=len(ratings) > most),
            later: controls.marked_rows(to_watch, "Remove", scale) if to_watch else NONE_LATER,
            hidden: controls.marked_rows(out, "Show again", scale) if out else NONE_HIDDEN,
            **(for_member(model, shelf) if isinstance(shelf, MemberShelf) else for_guest),
        }

    def for_member(model: Recommender, shelf: MemberShelf) -> Updates:
        gone = shelf.gone()
        return {
            over_time: my_cards.over_time(shelf.changes(), model.scale)
            + my_cards.no_longer(gone.changes, gone.most_changes, "changes"),
            lists: my_cards.overview(shelf.lists(limit=N_LISTS), True, N_LISTS)
            + my_cards.no_longer(gone.lists, gone.most_lists, "lists"),
            own: my_cards.own(shelf.name, shelf.has_password(), shelves.members.warning),
        }

    for_guest: Updates = {over_time: SIGN_IN, lists: SIGN_IN, own: my_cards.invitation()}

    def show(held: Any, most: int, request: gr.Request) -> Updates:
        with in_one_sentence():
            model = engine.ready()
            return content(model, shelves.of(model, held, request), most)

    def show_time(held: Any, request: gr.Request) -> Any:
        with in_one_sentence():
            model = engine.ready()
            shelf = shelves.of(model, held, request)
            return for_member(model, shelf)[over_time] if isinstance(shelf, MemberShelf) else SIGN_IN

    def show_more(held: Any, most: int, request: gr.Request) -> Updates:
        return show(held, most + N_RATED, request) | {n_shown: most + N_RATED}

    def open_list(event: gr.EventData, request: gr.Request) -> Markup:
        with in_one_sentence():
            model = engine.ready()
            return listed(model, member(shelves, model, request), event._data)

    outputs = [rated, more, later, hidden, over_time, lists, own]
    gr.on([outer.select, over_time.submit], show, [kept, n_shown], outputs, trigger_mode="always_last", **UNCHECKED)
    over_time.input(show_time, kept, over_time, trigger_mode="always_last", **UNCHECKED)
    more.click(show_more, [kept, n_shown], [*outputs, n_shown], **UNCHECKED)
    lists.select(open_list, None, lists, **UNCHECKED)
    return TabContent(tuple(outputs), lambda model, shelf: content(model, shelf, N_RATED))


def member(shelves: Shelves, model: Recommender, request: gr.Request) -> MemberShelf:
    """The shelf of who is signed in; DataError if nobody is."""
    shelf = shelves.of(model, None, request)
    if not isinstance(shelf, MemberShelf):
        raise DataError(NOT_SIGNED_IN)
    return shelf


def listed(model: Recommender, shelf: MemberShelf, asked: object) -> Markup:
    """A list that was shown, or a page of their overview, as an event asks for it."""
    said = asked if isinstance(asked, dict) else {}
    list_id, before = said.get("list"), said.get("before")
    if list_id is not None:
        found = shelf.open_list(list_id)
        if found is None:
            raise DataError("You have no such list: open one of those that are shown.")
        return my_cards.opened(found, lambda *film: title_of(model, *film))
    return my_cards.overview(shelf.lists(before, N_LISTS), before is None, N_LISTS)
