"""A request as WSGI knows it (PEP 3333), made from what ASGI says of it."""

from __future__ import annotations

import io
import sys
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from werkzeug.wsgi import FileWrapper

from app.client_address import client_address
from app.serving.settings import ServerSettings

Environ = dict[str, Any]
#: Bytes of a file that are read at once.
BLOCK_BYTES = 256 * 1024
#: Where the environment says that a proxy has handed the request on.
HANDED_ON = "belcanto.handed_on"
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")
#: What proxies add to a request.
PROXIES_ADD = (*FORWARDED, "HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP")
UNPREFIXED = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def in_blocks(file: Any, buffer_size: int = BLOCK_BYTES) -> FileWrapper:
    """`wsgi.file_wrapper`: the file in blocks of our size, whatever the application asks for."""
    return FileWrapper(file, BLOCK_BYTES)


def make_environ(scope: Any, settings: ServerSettings) -> Environ:
    """The WSGI environment of an ASGI request, its body still empty. What a proxy says is believed of trusted ones alone."""
    client, server = scope.get("client") or ("", 0), scope.get("server") or ("localhost", 0)
    path = scope["raw_path"]
    if not path.startswith(b"/"):  # a request as a proxy gets it names the whole address (RFC 9112, 3.2.2)
        path = urlsplit(path).path or b"/"
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": in_blocks,
    }
    for raw_name, raw_value in scope["headers"]:
        add_header(environ, raw_name.decode("latin-1"), raw_value.decode("latin-1"))
    environ[HANDED_ON] = any(name in environ for name in PROXIES_ADD)
    forwarded = [environ.pop(name, "") for name in FORWARDED]
    if settings.trusts(client[0]):
        believe(environ, settings, *forwarded)
    return environ


def add_header(environ: Environ, name: str, value: str) -> None:
    """One header more; a second one of a name is joined to the first. Names that could be taken for another's are dropped."""
    if "_" in name or name == "transfer-encoding":  # the body is decoded before the application sees it
        return
    key = UNPREFIXED.get(name) or "HTTP_" + name.upper().replace("-", "_")
    separator = "; " if name == "cookie" else ","
    environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value


def believe(environ: Environ, settings: ServerSettings, clients: str, schemes: str, hosts: str) -> None:
    """Set what trusted proxies say of the visitor's address, and of the scheme and the host that were asked for.

    Each is a list to which every proxy on the way has added at the right.
    """
    found = client_address(environ["REMOTE_ADDR"], [clients], settings.trusted_proxies)
    environ["REMOTE_ADDR"] = str(found or environ["REMOTE_ADDR"])
    scheme, host = schemes.rpartition(",")[2].strip(), hosts.rpartition(",")[2].strip()
    if scheme in ("http", "https"):
        environ["wsgi.url_scheme"] = scheme
    if host:
        environ["HTTP_HOST"] = host
