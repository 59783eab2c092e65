"""`python -m pipeline.prepare`: does once, at installation, what the first film would have to wait for.

It compiles the loops that are declared with `core.kernels.kernel` into numba's cache (beside the sources, or where
NUMBA_CACHE_DIR says), and converts the default networks. A stamp of sources, versions and processor lets it end at once when
there is nothing to do; it needs no numba for that.

Exit codes: 0 done; 2 something can't be used; 3 a weight or a dependency is missing; 130 cancelled.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import platform
import signal
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from core.errors import BelcantoError, Cancelled
from core.processor import usable_cores

ROOT = Path(__file__).resolve().parent.parent
#: Rooms that have kernels, and the package without which a room's are never called.
ROOMS = {
    **dict.fromkeys(("animators", "faces", "filters", "lipsync", "media", "separation")),
    "neural": "torch",
}
#: What a module that declares kernels says, in its first lines.
DECLARES = "from core.kernels import"
#: The packages that compiled code and converted networks are made by.
PACKAGES = ("llvmlite", "numba", "numpy", "onnx")
#: What Linux tells of a processor and does not change while it runs.
PROCESSOR_FACTS = (
    *("vendor_id", "cpu family", "model", "model name", "stepping", "flags"),
    *("CPU implementer", "CPU architecture", "CPU variant", "CPU part", "CPU revision", "Features"),
)
#: The environment's variables that it depends on begin so.
SETTINGS = ("NUMBA_", "BELCANTO_WEIGHTS_DIR")
#: Each compiler takes some 300 MB.
MOST_COMPILERS = 4
STAMP_NAME = "belcanto-prepared.json"


def main() -> int:
    """Prepare what is not prepared yet, with a line about it on stderr; returns the exit code."""
    wanted = fingerprint(kernel_sources(ROOT), os.environ)
    if is_prepared(stamp_path(), wanted):
        return 0
    from pipeline.stages import missing_package

    try:
        files = [*compile_kernels(), *convert_networks()]
    except KeyboardInterrupt:
        print("\nCancelled; what was compiled is kept.", file=sys.stderr)
        return Cancelled.exit_code
    except (BelcantoError, ImportError) as error:
        told = missing_package(error) if isinstance(error, ImportError) else error
        print(f"\n{told!s}", file=sys.stderr)
        return told.exit_code
    write_stamp(stamp_path(), wanted, files)
    return 0


def kernel_sources(root: Path) -> list[Path]:
    """The modules below `root` that declare kernels and whose room has what it needs here, sorted."""
    rooms = [room for room, package in ROOMS.items() if package is None or find_spec(package)]
    paths = sorted(path for room in rooms for path in (root / room).rglob("*.py"))
    return [path for path in paths if f"\n{DECLARES}" in path.read_text(encoding="utf-8")]


def fingerprint(sources: list[Path], environment: Mapping[str, str]) -> str:
    """What the compiled code depends on, as a hash: the sources, Python and the packages, the processor, numba's settings."""
    facts = [platform.python_version(), platform.platform(), *processor_facts()]
    facts += [f"{name} {metadata.version(name)}" for name in PACKAGES]
    facts += sorted(f"{name}={value}" for name, value in environment.items() if name.startswith(SETTINGS))
    digest = hashlib.sha256("\n".join(facts).encode())
    for path in sources:
        digest.update(f"\n{path}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def processor_facts() -> list[str]:
    """Lines about the first processor: code that was compiled for one may not run on another."""
    information = Path("/proc/cpuinfo")
    if not information.exists():
        return [platform.machine(), platform.processor()]
    first = information.read_text(encoding="utf-8").strip().split("\n\n")[0]
    return [line for line in first.splitlines() if line.partition(":")[0].strip() in PROCESSOR_FACTS]


def stamp_path() -> Path:
    """Where the stamp lies: beside what it tells of, so that whoever clears that clears the stamp."""
    folder = os.environ.get("NUMBA_CACHE_DIR")
    return (Path(folder) if folder else Path(__file__).parent / "__pycache__") / STAMP_NAME


def is_prepared(stamp: Path, wanted: str) -> bool:
    """Whether all was prepared with this fingerprint, and is still there."""
    try:
        told = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(told["fingerprint"] == wanted and all(Path(file).exists() for file in told["files"]))


def write_stamp(stamp: Path, wanted: str, files: list[str]) -> None:
    """Leave the stamp. Where the folder takes no file there is none, and the next call looks through the cache anew."""
    temporary = stamp.with_name(f".{stamp.name}.{os.getpid()}")
    try:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps({"fingerprint": wanted, "files": files}), encoding="utf-8")
        temporary.replace(stamp)
    except OSError:
        with suppress(OSError):
            temporary.unlink()


def compile_kernels() -> Iterator[str]:
    """Compile every kernel, a module at a time on each core, and give the files of the cache that tell of them.

    Raises `MissingError` where a package is missing.
    """
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in kernel_sources(ROOT)]
    tell(0, len(modules))
    with ProcessPoolExecutor(
        min(MOST_COMPILERS, usable_cores()), multiprocessing.get_context("spawn"), die_with_the_terminal
    ) as pool:
        work = [pool.submit(compile_module, module) for module in modules]
        for number, done in enumerate(as_completed(work), 1):
            yield from done.result()
            tell(number, len(modules))


def compile_module(module: str) -> list[str]:
    """Compile a module's kernels; files of the cache that tell of them. Raises `MissingError` where a package is missing."""
    from pipeline.stages import load_module

    load_module(module)
    from core.kernels import KERNELS

    kernels = [kernel for kernel in KERNELS if kernel.module == module]
    for kernel in kernels:
        kernel.compile()
    return [kernel.cache_index() for kernel in kernels]


def die_with_the_terminal() -> None:
    """In a child: Ctrl-C ends it without a word; the parent says what there is to say."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def convert_networks() -> Iterator[str]:
    """Convert the networks of the default engine's films, and give their files. Raises `MissingError` where one can't be had."""
    from pipeline.stages import load_module

    yield str(load_module("separation.checkpoint").ensure_onnx())
    yield str(load_module("motion.singing.lips.learned_lips").ensure_encoder())
    # MediaPipe loads matplotlib, which looks through all fonts of the machine when it is loaded for the first time.
    load_module("mediapipe")


def tell(done: int, total: int) -> None:
    """A line of progress on stderr, written over itself on a terminal; elsewhere it stands once."""
    line = "Compiling for this machine, once (a minute or two)"
    if sys.stderr.isatty():
        print(f"\r{line}: {done} of {total}", end="\n" if done == total else "", file=sys.stderr, flush=True)
    elif done == 0:
        print(f"{line} ...", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
