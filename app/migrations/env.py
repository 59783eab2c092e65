"""Alembic reads this when it runs: on the connection that `upgrade.py` gives, in one transaction."""

from __future__ import annotations

from alembic import context

from app.models import Base


def run() -> None:
    """Run the migrations. `render_as_batch` lets SQLite change tables, by copying them."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


run()
