"""What else a model has to show: films near a film, a way between two, a map of all, people who never were."""

import secrets
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.artifacts.runs import RUNS
from recsys.errors import DataError
from recsys.recommend import answers, exploring
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf, Shelves
from recsys.serve.engine import Engine
from recsys.serve.sentences import without_folders
from recsys.ui.explore import cards as explore_cards
from recsys.ui.explore.compare import compare_part
from recsys.ui.explore.film_map import map_part
from recsys.ui.gradio_helpers import UNCHECKED, TabContent, Updates, in_one_sentence
from recsys.ui.shared import cards
from recsys.ui.shared.latent_spaces import POLL_SECONDS, LatentSpaces, shown_of

CHOOSE = cards.note("Choose a film.")
CHOOSE_TWO = cards.note("Choose two films.")
HINT = "Type a part of the title."


def explore_tab(
    engine: Engine,
    shelves: Shelves,
    kept: gr.BrowserState,
    spaces: LatentSpaces,
    outer: gr.Tab,
    dataset: str | None = None,
    runs: Path = RUNS,
) -> TabContent:
    """All there is to explore, a tab for each in an outer one; dataset and runs are those of OtherModels."""
    with gr.Tabs(overflow_behavior="wrap", elem_id="explore"):
        with gr.Tab("Near"):
            contents = [near_part(engine, shelves, kept)]
        with gr.Tab("Path") as tab:
            contents.append(path_part(engine, spaces, tab))
        with gr.Tab("Map") as tab:
            contents.append(map_part(engine, shelves, spaces, kept, tab, outer))
        with gr.Tab("Person") as tab:
            viewer_part(engine, tab)
        with gr.Tab("Models") as tab:
            contents.append(compare_part(engine, shelves, kept, tab, outer, dataset, runs))

    def updates(model: Recommender, shelf: Shelf) -> Updates:
        shown_of(spaces, model)  # begins what takes a while
        return {component: value for content in contents for component, value in content.updates(model, shelf).items()}

    return TabContent(tuple(component for content in contents for component in content.outputs), updates)


def near_part(engine: Engine, shelves: Shelves, kept: gr.BrowserState) -> TabContent:
    """Choose a film, and see those near it, but for those that the visitor is not interested in."""
    gr.Markdown("Films that those love who love the one you choose.")
    film = gr.Dropdown([], label="Film", info=HINT, elem_id="near-film")
    films = gr.HTML(CHOOSE, elem_id="near-films")

    def show(title: Any, held: Any, request: gr.Request) -> Markup:
        with in_one_sentence():
            model = engine.ready()
            return CHOOSE if title is None else near(model, title, shelves.of(model, held, request))

    def updates(model: Recommender, shelf: Shelf) -> Updates:
        title = exploring.two_unlike(model)[0]
        return {
            film: gr.Dropdown(choices=list(model.titles.item_of), value=title),
            films: near_or_why(model, title, shelf),
        }

    film.input(show, [film, kept], films, trigger_mode="always_last", **UNCHECKED)
    return TabContent((film, films), updates)


def near(model: Recommender, title: str, shelf: Shelf) -> Markup:
    """The films near a film."""
    marks = shelf.marks
    found = answers.near(model, title, [film for film, mark in marks.items() if mark == "hidden"])
    return cards.film_list(found, model.scale, given=shelf.ratings, marks=marks)


def near_or_why(model: Recommender, title: str, shelf: Shelf) -> Markup:
    """The films near a film, or why this model knows none."""
    try:
        return near(model, title, shelf)
    except DataError as reason:
        return cards.note(without_folders(str(reason)))


def path_part(engine: Engine, spaces: LatentSpaces, tab: gr.Tab) -> TabContent:
    """Choose two films, and see what lies between them."""
    gr.Markdown("Walk from one film to another, through films that lie between them in taste.")
    with gr.Row():
        start = gr.Dropdown([], label="From", info=HINT, min_width=200, elem_id="path-from")
        end = gr.Dropdown([], label="To", info=HINT, min_width=200, elem_id="path-to")
    films = gr.HTML(CHOOSE_TWO, elem_id="path")
    timer = gr.Timer(POLL_SECONDS, active=False)

    def show(first: Any, last: Any) -> tuple[Markup, gr.Timer]:
        with in_one_sentence():
            model = engine.ready()
            space, shown, again = shown_of(spaces, model)
            if space is not None and first is not None and last is not None:
                shown = explore_cards.way(exploring.between(model, space, first, last))
        return shown or CHOOSE_TWO, again

    def updates(model: Recommender, shelf: Shelf) -> Updates:
        titles, (first, last) = list(model.titles.item_of), exploring.two_unlike(model)
        return {start: gr.Dropdown(choices=titles, value=first), end: gr.Dropdown(choices=titles, value=last)}

    triggers = [start.input, end.input, tab.select, timer.tick]
    gr.on(triggers, show, [start, end], [films, timer], trigger_mode="always_last", **UNCHECKED)
    return TabContent((start, end), updates)


def viewer_part(engine: Engine, tab: gr.Tab) -> None:
    """Meet somebody who never was."""
    gr.Markdown("A person who never was: a taste drawn at random, the films it chooses, and the stars it gives.")
    with gr.Row(elem_id="meet"):
        seed = gr.Number(label="Person number", info="The same number is the same person.", elem_id="seed")
        another = gr.Button("Meet another person", variant="primary", elem_id="another")
    person = gr.HTML(elem_id="person")

    def show(number: Any) -> Markup:
        with in_one_sentence():
            model, wanted = engine.ready(), exploring.checked_seed(number)
            if not exploring.is_generative(model):
                return cards.note(f"The model that answers now, {model.artifact.name}, cannot imagine people.")
            return explore_cards.person(exploring.imaginary_viewer(model, wanted), model.scale.highest)

    def draw() -> tuple[int, Markup]:
        number = secrets.randbelow(exploring.SEEDS)
        return number, show(number)

    def arrive(shown: Any) -> tuple[Any, Any]:
        return (gr.skip(), gr.skip()) if shown else draw()

    another.click(draw, None, [seed, person], **UNCHECKED)
    gr.on([seed.submit, seed.blur], show, seed, person, **UNCHECKED)
    tab.select(arrive, person, [seed, person], **UNCHECKED)
