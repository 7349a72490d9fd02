"""Reads what people who agree gave the films of a data set, and which of them lists had shown to whom before."""

from array import array
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recsys.store.database.schema import consents, list_films, lists, ratings
from recsys.store.evidence.batches import OF_BATCH, batches, rows

BATCH = 10_000  # rows that come from the database at a time

SHOWN = (  # to whom which film was shown first, when; as far as lists are kept
    sa.select(consents.c.person_id, list_films.c.item_id, sa.func.min(lists.c.shown_at).label("at"))
    .join_from(consents, lists, lists.c.person_id == consents.c.person_id)
    .join(list_films, list_films.c.list_number == lists.c.number)
    .where(*OF_BATCH, lists.c.dataset == sa.bindparam("of"))
    .group_by(consents.c.person_id, list_films.c.item_id)
    .order_by(consents.c.person_id, list_films.c.item_id)
)
RATED = (  # in the order of the primary key of ratings, which need not be sorted
    sa.select(
        *(consents.c.person_id, consents.c.pseudonym),
        consents.c.at.label("agreed_at"),
        *(ratings.c.item_id, ratings.c.stars, ratings.c.at),
        sa.func.coalesce(ratings.c.entered_at, ratings.c.at).label("entered_at"),
        ratings.c.entered_at.is_(None).label("by_hand"),
    )
    .join_from(consents, ratings, ratings.c.person_id == consents.c.person_id)
    .where(*OF_BATCH, ratings.c.dataset == sa.bindparam("of"))
    .order_by(consents.c.person_id, ratings.c.item_id)
)


class Given:
    """Columns of ratings, as ConsentingRatings has them, which grow person by person."""

    def __init__(self) -> None:
        self._people: list[str] = []
        self._ratings: dict[str, array[Any]] = {name: array("q") for name in ("person_idx", "item_ids", "times")}
        self._ratings |= {name: array("d") for name in ("stars", "entered", "known_from")}
        self._was_shown, self._by_hand, self._shown = bytearray(), bytearray(), array("q")

    @classmethod
    def read(cls, connection: Connection, dataset: str) -> "Given":
        """All there is of a data set, by its name in the store."""
        given = cls()
        for batch in batches(connection):
            asked = {"of": dataset, **batch}
            first_shown = {(person_id, item_id): at for person_id, item_id, at in connection.execute(SHOWN, asked)}
            numbers = given._add(rows(connection, RATED, asked, BATCH), first_shown)
            for person_id, item_id in first_shown:
                if person_id in numbers:
                    given._shown.extend((numbers[person_id], item_id))
        return given

    def columns(self) -> dict[str, Any]:
        """What was read, by the names of ConsentingRatings."""
        return {
            "people": (*self._people,),
            "was_shown": np.frombuffer(bytes(self._was_shown), dtype=bool),
            "by_hand": np.frombuffer(bytes(self._by_hand), dtype=bool),
            "shown": np.array(self._shown, dtype=np.int64).reshape(-1, 2),
            **{name: np.array(column) for name, column in self._ratings.items()},
        }

    def _add(self, rated: Iterable[Any], first_shown: dict[tuple[int, int], datetime]) -> dict[int, int]:
        """Take ratings of further people in; their numbers here by those of the accounts."""
        numbers: dict[int, int] = {}
        person_idx, item_ids, times, stars, entered, known_from = self._ratings.values()
        for person_id, pseudonym, agreed_at, item_id, given_stars, at, entered_at, by_hand in rated:
            if person_id not in numbers:
                numbers[person_id] = len(self._people)
                self._people.append(pseudonym)
            shown_at = first_shown.get((person_id, item_id))
            person_idx.append(numbers[person_id])
            item_ids.append(item_id)
            times.append(int(at.timestamp()))
            stars.append(given_stars)
            entered.append(entered_at.timestamp())
            known_from.append(max(entered_at, agreed_at).timestamp())
            self._was_shown.append(shown_at is not None and shown_at < entered_at)
            self._by_hand.append(by_hand)
        return numbers
