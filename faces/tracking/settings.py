"""What the tracking of faces may be told; the numbers were set on films of eighteen people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrackingSettings:
    """How faces are looked for and followed, and when one is seen well enough.

    Angles are of the head, in degrees; a state that was entered is left only once the angle is `angle_slack_deg` smaller.
    """

    #: how often new faces are looked for, in seconds, and in small tiles of the frame.
    look_every_s: float = 0.24
    look_closely_every_s: float = 1.2
    #: how long a face may be lost before it is another one that comes back.
    lost_s: float = 0.3
    #: persons who are seen for less are passers-by.
    passer_by_s: float = 0.5
    #: most people of a film.
    most_people: int = 12
    #: least scores of the networks, 0 to 1.
    min_detection: float = 0.5
    min_presence: float = 0.5
    #: beyond these angles half the mouth is out of sight.
    max_yaw_deg: float = 45.0
    max_pitch_deg: float = 35.0
    angle_slack_deg: float = 4.0
    #: least width of the mouth in pixels, and the part by which a small one must grow to be large enough again.
    min_mouth_px: float = 16.0
    size_slack: float = 0.1
    #: how far a place around the mouth may differ from what it usually is, in Lab, and the part of such places that says that
    #: something is before the mouth.
    usual_difference: float = 22.0
    covered_part: float = 0.34
    #: shortest time in a state.
    least_state_s: float = 0.2
    #: how alike two faces must look to be one person's, -1 to 1 (`appearance.py`).
    same_person: float = 0.5
