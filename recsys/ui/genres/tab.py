"""Tick genres, and get films of them that fit: also to what was rated, if anything was."""

from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.recommend import answers
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf, Shelves
from recsys.serve.engine import Engine
from recsys.ui.gradio_helpers import UNCHECKED, TabContent, Updates, in_one_sentence
from recsys.ui.markup import NOTHING, joined
from recsys.ui.shared import cards
from recsys.ui.shared.adventure_slider import adventure_slider, share_of

ASK = cards.note("Tick a genre to see films.")
ANY = "any time"


def genre_tab(engine: Engine, shelves: Shelves, kept: gr.BrowserState) -> TabContent:
    """A box for every genre, what else may be asked for, and films."""
    gr.Markdown("Films of the genres you tick. If you have rated films, these count too.")
    genres = gr.CheckboxGroup([], label="Genres", info="A film has at least one of those you tick.", elem_id="genres")
    with gr.Accordion("More wishes: films you love, a period, the adventurous", open=False, elem_id="wishes"), gr.Row():
        loved = gr.Dropdown(
            [],
            label="Films you love",
            info="If you like: films of the same taste come first.",
            multiselect=True,
            max_choices=answers.MOST_LOVED,
            min_width=240,
            elem_id="loved",
        )
        period = gr.Dropdown(
            [ANY], value=ANY, label="From", info="When they came out.", min_width=140, elem_id="period"
        )
        adventure = adventure_slider("genre-adventure")
    about = gr.HTML(elem_id="genre-far")
    films = gr.HTML(ASK, elem_id="of-genres")

    def suggest(
        chosen: Any, favourites: Any, when: Any, steps: Any, held: Any, request: gr.Request
    ) -> tuple[Markup, Markup]:
        if not chosen:
            return NOTHING, ASK
        with in_one_sentence():
            model, far = engine.ready(), share_of(steps)
            shelf = shelves.of(model, held, request)
            given = answers.with_loved(model, shelf.ratings, favourites)
            period = None if when == ANY else when
            found = answers.in_genres(model, chosen, given, period=period, adventure=far, exclude=[*shelf.marks])
            asked_for = {"genres": chosen, "loved": favourites or [], "period": period, "adventure": far}
            shelf.record("genres", model, asked_for, found)
            notes = [answers.about_few(model, chosen, period), answers.about_adventure(model, far)]
            shown = cards.film_list(found, model.scale, "for you" if given else "expected")
            return joined(map(cards.note, filter(None, notes))), shown

    asked = [genres, loved, period, adventure]
    triggers = [genres.input, loved.input, period.input, adventure.input]
    gr.on(triggers, suggest, [*asked, kept], [about, films], trigger_mode="always_last", **UNCHECKED)

    def content(model: Recommender, shelf: Shelf) -> Updates:
        return {
            genres: gr.CheckboxGroup(choices=list(model.catalog.genre_names)),
            loved: gr.Dropdown(choices=list(model.titles.item_of)),
            period: gr.Dropdown(choices=[ANY, *answers.periods(model)]),
        }

    return TabContent((genres, loved, period), content)
