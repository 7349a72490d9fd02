"""Whose ratings may improve everybody's recommendations, and what these are: what the next model may learn from."""

import secrets
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recsys.store.database.schema import consents
from recsys.store.errors import StoreError
from recsys.store.evidence.given import Given
from recsys.store.part import StorePart
from recsys.store.people import Person, checked_label, shortened

ANSWERS = {"yes": True, "no": False}
PSEUDONYM_SIZE = 16  # bytes

KEPT = sa.select(consents.c.agrees, consents.c.at).where(consents.c.person_id == sa.bindparam("person"))

N_ANSWERS = sa.select(sa.func.count()).select_from(consents)


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
        by_hand: (n,) bool, whether it came to hold when it was given: it was not imported, brought along or put back.
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
    by_hand: np.ndarray
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

    def n_answers(self) -> int:
        """How many accounts have answered, whatever they said."""
        with self._database.reading() as connection:
            return connection.execute(N_ANSWERS).scalar_one()

    def ratings(self, dataset: str) -> ConsentingRatings:
        """What consenting people, and nobody else, gave the films of a data set; all as it was at one moment.

        It may take long; nobody who uses the page waits for it.
        """
        name, read_at = checked_label("dataset", dataset), self._now()
        with self._database.patiently(writes=False) as connection:
            given = Given.read(connection, name)
        return ConsentingRatings(dataset=dataset, read_at=read_at, **given.columns())


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
