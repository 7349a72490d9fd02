"""The map of films: every film a dot, neighbours loved by the same people, and the visitor's own taste a star."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.recommend import exploring
from recsys.recommend.exploring import LatentSpace
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.ui import browser
from recsys.ui.fields.film_field import HINT, film_field
from recsys.ui.gradio_helpers import LATEST, UNCHECKED, Renewal, TabContent, Updates
from recsys.ui.places import Place, Said, Setting
from recsys.ui.shared import cards
from recsys.ui.shared.latent_spaces import POLL_SECONDS, WAITING, shown_of
from recsys.ui.shared.visits import Visits

SCRIPTS = ("explore/film_map_geometry.js", "explore/film_map_films.js", "explore/film_map.js")
TEMPLATE = Markup("""
<div class="film-map">
<div class="genres" role="group" aria-label="Genres to highlight"></div>
<p class="colours"></p>
<canvas tabindex="0" role="application"
 aria-label="Map of films: arrow keys move, plus and minus zoom, 0 shows all"></canvas>
<div class="below">
<p class="told" role="status"></p>
<div class="zoom">
<button type="button" data-do="in" aria-label="Zoom in">+</button>
<button type="button" data-do="out" aria-label="Zoom out">−</button>
<button type="button" data-do="all" aria-label="Show all films">All</button>
<button type="button" data-do="you" aria-label="You: show my taste" hidden>You</button>
</div>
</div>
</div>
""")
FLY = "(title) => { window.filmMap?.find(title); return []; }"


def map_part(visits: Visits, tab: gr.Tab, outer: gr.Tab) -> TabContent:
    """The map, drawn in the browser; it is sent when the tab is opened, and again when there is another model."""
    gr.Markdown("Every dot is a film, and films that the same people love lie side by side.")
    about = gr.HTML(cards.waiting(WAITING, None), elem_id="map-about")
    with gr.Column(visible=False) as body:
        find = film_field("Find a film", HINT, "map-find")
        script = browser.read(*SCRIPTS)
        view = gr.HTML(html_template=TEMPLATE, js_on_load=script, apply_default_css=False, elem_id="film-map", you=None)
    timer, sent = gr.Timer(POLL_SECONDS, active=False), gr.State(None)
    handlers = MapHandlers(visits, FilmMap(about, timer, body, sent, view))
    stored, outputs = visits.browser_state, handlers.shown.outputs
    gr.on([tab.select, timer.tick], handlers.show, [stored, sent], outputs, **UNCHECKED)
    outer.select(handlers.move, [stored, sent], outputs, **LATEST)
    find.input(None, find, None, js=FLY)

    def restore(recommender: Recommender, _: Shelf, said: Said) -> Updates:
        return {find: said.film("film")}

    place = Place("explore/map", {"film": Setting(find)}, (find,), restore)
    renewal = Renewal((sent,), tuple(outputs), handlers.anew)
    return TabContent((), lambda recommender, shelf: {}, (place,), (renewal,))


@dataclass(frozen=True, eq=False)
class FilmMap:
    """The components.

    Attributes:
        about: why there is no map, or none yet.
        timer: asks again for it.
        body: all that is shown once there is one.
        sent: version of the model whose map the browser has.
        view: the map itself.
    """

    about: gr.HTML
    timer: gr.Timer
    body: gr.Column
    sent: gr.State
    view: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """All of them."""
        return [*vars(self).values()]


@dataclass(frozen=True, eq=False)
class MapHandlers:
    """The handlers of the part's events.

    Attributes:
        visits: find the model and who asks.
        shown: the components.
    """

    visits: Visits
    shown: FilmMap

    def show(self, stored: object, before: str | None, request: gr.Request) -> Updates:
        """The map with the place of the visitor's taste, or why there is none; before: whose map the browser has."""
        with self.visits.answer(stored, request) as (recommender, shelf):
            return self.map_of(recommender, shelf, before)

    def map_of(self, recommender: Recommender, shelf: Shelf, before: str | None) -> Updates:
        """The same for somebody."""
        space, about, again = shown_of(self.visits.spaces, recommender)
        updates: Updates = {
            self.shown.about: gr.HTML(about, visible=bool(about)),
            self.shown.timer: again,
            self.shown.body: gr.Column(visible=space is not None),
            self.shown.sent: before,
        }
        return updates if space is None else updates | self.drawn(recommender, space, shelf.ratings, before)

    def anew(self, recommender: Recommender, shelf: Shelf, said: Sequence[Any]) -> Updates:
        """The place of somebody's taste, if the browser has a map; said is which."""
        [before] = said
        return {} if before is None else self.map_of(recommender, shelf, before)

    def drawn(
        self, recommender: Recommender, space: LatentSpace, ratings: Mapping[str, float], before: str | None
    ) -> Updates:
        """The map, unless the browser has it, and where somebody's taste lies on it; ratings are title -> stars."""
        place = exploring.taste_coordinates(recommender, space, ratings)
        if before == recommender.version:
            return {self.shown.view: gr.HTML(you=place)}
        films = exploring.mapped_films(recommender, space)
        return {self.shown.view: gr.HTML(films, you=place), self.shown.sent: recommender.version}

    def move(self, stored: object, before: str | None, request: gr.Request) -> Updates:
        """The same when the outer tab opens, if the browser has a map."""
        return {self.shown.view: gr.skip()} if before is None else self.show(stored, before, request)
