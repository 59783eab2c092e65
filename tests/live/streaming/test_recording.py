"""A session as a film: whole where it is stopped, where the process is told to end, and where the disk fails."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import av
import pytest

from benchmarks.live_transport.flashes import FlashAvatar
from core.errors import InputError
from live.avatar import AvatarOrder
from live.streaming.coded_feed import CodedFeed
from live.streaming.fragments import Fragments
from live.streaming.recording import Recording

PATIENCE_S = 60.0
#: The live service as `python -m live` runs it, with avatars that flash and beep.
SERVICE = """
import asyncio, sys
from pathlib import Path
from benchmarks.live_transport.flashes import FlashAvatar
from live.service.server import ServiceSettings, run
asyncio.run(run(ServiceSettings(films=Path(sys.argv[1])), 0, False, FlashAvatar))
"""


def wait_until(holds):
    latest_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < latest_s
        time.sleep(0.05)


@pytest.fixture
def avatar():
    made = FlashAvatar(AvatarOrder(Path("none"), height=64))
    yield made
    made.close()


def looked_at(path):
    """Length in seconds, number of pictures, and what the film tells of itself."""
    with av.open(str(path)) as film:
        count = sum(1 for _ in film.decode(video=0))
        return film.duration / 1e6, count, film.metadata


def test_a_film_is_whole_and_says_what_it_is(avatar, tmp_path):
    recording = Recording(Fragments(CodedFeed(avatar.feed)), tmp_path / "films" / "one.mp4", "A talk")
    assert recording.going_on
    wait_until(lambda: recording.duration_s > 1.5)
    path = recording.stop()
    assert not recording.going_on and recording.stop() == path
    length_s, count, tags = looked_at(path)
    assert length_s > 1.5 and count == pytest.approx(25 * length_s, abs=3)
    assert tags["title"] == "A talk" and "AI-generated" in tags["comment"]
    assert "compositeWithTrainedAlgorithmicMedia" in str(tags)
    assert [each.name for each in path.parent.iterdir()] == ["one.mp4"], "something was left"
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "it does not play while it loads"


def test_nothing_recorded_is_a_sentence_and_leaves_nothing(avatar, tmp_path):
    recording = Recording(Fragments(CodedFeed(avatar.feed)), tmp_path / "one.mp4", "A talk")
    with pytest.raises(InputError, match="Nothing was recorded"):
        recording.stop()
    assert list(tmp_path.iterdir()) == []


def test_one_that_is_too_long_goes_no_further(avatar, tmp_path):
    recording = Recording(Fragments(CodedFeed(avatar.feed)), tmp_path / "one.mp4", "A talk", longest_s=0.5)
    wait_until(lambda: recording.duration_s > 0.5)
    time.sleep(1.0)
    assert looked_at(recording.stop())[0] < 1.4


def test_a_folder_that_cannot_be_written_is_a_sentence(avatar, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"one\.mp4"):
        Recording(Fragments(CodedFeed(avatar.feed)), tmp_path / "file" / "one.mp4", "A talk")


def test_a_full_disk_ends_it_and_keeps_what_there_is(avatar, tmp_path):
    recording = Recording(Fragments(CodedFeed(avatar.feed)), tmp_path / "one.mp4", "A talk")
    wait_until(lambda: recording.duration_s > 0.5)
    recording._failure = "No space left on device"  # as `_put` notes it
    time.sleep(0.5)
    assert 0.5 < looked_at(recording.stop())[0] < 2.0


@pytest.mark.slow
def test_told_to_end_the_service_makes_its_films_whole(tmp_path, root_dir):
    command = [sys.executable, "-c", SERVICE, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        url = f"http://127.0.0.1:{int(service.stdout.readline())}"
        body = f'{{"owner": "me", "portrait": "{root_dir / "demo" / "portrait.jpg"}", "height": 64}}'.encode()
        with urllib.request.urlopen(f"{url}/sessions", body, timeout=PATIENCE_S) as answer:
            session = answer.read().decode().split('"')[3]
        urllib.request.urlopen(f"{url}/sessions/{session}/recording", b"", timeout=PATIENCE_S).close()
        part = lambda: next((each for each in tmp_path.iterdir() if each.stat().st_size > 20_000), None)  # noqa: E731
        wait_until(part)
        service.send_signal(signal.SIGTERM)
        assert service.wait(PATIENCE_S) == 0
    (film,) = tmp_path.iterdir()
    assert film.name == f"{session}.mp4" and looked_at(film)[0] > 0.5
