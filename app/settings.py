"""What the web interface can be told, and its limits. Everything has a default; the environment may say otherwise."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

from app.accounts.settings import AccountSettings
from app.client_address import networks
from app.environment import number_from, one_of, secret_from
from app.languages import LANGUAGES
from app.watching.settings import WatchSettings
from core.errors import InputError
from core.locks.locks import DEFAULT_REDIS_URL, Lock, LockKind, Locks, LockSettings
from core.master_key import FILE_VARIABLE, KEY_VARIABLE, MasterKeySource
from core.places import data_home, master_key_file
from core.stores.files import Files
from core.stores.settings import StorageSettings
from core.user_files import UserFiles
from core.vault import Vault
from core.workspace import Workspace, memory_places
from provenance.places import DIR_VARIABLE as SIGNING_DIR

QueueKind = Literal["sqlite", "redis"]
LabelChoice = Literal["on", "off", "default"]
MEGABYTE = 1_000_000
#: The folders below `uploads/` and `results/` that hold kept files as well, where these lie in a store.
PIECES, GLIMPSES = "pieces", "glimpses"


@dataclass(frozen=True)
class Limits:
    """What is accepted; the pages show these numbers. Each may be set as `BELCANTO_MAX_` and its name in capitals."""

    #: largest file of a song, in bytes.
    song_bytes: int = 300 * MEGABYTE
    #: longest song, in seconds.
    song_s: float = 900.0
    #: largest file of a picture, in bytes: phones' JPEGs of 200 million pixels have up to 80 MB.
    picture_bytes: int = 100 * MEGABYTE
    #: most pixels of a picture; a JPEG, which is scaled down while it is decoded, may have six times as many.
    picture_pixels: int = 70_000_000
    #: largest file of a film that gets other lips, in bytes.
    clip_bytes: int = 1_000 * MEGABYTE
    #: longest film that gets other lips, in seconds.
    clip_s: float = 900.0
    #: longest title, in characters; longer ones are cut.
    title_characters: int = 120
    #: films of one person that may wait or be in the making at the same time.
    waiting_jobs: int = 20
    #: songs that one person may keep.
    songs: int = 500
    #: pictures that one person may keep.
    pictures: int = 1000
    #: films to dub that one person may keep.
    clips: int = 200
    #: bytes of songs, pictures and films to dub that one person may keep.
    kept_bytes: int = 10_000 * MEGABYTE
    #: films that one person may keep, those that wait or are in the making among them.
    films: int = 1000
    #: bytes of films that one person may keep; who has reached them orders no more.
    film_bytes: int = 20_000 * MEGABYTE
    #: longest making of one film, in seconds.
    job_s: float = 7200.0
    #: longest look at a file that was given, in seconds.
    inspection_s: float = 90.0
    #: most memory of one look at a file that was given, in bytes.
    inspection_bytes: int = 2_000 * MEGABYTE
    #: files of one person that may wait to be looked at at the same time.
    waiting_looks: int = 6
    #: files of all visitors of one address that may wait to be looked at at the same time.
    address_waiting_looks: int = 12
    #: largest piece of a resumable upload, in bytes.
    piece_bytes: int = 8 * MEGABYTE
    #: how long an unfinished upload is kept after its last piece, in seconds.
    upload_idle_s: float = 10_800.0
    #: unfinished uploads that one person may have.
    uploads: int = 20
    #: bytes of the unfinished uploads of one person, as they were announced.
    unfinished_bytes: int = 1_500 * MEGABYTE
    #: unfinished uploads that all visitors of one address may have.
    address_uploads: int = 60
    #: bytes of the unfinished uploads of all visitors of one address, as they were announced.
    address_unfinished_bytes: int = 3_000 * MEGABYTE
    #: bytes of songs, pictures and films that all visitors may keep who came from one address within the last week.
    address_kept_bytes: int = 20_000 * MEGABYTE
    #: films of all visitors of one address that may wait or be in the making at the same time.
    address_waiting_jobs: int = 60
    #: previews of all visitors of one address that may wait or be in the making at the same time; a person has one.
    address_waiting_previews: int = 12

    #: requests a minute that are answered of one address, and of one account; a write counts for five.
    requests_per_minute: int = 1200

    def most_bytes(self, kind: str) -> int:
        """Largest file of a song, a picture or a clip."""
        return int(getattr(self, f"{kind}_bytes"))


@dataclass(frozen=True)
class AppSettings:
    """How the web interface runs."""

    #: folder with `uploads/` (songs, pictures) and `results/` (films, database, queue); `core.places.data_home` by default.
    data_dir: Path = field(default_factory=data_home)
    #: SQLAlchemy's address of the database; empty: SQLite in `results/`.
    database_url: str = ""
    #: where the queue of jobs lies: in a file beside the database, or in Redis for workers on their own.
    queue: QueueKind = "sqlite"
    #: address of Redis, for `queue="redis"`.
    redis_url: str = DEFAULT_REDIS_URL
    #: what whoever asks for `/metrics` and `/readyz` must show; empty: they must be on this machine.
    metrics_token: str = field(default="", repr=False)
    #: what signs cookies, the same at all machines that serve the pages; empty: made at the first start, in `results/`.
    cookie_key: str = field(default="", repr=False)
    #: language of a visitor whose browser asks for none that we have.
    locale: str = "en"
    #: whether cookies go over HTTPS alone; for a server behind a proxy that speaks HTTPS.
    secure_cookies: bool = False
    #: proxies before the server, as a list of addresses or networks: they say truly whom they serve (X-Forwarded-For).
    trusted_proxies: str = ""
    #: PEM file of the private key (P-256) by which notices are sent to browsers; empty: none are sent.
    notice_key_file: str = ""
    #: how push services reach whoever runs the server, as `mailto:` or an address; goes with every notice.
    notice_contact: str = ""
    #: free room of the disk, in bytes, that uploads and orders leave to films in the making, the database and the system.
    least_free_bytes: int = 1_000 * MEGABYTE
    #: whether what people keep is sealed from now on. Off for settings made by hand; the environment's default is on.
    encryption: bool = False
    #: the master key, or several by commas, the newest first; empty: in a file.
    master_key: str = field(default="", repr=False)
    #: that file; empty: `core.places.master_key_file` of the data folder.
    master_key_file: str = ""
    #: after how many days without use what people gave, and what was made for them, is erased; 0: never.
    keep_days: int = 0
    #: whether every film bears the visible label; `default`: where others than this computer are served.
    label: LabelChoice = "default"
    #: where what people give, and what is made, lies: on this disk by default, or in a store.
    storage: StorageSettings = field(default_factory=StorageSettings)
    #: who keeps locks: files of this machine, or Redis for several machines.
    locks: LockKind = "files"
    #: who may come in; nobody needs an account by default.
    accounts: AccountSettings = field(default_factory=AccountSettings)
    #: what is accepted.
    limits: Limits = field(default_factory=Limits)
    #: how it is watched.
    watch: WatchSettings = field(default_factory=WatchSettings)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> AppSettings:
        """`BELCANTO_DATA_DIR`, `_DATABASE_URL`, `_QUEUE`, `_REDIS_URL`, `_METRICS_TOKEN`, `_COOKIE_KEY`, `_LOCALE`,
        `_SECURE_COOKIES`, `_TRUSTED_PROXIES`, `_NOTICE_KEY_FILE`, `_NOTICE_CONTACT`, `_LEAST_FREE_BYTES`, `_ENCRYPTION`,
        `_MASTER_KEY`, `_MASTER_KEY_FILE`, `_KEEP_DAYS`, `_LABEL`, `_LOCKS`, those of a store (`core.stores.settings`) and of
        accounts (`app.accounts.settings`), and the limits' `_MAX_...`.

        Raises InputError for a value that is none of those accepted.
        """
        return cls(
            data_dir=Path(environment.get("BELCANTO_DATA_DIR") or data_home()).absolute(),
            database_url=environment.get("BELCANTO_DATABASE_URL", ""),
            queue=one_of(environment, "BELCANTO_QUEUE", get_args(QueueKind), cls.queue),
            redis_url=environment.get("BELCANTO_REDIS_URL") or cls.redis_url,
            metrics_token=environment.get("BELCANTO_METRICS_TOKEN", ""),
            cookie_key=secret_from(environment, "BELCANTO_COOKIE_KEY"),
            locale=one_of(environment, "BELCANTO_LOCALE", tuple(LANGUAGES), cls.locale),
            secure_cookies=one_of(environment, "BELCANTO_SECURE_COOKIES", ("0", "1"), "0") == "1",
            trusted_proxies=proxies_from(environment),
            notice_key_file=environment.get("BELCANTO_NOTICE_KEY_FILE", ""),
            notice_contact=contact_from(environment),
            least_free_bytes=number_from(environment, "BELCANTO_LEAST_FREE_BYTES", cls.least_free_bytes),
            encryption=one_of(environment, "BELCANTO_ENCRYPTION", ("on", "off"), "on") == "on",
            master_key=environment.get(KEY_VARIABLE, ""),
            master_key_file=environment.get(FILE_VARIABLE, ""),
            keep_days=number_from(environment, "BELCANTO_KEEP_DAYS", cls.keep_days),
            label=one_of(environment, "BELCANTO_LABEL", get_args(LabelChoice), cls.label),
            storage=StorageSettings.from_environment(environment),
            locks=LockSettings.from_environment(environment).kind,
            accounts=AccountSettings.from_environment(environment),
            limits=limits_from(environment),
            watch=WatchSettings.from_environment(environment),
        )

    @property
    def labels_films(self) -> bool:
        """Whether every film bears the visible label, whatever its order says."""
        return self.label == "on" or (self.label == "default" and self.accounts.on)

    def served_at(self, is_loopback: bool) -> AppSettings:
        """The same for a server that only this computer reaches, or others too: those see the label unless it is turned off."""
        return self if is_loopback or self.label != "default" else replace(self, label="on")

    @property
    def uploads_dir(self) -> Path:
        """Folder of what people gave; its files are reached through `uploads`."""
        return self.data_dir / "uploads"

    @property
    def incoming_dir(self) -> Path:
        """Folder of what is on its way: not yet looked at, or not yet whole."""
        return self.uploads_dir / "incoming"

    @property
    def pieces_dir(self) -> Path:
        """Folder of the parts of uploads that are not yet whole; one of its own where it is a name in a store."""
        return self.uploads_dir / PIECES if self.storage.url else self.incoming_dir

    @property
    def results_dir(self) -> Path:
        """Folder of what was made, the database and the queue; what was made is reached through `results`."""
        return self.data_dir / "results"

    @property
    def signing_dir(self) -> Path:
        """Folder of the key by which films are signed, and of their accounts; `BELCANTO_SIGNING_DIR` names another."""
        return Path(os.environ.get(SIGNING_DIR) or self.results_dir / "signing")

    @property
    def voices_dir(self) -> Path:
        """Folder of the sentences by which voices are heard before one is chosen."""
        return self.data_dir / "voices"

    @property
    def uploads(self) -> UserFiles:
        """The files that people gave."""
        return UserFiles(self.uploads_dir, self.vault)

    @property
    def results(self) -> UserFiles:
        """The files that were made for them."""
        return UserFiles(self.results_dir, self.vault)

    @cached_property
    def vault(self) -> Vault:
        """Opens those files, and keeps new ones as `encryption` says."""
        from app.key_ring import KeyRing  # brings the database, which these settings are for

        named = Path(self.master_key_file) if self.master_key_file else master_key_file(self.data_dir)
        source = MasterKeySource(named, self.master_key)
        ring = KeyRing(self.database, source, lambda: self.lock_at(self.results_dir / "keys.lock", "keys"))
        return Vault(Workspace(self.data_dir / "working", memory_places()), ring, self.encryption, self.files)

    @cached_property
    def _locks(self) -> Locks:
        return LockSettings(self.locks, self.redis_url).locks()

    def lock_at(self, path: Path, name: str) -> Lock:
        """The lock on that file, or of that name among all machines."""
        return self._locks.at(path, name)

    @cached_property
    def files(self) -> Files:
        """What kept files lie in: the data folder, or the store. Raises InputError, MissingError for a store of no known kind."""
        folders = (self.uploads_dir, self.pieces_dir, self.results_dir, self.results_dir / GLIMPSES)
        return self.storage.files(self.data_dir, folders)

    @property
    def database(self) -> str:
        """The database's address, the default one filled in."""
        return self.database_url or f"sqlite:///{self.results_dir / 'belcanto.sqlite3'}"

    @property
    def queue_file(self) -> Path:
        """The file of the SQLite queue."""
        return self.results_dir / "queue.sqlite3"

    def make_folders(self) -> None:
        """Make the folders that lack."""
        for folder in (self.incoming_dir, self.pieces_dir, self.results_dir):
            folder.mkdir(parents=True, exist_ok=True)

    def secret_key(self) -> str:
        """The key that signs cookies: as set, or made at the first start, then kept in a file that only its owner may read."""
        if self.cookie_key:
            return self.cookie_key
        self.make_folders()
        path = self.results_dir / "secret_key"
        fresh = path.with_name(f"secret_key.{secrets.token_hex(8)}.part")
        with suppress(FileExistsError):
            if not path.exists():
                with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
                    file.write(secrets.token_hex(32))
                os.link(fresh, path)  # a second process that starts at the same time finds it there as a whole
        fresh.unlink(missing_ok=True)
        return path.read_text(encoding="ascii")


def begin_vault(settings: AppSettings) -> None:
    """Remove what killed processes have left open, and see that what is sealed can be opened. The tables must be there.

    Raises WrongMasterKey and InputError where the master key is another one, or can't be read; StoreFailed, InputError and
    MissingError where the store of files can't be had. Nothing is changed then.
    """
    settings.vault.files.check()
    settings.vault.workspace.sweep()
    settings.vault.keys.check(settings.encryption)


def limits_from(environment: Mapping[str, str]) -> Limits:
    """The limits with those that the environment sets. Raises InputError where one is no number above 0."""
    limits = Limits()
    for limit in fields(Limits):
        number = number_from(environment, f"BELCANTO_MAX_{limit.name.upper()}", getattr(limits, limit.name))
        limits = replace(limits, **{limit.name: number})
    return limits


def contact_from(environment: Mapping[str, str]) -> str:
    """How push services reach the operator. Raises InputError where it lacks beside a key, or is neither a mail nor a page."""
    contact = environment.get("BELCANTO_NOTICE_CONTACT", "")
    if environment.get("BELCANTO_NOTICE_KEY_FILE") and not contact.startswith(("mailto:", "https://")):
        raise InputError("app.notice_contact_lacks")
    return contact


def proxies_from(environment: Mapping[str, str]) -> str:
    """The list of proxies. Raises InputError where it is none."""
    text = environment.get("BELCANTO_TRUSTED_PROXIES", "")
    networks(text)
    return text
