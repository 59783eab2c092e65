"""What somebody has whose pages are looked at: songs, pictures, films and works of every kind, in every state, as rows."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy.orm import Session

from app.database import Database, writing
from app.found_faces import FoundFace
from app.models import Asset, Clip, Job, JobInput, Picture, Song, Work, WorkInput, new_id, now
from app.services.albums import create_album, fill_album
from app.services.people import ensure_person
from app.services.titles import fold
from app.settings import AppSettings
from benchmarks.library_rows import EXAMPLES, Shelves, link
from core.messages import NOTHING, Message, message
from core.work import WorkKind
from pipeline.lyrics.lines import Lyrics, lyrics_from_json
from pipeline.lyrics.writing import write_lyrics
from pipeline.stills import still_beside
from pipeline.translating.table import DubScript, ScriptLine, table_text
from pipeline.works.caption_film import CAPTION_FILM
from pipeline.works.compare_films import COMPARE_FILMS
from pipeline.works.dub import DUB
from pipeline.works.film_to_script import FILM_TO_SCRIPT
from pipeline.works.look_film import LOOK_FILM
from pipeline.works.quality_report import QUALITY_REPORT
from pipeline.works.song_to_film import SONG_TO_FILM
from pipeline.works.song_to_lyrics import SONG_TO_LYRICS
from pipeline.works.sync_film import SYNC_FILM
from pipeline.works.text_to_film import TEXT_TO_FILM
from pipeline.works.transfer import TRANSFER

MADE = EXAMPLES / "lively.mp4"
#: Not that of the other rows, whose files they would else have.
SEED = 6
#: Where the faces of the two pictures that are laid side by side are, as parts of one picture.
FACE = (0.3, 0.16, 0.7, 0.66)
LINES = (("twinkle twinkle little star", 0.4, 3.4), ("how I wonder what you are", 3.8, 7.0))
SAID = (
    ScriptLine(0.2, 1.9, 1, "af_heart", "Guten Abend, meine Damen und Herren.", "Good evening, ladies and gentlemen."),
    ScriptLine(2.0, 3.4, 2, "am_adam", "Schön, dass ihr da seid.", "How good that you are here."),
)


class StateRows(Shelves):
    """Makes works in every state."""

    def named(self, row: Any, title: str) -> Any:
        """The row under that title."""
        row.title, row.search_text = title, fold(title)
        return row

    def picture_of(self, path: Path, title: str, faces: Sequence[FoundFace], drawing: bool = False) -> Picture:
        """A picture of that file, its faces known."""
        row = self.named(self.picture(0), title)
        for name in (row.file_name, row.thumb_name):
            (self.settings.uploads_dir / name).unlink()
            shutil.copyfile(path, self.settings.uploads_dir / name)
        with Image.open(path) as image:
            row.width, row.height = image.size
        row.faces, row.drawing, row.size_bytes = list(faces), drawing, path.stat().st_size
        return row

    def clip(self, path: Path, title: str) -> Clip:
        """A film that was given."""
        thumb = f"thumb-{new_id()}.jpg"
        link(path.with_suffix(".jpg"), self.settings.uploads_dir / thumb)
        row = Clip(**self.given(path, f"clip-{new_id()}.mp4", 0), mime="video/mp4", duration_s=4.0)
        row.width, row.height, row.thumb_name = 256, 256, thumb
        self.session.add(row)
        return self.named(row, title)

    def work(self, kind: WorkKind, title: str, inputs: Mapping[str, Asset], state: str = "done", **values: Any) -> Work:
        """A work of that kind in that state. values: of the row."""
        given = {"options": {}, "order_key": new_id(), "files": {}} | values
        row = Work(id=new_id(), person_id=self.person_id, kind=kind.name, title=title, search_text=fold(title), **given)
        row.inputs = {role: WorkInput(role=role, asset=asset) for role, asset in inputs.items()}
        self.session.add(row)
        self.job(row, kind, state)
        return row

    def job(self, work: Work, kind: WorkKind, state: str, **values: Any) -> Job:
        """A job that makes the work, or finds out something about it."""
        job = Job(id=new_id(), person_id=self.person_id, kind=kind.name, turn=kind.turn, state=state, **values)
        self.session.add(job)
        job.work = work
        job.inputs = {role: JobInput(role=role, asset=each.asset) for role, each in work.inputs.items()}
        job.queued_at, job.notes = now() - timedelta(minutes=3), []
        if state != "queued":
            job.started_at = now() - timedelta(minutes=2)
        if state in ("done", "failed", "cancelled"):
            job.finished_at = now()
        if state == "running":
            job.stage, job.done, job.total, job.share, job.eta_s = "frames", 120, 300, 0.4, 95.0
            job.heartbeat_at = now() + timedelta(days=1)  # nobody looks after it, and nobody shall think it lost
        if state == "failed":
            job.failure = message("faces.no_face").as_json()
        return job

    def made(self, name: str = "film", path: Path = MADE) -> dict[str, Any]:
        """Values of a work of which that film was made."""
        kept = f"{name}-{new_id()}{path.suffix}"
        link(path, self.settings.results_dir / kept)
        figures = {"width": 256, "height": 256, "duration_s": 4.0, "frames": 100, "seconds": {"total": 41.0}}
        return {"files": {name: kept}, "size_bytes": path.stat().st_size, "figures": figures}

    def still(self, work: Work) -> None:
        """A frame of the work in the making."""
        shutil.copyfile(EXAMPLES / "lively.jpg", still_beside(self.settings.results_dir / f"film-{work.id}.mp4"))

    def measured(self, work: Work) -> None:
        """The quality report of a film: well in step, too short for the beat."""
        short = message("metrics.film_too_short_to_judge", length=4.0, least=5.0)
        told = {"name": message("metrics.follows_by_aperture"), "wanted": message("metrics.at_least", value=0.5)}
        late = {"name": message("metrics.lag"), "wanted": message("metrics.within", value=40)}
        verdicts = [verdict(0.81, True, told, NOTHING), verdict(None, None, late, short)]
        marks = [mark("lips", "good"), mark("likeness", "fair"), mark("beat", "short", short)]
        self.job(work, QUALITY_REPORT, "done", result={"verdicts": verdicts, "marks": marks}, files={"page": "report.html"})


def verdict(value: float | None, passed: bool | None, told: Mapping[str, Message], reason: Message) -> dict[str, Any]:
    """A demand as the report keeps it."""
    said = {**told, "reason": reason}
    messages = {name: each.as_json() for name, each in said.items()}
    return {"value": value, "passed": passed, **{name: str(each) for name, each in said.items()}, "messages": messages}


def mark(name: str, level: str, reason: Message = NOTHING) -> dict[str, Any]:
    """One of the three words as the report keeps it."""
    return {"name": name, "level": level, "reason": str(reason), "message": reason.as_json()}


def face(number: int, box: Sequence[float]) -> FoundFace:
    """A face that can sing, upright."""
    return FoundFace(number=number, box=list(box), ok=True, reason=None, tilt_deg=2.0)


def garden(folder: Path) -> Path:
    """A picture in which nobody is: the ground beside a face."""
    target = folder / "garden.jpg"
    with Image.open(EXAMPLES / "mona_lisa.jpg") as image:
        image.convert("RGB").crop((0, 0, image.width // 5, image.height // 4)).resize((800, 600)).save(target, quality=88)
    return target


def side_by_side(folder: Path) -> Path:
    """A picture of two people."""
    target = folder / "two.jpg"
    with Image.open(EXAMPLES / "woman.jpg") as one, Image.open(EXAMPLES / "man.jpg") as other:
        both = Image.new("RGB", (1200, 600))
        for left, image in ((0, one), (600, other)):
            both.paste(image.convert("RGB").resize((600, 600)), (left, 0))
    both.save(target, quality=88)
    return target


def fill(settings: AppSettings, person_id: str, count: int = 60) -> dict[str, str]:
    """Give the person one of everything that is not being made, and so many songs, pictures and films besides; ids by name."""
    database = Database(settings)
    with database.session() as session:
        ensure_person(session, person_id)
        Shelves(session, settings, person_id).fill(count)
        with writing(session):
            rows = StateRows(session, settings, person_id, SEED)
            given = given_rows(rows)
            ids = ids_of(session, given | film_rows(rows, given) | work_rows(rows, given))
        ids["album"] = filled_album(session, settings, person_id, ids)
    database.close()
    return ids


def fill_busy(settings: AppSettings, person_id: str) -> dict[str, str]:
    """Give the person films that are being made, that wait, and that were not made; ids by name."""
    database = Database(settings)
    with database.session() as session:
        ensure_person(session, person_id)
        with writing(session):
            rows = StateRows(session, settings, person_id, SEED)
            given = given_rows(rows)
            ids = ids_of(session, given | busy_rows(rows, given))
    database.close()
    return ids


def ids_of(session: Session, rows: Mapping[str, Asset | Work]) -> dict[str, str]:
    """The rows' ids, which they have once they are written."""
    session.flush()
    return {name: row.id for name, row in rows.items()}


def filled_album(session: Session, settings: AppSettings, person_id: str, ids: Mapping[str, str]) -> str:
    """An album with some of it in it."""
    album = create_album(session, settings, person_id, "Summer concert")
    fill_album(session, person_id, album.id, {"songs": (ids["song"],), "pictures": (ids["woman"],), "works": (ids["film"],)})
    return album.id


def given_rows(rows: StateRows) -> dict[str, Any]:
    """Songs, pictures and films as a person gives them."""
    drawn = EXAMPLES / "drawn_red.jpg"
    two = side_by_side(rows.settings.uploads_dir)
    left, right = ((FACE[0] / 2 + shift, FACE[1], FACE[2] / 2 + shift, FACE[3]) for shift in (0.0, 0.5))
    song = rows.named(rows.song(0), "Twinkle, twinkle")
    song.duration_s = 22.8
    return {
        "song": song,
        "woman": rows.picture_of(EXAMPLES / "woman.jpg", "A young woman", [face(1, FACE)]),
        "two": rows.picture_of(two, "The two of us", [face(1, left), face(2, right)]),
        "drawn": rows.picture_of(drawn, "A drawn girl", [face(1, FACE)], drawing=True),
        "nobody": rows.picture_of(garden(rows.settings.uploads_dir), "The garden", []),
        "clip": rows.clip(EXAMPLES / "stage.mp4", "On stage"),
        "other_clip": rows.clip(EXAMPLES / "natural.mp4", "At home"),
    }


def film_rows(rows: StateRows, given: Mapping[str, Any]) -> dict[str, Work]:
    """Two takes of a film; the first was measured."""
    of = {"song": given["song"], "portrait": given["woman"]}
    found = {
        "film": rows.work(SONG_TO_FILM, "Twinkle, twinkle: a young woman", of, **rows.made()),
        "take": rows.work(SONG_TO_FILM, "Twinkle, twinkle: calmer", of, options={"head_motion": 0.3}, **rows.made()),
        "failed": rows.work(SONG_TO_FILM, "Twinkle, twinkle: failed", of, "failed"),
        "cancelled": rows.work(SONG_TO_FILM, "Twinkle, twinkle: cancelled", of, "cancelled"),
    }
    rows.measured(found["film"])
    return found


def busy_rows(rows: StateRows, given: Mapping[str, Any]) -> dict[str, Work]:
    """What is being made, and what waits."""
    of, lips = {"song": given["song"], "portrait": given["woman"]}, {"film": given["clip"], "sound": given["song"]}
    found = {
        "running": rows.work(SONG_TO_FILM, "Twinkle, twinkle: being made", of, "running"),
        "dub running": rows.work(DUB, "On stage, being sung anew", lips, "running"),
    }
    found |= {f"queued {number}": rows.work(SONG_TO_FILM, f"Next, {number}", of, "queued") for number in (1, 2, 3)}
    rows.still(found["running"])
    return found


def work_rows(rows: StateRows, given: Mapping[str, Any]) -> dict[str, Work]:
    """Works of the other kinds."""
    film, sound = {"film": given["clip"]}, {"sound": given["song"]}
    moved = {"portrait": given["woman"], "driving": given["clip"]}
    beside = {"driving": given["clip"], "film": given["other_clip"], "portrait": given["woman"]}
    found = {
        "dub": rows.work(DUB, "On stage, sung anew", film | sound, **rows.made()),
        "transfer": rows.work(TRANSFER, "A young woman on stage", moved, **rows.made()),
        "look": rows.work(LOOK_FILM, "On stage in ink", film, options={"look": "ink"}, **rows.made()),
        "caption": rows.work(CAPTION_FILM, "On stage with words", film, **rows.made()),
        "compare": rows.work(COMPARE_FILMS, "Both stages", beside, **rows.made()),
        "repair": rows.work(SYNC_FILM, "On stage in step", film, **rows.made()),
        "spoken": rows.work(TEXT_TO_FILM, "Good evening", {"portrait": given["woman"]}, options=spoken(), **rows.made()),
        "work failed": rows.work(TRANSFER, "A film that failed", moved, "failed"),
        "work cancelled": rows.work(DUB, "A film that was cancelled", film | sound, "cancelled"),
    }
    return found | {"words": words_row(rows, given["song"]), "script": script_row(rows, given["clip"])}


def spoken() -> dict[str, Any]:
    """The options of a text that was said."""
    return {"text": "Good evening, and welcome to the show.", "voice": "af_heart"}


def words_row(rows: StateRows, song: Song) -> Work:
    """The words of a song, with their files."""
    lyrics: Lyrics = lyrics_from_json({"language": "en", "lines": [timed(*line) for line in LINES]})
    files = {"lyrics": f"lyrics-{new_id()}.lrc", "subtitles": f"lyrics-{new_id()}.vtt", "srt": f"lyrics-{new_id()}.srt"}
    for name in files.values():
        write_lyrics(rows.settings.results_dir / name, lyrics)
    values: dict[str, Any] = {
        "files": files,
        "figures": {"words": lyrics.as_json()},
        "words_text": fold(" ".join(line[0] for line in LINES)),
    }
    return rows.work(SONG_TO_LYRICS, "Words of Twinkle, twinkle", {"song": song}, **values)


def timed(text: str, start_s: float, end_s: float) -> list[list[Any]]:
    """A line's words, as long as one another."""
    words = text.split()
    step_s = (end_s - start_s) / len(words)
    return [[word, round(start_s + at * step_s, 2), round(start_s + (at + 1) * step_s, 2)] for at, word in enumerate(words)]


def script_row(rows: StateRows, clip: Clip) -> Work:
    """What is said in a film, as it was written down."""
    name = f"table-{new_id()}.csv"
    (rows.settings.results_dir / name).write_text("\ufeff" + table_text(DubScript(SAID, "en")), encoding="utf-8")
    figures = {"language": "en", "heard": ["de"], "sentences": len(SAID), "left_open": 0, "faces": [1, 2], "notes": []}
    values: dict[str, Any] = {"files": {"table": name}, "figures": figures, "options": {"translate": "en"}}
    return rows.work(FILM_TO_SCRIPT, "What is said on stage", {"film": clip}, **values)
