"""What the checking of a film can be told."""

from __future__ import annotations

from dataclasses import dataclass

from core.option_kinds import YesNo
from core.options import N_, check_options, option


@dataclass(frozen=True)
class VerifySettings:
    """Which parts of the check are done besides the reading of what the film says of itself."""

    skip_mark: bool = option(
        False,
        YesNo(),
        "whether the invisible mark is not looked for in the pictures",
        label=N_("Without the invisible mark"),
        in_form=False,
    )
    skip_lips: bool = option(
        False,
        YesNo(),
        "whether lips and voice are not compared, which takes about as long as the film, or as a minute of it",
        label=N_("Without lips and voice"),
        in_form=False,
    )

    def __post_init__(self) -> None:
        check_options(self)
