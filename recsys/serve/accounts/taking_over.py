"""Ratings that somebody gave in another data set, for films that are here too: offered, and taken over at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from recsys.errors import DataError
from recsys.films.title_names import split_alternates
from recsys.recommend.film_keys import keys_of
from recsys.recommend.recommender import Recommender

if TYPE_CHECKING:
    from recsys.rating_files.entries import Entry
    from recsys.store import Person, RatedFilm, Store

NO_OFFER = "There are no such ratings to take over: reload the page."


@dataclass(frozen=True)
class Offer:
    """Ratings of another data set that could be taken over.

    Attributes:
        other: what the store calls it.
        n_rated: films that are rated there.
        n_here: how many of them are here too.
        n_new: how many of these are not rated here.
    """

    other: str
    n_rated: int
    n_here: int
    n_new: int


@dataclass(frozen=True)
class Found:
    """Films of another data set that are here too, by the store's numbers here.

    Attributes:
        stars: on this data set's scale.
        when: they were given.
    """

    stars: dict[int, float]
    when: dict[int, datetime]


class OtherRatings:
    """What a person rated in other data sets than a model's."""

    def __init__(self, model: Recommender, store: "Store", person: "Person"):
        """Read nothing yet.

        Args:
            model: knows the films that are here.
            store: has the ratings.
            person: whose they are.
        """
        self._model, self._store, self._person = model, store, person
        self._dataset = keys_of(model).label

    def offer(self) -> Offer | None:
        """What may be taken over from where most is rated; None: more is rated here, or nothing there is new here."""
        rated = self._store.other_sets.rated(self._person, self._dataset)
        here = self._rated_here() if rated else set()
        for other, number in sorted(rated.items(), key=lambda pair: (-pair[1], pair[0])):
            if number > len(here):
                found = self._found(other)
                new = found.stars.keys() - here
                if new:
                    return Offer(other, number, len(found.stars), len(new))
        return None

    def take(self, other: str) -> int:
        """Rate films here as they are rated in another data set, but for those that are rated here.

        The first undo takes all of it back.

        Returns:
            How many films are rated so.

        Raises:
            DataError: nothing of it can be taken over.
        """
        found, here = self._found(self._rated_there(other)), self._rated_here()
        stars = {film: value for film, value in found.stars.items() if film not in here}
        if not stars:
            raise DataError(NO_OFFER)
        return self._store.ratings.set_ratings(self._person, self._dataset, stars, when=found.when)

    def decline(self, other: str) -> None:
        """Offer it no more; DataError if nothing is rated there."""
        self._store.other_sets.decline(self._person, self._dataset, self._rated_there(other))

    def _rated_there(self, other: str) -> str:
        """The name of a data set in which something is rated, and which was not declined; else DataError."""
        if other not in self._store.other_sets.rated(self._person, self._dataset):
            raise DataError(NO_OFFER)
        return other

    def _rated_here(self) -> set[int]:
        """The store's numbers of films that are rated here; of a film with several, that of the one that is offered."""
        keys, rated = keys_of(self._model), self._store.ratings.of(self._person, self._dataset)
        return {*rated, *(self._key(item_id) for item_id in keys.known(rated))}

    def _key(self, item_id: int) -> int:
        """The store's number of the film that is offered for an id of the data."""
        catalog, titles = self._model.catalog, self._model.titles
        return keys_of(self._model).key_of(int(catalog.item_ids[titles.find(item_id)]))

    def _found(self, other: str) -> Found:
        """The films of another data set that are here too; of several that are one film here, the latest rating."""
        from recsys.rating_files.films import FilmFinder
        from recsys.rating_files.reading import nearest

        finder, keys, scale = FilmFinder(self._model, self._dataset), keys_of(self._model), self._model.scale
        found = Found({}, {})
        for rated in self._store.other_sets.films(self._person, other):
            item_id = finder.find(entry_of(rated))
            if item_id is not None:
                key = keys.key_of(item_id)
                found.stars[key] = nearest(rated.stars * scale.highest / rated.film.highest, scale)
                found.when[key] = rated.at
        return found


def entry_of(rated: "RatedFilm") -> "Entry":
    """A rated film as a file would name it: with and without other titles in parentheses, and never without a year."""
    from recsys.rating_files.entries import Entry

    film = rated.film
    titles = tuple(dict.fromkeys((film.title, split_alternates(film.title)[0])))
    return Entry(place="", titles=titles, year=film.year, needs_year=True, imdb=film.imdb or "", tmdb=film.tmdb)
