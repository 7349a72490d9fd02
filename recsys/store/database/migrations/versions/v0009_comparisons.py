"""To which comparison of two versions a list belongs, and which of them chose a film of it.

Lists that are there already belong to none.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns, of which NULL says so."""
    op.add_column("lists", sa.Column("comparison", sa.Text()))
    op.add_column("list_films", sa.Column("version", sa.Text()))
