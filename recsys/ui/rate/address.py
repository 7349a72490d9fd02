"""The tab's address: which films its list has, in which order, and how adventurous it is."""

from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.ui.gradio_helpers import Updates
from recsys.ui.places import Place, Said
from recsys.ui.rate.lists import Lists


def rate_place(lists: Lists) -> Place:
    """The place where the list is."""
    controls = lists.controls

    def restore(recommender: Recommender, shelf: Shelf, said: Said) -> Updates:
        wanted, shown = controls.restored(said)
        return shown | lists.for_you(recommender, shelf, wanted)

    settings = controls.filters.settings | controls.settings
    return Place("rate", settings, (*controls.inputs, *lists.of_films), restore)
