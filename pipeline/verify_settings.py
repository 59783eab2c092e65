"""What the checking of a film can be told."""

from __future__ import annotations

from dataclasses import dataclass

from core.option_kinds import YesNo
from core.options import N_, check_options, option


@dataclass(frozen=True)
class VerifySettings:
    """Which parts of the check are done besides the reading of what the film says of itself."""

    find_mark: bool = option(
        True,
        YesNo(),
        "whether the invisible mark is looked for in the pictures",
        label=N_("Look for the invisible mark"),
        in_form=False,
    )
    compare_lips: bool = option(
        True,
        YesNo(),
        "whether lips and voice are compared, which takes about as long as the film, at most a minute of it",
        label=N_("Compare lips and voice"),
        in_form=False,
    )

    def __post_init__(self) -> None:
        check_options(self)
