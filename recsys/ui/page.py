"""The page and its two API endpoints: wiring between what a visitor touches and recsys.ui.advice."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from html import escape
from typing import Any

import gradio as gr

from recsys.data.errors import DataError
from recsys.ui import advice, cards
from recsys.ui.library import Library
from recsys.ui.preparation import Preparation

HIDDEN: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
POLL_SECONDS = 0.5


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """Tell a visitor or a caller about their mistake without a traceback."""
    try:
        yield
    except DataError as mistake:
        raise gr.Error(escape(str(mistake), quote=False), print_exception=False) from None


def ready(preparation: Preparation) -> Library:
    """The library; DataError while there is none."""
    if preparation.library is None:
        raise DataError(preparation.problem or f"Not ready yet ({preparation.stage}): try again in a few seconds.")
    return preparation.library


def build_page(preparation: Preparation) -> gr.Blocks:
    """The whole page; it answers from the first moment and shows its tabs once there is a library."""
    with gr.Blocks(title="Films for you") as page:
        gr.Markdown("# Films for you\nRate a few films, or name the genres you like, and get ten films that fit.")
        status = gr.HTML(elem_id="status")
        again = gr.Button("Try again", visible=False, elem_id="again")
        with gr.Column(visible=False) as body, gr.Tabs():
            with gr.Tab("Rate films", elem_id="rate-tab"):
                title, stars = rating_tab(preparation)
            with gr.Tab("Pick genres", elem_id="genre-tab"):
                genres = genre_tab(preparation)
        timer = gr.Timer(POLL_SECONDS)

        def show() -> dict[Any, Any]:
            return standing(preparation, status, again, body, timer) | choices(preparation, title, stars, genres)

        outputs = [status, again, body, timer, title, stars, genres]
        gr.on([page.load, timer.tick], show, outputs=outputs, **HIDDEN)
        again.click(preparation.start, **HIDDEN).then(show, outputs=outputs, **HIDDEN)
        add_endpoints(preparation)
    return page.queue(default_concurrency_limit=4, max_size=64)


def standing(
    preparation: Preparation, status: gr.HTML, again: gr.Button, body: gr.Column, timer: gr.Timer
) -> dict[Any, Any]:
    """Updates that tell where the preparation stands."""
    library, problem = preparation.library, preparation.problem
    if library is not None:
        text = cards.note(f"{len(library.item_of):,} films of {library.name}. Nothing you enter is stored.")
    else:
        text = cards.problem(problem) if problem else cards.waiting(preparation.stage, preparation.done)
    return {
        status: text,
        again: gr.Button(visible=library is None and problem is not None),
        body: gr.Column(visible=library is not None),
        timer: gr.Timer(active=library is None and problem is None),
    }


def choices(preparation: Preparation, title: gr.Dropdown, stars: gr.Slider, genres: gr.CheckboxGroup) -> dict[Any, Any]:
    """Updates that offer the library's films, scale and genres."""
    library = preparation.library
    if library is None:
        return {}
    scale = library.scale
    return {
        title: gr.Dropdown(choices=list(library.item_of)),
        stars: gr.Slider(scale.lowest, scale.highest, step=scale.step, value=scale.highest - 1),
        genres: gr.CheckboxGroup(choices=list(library.catalog.genre_names)),
    }


def rating_tab(preparation: Preparation) -> tuple[gr.Dropdown, gr.Slider]:
    """Search a film, give it stars, change or remove what was given; ten films that fit."""
    ask = cards.note("They appear here as soon as you have rated a film.")
    ratings = gr.State({})  # display title -> stars
    edits = gr.State(0)  # films added and removed: the sliders are drawn anew then, not while one is dragged
    with gr.Row():
        with gr.Column(min_width=300):
            title = gr.Dropdown([], label="Film", info="Type a part of the title.", elem_id="film")
            stars = gr.Slider(label="Stars", buttons=[], elem_id="stars")
            add = gr.Button("Rate this film", variant="primary", elem_id="add")
            gr.Markdown("### Your ratings")

            @gr.render(inputs=[ratings], triggers=[edits.change], show_progress="hidden")
            def sliders(given: dict[str, float]) -> None:
                for rated, value in given.items():
                    rating_row(preparation, rated, value, ratings, edits)

        with gr.Column(min_width=300):
            gr.Markdown("### Ten films for you")
            films = gr.HTML(ask, elem_id="for-you")

    def rate(chosen: str | None, value: float, given: dict[str, float], n_edits: int) -> tuple[Any, ...]:
        with in_one_sentence():
            if chosen is None:
                raise DataError("Choose a film first.")
            advice.check_ratings(ready(preparation), {chosen: value})
        return {chosen: value} | {other: given[other] for other in given if other != chosen}, n_edits + 1, None

    def suggest(given: dict[str, float]) -> str:
        with in_one_sentence():
            return cards.film_list(advice.recommend(ready(preparation), given), given) if given else ask

    add.click(rate, [title, stars, ratings, edits], [ratings, edits, title], **HIDDEN)
    ratings.change(suggest, ratings, films, trigger_mode="always_last", **HIDDEN)
    return title, stars


def rating_row(preparation: Preparation, title: str, value: float, ratings: gr.State, edits: gr.State) -> None:
    """A slider that changes one rating, and a button that removes it."""
    scale = ready(preparation).scale

    def change(stars: float, given: dict[str, float]) -> dict[str, float]:
        with in_one_sentence():
            advice.check_ratings(ready(preparation), {title: stars})
        return given | {title: stars} if title in given else given

    def remove(given: dict[str, float], n_edits: int) -> tuple[dict[str, float], int]:
        return {other: given[other] for other in given if other != title}, n_edits + 1

    with gr.Row(elem_classes="rating"):
        slider = gr.Slider(
            scale.lowest, scale.highest, value, step=scale.step, label=title, buttons=[], interactive=True
        )
        button = gr.Button("Remove", size="sm")
    slider.input(change, [slider, ratings], ratings, trigger_mode="always_last", **HIDDEN)
    button.click(remove, [ratings, edits], [ratings, edits], **HIDDEN)


def genre_tab(preparation: Preparation) -> gr.CheckboxGroup:
    """Tick genres; ten films of them."""
    ask = cards.note("Tick a genre to see films.")
    gr.Markdown(
        "These films are chosen **by genre only**: the ones most people like, the same for everybody. "
        "Rate films to get your own list."
    )
    genres = gr.CheckboxGroup([], label="Genres", elem_id="genres")
    films = gr.HTML(ask, elem_id="of-genres")

    def suggest(chosen: list[str]) -> str:
        with in_one_sentence():
            return cards.film_list(advice.in_genres(ready(preparation), chosen), {}) if chosen else ask

    genres.input(suggest, genres, films, trigger_mode="always_last", **HIDDEN)
    return genres


def add_endpoints(preparation: Preparation) -> None:
    """The API: /recommend and /genres, each with the types of its Python function."""

    def recommend(ratings: dict[str, float]) -> list[dict[str, Any]]:
        """Ten films that fit some ratings, best first.

        Args:
            ratings: title with its year -> stars, such as {"Fargo (1996)": 5}.
        """
        with in_one_sentence():
            return [asdict(film) for film in advice.recommend(ready(preparation), ratings)]

    def genres(genres: list[str]) -> list[dict[str, Any]]:
        """Ten films of some genres that many people like, such as ["Comedy", "War"]."""
        with in_one_sentence():
            return [asdict(film) for film in advice.in_genres(ready(preparation), genres)]

    gr.api(recommend, api_name="recommend")
    gr.api(genres, api_name="genres")


def serve(preparation: Preparation) -> None:
    """Serve the page until interrupted, and prepare once it answers; Gradio's environment variables say where."""
    theme = gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["monospace"])  # none from elsewhere
    theme.set(block_info_text_color="*neutral_500", body_text_color_subdued="*neutral_500")  # legible on white
    page = build_page(preparation)
    page.launch(
        prevent_thread_lock=True,
        theme=theme,
        css=cards.CSS,
        footer_links=[],
        ssr_mode=False,
        run_history=False,
        enable_monitoring=False,
    )
    preparation.start()
    page.block_thread()
