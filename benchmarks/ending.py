"""How every benchmark ends that can't go on: with a sentence on stderr and the exit code that belongs to it, not with a trace."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec

from core.errors import BelcantoError, Cancelled

Arguments = ParamSpec("Arguments")
Main = Callable[Arguments, int]


def ends_in_words(cancelled: str = "Cancelled.") -> Callable[[Main[Arguments]], Main[Arguments]]:
    """Around a benchmark's `main`, which returns the exit code. cancelled: what is said after Ctrl-C."""

    def around(main: Main[Arguments]) -> Main[Arguments]:
        @functools.wraps(main)
        def ended(*given: Arguments.args, **named: Arguments.kwargs) -> int:
            try:
                return main(*given, **named)
            except BelcantoError as error:
                print(error, file=sys.stderr)
                return error.exit_code
            except KeyboardInterrupt:
                print(cancelled, file=sys.stderr)
                return Cancelled.exit_code

        return ended

    return around
