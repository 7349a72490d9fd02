"""What happens when a visitor opens a film: its panel is drawn for whoever asks."""

from dataclasses import dataclass, field
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.errors import DataError
from recsys.recommend.one_film.details import details, film_called
from recsys.recommend.recommender import Recommender
from recsys.serve.concurrency import ConcurrencyLimit, LateError
from recsys.serve.security.cookies import SESSION
from recsys.serve.sentences import without_folders
from recsys.ui import browser
from recsys.ui.acts.film_actions import number_of
from recsys.ui.film import panel
from recsys.ui.film.links import links_of
from recsys.ui.gradio_helpers import NOT_AN_ENDPOINT, UNQUEUED
from recsys.ui.shared.visits import Visits

SCRIPTS = ("film/trail.js", "film/justwatch.js", "film/panel.js")
AT_ONCE, MOST_WAITING = 2, 40  # panels of guests, and of members, that are drawn, and that wait
PATIENCE = 4.5  # seconds that a member's may take, whose database may hang
N_NEAREST = 3  # films that are offered instead of one that is not here
LONGEST_SHOWN = 80  # characters of a title that is not here
LATE = "This takes too long: try again in a moment."
TEMPLATE = Markup("""
<dialog class="film-panel" aria-labelledby="film-panel-title">
<div class="sheet">
<header>
<button type="button" class="act back" hidden>Back</button>
<h2 id="film-panel-title" tabindex="-1" dir="auto"></h2>
<button type="button" class="act close">Close</button>
</header>
<div class="content" aria-busy="false"></div>
<div class="panel-told" role="status"></div>
</div>
</dialog>
""")


def of_guests() -> ConcurrencyLimit:
    """Turns of guests, whom no database keeps waiting."""
    return ConcurrencyLimit(AT_ONCE, MOST_WAITING)


def of_members() -> ConcurrencyLimit:
    """Turns of members."""
    return ConcurrencyLimit(AT_ONCE, MOST_WAITING, PATIENCE)


@dataclass(frozen=True, eq=False)
class FilmPanelHandlers:
    """The handler of the panel's event.

    Attributes:
        visits: find the model and who asks.
        guests: lets panels of guests be drawn.
        members: lets panels of members be drawn.
    """

    visits: Visits
    guests: ConcurrencyLimit = field(default_factory=of_guests)
    members: ConcurrencyLimit = field(default_factory=of_members)

    async def open_film(self, stored: Any, event: gr.EventData, request: gr.Request) -> Markup:
        """The panel of the film that an event names, as soon as it has its turn, or why there is none."""
        limit = self.members if request.cookies.get(SESSION) else self.guests
        try:
            return await limit.take(self.drawn, stored, event, request)
        except DataError as reason:
            sentence = LATE if isinstance(reason, LateError) else without_folders(str(reason))
            return panel.problem(sentence, number_of(event))

    def drawn(self, stored: Any, event: gr.EventData, request: gr.Request) -> Markup:
        """The panel, or what there is instead of a film that is not here; DataError without a title, or a model."""
        recommender, shelf = self.visits.of(stored, request)
        said = event._data if isinstance(event._data, dict) else {}
        if (title := not_here(recommender, said.get("film"))) is not None:
            nearest = [recommender.display_titles[item] for item in recommender.titles.search(title, N_NEAREST)]
            return panel.not_here(title, nearest, recommender.titles.last_year, number_of(event))
        marks = shelf.marks
        hidden = [title for title, mark in marks.items() if mark == "hidden"]
        found = details(recommender, said.get("film"), shelf.ratings, hidden)
        links = links_of(found.name, found.year, found.imdb, found.tmdb)
        return panel.panel(found, links, recommender.scale, marks.get(found.title), number_of(event))


def not_here(recommender: Recommender, film: object) -> str | None:
    """A title, as far as it can be shown, that no film here has, or several have; None for anything else."""
    if not isinstance(film, str):
        return None
    try:
        film_called(recommender, film)
    except DataError:
        return "".join(sign for sign in film[:LONGEST_SHOWN] if sign.isprintable()).strip() or None
    return None


def film_panel(visits: Visits) -> None:
    """The panel, closed; a title that is clicked anywhere on the page opens it."""
    script = browser.read(*SCRIPTS)
    shown = gr.HTML("", html_template=TEMPLATE, js_on_load=script, apply_default_css=False, elem_id="film-panel")
    handlers = FilmPanelHandlers(visits)
    opened = shown.select(handlers.open_film, visits.browser_state, shown, **UNQUEUED)
    opened.failure(None, js="() => { window.filmPanel.failed(); }", **NOT_AN_ENDPOINT)
