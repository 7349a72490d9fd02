"""By which data set and number the store keeps what people say of a film: the same for that film, never for another.

A published data set has its own name and numbers. A folder of one's own may be called like another and number other
films, or these anew, so there a film is known by its title and year, whatever else the folder holds by then.
"""

import hashlib
from collections.abc import Mapping
from typing import TypeVar
from weakref import WeakKeyDictionary

from recsys.data.sources.identity import is_published
from recsys.recommend.recommender import Recommender

T = TypeVar("T")

NAMELESS = "films"  # a data set without a name
LONGEST = 100  # characters of a data set's name
DIGITS = 12  # of a digest
KEY_BITS = 52  # what JSON holds exactly in any language; the highest bit is set, so that no key is a small number

_kept: "WeakKeyDictionary[Recommender, FilmKeys]" = WeakKeyDictionary()


class FilmKeys:
    """Numbers of a model's films in the store.

    Attributes:
        label: what the store calls the data set.
    """

    def __init__(self, model: Recommender):
        facts, ids = model.artifact.facts, model.catalog.item_ids.tolist()
        name = str(facts.get("dataset") or NAMELESS)
        self._by_title = not is_published(name, facts.get("dataset_sha256"), model.catalog)
        self.label = name
        if self._by_title and model.films_from is None:  # numbers are all that is known
            self._by_title = False
            self.label = f"{printable(name)}, films of {unlike_others(model)}"
        elif self._by_title:
            self.label = label_by_title(name)
        keys = map(key_of_title, model.display_titles) if self._by_title else ids
        self._key_of = dict(zip(ids, keys, strict=True))
        self._id_of = {key: item_id for item_id, key in self._key_of.items()}

    def key_of(self, item_id: int) -> int:
        """The store's number of a film of the model, by the data's."""
        return self._key_of[item_id]

    def item_id_of(self, key: int) -> int | None:
        """The data's number of a film, by the store's; None if the model does not know it."""
        return self._id_of.get(key)

    def stored(self, values: Mapping[int, T]) -> dict[int, T]:
        """Values by the store's numbers instead of the data's."""
        return {self._key_of[item_id]: value for item_id, value in values.items()}

    def known(self, values: Mapping[int, T]) -> dict[int, T]:
        """Values by the data's numbers instead of the store's; those of unknown films are left out."""
        return {self._id_of[key]: value for key, value in values.items() if key in self._id_of}


def keys_of(model: Recommender) -> FilmKeys:
    """The keys of a model's films, which are worked out once."""
    if model not in _kept:
        _kept[model] = FilmKeys(model)
    return _kept[model]


def label_by_title(name: str) -> str:
    """What the store calls a data set of one's own; no published set is called so.

    >>> label_by_title("ml-100k")
    'ml-100k, by title'
    """
    return f"{printable(name)}, by title"


def key_of_title(title: str) -> int:
    """A film's number by its title with the year.

    >>> key_of_title("Fargo (1996)").bit_length()
    52
    """
    digest = hashlib.sha256(title.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") >> (65 - KEY_BITS) | 1 << (KEY_BITS - 1)


def unlike_others(model: Recommender) -> str:
    """A digest that models of the same films share, where their titles are not known."""
    facts = model.artifact.facts
    return str(facts.get("films_sha256") or facts.get("dataset_sha256") or model.artifact.fingerprint())[:DIGITS]


def printable(name: str) -> str:
    """The beginning of a name, without what no label may hold."""
    return "".join(sign if sign.isprintable() else "?" for sign in name[:LONGEST])
