"""The programs' logs on stderr: plain lines for people, or JSON, one object a line, for programs that gather them."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.errors import InputError
from core.messages import either
from core.watching.ids import job_id, request_id

VARIABLE = "BELCANTO_LOG"
KINDS = ("text", "json")
PLAIN = "%(asctime)s %(levelname)s %(message)s"
#: Loggers of others that would say too much.
NOISY = ("huey", "alembic")


class JsonLines(logging.Formatter):
    """A record as one line of JSON: at (RFC 3339, UTC), level, logger, message; request and job where it is known for whom; the
    traceback under `error`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line: dict[str, Any] = {"at": at, "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        line |= {name: value for name, value in (("request", request_id()), ("job", job_id())) if value}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class PlainLines(logging.Formatter):
    """A record as a line for people, with the ids behind it where it is known for whom."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        known = " ".join(f"{name}={value}" for name, value in (("request", request_id()), ("job", job_id())) if value)
        return super().format(record) + (f" [{known}]" if known else "")


def kind_of_log(environment: Mapping[str, str] = os.environ) -> str:
    """What `BELCANTO_LOG` says. Raises InputError for what is not accepted."""
    value = environment.get(VARIABLE) or KINDS[0]
    if value not in KINDS:
        raise InputError("app.variable_not_among", name=VARIABLE, value=value, choices=either(KINDS))
    return value


def begin_log(environment: Mapping[str, str] = os.environ, level: int = logging.INFO) -> None:
    """Log to stderr from now on, as `BELCANTO_LOG` says. Raises InputError for what is not accepted."""
    formatter = JsonLines() if kind_of_log(environment) == "json" else PlainLines(PLAIN)
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler])
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
