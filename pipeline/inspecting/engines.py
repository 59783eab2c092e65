"""Asks what each engine lacks on this machine, in a process of its own: the rooms that know it bring arrays and networks along.

`python -m pipeline.inspecting.engines` reads options of engines as JSON on stdin and answers in JSON on stdout. This module
is quick to import.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from core.errors import MissingError
from core.messages import Message, message_from_json
from core.options import read_options
from pipeline.engine_list import ENGINES
from pipeline.film_settings import SongToVideoSettings
from pipeline.inspecting.inspection import ROOT, child_environment

#: The first look may have to compile modules on a machine that makes a film.
TIME_S = 60.0


def engines_lacking(options: Mapping[str, Any] | None = None) -> dict[str, Message | None]:
    """What each engine lacks, by its name: the engine's own sentence, or None where it can run. Takes a second or two.

    options: of engines, by their names in JSON, which may ask for other weights; left out, the defaults. Raises InputError for
    options that are out of range, MissingError where there is no answer.
    """
    given = dict(options or {})
    for engine in ENGINES:
        read_options(engine.options, given)  # a wrong one is told here
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__],
            cwd=ROOT,
            input=json.dumps(given),
            capture_output=True,
            text=True,
            timeout=TIME_S,
            env=child_environment(),
            check=True,
        )
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or [""])[-1]
        raise MissingError("pipeline.engines_not_looked_at", reason=last[:200]) from error
    except subprocess.TimeoutExpired as error:
        raise MissingError("pipeline.engines_not_looked_at", reason=f"no answer within {TIME_S:g} s") from error
    found: dict[str, Any] = json.loads(done.stdout)
    return {name: None if lack is None else message_from_json(lack) for name, lack in found.items()}


def look(options: Mapping[str, Any]) -> dict[str, Message | None]:
    """The child's work: as `engines_lacking`. A room whose packages are missing tells them in its place."""
    from pipeline.engines import lacking

    found: dict[str, Message | None] = {}
    for engine in ENGINES:
        own = engine.options(**read_options(engine.options, options))
        try:
            found[engine.name] = lacking(engine, SongToVideoSettings(engine=engine.name, engine_options=own))
        except MissingError as error:
            found[engine.name] = error.message
    return found


if __name__ == "__main__":
    answer = {name: None if lack is None else lack.as_json() for name, lack in look(json.load(sys.stdin)).items()}
    print(json.dumps(answer))
