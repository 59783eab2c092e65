"""One film of each engine that runs on a CPU, from song and picture to the finished file, held to the house's targets.

Every figure is read from the film by the metrics room. The controls are the same film with a known flaw; they must miss the
target of that flaw by the very check that the film itself passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, repeat
from pathlib import Path

import numpy as np
import pytest

from media.media import probe_video, read_frames
from metrics.envelope import music_only_passages, voice_envelope
from metrics.film_facts import FILM
from metrics.film_view import Reference
from metrics.likeness import LIKENESS, IdentityNetwork
from metrics.person_mask import background_mask, person_matte
from metrics.references import portrait_reference
from metrics.report import Evidence, Report, ReportSettings, judged, make_report
from pipeline.cache import CacheSettings, StageCache
from pipeline.film_settings import SongToVideoSettings
from pipeline.song_to_video import song_to_video
from tests.metrics.films import write_film

pytestmark = [pytest.mark.slow, pytest.mark.long]

LATE_FRAMES = 1
#: Levels of 255 by which the mean colour of the scene behind the person may differ from the picture's.
MAX_TINT = 2.0
LAG, COLOURS, COUNT = "lag of the mouth in ms", "colours", "number of frames"
FOLLOWS, SHUT = "aperture follows the voice (correlation)", "mouth shut in music-only passages (share)"
ALIKE, MARK = "likeness to the source picture (mean cosine)", "marked as AI-generated"
LENGTH = "length against the song in frames"


@dataclass(frozen=True)
class Made:
    """A finished film, and what it was made of. voice: the voice alone, None where it must be separated again."""

    video: Path
    portrait: Path
    song: Path
    voice: Path | None
    settings: SongToVideoSettings

    def report(self, video: Path | None = None) -> tuple[Report, Evidence]:
        """What is measured of the film, or of another one in its place."""
        held_against = ReportSettings(self.voice, self.portrait, None, self.settings.start_s, self.settings.duration_s)
        return make_report(video or self.video, self.song, held_against)


def missed(made: Made, report: Report) -> set[str]:
    """Which targets a film misses. One that can't be told is missed: these films are long enough."""
    names = demands_missed(report)
    frames = round(made.settings.fps * made.settings.duration_s)
    if report.of(FILM).frames != frames or sum(1 for _ in read_frames(Path(report.video))) != frames:
        names.add(COUNT)
    if tint(Path(report.video), made.portrait) > MAX_TINT:
        names.add(COLOURS)
    return names


def demands_missed(report: Report) -> set[str]:
    """The names of the report's own demands that are missed or can't be judged."""
    return {str(verdict.name) for verdict in report.verdicts if verdict.passed is not True}


def tint(video: Path, portrait: Path) -> float:
    """Largest difference over the frames and colours between the scene behind the person and the same place of the picture."""
    info = probe_video(video)
    source, fits = portrait_reference(portrait, None, info.width, info.height)
    assert fits
    scene = background_mask(person_matte(source.image), round(0.15 * source.face_width))
    assert scene.mean() > 0.02
    own = source.image[scene].astype(np.float32).mean(axis=0)
    return max(float(np.abs(frame[scene].astype(np.float32).mean(axis=0) - own).max()) for frame in read_frames(video))


@pytest.fixture(scope="module")
def make(tmp_path_factory) -> Callable[..., Made]:
    """Makes a film at a quick size, with a stage cache of its own."""
    folder = tmp_path_factory.mktemp("films")

    def make(
        engine: str, portrait: Path, song: Path, voice: Path | None, duration_s: float, fps: float = 25.0, height: int = 256
    ) -> Made:
        video = folder / f"{engine}-{portrait.stem}.mp4"
        settings = SongToVideoSettings(engine=engine, height=height, fps=fps, start_s=1.0, duration_s=duration_s)
        cache = StageCache(replace(CacheSettings.from_environment(), folder=folder / video.stem))
        report = song_to_video(portrait, song, video, settings, cache=cache)
        assert report.engine == engine
        return Made(video, portrait, song, voice, settings)

    return make


def test_the_demo_film_holds_its_targets(make, root_dir):
    made = make("mesh", root_dir / "demo" / "portrait.jpg", root_dir / "demo" / "song.mp3", None, 7.0)
    assert missed(made, made.report()[0]) == set()


@pytest.fixture(scope="module")
def photo(make, request) -> tuple[Made, Report, Evidence]:
    shared = request.getfixturevalue("shared_dir")
    portrait, songs = shared / "portraits" / "man_photo.jpg", shared / "songs"
    made = make("mesh", portrait, songs / "song_10_mix.flac", songs / "song_10_voice.flac", 12.0, fps=12.5)
    return made, *made.report()


def test_a_photos_film_holds_its_targets(photo):
    made, report, _ = photo
    assert missed(made, report) == set()


def test_a_spoiled_film_misses_what_was_spoiled(photo):
    """A frame of 80 ms late, a shade too warm, five frames short, and written without the mark."""
    made, _, _ = photo

    def spoiled() -> Iterator[np.ndarray]:
        first, *rest = read_frames(made.video)
        for frame in chain(repeat(first, LATE_FRAMES + 1), rest[: -LATE_FRAMES - 5]):
            yield np.clip(frame.astype(int) + np.array([4, 0, -4]), 0, 255).astype(np.uint8)

    video = write_film(made.video.with_name("spoiled.mp4"), spoiled(), made.settings.fps, made.video)
    report, _ = made.report(video)
    names = missed(made, report)
    assert {LAG, COLOURS, COUNT, LENGTH, MARK} <= names
    assert FOLLOWS not in names, "which a frame does not undo: the lag is a target of its own"


def test_another_voice_another_face_and_a_mouth_that_never_shuts_are_missed(photo, shared_dir):
    """The film's own series, held against what is not its own."""
    made, report, evidence = photo
    other = voice_envelope(shared_dir / "songs" / "song_14_voice.flac", made.settings.start_s, made.settings.duration_s)
    track = evidence.track
    names = (report.video, report.song, report.voice, report.portrait)
    foreign = replace(evidence, envelope=other, passages=music_only_passages(other))
    assert FOLLOWS in demands_missed(judged(names, foreign))
    open_mouth = replace(evidence, mouth=np.maximum(evidence.mouth, 0.3 * np.nanmax(evidence.mouth)))
    assert SHUT in demands_missed(judged(names, open_mouth))
    likeness = report.of(LIKENESS)
    unlike = replace(likeness, film=replace(likeness.film, mean=likeness_of(made, shared_dir / "portraits" / "woman_photo.jpg")))
    stranger = replace(evidence, track=replace(track, gathered={**track.gathered, LIKENESS.name: unlike}))
    assert ALIKE in demands_missed(judged(names, stranger))


def source_of(made: Made) -> Reference:
    """The portrait at the film's size."""
    info = probe_video(made.video)
    return portrait_reference(made.portrait, None, info.width, info.height)[0]


def likeness_of(made: Made, portrait: Path) -> float:
    """Cosine of the film's portrait with that of somebody else, by the network that measures likeness."""
    network = IdentityNetwork()
    own, other = source_of(made), source_of(replace(made, portrait=portrait))
    return float(network.embedding(own.image, own.face.landmarks) @ network.embedding(other.image, other.face.landmarks))


def test_a_drawings_film_holds_its_targets(make, shared_dir):
    """The same but likeness, whose network knows photos: the demand of 0.8 is for those, other people stay under 0.3.

    At the size of a usual film: a drawn mouth of seven pixels is too small for the changed pixels that it is read by.
    """
    portrait, songs = shared_dir / "portraits" / "anime_rgba.png", shared_dir / "songs"
    made = make("anime", portrait, songs / "song_10_mix.flac", songs / "song_10_voice.flac", 12.0, fps=12.5, height=512)
    report, _ = made.report()
    assert missed(made, report) - {ALIKE} == set()
    assert report.of(LIKENESS).film.mean > 0.6
