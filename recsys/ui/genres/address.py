"""The tab's address: which genres are ticked, and what else is wished."""

from dataclasses import dataclass, replace

import gradio as gr

from recsys.recommend import answers
from recsys.recommend.lists.filters import ANY_FILM
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.ui.genres.tab import GenreHandlers, GenreMenus
from recsys.ui.gradio_helpers import Renewal, TabContent, Updates
from recsys.ui.places import Place, Said, Setting


def genre_content(menus: GenreMenus, handlers: GenreHandlers) -> TabContent:
    """What the tab shows once there is a model, and its address."""
    renewal = Renewal(tuple(menus.inputs), tuple(handlers.outputs), handlers.anew)
    return replace(menus.content, places=(GenreAddress(menus, handlers).place,), renewals=(renewal,))


@dataclass(frozen=True, eq=False)
class GenreAddress:
    """What makes the tab of its address.

    Attributes:
        menus: the components by which a visitor says what is wanted.
        handlers: show the films.
    """

    menus: GenreMenus
    handlers: GenreHandlers

    @property
    def place(self) -> Place:
        """The tab as a place."""
        menus, controls = self.menus, self.menus.controls
        settings = {**controls.filters.settings, "loved": Setting(menus.loved), **controls.settings}
        return Place("genres", settings, (*menus.inputs, *self.handlers.outputs), self.restore)

    def restore(self, recommender: Recommender, shelf: Shelf, said: Said) -> Updates:
        """The menus as an address says, and the films."""
        loved = said.films("loved", answers.MOST_LOVED)
        wanted, shown = self.menus.controls.restored(said)
        shown |= {self.menus.loved: loved}
        if wanted.filters.genres:
            films = self.handlers.shown(recommender, shelf, loved, wanted)
        else:
            films = self.handlers.nothing(wanted)
        folded = self.menus.controls.filters.folded
        if loved or replace(wanted.filters, genres=(), all_of_them=False) != ANY_FILM:
            films[folded] = gr.update(label=films[folded]["label"], open=True)
        return shown | films
