"""The report of the learned lips: what was measured, as JSON for programs and as Markdown for people."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from motion.singing.training.measures import Estimate

#: Names of the two files, after the weights' own.
JSON_SUFFIX, MARKDOWN_SUFFIX = ".report.json", ".report.md"
#: Columns of a table: name of the figure, heading, digits.
COLUMNS = (
    ("aperture correlation", "aperture r", 3),
    ("width correlation", "width r", 3),
    ("protrusion correlation", "protrusion r", 3),
    ("aperture error", "aperture mm", 2),
    ("width error", "width mm", 2),
    ("protrusion error", "protrusion mm", 2),
    ("closure recall", "closures found", 2),
    ("closure precision", "closures right", 2),
    ("lag ms", "lag ms", 0),
    ("truly shut", "truly shut", 2),
    ("shut by aperture", "shut by aperture", 2),
    ("told by closure", "told by closure", 2),
)
#: Where the weights come from.
CREDIT = (
    "Data: the GRID audio-visual sentence corpus (Cooke, Barker, Cunningham & Shao, 2006; CC BY 4.0), tracked by the",
    "MediaPipe Face Landmarker. Heard through the encoder of multilingual Whisper base (MIT). Leftovers of music in",
    'training: "Vibe Ace" by Kevin MacLeod (CC BY).',
)


@dataclass
class Report:
    """All figures of one network. tables: title, row, figure; sound_to_lips: see `lag.py`."""

    name: str
    facts: dict[str, Any]
    training_clips: int
    development_clips: int
    held_out_clips: int
    tables: dict[str, dict[str, dict[str, Estimate]]] = field(default_factory=dict)
    sound_to_lips: Estimate | None = None

    def as_json(self) -> str:
        """Everything, with `value`, `low` and `high` of each figure."""
        return json.dumps(asdict(self), indent=1)

    def as_markdown(self) -> str:
        """A page with one table for each test."""
        lines = [
            f"# Report of {self.name}",
            "",
            f"Trained on {self.training_clips} clips of GRID's speaker s1, thresholds set on {self.development_clips}, tested on "
            f"{self.held_out_clips} that were used for nothing else; {self.facts.get('steps', '?')} steps, seed "
            f"{self.facts.get('seed', '?')}. Mean over clips of Pearson's r and of the absolute error (mm on a face whose eyes' "
            "outer corners are 88.9 mm apart), share of closures, median lag of the aperture; 95 % intervals of a bootstrap over "
            "clips in brackets.",
        ]
        lines += ["", *CREDIT]
        if self.sound_to_lips:
            early = {name: 1000.0 * value for name, value in asdict(self.sound_to_lips).items()}
            lines += [
                "",
                f"In the data the sound's steepest rise follows the parting of the lips by {early['value']:.0f} ms "
                f"({early['low']:.0f} to {early['high']:.0f}).",
            ]
        for title, table in self.tables.items():
            lines += ["", f"## {title}", "", *markdown_table(table)]
        return "\n".join(lines) + "\n"


def markdown_table(table: dict[str, dict[str, Estimate]]) -> list[str]:
    """Lines of a Markdown table; a figure that a row lacks is a dash."""
    shown = [column for column in COLUMNS if any(column[0] in figures for figures in table.values())]
    lines = ["| | " + " | ".join(heading for _, heading, _ in shown) + " |", "|---" * (len(shown) + 1) + "|"]
    for row, figures in table.items():
        cells = [_cell(figures.get(name), digits) for name, _, digits in shown]
        lines.append(f"| {row} | " + " | ".join(cells) + " |")
    return lines


def _cell(estimate: Estimate | None, digits: int) -> str:
    if estimate is None or estimate.value != estimate.value:
        return "-"
    value, low, high = (f"{number:.{digits}f}" for number in (estimate.value, estimate.low, estimate.high))
    return f"{value} ({low} to {high})"


def write_report(report: Report, folder: Path) -> None:
    """Write both files beside the weights."""
    stem = Path(report.name).stem
    (folder / f"{stem}{JSON_SUFFIX}").write_text(report.as_json() + "\n", encoding="utf-8")
    (folder / f"{stem}{MARKDOWN_SUFFIX}").write_text(report.as_markdown(), encoding="utf-8")
