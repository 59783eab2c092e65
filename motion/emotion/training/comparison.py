"""The tables of a comparison of several networks, each trained with several seeds: means with intervals over seeds, and what each
is worse or better by than the whole network, take by take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from motion.emotion.training.evaluation import LIPS, UPPER, SetFigures
from motion.emotion.training.predictors import PLAN
from motion.emotion.training.report import difference, lost_on_long, lost_table, table, verdict
from motion.singing.training.measures import Estimate

#: Student's t of a 95 % interval, by the number of seeds.
STUDENT = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776}
WHOLE = "whole"

#: Figures by set, of each seed.
Seeds = Mapping[int, Mapping[str, SetFigures]]


def over_seeds(values: Sequence[float]) -> Estimate:
    """The mean with Student's interval over trainings; of one training the value alone."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return Estimate(mean, mean, mean)
    student = STUDENT.get(len(values), 2.0)
    half = student * float(np.std(values, ddof=1)) / np.sqrt(len(values))
    return Estimate(mean, mean - half, mean + half)


def comparison_tables(known: Mapping[str, Seeds]) -> tuple[str, dict[str, Any]]:
    """Markdown, and the same as values for JSON. known: of each network, by its name, what each seed's training gave."""
    sets = list(dict.fromkeys(name for seeds in known.values() for figures in seeds.values() for name in figures))
    lines: list[str] = []
    values: dict[str, Any] = {}
    for name in sets:
        rows = {title: estimates(seeds, name) for title, seeds in known.items() if _all_have(seeds, name)}
        values[name] = {title: {figure: asdict(value) for figure, value in row.items()} for title, row in rows.items()}
        lines += [f"## {name}: {_takes(known, name)} takes, mean and 95 % interval over seeds", "", *table(rows), ""]
    if WHOLE in known:
        gaps = {title: gap_to_whole(seeds, known[WHOLE]) for title, seeds in known.items() if title != WHOLE}
        values["worse than whole by"] = {title: {name: asdict(gap) for name, gap in row.items()} for title, row in gaps.items()}
        lines += ["## Test: worse than the whole by (95 % interval over takes; better where negative)", "", *_gap_table(gaps), ""]
        lost = {title: _mean_lost(seeds) for title, seeds in known.items() if _all_have(seeds, "long")}
        lines += ["## Long takes against usual ones, mean of the seeds", "", *lost_table(lost), ""]
        values["lost on long takes"] = lost
        if PLAN in known:
            lines += ["## In place of the plan-based performance", ""]
            plan = known[PLAN][0]
            lines += [f"- {WHOLE}, seed {seed}: {verdict(figures, plan)}" for seed, figures in known[WHOLE].items()]
    return "\n".join(lines).rstrip() + "\n", values


def estimates(seeds: Seeds, name: str) -> dict[str, Estimate]:
    """The figures of one network on a set."""
    means = [figures[name].means() for figures in seeds.values()]
    return {figure: over_seeds([each[figure] for each in means]) for figure in means[0] if all(figure in each for each in means)}


def gap_to_whole(seeds: Seeds, whole: Seeds) -> dict[str, Estimate]:
    """By how much the errors of the test part are greater than the whole network's."""
    own, other = ([figures["test"] for figures in each.values()] for each in (seeds, whole))
    return {figure: difference(own, other, figure) for figure in (LIPS, UPPER)}


def _gap_table(gaps: Mapping[str, Mapping[str, Estimate]]) -> list[str]:
    lines = [f"| | {LIPS} | {UPPER} | worse in both |", "|---|---|---|---|"]
    for title, row in gaps.items():
        cells = [f"{row[name].value:+.5f} ({row[name].low:+.5f} to {row[name].high:+.5f})" for name in (LIPS, UPPER)]
        sure = all(row[name].low > 0.0 for name in (LIPS, UPPER))
        worse = all(row[name].value > 0.0 for name in (LIPS, UPPER))
        lines.append(f"| {title} | {' | '.join(cells)} | {'yes' if sure else 'on the whole' if worse else 'no'} |")
    return lines


def _mean_lost(seeds: Seeds) -> dict[str, float]:
    lost = [lost_on_long(figures) for figures in seeds.values()]
    return {name: float(np.mean([each[name] for each in lost])) for name in lost[0]}


def _all_have(seeds: Seeds, name: str) -> bool:
    return all(name in figures for figures in seeds.values())


def _takes(known: Mapping[str, Seeds], name: str) -> int:
    return next(len(figures[name].takes) for seeds in known.values() for figures in seeds.values() if name in figures)
