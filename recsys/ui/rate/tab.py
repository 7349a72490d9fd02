"""Rate films with sliders, and get films that fit."""

from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.errors import DataError
from recsys.recommend import answers
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf, Shelves
from recsys.serve.concurrency import ConcurrencyLimit
from recsys.serve.engine import Engine
from recsys.serve.security.cookies import SESSION
from recsys.serve.sentences import without_folders
from recsys.ui.gradio_helpers import NOT_AN_ENDPOINT, UNCHECKED, TabContent, Updates, in_one_sentence
from recsys.ui.markup import NOTHING
from recsys.ui.shared import cards, controls
from recsys.ui.shared.adventure_slider import adventure_slider, share_of
from recsys.ui.shared.film_actions import Act, refused, told
from recsys.ui.shared.latent_spaces import LatentSpaces, tastes_if_there

N_SUGGESTED = 3  # films to rate that are shown at a time
N_RATED = 20  # ratings that are shown here; all are shown under Yours
MOST_PASSED = 3000  # films that were suggested and passed over, and are remembered
ACTS_AT_ONCE = 2  # of guests, and of members; more would only take turns at one interpreter, and all wait longer
MOST_WAITING = 40  # acts of either, which take a few seconds; one more is refused
PATIENCE = 4.5  # seconds that a member's act may take, whose database may hang
UNQUEUED = {**UNCHECKED, "trigger_mode": "multiple", "queue": False}  # the queue is more work than all the rest
READ_IT = cards.note(
    "First comes what you are most likely to choose and to like. Stars are what you might give, and the bars how sure "
    "that is."
)
ASK = cards.note("They appear here as soon as you have rated a film.")


@dataclass(frozen=True)
class Lists:
    """What the tab shows besides its controls: films that fit, what was rated, films to rate."""

    films: gr.HTML
    adventure: gr.Slider
    given: gr.HTML
    suggested: gr.HTML
    now: gr.State  # titles that are suggested

    @property
    def outputs(self) -> list[Any]:
        """All of them."""
        return [self.films, self.given, self.suggested, self.now]

    def updates(self, model: Recommender, shelf: Shelf, steps: object, to_rate: list[str]) -> Updates:
        """What they show to somebody; steps is where the slider to the adventurous stands."""
        return self.for_you(model, shelf, steps) | self.to_rate(model, to_rate) | {self.given: given(model, shelf)}

    def for_you(self, model: Recommender, shelf: Shelf, steps: object) -> Updates:
        """Films that fit, and what sort of list that is; the list is kept for those who have an account."""
        far, known = share_of(steps), shelf.ratings
        if not known:
            return {self.films: ASK}
        marks = shelf.marks
        found = answers.recommend(model, known, [*marks], adventure=far)
        shelf.record("for you", model, {"adventure": far}, found)
        about = answers.about_adventure(model, far)
        return {self.films: (cards.note(about) if about else NOTHING) + cards.film_list(found, model.scale)}

    def to_rate(self, model: Recommender, titles: list[str]) -> Updates:
        """Films to rate."""
        return {self.now: titles, self.suggested: controls.suggested_rows(titles, model.scale)}


def rate_tab(
    engine: Engine, shelves: Shelves, kept: gr.BrowserState, spaces: LatentSpaces, carrier: gr.HTML
) -> tuple[Lists, TabContent]:
    """Search a film or take a suggested one, give it stars, change or take back what was given; films that fit."""
    passed = gr.State([])  # titles that were suggested and passed over
    with gr.Row(elem_id="rate-layout"):
        with gr.Column(min_width=280, elem_id="rate-ask"):
            title = gr.Dropdown([], label="Film", info="Type a part of the title.", elem_id="film")
            stars = gr.Slider(label="Stars", buttons=[], elem_id="stars")
            add = gr.Button("Rate this film", variant="primary", elem_id="add")
            gr.Markdown("### Have you seen these?")
            suggested = gr.HTML(elem_id="suggested")
            others = gr.Button("Show me others", size="sm", elem_id="others")
        with gr.Column(min_width=280, elem_id="rate-films"):
            gr.Markdown("### Films for you")
            gr.HTML(READ_IT)
            adventure = adventure_slider("rate-adventure")
            films = gr.HTML(ASK, elem_id="for-you")
        with gr.Column(min_width=280, elem_id="rate-given"):
            gr.Markdown("### Your ratings")
            rated = gr.HTML(elem_id="given")
    lists = Lists(films, adventure, rated, suggested, gr.State([]))

    guests, members = (
        ConcurrencyLimit(ACTS_AT_ONCE, MOST_WAITING),
        ConcurrencyLimit(ACTS_AT_ONCE, MOST_WAITING, PATIENCE),
    )

    async def act(held: Any, steps: Any, over: Any, now: Any, event: gr.EventData, request: gr.Request) -> Updates:
        try:
            turns = members if request.cookies.get(SESSION) else guests
            return await turns.take(done, held, steps, over, now, event, request)
        except DataError as reason:
            return {carrier: refused(reason, event)}

    def done(held: Any, steps: Any, over: Any, now: Any, event: gr.EventData, request: gr.Request) -> Updates:
        model = engine.ready()
        shelf, deed = shelves.of(model, held, request), Act.of(event)
        sentence = deed.on(shelf, model)
        passed_over = [*over, deed.film] if deed.do == "remove" and deed.film in now else over
        try:
            updates = lists.for_you(model, shelf, steps)
            to_rate = refilled(model, shelf, passed_over, now, spaces)
        except DataError as reason:
            told_it = f"{sentence} The films are not new: {without_folders(str(reason))}"
            return {carrier: told(told_it, event, deed.do != "undo"), kept: shelf.stored()}
        updates |= {suggested: controls.suggested_rows(to_rate, model.scale)}
        if to_rate != now:
            updates |= {lists.now: to_rate, passed: passed_over}
        if not (deed.in_list and deed.do == "rate"):  # the browser shows it already; a new slider would lose the focus
            updates[lists.given] = given(model, shelf)
        return updates | {carrier: told(sentence, event, deed.do != "undo"), kept: shelf.stored()}

    def suggest(held: Any, steps: Any, request: gr.Request) -> Updates:
        with in_one_sentence():
            model = engine.ready()
            return lists.for_you(model, shelves.of(model, held, request), steps)

    def pass_over(held: Any, over: Any, now: Any, request: gr.Request) -> Updates:
        with in_one_sentence():
            model, passed_by = engine.ready(), [*over, *now][-MOST_PASSED:]
            shelf = shelves.of(model, held, request)
            return lists.to_rate(model, refilled(model, shelf, passed_by, [], spaces)) | {passed: passed_by}

    now = lists.now
    done_it = carrier.submit(act, [kept, adventure, passed, now], [*lists.outputs, carrier, kept, passed], **UNQUEUED)
    done_it.failure(None, js="() => { window.films.failed(); }", **NOT_AN_ENDPOINT)
    add.click(None, [title, stars], title, js="(film, stars) => window.films.rate(film, stars)", **NOT_AN_ENDPOINT)
    adventure.input(suggest, [kept, adventure], films, trigger_mode="always_last", **UNCHECKED)
    others.click(pass_over, [kept, passed, now], [suggested, now, passed], **NOT_AN_ENDPOINT)

    def content(model: Recommender, shelf: Shelf) -> Updates:
        scale = model.scale
        return lists.updates(model, shelf, 0, refilled(model, shelf, [], [], spaces)) | {
            title: gr.Dropdown(choices=list(model.titles.item_of), info=f"Type a part of the title. {until(model)}"),
            stars: gr.Slider(scale.lowest, scale.highest, step=scale.increment, value=scale.liked_from),
        }

    return lists, TabContent((*lists.outputs, title, stars), content)


def until(model: Recommender) -> str:
    """Up to when films came out, which spares looking for newer ones."""
    last = max((year for year in model.catalog.year if year is not None), default=None)
    return "" if last is None else f"The films here came out until {last}."


def given(model: Recommender, shelf: Shelf) -> Markup:
    """What was rated, the newest first."""
    ratings = shelf.ratings
    if not ratings:
        return cards.note("None yet." if shelf.name else "None yet. They are kept in this browser only.")
    more = len(ratings) - N_RATED
    ending = cards.note(f"And {more:,} more, under Yours.") if more > 0 else NOTHING
    return controls.rated_rows(ratings, model.scale, N_RATED) + ending


def refilled(model: Recommender, shelf: Shelf, over: list[str], now: list[str], spaces: LatentSpaces) -> list[str]:
    """The suggested films that are still to be rated, and others in place of the rest, none of those passed over."""
    ratings, known = shelf.ratings, model.titles.item_of
    aside = {*over, *shelf.marks}
    left = [film for film in now if film in known and film not in ratings and film not in aside]
    if len(left) >= N_SUGGESTED:
        return left
    unwanted = [film for film in (*aside, *left) if film in known]
    vectors = tastes_if_there(spaces, model)
    return [*left, *answers.films_to_rate(model, ratings, unwanted, N_SUGGESTED - len(left), vectors)]
