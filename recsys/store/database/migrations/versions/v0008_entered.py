"""When a rating came to hold here, whenever whoever imported it says that it was given.

Of what is there already nobody knows, but not before its owner had an account.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

REGISTERED = "(SELECT registered_at FROM accounts WHERE accounts.id = ratings.person_id)"


def upgrade() -> None:
    """Add the column, and fill it where a rating is said to be older than the account."""
    op.add_column("ratings", sa.Column("entered_at", sa.DateTime(timezone=True)))
    op.execute(f"UPDATE ratings SET entered_at = {REGISTERED} WHERE ratings.at < {REGISTERED}")
