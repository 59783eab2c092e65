"""Shapes of a song's words."""

from __future__ import annotations

from app.api.schema_parts import COUNT, SECONDS, TEXT, URL, Schema, nullable, record, ref
from pipeline.lyrics.lines import MOST_LINES

WORD_SCHEMAS: dict[str, Schema] = {
    "Words": record(
        {
            "language": TEXT,
            "lines": {
                "type": "array",
                "items": record(
                    {"text": TEXT, "start_s": SECONDS, "end_s": SECONDS, "words": {"type": "array", "items": ref("Word")}}
                ),
            },
            "links": record({"self": URL, "work": URL}),
        },
        description="The words of a song, in seconds of the song. `language`: two letters; empty where it is not known.",
    ),
    "Word": record({"text": TEXT, "start_s": SECONDS, "end_s": SECONDS}),
    "WordsChange": record(
        {
            "lines": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_LINES,
                "items": record(
                    {"text": {"type": "string", "maxLength": 1000}, "start_s": SECONDS, "end_s": SECONDS, "of": nullable(COUNT)},
                    optional=("of",),
                ),
            }
        },
        description="All lines as they are to be. `of`: the place of the line that it was, counted from 0; it keeps the times of"
        " the words that are the same.",
    ),
}
