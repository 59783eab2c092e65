"""All metrics of one film, each with its controls, in one record."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from core.contracts import Progress, silent
from core.errors import InputError
from core.film_tags import SPOKEN_TEXT
from core.messages import NOTHING, Message
from media.media import probe_video
from metrics.envelope import Envelope, music_only_passages, voice_envelope
from metrics.film_facts import FilmFacts, film_facts
from metrics.film_pass import FilmTrack, film_pass
from metrics.film_view import FaceFollower, Reference, views
from metrics.marks import Mark, marks_of
from metrics.mouth_change import CHANGED_PIXELS, LIP_APERTURE, NO_MEASURE, MouthMeasure, mouth_measure
from metrics.references import quarters_of_film, references, upright_frames
from metrics.registry import Metric, all_metrics
from metrics.song_beats import song_beats
from metrics.verdict import Verdict
from metrics.voice import voice_of

R = TypeVar("R")
#: Stands for the voice's file where the voice was taken out of the song.
SEPARATED = "separated"


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
    """What was measured.

    face_share: share of the frames in which the face was found. marks: the film in three words. figures: by their metrics' names,
    in their order, records of those metrics' modules, whose docstrings say units and signs.
    """

    video: str
    song: str
    voice: str
    portrait: str | None
    verdicts: list[Verdict]
    face_share: float
    marks: list[Mark]
    figures: Mapping[str, Any]

    def of(self, metric: Metric[R]) -> R:
        """The figure of a metric."""
        figure: R = self.figures[metric.name]
        return figure

    def as_json(self) -> dict[str, object]:
        """The fields, then each metric's figure, as JSON values, numbers to four digits after the point.

        What is said is said in English; `messages` of each verdict has its codes and values, for who says it in another language.
        """
        own = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "figures"}
        values: dict[str, Any] = {name: plain(value) for name, value in (own | dict(self.figures)).items()}
        for row, verdict in zip(values["verdicts"], self.verdicts, strict=True):
            row["messages"] = {name: getattr(verdict, name).as_json() for name in ("name", "wanted", "reason")}
        values["marks"] = [mark.as_json() for mark in self.marks]
        return values


@dataclass(frozen=True)
class Evidence:
    """What is known of film and song, of which the metrics make their figures and plots.

    track: the film's series. measure: by what the mouth was measured; mouth: that series (T,). envelope: the voice's; passages:
    its gaps, as (begin, end) in seconds. beats_s: the song's beats (B,). facts: the file's own. source: what the face should look
    like. spoken: nothing but speech is heard: it is the film of a text.
    """

    track: FilmTrack
    measure: MouthMeasure
    mouth: np.ndarray
    envelope: Envelope
    passages: list[tuple[float, float]]
    beats_s: np.ndarray
    facts: FilmFacts
    source: Reference
    spoken: bool = False

    @property
    def unmeasured(self) -> Message:
        """Why nothing stands for the mouth of a face that was found; empty where something does."""
        return self.measure.sentence if self.measure.name == NO_MEASURE and self.track.face_share > 0 else NOTHING


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
    video: Path, song: Path | None, settings: ReportSettings | None = None, progress: Progress = silent
) -> tuple[Report, Evidence]:
    """Measure a film against its song. Raises `InputError` or `MissingError` where something can't be read or is missing.

    song: None for the film of a text, which has nothing but its own sound, the voice alone. A film that lies is turned upright
    first. It is read once, but for its first frames; nothing of it is kept but a few numbers for each frame and a fixed number of
    small pictures.
    """
    settings = settings or ReportSettings()
    info = probe_video(video)
    spoken = SPOKEN_TEXT in info.metadata
    if spoken:
        settings = replace(settings, voice=settings.voice or song or video)
    elif song is None:
        raise InputError("metrics.song_not_named", path=video)
    song = song or video
    facts = film_facts(video, info, song, settings.start_s, settings.duration_s)
    quarters = quarters_of_film(video)
    place, source = references(video, info, settings.portrait, settings.face, quarters)
    progress("voice", 0, 1)
    with voice_of(song, settings.voice, settings.start_s, settings.duration_s) as (voice, begin_s):
        envelope = voice_envelope(voice, begin_s, settings.duration_s)
    beats_s = song_beats(song, settings.start_s, settings.duration_s)
    with FaceFollower(place.face.box) as follower:
        track = film_pass(
            views(upright_frames(video, quarters), follower, place.layout), place, source, info.frames, info.fps, progress
        )
    measure = mouth_measure(track.aperture, track.mouth_change, track.nose_change, track.fps)
    mouth, passages = mouth_series(track, measure), music_only_passages(envelope)
    evidence = Evidence(track, measure, mouth, envelope, passages, beats_s, facts, source, spoken)
    names = (str(video), str(song), str(settings.voice or SEPARATED), str(settings.portrait) if settings.portrait else None)
    return judged(names, evidence), evidence


def mouth_series(track: FilmTrack, measure: MouthMeasure) -> np.ndarray:
    """What stands for the mouth's opening, (T,); all NaN where nothing can."""
    series = {LIP_APERTURE: track.aperture, CHANGED_PIXELS: track.mouth_change}
    return series.get(measure.name, np.full_like(track.aperture, np.nan))


def judged(names: tuple[str, str, str, str | None], evidence: Evidence) -> Report:
    """The report of what was seen: every metric's figure, and their verdicts. names: of film, song, voice and portrait."""
    figures = {metric.name: metric.measured(evidence) for metric in all_metrics()}
    judging = [metric for metric in all_metrics() if metric.verdicts is not None]
    judging.sort(key=lambda metric: metric.placed(metric.verdicts_place))
    found = [metric.verdicts(figures[metric.name], evidence) for metric in judging if metric.verdicts is not None]
    verdicts = [verdict for verdicts in found for verdict in verdicts]
    marks = marks_of(figures, evidence.measure.name, evidence.spoken)
    return Report(*names, verdicts, evidence.track.face_share, marks, figures)
