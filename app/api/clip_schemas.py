"""The shapes of the API's JSON that tell of clips and of the people in them."""

from __future__ import annotations

from app.api.schema_parts import COUNT, ID, SECONDS, SHARE, TEXT, TIME, URL, Schema, nullable, record, ref

CLIP_SCHEMAS: dict[str, Schema] = {
    "Clip": record(
        {
            "id": ID,
            "title": TEXT,
            "size_bytes": COUNT,
            "mime": TEXT,
            "duration_s": SECONDS,
            "width": COUNT,
            "height": COUNT,
            "created_at": TIME,
            "links": record({"self": URL, "file": URL, "thumbnail": URL, "faces": URL}),
        },
        description="A film that was given, to get other lips by a work of the kind dub. width, height: of the upright film.",
    ),
    "FilmFace": record(
        {
            "number": {"type": "integer", "minimum": 1},
            "seen": SHARE,
            "clear": SHARE,
            "best_s": SECONDS,
            "human": {"type": "boolean"},
            "chosen": {"type": "boolean"},
            "reason": nullable(TEXT),
            "links": record({"thumbnail": URL}),
        },
        description="A person in a part of a clip. `number`: what the option `face` of a dub of the same part takes. `seen`,"
        " `clear`: for what share of the part it is there, and clear enough for other lips. `best_s`: where it is seen best, in"
        " seconds of the clip. `human`: false where it is most likely an animal. `chosen`: whether it gets other lips where"
        " `face` names nobody. `reason`: why it can't have any; null where it can.",
    ),
    "FilmFaces": record(
        {
            "clip_id": ID,
            "start_s": SECONDS,
            "duration_s": SECONDS,
            "faces": {"type": "array", "items": ref("FilmFace")},
            "notes": {"type": "array", "items": TEXT},
        },
        description="The people in a part of a clip, those first who are seen most. `start_s`, `duration_s`: the part.",
    ),
    "FacesSought": record(
        {"state": {"type": "string", "enum": ["queued", "running", "cancelled"]}, "share": nullable(SHARE)},
        description="They are being found; ask again at the address in `Location`, after `Retry-After` seconds. `share`: how"
        " much of the time that it takes is over. One that was cancelled is begun again when it is asked for again.",
    ),
}
