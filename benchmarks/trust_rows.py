"""What stands on the pages of trust: accounts, signed-in browsers, links, tokens, and films that were checked, as rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.codes import hash_of, make_code
from app.accounts.models import Account, Passkey, Role
from app.accounts.passwords import hashed
from app.accounts.service import fold_name
from app.accounts.sessions import open_session
from app.database import Database, writing
from app.link_models import ShareLink
from app.models import Clip, Person, Work, new_id, now
from app.services.consent import state_consent
from app.services.links import create_link
from app.services.tokens import create_token
from app.settings import AppSettings
from benchmarks.page_rows import SEED, StateRows
from core.messages import message
from core.work import SIGNED
from pipeline.verify_film import Findings, Verdict, manifest_notes, minute_of
from pipeline.works.verify_film import VERIFY_FILM
from provenance.ledger import KeptAccount, film_account_path, new_mark
from provenance.places import write_private
from provenance.reading import Manifest

#: Of everybody who has an account here.
PASSWORD = "fjord kiosk nebel"  # of an account on the benchmark's own server  # nosec B105
#: How the other browser calls itself in which somebody is signed in.
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4 Mobile/15E148 Safari/604.1"
DESK = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
#: A film's account, as it is signed, and when.
ACCOUNT: dict[str, Any] = {
    "recipe": "song_to_film",
    "engines": ["mesh"],
    "weights": [{"name": "face_landmarker", "sha256": "64184e229b263107", "licence": "Apache-2.0"}],
    "options": {"height": 512, "head_motion": 0.6, "text": {"sha256": "0f" * 32, "characters": 38}},
    "ingredients": {"song": "3f" * 32, "portrait": "a7" * 32},
}
STATED = {"at": "2026-05-04T10:15:00+00:00", "wording": "1"}
SIGNED_AT = "2026-05-04T10:16:30+00:00"
#: What the manifest of each kind of film was found to be.
FOUND: Mapping[Verdict, Manifest] = {
    "ours": Manifest("unchanged", "here", account=ACCOUNT, stated=STATED),
    "ours_changed": Manifest("changed", "here", ("film",)),
    "ours_found_again": Manifest("unsigned"),
    "another_film": Manifest("changed", "here", ("film",)),
    "foreign": Manifest("unchanged", "other", generator="A camera", issuer="A camera's maker"),
    "unknown": Manifest("unsigned"),
}


def fill_trust(settings: AppSettings, person_id: str, ids: Mapping[str, str]) -> dict[str, str]:
    """Give the person links, tokens and checked films besides, and state consent of one picture; ids and secrets by name.

    ids: of what the person has, as `page_rows.fill` gives them.
    """
    database = Database(settings)
    with database.session() as session:
        link = create_link(session, settings, person_id, ids["film"], 7, download=True)
        ended = create_link(session, settings, person_id, ids["film"], 1)
        create_token(session, person_id, "Backup of my films", ("read",), 365)
        create_token(session, person_id, "Films of the day", ("read", "make", "share"), 30)
        state_consent(session, person_id, [ids["two"]])
        with writing(session):
            session.get_one(ShareLink, ended.link.id).expires_at = now() - timedelta(days=1)
            kept = sign(settings, session.get_one(Work, ids["film"]))
            rows = StateRows(session, settings, person_id, SEED)
            clip = session.get_one(Clip, ids["clip"])
            works = {f"checked {verdict}": checked_film(rows, clip, verdict, kept) for verdict in FOUND}
            session.flush()
        found = {name: work.id for name, work in works.items()}
    database.close()
    return found | {"link": link.secret, "ended link": ended.secret}


def sign(settings: AppSettings, film: Work) -> KeptAccount:
    """Keep the film's account, as if it had been signed."""
    kept = KeptAccount(new_mark(), SIGNED_AT, "5c" * 32, film.size_bytes or 0, {**ACCOUNT, "stated": STATED})
    path = film_account_path(kept.mark, settings.signing_dir)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(path, json.dumps(asdict(kept)).encode())
    film.figures = {**(film.figures or {}), SIGNED: [kept.mark]}
    return kept


def checked_film(rows: StateRows, clip: Clip, verdict: Verdict, kept: KeptAccount) -> Work:
    """A film that was found to be that. kept: of the film that it is, where it is one of ours."""
    manifest = FOUND[verdict]
    notes = [*manifest_notes(manifest, verdict), message("pipeline.verify_silent")]
    if verdict == "ours_found_again":
        notes.insert(1, message("pipeline.verify_mark_finds", at=minute_of(kept.at)))
    ours = verdict in ("ours", "ours_changed", "ours_found_again")
    figures = Findings(manifest, verdict, kept.mark if ours else "", kept if ours else None).as_json()
    figures["notes"] = [note.as_json() for note in notes]
    return rows.work(VERIFY_FILM, "On stage, checked", {"film": clip}, figures=figures)


def fill_accounts(settings: AppSettings, person_id: str) -> dict[str, str]:
    """Make the person's things those of an account, and accounts of others beside it.

    Gives codes by name (`invitation`, `reset`), and tokens of sessions (`signed`, `administrator`).
    """
    database = Database(settings)
    with database.session() as session:
        with writing(session):
            own = add(session, "anna.lindqvist@example.org", person_id)
            head = add(session, "The choir's office", role="administrator")
            add(session, "Benedikt").disabled_at = now()
            add(session, "a-person-with-a-very-long-address-that-is-still-one@choir-of-the-old-town.example.org")
            for number, name in enumerate(("My desk", "My phone")):
                session.add(passkey(own, name, used=number > 0))
        found = {"signed": open_session(session, own, DESK), "administrator": open_session(session, head, DESK)}
        open_session(session, own, PHONE)
        found["invitation"] = make_code(session, "invitation")
        make_code(session, "invitation", role="administrator")
        found["reset"] = make_code(session, "reset", own.id)
    database.close()
    return found


def add(session: Session, name: str, person_id: str = "", role: Role = "user") -> Account:
    """An account; its person is a new one where none is named."""
    if not person_id:
        person = Person(id=new_id())
        session.add(person)
        session.flush()
        person_id = person.id
    row = Account(id=new_id(), person_id=person_id, name=name, folded=fold_name(name), role=role)
    row.password_hash = hashed(PASSWORD)
    session.add(row)
    session.flush()
    return row


def passkey(account: Account, name: str, used: bool) -> Passkey:
    """A passkey that no device has."""
    row = Passkey(account_id=account.id, name=name, credential_id=new_id(), public_key="")
    row.credential_hash, row.used_at = hash_of(row.credential_id), now() if used else None
    return row
