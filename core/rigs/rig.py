"""What a face rig is here: named curves in a fixed order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rig:
    """The curves of a face, one column of an array (T, len(curves)) each.

    name: as options and files call it.
    curves: the names, in the columns' order.
    lips: the columns that a lip error looks at (LPE of Shen et al., "DEITalk", 2024).
    upper: those of eyes, brows and forehead (EPE of the same paper); neither blinks nor gaze, which speech does not tell.
    """

    name: str
    curves: tuple[str, ...]
    lips: tuple[int, ...]
    upper: tuple[int, ...]

    def column(self, curve: str) -> int:
        """Where a curve stands. Raises ValueError where the rig has none of that name."""
        return self.curves.index(curve)
