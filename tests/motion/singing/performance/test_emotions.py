"""Emotion over time: the intensity that is found or told, the styles' faces, and that speech stays what it was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.contracts import BLENDSHAPE_NAMES
from core.errors import InputError
from core.timebase import frame_times_s
from motion.singing.analysis.plan import Section
from motion.singing.performance.articulation import articulate
from motion.singing.performance.emotions import FELT_STYLES, guessed_sections, song_emotion, style_of_mood
from motion.singing.performance.emotions_faces import FLASHES, STYLES, shape_names, stems
from motion.singing.performance.emotions_intensity import automatic_intensity
from motion.singing.performance.mouth_shapes import mouth_shapes
from motion.singing.runner import SingingMotion, SingingSettings, SongAnalysis, analyse, perform
from tests.motion.singing.sounds import SAMPLE_RATE_HZ, aperture, clicks, faded, silence, vowel, write

AH, EE, OO = (730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240)
FULL = ((0.0, 1.0),)
PLAYED = {}


def notes(length_s, f0_hz, level, seed):
    """Sung notes around a pitch, with short gaps."""
    generator = np.random.default_rng(seed)
    parts, length = [], 0
    while length < length_s * SAMPLE_RATE_HZ:
        formants = (AH, EE, OO)[generator.integers(3)]
        note = vowel(formants, f0_hz * 2 ** (generator.integers(-2, 3) / 12), generator.uniform(0.25, 1.1))
        parts += [faded(level * note), silence(0.07)]
        length += len(parts[-2]) + len(parts[-1])
    return np.concatenate(parts)[: round(length_s * SAMPLE_RATE_HZ)]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """36 s: 4 s of music, a soft low verse, 4 s of music, a loud high chorus, a rest of silence."""
    folder = tmp_path_factory.mktemp("emotions")
    voice = np.concatenate([silence(4.0), notes(12.0, 140.0, 0.08, 1), silence(4.0), notes(12.0, 260.0, 0.35, 2), silence(4.0)])
    music, _ = clicks(104, len(voice) / SAMPLE_RATE_HZ)
    music[: round(20.0 * SAMPLE_RATE_HZ)] *= 0.4
    music[round(32.5 * SAMPLE_RATE_HZ) :] = 0.0
    return write(folder / "voice.wav", voice), write(folder / "mix.wav", 0.5 * music + voice)


@pytest.fixture(scope="module")
def song(files):
    return analyse(*files, 25.0, 900)


def over(curve, start_s, stop_s, rate_hz=100):
    return curve[round(start_s * rate_hz) : round(stop_s * rate_hz)]


def played(song, **choices):
    """One performance, made once for all the tests that look at it."""
    settings = SingingSettings(**choices)
    if (id(song), settings) not in PLAYED:
        PLAYED[id(song), settings] = perform(song, settings)
    return PLAYED[id(song), settings]


@pytest.mark.slow
def test_intensity_rises_with_voice_and_music_and_rests_with_them(song):
    found = automatic_intensity(song)
    assert found.shape == (song.count,) and found.dtype == np.float32 and found.min() >= 0.0 and found.max() <= 1.0
    intro, verse, chorus = over(found, 0, 3).mean(), over(found, 5, 15).mean(), over(found, 21, 31).mean()
    assert intro < verse < chorus and chorus > verse + 0.2
    assert over(found, 34, 36).max() < 0.1
    assert np.abs(np.diff(found)).max() < 0.012, "no jumps: less than 1.2 a second"


@pytest.mark.slow
def test_intensity_is_told_within_the_song(files, song, tmp_path):
    """The same song recorded 12 dB softer is felt alike; the same voice with nothing happening in it is no drama."""
    import soundfile

    softer = [write(tmp_path / path.name, 0.25 * soundfile.read(path)[0]) for path in files]
    quiet, loud = automatic_intensity(analyse(*softer, 25.0, 900)), automatic_intensity(song)
    assert np.corrcoef(quiet, loud)[0, 1] > 0.97 and np.abs(quiet - loud).mean() < 0.06
    even = write(tmp_path / "even.wav", np.tile(faded(0.3 * vowel(AH, 200.0, 0.5)), 24))
    steady = over(automatic_intensity(analyse(even, even, 25.0, 300)), 2, 10)
    assert np.ptp(steady) < 0.5 * np.ptp(loud)


@pytest.mark.slow
def test_a_ballad_has_peaks_of_its_own(song, monkeypatch):
    plan = song.plan
    peaks = {}
    for arousal in (0.1, 0.9):
        moody = replace(plan, mood=replace(plan.mood, arousal=arousal))
        monkeypatch.setattr(SongAnalysis, "plan", property(lambda _, moody=moody: moody))
        peaks[arousal] = float(automatic_intensity(song).max())
    assert 0.5 < peaks[0.1] < peaks[0.9] - 0.15


def test_nothing_heard_is_nothing_felt(tmp_path):
    path = write(tmp_path / "silence.wav", silence(6.0))
    motion = SingingMotion(SingingSettings(style="happy", lips="features")).motion(path, path, 25.0, 150)
    assert motion.intensity.max() == 0.0 and aperture(motion).max() == 0.0


@pytest.mark.slow
def test_key_points_take_the_place_of_the_curve(song):
    points = ((2.0, 0.1), (10.0, 0.9), (10.5, 0.3), (30.0, 0.3))
    motion = perform(song, SingingSettings(intensity_points=points))
    meant = np.interp(frame_times_s(900, 25.0), *np.asarray(points).T)
    # A frame shows the mean over its own time, so only around a bend it is not the line itself.
    assert np.abs(motion.intensity - meant).max() < 0.02 and np.median(np.abs(motion.intensity - meant)) < 1e-3
    felt = SingingMotion(SingingSettings(intensity_points=points)).emotion(song)
    np.testing.assert_array_equal(felt.automatic, automatic_intensity(song))
    shown = perform(song, SingingSettings(style="sad", intensity_points=points)).shape("browInnerUp")
    assert over(shown, 8, 10, 25).mean() > 2 * over(shown, 0, 2, 25).mean()


@pytest.mark.slow
@pytest.mark.parametrize("style", [style for style in FELT_STYLES if style != "neutral"])
def test_a_style_shows_its_face_as_strongly_as_it_is_felt(song, style):
    main = sorted(STYLES[style].face, key=lambda stem: -STYLES[style].face[stem])[:2]
    shown = []
    for intensity in (0.0, 0.5, 1.0):
        motion = played(song, style=style, intensity_points=((0.0, intensity),))
        plain = played(song, style="neutral", intensity_points=((0.0, intensity),))
        shown.append([motion.shape(shape_names(stem)[0]).mean() - plain.shape(shape_names(stem)[0]).mean() for stem in main])
    assert (np.diff(shown, axis=0) > 0.1).all(), f"{main}: {shown}"
    assert min(shown[0]) > 0.0 and min(shown[2]) > 0.3


def test_faces_are_unlike_each_other():
    names = stems()
    faces = np.asarray([[STYLES[style].face.get(name, 0.0) for name in names] for style in FELT_STYLES[1:]])
    unit = faces / np.linalg.norm(faces, axis=1, keepdims=True)
    assert (unit @ unit.T - np.eye(4)).max() < 0.65
    assert all(name in BLENDSHAPE_NAMES for stem in names for name in shape_names(stem))
    assert {kind for style in STYLES.values() for kind in style.flashes} == set(FLASHES)
    assert all("jawOpen" not in style.face and "mouthClose" not in style.face for style in STYLES.values())


@pytest.mark.slow
@pytest.mark.parametrize("expressiveness", [1.0, 2.0])
def test_speech_stays_the_lips_own(song, expressiveness):
    """Jaw and closures do not know what is felt, and a mouth that is shut is not opened by it."""
    motions = {style: played(song, style=style, expressiveness=expressiveness, intensity_points=FULL) for style in FELT_STYLES}
    plain = motions["neutral"]
    shut = aperture(plain) == 0.0
    assert 150 < shut.sum() < 700
    for style, motion in motions.items():
        for name in ("jawOpen", "mouthClose", "mouthPucker", "mouthFunnel"):
            np.testing.assert_array_equal(motion.shape(name), plain.shape(name), err_msg=f"{style} {name}")
        assert motion.blendshapes.min() >= 0.0 and motion.blendshapes.max() <= 1.0
        assert aperture(motion)[shut].max() == 0.0, style
        assert np.corrcoef(aperture(motion), aperture(plain))[0, 1] > 0.98, style
    wide = plain.shape("jawOpen") - plain.shape("mouthClose") > 0.15
    assert wide.sum() > 100 and motions["angry"].shape("mouthPressLeft")[wide].max() < 0.25, "open lips are not pressed"


@pytest.mark.slow
def test_rounded_lips_take_the_smile_back(song):
    motion = played(song, style="happy", intensity_points=FULL)
    rounded = motion.shape("mouthPucker") + motion.shape("mouthFunnel")
    smile = motion.shape("mouthSmileLeft")
    sung = motion.shape("jawOpen") > 0.05
    assert smile[sung & (rounded > 0.4)].mean() < 0.8 * smile[sung & (rounded < 0.05)].mean()


@pytest.mark.slow
def test_without_expressiveness_the_face_is_lips_and_living_eyes(song):
    settings = SingingSettings(style="angry", expressiveness=0.0, intensity_points=FULL)
    motion = perform(song, settings)
    lips = mouth_shapes(articulate(song), settings)
    for name in BLENDSHAPE_NAMES:
        if name not in lips and not name.startswith(("eyeBlink", "eyeLook")):
            assert motion.shape(name).max() == 0.0, name
    neutral = perform(song, replace(settings, style="neutral"))
    np.testing.assert_array_equal(motion.blendshapes, neutral.blendshapes)
    np.testing.assert_array_equal(motion.rotation_deg, neutral.rotation_deg)


@pytest.mark.slow
def test_bearing_gaze_and_blinks_go_with_the_style(song):
    motions = {style: [played(song, seed=seed, style=style, intensity_points=FULL) for seed in (0, 1)] for style in STYLES}

    def mean(style, read):
        return float(np.mean([read(motion) for motion in motions[style]]))

    def pitch(motion):
        return motion.rotation_deg[:, 1].mean()

    def blinks(motion):
        return (np.diff((motion.shape("eyeBlinkLeft") > 0.6).astype(int)) == 1).sum()

    assert mean("sad", pitch) < mean("neutral", pitch) - 1.0 < mean("surprised", pitch) - 2.0
    looks = {
        style: mean(style, lambda motion: (motion.gaze_deg[:, 1] + 0.7 * motion.rotation_deg[:, 1]).mean()) for style in STYLES
    }
    assert looks["sad"] < looks["neutral"] - 1.5 and abs(looks["angry"] - looks["neutral"]) < 1.0
    assert mean("angry", blinks) < 0.8 * mean("neutral", blinks)
    assert mean("sad", lambda motion: np.median(motion.shape("eyeBlinkLeft"))) > 0.1
    for group in motions.values():
        for motion in group:
            assert (np.abs(motion.rotation_deg).max(axis=0) <= [9.0, 7.0, 5.0]).all()
            assert np.abs(motion.translation).max() <= 0.05
            assert (motion.shape("eyeWideLeft") <= 1.0 - motion.shape("eyeBlinkLeft") + 0.05).all(), "no wide eye is shut"


@pytest.mark.slow
def test_the_face_is_alive_and_never_repeats(song):
    motion = perform(song, SingingSettings(style="happy", intensity_points=((0.0, 0.7),)))
    left, right = motion.shape("mouthSmileLeft"), motion.shape("mouthSmileRight")
    assert np.abs(left - right).max() > 0.02 and np.corrcoef(left, right)[0, 1] > 0.9
    names = ("browInnerUp", "browOuterUpLeft", "mouthSmileLeft", "cheekSquintRight", "eyeSquintLeft", "mouthDimpleRight")
    curves = np.stack([motion.shape(name) for name in names])

    def likeness(start):
        pairs = zip(curves[:, 150:275], curves[:, start : start + 125], strict=True)
        return np.mean([np.corrcoef(here, there)[0, 1] for here, there in pairs])

    assert max(likeness(start) for start in range(300, curves.shape[1] - 125)) < 0.9
    assert likeness(150) > 0.999, "a piece is like itself"
    for name in names[:4]:
        curve = motion.shape(name)
        interlude = over(curve, 16.5, 19.5, 25)
        assert interlude.std() > 0.004, f"{name} is awake while only music plays"
        assert np.abs(np.diff(curve)).max() < 0.25, f"{name} does not jump"
    again, other = (perform(song, SingingSettings(seed, style="happy", intensity_points=((0.0, 0.7),))) for seed in (0, 1))
    np.testing.assert_array_equal(motion.blendshapes, again.blendshapes)
    assert np.abs(motion.shape("mouthSmileLeft") - other.shape("mouthSmileLeft")).max() > 0.05


@pytest.mark.parametrize(
    ("valence", "arousal", "style"),
    [
        (0.6, 0.8, "happy"),
        (0.4, 0.3, "happy"),
        (-0.5, 0.2, "sad"),
        (-0.5, 0.9, "angry"),
        (0.0, 0.9, "neutral"),
        (0.0, 0.1, "neutral"),
    ],
)
def test_mood_becomes_a_style(valence, arousal, style):
    assert style_of_mood(valence, arousal) == style


@pytest.mark.slow
def test_automatic_styles_follow_the_sections(song):
    plan = replace(
        song.plan,
        mood=replace(song.plan.mood, valence=-0.3, arousal=0.5),
        sections=tuple(
            Section(start_s, end_s, label, 0, energy, 0.5)
            for start_s, end_s, label, energy in [
                (0, 10, 0, 0.3),
                (10, 20, 1, 0.9),
                (20, 23, 2, 0.2),
                (23, 30, 0, 0.3),
                (30, 36, 1, 0.9),
            ]
        ),
    )
    assert guessed_sections(plan) == ((0, 10, "sad"), (10, 23, "angry"), (23, 30, "sad"), (30, 36, "angry"))


@pytest.mark.slow
def test_styles_cover_the_song_and_change_softly(song):
    felt = song_emotion(song, SingingSettings())
    assert felt.sections[0][0] == 0.0 and felt.sections[-1][1] == pytest.approx(song.count / 100)
    assert all(first[1] == second[0] for first, second in zip(felt.sections, felt.sections[1:], strict=False))
    assert {style for _, _, style in felt.sections} <= set(FELT_STYLES)
    np.testing.assert_allclose(felt.weights.sum(axis=1), 1.0, atol=1e-5)
    assert np.abs(np.diff(felt.weights, axis=0)).max() < 0.02
    asked = song_emotion(song, SingingSettings(style="angry"))
    assert asked.sections == ((0.0, song.count / 100, "angry"),) and asked.weights[:, FELT_STYLES.index("angry")].min() > 0.99


@pytest.mark.parametrize(
    "change",
    [
        {"style": "bored"},
        {"intensity_points": ((0.0, 1.5),)},
        {"intensity_points": ((0.0, float("nan")),)},
        {"intensity_points": ((-1.0, 0.5),)},
        {"intensity_points": ((float("nan"), 0.5),)},
        {"intensity_points": ((3.0, 0.5), (3.0, 0.6))},
    ],
)
def test_settings_that_are_none(change):
    with pytest.raises(InputError, match=r"\.$"):
        SingingSettings(**change)
