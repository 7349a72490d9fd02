"""Limits of time that PostgreSQL keeps, lifted for what may take long."""

from collections.abc import Sequence

from sqlalchemy.engine import Connection

LONG = ("statement_timeout", "lock_timeout", "transaction_timeout")  # of a transaction for which nobody waits
IDLE = ("idle_in_transaction_session_timeout", "transaction_timeout")  # of one that stays open and does nothing

# Without parameters, or a transaction would keep its snapshot. The last limit is new in PostgreSQL 17.
LIFT = (
    "SELECT set_config(name, '0', true) FROM unnest(string_to_array('{names}', ' ')) AS name "
    "WHERE current_setting(name, true) IS NOT NULL"
)


def lift(connection: Connection, names: Sequence[str]) -> None:
    """Let none of some limits hold until a connection's transaction ends, as far as the server knows them."""
    connection.exec_driver_sql(LIFT.format(names=" ".join(names)))
