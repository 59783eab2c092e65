"""What a boxed process may do, and how that is handed to the launcher on its command line.

Only the standard library's lightest modules are imported here: the launcher starts for each run of a decoder.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: What one boxed process may hold in memory of its own, in bytes.
MEMORY_BYTES = 4_000_000_000
#: How large a file may get that it writes, in bytes: readers write nothing but their log.
LOG_BYTES = 256_000_000
FILM_BYTES = 64_000_000_000
#: The most processor time, in seconds: whoever started it minds the wall time, this ends what outlives all others.
PROCESSOR_S = 86_400
#: Before the command, after what the box is.
END = "--"


class Box:
    """reads, writes, runs: files and whole folders that may be read, written (and read), started; nothing else may be opened.

    processes: whether it may start further processes; threads it always may. memory_bytes, output_bytes, processor_s: see the
    constants. required: whether it is better not to run at all than without one of the fences that this system lacks.

    No dataclass, whose module takes three times as long to load as all of the launcher.
    """

    __slots__ = ("memory_bytes", "output_bytes", "processes", "processor_s", "reads", "required", "runs", "writes")

    def __init__(
        self,
        reads: Iterable[str] = (),
        writes: Iterable[str] = (),
        runs: Iterable[str] = (),
        processes: bool = False,
        memory_bytes: int = MEMORY_BYTES,
        output_bytes: int = LOG_BYTES,
        processor_s: int = PROCESSOR_S,
        required: bool = False,
    ) -> None:
        self.reads, self.writes, self.runs = tuple(reads), tuple(writes), tuple(runs)
        self.processes, self.required = processes, required
        self.memory_bytes, self.output_bytes, self.processor_s = memory_bytes, output_bytes, processor_s

    def with_more(
        self, reads: Iterable[str] = (), writes: Iterable[str] = (), runs: Iterable[str] = (), required: bool | None = None
    ) -> Box:
        """The same with more that may be read, written and started."""
        paths = (*reads, *self.reads), (*writes, *self.writes), (*runs, *self.runs)
        needed = self.required if required is None else required
        return Box(*paths, self.processes, self.memory_bytes, self.output_bytes, self.processor_s, needed)

    def as_arguments(self) -> list[str]:
        """For the launcher's command line, closed by `END`."""
        paths = [f"{kind}{path}" for kind, each in (("r", self.reads), ("w", self.writes), ("x", self.runs)) for path in each]
        amounts = [f"m{self.memory_bytes}", f"o{self.output_bytes}", f"c{self.processor_s}"]
        flags = (["p"] if self.processes else []) + (["!"] if self.required else [])
        return [*paths, *amounts, *flags, END]


def read_box(arguments: Iterable[str]) -> tuple[Box, list[str]]:
    """The box and the command behind it. Raises ValueError for what `as_arguments` never wrote."""
    paths: dict[str, list[str]] = {"r": [], "w": [], "x": []}
    amounts = {"m": MEMORY_BYTES, "o": LOG_BYTES, "c": PROCESSOR_S}
    flags = set()
    rest = iter(arguments)
    for part in rest:
        if part == END:
            break
        if part[:1] in paths:
            paths[part[0]].append(part[1:])
        elif part[:1] in amounts:
            amounts[part[0]] = int(part[1:])
        elif part in ("p", "!"):
            flags.add(part)
        else:
            raise ValueError(f"{part!r} is no part of a box.")
    reads, writes, runs = (tuple(paths[kind]) for kind in "rwx")
    return Box(reads, writes, runs, "p" in flags, amounts["m"], amounts["o"], amounts["c"], "!" in flags), list(rest)
