"""Rate films with sliders, and get films that fit. The ratings stay in the visitor's browser."""

from typing import Any

import gradio as gr

from recsys.data.errors import DataError
from recsys.recommender import Recommender
from recsys.ui import advice, cards
from recsys.ui.adventure_slider import adventure_slider, share_of
from recsys.ui.engine import Engine
from recsys.ui.handlers import HIDDEN, Offer, Updates, in_one_sentence
from recsys.ui.spaces import RAW, Spaces, tastes_if_there

N_SUGGESTED = 3  # films to rate that are shown at a time
ASK = cards.note("They appear here as soon as you have rated a film.")

Ratings = dict[str, float]  # display title -> stars


def rate_tab(engine: Engine, ratings: gr.BrowserState, spaces: Spaces) -> Offer:
    """Search a film or take a suggested one, give it stars, change or remove what was given; films that fit."""
    edits = gr.State(0)  # films added and removed: the sliders are drawn anew then, not while one is dragged
    passed = gr.State([])  # titles that were suggested and passed over
    suggested = gr.State([])  # titles that are suggested now
    with gr.Row(elem_id="rate-layout"):
        with gr.Column(min_width=280, elem_id="rate-ask"):
            title = gr.Dropdown([], label="Film", info="Type a part of the title.", elem_id="film")
            stars = gr.Slider(label="Stars", buttons=[], elem_id="stars")
            add = gr.Button("Rate this film", variant="primary", elem_id="add")
            gr.Markdown("### Have you seen these?")
            gr.render(inputs=[suggested], triggers=[suggested.change], show_progress="hidden")(
                lambda titles: suggestion_rows(engine, titles, ratings, edits)
            )
            others = gr.Button("Show me others", size="sm", elem_id="others")
        with gr.Column(min_width=280, elem_id="rate-films"):
            gr.Markdown("### Films for you")
            adventure = adventure_slider("rate-adventure")
            about = gr.HTML(elem_id="rate-far")
            films = gr.HTML(ASK, elem_id="for-you")
        with gr.Column(min_width=280, elem_id="rate-given"):
            gr.Markdown("### Your ratings")
            gr.render(inputs=[ratings], triggers=[edits.change], show_progress="hidden")(
                lambda given: rated_rows(engine, given, ratings, edits)
            )

    def rate(chosen: str | None, value: float, given: Ratings, n_edits: int) -> tuple[Any, ...]:
        with in_one_sentence():
            if chosen is None:
                raise DataError("Choose a film first.")
            film, checked = advice.checked_rating(engine.ready(), chosen, value)
        return {film: checked} | without(film, given), n_edits + 1, None

    def suggest(given: Any, steps: Any) -> tuple[str, str]:
        if engine.recommender is None:  # the browser brings what it has kept before there is a model
            return "", ASK
        with in_one_sentence():
            model, far = engine.ready(), share_of(steps)
            known = advice.known_ratings(model, given)
            if not known:
                return "", ASK
            about_it = advice.about_adventure(model, far)
            found = advice.recommend(model, known, adventure=far)
            return cards.note(about_it) if about_it else "", cards.film_list(found, model.scale.levels)

    def refill(given: Ratings, over: list[str], now: list[str]) -> list[str]:
        if engine.recommender is None:
            return []
        with in_one_sentence():
            model = engine.ready()
            known = advice.known_ratings(model, given)
            left = [film for film in now if film not in known]
            vectors = tastes_if_there(spaces, model)
            new = advice.films_to_rate(model, known, [*over, *left], N_SUGGESTED - len(left), vectors)
            return [*left, *new]

    def pass_over(given: Ratings, over: list[str], now: list[str]) -> tuple[list[str], list[str]]:
        all_over = [*over, *now]
        return all_over, refill(given, all_over, [])

    add.click(rate, [title, stars, ratings, edits], [ratings, edits, title], **HIDDEN)
    triggers = [ratings.change, edits.change, adventure.input]
    gr.on(triggers, suggest, [ratings, adventure], [about, films], trigger_mode="always_last", **RAW)
    edits.change(refill, [ratings, passed, suggested], suggested, trigger_mode="always_last", **HIDDEN)
    others.click(pass_over, [ratings, passed, suggested], [passed, suggested], **HIDDEN)

    def offer(model: Recommender) -> Updates:
        scale = model.scale
        return {
            title: gr.Dropdown(choices=list(model.titles.item_of)),
            stars: gr.Slider(scale.lowest, scale.highest, step=scale.step, value=scale.highest - 1),
            edits: 1,  # draws what the browser has kept
        }

    return Offer((title, stars, edits), offer)


def suggestion_rows(engine: Engine, titles: list[str], ratings: gr.BrowserState, edits: gr.State) -> None:
    """A slider for every film that is suggested: 0 for one that was not seen; it counts when it is let go."""
    if engine.recommender is None:
        return
    scale = engine.recommender.scale

    for title in titles:
        slider = gr.Slider(
            0,
            scale.highest,
            0,
            step=scale.step,
            label=title,
            info="0: not seen",
            buttons=[],
            interactive=True,
            elem_classes="suggested",
        )

        def rate(stars: float, given: Ratings, n_edits: int, film: str = title) -> tuple[Ratings, int]:
            if not stars:
                return given, n_edits
            with in_one_sentence():
                film, checked = advice.checked_rating(engine.ready(), film, stars)
            return {film: checked} | without(film, given), n_edits + 1

        slider.release(rate, [slider, ratings, edits], [ratings, edits], **HIDDEN)


def rated_rows(engine: Engine, given: Ratings, ratings: gr.BrowserState, edits: gr.State) -> None:
    """What was rated, the newest first."""
    if engine.recommender is None:
        return
    known = advice.known_ratings(engine.recommender, given)
    if not known:
        gr.HTML(cards.note("None yet. They are kept in this browser only."))
    for title, stars in known.items():
        rated_row(engine, title, stars, ratings, edits)


def rated_row(engine: Engine, title: str, value: float, ratings: gr.BrowserState, edits: gr.State) -> None:
    """A slider that changes one rating, and a button that removes it."""
    scale = engine.ready().scale

    def change(stars: float, given: Ratings) -> Ratings:
        with in_one_sentence():
            film, checked = advice.checked_rating(engine.ready(), title, stars)
        return given | {film: checked} if film in given else given

    def remove(given: Ratings, n_edits: int) -> tuple[Ratings, int]:
        return without(title, given), n_edits + 1

    with gr.Row(elem_classes="rating"):
        slider = gr.Slider(
            scale.lowest, scale.highest, value, step=scale.step, label=title, buttons=[], interactive=True
        )
        button = gr.Button("Remove", size="sm")
    slider.input(change, [slider, ratings], ratings, trigger_mode="always_last", **HIDDEN)
    button.click(remove, [ratings, edits], [ratings, edits], **HIDDEN)


def without(title: str, given: Ratings) -> Ratings:
    """The ratings of the other films."""
    return {other: stars for other, stars in given.items() if other != title}
