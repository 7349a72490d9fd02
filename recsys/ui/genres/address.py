"""The tab's address: which genres are ticked, and what else is wished."""

from dataclasses import dataclass, replace

import gradio as gr

from recsys.recommend import answers
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.ui.genres.tab import ALL, ANY, ASK, ONE, GenreHandlers, GenreMenus, Wanted
from recsys.ui.gradio_helpers import TabContent, Updates
from recsys.ui.markup import NOTHING
from recsys.ui.places import Place, Said, Setting


def genre_content(menus: GenreMenus, handlers: GenreHandlers) -> TabContent:
    """What the tab shows once there is a model, and its address."""
    return replace(menus.content, places=(GenreAddress(menus, handlers).place,))


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
        menus = self.menus
        settings = {
            "genres": Setting(menus.genres),
            "period": Setting(menus.period, ANY),
            "all": Setting(menus.which, ONE),
            "loved": Setting(menus.loved),
            **menus.controls.settings,
        }
        outputs = (*menus.inputs, menus.wishes, *self.handlers.outputs)
        return Place("genres", settings, outputs, self.restore)

    def restore(self, recommender: Recommender, shelf: Shelf, said: Said) -> Updates:
        """The menus as an address says, and the films."""
        menus = self.menus
        genres = said.some_of("genres", list(recommender.catalog.genre_names), "genre")
        period = said.one_of("period", [ANY, *answers.periods(recommender)], ANY, "period")
        loved = said.films("loved", answers.MOST_LOVED)
        which = ALL if said.text("all") == "1" else ONE
        reading, shown = menus.controls.restored(said)
        shown |= {menus.genres: genres, menus.period: period, menus.loved: loved, menus.which: which}
        shown[menus.wishes] = gr.Accordion(open=True) if loved or period != ANY else gr.skip()
        if not genres:
            return shown | {
                self.handlers.about: NOTHING,
                self.handlers.films: ASK,
                **menus.controls.more_for(reading, 0),
            }
        wanted = Wanted(genres, loved, None if period == ANY else period, which == ALL, reading)
        return shown | self.handlers.shown(recommender, shelf, wanted)
