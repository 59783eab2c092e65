"""The head's movement as the mesh engine draws it: kept within its limits, and what hangs loosely behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from animators.mesh.settings import MeshSettings
from core.contracts import FloatArray, Motion
from core.easing import Lag, kept_within


@dataclass(frozen=True)
class Followed:
    """Yaw, pitch and roll in degrees (T, 3) and shifts in face widths (T, 3): of the head, and of hair and shoulders."""

    rotation: FloatArray
    translation: FloatArray
    late_rotation: FloatArray
    late_translation: FloatArray


class Following:
    """Goes along with a motion that is told piece by piece."""

    def __init__(self, settings: MeshSettings) -> None:
        self._settings = settings
        self._late_rotation, self._late_translation = Lag(settings.lag_s), Lag(settings.lag_s)

    def follow(self, motion: Motion) -> Followed:
        """The movement over the motion's next piece."""
        yaw = kept_within(motion.rotation_deg[:, :1], self._settings.furthest_yaw_deg)
        turn = kept_within(motion.rotation_deg[:, 1:], self._settings.furthest_turn_deg)
        rotation = np.concatenate([yaw, turn], axis=1)
        shift = kept_within(motion.translation[:, :2], self._settings.furthest_shift)
        nearness = kept_within(motion.translation[:, 2:], self._settings.furthest_nearness)
        translation = np.concatenate([shift, nearness], axis=1)
        late_rotation = self._late_rotation.follow(rotation, motion.fps)
        return Followed(rotation, translation, late_rotation, self._late_translation.follow(translation, motion.fps))
