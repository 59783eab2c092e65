"""Calls to a server that speaks: bounded in time and size, tried again where that helps, and silent about keys.

Nothing follows a redirect: the key would go along to wherever it leads.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import BelcantoError
from core.secret import Secret
from core.server_address import retry_after_s

BLOCK_BYTES = 1 << 16
#: Five minutes of sound at 48 kHz in stereo; more is no sentence.
MOST_BYTES = 64 << 20
#: What a server says of itself in an error, at most.
MOST_REASON = 200
#: Worth another try, and how long is waited before each; a server's own Retry-After counts up to the last of these.
PASSING = frozenset((429, 500, 502, 503, 504))
WAITS_S = (0.3, 1.0)
LONGEST_WAIT_S = 5.0


class RemoteVoiceError(BelcantoError):
    """A server that should speak does not, or not what can be heard."""


@dataclass(frozen=True)
class Server:
    """address: http or https, without a slash at its end. timeout_s: for a whole call, further tries not among it."""

    address: str
    key: Secret
    timeout_s: float

    def post_json(self, path: str, body: Mapping[str, Any]) -> bytes:
        """The answer to JSON. Raises RemoteVoiceError."""
        return self._called(path, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def post_form(self, path: str, fields: Mapping[str, str]) -> bytes:
        """The answer to a form. Raises RemoteVoiceError."""
        return self._called(path, urllib.parse.urlencode(fields).encode(), {"Content-Type": "application/x-www-form-urlencoded"})

    def get(self, path: str) -> bytes:
        """A file of the server. Raises RemoteVoiceError."""
        return self._called(path, None, {})

    def _called(self, path: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        for wait_s in (*WAITS_S, None):
            try:
                return self._once(path, body, headers)
            except urllib.error.HTTPError as error:
                with error:
                    if wait_s is None or error.code not in PASSING:
                        raise self._refused(error) from None
                    wait_s = max(wait_s, min(retry_after_s(error.headers) or 0.0, LONGEST_WAIT_S))
            except TimeoutError:
                raise RemoteVoiceError("speech.remote_too_slow", address=self.address, seconds=self.timeout_s) from None
            except (OSError, http.client.HTTPException) as error:
                if wait_s is None:
                    raise self._unreachable(error) from None
            time.sleep(wait_s)
        raise AssertionError("the last try ends otherwise")

    def _once(self, path: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        """One call. Raises what urllib raises, and TimeoutError where the whole answer takes too long."""
        until_s = time.monotonic() + self.timeout_s
        request = urllib.request.Request(self.address + path, data=body, headers={**headers, **self.key.headers()})
        request.add_header("User-Agent", "belcanto")
        try:
            with _opener().open(request, timeout=self.timeout_s) as response:
                return self._read(response, until_s)
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise TimeoutError from None
            raise

    def _read(self, response: http.client.HTTPResponse, until_s: float) -> bytes:
        content = b""
        while block := response.read1(BLOCK_BYTES):
            content += block
            if time.monotonic() > until_s:
                raise TimeoutError
            if len(content) > MOST_BYTES:
                raise RemoteVoiceError("speech.remote_too_much", address=self.address, most=MOST_BYTES >> 20)
        if response.length:  # what was announced and did not come
            raise http.client.IncompleteRead(content, response.length)
        return content

    def _refused(self, error: urllib.error.HTTPError) -> RemoteVoiceError:
        if error.code in (401, 403):
            return RemoteVoiceError("speech.remote_key_refused", address=self.address, status=error.code)
        if error.code == 429:
            return RemoteVoiceError("speech.remote_busy", address=self.address)
        return RemoteVoiceError("speech.remote_refused", address=self.address, status=error.code, reason=self._reason(error))

    def _reason(self, error: urllib.error.HTTPError) -> str:
        """What the server says is wrong, in few words and without the key."""
        try:
            told = json.loads(error.read(BLOCK_BYTES))
            told = told.get("error", told.get("detail", told.get("message", "")))
            text = str(told.get("message", "") if isinstance(told, dict) else told)
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            text = ""
        return self.key.without(" ".join((text or str(error.reason)).split()))[:MOST_REASON]

    def _unreachable(self, error: Exception) -> RemoteVoiceError:
        if isinstance(error, http.client.IncompleteRead):
            return RemoteVoiceError("speech.remote_cut", address=self.address)
        reason = getattr(error, "reason", None) or error
        return RemoteVoiceError("speech.remote_unreachable", address=self.address, reason=self.key.without(str(reason)))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirect())
