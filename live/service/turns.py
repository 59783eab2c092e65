"""Work that takes a core for a while: one piece of a kind at a time, off the loop; a few wait, further ones are refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from live.service.problems import Full

Result = TypeVar("Result")


class OneAtATime:
    """One kind of work. Lives on the service's loop."""

    def __init__(self, waiting: int) -> None:
        """waiting: how many may wait besides the one that is worked on."""
        self._most, self._count, self._turn = waiting + 1, 0, asyncio.Lock()

    async def do(self, work: Callable[..., Result], *values: Any) -> Result:
        """The result, once it was its turn. Raises Full where too many wait, and what the work raises."""
        if self._count >= self._most:
            raise Full("live.service.busy")
        self._count += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work, *values)
        finally:
            self._count -= 1
