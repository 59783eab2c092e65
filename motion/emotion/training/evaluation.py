"""Figures of what a network tells of takes, one row a take, and their means with intervals.

On sets that know the truth: errors of lips and upper face, agreement of the saliency with the true one beside two broken
pairings, the style as a reader of true faces reads it. On real faces: errors, and the agreement of the lips' opening.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from motion.emotion.training.in_step import openness
from motion.emotion.training.measures import StyleReader, controls, greatest_error, saliency_agreement
from motion.emotion.training.predictors import Predictor, Told
from motion.emotion.training.prepare import Example
from motion.singing.training.measures import Estimate, bootstrap, correlation, mean_of

#: Figures by the names that reports use.
LIPS, UPPER, OPENING, VELOCITY = "LPE", "EPE", "opening r", "speed error"
SALIENCY, STYLE, STYLE_OF_TRUTH = "saliency r", "style read", "style read of true faces"
#: Figures of which less is better.
ERRORS = (LIPS, UPPER, VELOCITY)


@dataclass(frozen=True)
class SetFigures:
    """takes: names of a set's takes. rows: of each figure its value for every take (NaN where it has none)."""

    takes: tuple[str, ...]
    rows: Mapping[str, FloatArray]

    def estimates(self) -> dict[str, Estimate]:
        """The means over takes with intervals of a bootstrap over takes; figures that no take has are left out."""
        return {name: bootstrap(values, mean_of) for name, values in self.rows.items() if np.isfinite(values).any()}

    def means(self) -> dict[str, float]:
        """The means over takes alone."""
        return {name: mean_of(values) for name, values in self.rows.items() if np.isfinite(values).any()}


def figures_of(predictor: Predictor, examples: Sequence[Example], reader: StyleReader | None) -> SetFigures:
    """All figures of the takes. reader: None where the set has one style alone, which tells nothing."""
    told = [predictor.tell(example) for example in examples]
    rig = predictor.rig
    rows: dict[str, list[float]] = {name: [] for name in (LIPS, UPPER, VELOCITY, OPENING)}
    for example, each in zip(examples, told, strict=True):
        rows[LIPS].append(greatest_error(each.curves, example.curves, rig.lips))
        rows[UPPER].append(greatest_error(each.curves, example.curves, rig.upper))
        rows[VELOCITY].append(float(np.square(np.diff(each.curves - example.curves, axis=0)).mean()))
        rows[OPENING].append(_opening_agreement(each.curves, example.curves, rig.name))
    if reader is not None:
        pairs = list(zip(examples, told, strict=True))
        rows[STYLE] = [float(reader.read(each.curves) == example.take.style) for example, each in pairs]
        rows[STYLE_OF_TRUTH] = [float(reader.read(example.curves) == example.take.style) for example, _ in pairs]
    rows |= _saliency_rows(examples, told)
    return SetFigures(tuple(example.take.name for example in examples), {name: np.array(row) for name, row in rows.items()})


def _opening_agreement(told: FloatArray, true: FloatArray, rig: str) -> float:
    """Pearson's r of how far the lips are parted; NaN on a rig whose opening is told by other curves."""
    return correlation(openness(told).astype(np.float64), openness(true).astype(np.float64)) if rig == "arkit" else float("nan")


def _saliency_rows(examples: Sequence[Example], told: Sequence[Told]) -> dict[str, list[float]]:
    """The saliency's agreement with the truth, and that of broken pairings; NaN for a take where either is not known, and none
    where fewer than two are."""
    known = {
        place: (each.saliency, example.saliency)
        for place, (example, each) in enumerate(zip(examples, told, strict=True))
        if each.saliency is not None and example.saliency is not None
    }
    if len(known) < 2:
        return {}
    own, true = [one for one, _ in known.values()], [other for _, other in known.values()]
    found = {SALIENCY: [saliency_agreement(one, other) for one, other in known.values()]}
    found |= {f"{SALIENCY}, {name}": values for name, values in controls(own, true).items()}
    return {name: _at_places(known, values, len(examples)) for name, values in found.items()}


def _at_places(places: Iterable[int], values: Sequence[float], count: int) -> list[float]:
    """Values of some of `count` takes; NaN elsewhere."""
    row = [float("nan")] * count
    for place, value in zip(places, values, strict=True):
        row[place] = value
    return row
