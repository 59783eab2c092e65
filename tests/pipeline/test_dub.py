"""Dubbing from film and sound to film: what is taken, what is heard, what is said, and what is left where it ends early."""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
import pytest
import soundfile

from core.errors import Cancelled, InputError
from filters.restoration import RestoreOptions
from lipsync.mesh_lips.engine import MESH_LIPS
from media.film_writer import DUBBED_COMMENT
from media.media import probe_audio, probe_video, read_audio, read_frames
from pipeline import lips_engines
from pipeline.cache import CacheSettings, StageCache, file_digest
from pipeline.dub import dub
from pipeline.dub_settings import DubSettings
from tests.pipeline.dubbing import FPS, RATE_HZ, WholeIsVoice, film, grey, red_lips, stages, tone


@pytest.fixture(scope="module")
def two_seconds(tmp_path_factory):
    return film(tmp_path_factory.mktemp("films") / "talk.mp4", 50)


def run(film_path, sound, out, people=1, made=None, followed=None, separator=None, lost=None, **settings):
    known = stages(people, lost, separator, followed)
    return dub(film_path, sound, out, DubSettings(**settings), stages=known, engine=red_lips(made))


def frames_of(path):
    return list(read_frames(path))


def is_red(frame, left=20):
    red, green, _ = (int(level) for level in frame[30, left])
    return red > 150 and green < 100


def names(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_film_says_another_sound_and_is_known_by_its_metadata(two_seconds, tmp_path):
    sound = tone(tmp_path / "voice.wav", 2.0, 440.0)
    report = run(two_seconds, sound, tmp_path / "o.mp4", lost=slice(10, 20))
    shown, info = frames_of(tmp_path / "o.mp4"), probe_video(tmp_path / "o.mp4")
    assert len(shown) == report.frames == 50
    assert [is_red(frame) for frame in shown] == [not 10 <= index < 20 for index in range(50)]
    assert all(abs(int(frame[5, 90, 0]) - grey(index)) < 8 for index, frame in enumerate(shown)), "in step, and else untouched"
    assert info.metadata["comment"] == DUBBED_COMMENT and info.metadata["title"] == "talk"
    assert info.metadata["copyright"] == "Red by the tests"
    assert (report.faces, report.dubbed, report.engine) == (1, (1,), "red")
    heard = read_audio(tmp_path / "o.mp4", 48_000, 1)[:, 0]
    assert abs(np.argmax(np.abs(np.fft.rfft(heard[:48_000]))) - 440) <= 1


def test_the_metadata_tell_which_weights_the_user_named(two_seconds, tmp_path):
    weights, sound = tmp_path / "own.pth", tone(tmp_path / "voice.wav", 2.0, 440.0)
    weights.write_bytes(b"weights")
    engine = dataclasses.replace(red_lips(None), own_weights=lambda settings: weights)
    dub(two_seconds, sound, tmp_path / "o.mp4", DubSettings(), stages=stages(1, None, None, None), engine=engine)
    digest = hashlib.sha256(b"weights").hexdigest()
    told = f"{DUBBED_COMMENT} They were drawn with the weights own.pth, SHA-256 {digest}."
    assert probe_video(tmp_path / "o.mp4").metadata["comment"] == told


def test_a_second_dub_of_the_same_film_follows_no_faces_again(two_seconds, tmp_path):
    followed = []
    for name, hz in (("a", 440.0), ("b", 550.0)):
        report = run(two_seconds, tone(tmp_path / f"{name}.wav", 2.0, hz), tmp_path / f"{name}.mp4", followed=followed)
    assert followed == [50]
    assert "faces" in report.cached_stages


@pytest.mark.parametrize("forgotten", ["film", "sound"])
def test_what_was_made_of_a_film_or_a_sound_goes_with_it(tmp_path, forgotten):
    """Of a part of the film, repeated, with its music kept: all that holds anything of the one, and nothing that holds none."""
    cache = StageCache(CacheSettings(tmp_path / "cache"))
    files = {"film": film(tmp_path / "talk.mp4", 50), "sound": tone(tmp_path / "voice.wav", 2.0, 440.0)}
    settings = DubSettings(start_s=0.4, duration_s=1.0, loop="hold", keep_background=0.5, sound_start_s=0.5)
    dub(files["film"], files["sound"], tmp_path / "o.mp4", settings, stages=stages(), cache=cache, engine=red_lips())
    made = [entry.parent.name for entry in cache.folders()]
    assert sorted(set(made)) == ["decode", "faces", "separate"] and made.count("separate") == 2
    assert cache.forget({file_digest(files[forgotten])})
    left = sorted(entry.parent.name for entry in cache.folders())
    assert left == (["decode", "separate"] if forgotten == "film" else ["decode", "faces", "faces", "separate"])
    others = {file_digest(path) for name, path in files.items() if name != forgotten}
    assert cache.forget(others) and not cache.folders()


def test_a_shorter_sound_ends_the_film_unless_its_music_is_kept(two_seconds, tmp_path):
    sound = tone(tmp_path / "voice.wav", 1.0, 440.0)
    assert run(two_seconds, sound, tmp_path / "a.mp4").frames == 25
    assert run(two_seconds, sound, tmp_path / "b.mp4", keep_background=0.5).frames == 50
    heard = read_audio(tmp_path / "b.mp4", 48_000, 1)[:, 0]
    first, last = (np.abs(np.fft.rfft(part)) for part in (heard[:48_000], heard[-48_000:]))
    assert first[440] > 10 * first[300] and first[220] > 10 * first[300], "both are heard"
    assert last[220] > 10 * last[440], "and then the film's own alone"
    assert last[220] == pytest.approx(first[220], rel=0.1)


def test_what_is_mixed_is_never_clipped(two_seconds, tmp_path):
    loud = tone(tmp_path / "voice.wav", 2.0, 440.0, level=0.99)
    run(two_seconds, loud, tmp_path / "a.mp4", keep_background=1.0)
    assert probe_audio(tmp_path / "a.mp4").peak <= 1.0


@pytest.mark.parametrize(("loop", "frames"), [("cut", 50), ("bounce", 75), ("hold", 75)])
def test_a_longer_sound(two_seconds, tmp_path, loop, frames):
    report = run(two_seconds, tone(tmp_path / "voice.wav", 3.0), tmp_path / "o.mp4", loop=loop)
    shown = frames_of(tmp_path / "o.mp4")
    assert len(shown) == report.frames == frames
    assert all(is_red(frame) for frame in shown)
    assert probe_audio(tmp_path / "o.mp4").duration_s == pytest.approx(frames / FPS, abs=0.05)
    assert any(note.code == "pipeline.sound_is_cut" for note in report.notes) == (loop == "cut")
    if loop == "bounce":
        assert abs(int(shown[60][5, 90, 0]) - grey(38)) < 8
    if loop == "hold":
        assert abs(int(shown[74][5, 90, 0]) - grey(49)) < 8


def test_a_film_dubbed_with_itself_keeps_its_part_of_the_sound(two_seconds, tmp_path):
    separator = WholeIsVoice()
    report = run(two_seconds, two_seconds, tmp_path / "o.mp4", separator=separator, start_s=0.8)
    assert report.frames == 30
    assert abs(int(frames_of(tmp_path / "o.mp4")[0][5, 90, 0]) - grey(20)) < 8
    assert [path.name for path in separator.asked] == ["sound.wav"]


def heard_in(path):
    """The pitch of each fifth of a second of what is heard, in Hz, to the next 5."""
    sound = read_audio(path, 48_000, 1)[:, 0]
    return [5 * int(np.argmax(np.abs(np.fft.rfft(sound[at : at + 9600])))) for at in range(0, len(sound) - 9600, 9600)]


def test_a_part_of_the_sound_is_heard_and_drives_the_lips(two_seconds, tmp_path):
    """Of a sound whose second second is another tone, in a film of its own part."""
    first, second = (soundfile.read(tone(tmp_path / f"{hz}.wav", 1.5, hz))[0] for hz in (440.0, 800.0))
    sound = tmp_path / "both.wav"
    soundfile.write(sound, np.concatenate([first, second]), RATE_HZ)
    separator = WholeIsVoice()
    part = {"sound_start_s": 1.5, "sound_duration_s": 1.0}
    report = run(two_seconds, sound, tmp_path / "a.mp4", separator=separator, start_s=0.8, **part)
    assert report.frames == 25 and abs(int(frames_of(tmp_path / "a.mp4")[0][5, 90, 0]) - grey(20)) < 8
    assert set(heard_in(tmp_path / "a.mp4")) == {800}
    assert probe_audio(separator.asked[0]).duration_s == pytest.approx(1.0, abs=0.01)
    assert set(heard_in(separator.asked[0])) == {800}
    assert run(two_seconds, sound, tmp_path / "b.mp4", sound_start_s=2.0).frames == 25, "up to the sound's end"
    run(two_seconds, sound, tmp_path / "c.mp4", keep_background=0.5, **part)
    assert set(heard_in(tmp_path / "c.mp4")[:4]) == {800}, "under music too"
    with pytest.raises(InputError) as refused:
        run(two_seconds, sound, tmp_path / "d.mp4", sound_start_s=2.9)
    assert refused.value.message.code == "media.start_behind_the_end"


def test_of_the_films_own_sound_another_part_may_be_taken(two_seconds, tmp_path):
    separator = WholeIsVoice()
    run(two_seconds, two_seconds, tmp_path / "o.mp4", separator=separator, start_s=0.4, sound_start_s=1.0)
    assert [path.name for path in separator.asked] == ["mix.wav"]
    assert probe_audio(separator.asked[0]).duration_s == pytest.approx(1.0, abs=0.05)


def test_faces_are_chosen_by_number(two_seconds, tmp_path):
    sound, made = tone(tmp_path / "voice.wav", 1.0), []
    report = run(two_seconds, sound, tmp_path / "a.mp4", people=2)
    assert report.dubbed == (1,)
    assert any(note.code == "pipeline.more_faces_in_film" for note in report.notes)
    assert run(two_seconds, sound, tmp_path / "b.mp4", people=2, face="2", made=made).dubbed == (2,)
    assert [task.track.number for task in made] == [2]
    assert len(made[0].track) == len(made[0].motion) == 25, "the whole part was followed, and cut to the sound"
    assert run(two_seconds, sound, tmp_path / "c.mp4", people=2, face="all").dubbed == (1, 2)
    last = frames_of(tmp_path / "c.mp4")[-1]
    assert is_red(last, 20) and is_red(last, 60)


@pytest.mark.parametrize(
    ("people", "lost", "face", "code"),
    [
        (0, None, None, "pipeline.no_face_in_film"),
        (1, slice(0, 50), None, "pipeline.no_clear_face_in_film"),
        (2, slice(0, 50), "1", "pipeline.face_never_clear"),
        (1, None, "3", "pipeline.no_such_face_in_film"),
    ],
)
def test_nothing_clear_to_dub_is_one_sentence(two_seconds, tmp_path, people, lost, face, code):
    sound = tone(tmp_path / "voice.wav", 2.0)
    with pytest.raises(InputError) as refused:
        run(two_seconds, sound, tmp_path / "o.mp4", people=people, lost=lost, face=face)
    assert refused.value.message.code == code
    assert str(refused.value).count(".") >= 1 and names(tmp_path) == ["voice.wav"]


def test_files_that_are_no_films_are_refused(two_seconds, tmp_path):
    sound = tone(tmp_path / "voice.wav", 2.0)
    (tmp_path / "no.mp4").write_bytes(b"no film at all")
    for given, heard, code in (
        (tmp_path / "no.mp4", sound, "media."),
        (sound, sound, "media."),
        (tmp_path / "missing.mp4", sound, "pipeline.file_not_there"),
        (two_seconds, tmp_path / "no.mp4", "media."),
    ):
        with pytest.raises(InputError) as refused:
            run(given, heard, tmp_path / "o.mp4")
        assert refused.value.message.code.startswith(code)
    with pytest.raises(InputError, match=r"one picture|single picture"):
        run(two_seconds, sound, tmp_path / "o.mp4", duration_s=0.03)
    assert not (tmp_path / "o.mp4").exists()


@pytest.mark.parametrize("stage", ["decode", "faces", "separate", "motion", "frames"])
def test_cancelling_leaves_nothing_in_any_stage(two_seconds, tmp_path, own_cache, stage):
    sound = tone(tmp_path / "voice.wav", 2.0)

    def stop(name, done, total):
        if name == stage:
            raise Cancelled("pipeline.look_stopped")

    with pytest.raises(Cancelled):
        dub(two_seconds, sound, tmp_path / "o.mp4", stages=stages(), engine=red_lips(), progress=stop)
    assert names(tmp_path) == ["voice.wav"]
    assert not list(own_cache.rglob("*.part"))


def test_frames_are_never_all_in_memory(two_seconds, tmp_path):
    alive = []

    class Counting:
        def apply(self, frames, progress=None):
            for index, frame in enumerate(frames):
                alive.append(index)
                yield frame

    card = red_lips()
    card = type(card)("counting", "Counting", "lipsync", lambda settings, task, note: Counting())
    written = []

    def progress(name, done, total):
        if name == "frames":
            written.append((done, len(alive)))

    dub(two_seconds, tone(tmp_path / "v.wav", 2.0), tmp_path / "o.mp4", stages=stages(), engine=card, progress=progress)
    assert all(drawn - done <= 1 for done, drawn in written), "each frame is written before the next is read"


def test_settings_are_one_shape_at_every_door():
    told = DubSettings(face="2, 1", loop="hold", keep_background=0.3)
    assert told.face == "1,2"
    assert DubSettings.from_json(told.as_json()) == told
    assert DubSettings.from_json({"face": 2}).face == "2"
    for wrong in ({"face": "0"}, {"face": "one"}, {"keep_background": 1.5}, {"loop": "twice"}, {"engine": "no"}, {"what": 1}):
        with pytest.raises(InputError):
            DubSettings.from_json(wrong)


def test_an_engine_that_leaves_brows_and_eyes_says_so(monkeypatch):
    with pytest.raises(InputError) as error:
        DubSettings(engine="wav2lip", expression="follow")
    assert error.value.message.code == "pipeline.engine_keeps_expression" and "mesh" in str(error.value)
    assert DubSettings(engine="mesh", expression="follow").expression == "follow"
    monkeypatch.setattr(lips_engines.shutil, "which", lambda program: "/bin/nvidia-smi")
    monkeypatch.setattr(lips_engines, "is_here", lambda name: True)
    musetalk = next(each for each in lips_engines.LIPS if each.name == "musetalk")
    monkeypatch.setattr(lips_engines, "LIPS", [MESH_LIPS, dataclasses.replace(musetalk, missing=lambda settings: None)])
    assert lips_engines.lips_expected(DubSettings(expression="follow"), "auto").name == "mesh"


def test_missing_pictures_are_made_where_that_is_wanted(two_seconds, tmp_path, monkeypatch):
    """The gaps that are found in the film are filled in the dubbed frames, and told."""
    from pipeline import film_fill

    monkeypatch.setattr(film_fill, "find_missing", lambda frames, fps, spoken: [film_fill.Missing(20, 30, False)])
    monkeypatch.setattr(film_fill, "largest_face", lambda frame: None)
    sound = tone(tmp_path / "voice.wav", 2.0, 440.0)
    report = run(two_seconds, sound, tmp_path / "filled.mp4", fill=True)
    shown = frames_of(tmp_path / "filled.mp4")
    assert report.frames == len(shown) == 50
    assert "pipeline.gaps_filled" in [note.code for note in report.notes]
    assert all(abs(int(frame[5, 90, 0]) - grey(19)) < 8 for frame in shown[20:30])
    assert abs(int(shown[30][5, 90, 0]) - grey(30)) < 8


@pytest.mark.parametrize(("card", "fetched", "chosen"), [(True, True, "musetalk"), (True, False, "mesh"), (False, True, "mesh")])
def test_left_to_the_machine_a_network_is_taken_only_where_it_is_ready(monkeypatch, card, fetched, chosen):
    monkeypatch.setattr(lips_engines.shutil, "which", lambda program: "/bin/nvidia-smi" if card else None)
    monkeypatch.setattr(lips_engines, "is_here", lambda name: fetched)
    musetalk = next(each for each in lips_engines.LIPS if each.name == "musetalk")
    monkeypatch.setattr(lips_engines, "LIPS", [MESH_LIPS, dataclasses.replace(musetalk, missing=lambda settings: None)])
    assert lips_engines.lips_expected(DubSettings(), "auto").name == chosen


def test_faces_are_restored_after_their_lips(two_seconds, tmp_path, monkeypatch):
    """By another network than GFPGAN, whose weights are large: it makes whatever it is given a little lighter."""
    pytest.importorskip("torch")
    monkeypatch.setattr("filters.restore.load_gfpgan", lambda device, dtype: lambda faces: faces + 0.3)
    monkeypatch.setattr("pipeline.face_filters.ensure_all", lambda names, progress: asked.extend(names))
    asked, sound = [], tone(tmp_path / "voice.wav", 2.0, 440.0)
    options = (RestoreOptions(restore=1.0),)
    plain = run(two_seconds, sound, tmp_path / "plain.mp4", lost=slice(10, 20))
    report = run(two_seconds, sound, tmp_path / "restored.mp4", lost=slice(10, 20), filter_options=options)
    before, after = frames_of(tmp_path / "plain.mp4"), frames_of(tmp_path / "restored.mp4")
    gains = [
        int(other[25, 15].astype(int).sum() - one[25, 15].astype(int).sum()) for one, other in zip(before, after, strict=True)
    ]
    assert asked == ["gfpgan_14"] and plain.frames == report.frames
    assert all((gain > 25) != (10 <= index < 20) for index, gain in enumerate(gains)), gains
