"""What can be told about who performs: the song's own plan, or a trained network of the emotion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from core.errors import InputError
from core.messages import Message, message
from core.option_kinds import Choice, FilePath
from core.options import N_, TERMINAL_ONLY, option
from motion.emotion.settings import VARIABLE, known_model, needed_model

PerformanceName = Literal["plan", "deitalk"]
PLAN: PerformanceName = "plan"
LEARNED: PerformanceName = "deitalk"


class Performances(Choice):
    """Who performs. Forms offer the choice where there is a trained network."""

    @property
    def offered(self) -> bool:
        """Whether forms ask for it."""
        return known_model() is not None


def performer_lacking(options: Mapping[str, object]) -> Message | None:
    """What this machine lacks for who performs by these options, by their names in JSON; None: nothing."""
    if options.get("performance", PLAN) == PLAN or known_model() is not None:
        return None
    return message("motion.no_emotion_network", variable=VARIABLE)


@dataclass(frozen=True)
class Performed:
    """For settings of films whose face is performed to a sound."""

    performance: PerformanceName = option(
        PLAN,
        Performances(get_args(PerformanceName), {PLAN: N_("By the song's plan"), LEARNED: N_("By a trained network")}),
        "who performs the face: plan, by rules from what is heard, or deitalk, a trained network whose feeling changes its"
        " strength from moment to moment; blinks and gaze stay the plan's",
        label=N_("Who performs"),
        hint=N_("A network learned from people who speak with feeling; blinks and gaze stay the plan's."),
        section="emotion",
        guide=N_(
            "By the song's plan, the face follows rules from what is heard. A trained network gives lips, brows and cheeks as it "
            "learned them from people who speak with feeling, and says for every moment how strongly it feels."
        ),
    )
    performance_model: Path | None = option(
        None,
        FilePath("trained network"),
        "the trained network of --performance deitalk; without it the one that BELCANTO_EMOTION_MODEL names, or the program's"
        " own",
        metavar="MODEL",
        doors=TERMINAL_ONLY,
    )

    @property
    def is_learned(self) -> bool:
        """Whether a trained network performs."""
        return self.performance == LEARNED

    @property
    def network(self) -> Path | None:
        """The file of the network that performs; None where none does. Raises `MissingError` where it is not there."""
        return needed_model(self.performance_model) if self.is_learned else None

    def check_performance(self, motion: Path | None) -> None:
        """Raises `InputError` where a network is named that does not perform, or a recorded motion is there in its place."""
        if self.performance_model is not None and not self.is_learned:
            raise InputError("pipeline.performance_model_alone")
        if motion is not None and self.is_learned:
            raise InputError("pipeline.motion_has_its_own_performance")
