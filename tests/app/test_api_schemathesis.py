"""The API asked by schemathesis, which makes requests of all sorts from the document, good and bad ones, for every operation.

`EXAMPLES=200 pytest -s tests/app/test_api_schemathesis.py` asks more, and tells how many requests that were.
"""

from __future__ import annotations

import os
from collections import Counter

import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.api.openapi import PREFIX, document
from app.context import EXTENSION, PERSON_COOKIE
from app.live.client import KEY as LIVE
from tests.app.live.stand_in import standing_in

EXAMPLES = int(os.environ.get("EXAMPLES", "2"))
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
#: Streams that last as long as somebody looks on, and the whole of what the person has, gone.
LEFT_OUT = {"live_mp4", "live_mjpeg", "live_events", "job_events", "erase_library"}


@pytest.fixture
def operations(app):
    """Every operation of the document, bound to the application."""
    schema = schemathesis.openapi.from_dict(document())
    schema.app = app
    found = [each.ok() for each in schema.get_all_operations()]
    assert len(found) > 100
    return [each for each in found if each.definition.raw["operationId"] not in LEFT_OUT]


@pytest.fixture
def live(app):
    """A stand-in for the live process."""
    with standing_in() as server:
        app.extensions[LIVE] = server.client
        yield server


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["good", "bad"])
def test_every_answer_is_as_the_document_says(app, live, operations, person_id, song, picture, mode):
    cookie = {PERSON_COOKIE: app.extensions[EXTENSION].people.dumps(person_id)}
    statuses: Counter[int] = Counter()
    known = {"song_id": song.id, "picture_id": picture.id}

    def asked(operation):
        @hypothesis.settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
            phases=[hypothesis.Phase.generate],
        )
        @hypothesis.given(case=operation.as_strategy(mode))
        def ask(case):
            for name in set(case.path_parameters or {}) & set(known):
                case.path_parameters[name] = known[name]  # half of the way leads to things that are there
            answer = case.call_and_validate(cookies=cookie, checks=list(CHECKS), base_url=f"http://localhost{PREFIX}")
            statuses[answer.status_code] += 1

        return ask

    wrong = []
    for operation in operations:
        try:
            asked(operation)()
        except hypothesis.errors.Unsatisfiable:
            continue  # nothing can be wrong with what takes nothing
        except (Exception, FailureGroup) as error:  # noqa: BLE001 - all are told together
            told = error.exceptions if isinstance(error, BaseExceptionGroup) else [error]
            wrong += [f"{operation.label}: {each}" for each in told]
    print(f"\n{sum(statuses.values())} requests: {dict(sorted(statuses.items()))}")
    assert wrong == [], "\n\n".join(wrong)
    assert sum(statuses.values()) > len(operations) / 2 and len(statuses) > 3
