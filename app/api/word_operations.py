"""The operations of a song's words, as rows of the API's table."""

from __future__ import annotations

from app.api.operation import Operation

WORDS = (
    Operation(
        "get",
        "/works/{work_id}/words",
        "words",
        "The words of a song that were found, line by line",
        {200: "Words"},
        problems=(404,),
    ),
    Operation(
        "put",
        "/works/{work_id}/words",
        "put_words",
        "Correct the words of a song; lines that are not changed keep the times of their words, and the work's files follow",
        {200: "Words"},
        "WordsChange",
        problems=(400, 404, 413, 415, 422),
    ),
)
