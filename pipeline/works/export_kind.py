"""What the kinds of work have in common that make something else of a finished film: somebody looks on, and it takes seconds."""

from __future__ import annotations

from functools import partial

from core.messages import message
from core.work import WorkKind

#: A `WorkKind`; what tells one from another is given.
export_kind = partial(
    WorkKind,
    turn="soon",
    broke=message("pipeline.export_broke"),
    late=lambda _: message("pipeline.export_took_too_long"),
)
