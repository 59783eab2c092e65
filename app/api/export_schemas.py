"""The shapes of the API's JSON that tell of what is made of finished films."""

from __future__ import annotations

from app.api.schema_parts import COUNT, ID, OBJECT, STATES, TEXT, URL, Schema, nullable, record, ref
from app.services.exports import EXPORTS

EXPORT_SCHEMAS: dict[str, Schema] = {
    "NewExport": record(
        {"kind": {"type": "string", "enum": list(EXPORTS)}, "options": record({}, additionalProperties={})}, ("options",)
    ),
    "Export": record(
        {
            "id": ID,
            "kind": TEXT,
            "options": OBJECT,
            "state": {"type": "string", "enum": list(STATES)},
            "stage": TEXT,
            **dict.fromkeys(("done", "total"), COUNT),
            **dict.fromkeys(("error", "error_code"), nullable(TEXT)),
            "notes": {"type": "array", "items": TEXT},
            "figures": OBJECT,
            "links": record({"self": URL, "files": {"type": "object", "additionalProperties": URL}}),
        },
        description="What was made of a finished film. `film_shape`: the film upright (9:16), square or as it is, in one of three"
        " sizes, cut around its face. `film_loop`: a part of at most six seconds as GIF or WebP. `film_motion`: what the face"
        " does, in Live Link Face's columns (`motion`) and as a MetaHuman's curves (`metahuman`, CSV, and `metahuman_json`)."
        " `film_stems`: voice and accompaniment of the song's part. `film_words`: its words"
        " as LRC and SRT, where the film shows them. `film_looks`: a moment of the film in every look, as JPEG. All is kept"
        " for a day.",
    ),
    "Exports": record({"items": {"type": "array", "items": ref("Export")}}),
}
