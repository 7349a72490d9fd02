"""Lists that were shown to a member: a page of them, or one reopened, as an event asks for it."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from recsys.errors import DataError
from recsys.recommend.answers import Suggestion, suggestions
from recsys.recommend.film_keys import keys_of
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.film_names import StoredFilm
from recsys.serve.accounts.shelf import MemberShelf, Shelf
from recsys.ui.markup import NOTHING, joined
from recsys.ui.my_films import history
from recsys.ui.shared import cards
from recsys.ui.shared.latent_spaces import LatentSpaces, hues_of

if TYPE_CHECKING:
    from recsys.store import OpenedList

N_LISTS = 20
NOT_SIGNED_IN = "Sign in first: lists are kept for those who have an account."
UNKNOWN = "You have no such list: open one of those that are shown."


def listed(recommender: Recommender, shelf: Shelf, spaces: LatentSpaces, asked: object) -> Markup:
    """Lists that were shown, or a page of their overview, as an event asks for it, which may say anything.

    Raises:
        DataError: nobody is signed in, or they were shown no such list.
    """
    if not isinstance(shelf, MemberShelf):
        raise DataError(NOT_SIGNED_IN)
    said = asked if isinstance(asked, dict) else {}
    if said.get("list") is None:
        return page_of_lists(shelf, said.get("before"))
    lists = joined(opened(recommender, shelf, spaces, found) for found in found_lists(shelf, said["list"]))
    return history.all_lists() + lists


def page_of_lists(shelf: MemberShelf, before: str | None = None) -> Markup:
    """The newest lists, or those before one of them."""
    lists = shelf.lists(before, N_LISTS)
    titles = shelf.titles({(shown.dataset, item) for shown in lists for item in shown.first})
    return history.overview(lists, titles, before is None, N_LISTS)


def found_lists(shelf: MemberShelf, asked: object) -> "list[OpenedList]":
    """Lists by their ids, with blanks in between; DataError if one is not theirs."""
    ids = asked.split()[: history.MOST_TOGETHER] if isinstance(asked, str) else []
    found = [each for list_id in ids if (each := shelf.open_list(list_id)) is not None]
    if not ids or len(found) < len(ids):
        raise DataError(UNKNOWN)
    return found


def opened(recommender: Recommender, shelf: MemberShelf, spaces: LatentSpaces, found: "OpenedList") -> Markup:
    """A list with what is known of its films now."""
    here, elsewhere = films_here(recommender, found)
    hues = hues_of(spaces, recommender, [film.title for film in here])
    films = cards.film_list(here, recommender.scale, "expected", shelf.ratings, shelf.marks, hues) if here else NOTHING
    rest = history.elsewhere(found, shelf.titles(elsewhere)) if elsewhere else NOTHING
    return history.opened(found, films + rest)


def films_here(recommender: Recommender, found: "OpenedList") -> tuple[list[Suggestion], list[StoredFilm]]:
    """The films of a list that the model knows, with the stars that were expected then; and the other films."""
    keys, dataset = keys_of(recommender), found.shown.dataset
    known, elsewhere = [], []
    for film in found.films:
        item_id = keys.item_id_of(film.item_id) if dataset == keys.label else None
        if item_id is None:
            elsewhere.append((dataset, film.item_id))
        else:
            known.append((recommender.titles.find(item_id), film.expected))
    items = np.array([item for item, _ in known], dtype=np.int64)
    films = suggestions(recommender, items)
    return [replace(film, predicted_stars=stars) for film, (_, stars) in zip(films, known, strict=True)], elsewhere
