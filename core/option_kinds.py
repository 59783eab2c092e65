"""The kinds of values that options take: each reads, checks, stores and describes its values for every door."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from core.errors import InputError
from core.options import Declared

TRUE, FALSE = ("1", "true", "on", "yes", "y"), ("0", "false", "off", "no", "n")
#: Limits from here on are only there for safety.
SAFETY = 10_000.0
#: What a sentence repeats of a wrong value at most.
SHOWN = 40


def shown(value: object) -> str:
    """A value as a sentence repeats it."""
    return f"{value:g}" if isinstance(value, float) else str(value)[:SHOWN]


def end(limit: float) -> float:
    """The end of a range as a sentence has it: a whole number without a point."""
    return int(limit) if limit == int(limit) else limit


@dataclass(frozen=True)
class Number:
    """A number from `low` to `high`, kept to the thousandth where it is read.

    unit: for tables. step: of a slider in forms. above: whether it must be more than `low`.
    """

    low: float
    high: float
    unit: str = ""
    step: float | None = None
    above: bool = False

    def read(self, option: Declared, given: Any) -> float:
        """See `OptionKind`; a comma may stand for the point."""
        try:
            number = float(str(given).replace(",", ".")) if not isinstance(given, bool) else math.nan
        except ValueError:
            number = math.nan
        self._check(option, number, given)
        return round(number, 3)

    def argument(self, option: Declared, text: str) -> float:
        """See `OptionKind`."""
        return self.read(option, text)

    def check(self, option: Declared, value: Any) -> Any:
        """See `OptionKind`."""
        self._check(option, value, value)
        return value

    def _check(self, option: Declared, number: float, given: object) -> None:
        enough = number > self.low if self.above else number >= self.low
        if not (math.isfinite(number) and enough and number <= self.high):
            told = {**option.named(), "value": shown(given), "low": end(self.low), "high": end(self.high)}
            raise InputError("core.option_not_above" if self.above else "core.option_out_of_range", **told)

    def json(self, value: Any) -> Any:
        """See `OptionKind`."""
        return value

    def schema(self) -> dict[str, Any]:
        """See `OptionKind`."""
        lowest = "exclusiveMinimum" if self.above else "minimum"
        return {"type": "number", lowest: self.low, "maximum": self.high}

    def accepted(self) -> str:
        """See `OptionKind`; an upper limit that is only there for safety is not told."""
        if self.high >= SAFETY:
            return f"above {self.low:g}" if self.above else f"{self.low:g} or more"
        return f"{self.low:g} to {self.high:g}" + (f" {self.unit}" if self.unit else "")


@dataclass(frozen=True)
class Whole(Number):
    """A whole number from `low` to `high`."""

    def read(self, option: Declared, given: Any) -> int:
        """See `OptionKind`."""
        number = super().read(option, given)
        if number != int(number):
            raise InputError("core.option_not_whole", **option.named(), value=shown(given))
        return int(number)

    def check(self, option: Declared, value: Any) -> Any:
        """See `OptionKind`."""
        super().check(option, value)
        if value != int(value):
            raise InputError("core.option_not_whole", **option.named(), value=shown(value))
        return value

    def schema(self) -> dict[str, Any]:
        """See `OptionKind`."""
        return {"type": "integer", "minimum": int(self.low), "maximum": int(self.high)}


@dataclass(frozen=True)
class YesNo:
    """Yes or no."""

    def read(self, option: Declared, given: Any) -> bool:
        """See `OptionKind`."""
        text = str(given).strip().lower()
        if text not in TRUE + FALSE:
            raise InputError("core.option_not_true_or_false", **option.named(), value=shown(text))
        return text in TRUE

    def argument(self, option: Declared, text: str) -> bool:
        """See `OptionKind`."""
        return self.read(option, text)

    def check(self, option: Declared, value: Any) -> Any:
        """See `OptionKind`."""
        if not isinstance(value, bool):
            raise InputError("core.option_not_true_or_false", **option.named(), value=shown(value))
        return value

    def json(self, value: Any) -> Any:
        """See `OptionKind`."""
        return value

    def schema(self) -> dict[str, Any]:
        """See `OptionKind`."""
        return {"type": "boolean"}

    def accepted(self) -> str:
        """See `OptionKind`."""
        return ""


@dataclass(frozen=True)
class Choice:
    """One of `choices`, texts or whole numbers. titles: what forms say for them, marked by `N_`."""

    choices: tuple[Any, ...]
    titles: Mapping[Any, str] = field(default_factory=dict)

    def read(self, option: Declared, given: Any) -> Any:
        """See `OptionKind`."""
        for each in self.choices:
            if str(given) == str(each) and not isinstance(given, bool):
                return each
        raise InputError("core.option_not_among", **option.named(), value=shown(given), names=list(map(str, self.choices)))

    def argument(self, option: Declared, text: str) -> Any:
        """See `OptionKind`."""
        return self.read(option, text)

    def check(self, option: Declared, value: Any) -> Any:
        """See `OptionKind`."""
        return self.read(option, value)

    def json(self, value: Any) -> Any:
        """See `OptionKind`."""
        return value

    def schema(self) -> dict[str, Any]:
        """See `OptionKind`."""
        whole = all(isinstance(each, int) for each in self.choices)
        return {"type": "integer" if whole else "string", "enum": list(self.choices)}

    def accepted(self) -> str:
        """See `OptionKind`."""
        return ", ".join(map(str, self.choices))


@dataclass(frozen=True)
class Numbers:
    """At most `most` numbers from `low` to `high`: a list, or a text with commas between them (semicolons where the comma is the
    decimal sign). length: how many there must be, where that is fixed.
    """

    low: float
    high: float
    most: int
    unit: str = ""

    def read(self, option: Declared, given: Any) -> tuple[float, ...]:
        """See `OptionKind`."""
        if isinstance(given, str):
            plain = given.replace(",", ".").replace(";", ",") if ";" in given else given
            given = [part for part in plain.split(",") if part.strip()]
        return self.check(option, given)

    def argument(self, option: Declared, text: str) -> tuple[float, ...]:
        """See `OptionKind`."""
        return self.read(option, text)

    def check(self, option: Declared, value: Any) -> tuple[float, ...]:
        """See `OptionKind`."""
        if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > self.most:
            raise InputError("core.option_no_numbers", **option.named(), most=self.most)
        one = Number(self.low, self.high)
        return tuple(one.read(option, each) for each in value)

    def json(self, value: Any) -> Any:
        """See `OptionKind`."""
        return list(value)

    def schema(self) -> dict[str, Any]:
        """See `OptionKind`."""
        return {"type": "array", "maxItems": self.most, "items": Number(self.low, self.high).schema()}

    def accepted(self) -> str:
        """See `OptionKind`."""
        return f"{self.low:g} to {self.high:g}" + (f" {self.unit}" if self.unit else "")


@dataclass(frozen=True)
class Text:
    """Any text. multiline: whether it may have several lines, for which a form has room."""

    multiline: ClassVar[bool] = False

    def read(self, option: Declared, given: Any) -> str:
        """See `OptionKind`."""
        return str(given)

    def argument(self, option: Declared, text: str) -> str:
        """See `OptionKind`."""
        return text

    def check(self, option: Declared, value: Any) -> Any:
        """See `OptionKind`."""
        return value

    def json(self, value: Any) -> Any:
        """See `OptionKind`."""
        return value

    def schema(self) -> dict[str, Any]:
        """See `OptionKind`."""
        return {"type": "string"}

    def accepted(self) -> str:
        """See `OptionKind`."""
        return ""


@dataclass(frozen=True)
class FilePath(Text):
    """Path of a file on this machine. file_words: how a sentence calls the file."""

    file_words: str = "file"

    def read(self, option: Declared, given: Any) -> Any:
        """See `OptionKind`."""
        return Path(given)

    def argument(self, option: Declared, text: str) -> Any:
        """See `OptionKind`."""
        return Path(text)

    def check(self, option: Declared, value: Any) -> Any:
        """See `OptionKind`; JSON brings texts."""
        return Path(value)

    def json(self, value: Any) -> Any:
        """See `OptionKind`."""
        return str(value)


@dataclass(frozen=True)
class FolderPath(FilePath):
    """Path of a folder on this machine, whose files whoever asks for it looks through."""
