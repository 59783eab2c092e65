"""What a second person is sent to, and how it is told whether they met anything of the first: for `test_second_person.py`."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import object_session

from app.accounts.erasing import OF_ACCOUNT
from app.accounts.models import Account, AccountSession
from app.models import Asset, Base, Job, JobEvent, JobInput, Person, Work, WorkInput
from app.shelf_models import AlbumAsset, AlbumWork
from pipeline.works.song_to_film import SONG_TO_FILM

TITLES = {
    "song": "Zebrafinkenlied",
    "picture": "Quastenflosser",
    "film": "Okapitraum",
    "clip": "Erdferkelgang",
    "upload": "Nashornpiece",
    "talk": "Ameisenigel",
    "album": "Schuppentiere",
    "tag": "Wombatwort",
}
HIDDEN = "Verborgenes"
KEY, REMEMBERED = "the first one's key", "remembered answer"
#: Addresses without a thing in them that nobody tries here, and why.
LEFT_OUT = {
    "api.openapi": "the document",
    "bootstrap.static": "files of a package",
    "static": "our own files",
    "pages.demo_picture": "everybody's",
    "pages.example_file": "everybody's",
    "pages.welcome": "everybody's",
    "pages.choice_file": "everybody's",
    "pages.shared": "whoever's who has the link",
    "pages.shared_file": "whoever's who has the link",
    "accounts.sign_out": "signs whoever asks out",
    "accounts.end_own_sessions": "signs whoever asks out everywhere",
    "accounts.delete_own": "deletes the account of whoever asks",
    "accounts.change_own_password": "whoever asks has a session of another name afterwards",
    "pages.take_demo_picture": "puts a picture of nobody into whoever's library asks",
}


def everything(session, settings, person_id):
    """All that the person has, every row, and the content of every file."""
    session.rollback()
    session.expire_all()
    rows = []
    for mapper in Base.registry.mappers:
        for row in session.scalars(select(mapper.class_)):
            if owner(row) == person_id and not isinstance(row, AccountSession):  # which notes when it was last used
                rows.append({column.key: getattr(row, column.key) for column in type(row).__mapper__.column_attrs})
    folders = (settings.uploads_dir, settings.results_dir)
    patterns = (
        "song-*",
        "picture-*",
        "clip-*",
        "thumb-*",
        "film-*",
        "page-*",
        "preview-*",
        "greeting-*",
        "pictures-*",
        "incoming/*.part",
    )
    files = {path.name: path.read_bytes() for folder in folders for pattern in patterns for path in folder.glob(pattern)}
    return sorted(rows, key=str), files


def owner(row):
    """Whose row it is."""
    if isinstance(row, Person):
        return row.id
    if isinstance(row, JobEvent | JobInput):
        return object_session(row).get(Job, row.job_id).person_id
    if isinstance(row, WorkInput | AlbumWork):
        return object_session(row).get(Work, row.work_id).person_id
    if isinstance(row, AlbumAsset):
        return object_session(row).get(Asset, row.asset_id).person_id
    if isinstance(row, OF_ACCOUNT):
        account = object_session(row).get(Account, row.account_id or "")
        return None if account is None else account.person_id
    return row.person_id


def addresses(app, ids):
    """(method, endpoint, address) of every route, filled with the first person's things; also given in the address's query."""
    made = []
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            if rule.endpoint in LEFT_OUT:
                continue
            for values in fillings(rule, ids):
                address = adapter.build(rule.endpoint, values, force_external=False)
                made += [(method, rule.endpoint, address) for method in sorted(rule.methods - {"OPTIONS"})]
    return sorted(set(made))


def fillings(rule, ids):
    """Values for the names in a route: of every kind of thing the one that is meant, else each of them."""
    if "item_id" in rule.arguments:
        kinds = {"songs": "song_id", "pictures": "picture_id", "clips": "clip_id", "films": "film_id", "works": "film_id"}
        return [{"kind": kind, "item_id": ids[name]} for kind, name in kinds.items()] + [
            {"kind": "films", "item_id": ids["hidden"]}
        ]
    if rule.arguments == {"film_id"}:
        return [{"film_id": ids["film_id"]}, {"film_id": ids["hidden"]}]
    if "what" in rule.arguments:
        return [{"account_id": ids["account_id"], "what": what} for what in ("disable", "enable", "delete", "reset")]
    if rule.arguments == {"rest"}:
        return [{"rest": "nowhere"}]
    if "work_id" in rule.arguments:
        more = {"role": "film"} if "role" in rule.arguments else {}
        if "export_id" in rule.arguments:
            more = {"export_id": ids["export_id"], **({"role": "gif"} if more else {})}
        return [{"work_id": ids[name], **more} for name in ("film_id", "hidden")]
    if rule.arguments == {"voice"}:
        return [{"voice": "af_nobody"}]  # voices are everybody's
    if rule.arguments == {"kind_name"}:
        return [{"kind_name": SONG_TO_FILM.name}]
    if "number" in rule.arguments:
        return [{"clip_id": ids["clip_id"], "number": "1"}]
    return [{name: ids[name] for name in rule.arguments}]


def told(answer, ids, question=""):
    """What of the first person's an answer tells: titles, and ids of things that were not in the question."""
    text = answer.get_data().decode(errors="replace") + " ".join(f"{name}: {value}" for name, value in answer.headers)
    secrets = (*TITLES.values(), HIDDEN, REMEMBERED, *(each for each in ids.values() if each not in question))
    return [word for word in secrets if word in text]
