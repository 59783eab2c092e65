"""The shapes of songs and pictures, and of what is found in them."""

from __future__ import annotations

from app.api.schema_parts import COUNT, ID, SECONDS, SHARE, TEXT, TIME, URL, Schema, nullable, record, ref

GIVEN_SCHEMAS: dict[str, Schema] = {
    "Song": record(
        {
            "id": ID,
            "title": TEXT,
            "size_bytes": COUNT,
            "mime": TEXT,
            "duration_s": {"type": "number", "minimum": 0},
            "created_at": TIME,
            "links": record({"self": URL, "file": URL, "waveform": URL}),
        }
    ),
    "Waveform": record(
        {
            "duration_s": {"type": "number", "minimum": 0},
            "peaks": {"type": "array", "maxItems": 800, "items": {"type": "number", "minimum": 0, "maximum": 1}},
        }
    ),
    "SongLevels": record(
        {
            "loudness_lufs": nullable({"type": "number"}),
            "stretches_per_s": COUNT,
            "full": COUNT,
            "peaks": {"type": "array", "items": COUNT},
            "clipped": {"type": "array", "items": COUNT},
            "clipped_share": SHARE,
        },
        description="`loudness_lufs`: of the whole song by EBU R 128, null for silence. `peaks`: the loudest of each stretch,"
        " `full` for the song's loudest. `clipped`: numbers, from 0, of the stretches in which the sound is cut at full scale.",
    ),
    "SongPhrases": record(
        {"phrases": {"type": "array", "items": {"type": "array", "items": SECONDS, "minItems": 2, "maxItems": 2}}},
        description="Start and end in seconds of all that is sung between two rests.",
    ),
    "Face": record(
        {
            "number": {"type": "integer", "minimum": 1},
            "box": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4},
            "ok": {"type": "boolean"},
            "reason": nullable(TEXT),
            "advice": nullable(TEXT),
            "animal": {"type": "boolean"},
            "tilt_deg": nullable({"type": "number"}),
        },
        description="`box`: left, top, right, bottom as parts (0 to 1) of the upright picture. `reason`: why it can't sing."
        " `advice`: of one that can, what would make its film better, for example that the mouth stands wide open."
        " `animal`: it is most likely an animal's, and sings, without teeth, where the option `allow_animals` says so."
        " `tilt_deg`: how far the line through its eyes leans to the right of level, in degrees.",
    ),
    "Picture": record(
        {
            "id": ID,
            "title": TEXT,
            "size_bytes": COUNT,
            "mime": TEXT,
            "width": COUNT,
            "height": COUNT,
            "faces": {"type": "array", "items": ref("Face")},
            "drawing": {"type": "boolean"},
            "turned": {"type": "integer", "minimum": 0, "maximum": 3},
            "created_at": TIME,
            "links": record({"self": URL, "file": URL, "thumbnail": URL}),
        },
        description="`turned`: by how many quarters to the left it was turned so that its face stands upright; width, height,"
        " faces and thumbnail are those of the turned picture, `file` is as it was given. Films of it stand upright too, unless"
        " the option `turn_back` says otherwise.",
    ),
}
