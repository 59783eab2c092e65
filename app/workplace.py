"""Where work on people's files is done: at working copies, which are gone at its end, while what was made is sealed.

The process that does the work has no key but the one of its owner's cache entries, and that only for its own time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.settings import AppSettings
from core.errors import BelcantoError
from core.vault import Vault
from core.work import WorkOrder
from jobs.workplace import Workplace, open_place
from pipeline.film_settings import VIDEO_SUFFIX
from pipeline.stills import still_beside

#: What a film and what is made on the way may need beside the files that it is made of, in bytes.
ROOM_BYTES = 300_000_000
#: The names of the folders for what is made, and for temporary files.
MADE, ON_THE_WAY = "made", "on-the-way"
log = logging.getLogger(__name__)


@dataclass
class SealedPlace:
    """See `jobs.workplace.Workplace`. asked: the order with the paths of the files themselves."""

    vault: Vault
    asked: WorkOrder
    order: WorkOrder
    _seen_ns: int = field(default=0, init=False)

    def look(self) -> None:
        """Seal the newest still of a film in the making, for those who watch it come."""
        still, target = self._stills()
        if still is None or target is None:
            return
        with suppress(FileNotFoundError):  # there is none yet, or none any more
            made_ns = still.stat().st_mtime_ns
            if made_ns != self._seen_ns:
                self._seen_ns = made_ns
                try:
                    self.vault.write_bytes(target, self.order.owner, still.read_bytes(), lasting=False)
                except (BelcantoError, OSError) as error:
                    log.warning("A still of job %s can't be shown: %s", self.order.job_id, type(error).__name__)

    def keep(self) -> None:
        """Seal what was made. Raises OSError, BelcantoError."""
        for role, made in self.order.outputs.items():
            if made.exists():
                self.vault.keep(made, self.asked.outputs[role], self.order.owner)

    def has(self, role: str) -> bool:
        """See `Workplace`."""
        return self.vault.has(self.asked.outputs[role])

    def close(self) -> None:
        """Nobody watches any more."""
        _, target = self._stills()
        if target is not None:
            try:
                self.vault.files.remove(target)
            except BelcantoError as error:
                log.warning("The still of job %s stays until the sweep: %s", self.order.job_id, error)

    def _stills(self) -> tuple[Path | None, Path | None]:
        """Where the film's still is made, and where people look at it."""
        films = (self.order.outputs.get("film"), self.asked.outputs.get("film"))
        made, asked = (still_beside(film) if film is not None and film.suffix == VIDEO_SUFFIX else None for film in films)
        return made, asked


def workplace_of(settings: AppSettings) -> Callable[[WorkOrder], AbstractContextManager[Workplace]]:
    """Where the work of these settings' application is done."""

    def place(order: WorkOrder) -> AbstractContextManager[Workplace]:
        vault, files = settings.vault, [given.path for given in order.inputs.values()]
        if settings.encryption or vault.files.elsewhere:
            return sealed_place(vault, order)
        if any(vault.has(path) and vault.key_id(path) is not None for path in files):
            return sealed_place(settings.vault, order)
        return open_place(order)

    return place


@contextmanager
def sealed_place(vault: Vault, order: WorkOrder) -> Iterator[Workplace]:
    """Working copies of the order's files, gone at the block's end. Raises OSError, BelcantoError."""
    there = {role: given for role, given in order.inputs.items() if vault.has(given.path)}
    given_bytes = sum(vault.files.told(given.path).size_bytes for given in there.values())
    with vault.workspace.folder(given_bytes + ROOM_BYTES) as folder:
        for name in (MADE, ON_THE_WAY, *order.inputs):
            (folder / name).mkdir()
        inputs = {}
        for role, given in order.inputs.items():
            inputs[role] = replace(given, path=vault.copy_into(folder / role, given.path)) if role in there else given
        outputs = {role: folder / MADE / path.name for role, path in order.outputs.items()}
        seal = vault.entry_seal(order.owner)
        working = replace(order, inputs=inputs, outputs=outputs, folder=folder / ON_THE_WAY, seal=seal)
        place = SealedPlace(vault, order, working)
        try:
            yield place
        finally:
            place.close()
