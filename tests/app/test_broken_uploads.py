"""More than 200 broken files are given to the API: each is refused with its sentence and status, and nothing stays behind."""

from __future__ import annotations

import io
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app import create_app
from app.context import EXTENSION
from app.handing_in import RECEPTION
from app.models import Picture, Song, Upload, new_id
from app.settings import AppSettings
from tests.app.api_client import ApiClient
from tests.app.broken_files import broken_files
from tests.app.file_bytes import flac_of_silence
from tests.app.right_files import sounds

pytestmark = [pytest.mark.slow, pytest.mark.long]

#: Two cores look at two files at a time.
AT_ONCE = 2


@pytest.fixture(scope="module")
def temporary(tmp_path_factory):
    """The folder of temporary files while this module runs, so that what is left there shows."""
    folder = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        patch.setattr(tempfile, "tempdir", str(folder))
        yield folder


@pytest.fixture(scope="module")
def broken_app(tmp_path_factory, temporary):
    """An application whose errors are answers, not exceptions."""
    made = create_app(AppSettings(data_dir=tmp_path_factory.mktemp("broken")))
    made.extensions[RECEPTION].settings = replace(made.extensions[RECEPTION].settings, answer_within_s=120.0)
    yield made
    made.extensions[EXTENSION].database.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """All the files."""
    return broken_files(tmp_path_factory.mktemp("sources"))


def give_whole(api, file):
    """In a form."""
    data = {"file": (io.BytesIO(file.data), file.name)}
    return api.call("post", f"/{file.kind}s", data=data)


def give_in_pieces(api, file):
    """By a resumable upload."""
    made = api.post("/uploads", {"kind": file.kind, "file_name": file.name, "size_bytes": len(file.data)})
    if made.status_code != 201:
        return made
    headers = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    sent = api.patch(made.json["links"]["self"], data=file.data, headers=headers)
    return sent if sent.status_code != 204 else api.post(made.json["links"]["finish"])


@pytest.fixture(scope="module")
def answers(broken_app, files):
    """What was answered to each, in order: every fifth came in pieces; and how long each took, in seconds."""

    def give(numbered):
        number, file = numbered
        begun = time.monotonic()
        answer = (give_in_pieces if number % 5 == 0 else give_whole)(ApiClient(broken_app, person), file)
        return answer, time.monotonic() - begun

    person = new_id()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(give, enumerate(files)))


def test_there_are_more_than_200_of_every_kind(files):
    assert len(files) >= 200
    assert Counter(file.kind for file in files).keys() == {"song", "picture"}
    assert len({(file.kind, file.name, file.data) for file in files}) == len(files)
    for label in ("empty", "of another kind", "points elsewhere", "bomb", "too long", "odd name", "picture named as a song"):
        assert sum(file.label == label for file in files) >= 4, label


def test_each_is_refused_with_its_sentence_and_status(files, answers):
    wrong = []
    for file, (answer, _) in zip(files, answers, strict=True):
        what = f"{file.label}, {file.kind} {file.name[:60]!r}: {answer.status_code} {answer.text[:200]}"
        if answer.status_code not in file.statuses or answer.mimetype != "application/problem+json":
            wrong.append(what)
        elif not answer.json["detail"].endswith(".") or len(answer.json["detail"]) < 20:
            wrong.append("no sentence: " + what)
    assert not wrong, "\n".join(wrong)


def test_no_sentence_tells_of_the_server_or_of_other_files(broken_app, answers):
    folder = str(broken_app.extensions[EXTENSION].settings.data_dir)
    for answer, _ in answers:
        sentence = answer.json["detail"]
        assert folder not in sentence and ".part" not in sentence and ".whole" not in sentence
        assert "root:" not in sentence and "Traceback" not in sentence
        assert sentence.isprintable(), repr(sentence)


def test_none_takes_long(files, answers):
    slow = [(file.name, round(took, 1)) for file, (_, took) in zip(files, answers, strict=True) if took > 60]
    assert not slow


def test_nothing_is_left(broken_app, answers, temporary):
    settings = broken_app.extensions[EXTENSION].settings
    assert [path for path in settings.uploads_dir.rglob("*") if path.is_file()] == []
    assert [path for path in temporary.rglob("*") if path.is_file()] == []
    with broken_app.extensions[EXTENSION].database.session() as session:
        for model in (Song, Picture, Upload):
            assert session.scalar(select(func.count()).select_from(model)) == 0


def test_right_files_are_taken_under_odd_names_and_none_of_them_reaches_the_disk(broken_app, tmp_path_factory, answers):
    settings = broken_app.extensions[EXTENSION].settings
    api = ApiClient(broken_app, new_id())
    tones = sounds(tmp_path_factory.mktemp("tones"))
    names = {"mp3": "../../../x.mp3", "wav": "a\x00\r\nb\x1b[31m\u202e.wav", "flac": "歌.exe", "m4a": "con"}
    titles = []
    before = set(settings.uploads_dir.rglob("*"))
    for ending, name in names.items():
        answer = api.post("/uploads", {"kind": "song", "file_name": name, "size_bytes": len(tones[ending])})
        headers = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        api.patch(answer.json["links"]["self"], data=tones[ending], headers=headers)
        song = api.post(answer.json["links"]["finish"])
        assert song.status_code == 201, song.text
        titles.append(song.json["title"])
    assert titles[0] == "x" and titles[1].isprintable() and titles[2] == "歌"
    kept = [path.name for path in set(settings.uploads_dir.rglob("*")) - before if path.is_file()]
    assert len(kept) == 4 and all(name.startswith("song-") and name.isascii() for name in kept)


def test_a_long_song_within_the_limit_is_taken(broken_app):
    """Else the refusal of the ten hours would say nothing."""
    api = ApiClient(broken_app, new_id())
    answer = api.call("post", "/songs", data={"file": (io.BytesIO(flac_of_silence(880)), "long.flac")})
    assert answer.status_code == 201 and 880 <= answer.json["duration_s"] < 890
