"""What the films of a page are called, kept in the store, so that what people rate outlasts the data set."""

from typing import TYPE_CHECKING

from recsys.films.catalog import articles_first
from recsys.recommend.film_keys import keys_of
from recsys.recommend.recommender import Recommender

if TYPE_CHECKING:
    from recsys.store import FilmName, Store


class FilmNames:
    """Keeps the names of a data set's films when the first member is served with them; once in a process."""

    def __init__(self) -> None:
        self._noted: set[tuple[str, str]] = set()

    def note(self, model: Recommender, store: "Store") -> None:
        """Keep what the films of a model are called, unless that is done, or only their numbers are known."""
        films = keys_of(model).label, model.catalog.sha256
        if films not in self._noted and model.films_from is not None:
            store.films.note(keys_of(model).label, named(model))
            self._noted.add(films)


def named(model: Recommender) -> "dict[int, FilmName]":
    """What the films of a model are called, by the store's numbers."""
    from recsys.store import FilmName

    catalog, keys = model.catalog, keys_of(model)
    columns = (catalog.item_ids.tolist(), catalog.titles, catalog.year, catalog.imdb, catalog.tmdb)
    names: dict[int, FilmName] = {}
    for item_id, title, year, imdb, tmdb in zip(*columns, strict=True):
        film = FilmName(articles_first(title), year, imdb, tmdb, float(model.scale.highest))
        of_same_number = names.setdefault(keys.key_of(item_id), film)
        if film != of_same_number:  # two films of one title, of which no id may be told for the other
            names[keys.key_of(item_id)] = film._replace(imdb=None, tmdb=None)
    return names
