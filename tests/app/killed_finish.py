"""A program that finishes an upload and is killed at its n-th step, as a server can be: at any commit or renaming.

`python -m tests.app.killed_finish DATA_DIR PERSON UPLOAD STEP` ends with `KILLED` there, and with 0 where it had fewer steps.
"""

from __future__ import annotations

import os
import sys
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


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
