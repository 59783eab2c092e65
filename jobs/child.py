"""What runs in the process that does one piece of work: a program calls `main` with the kinds that it knows.

The order comes as one line of JSON on stdin, and `cancel` may follow; plan, progress and outcome go as lines of JSON to stdout.
Work has a process of its own so that its compiled loops hold up no page, and a crash in a native library ends it alone.
"""

from __future__ import annotations

import _thread
import contextlib
import json
import logging
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

from core.entry_seal import sealed_by
from core.errors import BelcantoError, Cancelled, InputError, MissingError
from core.finishing import signed_films, stating
from core.messages import message
from core.watching.ids import working_for
from core.watching.logs import begin_log
from core.watching.traces import StageSpans, begin_traces, end_traces
from core.work import CONSENT, SIGNED, WorkKind, WorkOrder
from jobs.orphan_guard import PARENT_DIED, be_nice, die_with_parent, watch_pipe

CANCEL = b"cancel\n"
#: The argument of a process that stands ready.
AHEAD = "ahead"
#: Progress is told at most this often, a new stage always.
TELL_INTERVAL_S = 0.2
#: A stage that tells no progress for this long after the wish to cancel is interrupted where it is.
PATIENCE_S = 1.0

NO_MEMORY = message("core.too_little_memory")


class Voice:
    """Lines of JSON to the parent, and the wish to cancel that is looked at with every progress."""

    def __init__(self, descriptor: int) -> None:
        self._pipe = os.fdopen(descriptor, "w", encoding="utf-8")
        self._stage, self._told_s = "", 0.0
        self._unwanted = threading.Event()
        #: what the stages are traced by.
        self.stages = StageSpans("")

    def tell(self, **values: Any) -> None:
        """One line."""
        self._pipe.write(json.dumps(values) + "\n")
        self._pipe.flush()

    def progress(self, stage: str, done: int, total: int) -> None:
        """The pipeline's progress callback. Raises `Cancelled` where the work is no longer wanted."""
        if self._unwanted.is_set():
            raise Cancelled("core.cancelled")
        self.stages.at(stage)
        now_s = time.monotonic()
        if stage != self._stage or now_s - self._told_s >= TELL_INTERVAL_S:
            self._stage, self._told_s = stage, now_s
            self.tell(progress=[stage, done, total])

    def hear(self, line: bytes) -> None:
        """A line of the parent."""
        if line == CANCEL and not self._unwanted.is_set():
            self._unwanted.set()
            interrupt = threading.Timer(PATIENCE_S, _thread.interrupt_main)
            interrupt.daemon = True
            interrupt.start()


def work(kind: WorkKind, order: WorkOrder, voice: Voice) -> int:
    """Do the work and tell the outcome; returns the exit code. An error that is not for persons goes to stderr as it is."""
    try:
        voice.tell(plan=kind.plan(order, None).as_json())
        with stating(consent_of(order)):
            figures = {**kind.run(order, voice.progress), **({SIGNED: list(signed)} if (signed := signed_films()) else {})}
    except (Cancelled, KeyboardInterrupt):
        voice.tell(failed="cancelled")
        return Cancelled.exit_code
    except BelcantoError as error:
        why = "input" if isinstance(error, InputError) else "missing" if isinstance(error, MissingError) else "unexpected"
        voice.tell(failed=why, message=error.message.as_json())
        return error.exit_code
    except MemoryError:
        voice.tell(failed="input", message=NO_MEMORY.as_json())
        return InputError.exit_code
    voice.tell(finished=figures, plan=kind.plan(order, figures).as_json())
    return 0


def consent_of(order: WorkOrder) -> Mapping[str, Any]:
    """What the person stated of the picture or film that shows somebody; empty where nothing was."""
    stated = (given.facts.get(CONSENT) for given in order.inputs.values())
    return next((each for each in stated if each), {})


def load_ahead(kinds: Iterable[WorkKind]) -> None:
    """Load what work needs that somebody looks on for. What can't be loaded is told by the work that needs it."""
    for kind in kinds:
        with contextlib.suppress(BelcantoError, ImportError):
            if kind.load is not None:
                kind.load()


def main(arguments: list[str], kinds: Iterable[WorkKind]) -> int:
    """Read the order, do the work, as the arguments PARENT NICENESS say; returns the exit code.

    With AHEAD as the third, what such work needs is loaded before the order comes, which may be never.
    """
    die_with_parent(int(arguments[0]))
    be_nice(int(arguments[1]))
    voice = Voice(os.dup(1))
    os.dup2(2, 1)  # native libraries that print must not print amid the lines
    known = {each.name: each for each in kinds}
    if arguments[2:] == [AHEAD]:
        load_ahead(known.values())
    if not (line := sys.stdin.buffer.readline()):
        return 0  # it stood ready in vain
    order = WorkOrder.from_json(json.loads(line))
    kind = known[order.kind]
    watch_pipe(sys.stdin.buffer, voice.hear, lambda: os._exit(PARENT_DIED))
    if order.folder is not None:
        tempfile.tempdir = str(order.folder)
    begin_log(level=logging.WARNING)
    begin_traces("belcanto-work")
    voice.stages = StageSpans(order.traceparent)
    try:
        with sealed_by(order.seal), working_for(order.request_id, order.job_id, order.traceparent):
            return work(kind, order, voice)
    finally:
        voice.stages.end()
        end_traces()


def leave(exit_code: int) -> None:
    """End the process at once: all is closed and told; taking the libraries down in good order would cost a second or two."""
    sys.stderr.flush()
    os._exit(exit_code)
