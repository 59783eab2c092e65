"""Settings of the mesh engine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MeshSettings:
    """How the mesh engine renders."""

    #: Threads for the pixel work; 0 takes every core this process may use, at most 8.
    threads: int = 0
    #: Furthest the film turns the head away from the picture's own pose, to the sides, and up, down or over; what asks for
    #: more eases into it.
    furthest_yaw_deg: float = 18.0
    furthest_turn_deg: float = 18.0
    #: Furthest the film moves the head, in face widths: in the picture, and to the viewer or away.
    furthest_shift: float = 0.12
    furthest_nearness: float = 0.12
    #: Time in which hair and shoulders catch up with the head.
    lag_s: float = 0.14
    #: How far irises stand before the lids' corners, in eye spans: by it they go along with a turn of the head.
    irises_stand_out: float = 0.0
    #: Shapes, by how their names begin, that are drawn so many times larger than usual.
    larger: tuple[tuple[str, float], ...] = ()
    #: How many times lighter than in a mouth that sings the lower teeth are, which a broad smile bares.
    lower_light: float = 1.0


#: For films that follow a driver, whose head turns and comes nearer more than a singer's, whose eyes open wider, and whose gaze
#: is seen to stay or to go while the head turns.
DRIVEN = MeshSettings(
    furthest_yaw_deg=24.0,
    furthest_shift=0.08,
    furthest_nearness=0.35,
    irises_stand_out=0.03,
    larger=(
        ("eyeWide", 1.8),
        ("brow", 1.3),
        ("mouthLowerDown", 1.35),
        ("mouthUpperUp", 1.35),
        ("eyeLookDown", 2.0),
        ("eyeLookUp", 2.0),
    ),
    lower_light=1.25,
)
