"""Which film of the data a file means. A wrong film is worse than an unknown one, so nothing is guessed."""

import re
import unicodedata
from collections.abc import Iterable
from typing import TypeVar
from weakref import WeakKeyDictionary

from recsys.films.catalog import Film, split_year
from recsys.films.title_names import folded, key_of, readings_of
from recsys.films.titles import LONGEST
from recsys.rating_files.entries import Entry
from recsys.recommend.film_keys import keys_of
from recsys.recommend.recommender import Recommender

NO_TITLE = re.compile(r"[\W_]{20}")  # signs in a row; they would take long to read

YEAR = 4  # digits that may follow a title

Films = list[int]  # item_idx
Id = TypeVar("Id", str, int)
_ELSEWHERE: WeakKeyDictionary[Recommender, tuple[dict[str, int], dict[int, int]]] = WeakKeyDictionary()


class FilmFinder:
    """Films by ids and by titles with years, as they are written in files.

    Attributes:
        model: whose films they are.
        dataset: where they are from.
    """

    def __init__(self, model: Recommender, dataset: str):
        self.model, self.dataset = model, dataset
        self._ids = set(model.catalog.item_ids.tolist())
        self._years = model.catalog.year
        self._has_years = any(year is not None for year in self._years)
        self._at_imdb, self._at_tmdb = _elsewhere(model)
        names = (len(name) for called in model.titles.names.called[:-1] for name in called)
        self._longest = max(names, default=0) + YEAR  # letters before any parentheses

    def find(self, entry: Entry) -> int | None:
        """The data's id of the film that an entry is about, the one that is offered if it has several; None: unknown.

        The id counts, if it is of this data; or that at TMDB or IMDb, if the data knows it. Else the titles do, as
        TitleIndex.find takes them but for short parts of titles: with the year; or, if no film of that year is called
        so, and the title is whole, one that is off by a year. But not where the film has another id at TMDB or IMDb.
        """
        item_id = self._numbered(entry)
        if item_id is not None:
            return self._offered(self.model.titles.find(item_id))
        if not entry.no_film and (linked := self._linked(entry)) is not None:
            return self._offered(linked)
        if entry.no_film or (entry.needs_year and self._has_years and entry.year is None):
            return None
        items = (self._titled(title, entry.year if self._has_years else None) for title in entry.titles)
        item = next((item for item in items if item is not None), None)
        return None if item is None or self._is_other(item, entry) else self._offered(item)

    def ends_before(self, year: int | None) -> bool:
        """Whether the data's newest films came out before a year; not if either is not known."""
        last = self.model.catalog.last_year
        return year is not None and last is not None and last < year

    def _linked(self, entry: Entry) -> int | None:
        """The film of an id at TMDB or IMDb; None: the data does not know it, or several films have it."""
        at_tmdb = None if entry.tmdb is None else self._at_tmdb.get(entry.tmdb)
        return self._at_imdb.get(entry.imdb) if at_tmdb is None else at_tmdb

    def _is_other(self, item: int, entry: Entry) -> bool:
        """Whether a film is another than the one that ids of an entry say: it has ids there, and none is the same."""
        pairs = ((self.model.catalog.tmdb[item], entry.tmdb), (self.model.catalog.imdb[item], entry.imdb or None))
        same = [mine == its for mine, its in pairs if mine is not None and its is not None]
        return bool(same) and not any(same)

    def _numbered(self, entry: Entry) -> int | None:
        """The data's id that an entry names, if the film is of this data."""
        if entry.item_id is None or entry.dataset != self.dataset:
            return None
        keys = keys_of(self.model)
        item_id = keys.item_id_of(entry.item_id) if keys.label == self.dataset else entry.item_id
        return item_id if item_id in self._ids else None

    def _offered(self, item: int) -> int:
        return int(self.model.catalog.item_ids[item])

    def _titled(self, title: str, year: int | None) -> int | None:
        """The film of a title and a year; None: no film, or several."""
        plain = " ".join(title.split())
        if not is_title(plain) or len(key_of(folded(plain.partition("(")[0]))) > self._longest:
            return None
        in_parentheses = split_year(Film(plain))[1] is not None
        for name, written in readings_of(plain):
            if year is None or written is None or written == year:
                is_sure = written is None or in_parentheses  # that the year belongs to no title, as 2049 and 1984 do
                item = self._called(name, year or written, may_differ=is_sure)
                if item is not None:
                    return item
        return None

    def _called(self, name: str, year: int | None, may_differ: bool) -> int | None:
        """The film of a name; a year that may differ does so by one."""
        names = self.model.titles.names
        titles, alternates, *others, _ = map(self._listed, names.called_so(name))
        if year is None:
            return _only([*titles, *alternates] or others[0])
        for films in (titles, alternates, *others, self._listed(names.alike(name))):
            if dated := [item for item in films if self._years[item] == year]:
                return _only(dated)
        around = (year - 1, year + 1) if may_differ else ()
        return _only(item for item in [*titles, *alternates] if self._years[item] in around)

    def _listed(self, films: Films) -> Films:
        """Those that may be listed."""
        return [item for item in films if self.model.titles.offered[item]]


def is_title(text: str) -> bool:
    """Whether a text is short enough, and has letters enough, to be read as a title.

    Length counts as it is once letters are taken apart, as they are to be compared: one sign may stand for 18 letters.
    """
    is_short = 0 < len(text) <= LONGEST and len(unicodedata.normalize("NFKD", text)) <= LONGEST
    return is_short and not NO_TITLE.search(text)


def _only(films: Iterable[int]) -> int | None:
    different = set(films)
    return different.pop() if len(different) == 1 else None


def _elsewhere(model: Recommender) -> tuple[dict[str, int], dict[int, int]]:
    """Ids at IMDb, and at TMDB -> item_idx; kept for as long as the model is."""
    if model not in _ELSEWHERE:
        _ELSEWHERE[model] = _items_by_id(model, model.catalog.imdb), _items_by_id(model, model.catalog.tmdb)
    return _ELSEWHERE[model]


def _items_by_id(model: Recommender, ids: Iterable[Id | None]) -> dict[Id, int]:
    """Id -> item_idx of the film that is offered; ids that different films have are left out."""
    found: dict[Id, Films] = {}
    for item_id, elsewhere in zip(model.catalog.item_ids.tolist(), ids, strict=True):
        if elsewhere is not None:
            found.setdefault(elsewhere, []).append(model.titles.find(item_id))
    return {elsewhere: item for elsewhere, items in found.items() if (item := _only(items)) is not None}
