"""What passes between the queue's worker and whoever keeps the jobs: orders, progress, and the store that holds both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Protocol

from core.messages import Message
from pipeline.film_settings import SongToVideoSettings


class StoreUnavailable(Exception):
    """The place where the jobs are kept can't be reached for the moment; trying again later helps."""


@dataclass(frozen=True)
class JobOrder:
    """One film to be made.

    video: the server-made name of the film. song_title, portrait_title: what the person calls the files; errors and notes
    speak of them, not of the server's names. film_s, film_pixels: about how long (seconds) and how large (width x height)
    the film will be, which is asked for the time left alone; 0: unknown. engine_hint: the engine that will probably draw it,
    for the time left as well.
    """

    job_id: str
    portrait: Path
    song: Path
    video: Path
    settings: SongToVideoSettings
    song_title: str = ""
    portrait_title: str = ""
    film_s: float = 0.0
    film_pixels: int = 0
    engine_hint: str = "mesh"

    def as_json(self) -> dict[str, Any]:
        """The fields as JSON values; `from_json` reads them."""
        files = {name: str(getattr(self, name)) for name in ("portrait", "song", "video")}
        same = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**same, **files, "settings": self.settings.as_json()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> JobOrder:
        """The order that `as_json` wrote. Raises `InputError` where a setting is out of range."""
        paths = {name: Path(values[name]) for name in ("portrait", "song", "video")}
        return cls(**{**values, **paths, "settings": SongToVideoSettings.from_json(values["settings"])})

    def in_words_of_the_person(self, message: Message) -> Message:
        """The message with the person's titles in place of the server's file names and folders."""
        return message.with_texts(self._with_titles)

    def _with_titles(self, text: str) -> str:
        for path, title in ((self.song, self.song_title), (self.portrait, self.portrait_title)):
            text = with_title(text, path, title)
        return text.replace(str(self.video), self.video.name).replace(str(self.video.parent), self.video.parent.name)


def with_title(text: str, path: Path, title: str) -> str:
    """The text with the title in place of the file's path and name."""
    shown = f"“{title}”" if title else path.name
    return text.replace(str(path), shown).replace(path.name, shown)


@dataclass(frozen=True)
class ReportOrder:
    """One quality report to be made of a film that is done; `page` is the HTML page to write, in an existing folder.

    film_title, song_title, portrait_title: what the person calls them; the page speaks of them, not of the server's names.
    """

    job_id: str
    video: Path
    song: Path
    portrait: Path
    page: Path
    face: int | None = None
    start_s: float = 0.0
    duration_s: float | None = None
    film_title: str = ""
    song_title: str = ""
    portrait_title: str = ""


@dataclass(frozen=True)
class EmotionOrder:
    """The emotion of a song, or of a part of it, to be found for somebody who wants to look at it before a film is ordered."""

    request_id: str
    song: Path
    song_title: str = ""
    start_s: float = 0.0
    duration_s: float | None = None

    def in_words_of_the_person(self, message: Message) -> Message:
        """The message with the song's title in place of the server's file name."""
        return message.with_texts(lambda text: with_title(text, self.song, self.song_title))


@dataclass(frozen=True)
class JobProgress:
    """How far a film is: its stage, units done of a total (0: unknown), seconds left of the whole film (None: unknown).

    share: how much of the whole is done by the time it takes, 0 to 1, never less than before. overdue: whether the stage takes
    longer than was foreseen and says nothing.
    """

    stage: str
    done: int
    total: int
    eta_s: float | None
    share: float = 0.0
    overdue: bool = False


class JobStore(Protocol):
    """Where the jobs are kept. Every method is one transaction and may raise `StoreUnavailable`.

    A worker is known by the name that it claims with; `WorkerLock` says whether a worker of that name still lives. What a worker
    says of a piece of work that was taken from it meanwhile changes nothing: it may be the last word of one that slept, while
    another is at the same work.
    """

    def claim(self, worker: str) -> JobOrder | None:
        """Take the job whose turn it is, fair between people, and mark it running; None where nobody waits."""
        ...

    def beat(self, job_id: str, worker: str) -> bool:
        """Say that the job's worker lives; returns whether the work shall end: cancelled, or no longer this worker's."""
        ...

    def progress(self, job_id: str, worker: str, progress: JobProgress) -> None:
        """Keep how far the job is."""
        ...

    def finish(self, job_id: str, worker: str, report: Mapping[str, Any]) -> None:
        """The film lies under its name; `report` is `FilmReport.as_json`, its notes as codes with values."""
        ...

    def fail(self, job_id: str, worker: str, failure: Message, retry_helps: bool) -> None:
        """The film could not be made. Where a second try may help and there was none yet, the job waits again."""
        ...

    def cancelled(self, job_id: str, worker: str) -> None:
        """The work has ended because the person wanted it to."""
        ...

    def give_back(self, job_id: str, worker: str) -> None:
        """The worker stops; the job waits again and goes on from its last finished stage."""
        ...

    def requeue_stale(self, worker: str, idle: bool) -> int:
        """Let the running jobs of dead workers wait again, and if `worker` is idle, what stands under its name; says how many."""
        ...

    def queued(self) -> int:
        """How many films wait."""
        ...

    def emotions_waiting(self) -> int:
        """How many songs wait for their emotion to be found."""
        ...

    def claim_emotion(self, worker: str) -> EmotionOrder | None:
        """Take the request that has waited longest; None where there is none."""
        ...

    def beat_emotion(self, request_id: str, worker: str) -> bool:
        """Say that the request's worker lives; returns whether the work shall end: the song is gone, or another has it."""
        ...

    def finish_emotion(self, request_id: str, worker: str, emotion: Mapping[str, Any]) -> None:
        """Keep what was found: `motion.intensity.Emotion` as JSON values."""
        ...

    def fail_emotion(self, request_id: str, worker: str, failure: Message) -> None:
        """It could not be found; `failure` says why."""
        ...

    def give_back_emotion(self, request_id: str, worker: str) -> None:
        """The worker stops; the request waits again."""
        ...

    def reports_waiting(self) -> int:
        """How many films lack their quality report and nobody is at it."""
        ...

    def claim_report(self, worker: str) -> ReportOrder | None:
        """Take the film that has waited longest for its quality report."""
        ...

    def finish_report(self, job_id: str, worker: str, figures: Mapping[str, Any], page: str) -> None:
        """Keep the report's figures and the name of its page."""
        ...

    def fail_report(self, job_id: str, worker: str, failure: Message) -> None:
        """The report could not be made and is not tried again."""
        ...

    def give_back_report(self, job_id: str, worker: str) -> None:
        """The report was put off; it waits again."""
        ...
