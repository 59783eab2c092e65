"""How long a server asks to be left alone."""

from __future__ import annotations

import time
from email.message import Message
from email.utils import parsedate_to_datetime


def retry_after_s(headers: Message) -> float | None:
    """Seconds of `Retry-After`, given as seconds or as a date (RFC 9110, 10.2.3); None where there is none that can be read."""
    text = (headers.get("Retry-After") or "").strip()
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except ValueError:
        return None
