"""Films to watch later, the best bet first, and one of them for tonight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from recsys.recommend.answers import Suggestion, suggestions
from recsys.recommend.orders import best_first
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.ui.markup import NOTHING
from recsys.ui.shared import cards
from recsys.ui.shared.latent_spaces import LatentSpaces, hues_of

MOST_SHOWN = 100
NONE_LATER = cards.note("None yet: “Watch later”, below a film, puts it here.")
ORDER = cards.note("The best bet comes first.")


@dataclass(frozen=True)
class WatchLater:
    """What somebody keeps to watch later.

    Attributes:
        films: the best bet first.
        whose: what follows the stars.
        hues: title -> degrees.
    """

    films: list[Suggestion]
    whose: str
    hues: Mapping[str, int]

    def shown(self, recommender: Recommender) -> Markup:
        """As a list."""
        if not self.films:
            return NONE_LATER
        more = len(self.films) - MOST_SHOWN
        ending = cards.note(f"And {more:,} more.") if more > 0 else NOTHING
        order = ORDER if len(self.films) > 1 else NOTHING
        return order + self._list(recommender, self.films[:MOST_SHOWN]) + ending

    def one(self, recommender: Recommender, last: object, rng: np.random.Generator) -> tuple[str, Markup]:
        """Title and card of one of the better half, drawn by chance, another than the last where there are two.

        Args:
            recommender: knows the films.
            last: title of the one that was drawn before; anything else than one is none.
            rng: draws.
        """
        better = self.films[: (len(self.films) + 1) // 2 if len(self.films) > 2 else 2]
        others = [film for film in better if film.title != last] or better
        if not others:
            return "", NONE_LATER
        film = others[int(rng.integers(len(others)))]
        return film.title, tonight(self._list(recommender, [film]))

    def _list(self, recommender: Recommender, films: Sequence[Suggestion]) -> Markup:
        marks = {film.title: "later" for film in films}
        return cards.film_list(films, recommender.scale, self.whose, marks=marks, hues=self.hues)


def watch_later(recommender: Recommender, shelf: Shelf, spaces: LatentSpaces) -> WatchLater:
    """What somebody keeps to watch later and has not rated.

    As they have chosen these films themselves, the most expected stars come first, and not what they might choose; a
    model without stars has its own order.

    Raises:
        DataError: the model fails.
    """
    ratings = shelf.ratings
    titles = [film for film, mark in shelf.marks.items() if mark == "later" and film not in ratings]
    if not titles:
        return WatchLater([], "", {})
    history, items = recommender.history(ratings), np.array(recommender.titles.find_all(titles), dtype=np.int64)
    found = suggestions(recommender, items, recommender.foreseen(history))
    if any(film.predicted_stars is None for film in found):
        in_order = [found[at] for at in best_first(recommender, history, items)]
    else:
        in_order = sorted(found, key=lambda film: -(film.predicted_stars or 0))
    return WatchLater(in_order, "for you" if ratings else "expected", hues_of(spaces, recommender, titles))


def tonight(film: Markup) -> Markup:
    """A list of one film, shown large."""
    return Markup('<div class="tonight">{}</div>').format(film)
