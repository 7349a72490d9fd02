"""Bounds on what is kept of the past: how much of it is gone, and steps whose numbers tell how much is kept.

A step was numbered by how many came before; now it is by how many changes came before, so that the first and the last
number tell how many there are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
RANKED = "SELECT id, rank() OVER (PARTITION BY person_id ORDER BY step) AS first FROM changes"


def upgrade() -> None:
    """Number the steps anew, and make a table of what is gone."""
    op.execute(f"CREATE TEMPORARY TABLE numbered AS {RANKED}")
    op.execute("CREATE INDEX numbered_id ON numbered (id)")
    op.execute("UPDATE changes SET step = (SELECT first FROM numbered WHERE numbered.id = changes.id)")
    op.execute("DROP TABLE numbered")
    op.create_table(
        "gone",
        sa.Column("person_id", NUMBER, nullable=False, autoincrement=False),
        sa.Column("changes", sa.BigInteger, nullable=False),
        sa.Column("lists", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_gone"),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.id"], name="fk_gone_person_id", ondelete="CASCADE"),
    )
