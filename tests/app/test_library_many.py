"""Many things at once: deleted together or not at all, brought back together, and downloaded as one zip that is never held."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from datetime import timedelta

import pytest

from app.errors import LimitReached, NotFound
from app.models import Song, Work, now
from app.services.bundles import bundle, bundle_bytes, files_of, safe_name
from app.services.chosen import MOST_CHOSEN, chosen_rows, hide_chosen, restore_chosen
from app.services.hiding import UNDO
from tests.app.api_client import Rows, problem_of

FOLDERS = {"works": "Films", "songs": "Songs", "pictures": "Pictures", "clips": "Clips"}


@pytest.fixture
def made(session, settings, person_id):
    return Rows(session, settings, person_id)


@pytest.fixture
def theirs(session, settings):
    return Rows(session, settings, "f" * 32)


def names(body):
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def test_all_of_it_is_deleted_and_brought_back(session, settings, person_id, made):
    film, songs = made.film("queued"), [made.song(f"s{number}") for number in range(5)]
    kept = made.song("kept")
    chosen = {"works": [film.id, film.id], "songs": [song.id for song in songs], "pictures": [film.picture.id]}
    count, at = hide_chosen(session, settings, person_id, chosen)
    assert count == 7 and film.job.state == "cancelled" and kept.deleted_at is None
    assert {row.deleted_at for row in (film, film.picture, *songs)} == {at}
    assert {row.erase_at for row in songs} == {at + UNDO}
    assert restore_chosen(session, person_id, at) == 7
    assert all(row.deleted_at is None for row in (film, film.picture, *songs))
    with pytest.raises(NotFound, match="bring back"):
        restore_chosen(session, person_id, at)


def test_only_what_was_deleted_together_comes_back(session, settings, person_id, made):
    first, second = made.song("a"), made.song("b")
    _, at = hide_chosen(session, settings, person_id, {"songs": [first.id]})
    hide_chosen(session, settings, person_id, {"songs": [second.id]})
    assert restore_chosen(session, person_id, at) == 1
    assert first.deleted_at is None and second.deleted_at is not None


@pytest.mark.parametrize("missing", ["theirs", "deleted", "unknown"])
def test_nothing_is_deleted_where_a_part_is_not_there(session, settings, person_id, made, theirs, missing):
    mine, other = made.song("mine"), theirs.song("other")
    gone = made.song("gone")
    hide_chosen(session, settings, person_id, {"songs": [gone.id]})
    wrong = {"theirs": other.id, "deleted": gone.id, "unknown": "0" * 32}[missing]
    with pytest.raises(NotFound, match="song"):
        hide_chosen(session, settings, person_id, {"songs": [mine.id, wrong]})
    session.expire_all()
    assert session.get(Song, mine.id).deleted_at is None and session.get(Song, other.id).deleted_at is None


def test_nobody_brings_back_what_is_not_theirs(session, settings, person_id, made):
    song = made.song()
    _, at = hide_chosen(session, settings, person_id, {"songs": [song.id]})
    with pytest.raises(NotFound):
        restore_chosen(session, "f" * 32, at)
    assert session.get(Song, song.id).deleted_at is not None


def test_too_many_are_refused(session, person_id):
    with pytest.raises(LimitReached, match=str(MOST_CHOSEN)):
        chosen_rows(session, person_id, {"songs": [f"{number:032x}" for number in range(MOST_CHOSEN + 1)]})


def test_the_zip_is_whole_and_as_large_as_was_said(session, settings, person_id, made):
    film, songs = made.film("done", "Ünïcode/“film”"), [made.song("Same"), made.song("same", b"other"), made.song("../../etc")]
    rows = chosen_rows(session, person_id, {"works": [film.id], "songs": [song.id for song in songs]})
    files = files_of(settings, rows, FOLDERS)
    body = b"".join(bundle(files))
    assert len(body) == bundle_bytes(files)
    assert names(body) == ["Films/Ünïcode_“film”.mp4", "Songs/Same.mp3", "Songs/same (2).mp3", "Songs/_.._etc.mp3"]
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.read("Songs/same (2).mp3") == b"other"


@pytest.mark.parametrize(
    ("title", "name"),
    [("con", "con_"), ("LPT1.x", "LPT1.x_"), ("...", "Untitled"), ("a" * 300, "a" * 100), ("a\u202eb", "a_b"), ("ok ", "ok")],
)
def test_names_are_safe(title, name):
    assert safe_name(title) == name


def test_every_file_of_a_work_is_there_and_what_is_gone_is_left_out(session, settings, person_id, made):
    film, song = made.film("done", "Film"), made.song("gone")
    (settings.results_dir / f"srt-{film.id}.srt").write_text("1")
    film.files = {**film.files, "srt": f"srt-{film.id}.srt"}
    (settings.uploads_dir / song.file_name).unlink()
    session.commit()
    files = files_of(settings, chosen_rows(session, person_id, {"works": [film.id], "songs": [song.id]}), FOLDERS)
    assert [file.name for file in files] == ["Films/Film.mp4", "Films/Film srt.srt"]
    with pytest.raises(NotFound, match="no file"):
        files_of(settings, [made.film("queued")], FOLDERS)


def test_no_whole_file_is_held(session, settings, person_id, made):
    songs = [made.song(f"s{number}", bytes([number]) * 8_000_000) for number in range(4)]
    files = files_of(settings, songs, FOLDERS)
    tracemalloc.start()
    size = sum(len(piece) for piece in bundle(files))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == bundle_bytes(files) > 32_000_000 and peak < 3_000_000


def test_the_api_bundles_deletes_and_brings_back(session, made, theirs, api):
    film, song = made.film("done"), made.song("Mine")
    chosen = {"works": [film.id], "songs": [song.id]}
    answer = api.post("/library/zip", chosen)
    assert answer.status_code == 200 and answer.content_length == len(answer.data)
    assert sorted(names(answer.data)) == ["songs/Mine.mp3", "works/A film.mp4"]
    found = api.get("/library/matches?part=songs&q=mine").json["items"]
    assert found == [{"id": song.id, "size_bytes": song.size_bytes}]
    gone = api.post("/library/delete", chosen).json
    assert gone["count"] == 2 and api.get("/songs?q=mine").json["items"] == []
    assert api.post("/library/restore", {"deleted_at": gone["deleted_at"]}).json == {"count": 2}
    assert session.get(Work, film.id, populate_existing=True).deleted_at is None
    other = theirs.song("other")
    for path in ("/library/zip", "/library/delete"):
        problem_of(api.post(path, {"songs": [song.id, other.id]}), 404, "song")
        problem_of(api.post(path, {}), 422, "at least one")
        problem_of(api.post(path, {"songs": [3]}), 422, "songs[0]")
    for text in ("x", "9999-99-99", "0001-01-01T00:00:00+14:00"):
        assert api.post("/library/restore", {"deleted_at": text}).status_code in (404, 422)
    problem_of(api.get("/library/matches?part=x"), 400, "songs")


def test_the_page_does_it_with_forms(session, made, client, app, person_id):
    from app.context import EXTENSION, PERSON_COOKIE

    client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person_id))
    songs = [made.song(f"song {number}") for number in range(3)]
    answer = client.post("/library/chosen/zip", data={"songs": [songs[0].id]}, headers={"Accept-Language": "de"})
    assert names(answer.data) == ["Lieder/song 0.mp3"] and "attachment" in answer.headers["Content-Disposition"]
    assert client.post("/library/chosen/zip", data={}).status_code == 303
    form = {"all": "songs", "q": "song", "next": "/library?kind=songs"}
    answer = client.post("/library/chosen/delete", data=form, follow_redirects=True)
    assert "3 things are deleted" in answer.text and answer.request.query_string == b"kind=songs"
    session.expire_all()
    at = session.get(Song, songs[0].id).deleted_at
    assert at is not None and now() - at < timedelta(minutes=1)
    answer = client.post("/library/chosen/restore", data={"at": at.isoformat()}, follow_redirects=True)
    assert "3 are back." in answer.text
    assert "Tick something first." in client.post("/library/chosen/delete", data={}, follow_redirects=True).text
    assert "nothing to bring back" in client.post("/library/chosen/restore", data={"at": "x"}, follow_redirects=True).text
