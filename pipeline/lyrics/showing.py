"""The words of a film in its pictures and in its track of subtitles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from core.contracts import ByteArray
from core.messages import message
from pipeline.lyrics.lines import Lyrics
from pipeline.lyrics.settings import ShownLyrics
from pipeline.lyrics.writing import shown_until_s, write_lyrics
from pipeline.run import Run

MOST_NAMED = 12


def with_words(
    run: Run, frames: Iterator[ByteArray], lyrics: Lyrics | None, settings: ShownLyrics, fps: float
) -> Iterator[ByteArray]:
    """The frames with the words over them, where the settings want that; a note names letters that no font here has."""
    if lyrics is None or settings.burns_words == "none":
        return frames
    from filters.shown_words import ShownLine, ShownWords

    lines = [ShownLine(line.words, until_s) for line, until_s in zip(lyrics.lines, shown_until_s(lyrics), strict=True)]
    shown = ShownWords(lines, settings.burns_words, fps)
    if shown.missing:
        run.note(message("pipeline.lyrics.letters_missing", letters=shown.missing[:MOST_NAMED]))
    return shown.apply(frames)


def track_of(lyrics: Lyrics | None, settings: ShownLyrics, stack: ExitStack) -> Path | None:
    """A SubRip file of the words, for as long as `stack` is open; None where no track is wanted."""
    if lyrics is None or not settings.lyrics_track:
        return None
    file = Path(stack.enter_context(TemporaryDirectory(prefix="belcanto-"))) / "words.srt"
    write_lyrics(file, lyrics)
    return file
