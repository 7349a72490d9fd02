"""Whose ratings may improve everybody's recommendations, and what these are: what the next model may learn from."""

import secrets
from array import array
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recsys.store.database.schema import consents, list_films, lists, ratings
from recsys.store.errors import StoreError
from recsys.store.part import StorePart
from recsys.store.people import Person, checked_label, shortened

ANSWERS = {"yes": True, "no": False}
PSEUDONYM_SIZE = 16  # bytes
BATCH = 10_000  # rows that come from the database at a time

KEPT = sa.select(consents.c.agrees, consents.c.at).where(consents.c.person_id == sa.bindparam("person"))
SHOWN = (  # to whom which film was shown first, when; as far as lists are kept
    sa.select(lists.c.person_id, list_films.c.item_id, sa.func.min(lists.c.shown_at).label("at"))
    .join(list_films, list_films.c.list_number == lists.c.number)
    .join(consents, consents.c.person_id == lists.c.person_id)
    .where(consents.c.agrees, lists.c.dataset == sa.bindparam("of"))
    .group_by(lists.c.person_id, list_films.c.item_id)
    .subquery("shown")
)
SHOWN_FILMS = (
    sa.select(consents.c.pseudonym, SHOWN.c.item_id)
    .join(SHOWN, SHOWN.c.person_id == consents.c.person_id)
    .order_by(SHOWN.c.person_id, SHOWN.c.item_id)
)
RATED = (  # in the order of the primary key of ratings, which need not be sorted
    sa.select(
        consents.c.pseudonym,
        consents.c.at.label("agreed_at"),
        *(ratings.c.item_id, ratings.c.stars, ratings.c.at),
        sa.func.coalesce(ratings.c.entered_at, ratings.c.at).label("entered_at"),
        SHOWN.c.at.label("shown_at"),
    )
    .join(ratings, ratings.c.person_id == consents.c.person_id)
    .outerjoin(SHOWN, sa.and_(SHOWN.c.person_id == ratings.c.person_id, SHOWN.c.item_id == ratings.c.item_id))
    .where(consents.c.agrees, ratings.c.dataset == sa.bindparam("of"))
    .order_by(ratings.c.person_id, ratings.c.item_id)
)


@dataclass(frozen=True)
class Consent:
    """What somebody answered, last, to whether their ratings may improve everybody's recommendations.

    Attributes:
        agrees: None: they have not answered, which counts as no.
        at: when they did; None likewise.
    """

    agrees: bool | None
    at: datetime | None


UNANSWERED = Consent(None, None)


@dataclass(frozen=True, eq=False, kw_only=True)
class ConsentingRatings:
    """What the next model may learn from: what consenting people gave the films of a data set, at one moment.

    People are in the order in which they registered, each with their films by number. Whoever does not consent, or has
    deleted the account, leaves no trace: neither in the order nor in how the others are numbered.

    Attributes:
        dataset: what the store calls it, and so are its films numbered.
        read_at: that moment, by this machine's clock.
        people: a pseudonym for each person with a rating here, random and the same at every time; tells no name.
        person_idx: (n,) int64, whose rating it is: which of the people, from 0.
        item_ids: (n,) int64, the store's number of the film.
        stars: (n,) float64, as they were given; a data set's scale may have changed since.
        times: (n,) int64 seconds since 1970, when they were given; those that were imported, as the importer says.
        entered: (n,) float64 seconds since 1970, when they came to hold here, whatever the importer says: a rating that
            was changed, or put back, did so then.
        known_from: (n,) float64 seconds since 1970, from when on a model could learn from them: they held here, and
            their owner had said yes for the last time.
        was_shown: (n,) bool, whether a list had shown the film to whoever rated it before it came to hold, as far as
            lists are kept.
        shown: (m, 2) int64, which of the people was shown which film, by the store's number, likewise; rated or not.
    """

    dataset: str
    read_at: datetime
    people: tuple[str, ...]
    person_idx: np.ndarray
    item_ids: np.ndarray
    stars: np.ndarray
    times: np.ndarray
    entered: np.ndarray
    known_from: np.ndarray
    was_shown: np.ndarray
    shown: np.ndarray


class Consents(StorePart):
    """Answers of people, and the ratings of those who agree. Guests have no account, so nobody asks them."""

    def of(self, person: Person) -> Consent:
        """What a person answered last."""
        with self._reading(person) as connection:
            row = connection.execute(KEPT, {"person": person.id}).first()
        return UNANSWERED if row is None else Consent(row.agrees, row.at)

    def answer(self, person: Person, said: object) -> Consent:
        """Keep a person's answer, in place of an earlier one; it holds for the next model.

        Args:
            person: whose.
            said: "yes" or "no".

        Raises:
            StoreError: it is neither.
        """
        consent = Consent(checked_answer(said), self._now())
        with self._writing(person) as connection:
            keep_answer(connection, person.id, consent)
        return consent

    def ratings(self, dataset: str) -> ConsentingRatings:
        """What consenting people, and nobody else, gave the films of a data set; all as it was at one moment.

        It may take long; nobody who uses the page waits for it.
        """
        people: dict[str, int] = {}
        person_idx, item_ids, times = (array("q") for _ in range(3))
        stars, entered, known_from = (array("d") for _ in range(3))
        was_shown, shown = bytearray(), array("q")
        asked, read_at = {"of": checked_label("dataset", dataset)}, self._now()
        with self._database.patiently(writes=False) as connection:
            for row in connection.execute(RATED, asked, execution_options={"yield_per": BATCH}):
                person_idx.append(people.setdefault(row.pseudonym, len(people)))
                item_ids.append(row.item_id)
                stars.append(row.stars)
                times.append(int(row.at.timestamp()))
                entered.append(row.entered_at.timestamp())
                known_from.append(max(row.entered_at, row.agreed_at).timestamp())
                was_shown.append(row.shown_at is not None and row.shown_at < row.entered_at)
            for pseudonym, item_id in connection.execute(SHOWN_FILMS, asked, execution_options={"yield_per": BATCH}):
                if pseudonym in people:
                    shown.extend((people[pseudonym], item_id))
        columns = {"person_idx": person_idx, "item_ids": item_ids, "stars": stars, "times": times}
        columns |= {"entered": entered, "known_from": known_from}
        return ConsentingRatings(
            dataset=dataset,
            read_at=read_at,
            people=(*people,),
            was_shown=np.frombuffer(bytes(was_shown), dtype=bool),
            shown=np.array(shown, dtype=np.int64).reshape(-1, 2),
            **{name: np.array(column) for name, column in columns.items()},
        )


def checked_answer(said: object) -> bool:
    """Whether somebody agrees.

    Raises:
        StoreError: what they said is neither "yes" nor "no".
    """
    if isinstance(said, str) and said in ANSWERS:
        return ANSWERS[said]
    raise StoreError(f'consent: got {shortened(said)}; expected "yes" or "no"')


def keep_answer(connection: Connection, person_id: int, consent: Consent) -> None:
    """Let an answer hold; the first one gives the person a pseudonym, which stays."""
    said = {"agrees": consent.agrees, "at": consent.at}
    answered = consents.update().where(consents.c.person_id == person_id).values(said)
    if not connection.execute(answered).rowcount:
        pseudonym = secrets.token_hex(PSEUDONYM_SIZE)
        connection.execute(consents.insert().values(person_id=person_id, pseudonym=pseudonym, **said))
