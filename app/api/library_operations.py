"""The operations of the API that are about the library as a whole."""

from __future__ import annotations

from app.api.operation import Operation

LIBRARY: tuple[Operation, ...] = (
    Operation("get", "/storage", "storage", "How much you keep, and of how much", {200: "Storage"}),
    Operation("get", "/deleted", "deleted", "What was deleted and can be brought back", {200: "DeletedThings"}),
)
