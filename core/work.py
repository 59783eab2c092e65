"""Work of any kind in one shape: files by their roles and options go in, files by their roles and figures come out.

A kind of work has one card, `WorkKind`: all that the queue, the library and the pages need to know of it. The cards stand in
`pipeline/work_kinds.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from core.contracts import Progress
from core.entry_seal import EntrySeal
from core.errors import InputError
from core.messages import Message, message
from core.options import Declared, declared_options, options_json, read_options
from core.stage_cost import StageCost

#: Among an input's facts: what the person stated of whom it shows. Among a work's figures: the numbers of its signed films.
CONSENT, SIGNED = "consent", "signed"
#: What a file of the library is.
AssetKind = Literal["sound", "picture", "film", "motion"]
#: When work is done. `soon`: somebody looks on, and it takes seconds; `fair`: people take turns; `idle`: when nothing waits.
Turn = Literal["soon", "fair", "idle"]
TURNS: tuple[Turn, ...] = ("soon", "fair", "idle")


@dataclass(frozen=True)
class WorkInput:
    """One file that work is done on.

    title: what the person calls it; errors and notes speak of that, not of the server's names. facts: what the library knows of
    it, such as `duration_s`, `width`, `height`; by them the time left is told.
    """

    path: Path
    title: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def pixels(self) -> int:
        """Width x height; 0 where they are unknown."""
        return int(self.facts.get("width") or 0) * int(self.facts.get("height") or 0)

    def part_s(self, start_s: float = 0.0, duration_s: float | None = None) -> float:
        """How long the part is that begins at `start_s` and lasts `duration_s`, or to the end; 0 where the length is unknown."""
        rest_s = max(float(self.facts.get("duration_s") or 0.0) - start_s, 0.0)
        return min(duration_s or rest_s, rest_s)


@dataclass(frozen=True)
class WorkOrder:
    """One piece of work to be done.

    inputs: by role, as the kind's card names them. options: as the kind keeps them in JSON. outputs: the files to write, by role,
    in existing folders. title: of what is made. owner: whose work it is. folder: for temporary files; None: the system's.
    seal: by which caches seal what is made on the way; None: it lies open. request_id: by which request it was ordered,
    traceparent: on which trace it hangs, queued_s: when, in seconds since 1970; all unknown to whoever orders otherwise.
    """

    job_id: str
    kind: str
    inputs: Mapping[str, WorkInput]
    options: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Path] = field(default_factory=dict)
    title: str = ""
    owner: str = ""
    folder: Path | None = None
    seal: EntrySeal | None = None
    request_id: str = ""
    traceparent: str = ""
    queued_s: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The fields as JSON values, the seal with its secret; `from_json` reads them."""
        inputs = {role: {**vars(given), "path": str(given.path)} for role, given in self.inputs.items()}
        kept = {"folder": self.folder and str(self.folder), "seal": self.seal and self.seal.as_json()}
        return {**vars(self), **kept, "inputs": inputs, "outputs": {role: str(path) for role, path in self.outputs.items()}}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> WorkOrder:
        """The order that `as_json` wrote."""
        inputs = {role: WorkInput(**{**given, "path": Path(given["path"])}) for role, given in values["inputs"].items()}
        outputs = {role: Path(path) for role, path in values["outputs"].items()}
        folder, seal = values["folder"], values["seal"]
        kept = {"folder": folder and Path(folder), "seal": seal and EntrySeal.from_json(seal)}
        return cls(**{**values, **kept, "inputs": inputs, "outputs": outputs})

    def in_words_of_the_person(self, told: Message) -> Message:
        """The message with the person's titles in place of the server's file names and folders."""
        return told.with_texts(self._with_titles)

    def _with_titles(self, text: str) -> str:
        for given in self.inputs.values():
            shown = f"“{given.title}”" if given.title else given.path.name
            text = text.replace(str(given.path), shown).replace(given.path.name, shown)
        for path in self.outputs.values():
            text = text.replace(str(path), path.name).replace(str(path.parent), path.parent.name)
        return text


@dataclass(frozen=True)
class PlannedStage:
    """A stage of the work, as it is told by the progress callback.

    cost: what it takes on two common cores. learned_as: the name under which is kept what it took on this machine: stages that
    take as long have one name. paced: whether its units are its work from beginning to end, so that their pace tells what is
    left.
    """

    name: str
    cost: StageCost
    learned_as: str
    paced: bool = False


@dataclass(frozen=True)
class WorkPlan:
    """The stages in their order, and by what their time grows: length_s and pixels of what is made; 0: unknown."""

    length_s: float = 0.0
    pixels: int = 0
    stages: tuple[PlannedStage, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As JSON values; `from_json` reads them."""
        return {**vars(self), "stages": [{**vars(stage), "cost": vars(stage.cost)} for stage in self.stages]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> WorkPlan:
        """The plan that `as_json` wrote."""
        stages = tuple(PlannedStage(**{**stage, "cost": StageCost(**stage["cost"])}) for stage in values["stages"])
        return cls(**{**values, "stages": stages})


#: Does the work and returns its figures as JSON values; `notes` among them are messages as JSON, for the person. What the
#: progress callback raises ends the work, and leaves nothing behind.
Run = Callable[[WorkOrder, Progress], Mapping[str, Any]]
#: The stages of an order; `figures`: what came of it, where it is done, since that may say more about what it was.
Plan = Callable[[WorkOrder, "Mapping[str, Any] | None"], WorkPlan]


def unplanned(order: WorkOrder, figures: Mapping[str, Any] | None) -> WorkPlan:
    """For work of which nobody tells how long it takes."""
    return WorkPlan()


def nothing_lacks(options: Mapping[str, Any]) -> Message | None:
    """For work that every machine can do."""
    return None


def no_contents(options: Mapping[str, Any]) -> frozenset[str]:
    """For work that is made from files alone."""
    return frozenset()


def named_by_its_files(options: Mapping[str, Any]) -> str:
    """For work that its files tell from others."""
    return ""


@dataclass(frozen=True)
class NoWorkOptions:
    """For work that can be told nothing."""


def late(minutes: int) -> Message:
    """What is said of work that was not finished in time."""
    return message("core.work_late", count=minutes)


@dataclass(frozen=True)
class WorkKind:
    """The card of a kind of work.

    name: as jobs and works keep it. title: what pages call it, marked by `N_`. run, plan: see there; `run` imports what is
    heavy when it is called. inputs: its roles, each with the kind of file that it takes. outputs: roles of the files that it
    makes, each with their suffix; as_needed: those of them that it makes only where there is need. options: a frozen dataclass
    of declared options; where they are more than that, `declared` names all, and `settle` reads and checks them. turn: when it
    is done. measured_by: the kind of work that finds out about what was made, in an idle hour; its inputs and options are
    those of this work that have the same names. broke, late: what is said of work that ended in a way that no person should
    see, and of work that took longer than so many minutes. load: loads what the work needs, in a process that stands ready for
    it (`jobs/spare.py`). contents: of what the options themselves hold, as a text, the digests by which the stages' results
    know it, so that they go with the work. titled: what such work is called by its options; empty: by what it is made of.
    lacking: what this machine lacks for such options, told before the work is queued.
    stages: names of the stages in their order, for those that watch it being made. shows: the roles of those inputs whose people
    it makes say, sing or do something: that they agreed is stated first.
    """

    name: str
    title: str
    run: Run
    inputs: Mapping[str, AssetKind]
    outputs: Mapping[str, str] = field(default_factory=dict)
    options: type = NoWorkOptions
    declared: Callable[[], Iterable[Declared]] | None = None
    settle: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None
    plan: Plan = unplanned
    turn: Turn = "fair"
    measured_by: str | None = None
    broke: Message = field(default_factory=lambda: message("core.work_broke"))
    late: Callable[[int], Message] = late
    load: Callable[[], None] | None = None
    contents: Callable[[Mapping[str, Any]], frozenset[str]] = no_contents
    titled: Callable[[Mapping[str, Any]], str] = named_by_its_files
    lacking: Callable[[Mapping[str, Any]], Message | None] = nothing_lacks
    stages: tuple[str, ...] = ()
    as_needed: tuple[str, ...] = ()
    can_lack: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()

    @property
    def needed(self) -> frozenset[str]:
        """The roles of files without which it can't be done."""
        return frozenset(self.inputs) - frozenset(self.can_lack)

    @property
    def option_names(self) -> frozenset[str]:
        """The options' names in JSON."""
        return frozenset(each.name for each in self.all_options())

    def all_options(self) -> tuple[Declared, ...]:
        """Every option that it can be told."""
        return declared_options(self.options) if self.declared is None else tuple(self.declared())

    def settled(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The options as they are kept: checked, with their defaults. Raises `InputError`, also for unknown names."""
        if self.settle is not None:
            return self.settle(given)
        if unknown := sorted(set(given) - self.option_names):
            raise InputError("core.no_such_option", name=unknown[0][:60])
        return options_json(self.options(**read_options(self.options, given)))
