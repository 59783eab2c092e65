"""Draws the rooms and who imports whom, read off the sources, into `docs/ARCHITECTURE.md`: `python docs/draw_rooms.py`.

The picture is Mermaid, between two marks in the page; only arrows to the next lower step that has one are drawn, since whoever
imports a room may import what that one stands on. With `--check` nothing is written, and the exit code tells whether it is up to
date.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "ARCHITECTURE.md"
BEGIN, END = "<!-- rooms: drawn by docs/draw_rooms.py -->", "<!-- end of rooms -->"
#: The rooms by step from the ground up, those to come among them; `tests/test_layout.py` holds the imports to them.
PLAN = (
    ("core",),
    ("media", "weights"),
    ("neural", "drawing", "provenance"),
    ("faces", "separation", "speech"),
    ("motion", "animators", "sadtalker_runner", "lipsync", "filters", "metrics"),
    ("pipeline", "jobs"),
    ("live", "benchmarks", "app"),
    ("belcanto",),
)
#: Those that are there.
STEPS = tuple(tuple(room for room in step if (ROOT / room / "__init__.py").is_file()) for step in PLAN)


def imported_rooms(room: str) -> set[str]:
    """The other rooms that a room's modules import, lazily or not."""
    found = set()
    rooms = {name for step in STEPS for name in step}
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
            elif isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
    return (found & rooms) - {room}


def reached(room: str, imports: dict[str, set[str]]) -> set[str]:
    """All rooms below a room."""
    below: set[str] = set()
    for other in imports[room]:
        below |= {other} | reached(other, imports)
    return below


def arrows() -> list[tuple[str, str]]:
    """Who imports whom, without what follows from other arrows."""
    imports = {room: imported_rooms(room) for step in STEPS for room in step}
    level = {room: number for number, step in enumerate(STEPS) for room in step}
    imports = {room: {other for other in others if level[other] < level[room]} for room, others in imports.items()}
    drawn = []
    for room, others in imports.items():
        implied = {below for other in others for below in reached(other, imports)}
        drawn += [(room, other) for other in sorted(others - implied)]
    return sorted(drawn)


def picture() -> str:
    """The Mermaid text."""
    lines = ["```mermaid", "flowchart BT"]
    for number, step in enumerate(STEPS, start=1):
        lines.append(f'  subgraph s{number}["{number}"]')
        lines += [f"    {room}" for room in step]
        lines.append("  end")
    lines += [f"  {room} --> {other}" for room, other in arrows()]
    return "\n".join([*lines, "```"])


def page_with(drawn: str, page: str) -> str:
    """The page with the picture between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{drawn}\n{END}{after}"


def main() -> int:
    """Draw, or check; returns the exit code."""
    page = PAGE.read_text(encoding="utf-8")
    drawn = page_with(picture(), page)
    if "--check" in sys.argv:
        return int(drawn != page)
    PAGE.write_text(drawn, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
