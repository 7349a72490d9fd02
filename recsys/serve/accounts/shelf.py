"""What somebody has said about films: a guest's in the guest's own browser, a member's in the store."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from recsys.errors import DataError
from recsys.recommend.answers import Suggestion
from recsys.recommend.film_keys import keys_of
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.film_names import StoredFilm, title_of, titled, titles_of
from recsys.serve.accounts.guest_shelf import GuestShelf, undone
from recsys.serve.accounts.members import Members
from recsys.serve.accounts.operators import NO_OPERATORS, Operators
from recsys.serve.accounts.taking_over import Offer, OtherRatings
from recsys.serve.comparing import Drafted, Entrant, ListBy, Trial, entrant_of, made_by
from recsys.serve.security.cookies import SESSION, SessionCookie

if TYPE_CHECKING:
    from recsys.store import Change, Consent, Gone, OpenedList, Person, ShownList, Store


class Shelf(Protocol):
    """What somebody has rated and marked, by display title."""

    @property
    def name(self) -> str | None:
        """Of a member; None for a guest."""

    @property
    def model(self) -> Recommender:
        """The model that answers whoever's shelf it is."""

    @property
    def ratings(self) -> dict[str, float]:
        """Title -> stars, the newest first."""

    @property
    def marks(self) -> dict[str, str]:
        """Title -> key of MARKS, the newest first."""

    def rate(self, title: str, stars: float | None) -> None:
        """Give a film stars that are on the scale, or take them back."""

    def mark(self, title: str, mark: str | None) -> None:
        """Mark a film with a key of MARKS, or take the mark back."""

    def undo(self) -> str:
        """Take the last change back; says which it was, or nothing if there is none."""

    def drafted(self, model: Recommender, list_by: ListBy, k: int) -> Drafted:
        """A list of at most k films, list_by(model); of two versions where these are compared."""

    def alone(self, model: Recommender, list_by: ListBy) -> Drafted:
        """A list that one version makes alone, list_by(model); by another one where that has none and is compared."""

    def record(
        self,
        kind: str,
        model: Recommender,
        request: Mapping[str, Any],
        films: Sequence[Suggestion],
        picks: Mapping[int, str] | None = None,
        *,
        beside_others: bool = False,
        stands_in: bool = False,
    ) -> None:
        """Keep a list that is being shown, unless the newest of its kind is the same.

        Args:
            kind: of list.
            model: that made it.
            request: what was asked for.
            films: best first.
            picks: as in Drafted.
            beside_others: whether lists of other models are shown with it, as History.record_list has it.
        """

    def stored(self) -> Any:
        """What goes back into the browser."""


LOTS = "comparisons"  # the name of a secret of the database's
UNTIMED: Mapping[str, datetime] = MappingProxyType({})


class Said(NamedTuple):
    """What a member has said, by display title, the newest first: stars, marks, and when the stars were given."""

    ratings: dict[str, float]
    marks: dict[str, str]
    times: dict[str, datetime]


class MemberShelf:
    """A member's, in the store, as long as one request goes on: what was read is read again after a change only.

    Every use raises StoreError if the session has ended or the store is out of reach.
    """

    def __init__(
        self,
        model: Recommender,
        store: "Store",
        person: "Person",
        stored: object = None,
        entrant: Entrant | None = None,
    ):
        """Read nothing yet.

        Args:
            model: knows the films.
            store: has the ratings and marks.
            person: whose shelf.
            stored: what the browser has, which stays as it is.
            entrant: the person's part in a comparison of two versions; None: nothing is compared.
        """
        self._entrant = entrant
        self._model, self._store, self._person, self._stored = model, store, person, stored
        self._dataset = dataset_of(model)
        self._read: Said | None = None

    @property
    def name(self) -> str:
        """Of the account."""
        return self._person.name

    @property
    def person(self) -> "Person":
        """Whose shelf it is."""
        return self._person

    @property
    def model(self) -> Recommender:
        """The model that answers this person."""
        return self._model

    @property
    def ratings(self) -> dict[str, float]:
        """What was rated."""
        return self._ratings_and_marks().ratings

    @property
    def marks(self) -> dict[str, str]:
        """What was marked."""
        return self._ratings_and_marks().marks

    @property
    def times(self) -> dict[str, datetime]:
        """When each film that is rated was given the stars that it has, the newest first."""
        return self._ratings_and_marks().times

    def rate(self, title: str, stars: float | None) -> None:
        """Keep it."""
        self._read = None
        if stars is None:
            self._store.ratings.remove_rating(self._person, self._dataset, self._id(title))
        else:
            self._store.ratings.set_rating(self._person, self._dataset, self._id(title), stars)

    def mark(self, title: str, mark: Any) -> None:
        """Keep it."""
        self._read = None
        if mark is None:
            self._store.ratings.clear_mark(self._person, self._dataset, self._id(title))
        else:
            self._store.ratings.set_mark(self._person, self._dataset, self._id(title), mark)

    def undo(self) -> str:
        """Put back what was there before."""
        self._read = None
        changes = self._store.ratings.undo_last(self._person)
        if not changes and self.gone().changes:
            return "There is nothing more to undo: older changes are no longer kept."
        if len(changes) > 1:
            return f"Undone: {len(changes)} films are as they were."
        return undone(title_of(self._model, *film_of(changes[0])), changes[0].before) if changes else ""

    def take(self, ratings: Mapping[str, float], marks: Any, times: Mapping[str, datetime] = UNTIMED) -> None:
        """Take many ratings and marks over at once; the first undo takes all of them back.

        Args:
            ratings: title -> stars, the newest first.
            marks: title -> key of MARKS.
            times: title -> when it was rated, as far as that is known.
        """
        self._read = None
        stars = {self._id(title): value for title, value in ratings.items()}
        noted = {self._id(title): mark for title, mark in marks.items()}
        now = datetime.now(UTC)
        when = {item: now - timedelta(milliseconds=place) for place, item in enumerate(stars)}  # keeps their order
        when |= {self._id(title): at for title, at in times.items() if title in ratings}
        self._store.ratings.set_many(self._person, self._dataset, stars, noted, when=when)

    def drafted(self, model: Recommender, list_by: ListBy, k: int) -> Drafted:
        """A list by a model; of both versions where the model is one of two that are compared list by list."""
        entrant = self._entrant
        if entrant is None or model is not entrant.model or not entrant.reads_both:
            return self.alone(model, list_by)
        return entrant.drafted(list_by, self.ratings, k)

    def alone(self, model: Recommender, list_by: ListBy) -> Drafted:
        """A list by a model; by the champion where the model is compared with it person by person, and has none."""
        entrant = self._entrant
        return Drafted(list_by(model)) if entrant is None or model is not entrant.model else entrant.own(list_by)

    def record(
        self,
        kind: str,
        model: Recommender,
        request: Mapping[str, Any],
        films: Sequence[Suggestion],
        picks: Mapping[int, str] | None = None,
        *,
        beside_others: bool = False,
        stands_in: bool = False,
    ) -> None:
        """Keep a list that is being shown; stands_in: by a model that made it in place of one that had none."""
        from recsys.store import Recommendations

        keys = keys_of(self._model)
        shown = Recommendations(
            dataset=self._dataset,
            kind=kind,
            request=request,
            films=[(keys.key_of(film.item_id), film.predicted_stars) for film in films],
            picks=[picks.get(film.item_id) for film in films] if picks else (),
            **made_by(model, self._entrant, bool(picks), stands_in)._asdict(),
        )
        if films:
            self._store.history.record_list(self._person, shown, unless_newest=True, beside_others=beside_others)

    def stored(self) -> Any:
        """What the browser keeps."""
        return GuestShelf(self._model, self._stored).stored()

    def gone(self) -> "Gone":
        """How many older changes and lists are no longer kept."""
        return self._store.history.gone(self._person)

    def lists(self, before: str | None = None, limit: int = 20) -> "list[ShownList]":
        """Lists that were shown, the newest first; those before a list of theirs."""
        return self._store.history.lists(self._person, before=before, limit=limit)

    def open_list(self, list_id: str) -> "OpenedList | None":
        """A list that was shown to this person."""
        return self._store.history.open_list(self._person, list_id)

    def titles(self, films: "Iterable[StoredFilm]") -> "dict[StoredFilm, str]":
        """What films are called that were listed, as far as model or store know it."""
        return titles_of(self._model, self._store, films)

    def offer(self) -> Offer | None:
        """Ratings of another data set that could be taken over; None: there are none."""
        return OtherRatings(self._model, self._store, self._person).offer()

    def take_over(self, other: str) -> int:
        """Take ratings over from another data set, and tell how many; DataError if there are none."""
        self._read = None
        return OtherRatings(self._model, self._store, self._person).take(other)

    def decline(self, other: str) -> None:
        """Offer ratings of another data set no more; DataError if there are none."""
        OtherRatings(self._model, self._store, self._person).decline(other)

    def has_password(self) -> bool:
        """Whether the account has a password here."""
        return self._store.accounts.has_password(self._person)

    def consent(self) -> "Consent":
        """Whether the person's ratings may improve everybody's recommendations, as far as they have answered."""
        return self._store.consents.of(self._person)

    def _ratings_and_marks(self) -> "Said":
        """Ratings and marks."""
        if self._read is None:
            rated, marked = self._store.ratings.ratings_and_marks(self._person, self._dataset)
            newest_first = sorted(rated.items(), key=lambda pair: pair[1].at, reverse=True)
            given = {key: rating.stars for key, rating in newest_first}
            on_scale = self._model.scale.holds(np.array([*given.values()], dtype=np.float64))  # which may have changed
            stars = {key: value for (key, value), fits in zip(given.items(), on_scale, strict=True) if fits}
            times = titled(self._model, {key: rated[key].at for key in stars})
            marks = titled(self._model, dict(reversed(marked.items())))
            self._read = Said(titled(self._model, stars), marks, times)
        return self._read

    def _id(self, title: str) -> int:
        return keys_of(self._model).key_of(int(self._model.catalog.item_ids[self._model.titles.find(title)]))


class Request(Protocol):
    """A request, as far as it says who makes it."""

    @property
    def cookies(self) -> Mapping[str, str]:
        """By name."""


class Shelves:
    """Finds the shelf of whoever makes a request: by the signed cookie, and by nothing else.

    Attributes:
        members: have accounts.
        cookie: says who asks.
        operators: who may see what people did.
        trial: what is compared now; None: nothing is.
    """

    def __init__(
        self,
        members: Members,
        cookie: SessionCookie,
        operators: Operators = NO_OPERATORS,
        trial: Callable[[], Trial | None] = lambda: None,
    ):
        self.members, self.cookie, self.operators, self.trial = members, cookie, operators, trial

    def person(self, request: Request) -> "Person | None":
        """Who is signed in; None for a guest.

        Raises:
            SignedOutError: the session of the cookie has ended.
            DataError: there is a cookie, but the store cannot be asked.
        """
        if not request.cookies.get(SESSION):
            return None
        token = self.cookie.token(request.cookies)
        person = self.members.person(token)
        if person is None:
            from recsys.store import SignedOutError

            raise SignedOutError
        return person

    def of(self, model: Recommender, stored: object, request: Request) -> Shelf:
        """The shelf of whoever asks; what the browser has kept counts for guests only. Raises as `person`."""
        person = self.person(request)
        if person is None:
            return GuestShelf(model, stored)
        self.members.film_names.note(model, self.members.store)
        trial = self.trial()
        if trial is None or trial.champion is not model:
            return MemberShelf(model, self.members.store, person, stored)
        entrant = entrant_of(trial, self._key, person.id)
        return MemberShelf(entrant.model, self.members.store, person, stored, entrant)

    @cached_property
    def _key(self) -> bytes:
        """By which people's lots are drawn."""
        return self.members.store.secret(LOTS)


def has_ended(reason: DataError) -> bool:
    """Whether somebody is nobody because the session has ended, and not because the store is out of reach."""
    from recsys.store import SignedOutError

    return isinstance(reason, SignedOutError)


def dataset_of(model: Recommender) -> str:
    """What the data set of a model's films is called in the store."""
    return keys_of(model).label


def film_of(change: "Change") -> tuple[str, int]:
    """The film that a change is about."""
    return change.dataset, change.item_id
