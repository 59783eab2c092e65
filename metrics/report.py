"""All metrics of one film, each with its controls, in one record."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.contracts import Progress, silent
from core.errors import InputError
from core.messages import Message
from media.media import probe_video, read_frames
from metrics.background import Background
from metrics.blinks import Blinks, blinks
from metrics.envelope import Envelope, inside, music_only_passages, voice_envelope
from metrics.film_facts import FilmFacts, film_facts
from metrics.film_pass import FilmTrack, WithControls, film_pass
from metrics.film_view import FaceFollower, Reference, views
from metrics.flicker import Flicker
from metrics.head_beat import HeadBeat, head_beat
from metrics.likeness import Likeness
from metrics.lip_sync import LipSync, lip_sync
from metrics.mouth_change import MouthMeasure, mouth_measure
from metrics.references import references
from metrics.seam import Seam
from metrics.sharpness import Sharpness
from metrics.silence import Silence, silence
from metrics.song_beats import song_beats
from metrics.verdict import Verdict, verdicts
from metrics.voice import voice_of


@dataclass(frozen=True)
class ReportSettings:
    """What a film is held against."""

    #: the voice alone, as long as the song; None: taken out of the song by the product's own separator.
    voice: Path | None = None
    #: the picture that the film was made of; None: the film's first frame stands for it.
    portrait: Path | None = None
    #: which face of the portrait sings, counted from 1, left to right; None: the only one.
    face: int | None = None
    #: second of the song at which the film begins, and how many seconds it takes; None: to the song's end.
    start_s: float = 0.0
    duration_s: float | None = None

    def __post_init__(self) -> None:
        """Raises `InputError` where a time makes no sense."""
        if not (math.isfinite(self.start_s) and self.start_s >= 0):
            raise InputError("core.start_before_the_song", value=self.start_s)
        if self.duration_s is not None and not (math.isfinite(self.duration_s) and self.duration_s > 0):
            raise InputError("core.duration_out_of_range", value=self.duration_s)


@dataclass(frozen=True)
class Report:
    """What was measured. Fields are records of the modules of the same names; their docstrings say units and signs.

    face_share: share of the frames in which the face was found. mouth: by what the mouth was measured; lip_sync,
    lip_sync_in_voice and silence are that measure's. source_aperture: opening of the mouth in the source picture, in eye spans;
    None where the landmarks don't follow this mouth. lip_sync_in_voice: the same as lip_sync but in passages with voice only, so
    that the coming and going of the whole voice does not count.
    """

    video: str
    song: str
    voice: str
    portrait: str | None
    verdicts: list[Verdict]
    face_share: float
    mouth: MouthMeasure
    source_aperture: float | None
    film: FilmFacts
    lip_sync: LipSync
    lip_sync_in_voice: LipSync
    silence: Silence
    likeness: WithControls[Likeness]
    background: WithControls[Background]
    seam: WithControls[Seam]
    flicker: WithControls[Flicker]
    sharpness: WithControls[Sharpness]
    head_beat: HeadBeat
    blinks: Blinks

    def as_json(self) -> dict[str, object]:
        """The fields as JSON values, numbers to four digits after the point.

        What is said is said in English; `messages` of each verdict has its codes and values, for who says it in another language.
        """
        values: dict[str, Any] = {item.name: plain(getattr(self, item.name)) for item in fields(self)}
        for row, verdict in zip(values["verdicts"], self.verdicts, strict=True):
            row["messages"] = {name: getattr(verdict, name).as_json() for name in ("name", "wanted", "reason")}
        return values


@dataclass(frozen=True)
class Evidence:
    """What the plots are drawn from: the film's series, the one that tells of the mouth (T,), the voice, its gaps, the beats."""

    track: FilmTrack
    mouth: np.ndarray
    envelope: Envelope
    passages: list[tuple[float, float]]
    beats_s: np.ndarray


def plain(value: object) -> object:
    """A value as JSON takes it, messages in English."""
    if isinstance(value, Message):
        return str(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return round(float(value), 4) if math.isfinite(value) else None
    if is_dataclass(value):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    return value if value is None else str(value)


def make_report(
    video: Path, song: Path, settings: ReportSettings | None = None, progress: Progress = silent
) -> tuple[Report, Evidence]:
    """Measure a film against its song. Raises `InputError` or `MissingError` where something can't be read or is missing.

    The film is read twice where no portrait is given (its first frames before the pass), else once; nothing of it is kept but a
    few numbers for each frame and a fixed number of small pictures.
    """
    settings = settings or ReportSettings()
    info = probe_video(video)
    facts = film_facts(video, info, song, settings.start_s, settings.duration_s)
    place, source = references(video, info, settings.portrait, settings.face)
    progress("voice", 0, 1)
    with voice_of(song, settings.voice, settings.start_s, settings.duration_s) as (voice, begin_s):
        envelope = voice_envelope(voice, begin_s, settings.duration_s)
    beats_s = song_beats(song, settings.start_s, settings.duration_s)
    with FaceFollower(place.face.box) as follower:
        track = film_pass(views(read_frames(video), follower, place.layout), place, source, info.frames, info.fps, progress)
    measure = mouth_measure(track.aperture, track.mouth_change, track.nose_change, track.fps)
    evidence = Evidence(track, mouth_series(track, measure), envelope, music_only_passages(envelope), beats_s)
    names = (str(video), str(song), str(settings.voice or "separated"), str(settings.portrait) if settings.portrait else None)
    return judged(names, facts, source, measure, evidence), evidence


def mouth_series(track: FilmTrack, measure: MouthMeasure) -> np.ndarray:
    """What stands for the mouth's opening, (T,); all NaN where nothing can."""
    series = {"lip aperture": track.aperture, "mouth's changed pixels": track.mouth_change}
    return series.get(measure.name, np.full_like(track.aperture, np.nan))


def judged(
    names: tuple[str, str, str, str | None], facts: FilmFacts, source: Reference, measure: MouthMeasure, evidence: Evidence
) -> Report:
    """The report of what was seen."""
    from metrics.aperture import aperture

    track = evidence.track
    lips, in_voice, quiet = mouth_figures(measure, evidence)
    return Report(
        *names,
        verdicts=verdicts(facts, lips, quiet, track.likeness.film, measure.name),
        face_share=track.face_share,
        mouth=measure,
        source_aperture=aperture(source.face.landmarks) if measure.name == "lip aperture" else None,
        film=facts,
        lip_sync=lips,
        lip_sync_in_voice=in_voice,
        silence=quiet,
        likeness=track.likeness,
        background=track.background,
        seam=track.seam,
        flicker=track.flicker,
        sharpness=track.sharpness,
        head_beat=head_beat(track.times_s, track.height, track.rotation_deg, evidence.beats_s),
        blinks=blinks(track.eye_opening, track.fps),
    )


def mouth_figures(measure: MouthMeasure, evidence: Evidence) -> tuple[LipSync, LipSync, Silence]:
    """How the mouth goes with the voice, the same where the voice sounds, and how it rests; nothing without a measure."""
    track, mouth, voice = evidence.track, evidence.mouth, evidence.envelope
    if measure.name == "none" and track.face_share > 0:
        nothing = LipSync(0, reason=measure.sentence)
        return nothing, nothing, Silence(len(evidence.passages), 0, 0.0, reason=measure.sentence)
    in_gaps = inside(track.times_s, evidence.passages)
    return (
        lip_sync(track.times_s, mouth, voice),
        lip_sync(track.times_s, np.where(in_gaps, np.nan, mouth), voice),
        silence(track.times_s, mouth, evidence.passages, track.fps),
    )
