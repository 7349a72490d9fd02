"""A film for tonight, for two or more: start an evening or join one, and see films for all who take part."""

import gradio as gr

from recsys.recommend.group.listing import FAIR, LEAST, MEAN
from recsys.serve.evenings.codes import LONGEST_TYPED
from recsys.serve.evenings.evening import LONGEST_NAME
from recsys.serve.evenings.evenings import Evenings
from recsys.ui import browser
from recsys.ui.acts.controls import note
from recsys.ui.gradio_helpers import LATEST, UNCHECKED, TabContent
from recsys.ui.shared.filter_controls import filter_controls
from recsys.ui.shared.list_controls import MORE
from recsys.ui.shared.visits import Visits
from recsys.ui.tonight import cards
from recsys.ui.tonight.handlers import Tonight, TonightHandlers

WAYS = "tonight/tonight_ways.js"
CODE, EVENING = (WAYS, "tonight/tonight_code.js"), (WAYS, "tonight/tonight.js")
BRING = ("account/import_words.js", "account/import_ratings.js")
SEEN = "Hide what one of us has rated"
HOWS = [("Nobody suffers", LEAST), ("On average", MEAN), ("A fair mix", FAIR)]


def tonight_tab(visits: Visits, tab: gr.Tab, evenings: Evenings) -> TabContent:
    """All of it, drawn anew whenever the tab is opened; what there is to choose from, once there is a model.

    Args:
        visits: find the model and who asks.
        tab: that it is in.
        evenings: all of them.
    """
    gr.Markdown("Films for two or more: each with what they have rated, on their own screen or by a file.")
    over = gr.HTML(js_on_load=browser.read(*CODE), elem_id="tonight-over")
    with gr.Column(elem_id="tonight-outside") as outside:
        name, start, code, join = entrance()
    with gr.Column(visible=False, elem_id="tonight-inside") as inside:
        room = gr.HTML(js_on_load=browser.read(*EVENING), apply_default_css=False, elem_id="tonight-room")
        with gr.Row():
            again = gr.Button("Look again", min_width=120, elem_id="tonight-look")
            leave = gr.Button("Leave", min_width=120, elem_id="tonight-leave")
        with gr.Accordion("Add somebody by a file", open=False, elem_id="tonight-add"):
            other = gr.Textbox(label="Their first name", max_length=LONGEST_NAME, elem_id="tonight-other")
            file = gr.HTML(cards.FILE, js_on_load=browser.read(*BRING), apply_default_css=False, elem_id="tonight-file")
        how = gr.Radio(
            HOWS, value=LEAST, label="Which films", info="For all of you, as the filters.", elem_id="tonight-how"
        )
        filters = filter_controls("tonight", SEEN)
        films = gr.HTML(js_on_load=browser.read("tonight/votes.js"), elem_id="tonight-films")
        more = gr.Button(MORE, visible=False, size="sm", elem_id="tonight-more")
    shown = Tonight(outside, inside, name, code, over, room, how, filters, films, more, gr.State(0), other, file)
    handlers = TonightHandlers(visits, evenings, shown)
    wire_entrance(handlers, start, join)
    wire_evening(handlers, tab, again, leave)
    wire_list(handlers)
    return TabContent(tuple(filters.choices), lambda recommender, _: filters.choices_of(recommender))


def entrance() -> tuple[gr.Textbox, gr.Button, gr.Textbox, gr.Button]:
    """A name, a button that starts an evening, a code, and a button that joins one."""
    name = gr.Textbox(
        label="Your first name",
        info="The others see it, and the stars that you might give; never what you have rated.",
        max_length=LONGEST_NAME,
        elem_id="tonight-name",
    )
    with gr.Row(elem_id="tonight-ways"):
        with gr.Column(min_width=260):
            gr.Markdown("## Start an evening")
            gr.HTML(note("You get a code for the others. An evening ends by itself after 12 hours."))
            start = gr.Button("Start an evening", variant="primary", elem_id="tonight-start")
        with gr.Column(min_width=260):
            gr.Markdown("## Join one")
            code = gr.Textbox(label="Code", placeholder="ABC 234", max_length=LONGEST_TYPED, elem_id="tonight-code")
            join = gr.Button("Join", variant="primary", elem_id="tonight-join")
    return name, start, code, join


def wire_entrance(handlers: TonightHandlers, start: gr.Button, join: gr.Button) -> None:
    """Call the handlers of who takes part in none yet."""
    shown, stored = handlers.tab, handlers.visits.browser_state
    start.click(handlers.start, [shown.name, stored], shown.outputs, **UNCHECKED)
    joined = [shown.code, shown.name, stored]
    gr.on([join.click, shown.code.submit], handlers.join, joined, shown.outputs, **UNCHECKED)


def wire_evening(handlers: TonightHandlers, tab: gr.Tab, again: gr.Button, leave: gr.Button) -> None:
    """Call the handlers of who takes part."""
    shown, stored = handlers.tab, handlers.visits.browser_state
    gr.on([tab.select, again.click], handlers.look, stored, shown.outputs, **LATEST)
    shown.room.input(handlers.renew, None, shown.outputs, **LATEST)
    shown.room.select(handlers.drop, None, shown.outputs, **UNCHECKED)
    shown.file.submit(handlers.add, shown.other, shown.outputs, **UNCHECKED)
    leave.click(handlers.leave, None, shown.outputs, **UNCHECKED)


def wire_list(handlers: TonightHandlers) -> None:
    """Call the handlers of what all who take part see alike."""
    shown, filters = handlers.tab, handlers.tab.filters
    settings = [shown.how, *filters.inputs]
    gr.on([each.input for each in settings], handlers.choose, [shown.n_set, *settings], shown.outputs, **LATEST)
    filters.clear.click(handlers.clear, [shown.n_set, shown.how], shown.outputs, **LATEST)
    shown.more.click(handlers.lengthen, None, shown.outputs, **UNCHECKED)
    votes = {**UNCHECKED, "trigger_mode": "multiple"}  # none is lost while another is on its way
    shown.films.select(handlers.vote, None, shown.outputs, **votes)
