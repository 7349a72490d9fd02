"""People who agree, some at a time: each statement is about few, so that its first row comes soon.

A database that says nothing for too long is given up, and to order or group what is kept of everybody may take minutes.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recsys.store.database.schema import consents, lists

MOST_PEOPLE, MOST_LISTS = 50, 1_000  # that a statement is about, unless one person alone has more lists

OF_BATCH = (consents.c.agrees, consents.c.person_id.between(sa.bindparam("first"), sa.bindparam("last")))
AGREEING = (
    sa.select(
        consents.c.person_id,
        sa.select(sa.func.count()).where(lists.c.person_id == consents.c.person_id).scalar_subquery(),
    )
    .where(consents.c.agrees, consents.c.person_id > sa.bindparam("after"))
    .order_by(consents.c.person_id)
    .limit(sa.bindparam("most", type_=sa.Integer))
)


def batches(connection: Connection) -> Iterator[dict[str, int]]:
    """Yield the parameters of OF_BATCH, for one batch after the other, in the order in which people registered."""
    after = 0  # accounts are numbered from 1
    while found := connection.execute(AGREEING, {"after": after, "most": MOST_PEOPLE}).all():
        yield from parts_of([(person_id, n_lists) for person_id, n_lists in found])
        after = found[-1].person_id


def parts_of(people: Iterable[tuple[int, int]]) -> Iterator[dict[str, int]]:
    """Yield the same for people by number, rising, and how many lists each has.

    >>> [*parts_of([(1, 600), (3, 400), (4, 1), (9, 5000), (10, 0)])]
    [{'first': 1, 'last': 3}, {'first': 4, 'last': 4}, {'first': 9, 'last': 9}, {'first': 10, 'last': 10}]
    """
    part: list[int] = []
    n = 0
    for person_id, n_lists in people:
        if part and n + n_lists > MOST_LISTS:
            yield {"first": part[0], "last": part[-1]}
            part, n = [], 0
        part.append(person_id)
        n += n_lists
    if part:
        yield {"first": part[0], "last": part[-1]}


def rows(connection: Connection, query: Any, asked: dict[str, Any], at_a_time: int) -> Iterator[Any]:
    """Yield what a query finds, of which the driver holds so many rows at a time."""
    yield from connection.execute(query, asked, execution_options={"yield_per": at_a_time})
