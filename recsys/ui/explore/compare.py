"""Two models side by side: what each would list for the visitor, and which films both do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import gradio as gr
from markupsafe import Markup

from recsys.errors import DataError
from recsys.models import MODELS
from recsys.recommend import exploring
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.serve.other_models import SERVED, OtherModels
from recsys.serve.sentences import without_folders
from recsys.ui.explore import cards as explore_cards
from recsys.ui.gradio_helpers import LATEST, UNCHECKED, Renewal, TabContent, Updates, in_one_sentence
from recsys.ui.markup import NOTHING
from recsys.ui.places import Place, Said, Setting
from recsys.ui.shared import cards
from recsys.ui.shared.latent_spaces import POLL_SECONDS
from recsys.ui.shared.list_controls import known
from recsys.ui.shared.model_choice import chosen
from recsys.ui.shared.visits import Visits

AGAINST = "popularity"  # what is compared at first
USE = "Use this model for my lists"
PLAIN = {  # what models are, for people who do not know their names
    "popularity": "What most people like, for everybody the same",
    "dp-popularity": "What most people like, counted so that no single person shows",
    "content": "Genres and times: tastes for them, and who chooses them",
    "knowledge": "Genres and times that you like, known films first",
    "user-knn": "Neighbours: what people like you like",
    "item-knn": "Neighbours: films that are rated alike",
    "svd": "Factors: tastes in a few numbers",
    "als": "Factors: tastes in a few numbers, found in turns",
    "bmf": "Factors that know how unsure they are",
    "bmf-ordinal": "Factors that know how unsure they are, star by star",
    "ease": "Linear: films that go together",
    "ease-binary": "Linear: films that go together, liked or not",
    "ease-features": "Linear: films, genres and times that go together",
    "slim": "Linear: a few films for each",
    "boltzmann": "Boltzmann machine: every film tied to every other",
    "rbm": "Boltzmann machine: how likely each number of stars is",
    "rbm-2007": "Boltzmann machine: how likely each number of stars is, as in 2007",
    "rbm-gaussian": "Boltzmann machine: stars above what is usual",
    "rbm-choice": "Boltzmann machine: which films people choose",
    "dbn": "Boltzmann machines in a stack, one for stars and one for lists",
    "dbm": "Boltzmann machines of two layers that learn at once, one for stars and one for lists",
    "autorec": "Network: one layer, from a person's stars to all films'",
    "item-autorec": "Network: one layer, from a film's stars to all people's",
    "deep-autoencoder": "Network: several layers, from a person's stars to all films'",
    "transformer": "Network: attention over your films",
    "cascade-autoencoder": "Network: several layers, which genres and periods go before",
    "aligned-vae": "Networks of two kinds of films, with tastes that agree",
    "vae": "Network: the paper's",
    "conditioned-vae": "Network that can be asked for genres",
    "dp-vae": "Network that gives away little of each person it learned from",
    "embedding-vae": "Network: choices, films by genres and years",
    "twin-vae": "Network: two tastes, of films and of genres",
    "mult-vae": "Network: one taste for lists and stars",
    "mixed": "Two models that take turns in a list",
    "cascade": "One model sorts films roughly, another what is left alike",
    "weighted": "Two models added, with weights found by trial",
    "switching": "A model for each number of ratings that you gave",
    "hybrid-vae": "Network, linear model and factors together",
}
NOTHING_RATED = cards.note("You have rated nothing yet, so these are their lists for anybody.")


def compare_part(visits: Visits, tab: gr.Tab, outer: gr.Tab) -> TabContent:
    """Choose two models; one that is not there yet is made ready meanwhile. Shown when a tab opens."""
    gr.Markdown("What two models list for you, from the same ratings; films that are in both lists are marked.")
    with gr.Row():
        with gr.Column(min_width=220):
            left = gr.Dropdown([], label="One model", filterable=False, elem_id="model-left")
            use_left = gr.Button(USE, size="sm", elem_id="use-left")
        with gr.Column(min_width=220):
            right = gr.Dropdown([], label="Another", filterable=False, elem_id="model-right")
            use_right = gr.Button(USE, size="sm", elem_id="use-right")
    lists = gr.HTML(cards.waiting("Listing films", None), elem_id="versus")
    timer, opened = gr.Timer(POLL_SECONDS, active=False), gr.State(False)
    handlers = CompareHandlers(visits, visits.others, left, right, Shown(lists, timer, opened))
    asked, triggers = [left, right, visits.browser_state], [left.input, right.input, tab.select, timer.tick]
    gr.on(triggers, handlers.show, asked, [lists, timer, opened], **LATEST)
    outer.select(handlers.again, [opened, *asked], [lists, timer], **LATEST)
    for button, menu in ((use_left, left), (use_right, right)):
        button.click(handlers.use, menu, [visits.list_model, visits.chosen], **UNCHECKED)
    settings = {"one": Setting(left, SERVED), "another": Setting(right, AGAINST)}
    place = Place("explore/models", settings, (left, right, lists, timer, opened), handlers.restore)
    renewal = Renewal((opened, left, right), (lists, timer), handlers.anew)
    return TabContent((left, right), handlers.updates, (place,), (renewal,))


@dataclass(frozen=True, eq=False)
class Shown:
    """What an address draws.

    Attributes:
        lists: of both models.
        timer: asks again for them.
        opened: keeps whether they were shown.
    """

    lists: gr.HTML
    timer: gr.Timer
    opened: gr.State


@dataclass(frozen=True, eq=False)
class CompareHandlers:
    """The handlers of the part's events.

    Attributes:
        visits: find the model that answers, and who asks.
        others: find other models.
        left: the menu of one.
        right: the menu of another.
        shown: what an address draws.
    """

    visits: Visits
    others: OtherModels
    left: gr.Dropdown
    right: gr.Dropdown
    shown: Shown

    def show(self, first: Any, second: Any, stored: Any, request: gr.Request) -> tuple[Markup, gr.Timer, bool]:
        """Both lists, whether to ask again, and that they were shown."""
        with self.visits.answer(stored, request) as (served, shelf):
            names = [self.others.checked(name, served) for name in (first, second)]
            return self.lists_of(served, shelf, names)

    def lists_of(self, served: Recommender, shelf: Shelf, names: Sequence[str]) -> tuple[Markup, gr.Timer, bool]:
        """The same for somebody, of two models by their checked names."""
        one, two = (Column.of(self.others, name, served, shelf) for name in names)
        note = NOTHING if shelf.ratings else NOTHING_RATED
        return note + side_by_side(one, two), gr.Timer(active=one.waits or two.waits), True

    def use(self, name: Any) -> Updates:
        """Let a model make the lists under Rate and Genres, which are drawn anew."""
        with in_one_sentence():
            served = self.visits.engine.ready()
            checked = self.others.checked(name, served)
        gr.Info(f"Rate and Genres list by {checked or served.artifact.name} now, in this browser.")
        return chosen(self.visits.list_model, self.visits.chosen, checked)

    def again(self, was_opened: bool, first: Any, second: Any, stored: Any, request: gr.Request) -> Any:
        """The same when the outer tab opens, if they were shown before."""
        return self.show(first, second, stored, request)[:2] if was_opened else (gr.skip(), gr.skip())

    def anew(self, served: Recommender, shelf: Shelf, said: Sequence[Any]) -> Updates:
        """Both lists, if they were shown before; said is that, and both names."""
        was_opened, *names = said
        if not was_opened:
            return {}
        lists, timer, _ = self.lists_of(served, shelf, [self.others.checked(name, served) for name in names])
        return {self.shown.lists: lists, self.shown.timer: timer}

    def updates(self, recommender: Recommender, _: Shelf) -> Updates:
        """The models that there are, and which are chosen at first."""
        names = self.others.names(recommender)
        choices = [(in_words(name, recommender), name) for name in names]
        return {
            self.left: gr.Dropdown(choices=choices, value=SERVED),
            self.right: gr.Dropdown(choices=choices, value=against(names)),
        }

    def restore(self, recommender: Recommender, shelf: Shelf, said: Said) -> Updates:
        """The models that an address says, or those of the beginning, and their lists."""
        names = self.others.names(recommender)
        one, another = (
            said.one_of("one", names, SERVED, "model"),
            said.one_of("another", names, against(names), "model"),
        )
        lists, timer, opened = self.lists_of(recommender, shelf, [one, another])
        return {
            self.left: one,
            self.right: another,
            self.shown.lists: lists,
            self.shown.timer: timer,
            self.shown.opened: opened,
        }


def against(names: Sequence[str]) -> str:
    """Which of some models is compared with the page's at first."""
    return AGAINST if AGAINST in names else names[-1]


@dataclass(frozen=True)
class Column:
    """A model's list.

    Attributes:
        heading: which model.
        titles: best first; empty while it is not there.
        instead: what is shown then, as HTML.
        waits: whether it is being made ready.
    """

    heading: str
    titles: list[str]
    instead: Markup = NOTHING
    waits: bool = False

    @classmethod
    def of(cls, others: OtherModels, name: str, served: Recommender, shelf: Shelf) -> Self:
        """What a model lists for somebody, or that it cannot yet; the list is kept for those who have an account.

        Args:
            others: find the model.
            name: of the model, checked.
            served: the model that the page answers with.
            shelf: what the visitor has said about films.
        """
        heading = name or served.artifact.name
        try:
            recommender = others.ask(name, served)
        except DataError as reason:
            return cls(heading, [], cards.note(without_folders(str(reason))))
        if recommender is None:
            return cls(heading, [], cards.waiting("Being made ready", others.progress.get(name)), waits=True)
        given = shelf.ratings
        ratings = {title: given[title] for title in known(recommender, given)}
        marked = known(recommender, shelf.marks)
        found = shelf.alone(recommender, lambda model: exploring.listed(model, ratings, marked))
        stands_in = found.model is not None
        shelf.record(
            "side by side", found.model or recommender, {}, found.films, beside_others=True, stands_in=stands_in
        )
        return cls(heading, [film.title for film in found.films])


def side_by_side(left: Column, right: Column) -> Markup:
    """Both lists."""
    both = ((left, right), (right, left))
    return explore_cards.versus(
        explore_cards.list_of(one.heading, one.instead or explore_cards.places(one.titles, other.titles))
        for one, other in both
    )


def in_words(name: str, served: Recommender) -> str:
    """A model as the menu calls it."""
    model = served.artifact.name if name == SERVED else name
    of_page = ", this page" if name == SERVED else ""
    return f"{PLAIN.get(model) or MODELS[model].summary.capitalize()} ({model}{of_page})"
