"""A film's script as rows of a form: what is typed stays as it is, right or wrong, and wrong rows say what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.errors import Refused
from app.wording import in_person_words
from core.errors import BelcantoError
from pipeline.translating.table import COLUMNS, MOST_LINES, UNSEEN, DubScript, ScriptLine, line_of, seconds_of
from speech.voices import mixture

#: Rows that stand empty at the end, for what was not heard.
SPARE_ROWS = 1


@dataclass(frozen=True)
class Row:
    """One sentence as it stands in the form. voice: where it is not its speaker's. left_out: whether it is not spoken, though the
    text is kept. problem: why it can't be used."""

    start: str = ""
    end: str = ""
    face: str = ""
    voice: str = ""
    original: str = ""
    text: str = ""
    left_out: bool = False
    problem: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written into it."""
        return not any(each.strip() for each in (self.start, self.end, self.original, self.text))


@dataclass(frozen=True)
class Sheet:
    """The form's table. voices: of each speaker, by the face's number. language: of the texts, two letters. clip_s: length of the
    film, or of the part that is taken."""

    rows: tuple[Row, ...]
    voices: Mapping[int, str]
    language: str
    clip_s: float

    @property
    def problems(self) -> list[tuple[int, str]]:
        """The numbers of wrong rows and their sentences."""
        return [(number, row.problem) for number, row in enumerate(self.rows, start=1) if row.problem]

    def with_spare_rows(self) -> Sheet:
        """The sheet with empty rows at its end."""
        filled = [row for row in self.rows if not row.is_empty]
        return replace(self, rows=(*filled, *(Row(face=str(min(self.voices, default=UNSEEN))) for _ in range(SPARE_ROWS))))

    def checked(self) -> tuple[Sheet, DubScript | None]:
        """The sheet with what is wrong written to its rows, and the script where nothing is."""
        lines: list[ScriptLine] = []
        rows: list[Row] = []
        for number, row in enumerate(self.rows, start=1):
            if row.is_empty:
                rows.append(replace(row, problem=None))
                continue
            try:
                lines.append(self._line(row, number))
                rows.append(replace(row, problem=None))
            except BelcantoError as error:
                rows.append(replace(row, problem=in_person_words(error)))
        sheet = replace(self, rows=tuple(rows))
        if sheet.problems:
            return sheet, None
        return sheet, DubScript(tuple(sorted(lines, key=lambda line: line.start_s)), self.language)

    def _line(self, row: Row, number: int) -> ScriptLine:
        line = line_of({name: getattr(row, name) for name in COLUMNS}, number)
        if line.start_s >= self.clip_s:
            raise Refused("app.script_row_late", row=number, length=self.clip_s)
        voice = line.voice or self.voices.get(line.face, "")
        if voice:
            mixture(voice)
        return replace(line, voice=voice, text="" if row.left_out else line.text)


def sheet_of_script(script: DubScript, faces: Iterable[int], clip_s: float, voice: str) -> Sheet:
    """The script as a sheet. faces: who is seen in the film. voice: of those whom the script gives none."""
    rows = [
        Row(typed_time(line.start_s), typed_time(line.end_s), str(line.face), line.voice, line.original, line.text)
        for line in script.lines
    ]
    return sheet_of_rows(rows, faces, script.language, clip_s, voice)


def sheet_of_rows(rows: Sequence[Row], faces: Iterable[int], language: str, clip_s: float, voice: str) -> Sheet:
    """Rows that name their voices as a sheet: each speaker gets the one that says most of their rows."""
    voices = dict.fromkeys(faces, voice)
    for face in {face_of(row) for row in rows}:
        named = Counter(row.voice for row in rows if face_of(row) == face and is_voice(row.voice))
        voices[face] = named.most_common(1)[0][0] if named else voice
    own = (replace(row, voice="" if row.voice == voices[face_of(row)] else row.voice) for row in rows)
    return Sheet(tuple(own), dict(sorted(voices.items(), key=lambda each: (each[0] == UNSEEN, each[0]))), language, clip_s)


def sheet_of_table(rows: Iterable[Mapping[str, Any]], faces: Iterable[int], language: str, clip_s: float, voice: str) -> Sheet:
    """The rows of a CSV file as a sheet, wrong ones as they stand there."""
    return sheet_of_rows(
        [typed_row(row) for row, _ in zip(rows, range(MOST_LINES), strict=False)], faces, language, clip_s, voice
    )


def typed_row(row: Mapping[str, Any]) -> Row:
    """A row of a file as the form writes it; times that are none stay as they stand there."""
    told = {name: str(row.get(name) or "") for name in COLUMNS}
    for name in ("start", "end"):
        time_s = seconds_of(told[name])
        told[name] = told[name] if time_s is None else typed_time(time_s)
    return row_of(told)


def sheet_of_form(form: Mapping[str, str], language: str, clip_s: float) -> Sheet:
    """The sheet as it was sent."""
    count = int(text) if (text := form.get("rows", "")).isdecimal() and len(text) < 5 else 0
    rows = [
        row_of({name: form.get(f"{name}-{number}", "") for name in COLUMNS}, f"leave-{number}" in form)
        for number in range(1, min(count, MOST_LINES) + 1)
    ]
    prefix = "speaker-"
    voices = {int(name[len(prefix) :]): each for name, each in form.items() if name.startswith(prefix) and name[8:].isdecimal()}
    return Sheet(tuple(rows), voices, language, clip_s)


def row_of(told: Mapping[str, str], left_out: bool = False) -> Row:
    """A row by its columns' names."""
    return Row(told["start"], told["end"], told["face"], told["voice"], told["original"], told["text"], left_out)


def face_of(row: Row) -> int:
    """The number of who says it; that of nobody seen where it is none."""
    face = row.face.strip()
    return int(face) if face.isdecimal() and len(face) < 3 else UNSEEN


def is_voice(name: str) -> bool:
    """Whether there is such a voice, or mixture of voices."""
    try:
        return bool(name) and bool(mixture(name))
    except BelcantoError:
        return False


def typed_time(time_s: float) -> str:
    """A time as a person types it, exact to the thousandth: 1:02.5."""
    minutes, rest_s = divmod(round(1000 * time_s), 60_000)
    seconds = f"{rest_s / 1000:06.3f}".rstrip("0").rstrip(".")
    return f"{minutes}:{seconds}"
