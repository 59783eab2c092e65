"""The words of a song as a form's rows: a line each, with what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask_babel import gettext

from app.pages.choice import read_clock
from app.pages.script_rows import typed_time
from app.wording import in_person_words
from core.errors import BelcantoError
from pipeline.lyrics.editing import EditedLine, check_times, edited_lyrics
from pipeline.lyrics.lines import MOST_LINES, Lyrics

NEW = ""


@dataclass(frozen=True)
class WordRow:
    """A line as it stands in the form. of: the place of the line that it was, as text; empty: a new one."""

    start: str = ""
    end: str = ""
    text: str = ""
    of: str = NEW
    problem: str | None = None


@dataclass(frozen=True)
class WordSheet:
    """The form's lines."""

    rows: tuple[WordRow, ...]

    @property
    def is_wrong(self) -> bool:
        """Whether a line can't be used."""
        return any(row.problem for row in self.rows)

    def with_spare_row(self) -> WordSheet:
        """With an empty line at its end."""
        return WordSheet((*self.rows, WordRow()))

    def corrected(self, lyrics: Lyrics, by_s: float = 0.0) -> tuple[WordSheet, Lyrics | None]:
        """The sheet with what is wrong written to its lines, and the words where nothing is. by_s: how much later they come.

        Raises InputError where no word is left, or far too many are there.
        """
        lines: list[EditedLine] = []
        rows: list[WordRow] = []
        for row in self.rows:
            line, problem = read_row(row)
            rows.append(replace(row, problem=problem))
            lines += [line] if line is not None else []
        sheet = WordSheet(tuple(rows))
        if sheet.is_wrong:
            return sheet, None
        return sheet, edited_lyrics(lyrics, lines).shifted(by_s)


def read_row(row: WordRow) -> tuple[EditedLine | None, str | None]:
    """The line, and why it can't be used; neither for one without a word, which is left out."""
    if not row.text.strip():
        return None, None
    start_s, end_s = read_clock(row.start), read_clock(row.end)
    if start_s is None or end_s is None:
        return None, gettext("This is not a time; write it as 1:15, or in seconds as 75.")
    line = EditedLine(row.text, start_s, end_s, int(row.of) if row.of.isdecimal() and len(row.of) < 6 else None)
    try:
        check_times(line)
    except BelcantoError as error:
        return None, in_person_words(error)
    return line, None


def sheet_of_words(lyrics: Lyrics) -> WordSheet:
    """The words as a sheet."""
    return WordSheet(
        tuple(
            WordRow(typed_time(line.start_s), typed_time(line.end_s), line.text, str(place))
            for place, line in enumerate(lyrics.lines)
        )
    )


def sheet_of_word_form(form: Mapping[str, str]) -> WordSheet:
    """The sheet as it was sent."""
    count = int(text) if (text := form.get("rows", "")).isdecimal() and len(text) < 6 else 0
    numbers = range(1, min(count, MOST_LINES) + 1)
    return WordSheet(tuple(WordRow(*(form.get(f"{name}-{n}", "") for name in ("start", "end", "text", "of"))) for n in numbers))
