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
from core.options import read_options
from pipeline.engine_list import ENGINES
from pipeline.film_settings import SongToVideoSettings
from pipeline.inspecting.inspection import ROOT, child_environment

#: The first look may have to compile modules on a machine that makes a film.
TIME_S = 60.0
NO_ANSWER = "The engines can't be looked at because of an error in the program ({reason})."


def engines_lacking(options: Mapping[str, Any] | None = None) -> dict[str, str | None]:
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
        raise MissingError(NO_ANSWER.format(reason=last[:200])) from error
    except subprocess.TimeoutExpired as error:
        raise MissingError(NO_ANSWER.format(reason=f"no answer within {TIME_S:g} s")) from error
    found: dict[str, str | None] = json.loads(done.stdout)
    return found


def look(options: Mapping[str, Any]) -> dict[str, str | None]:
    """The child's work: as `engines_lacking`. A room whose packages are missing tells them in its place."""
    from pipeline.engines import lacking

    found: dict[str, str | None] = {}
    for engine in ENGINES:
        own = engine.options(**read_options(engine.options, options))
        try:
            found[engine.name] = lacking(engine, SongToVideoSettings(engine=engine.name, engine_options=own))
        except MissingError as error:
            found[engine.name] = str(error)
    return found


if __name__ == "__main__":
    print(json.dumps(look(json.load(sys.stdin))))
