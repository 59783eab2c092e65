"""Accounts: who may sign in, where they are signed in, codes that are good once, passkeys, and who they are elsewhere."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.migrations.columns import at, flag, ident, key, text, whole

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

#: Tables whose rows belong to an account.
TABLES = ("account_identities", "passkeys", "account_codes", "account_sessions")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "accounts",
        *(
            ident("id"),
            ident("person_id"),
            key("name", 254),
            key("folded", 254),
            key("role", 16),
            key("password_hash", 200, True),
        ),
        *(at("created_at"), sa.Column("seen_on", sa.Date(), nullable=True), at("disabled_at", True)),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_accounts_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("person_id", name="uq_accounts_person_id"),
        sa.UniqueConstraint("folded", name="uq_accounts_folded"),
    )
    make_table("account_sessions", ("token_hash",), key("token_hash", 64), at("seen_at"), at("proved_at"), key("browser", 80))
    codes = (key("purpose", 16), key("code_hash", 64), key("role", 16), at("expires_at"))
    make_table("account_codes", ("code_hash",), *codes, empty=True)
    keys = (key("name", 80), text("credential_id"), key("credential_hash", 64), text("public_key"))
    make_table("passkeys", ("credential_hash",), *keys, whole("sign_count"), flag("backed_up"), at("used_at", True))
    make_table("account_identities", ("issuer", "subject"), key("issuer", 255), key("subject", 255))


def make_table(name: str, unique: tuple[str, ...], *columns: sa.Column[Any], empty: bool = False) -> None:
    """A table whose rows belong to an account. unique: columns that no two rows share. empty: whether the account may lack."""
    op.create_table(
        name,
        *(ident("id"), ident("account_id", empty), *columns, at("created_at")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=f"fk_{name}_account_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint(*unique, name=f"uq_{name}_{'_'.join(unique)}"),
    )
    op.create_index(f"ix_{name}_account_id", name, ["account_id"])


def downgrade() -> None:
    """Take the tables back; what the people have stays."""
    for table in TABLES:
        op.drop_table(table)
    op.drop_table("accounts")
