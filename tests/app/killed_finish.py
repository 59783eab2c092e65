"""Processes that finish an upload each and are killed at their n-th step, as a server can be: at any commit or renaming.

`python -m tests.app.killed_finish` reads lines of JSON, [data_dir, person, upload, step], starts a process for each, a copy
of itself that need not load everything anew, and prints how that ended: `KILLED` at the step, 0 where it had fewer.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.database import Database
from app.services.uploads import finish_upload
from app.settings import AppSettings

KILLED = 77


def main(data_dir: str, person_id: str, upload_id: str, last_step: int) -> None:
    """Finish the upload up to that step."""
    steps = 0

    def step(*_: object) -> None:
        nonlocal steps
        steps += 1
        if steps == last_step:
            os._exit(KILLED)  # nothing is cleaned up, as after `kill -9`

    rename = Path.replace

    def replace(self: Path, target: Path) -> Path:
        step()
        moved = rename(self, target)
        step()
        return moved

    Path.replace = replace  # type: ignore[method-assign]
    event.listen(Session, "before_commit", step)
    event.listen(Session, "after_commit", step)
    settings = AppSettings(data_dir=Path(data_dir))
    with Database(settings).session() as session:
        finish_upload(session, settings, person_id, upload_id)


def main_in_a_copy(arguments: tuple[str, str, str, int]) -> int:
    """The exit code of a new process that carries it out; 1 where it raises an error, which goes to stderr."""
    process = os.fork()
    if process == 0:
        code = 1
        try:
            main(*arguments)
            code = 0
        except BaseException:  # noqa: BLE001 - whatever it is, the copy must not go on as the program
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


if __name__ == "__main__":
    for line in sys.stdin:
        print(main_in_a_copy(json.loads(line)), flush=True)
