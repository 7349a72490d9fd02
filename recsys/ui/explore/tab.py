"""What else a model has to show: films near a film, a way between two, a map of all, imaginary viewers."""

from dataclasses import replace

import gradio as gr

from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.ui.explore.compare import compare_part
from recsys.ui.explore.film_map import map_part
from recsys.ui.explore.near import near_part
from recsys.ui.explore.path import path_part
from recsys.ui.explore.viewers import viewer_part
from recsys.ui.gradio_helpers import TabContent, Updates
from recsys.ui.shared.latent_spaces import shown_of
from recsys.ui.shared.visits import Visits


def explore_tab(visits: Visits, outer: gr.Tab) -> TabContent:
    """All there is to explore, a tab for each in an outer one.

    Args:
        visits: find the model and who asks.
        outer: the tab that all of it is in.
    """
    with gr.Tabs(overflow_behavior="wrap", elem_id="explore"):
        with gr.Tab("Similar", elem_id="near-tab"):
            contents = [near_part(visits)]
        with gr.Tab("Path", elem_id="path-tab") as tab:
            contents.append(path_part(visits, tab))
        with gr.Tab("Map", elem_id="map-tab") as tab:
            contents.append(map_part(visits, tab, outer))
        with gr.Tab("Imaginary viewer", elem_id="viewer-tab") as tab:
            contents.append(viewer_part(visits.engine, tab))
        with gr.Tab("Compare models", elem_id="models-tab") as tab:
            contents.append(compare_part(visits, tab, outer))
    return begun(visits, TabContent.joined(contents))


def begun(visits: Visits, content: TabContent) -> TabContent:
    """The same, and what takes a while begins with it."""

    def updates(recommender: Recommender, shelf: Shelf) -> Updates:
        shown_of(visits.spaces, recommender)
        return content.updates(recommender, shelf)

    return replace(content, updates=updates)
