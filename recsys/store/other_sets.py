"""What somebody has rated in other data sets, and whether they want it taken over."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from recsys.store.database.schema import declined, films, ratings
from recsys.store.films import COLUMNS
from recsys.store.part import StorePart
from recsys.store.people import FilmName, Person, checked_label

OWN = ratings.c.person_id == sa.bindparam("person")
ELSEWHERE = sa.and_(OWN, ratings.c.dataset != sa.bindparam("dataset"))
DECLINED = sa.select(declined.c.other).where(
    declined.c.person_id == sa.bindparam("person"), declined.c.dataset == sa.bindparam("dataset")
)
COUNTS = (
    sa.select(ratings.c.dataset, sa.func.count().label("n_films"))
    .where(ELSEWHERE, ratings.c.dataset.not_in(DECLINED))
    .group_by(ratings.c.dataset)
)
RATED = (
    sa.select(ratings.c.stars, ratings.c.at, *COLUMNS)
    .join(films, sa.and_(films.c.dataset == ratings.c.dataset, films.c.item_id == ratings.c.item_id))
    .where(OWN, ratings.c.dataset == sa.bindparam("of"))
    .order_by(ratings.c.at, ratings.c.item_id)
)


class RatedFilm(NamedTuple):
    """A film of another data set, and what a person gave it there."""

    film: FilmName
    stars: float
    at: datetime


class OtherSets(StorePart):
    """Ratings in data sets other than the one that is asked about."""

    def rated(self, person: Person, dataset: str) -> dict[str, int]:
        """How many films a person rated in each other data set, without those that are declined."""
        asked = {"person": person.id, "dataset": checked_label("dataset", dataset)}
        with self._reading(person) as connection:
            return {row.dataset: row.n_films for row in connection.execute(COUNTS, asked)}

    def films(self, person: Person, other: str) -> list[RatedFilm]:
        """What a person rated in a data set, the oldest first, as far as it is known what the films are called."""
        asked = {"person": person.id, "of": checked_label("dataset", other)}
        with self._reading(person) as connection:
            rows = connection.execute(RATED, asked)
            return [RatedFilm(FilmName(*named), stars, at) for stars, at, *named in rows]

    def decline(self, person: Person, dataset: str, other: str) -> None:
        """Keep that a person does not want ratings of the other data set in this one."""
        pair = {"dataset": checked_label("dataset", dataset), "other": checked_label("dataset", other)}
        with self._writing(person) as connection:
            if other not in connection.execute(DECLINED, {"person": person.id, "dataset": dataset}).scalars().all():
                connection.execute(declined.insert().values(person_id=person.id, at=self._now(), **pair))
