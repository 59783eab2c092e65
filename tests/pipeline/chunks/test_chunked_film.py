"""A film drawn in chunks: its frames, its parts, and who draws them."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import signal
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from core.contracts import Motion, silent
from core.engine_card import Sound
from core.errors import Cancelled, InputError
from core.messages import Message
from filters.label import LabelOptions
from filters.look import LookOptions
from media.film_parts import JoinedFilm, write_part
from media.film_writer import FilmWriter
from media.media import probe_video, read_frames
from pipeline.cache import CacheSettings, StageCache
from pipeline.chunks import film as chunked
from pipeline.chunks.crew import Crew, HandDied
from pipeline.chunks.drawing import ChunkDrawer, ChunkedFilm, indivisible
from pipeline.chunks.grid import Chunk, chunks_of
from pipeline.chunks.settings import ExecutorSettings
from pipeline.engine_list import ENGINES
from pipeline.film_renderer import make_film_renderer
from pipeline.film_settings import SongToVideoSettings
from pipeline.run import Run
from pipeline.song_to_video import film_picture, song_to_video
from pipeline.stages import Stages

MESH = next(card for card in ENGINES if card.name == "mesh")
SHORT = SongToVideoSettings(height=128, start_s=4.0, duration_s=3.0, filter_options=(LabelOptions(True),))


@pytest.fixture
def demo(root_dir):
    return root_dir / "demo" / "portrait.jpg", root_dir / "demo" / "song.mp3"


@pytest.fixture
def short_chunks(monkeypatch):
    """So that a short film has three."""
    monkeypatch.setattr(chunked, "chunks_of", lambda frames, fps: chunks_of(frames, fps, 1.0))


def hashes(frames):
    return [hashlib.sha256(np.ascontiguousarray(frame)).hexdigest() for frame in frames]


def moving(frames, fps=25.0):
    turns = np.sin(np.arange(frames) / 5)[:, None]
    shapes = np.clip(np.abs(turns) * np.linspace(0, 0.5, 52), 0, 1).astype(np.float32)
    turned = (turns * [8, 4, 3]).astype(np.float32)
    return Motion(fps, shapes, turned, turned / 200, turned[:, :2] / 4, np.abs(turns[:, 0]).astype(np.float32))


def test_the_grid_covers_every_frame_once():
    chunks = list(chunks_of(253, 25.0))
    assert [number for chunk in chunks for number in chunk.numbers] == list(range(253)) and len(chunks) == 3
    assert list(chunks_of(0, 25.0)) == []
    with pytest.raises(ValueError, match="can't be cut"):
        list(chunks_of(10, 25.0, 0.001))


@pytest.mark.parametrize("fps", [25.0, 24000 / 1001])
def test_joined_parts_are_shown_at_the_same_times_as_one_film(tmp_path, fps):
    rows = np.random.default_rng(3).integers(0, 255, (100, 8, 8, 3), np.uint8).repeat(8, 1).repeat(8, 2)
    with FilmWriter(tmp_path / "one.mp4", (64, 64), fps, None, duration_s=100 / fps) as film:
        for row in rows:
            film.write(row)
    parts = []
    for chunk in chunks_of(100, fps, 1.5):
        parts.append((tmp_path / f"{chunk.first}.ts", len(chunk)))
        assert write_part(iter(rows[chunk.first : chunk.end]), parts[-1][0], (64, 64), fps, chunk.first) == len(chunk)
    with JoinedFilm(tmp_path / "joined.mp4", (64, 64), fps, None, duration_s=100 / fps) as film:
        film.join(parts)
    one, joined = probe_video(tmp_path / "one.mp4"), probe_video(tmp_path / "joined.mp4")
    assert (joined.frames, joined.fps, joined.width) == (one.frames, one.fps, one.width)
    near = [
        np.abs(a.astype(int) - b).mean()
        for a, b in zip(*map(read_frames, (tmp_path / "one.mp4", tmp_path / "joined.mp4")), strict=True)
    ]
    assert len(near) == 100 and max(near) < 20, "each frame in its place"


def test_frames_are_those_of_a_film_in_one_piece(demo, tmp_path):
    with ExitStack() as release:
        run = Run(StageCache(CacheSettings(tmp_path)), silent, release)
        picture = film_picture(run, demo[0], SHORT, Stages())
    motion = moving(20)
    whole = hashes(make_film_renderer(picture.engine, SHORT, Sound(None), run.note).frames(picture.view, motion))
    drawer = ChunkDrawer(ChunkedFilm(picture.engine, SHORT, picture.view, motion, picture.size))
    assert hashes(drawer.frames(Chunk(12, 20))) == whole[12:], "the later one first"
    assert hashes(drawer.frames(Chunk(0, 12))) == whole[:12]


def test_what_needs_its_predecessors_is_not_divided():
    assert indivisible(MESH, SHORT) is None
    assert indivisible(MESH, dataclasses.replace(SHORT, filter_options=(LookOptions("ink"),))) == "look"
    with pytest.raises(InputError, match="process or ray"):
        ExecutorSettings.from_environment({"BELCANTO_EXECUTOR": "spark"})


class Scripted:
    """Hands whose chunks end as `script` (hand, chunk) says: at a time, or by death."""

    def __init__(self, count, script):
        self.count, self.script, self.now_s, self.renewed = count, script, 0.0, []

    def begin(self, hand, chunk):
        return [hand, chunk, *self.script(hand, chunk, self.now_s)]

    def done(self, tickets, wait_s):
        self.now_s += wait_s
        return [ticket for ticket in tickets if ticket[2] <= self.now_s][:1]

    def result(self, ticket):
        if ticket[3]:
            raise HandDied
        return f"{ticket[1].first}".encode()

    def renew(self, hand):
        self.renewed.append(hand)


def crew_of(hands, most_deaths=3):
    return Crew(hands, 3.0, most_deaths, lambda: hands.now_s)


def test_a_chunk_of_the_dead_is_drawn_again_and_one_that_kills_ends_the_film():
    died = []

    def once(hand, chunk, now_s):
        dies = chunk.first == 25 and not died
        died.extend([hand] if dies else [])
        return now_s + 1, dies

    hands = Scripted(2, once)
    parts = list(crew_of(hands).parts(chunks_of(100, 25, 1.0), lambda: None))
    assert sorted(parts, key=lambda part: part[0].first) == [(c, f"{c.first}".encode()) for c in chunks_of(100, 25, 1.0)]
    assert hands.renewed == died
    always = Scripted(2, lambda hand, chunk, now_s: (now_s + 1, chunk.first == 25))
    with pytest.raises(InputError, match="from frame 25 on died 3 times"):
        list(crew_of(always).parts(chunks_of(100, 25, 1.0), lambda: None))


def test_a_slow_chunk_is_drawn_twice_and_counts_once():
    begun = []

    def slow(hand, chunk, now_s):
        begun.append(chunk.first)
        return now_s + (1000 if chunk.first == 0 and begun.count(0) == 1 else 1), False

    hands = Scripted(2, slow)
    crew = crew_of(hands)
    assert sorted(c.first for c, _ in crew.parts(chunks_of(100, 25, 1.0), lambda: None)) == [0, 25, 50, 75]
    assert crew.twice == 1 and begun.count(0) == 2 and hands.now_s < 20


@pytest.mark.slow
def test_ray_gives_the_same_film_with_one_worker_or_two_when_one_is_killed_and_after_the_driver_stopped(
    demo, tmp_path, monkeypatch, short_chunks
):
    pytest.importorskip("ray")
    monkeypatch.setenv("BELCANTO_MARK", "off")
    notes: list[Message] = []
    two, one = ExecutorSettings("ray", workers=2), ExecutorSettings("ray", workers=1)

    def stop_late(stage, done, total):
        if stage == "frames" and done >= 25:
            raise Cancelled("core.cancelled")

    with pytest.raises(Cancelled):
        song_to_video(*demo, tmp_path / "a.mp4", SHORT, stop_late, executor=two)
    assert not list(tmp_path.glob("*.mp4"))
    done_first = []
    song_to_video(*demo, tmp_path / "a.mp4", SHORT, lambda *told: done_first.append(told), tell=notes.append, executor=two)
    assert next(done for stage, done, total in done_first if stage == "frames" and total) >= 25, "kept chunks are not drawn again"

    killed = []

    def kill_one(stage, done, total):
        workers = workers_of_ray()
        if stage == "frames" and workers and not killed:
            killed.append(workers[0])
            os.kill(workers[0], signal.SIGKILL)

    song_to_video(*demo, tmp_path / "b.mp4", SHORT, kill_one, executor=one)
    assert killed and not workers_of_ray()
    films = [hashes(read_frames(tmp_path / name)) for name in ("a.mp4", "b.mp4")]
    assert films[0] == films[1] and len(films[0]) == 75


def workers_of_ray():
    """Processes below this one that are actors of ours; the system's own list tells them."""
    parents, names = {}, {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (place / "stat").read_text().rpartition(")")[2].split()[:2]
            name = (place / "cmdline").read_text()
        except OSError:  # it has ended meanwhile
            continue
        if state != "Z":
            parents[int(place.name)], names[int(place.name)] = int(parent), name

    def ours(number):
        return number == os.getpid() or (number in parents and ours(parents[number]))

    return [number for number, name in names.items() if name.startswith("ray::Worker") and ours(number)]
