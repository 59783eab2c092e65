"""`python -m app.accounts`: makes, lists and disables the accounts of a shared server, from its own terminal.

No password passes the terminal: whoever gets the one-time link chooses it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from app.accounts.addresses import address_of
from app.accounts.codes import make_code
from app.accounts.counts import counted_accounts
from app.accounts.erasing import erase_account
from app.accounts.models import Account
from app.accounts.service import add_account, disable, find_account, give_role
from app.database import Database, writing
from app.errors import NotFound
from app.migrations.upgrade import upgrade
from app.settings import MEGABYTE, AppSettings
from app.terminal import add_data_dir, settings_of
from core.errors import BelcantoError
from core.places import call_of

Act = Callable[[Session, AppSettings, argparse.Namespace], str]


def create(session: Session, settings: AppSettings, options: argparse.Namespace) -> str:
    """A new account, and the link by which its owner chooses a password."""
    with writing(session):
        made = add_account(session, options.name, None, "administrator" if options.administrator else "user")
    return f"The account {made.name} is made.\n{link_for(session, settings, made)}"


def reset(session: Session, settings: AppSettings, options: argparse.Namespace) -> str:
    """The link by which an account's owner chooses another password."""
    return link_for(session, settings, named(session, options.name))


def link_for(session: Session, settings: AppSettings, account: Account) -> str:
    """A one-time link for the account's password."""
    link = address_of(settings, "new-password", make_code(session, "reset", account.id))
    return f"This link, good once and for a day, lets {account.name} choose a password:\n{link}"


def invite(session: Session, settings: AppSettings, options: argparse.Namespace) -> str:
    """The link by which somebody makes an account."""
    code = make_code(session, "invitation", role="administrator" if options.administrator else "user")
    return f"This link, good once and for a week, lets somebody make an account:\n{address_of(settings, 'sign-up', code)}"


def listed(session: Session, settings: AppSettings, options: argparse.Namespace) -> str:
    """All accounts: name, role, works, megabytes, last day, whether disabled."""
    rows = [("NAME", "ROLE", "WORKS", "MB", "LAST HERE", "")]
    for row in counted_accounts(session):
        size = f"{row.size_bytes / MEGABYTE:.1f}"
        rows.append((row.name, row.role, str(row.works), size, str(row.seen_on or "never"), "disabled" if row.disabled else ""))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def disabled(session: Session, settings: AppSettings, options: argparse.Namespace) -> str:
    """Let an account sign in no more; where it is signed in, that ends."""
    account = named(session, options.name)
    disable(session, account.id)
    return f"{account.name} can sign in no more."


def enabled(session: Session, settings: AppSettings, options: argparse.Namespace) -> str:
    """Let an account sign in again."""
    account = named(session, options.name)
    disable(session, account.id, False)
    return f"{account.name} can sign in again."


def promoted(session: Session, settings: AppSettings, options: argparse.Namespace) -> str:
    """Make somebody an administrator."""
    account = named(session, options.name)
    give_role(session, account.id, "administrator")
    return f"{account.name} is an administrator now."


def demoted(session: Session, settings: AppSettings, options: argparse.Namespace) -> str:
    """Make an administrator a user like others."""
    account = named(session, options.name)
    give_role(session, account.id, "user")
    return f"{account.name} is no administrator any more."


def deleted(session: Session, settings: AppSettings, options: argparse.Namespace) -> str:
    """Delete an account with all that it has."""
    account = named(session, options.name)
    erase_account(session, settings, account.id)
    return f"The account {account.name} is deleted, with all that it had."


#: The commands: what does it, and what it is for.
COMMANDS: dict[str, tuple[Act, str]] = {
    "create": (create, "make an account; prints a link by which its owner chooses a password"),
    "invite": (invite, "print a link by which somebody makes an account"),
    "list": (listed, "name, role, number of works, megabytes, last day"),
    "reset": (reset, "print a link by which an account's owner chooses another password"),
    "disable": (disabled, "let an account sign in no more"),
    "enable": (enabled, "let it sign in again"),
    "promote": (promoted, "make an account an administrator's"),
    "demote": (demoted, "make an administrator's account one like others"),
    "delete": (deleted, "delete an account with all that it has, for good"),
}


def named(session: Session, name: str) -> Account:
    """The account of that name. Raises NotFound."""
    account = find_account(session, name)
    if account is None:
        raise NotFound("app.no_such_account")
    return account


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog=call_of("app.accounts"), description="The accounts of a shared server.")
    add_data_dir(parser)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_, what) in COMMANDS.items():
        command = commands.add_parser(name, help=what, description=what)
        if name not in ("invite", "list"):
            command.add_argument("name", metavar="NAME", help="name of the account")
        if name in ("create", "invite"):
            command.add_argument("--administrator", action="store_true", help="of an administrator, who sees counts alone")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one thing; returns the exit code."""
    options = build_parser().parse_args(arguments)
    try:
        settings = settings_of(options)
        database = Database(settings)
        upgrade(database.engine, settings)
        with database.session() as session:
            print(COMMANDS[options.command][0](session, settings, options))
        database.close()
        return 0
    except BelcantoError as error:
        print(str(error), file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
