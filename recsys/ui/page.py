"""The page: its tabs, what it says while there is no model yet, and how it is served."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import gradio as gr

from recsys.recommender import Recommender
from recsys.ui import cards, explore_cards
from recsys.ui.endpoints import add_endpoints
from recsys.ui.engine import Engine
from recsys.ui.explore_tab import explore_tab
from recsys.ui.genre_tab import genre_tab
from recsys.ui.handlers import HIDDEN, Offer, Updates, without_folders
from recsys.ui.kept import Kept
from recsys.ui.metrics_tab import metrics_tab
from recsys.ui.rate_tab import rate_tab
from recsys.ui.spaces import Spaces

POLL_SECONDS = 0.5
STORAGE_KEY = "movie-vae-ratings"  # under which a browser keeps them
SECRET = "not secret: these are a visitor's own"  # fixed, so that a browser's ratings outlast a restart of the server


def build_page(engine: Engine, dataset: str | None = None) -> gr.Blocks:
    """The whole page; it answers from the first moment and shows its tabs once there is a model.

    Args:
        dataset: where other models than the engine's may learn; None: the data set that its model names.
    """
    spaces: Spaces = Kept(WeakKeyDictionary())
    with gr.Blocks(title="Films for you") as page:
        gr.Markdown("# Films for you\nRate a few films, or name the genres you like, and get films worth watching.")
        status = gr.HTML(elem_id="status")
        again = gr.Button("Try again", visible=False, elem_id="again")
        ratings = gr.BrowserState({}, storage_key=STORAGE_KEY, secret=SECRET)
        with gr.Column(visible=False) as body, gr.Tabs(overflow_behavior="wrap"):
            with gr.Tab("Rate", elem_id="rate-tab"):
                offers = [rate_tab(engine, ratings, spaces)]
            with gr.Tab("Genres", elem_id="genre-tab"):
                offers.append(genre_tab(engine, ratings))
            with gr.Tab("Explore", elem_id="explore-tab"):
                offers.append(explore_tab(engine, ratings, spaces, dataset))
            with gr.Tab("Metrics", elem_id="metrics-tab"):
                offers.append(metrics_tab(engine, ratings))
        source = gr.HTML(elem_id="source")
        poll(engine, page, Standing(status, again, body, source), offers)
        add_endpoints(engine)
    return page.queue(default_concurrency_limit=4, max_size=64)


@dataclass(frozen=True, eq=False)
class Standing:
    """The components that tell where the engine stands: what it is doing, and at the foot where its model is from."""

    status: gr.HTML
    again: gr.Button
    body: gr.Column
    source: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """All of them."""
        return [self.status, self.again, self.body, self.source]

    def updates(self, engine: Engine) -> Updates:
        """What they show."""
        model, problem = engine.recommender, engine.problem
        return {
            self.status: self.text(engine),
            self.again: gr.Button(visible=model is None and problem is not None),
            self.body: gr.Column(visible=model is not None),
            self.source: "" if model is None else cards.note(about(model, engine.sentence)),
        }

    def text(self, engine: Engine) -> str:
        """What is being done, or why there is nothing."""
        if engine.recommender is None:
            return (
                cards.problem(without_folders(engine.problem))
                if engine.problem
                else cards.waiting(engine.stage, engine.done)
            )
        if engine.improving:
            hint = "You can begin: a quick model answers, and a better one takes its place as soon as it is trained."
            return cards.note(hint) + cards.waiting(engine.stage, engine.done)
        return cards.note(f"No better model: {without_folders(engine.problem)}") if engine.problem else ""


def about(model: Recommender, sentence: str) -> str:
    """What answers, and where it came from."""
    return f"{len(model.titles.item_of):,} films, answers by {model.artifact.name}. {without_folders(sentence)}"


def poll(engine: Engine, page: gr.Blocks, standing: Standing, offers: Sequence[Offer]) -> None:
    """Ask the engine now and then, until nothing better is to come; tabs are filled with the first model."""
    timer, filled = gr.Timer(POLL_SECONDS), gr.State(False)

    def show(is_filled: bool) -> Updates:
        model = engine.recommender
        updates = standing.updates(engine) | {
            timer: gr.Timer(active=(model is None and not engine.problem) or engine.improving)
        }
        if model is not None and not is_filled:
            for offer in offers:
                updates |= offer.updates(model)
            updates[filled] = True
        return updates

    outputs: list[Any] = [*standing.outputs, timer, filled]
    outputs += [component for offer in offers for component in offer.outputs]
    standing.again.click(engine.start, **HIDDEN).then(lambda: gr.Timer(active=True), outputs=timer, **HIDDEN)
    gr.on([page.load, timer.tick], show, inputs=filled, outputs=outputs, **HIDDEN)


def serve(engine: Engine, dataset: str | None = None) -> None:
    """Serve the page until interrupted, and look for a model once it answers; Gradio's environment says where."""
    theme = gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["monospace"])  # none from elsewhere
    theme.set(block_info_text_color="*neutral_500", body_text_color_subdued="*neutral_500")  # legible on white
    page = build_page(engine, dataset)
    page.launch(
        prevent_thread_lock=True,
        theme=theme,
        css=cards.CSS + explore_cards.CSS,
        footer_links=[],
        ssr_mode=False,
        run_history=False,
        enable_monitoring=False,
    )
    engine.start()
    page.block_thread()
