"""What is said in a film, sentence by sentence, as a table that people edit: who says it, from when to when, and in which words.

As a file it is CSV, which every spreadsheet opens: `start,end,face,voice,original,text`, times as 0:00:12.340. `text` is spoken,
`original` is there to compare. A row whose text is empty is not spoken.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.output_files import whole_file
from pipeline.subtitles import clock
from speech.voices import mixture

COLUMNS = ("start", "end", "face", "voice", "original", "text")
CSV = ".csv"
#: Of somebody who is not seen.
UNSEEN = 0
MOST_LINES, MOST_CHARACTERS, MOST_FACE = 5_000, 1_000, 99
SEPARATORS = ",;\t"
_TIME = re.compile(r"(?:(?P<hours>\d+):)?(?:(?P<minutes>\d+):)?(?P<seconds>\d+(?:[.,]\d+)?)")
#: The last of these times is far beyond any film.
LATEST_S = 86_400.0


@dataclass(frozen=True)
class ScriptLine:
    """One sentence. start_s, end_s: of the original in the film's time. face: number of who says it, `UNSEEN` of somebody who is
    not seen. voice: who speaks it. original: as it was heard. text: what is spoken."""

    start_s: float
    end_s: float
    face: int
    voice: str
    original: str
    text: str


@dataclass(frozen=True)
class DubScript:
    """lines: in the order of their beginnings. language: of the texts, as BCP 47 writes it."""

    lines: tuple[ScriptLine, ...]
    language: str

    @property
    def spoken(self) -> tuple[ScriptLine, ...]:
        """The lines that have something to say."""
        return tuple(line for line in self.lines if any(letter.isalnum() for letter in line.text))

    def check(self) -> None:
        """Raises `InputError` where it has nothing to say, or a voice that there is not."""
        if not self.spoken:
            raise InputError("pipeline.translating.script_says_nothing")
        for name in {line.voice for line in self.lines if line.voice}:
            mixture(name)

    def as_json(self) -> dict[str, Any]:
        """As JSON values; `script_from_json` reads them."""
        return {"language": self.language, "lines": [vars(line) for line in self.lines]}

    @property
    def digest(self) -> str:
        """SHA-256 of all of it, for the cache."""
        return hashlib.sha256(json.dumps(self.as_json()).encode()).hexdigest()


def script_from_json(given: Mapping[str, Any]) -> DubScript:
    """The script that `as_json` wrote, or somebody edited. Raises `InputError` that names the row."""
    rows, language = given.get("lines"), given.get("language")
    if not isinstance(rows, list) or not isinstance(language, str):
        raise InputError("pipeline.translating.script_unreadable", columns=", ".join(COLUMNS))
    named = {"start": "start_s", "end": "end_s"}
    return script_of(
        ({name: row.get(named.get(name, name), "") for name in COLUMNS} if isinstance(row, dict) else {} for row in rows),
        language,
    )


def write_script(path: Path, script: DubScript) -> None:
    """Write the table, whole or not at all. Raises `InputError` where that can't be."""
    with whole_file(path, "The script") as file:
        file.write(table_text(script).encode("utf-8-sig"))  # the mark by which spreadsheets know UTF-8


def table_text(script: DubScript) -> str:
    """The table as the text of a CSV file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for line in script.lines:
        times = (clock(line.start_s, "."), clock(line.end_s, "."))
        writer.writerow((*times, line.face or "", line.voice, line.original, line.text))
    return text.getvalue()


def read_script(path: Path, language: str) -> DubScript:
    """The script of a table's file. language: of its texts. Raises `InputError` for what is none, and names the row."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("pipeline.translating.script_no_text", path=path) from error
    return script_of_table(text, language)


def script_of_table(text: str, language: str) -> DubScript:
    """The script of a table's text. Raises `InputError` for what is none, and names the row."""
    return script_of(rows_of_table(text), language)


def rows_of_table(text: str) -> Iterator[dict[str, Any]]:
    """The table's rows by the columns' names, as they stand there. Raises `InputError` for what is no table of a script."""
    text = text.removeprefix("\ufeff")
    head = text.partition("\n")[0]
    separator = max(SEPARATORS, key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, restval="")
    names = {name.strip().lower() for name in reader.fieldnames or () if name}
    if not {"start", "end", "text"} <= names:
        raise InputError("pipeline.translating.script_unreadable", columns=", ".join(COLUMNS))
    return lower_keys(reader)


def lower_keys(rows: Iterator[dict[str | Any, str | Any]] | csv.DictReader[str]) -> Iterator[dict[str, Any]]:
    """The rows with their columns' names as we write them."""
    for row in rows:
        yield {name.strip().lower(): value for name, value in row.items() if isinstance(name, str)}


def script_of(rows: Iterator[Mapping[str, Any]], language: str) -> DubScript:
    """The script of rows by the columns' names. Raises `InputError` that names the row."""
    lines: list[ScriptLine] = []
    for number, row in enumerate(rows, start=1):
        if number > MOST_LINES:
            raise InputError("pipeline.translating.script_too_long", most=MOST_LINES)
        lines.append(line_of(row, number))
    return DubScript(tuple(sorted(lines, key=lambda line: line.start_s)), language)


def line_of(row: Mapping[str, Any], number: int) -> ScriptLine:
    """One row. Raises `InputError`."""
    start_s, end_s = seconds_of(row.get("start")), seconds_of(row.get("end"))
    if start_s is None or end_s is None or not 0 <= start_s < end_s <= LATEST_S:
        raise InputError("pipeline.translating.script_row_times", row=number)
    face = str(row.get("face") or UNSEEN).strip()
    if not face.isdigit() or int(face) > MOST_FACE:
        raise InputError("pipeline.translating.script_row_face", row=number, face=face[:20], most=MOST_FACE)
    voice, original, text = (" ".join(str(row.get(name) or "").split()) for name in ("voice", "original", "text"))
    if max(len(original), len(text)) > MOST_CHARACTERS:
        raise InputError("pipeline.translating.script_row_text", row=number, most=MOST_CHARACTERS)
    return ScriptLine(start_s, end_s, int(face), voice, original, text)


def seconds_of(told: object) -> float | None:
    """A time as seconds: a number, or 0:00:12.34, 0:12.34, 12,34; None where it is none."""
    if isinstance(told, int | float) and not isinstance(told, bool):
        return round(float(told), 3)
    found = _TIME.fullmatch(str(told or "").strip())
    if found is None:
        return None
    first, second = found["hours"], found["minutes"]
    if second is None:  # one colon: minutes and seconds
        first, second = None, first
    return round(int(first or 0) * 3600 + int(second or 0) * 60 + float(found["seconds"].replace(",", ".")), 3)


def voices_of(script: DubScript, fallback: str) -> Sequence[str]:
    """Each voice that speaks, once, in order of its first sentence; `fallback` where a line names none."""
    return tuple(dict.fromkeys(line.voice or fallback for line in script.spoken))
