"""The shapes of the API's JSON that tell of links."""

from __future__ import annotations

from app.api.schema_parts import COUNT, ID, TIME, URL, Schema, record, ref
from app.services.links import MOST_DAYS, USUAL_DAYS

LINK = {
    **{"id": ID, "created_at": TIME, "expires_at": TIME, "download": {"type": "boolean"}, "opened": COUNT},
    "links": record({"self": URL, "work": URL}),
}
LINK_SCHEMAS: dict[str, Schema] = {
    "ShareLink": record(LINK, description="A link by which whoever has it sees one film. `opened`: how often its page was."),
    "ShareLinks": record({"items": {"type": "array", "items": ref("ShareLink")}}),
    "NewShareLink": record(
        {**LINK, "address": {"type": "string", "format": "uri"}},
        description="`address`: the link itself, which is told this once.",
    ),
    "NewLink": record(
        {
            "days": {"type": "integer", "minimum": 1, "maximum": MOST_DAYS, "default": USUAL_DAYS},
            "download": {"type": "boolean", "default": False},
        },
        optional=("days", "download"),
        description="`days`: how long it holds. `download`: whether its page offers the film for saving.",
    ),
}
