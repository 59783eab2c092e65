"""Brings the database to the form that this program knows, at every start. Processes that start together wait for one another."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from app.settings import AppSettings
from core.errors import InputError

FOLDER = Path(__file__).resolve().parent
#: Any number that only we use, for PostgreSQL's lock.
POSTGRES_LOCK = 0x6E10CA70


def upgrade(engine: Engine, settings: AppSettings) -> None:
    """Run the migrations that lack. Raises InputError where the database was made by a newer program, or can't be reached."""
    settings.make_folders()
    with settings.lock_at(settings.results_dir / "migrations.lock", "migrations") as lock:
        lock.own(lambda: None)
        with reachable(engine) as connection:
            if engine.dialect.name == "postgresql":  # whose own lock holds for as long as the connection
                connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": POSTGRES_LOCK})
                connection.commit()
            try:
                run_migrations(connection)
            finally:
                if engine.dialect.name == "postgresql":
                    connection.rollback()
                    connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": POSTGRES_LOCK})
                    connection.commit()


def reachable(engine: Engine) -> Connection:
    """A connection. Raises InputError where the database does not answer."""
    try:
        return engine.connect()
    except OperationalError as error:
        where = engine.url.render_as_string(hide_password=True)
        reason = " ".join(str(error.orig).split())
        raise InputError("app.database_unreachable", database=where, reason=reason) from error


def run_migrations(connection: Connection) -> None:
    """Those between the database's revision and ours."""
    scripts = migration_scripts()
    current = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    if current == scripts.get_current_head():
        return
    known = {script.revision for script in scripts.walk_revisions()}
    if current is not None and current not in known:
        raise InputError("app.database_too_new", revision=current)
    config = make_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@cache
def migration_scripts() -> ScriptDirectory:
    """The migrations that this program has, read once for each process."""
    return ScriptDirectory.from_config(make_config())


def make_config() -> Config:
    """Alembic's settings; there is no file of them."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config
