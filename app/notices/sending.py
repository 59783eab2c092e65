"""Tells visitors that a film of theirs is ready, through their browsers' push services (RFC 8030)."""

from __future__ import annotations

import http.client
import json
import logging
import os
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from babel.support import Translations

from app.database import Database
from app.models import Work
from app.notices.encryption import BrowserKeys, Sender, encrypted
from app.notices.models import NoticeAddress
from app.services.notices import addresses_of, forget_address
from app.settings import AppSettings
from core.errors import InputError
from core.places import ROOT
from core.server_address import REACH_VARIABLE, Reach, ServerAddress
from pipeline.works.song_to_film import SONG_TO_FILM

log = logging.getLogger(__name__)

#: How long a push service keeps a notice for a browser that is off, in seconds.
KEPT_S = 86_400
PATIENCE_S = 10.0
#: The push service's word that the browser wants no more notices.
GONE = (404, 410)
#: Said in the visitor's language; `app/texts.py` says it on pages.
READY = "Your film is ready."


@dataclass(frozen=True)
class Service:
    """Where notices for a browser are handed in."""

    address: ServerAddress
    #: with what follows a question mark, where something does.
    path: str

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.address.scheme}://{self.address.host}"


def service_at(endpoint: str) -> Service:
    """The push service that a browser named. Raises InputError for what is none: another way than HTTPS, a password in it.

    A visitor can name any server, so it must be one of the open internet, unless the operator allows others for all addresses
    that visitors name.
    """
    reach = Reach(os.environ.get(REACH_VARIABLE) or Reach.PUBLIC.value)
    try:
        parts = urlsplit(endpoint)
        name, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise InputError("app.notice_address_unusable") from error
    plain = parts.scheme == "https" or (parts.scheme == "http" and reach is Reach.ANY)
    odd = any(character <= " " or character > "~" for character in endpoint)
    if not plain or not name or odd or parts.username is not None or parts.fragment:
        raise InputError("app.notice_address_unusable")
    shown = f"[{name}]" if ":" in name else name
    reach = Reach.PUBLIC if reach is Reach.NONE else reach
    address = ServerAddress(parts.scheme, f"{shown}:{port}" if port else shown, parts.path, reach)
    return Service(address, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def sender_of(settings: AppSettings) -> Sender | None:
    """Who sends, by the settings; None where no notices are sent. Raises InputError for a key file that can't be read."""
    if not settings.notice_key_file:
        return None
    return known_sender(Path(settings.notice_key_file), settings.notice_contact)


@lru_cache(maxsize=4)
def known_sender(path: Path, contact: str) -> Sender:
    """The sender with the key of the file, read once."""
    return Sender.from_file(path, contact)


class Notices:
    """Sends notices beside the worker, so that nothing waits for a push service."""

    def __init__(self, database: Database, settings: AppSettings, sender: Sender) -> None:
        self._database, self._settings, self._sender = database, settings, sender

    def work_is_ready(self, work_id: str) -> threading.Thread:
        """Tell whoever ordered the work, in a thread, which is given back."""
        thread = threading.Thread(target=self.tell, args=(work_id,), name="notices", daemon=True)
        thread.start()
        return thread

    def tell(self, work_id: str) -> int:
        """Tell whoever ordered the work, at every browser that asked for it; says at how many."""
        with self._database.session() as session:
            work = session.get(Work, work_id)
            if work is None or work.deleted_at is not None:
                return 0
            told = 0
            for address in addresses_of(session, work.person_id):
                status = self._send(address, words_for(work, address.language))
                if status in GONE:
                    forget_address(session, address.id)
                told += status is not None and 200 <= status < 300
            return told

    def _send(self, address: NoticeAddress, words: bytes) -> int | None:
        """Hand a notice in: the service's status; None where it can't be reached. A failure is logged, and harms nothing else."""
        try:
            service = service_at(address.endpoint)
            keys = BrowserKeys.from_text(address.p256dh, address.auth)
            headers = {"TTL": str(KEPT_S), "Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream"}
            headers["Authorization"] = self._sender.signed(service.origin)
            connection = service.address.connection(PATIENCE_S)
            try:
                connection.request("POST", service.path, encrypted(words, keys), headers)
                return connection.getresponse().status
            finally:
                connection.close()
        except (OSError, http.client.HTTPException, InputError) as error:
            log.warning("A notice was not sent: %s", error)
            return None


def words_for(work: Work, language: str) -> bytes:
    """What a browser shows, in its visitor's language: that a film is ready, and where; neither its name nor whose it is."""
    page = "films" if work.kind == SONG_TO_FILM.name else "works"
    said = {"title": "Belcanto", "body": translated(READY, language), "url": f"{page}/{work.id}", "tag": work.id}
    return json.dumps(said, ensure_ascii=False).encode("utf-8")


def translated(sentence: str, language: str) -> str:
    """The sentence as pages in that language have it; a worker has no request to take the language from."""
    return Translations.load(ROOT / "app" / "translations", [language]).gettext(sentence)
