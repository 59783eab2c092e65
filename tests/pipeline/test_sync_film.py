"""Sound and lips that are apart: found, told how surely, and brought together."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

from core.errors import InputError, MissingError
from core.messages import message
from faces.tracking.tracks import FaceState, FaceTrack
from media.media import open_film, probe_video, read_audio
from pipeline import sync_film as module
from pipeline.__main__ import main
from pipeline.film_sync import LIP_RATE_HZ, SoundOffset, heard_lips, offset_between, seen_lips
from pipeline.sync_film import sync_film, write_shifted
from pipeline.sync_settings import SyncSettings
from tests.media.sounds import ffmpeg

#: Clips of speakers whom the bias was not set on.
CLIPS = ("vr_1", "vr_2", "vr_3", "vr_4", "vr_5")


def curves(count: int, rate: float, late_s: float, seed: int = 0) -> np.ndarray:
    """Three smooth random curves, later by `late_s`, that have something in common."""
    rng = np.random.default_rng(seed)
    speeds, phases = rng.uniform(1, 5, (3, 8)), rng.uniform(0, 2 * np.pi, (3, 8))
    times_s = np.arange(count) / rate - late_s
    return np.sin(2 * np.pi * speeds[:, None] * times_s[None, :, None] + phases[:, None]).sum(axis=2).T.astype(np.float32)


@pytest.mark.parametrize("fps", [25.0, 29.97, 60.0])
@pytest.mark.parametrize("late_s", [-0.3, -0.047, 0.0, 0.133, 0.3])
def test_known_offsets_are_found(fps, late_s):
    seen = curves(round(8 * fps), fps, 0.0)
    heard = curves(8 * LIP_RATE_HZ, LIP_RATE_HZ, late_s)
    seen[40:70] = np.nan
    found = offset_between(heard, seen, fps)
    assert found.certain
    assert found.offset_s == pytest.approx(late_s, abs=0.02)
    assert found.note().code == ("pipeline.sync_in_step" if abs(found.offset_s) <= 0.04 else found.note().code)


def test_what_does_not_go_together_is_not_told():
    unrelated = offset_between(curves(400, LIP_RATE_HZ, 0.0, seed=1), curves(200, 25.0, 0.0, seed=2), 25.0)
    assert not unrelated.certain
    assert unrelated.note().code == "pipeline.sync_unknown"
    unseen = curves(200, 25.0, 0.0)
    unseen[20:] = np.nan
    assert offset_between(curves(400, LIP_RATE_HZ, 0.0), unseen, 25.0).certainty == 0
    still = np.ones((200, 3), np.float32)
    assert not offset_between(curves(400, LIP_RATE_HZ, 0.0), still, 25.0).certain


def test_offsets_of_true_speakers(shared_dir, tmp_path):
    """Speech that was put off on purpose, of people whom nothing was set on: the difference is found in each."""
    tracks = np.load(shared_dir / "talking" / "others.npz")
    sound, rate = soundfile.read(shared_dir / "talking" / "others.flac")
    columns = {int(point): index for index, point in enumerate(tracks["landmark_index"])}
    frame, sample = 0, 0
    found = []
    for clip, frames, samples in zip(tracks["clip"], tracks["frames"], tracks["samples"], strict=True):
        points = tracks["landmarks"][frame : frame + frames].astype(np.float32) / 32
        voice = sound[sample : sample + samples]
        frame, sample = frame + frames, sample + samples
        if clip not in CLIPS[:3]:
            continue
        landmarks = np.zeros((frames, 478, 3), np.float32)
        landmarks[:, list(columns)] = points[:, list(columns.values())]
        state = np.full(frames, FaceState.CLEAR, np.uint8)
        track = FaceTrack(1, landmarks, np.zeros((frames, 52), np.float32), np.zeros((frames, 3), np.float32), state, 0)
        offsets = []
        for late_s in (0.0, 0.18):
            later = np.concatenate([np.zeros(round(late_s * rate)), voice])[: len(voice)]
            soundfile.write(tmp_path / "voice.wav", later, rate)
            try:
                heard = heard_lips(tmp_path / "voice.wav", frames / 25)
            except MissingError as error:
                pytest.skip(str(error))
            offsets.append(offset_between(heard, seen_lips(track), 25.0))
        assert all(offset.certain for offset in offsets)
        found.append(offsets[1].offset_s - offsets[0].offset_s)
    assert np.abs(np.array(found) - 0.18).max() < 0.04


@pytest.fixture(scope="module")
def clicks(tmp_path_factory):
    """A film whose picture is white at 1 s, and clicks then."""
    path = tmp_path_factory.mktemp("clicks") / "film.mp4"
    flash = "color=black:s=64x64:r=25:d=2,geq=lum='if(eq(N,25),235,16)':cb=128:cr=128"
    click = "aevalsrc='if(between(t,1,1.004),0.9,0)':s=48000:d=2"
    codecs = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "192k")
    ffmpeg("-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", click, *codecs, path)
    return path


@pytest.mark.parametrize("offset_s", [0.25, -0.31])
def test_only_the_sound_is_moved(clicks, tmp_path, offset_s):
    out = tmp_path / "moved.mp4"
    write_shifted(clicks, out, offset_s, 1)
    before, after = probe_video(clicks), probe_video(out)
    assert (after.frames, after.fps, after.video_codec) == (before.frames, before.fps, before.video_codec)
    for one, other in zip(open_film(clicks).frames(), open_film(out).frames(), strict=True):
        assert np.array_equal(one, other)
    heard = read_audio(out, 48000, 1)[:, 0]
    assert np.argmax(np.abs(heard)) / 48000 == pytest.approx(1 - offset_s, abs=0.006)
    assert len(heard) / 48000 >= 2.0
    assert [path.name for path in tmp_path.iterdir()] == ["moved.mp4"]


def test_a_film_is_written_only_where_it_helps(clicks, tmp_path, monkeypatch, capsys):
    answers = {
        "late": SoundOffset(0.2, 0.6, 1.0, 2.0),
        "fine": SoundOffset(0.01, 0.6, 1.0, 2.0),
        "odd": SoundOffset(0.2, 0.1, 0.1, 2.0),
    }
    for name, answer in answers.items():
        monkeypatch.setattr(module, "offset_of", lambda source, face, progress, answer=answer: answer)
        out = tmp_path / f"{name}.mp4"
        report = sync_film(clicks, out)
        assert out.exists() == (report.out is not None) == (name == "late")
        moved = (answer.note(), message("pipeline.sync_moved_earlier", ms=200)) if name == "late" else (answer.note(),)
        assert report.notes[-len(moved) :] == moved and report.moved_s == (0.2 if name == "late" else 0.0)
    assert main(["sync", "--film", str(clicks), "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["certain"], told["out"]) == (False, None)


@pytest.mark.parametrize(("offset_ms", "code"), [(250, "pipeline.sync_moved_earlier"), (-310, "pipeline.sync_moved_later")])
def test_who_knows_how_late_the_sound_is_has_nothing_measured(clicks, tmp_path, monkeypatch, offset_ms, code):
    monkeypatch.setattr(module, "offset_of", lambda *given: pytest.fail("it was measured"))
    stages = []
    out = tmp_path / "moved.mp4"
    report = sync_film(clicks, out, SyncSettings(offset_ms=offset_ms), lambda stage, done, total: stages.append(stage))
    assert (report.offset, report.out, report.moved_s) == (None, out, offset_ms / 1000)
    assert [note.code for note in report.notes] == [code] and set(stages) == {"mux"}
    heard = read_audio(out, 48000, 1)[:, 0]
    assert np.argmax(np.abs(heard)) / 48000 == pytest.approx(1 - offset_ms / 1000, abs=0.006)
    assert sync_film(clicks, None, SyncSettings(offset_ms=offset_ms)).out is None
    assert sync_film(clicks, tmp_path / "same.mp4", SyncSettings(offset_ms=0)).out is None
    with pytest.raises(InputError):
        SyncSettings(offset_ms=9000)


def test_films_that_can_not_be_measured(clicks, tmp_path):
    with pytest.raises(InputError, match="No face"):
        sync_film(clicks, None)
    silent = tmp_path / "silent.mp4"
    ffmpeg("-i", clicks, "-an", "-c", "copy", silent)
    with pytest.raises(InputError, match="no sound"):
        sync_film(silent, None)
    with pytest.raises(InputError, match="input"):
        sync_film(clicks, clicks)
