"""Everything of a person: taken along as one zip, and gone at once, from the disk and from the database, and from nobody else."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from sqlalchemy import delete, select

from app.accounts.models import Account, AccountCode, AccountIdentity, AccountSession, Passkey
from app.api.operations import OPERATIONS
from app.context import EXTENSION, PERSON_COOKIE
from app.model_base import Base
from app.models import Asset, Job, Person, Work, new_id, now
from app.notices.models import NoticeAddress
from app.notices.models import NoticeAddress as Told
from app.services.albums import create_album, fill_album
from app.services.belongings import BELONGINGS, everything_about
from app.services.emotions import ask_emotion
from app.services.idempotency import answer_request, begin_request
from app.services.leaving import erase_everything, everything_files
from app.services.links import create_link
from app.services.previews import ask_preview
from app.services.retention import FORGOTTEN, forget_people
from app.services.songs import add_song, song_file
from app.services.tags import change_tags
from app.services.tokens import create_token
from app.services.uploads import begin_upload, continue_upload
from app.services.works import hide_work
from app.watching.models import WorkerRow
from pipeline.film_settings import SongToVideoSettings
from tests.app.test_erasure import found, samples, spelled

TITLE, ALBUM, WORD, PIECE = "Zebrafinkenlied", "Schuppentiere", "Wombatwort", b"Nashornpiece" * 9
FILM_BYTES = bytes((7 * each + each // 251) % 256 for each in range(9000))


@pytest.fixture
def belongings(session, settings, person_id, song, picture, film, finish_job):
    """A person who has one of everything."""
    finish_job(film, content=FILM_BYTES)
    song.title, song.search_text, film.title = TITLE, TITLE.casefold(), TITLE
    session.commit()
    ask_emotion(session, settings, person_id, song.id, 0.0, None)
    preview = ask_preview(session, settings, person_id, song.id, picture.id, SongToVideoSettings(face=1))
    preview.state, preview.finished_at, preview.files = "done", now(), {"preview": f"preview-{preview.id}.mp4"}
    (settings.results_dir / preview.files["preview"]).write_bytes(FILM_BYTES[::-1])
    session.commit()
    upload = begin_upload(session, settings, person_id, "song", TITLE, 1000)
    continue_upload(session, settings, person_id, upload.id, 0, PIECE)
    begin_request(session, person_id, "k", b"x")
    answer_request(session, person_id, "k", 200, {"body": TITLE, "headers": {}})
    album = create_album(session, settings, person_id, ALBUM)
    fill_album(session, person_id, album.id, {"songs": [song.id], "works": [film.id]})
    change_tags(session, person_id, {"songs": [song.id], "works": [film.id]}, [WORD], [])
    session.add(Told(person_id=person_id, key="0" * 64, endpoint="https://push.example/a", p256dh="p", auth="a", language="en"))
    session.commit()
    create_token(session, person_id, WORD, ["read"])
    settings.vault.keys.key_of(person_id)
    link = create_link(session, settings, person_id, film.id)
    return {"song": song, "film": film, "picture": picture, "secret": link.secret}


@pytest.fixture
def account(session, person_id, belongings):
    """The person has an account, too."""
    made = Account(person_id=person_id, name="Okapi", folded="okapi", password_hash="geheim")
    session.add(made)
    session.flush()
    soon = now()
    session.add_all(
        [
            AccountSession(account_id=made.id, token_hash="1" * 64),
            AccountCode(account_id=made.id, purpose="reset", code_hash="2" * 64, expires_at=soon),
            AccountIdentity(account_id=made.id, issuer="https://issuer.example", subject="s"),
            Passkey(account_id=made.id, name="key", credential_id="c", credential_hash="3" * 64, public_key="p"),
        ]
    )
    session.commit()
    return made


@pytest.fixture
def visitor(app, client, person_id):
    client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person_id))
    return client


def test_every_table_with_rows_of_people_is_in_the_list():
    assert [each.model for each in BELONGINGS if each.model is not Asset] == list(
        dict.fromkeys(each.model for each in BELONGINGS if each.model is not Asset)
    )
    bases = {mapper.base_mapper.class_ for mapper in Base.registry.mappers} - {WorkerRow}  # which are nobody's
    assert {each.model for each in BELONGINGS} == bases


def test_the_list_can_be_deleted_from_front_to_end(session, person_id, account):
    for belonging in BELONGINGS:
        assert everything_about(session, person_id).get(belonging.name), belonging.name
        session.execute(delete(belonging.model).where(belonging.of(person_id)).execution_options(synchronize_session=False))
        session.commit()


def test_the_zip_holds_every_file_and_every_row(visitor, settings, belongings, account, song_path, session):
    hide_work(session, settings, belongings["film"].person_id, belongings["film"].id)  # a hidden thing is kept still
    answer = visitor.get("/your-data/everything.zip")
    assert answer.status_code == 200 and len(answer.data) == int(answer.headers["Content-Length"])
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        names = archive.namelist()
        assert archive.read(f"given/{TITLE}.mp3") == song_path.read_bytes()
        assert archive.read(f"made/{TITLE}.mp4") == FILM_BYTES
        assert archive.read("made along the way/film_preview.mp4") == FILM_BYTES[::-1]
        rows = json.loads(archive.read("everything.json"))
    assert len(names) == 5 and {each.name for each in BELONGINGS} == set(rows)
    told = json.dumps(rows)
    for word in (TITLE, ALBUM, WORD, "https://push.example/a"):
        assert word in told
    for row in rows["links"]:
        assert "secret_sha256" not in row
    assert "origin" not in rows["person"][0] and "geheim" not in told and "1" * 64 not in told


def test_nobody_elses_rows_or_files_are_in_it(session, settings, belongings, incoming, song_path):
    other = new_id()
    add_song(session, settings, other, incoming(song_path), "other.mp3")
    told = everything_about(session, other)
    assert set(told) == {"person", "songs, pictures and films given"} and TITLE not in json.dumps(told)
    assert [file.name for file in everything_files(session, settings, other)] == ["everything.json", "given/other.mp3"]


def test_nothing_is_left_of_who_has_everything_erased(session, settings, person_id, visitor, belongings, song_path, picture_path):
    pieces = set().union(*(samples(path.read_bytes()) for path in (song_path, picture_path)))
    pieces |= samples(FILM_BYTES) | samples(FILM_BYTES[::-1]) | {PIECE}
    words = set().union(*map(spelled, (TITLE, ALBUM, WORD, "push.example", person_id)))
    assert found([settings.data_dir], pieces) and found([settings.data_dir], words)
    session.rollback()  # who reads the database at that moment has it written anew later only
    answer = visitor.post("/your-data/erase", data={"sure": "1"})
    assert answer.status_code == 303
    assert found([settings.data_dir], pieces) == []
    assert found([settings.data_dir], words) == []
    session.rollback()
    session.expire_all()
    assert everything_about(session, person_id) == {}
    assert visitor.get(f"/shared/{belongings['secret']}").status_code == 404
    cookie = visitor.get_cookie(PERSON_COOKIE).value
    assert person_id not in cookie, "who comes back is somebody new"


def test_others_keep_what_they_have(session, settings, person_id, belongings, incoming, song_path):
    other = new_id()
    theirs = add_song(session, settings, other, incoming(song_path), "theirs.mp3")
    before = everything_about(session, other)
    assert erase_everything(session, settings, person_id)
    assert everything_about(session, other) == before and song_file(settings, theirs).read_bytes() == song_path.read_bytes()


def test_what_is_being_made_is_stopped_and_goes_then(session, settings, person_id, film):
    job = film.job
    job.state, job.owner, job.heartbeat_at = "running", "a@x", now()
    session.commit()
    assert not erase_everything(session, settings, person_id)
    session.expire_all()
    assert session.get(Job, job.id).cancel_requested
    rows = session.scalars(select(Work)).all()
    assert all(row.erase_at <= now() for row in rows)
    session.get(Job, job.id).state = "cancelled"
    session.commit()
    assert erase_everything(session, settings, person_id)
    assert everything_about(session, person_id) == {}


def test_nothing_is_erased_without_the_box(session, visitor, belongings, person_id):
    page = visitor.post("/your-data/erase", follow_redirects=True)
    assert "Tick the box first" in page.text
    assert TITLE in json.dumps(everything_about(session, person_id))


def test_the_api_gives_and_erases(api, session, person_id, belongings):
    with zipfile.ZipFile(io.BytesIO(api.get("/library/everything").data)) as archive:
        assert len(archive.namelist()) == 5
    assert api.delete("/library/everything").json == {"complete": True}
    session.expire_all()
    assert everything_about(session, person_id) == {}
    assert {each.name for each in OPERATIONS} >= {"library_everything", "erase_library"}


def test_the_page_tells_what_is_kept(visitor, belongings):
    page = visitor.get("/your-data").text
    assert "Songs" in page and "It is kept until you delete it." in page
    visitor.post("/your-data/erase", data={"sure": "1"})
    assert "No file of yours is kept." in visitor.get("/your-data").text


def test_an_account_stays_and_is_empty(session, settings, person_id, account):
    assert erase_everything(session, settings, person_id)
    session.expire_all()
    left = {"person", "account", "sign-ins", "one-time codes", "accounts elsewhere", "passkeys"}
    assert set(everything_about(session, person_id)) == left


def test_a_visitor_of_whom_nothing_is_kept_is_forgotten(session, person_id, belongings):
    old = [Person(id=new_id(), created_at=now() - 2 * FORGOTTEN), Person(id=new_id(), created_at=now())]
    session.get(Person, person_id).created_at = now() - 2 * FORGOTTEN
    session.add_all(old)
    session.commit()
    ids = [each.id for each in old]
    assert forget_people(session) == 1
    session.commit()
    session.expire_all()
    assert session.get(Person, ids[0]) is None and session.get(Person, ids[1]) and session.get(Person, person_id)
    assert session.scalars(select(NoticeAddress)).one().person_id == person_id
