"""Compiled loops: each says beside itself for which arguments it is compiled at installation, so that no film waits for that.

`@kernel("(uint8[:, ::1], int64)")` is numba's `njit` with its cache on disk; other arguments still work, compiled when they first
come. `python -m pipeline.prepare` compiles all that are declared. A loop that only compiled ones call needs `numba.njit` alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import numba
from numba.core.sigutils import normalize_signature

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Kernel:
    """A compiled function (numba's dispatcher) and the arguments it is declared for, in numba's words."""

    dispatcher: Any
    signatures: tuple[str, ...]

    @property
    def module(self) -> str:
        """Dotted name of the module that it stands in."""
        return str(self.dispatcher.py_func.__module__)

    def compile(self) -> None:
        """Compile it for every signature, or load what the cache has. Raises numba's errors where a signature does not fit."""
        for signature in self.signatures:
            # A tuple of types, as a call makes it: numba's cache takes the whole signature for another key.
            arguments, _ = normalize_signature(signature)
            self.dispatcher.compile(tuple(arguments))

    def cache_index(self) -> str:
        """Path of the file that lists what of it is compiled."""
        return str(self.dispatcher._cache._cache_file._index_path)


#: All kernels of the modules that are loaded, in order.
KERNELS: list[Kernel] = []


def kernel(
    *signatures: str, parallel: bool = False, fastmath: bool = False, nogil: bool = False
) -> Callable[[Callable[Arguments, Result]], Callable[Arguments, Result]]:
    """Compile a function for these types of arguments at installation, and for others when they first come.

    signatures: as numba writes them, without the result: "(float32[:, ::1], int64)". parallel, fastmath, nogil: numba's;
    with the last, other threads of Python go on meanwhile.
    """

    def declare(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        compiled: Callable[Arguments, Result] = numba.njit(cache=True, parallel=parallel, fastmath=fastmath, nogil=nogil)(
            function
        )
        KERNELS.append(Kernel(compiled, signatures))
        return compiled

    return declare
