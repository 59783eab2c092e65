"""How a live avatar reaches a browser: `python -m benchmarks.live_transport [--seconds 60] [--transport ...] [--json FILE]`.

A real Chromium looks, over the loopback, at an avatar that flashes and beeps: how far sound and picture are apart (EBU R37 allows
sound to be 40 ms early and 60 ms late), how long a picture takes from the avatar to the screen, how many pictures are missed or
late, and whether memory stays as it is. The service and its coders run in this process, whose memory and processor time are told.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.ending import ends_in_words
from benchmarks.live_transport.browser import open_browser, open_session, watch
from benchmarks.live_transport.flashes import FlashAvatar
from benchmarks.live_transport.served import ServedHere
from benchmarks.machine import describe_machine

TRANSPORTS = ("call:video/H264", "call:video/VP8", "fragments")
#: How often memory is looked at, in seconds; what comes before the first look is the beginning's.
MEMORY_LOOK_S = 10.0


def memory_mb() -> float:
    """What this process holds, in 10^6 bytes. 0 where the system does not tell."""
    status = Path("/proc/self/status")
    rows = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    return next((int(row.split()[1]) * 1024 / 1e6 for row in rows if row.startswith("VmRSS")), 0.0)


class MemoryWatch:
    """Looks at this process's memory from a thread for the time of a `with` block. rows: in 10^6 bytes."""

    def __init__(self) -> None:
        self.rows: list[float] = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._end.wait(MEMORY_LOOK_S):
            self.rows.append(round(memory_mb(), 1))

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._end.set()
        self._thread.join()


def measure(transport: str, seconds: float, chromium: str | None, height: int) -> dict[str, Any]:
    """The figures of one transport."""
    with ServedHere() as served, open_browser(chromium) as browser, MemoryWatch() as memory:
        session, page = open_session(served.url, height), browser.new_page()
        processor_s, begun_s = time.process_time(), time.monotonic()
        observed = watch(page, served.url, session, transport, seconds, microphone=transport.startswith("call"))
        processor_share = (time.process_time() - processor_s) / (time.monotonic() - begun_s)
        avatar = served.avatars[-1]
        assert isinstance(avatar, FlashAvatar)
        figures = observed.settled().figures(avatar.written_s)
        page.close()
        latest_s = time.monotonic() + 30
        while avatar.feed.listeners and time.monotonic() < latest_s:
            time.sleep(0.1)
        heard_s = avatar.heard_samples / 16_000
        return {
            **figures,
            "transport": transport,
            "late_ticks_of_the_avatar": avatar.late,
            "microphone_heard_s": round(heard_s, 1),
            "left_clean": not avatar.feed.listeners,
            "processor_share": round(processor_share, 3),
            "memory_mb": memory.rows,
            "notes": observed.notes,
        }


def line(row: dict[str, Any]) -> str:
    """A row of the table."""
    offset, latency = row["sound_after_picture_ms"] or {}, row["feed_to_screen_ms"] or {}
    memory = row["memory_mb"]
    grown = f"{memory[-1] - memory[0]:+.0f}" if len(memory) > 1 else "–"
    told = f"{offset.get('median')} ({offset.get('p5')} to {offset.get('p95')})"
    screen = f"{latency.get('median')} ({latency.get('p95')})"
    return (
        f"| {row['transport']} | {told} | {screen} | {row['pictures_per_s']} | {100 * row['missed_share']:.1f} | "
        f"{100 * row['late_share']:.1f} | {100 * row['processor_share']:.0f} % | {grown} |"
    )


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and tell; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live_transport", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each transport (default %(default)g)")
    parser.add_argument("--transport", choices=TRANSPORTS, action="append", help="only these")
    parser.add_argument("--height", type=int, default=512, help="of the pictures (default %(default)s)")
    parser.add_argument("--chromium", metavar="PATH", help="the browser (default: the one on the path)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    options = parser.parse_args(arguments)
    machine = describe_machine()
    print(machine.sentence())
    print("| way | sound after picture, ms | feed to screen, ms | pictures/s | missed % | late % | processor | memory, MB |")
    print("|---|---|---|---|---|---|---|---|")
    rows = []
    for transport in options.transport or TRANSPORTS:
        rows.append(measure(transport, options.seconds, options.chromium, options.height))
        print(line(rows[-1]), flush=True)
    if options.json:
        options.json.write_text(json.dumps({"machine": machine.sentence(), "rows": rows}, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
