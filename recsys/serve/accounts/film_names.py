"""What the films of a page are called, kept in the store, so that what people rate outlasts the data set."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from recsys.errors import DataError
from recsys.films.catalog import articles_first
from recsys.recommend.film_keys import keys_of
from recsys.recommend.recommender import Recommender

if TYPE_CHECKING:
    from recsys.store import FilmName, Store

StoredFilm = tuple[str, int]  # a film as the store knows it: its data set, and its number there


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


def titled(model: Recommender, values: Mapping[int, Any]) -> dict[str, Any]:
    """Values by display title instead of the store's numbers; the first of several of a film counts."""
    found: dict[str, Any] = {}
    for item_id, value in keys_of(model).known(values).items():
        with suppress(DataError):
            found.setdefault(model.display_titles[model.titles.find(item_id)], value)
    return found


def title_of(model: Recommender | None, dataset: str, key: int) -> str:
    """What a film is called that the store knows by a data set and a number; nothing if the model does not know it."""
    if model is not None and dataset == keys_of(model).label:
        item_id = keys_of(model).item_id_of(key)
        if item_id is not None:
            return model.display_titles[model.titles.find(item_id)]
    return ""


def titles_of(model: Recommender, store: "Store", films: Iterable[StoredFilm]) -> dict[StoredFilm, str]:
    """What films are called, as the model knows it, or else the store; those that neither knows are left out."""
    wanted = {film: title_of(model, *film) for film in films}
    elsewhere: dict[str, list[int]] = {}
    for (dataset, key), title in wanted.items():
        if not title:
            elsewhere.setdefault(dataset, []).append(key)
    named = {dataset: store.films.some_of(dataset, keys) for dataset, keys in elsewhere.items()}
    found = {(dataset, key): film.dated for dataset, films_there in named.items() for key, film in films_there.items()}
    return {film: title for film, title in wanted.items() if title} | found
