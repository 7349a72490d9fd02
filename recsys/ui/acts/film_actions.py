"""What a visitor does with films: rate, take back, mark, undo. One component of the page carries all of it here."""

from dataclasses import dataclass
from typing import Self

import gradio as gr
from markupsafe import Markup

from recsys.errors import DataError
from recsys.recommend import answers
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.guest_changes import MARKS
from recsys.serve.accounts.shelf import Shelf
from recsys.serve.concurrency import is_open
from recsys.serve.sentences import without_folders
from recsys.ui import browser
from recsys.ui.acts.controls import stars_in_words
from recsys.ui.fields import film_field

SCRIPTS = (
    *film_field.SCRIPTS,
    "acts/touch_ways.js",
    "acts/sliders.js",
    "acts/act_queue.js",
    "acts/done_films.js",
    "acts/film_actions.js",
    "shared/tiles.js",
    "acts/focus_places.js",
    "acts/focus.js",
)
SKIP = Markup('<a class="skip" href="#for-you">Skip to the films</a>')
TEMPLATE = Markup('<div class="told-it" role="status">${value}</div>')
UNDO = Markup('<button type="button" data-do="undo">Undo</button>')
ASK_AGAIN = Markup('<button type="button" data-do="asked" data-film="{}" data-place="{}">Undo</button>')
# where the list has stayed as it was
ANEW = Markup('<button type="button" data-press="rate-anew">New list</button>')
# where the films are out of sight
LOOK = Markup('<button type="button" class="look" data-look="for-you">See films</button>')
MOST_STAYING = 100  # films of a list that are shown in their places although they are marked
PASSING = (
    "unseen",
    "asked",
)  # acts that pass a film to rate over and take it up again, and change nothing that is kept
KINDS = ("rate", "remove", *MARKS, "unmark", *PASSING, "undo")
MOST_PLACES = 100  # among films to rate
TOLD = {
    "remove": "{film}: your stars are removed.",
    "hidden": "{film} will not be recommended again.",
    "later": "{film}: saved to Watch later.",
    "seen": "{film}: seen.",
    "unmark": "{film} may be recommended again.",
    "unseen": "Another film instead of {film}.",
    "asked": "{film} is back.",
}


@dataclass(frozen=True)
class Act:
    """One thing that is done, as a browser says it.

    Attributes:
        do: one of KINDS.
        film: display title; "" for undo.
        stars: for "rate".
        number: which the browser waits for.
        in_list: whether it was done in the list of what is rated, where the browser shows it already.
        staying: titles that the list of films is to show although they are marked, each where it was.
        still: whether the list of films stays as it is, since the browser shows in it what became of a film.
        place: among the films to rate, for "asked".
    """

    do: str
    film: str
    stars: object
    number: int
    in_list: bool
    staying: tuple[str, ...]
    still: bool = False
    place: int = 0

    @classmethod
    def of(cls, event: gr.EventData) -> Self:
        """What an event says, which may be anything; DataError if it is nothing that can be done."""
        said = event._data if isinstance(event._data, dict) else {}
        do, film = said.get("do"), said.get("film")
        if not isinstance(do, str) or do not in KINDS:
            raise DataError(f"This cannot be done with a film: expected one of {', '.join(KINDS)}.")
        title = film if isinstance(film, str) else ""
        staying, still, place = titles_in(said.get("staying")), said.get("still") is True, place_in(said.get("place"))
        return cls(do, title, said.get("stars"), number_of(event), said.get("in_list") is True, staying, still, place)

    @property
    def can_be_undone(self) -> bool:
        """Whether it changes what is kept."""
        return self.do not in ("undo", *PASSING)

    def on(self, shelf: Shelf, model: Recommender) -> str:
        """Do it, and say so in a sentence; DataError if it was not done."""
        if self.do == "undo":
            return shelf.undo() or "There is nothing to undo."
        if self.film not in model.titles.item_of:
            raise DataError(f"No film of this page is called “{self.film[:80]}”.")
        if self.do == "rate":
            film, stars = answers.checked_rating(model, self.film, self.stars)
            shelf.rate(film, stars)
            return f"{film}: {stars_in_words(stars)}."
        if self.do == "remove":
            shelf.rate(self.film, None)
        elif self.do not in PASSING:
            shelf.mark(self.film, None if self.do == "unmark" else self.do)
        return TOLD[self.do].format(film=self.film)


def titles_in(said: object) -> tuple[str, ...]:
    """The titles that a browser says, which may be anything; what is none is left out."""
    return tuple(title for title in said[-MOST_STAYING:] if isinstance(title, str)) if isinstance(said, list) else ()


def place_in(said: object) -> int:
    """A place that a browser says, which may be anything; the first for what is none."""
    return said if type(said) is int and 0 <= said < MOST_PLACES else 0


def number_of(event: gr.EventData) -> int:
    """The number that the browser waits for; 0 if it says none."""
    number = event._data.get("seq") if isinstance(event._data, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**53 else 0


def told(sentence: str, event: gr.EventData, back: Markup = UNDO, on: Markup = LOOK) -> Markup:
    """What tells the visitor that it was done.

    Args:
        sentence: says it.
        event: that the browser waits for.
        back: a button that takes it back; nothing where there is no way.
        on: a button that leads to films.
    """
    html = Markup('<span data-seq="{}">{}</span>{}{}')
    return html.format(number_of(event), sentence, back, on)


def refused(reason: DataError, event: gr.EventData) -> Markup:
    """What tells the visitor why it was not."""
    sentence = ("" if is_open(reason) else "Not kept: ") + without_folders(str(reason))
    return Markup('<span data-seq="{}" data-failed>{}</span>').format(number_of(event), sentence)


def skip_link() -> gr.HTML:
    """What leads whoever uses the keyboard past all that stands above the films; focus.js sees to it."""
    return gr.HTML(SKIP, apply_default_css=False, elem_id="skip")


def act_carrier() -> gr.HTML:
    """The component that carries what is done, and tells what became of it; with it come all fields and sliders."""
    script = browser.read(*SCRIPTS)
    return gr.HTML("", html_template=TEMPLATE, js_on_load=script, apply_default_css=False, elem_id="told")
