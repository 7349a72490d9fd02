"""Tick genres, and get films of them that fit: also to what was rated, if anything was."""

import gradio as gr

from recsys.recommender import Recommender
from recsys.ui import advice, cards
from recsys.ui.engine import Engine
from recsys.ui.handlers import HIDDEN, Offer, Updates, in_one_sentence

ASK = cards.note("Tick a genre to see films.")


def genre_tab(engine: Engine, ratings: gr.BrowserState) -> Offer:
    """A box for every genre, and films."""
    gr.Markdown("Films of the genres you tick. If you have rated films, these count too.")
    genres = gr.CheckboxGroup([], label="Genres", elem_id="genres")
    films = gr.HTML(ASK, elem_id="of-genres")

    def suggest(chosen: list[str], rated: dict[str, float]) -> str:
        if not chosen:
            return ASK
        with in_one_sentence():
            model = engine.ready()
            found = advice.in_genres(model, chosen, advice.known_ratings(model, rated))
            return cards.film_list(found, model.scale.levels)

    genres.input(suggest, [genres, ratings], films, trigger_mode="always_last", **HIDDEN)

    def offer(model: Recommender) -> Updates:
        return {genres: gr.CheckboxGroup(choices=list(model.catalog.genre_names))}

    return Offer((genres,), offer)
