"""Sound and lips that are apart: found, told how surely, and brought together."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

from core.blendshapes import BLENDSHAPE_INDEX
from core.errors import InputError, MissingError
from core.messages import message
from faces.tracking.tracks import FaceState, FaceTrack
from media.media import open_film, probe_video, read_audio
from pipeline import sync_film as module
from pipeline.__main__ import main
from pipeline.film_sync import COMPARED, LIP_RATE_HZ, SoundOffset, heard_lips, offset_between, seen_lips
from pipeline.sync_film import sync_film, write_shifted
from pipeline.sync_settings import SyncSettings
from tests.media.sounds import ffmpeg

#: Clips of speakers whom the bias was not set on.
CLIPS = ("vr_1", "vr_2", "vr_3", "vr_4", "vr_5")


def curves(count: int, rate: float, late_s: float, seed: int = 0) -> np.ndarray:
    """Smooth random curves, as many as are compared, later by `late_s`."""
    rng = np.random.default_rng(seed)
    speeds, phases = rng.uniform(1, 5, (len(COMPARED), 8)), rng.uniform(0, 2 * np.pi, (len(COMPARED), 8))
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
    still = offset_between(curves(400, LIP_RATE_HZ, 0.0), np.ones((200, len(COMPARED)), np.float32), 25.0)
    assert not still.certain and still.note().code == "pipeline.sync_still"
    assert still.as_json()["in_step"] is False


@pytest.mark.parametrize("duration_s", [2, 6])
def test_unrelated_curves_are_hardly_ever_told(duration_s):
    """Curves as slow as lips, which correlate by chance at some lag."""
    heard = [curves(duration_s * LIP_RATE_HZ, LIP_RATE_HZ, 0.0, seed) for seed in range(20)]
    told = [offset_between(one, curves(duration_s * 25, 25.0, 0.0, 100 + seed), 25.0) for seed in range(5) for one in heard]
    assert sum(offset.certain for offset in told) <= 5
    assert max(offset.agreement for offset in told) > 0.15


def test_one_moment_alone_tells_nothing():
    """A mouth that opens once, and a sound that is loud once: any offset could be made of them."""
    rng = np.random.default_rng(5)
    seen = 0.002 * rng.standard_normal((200, len(COMPARED))).astype(np.float32)
    heard = 0.002 * rng.standard_normal((400, len(COMPARED))).astype(np.float32)
    seen[100:106] += 0.3
    heard[220:232] += 0.3
    assert not offset_between(heard, seen, 25.0).certain


def talking(shared_dir, names):
    """(voice, sampling rate, track) of clips of the talking tracks."""
    tracks = np.load(shared_dir / "talking" / "others.npz")
    sound, rate = soundfile.read(shared_dir / "talking" / "others.flac")
    columns = {int(point): index for index, point in enumerate(tracks["landmark_index"])}
    shape_columns = {
        BLENDSHAPE_INDEX[name]: index for index, name in enumerate(tracks["blendshape_name"]) if name in BLENDSHAPE_INDEX
    }
    ends, sound_ends = np.cumsum(tracks["frames"]), np.cumsum(tracks["samples"])
    for index in (list(tracks["clip"]).index(name) for name in names):
        frames = slice(ends[index] - tracks["frames"][index], ends[index])
        landmarks = np.zeros((tracks["frames"][index], 478, 3), np.float32)
        landmarks[:, list(columns)] = tracks["landmarks"][frames][:, list(columns.values())].astype(np.float32) / 32
        shapes = np.zeros((len(landmarks), len(BLENDSHAPE_INDEX)), np.float32)
        shapes[:, list(shape_columns)] = tracks["blendshapes"][frames][:, list(shape_columns.values())] / 255
        state = np.full(len(landmarks), FaceState.CLEAR, np.uint8)
        track = FaceTrack(1, landmarks, shapes, np.zeros((len(landmarks), 3), np.float32), state, 0)
        yield sound[sound_ends[index] - tracks["samples"][index] : sound_ends[index]], rate, track


def heard_in(voice, rate, duration_s, path):
    """What lips would do for a voice; the test is skipped where a part of the learned lips is missing."""
    soundfile.write(path, voice, rate)
    try:
        return heard_lips(path, duration_s)
    except MissingError as error:
        pytest.skip(str(error))


def test_foreign_sounds_are_hardly_ever_trusted(shared_dir, tmp_path):
    """Each speaker's lips under all others' voices: at most one in twenty gets an offset; under their own most do."""
    clips = list(talking(shared_dir, (*CLIPS, "missing_how_are_you", "sentences_whats_the_address", "missing_happy_birthday")))
    heard = [heard_in(voice, rate, len(track) / 25, tmp_path / "voice.wav") for voice, rate, track in clips]
    told = np.array([[offset_between(one, seen_lips(track), 25.0).certain for one in heard] for _, _, track in clips])
    own = told.diagonal().copy()
    np.fill_diagonal(told, False)
    assert told.sum() * 20 <= told.size - len(told)
    assert own[: len(CLIPS)].all()


def test_a_portrait_that_is_moved_about_is_not_told(root_dir, shared_dir, tmp_path):
    """Its mouth never moves; what the tracker reads off it is noise."""
    film = tmp_path / "film.mp4"
    voice, rate, _ = next(talking(shared_dir, ("vr_1",)))
    soundfile.write(tmp_path / "voice.wav", voice[: 3 * rate], rate)
    wander = "crop=512:512:x='40+30*sin(2*t)':y='60+30*cos(3*t)',rotate='0.06*sin(2.5*t)',fps=25"
    picture = ("-loop", "1", "-i", root_dir / "demo" / "portrait.jpg", "-i", tmp_path / "voice.wav")
    ffmpeg(*picture, "-vf", f"scale=600:-2,{wander}", "-t", "3", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", film)
    try:
        report = sync_film(film, tmp_path / "out.mp4")
    except MissingError as error:
        pytest.skip(str(error))
    assert report.offset is not None and not report.offset.certain and report.offset.seen_s > 2.5
    assert report.out is None and report.notes[-1].code == "pipeline.sync_still"


def test_offsets_of_true_speakers(shared_dir, tmp_path):
    """Speech that was put off on purpose, of people whom nothing was set on: the difference is found in each."""
    found = []
    for voice, rate, track in talking(shared_dir, CLIPS[:3]):
        offsets = []
        for late_s in (0.0, 0.18):
            later = np.concatenate([np.zeros(round(late_s * rate)), voice])[: len(voice)]
            heard = heard_in(later, rate, len(track) / 25, tmp_path / "voice.wav")
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
