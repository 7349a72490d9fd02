"""The map of films: every film a dot, neighbours loved by the same people, and the visitor's own taste a star."""

import gradio as gr
from markupsafe import Markup

from recsys.recommend import exploring
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf, Shelves
from recsys.serve.engine import Engine
from recsys.ui import browser
from recsys.ui.gradio_helpers import UNCHECKED, TabContent, Updates, in_one_sentence
from recsys.ui.shared.latent_spaces import POLL_SECONDS, LatentSpaces, shown_of

SCRIPTS = ("explore/film_map_geometry.js", "explore/film_map_films.js", "explore/film_map.js")
TEMPLATE = Markup("""
<div class="film-map">
<div class="genres" role="group" aria-label="Genres to highlight"></div>
<div class="view">
<canvas tabindex="0" role="application"
 aria-label="Map of films: arrow keys move, plus and minus zoom, 0 shows all"></canvas>
<div class="zoom">
<button type="button" data-do="in" aria-label="Zoom in">+</button>
<button type="button" data-do="out" aria-label="Zoom out">−</button>
<button type="button" data-do="all" aria-label="Show all films">All</button>
<button type="button" data-do="you" aria-label="Show my taste" hidden>You</button>
</div>
</div>
<p class="told" role="status"></p>
</div>
""")
FLY = "(title) => { window.filmMap?.find(title); return []; }"


def map_part(
    engine: Engine, shelves: Shelves, spaces: LatentSpaces, kept: gr.BrowserState, tab: gr.Tab, outer: gr.Tab
) -> TabContent:
    """The map, drawn in the browser; it is sent when the tab is opened, and again when there is another model."""
    gr.Markdown("Every dot is a film, and films that the same people love lie side by side.")
    about = gr.HTML(visible=False, elem_id="map-about")
    with gr.Column(visible=False) as body:
        find = gr.Dropdown([], label="Find a film", info="Type a part of the title.", value=None, elem_id="map-find")
        script = browser.read(*SCRIPTS)
        view = gr.HTML(html_template=TEMPLATE, js_on_load=script, apply_default_css=False, elem_id="film-map", you=None)
    timer, sent = gr.Timer(POLL_SECONDS, active=False), gr.State(None)  # sent: which map the browser has

    def show(held: object, before: int | None, request: gr.Request) -> Updates:
        with in_one_sentence():
            model = engine.ready()
            ratings = shelves.of(model, held, request).ratings
        space, shown, again = shown_of(spaces, model)
        updates: Updates = {
            about: gr.HTML(shown, visible=bool(shown)),
            timer: again,
            body: gr.Column(visible=space is not None),
            sent: before,
        }
        if space is not None and before != id(space):
            place = exploring.taste_coordinates(model, space, ratings)
            updates |= {view: gr.HTML(exploring.mapped_films(model, space), you=place), sent: id(space)}
        elif space is not None:
            updates[view] = gr.HTML(you=exploring.taste_coordinates(model, space, ratings))
        return updates

    def move(held: object, before: int | None, request: gr.Request) -> Updates:
        return {view: gr.skip()} if before is None else show(held, before, request)

    outputs = [about, timer, body, sent, view]
    gr.on([tab.select, timer.tick], show, [kept, sent], outputs, **UNCHECKED)
    outer.select(move, [kept, sent], outputs, trigger_mode="always_last", **UNCHECKED)
    find.input(None, find, None, js=FLY)

    def updates(model: Recommender, shelf: Shelf) -> Updates:
        return {find: gr.Dropdown(choices=list(model.titles.item_of)[: exploring.MOST_ON_MAP])}

    return TabContent((find,), updates)
