"""Bounds on what is kept of a person's past: the newest changes and lists stay, older ones go and are counted.

Ratings and marks themselves are not of the past, and stay.
"""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recsys.store.database.schema import changes, gone, lists
from recsys.store.people import Person

SLACK = 50  # one part in so many goes at once, so that it need not be done at every change
MOST_SWEPT = 100_000  # changes at once, and a hundredth of it lists: a database may be older than these bounds

OWN = changes.c.person_id == sa.bindparam("person")
ENDS = sa.select(*(sa.select(pick(changes.c.step)).where(OWN).scalar_subquery() for pick in (sa.func.min, sa.func.max)))
SIZE = sa.select(sa.func.count()).where(OWN, changes.c.step == sa.bindparam("step"))
NTH_NEWEST = (
    sa.select(lists.c.number)
    .where(lists.c.person_id == sa.bindparam("person"))
    .order_by(lists.c.number.desc())
    .limit(1)
    .offset(sa.bindparam("n", type_=sa.Integer))
)


def numbers_of(connection: Connection, person: Person) -> tuple[int, int, int]:
    """The first and the last step of a person, and the number of the next; 1 for all of them if there is none.

    A step has the number of its first change, so that the difference of the first and the next is how many are kept.
    """
    first, last = connection.execute(ENDS, {"person": person.id}).one()
    if last is None:
        return 1, 1, 1
    return first, last, last + connection.execute(SIZE, {"person": person.id, "step": last}).scalar_one()


def sweep_changes(connection: Connection, person: Person, first: int, step: int, following: int, most: int) -> None:
    """Remove the oldest steps if there are too many changes; never a part of a step, and never the newest.

    Args:
        first: number of the oldest step.
        step: number of the newest.
        following: number that the next will have.
        most: changes that may be kept.
    """
    if following - first <= most:
        return
    cut = min(following - most + most // SLACK, step, first + MOST_SWEPT)
    older = (changes.c.person_id == person.id, changes.c.step < cut)
    _count(connection, person, gone.c.changes, connection.execute(changes.delete().where(*older)).rowcount)


def sweep_lists(connection: Connection, person: Person, most: int) -> None:
    """Remove the oldest lists if there are too many."""
    if connection.execute(NTH_NEWEST, {"person": person.id, "n": most}).first() is None:
        return
    cut = connection.execute(NTH_NEWEST, {"person": person.id, "n": most - most // SLACK}).scalar_one()
    own = lists.c.person_id == person.id
    oldest = sa.select(lists.c.number).where(own, lists.c.number <= cut).order_by(lists.c.number)
    few = oldest.limit(MOST_SWEPT // 100)
    _count(connection, person, gone.c.lists, connection.execute(lists.delete().where(lists.c.number.in_(few))).rowcount)


def gone_of(connection: Connection, person: Person) -> dict[str, int]:
    """How many changes and lists are no longer kept."""
    row = connection.execute(sa.select(gone).where(gone.c.person_id == person.id)).first()
    return {"changes": row.changes if row else 0, "lists": row.lists if row else 0}


def _count(connection: Connection, person: Person, column: sa.Column[int], number: int) -> None:
    """Add to what is gone."""
    more = gone.update().where(gone.c.person_id == person.id).values({column: column + number})
    if number and not connection.execute(more).rowcount:
        row = {"person_id": person.id, "changes": 0, "lists": 0, column.name: number}
        connection.execute(gone.insert().values(row))
