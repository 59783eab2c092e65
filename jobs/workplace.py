"""Where a piece of work is done: among the files themselves, or at working copies of files that lie sealed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from core.stores.files import sync_file, sync_folder
from core.work import WorkOrder


class Workplace(Protocol):
    """order: with the paths at which the work is done."""

    @property
    def order(self) -> WorkOrder: ...

    def look(self) -> None:
        """Called several times a second while the work goes on: take over what others look at meanwhile."""
        ...

    def keep(self) -> None:
        """Take over what was made. Raises OSError, BelcantoError."""
        ...

    def has(self, role: str) -> bool:
        """Whether something was made in that role, and kept. Raises BelcantoError."""
        ...


class OpenPlace:
    """Among the files themselves."""

    def __init__(self, order: WorkOrder) -> None:
        self.order = order

    def look(self) -> None:
        """What others look at lies where they look."""

    def keep(self) -> None:
        """What was made lies where it belongs; it is safe on the disk before anybody is told of it. Raises OSError."""
        made = [path for path in self.order.outputs.values() if path.exists()]
        for path in made:
            sync_file(path)
        for folder in {path.parent for path in made}:
            sync_folder(folder)

    def has(self, role: str) -> bool:
        """See `Workplace`."""
        return self.order.outputs[role].exists()


@contextmanager
def open_place(order: WorkOrder) -> Iterator[Workplace]:
    """The work is done among the files themselves."""
    yield OpenPlace(order)
