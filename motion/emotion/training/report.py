"""Reports of the emotion's networks: every figure as JSON, and tables for people, the paper's figures beside ours."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from core.output_files import whole_file
from motion.emotion.training.evaluation import ERRORS, LIPS, OPENING, SALIENCY, STYLE, STYLE_OF_TRUTH, UPPER, SetFigures
from motion.emotion.training.predictors import PLAN
from motion.singing.training.measures import Estimate, bootstrap, mean_of

#: LPE and EPE that "DEITalk" (2024) states, on a set that is not public: for reference, not for comparison.
PAPER: dict[str, tuple[float, float]] = {
    "whole": (0.00162, 0.00079),
    "without dei": (0.00220, 0.00247),
    "without dpe": (0.00188, 0.00086),
    "without velocity": (0.00373, 0.00108),
    "without class": (0.00182, 0.00094),
    "emotalk": (0.00194, 0.00128),
    "faceformer": (0.00353, 0.00434),
}
COLUMNS = (LIPS, UPPER, OPENING, SALIENCY, f"{SALIENCY}, another take's", f"{SALIENCY}, backwards", STYLE, STYLE_OF_TRUTH)
#: By so much may a figure of the long takes lie behind that of the usual ones.
MOST_LOST = 0.10
#: Sets that know the truth, and those whose faces are real, are told apart by their names.
MADE = ("test", "long", "languages", "speech")

Measured = Mapping[str, Mapping[str, SetFigures]]


def write_report(out: Path, measured: Measured) -> str:
    """Write OUT.json and OUT.md of what was measured, by title and set; returns the tables."""
    tables = markdown(measured)
    write_text(out.with_suffix(".json"), json.dumps(as_json(measured), indent=1))
    write_text(out.with_suffix(".md"), tables)
    return tables


def write_text(path: Path, text: str) -> None:
    """A whole file, or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path, "The report") as file:
        file.write(text.encode())


def as_json(measured: Measured) -> dict[str, Any]:
    """Every figure with its interval, and the value of every take."""
    return {
        title: {
            name: {
                "figures": {figure: asdict(value) for figure, value in figures.estimates().items()},
                "takes": list(figures.takes),
                "rows": {figure: [_number(value) for value in row] for figure, row in figures.rows.items()},
            }
            for name, figures in sets.items()
        }
        for title, sets in measured.items()
    }


def _number(value: float) -> float | None:
    """NaN is no JSON."""
    return float(value) if np.isfinite(value) else None


def markdown(measured: Measured) -> str:
    """A table a set, then what long takes lose, and whether each network may stand in for the plan-based lips."""
    lines: list[str] = []
    for name in dict.fromkeys(name for sets in measured.values() for name in sets):
        rows = {title: sets[name].estimates() for title, sets in measured.items() if name in sets}
        count = next(len(sets[name].takes) for sets in measured.values() if name in sets)
        lines += [f"## {name}: {count} takes", "", *table(rows), ""]
    lost = {title: lost_on_long(sets) for title, sets in measured.items() if "long" in sets}
    if lost:
        lines += ["## Long takes against usual ones", "", *lost_table(lost), ""]
    if PLAN in measured:
        lines += ["## In place of the plan-based performance", ""]
        lines += [f"- {title}: {verdict(sets, measured[PLAN])}" for title, sets in measured.items() if title != PLAN]
    return "\n".join(lines).rstrip() + "\n"


def table(rows: Mapping[str, Mapping[str, Estimate]]) -> list[str]:
    """Figures by row, those that any row has; the paper's two for reference where it names the row."""
    columns = [name for name in COLUMNS if any(name in row for row in rows.values())]
    paper = any(title in PAPER for title in rows)
    heads = ["", *columns, *(["paper's LPE, EPE"] if paper else [])]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for title, row in rows.items():
        cells = [_cell(name, row.get(name)) for name in columns]
        if paper:
            cells.append(", ".join(f"{value:.5f}" for value in PAPER[title]) if title in PAPER else "")
        lines.append(f"| {' | '.join([title, *cells])} |")
    return lines


def _cell(name: str, value: Estimate | None) -> str:
    if value is None:
        return ""
    digits = 5 if name in ERRORS else 3
    return f"{value.value:.{digits}f} ({value.low:.{digits}f} to {value.high:.{digits}f})"


def lost_on_long(sets: Mapping[str, SetFigures]) -> dict[str, float]:
    """How much worse each figure is on the long takes, as a share of that on the usual ones; negative: better."""
    usual, long = sets["test"].means(), sets["long"].means()
    names = [name for name in (LIPS, UPPER, SALIENCY, STYLE) if name in usual and name in long]
    change = {name: (long[name] - usual[name]) / abs(usual[name]) if usual[name] else 0.0 for name in names}
    return {name: value if name in ERRORS else -value for name, value in change.items()}


def lost_table(lost: Mapping[str, Mapping[str, float]]) -> list[str]:
    """What `lost_on_long` found, by title, and whether that is under `MOST_LOST`."""
    names = list(dict.fromkeys(name for row in lost.values() for name in row))
    lines = [f"| loses | {' | '.join(names)} | all under {MOST_LOST:.0%} |", f"|{'---|' * (len(names) + 2)}"]
    for title, row in lost.items():
        cells = [f"{row[name]:+.1%}" if name in row else "" for name in names]
        little = "yes" if all(value < MOST_LOST for value in row.values()) else "no"
        lines.append(f"| {title} | {' | '.join(cells)} | {little} |")
    return lines


def verdict(sets: Mapping[str, SetFigures], plan: Mapping[str, SetFigures]) -> str:
    """The rule by which a trained network may ship: on real faces its lips are no worse than the plan's, neither their error
    nor the agreement of their opening (the interval of the difference, take by take, holds 0 or lies on the better side), and on
    the set of known truth its errors of lips and upper face are smaller."""
    real = [name for name in sets if name not in MADE and name in plan]
    if not real or "test" not in plan:
        return "can't be told without sets of real faces (--beside)."
    worse = [
        f"{figure} on {name}" for name in real for figure in (LIPS, OPENING) if not _no_worse(figure, sets[name], plan[name])
    ]
    own, other = sets["test"].means(), plan["test"].means()
    worse += [f"{figure} on known truth" for figure in (LIPS, UPPER) if not own[figure] < other[figure]]
    return f"may not ship: worse in {', '.join(worse)}." if worse else "may ship: no worse on real faces, better on known truth."


def _no_worse(figure: str, own: SetFigures, plan: SetFigures) -> bool:
    gap = difference([own], [plan], figure)
    return gap.low <= 0.0 if figure in ERRORS else gap.high >= 0.0


def difference(one: Sequence[SetFigures], other: Sequence[SetFigures], figure: str) -> Estimate:
    """How much greater a figure of the one is than that of the other, take by take, each the mean of several trainings, with the
    interval of a bootstrap over takes."""
    first, second = (np.mean([figures.rows[figure] for figures in several], axis=0) for several in (one, other))
    return bootstrap(first - second, mean_of)
