"""The shapes of the API's JSON that tell of the library as a whole."""

from __future__ import annotations

from app.api.schema_parts import COUNT, ID, TEXT, TIME, URL, Schema, nullable, record, ref
from app.services.chosen import CHOSEN_KINDS, MOST_CHOSEN
from app.services.shelf import SHELF_KINDS

TAGS: Schema = {"type": "array", "maxItems": 20, "items": {"type": "string", "minLength": 1, "maxLength": 80}}
LIBRARY_SCHEMAS: dict[str, Schema] = {
    "Deleted": record(
        {
            "kind": {"type": "string", "enum": ["film", "work", "song", "picture", "clip"]},
            "id": ID,
            "title": TEXT,
            "deleted_at": TIME,
            "erase_at": TIME,
            "links": record({"restore": URL, "erase": URL}),
        },
        description="Something that was deleted, which can be brought back until `erase_at`; a POST to a link does what it says.",
    ),
    "DeletedThings": record({"items": {"type": "array", "items": ref("Deleted")}}),
    "Matches": record({"items": {"type": "array", "items": record({"id": ID, "size_bytes": COUNT})}}),
    "Chosen": record(
        {kind: {"type": "array", "items": ID, "maxItems": MOST_CHOSEN} for kind in CHOSEN_KINDS},
        optional=CHOSEN_KINDS,
        description="Ids by kind, at least one; `works` are films and all other works.",
    ),
    "DeletedTogether": record({"count": COUNT, "deleted_at": TIME}),
    "DeletedMoment": record({"deleted_at": TEXT}, description="As `POST /library/delete` told it."),
    "BroughtBack": record({"count": COUNT}),
    "Album": record({"id": ID, "title": TEXT, "count": COUNT, "created_at": TIME, "links": record({"self": URL})}),
    "Albums": record({"items": {"type": "array", "items": ref("Album")}}),
    "Tags": record({"items": {"type": "array", "items": record({"tag": TEXT, "count": COUNT})}}),
    "TagChange": record({"chosen": ref("Chosen"), "add": TAGS, "remove": TAGS}, optional=("add", "remove")),
    "NewPlace": record({"before": nullable(ID)}, description="`before`: the job that it comes before; null: the end."),
    "Queue": record({"items": {"type": "array", "items": ref("Job")}}, description="Your jobs that wait, in their order."),
    "Erased": record({"complete": {"type": "boolean"}}),
    "Kept": record({"count": COUNT, "size_bytes": COUNT}),
    "Storage": record(
        {
            "kinds": record(dict.fromkeys(SHELF_KINDS, ref("Kept"))),
            **dict.fromkeys(("given_bytes", "given_limit_bytes", "made_bytes", "made_limit_bytes", "deleted_bytes"), COUNT),
        },
        description="`given`: songs, pictures and clips; `made`: films and other works. `deleted`: it can be brought back.",
    ),
}
