"""What a benchmark ran on: figures without their machine mean nothing."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar, Protocol

from core.processor import usable_cores

PACKAGES = ("numpy", "numba", "onnxruntime", "mediapipe", "imageio-ffmpeg", "scipy")


@dataclass(frozen=True)
class Machine:
    """A machine and its state.

    cpu: model. cores: how many this process may use. memory_gb: 10^9 bytes; None where the system does not tell. load: processes
    that were running or waiting over the last minute, before the benchmark: far above 0 and the figures are too slow.
    """

    cpu: str
    cores: int
    memory_gb: float | None
    system: str
    python: str
    packages: dict[str, str]
    load: float | None

    def sentence(self) -> str:
        """The machine in one line."""
        memory = f", {self.memory_gb:.0f} GB" if self.memory_gb is not None else ""
        load = f"; load before: {self.load:.1f}" if self.load is not None else ""
        return f"{self.cpu}, {self.cores} cores{memory}, {self.system}, Python {self.python}{load}"


def describe_machine() -> Machine:
    """This machine, now."""
    return Machine(
        cpu=cpu_model(),
        cores=usable_cores(),
        memory_gb=memory_gb(),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        packages={name: version for name in PACKAGES if (version := installed_version(name))},
        load=os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    )


def cpu_model() -> str:
    """The processor's name as the system tells it."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.lower().startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def memory_gb() -> float | None:
    """Memory of the machine in 10^9 bytes, None where the system does not tell."""
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1)


def installed_version(package: str) -> str | None:
    """Version of an installed package, None where it is not."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


class Told(Protocol):
    """A figure, as a dataclass, that says itself in words."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def sentence(self) -> str: ...


def print_figures(measure: Callable[[], Iterable[Told]], as_json: bool) -> None:
    """Describe the machine, measure, and print both, as JSON or in words."""
    machine, told = describe_machine(), list(measure())
    if as_json:
        print(json.dumps({"machine": asdict(machine), "figures": [asdict(figure) for figure in told]}, indent=2))
    else:
        print("\n".join([machine.sentence(), *(figure.sentence() for figure in told)]))
