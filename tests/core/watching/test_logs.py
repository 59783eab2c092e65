"""Lines of the logs: as JSON or for people, with the ids of whom they are for."""

from __future__ import annotations

import json
import logging
import subprocess
import sys

import pytest

from core.errors import InputError, MissingError
from core.watching import traces
from core.watching.ids import request_id, request_id_of, trace, working_for
from core.watching.logs import PLAIN, JsonLines, PlainLines, kind_of_log
from core.watching.traces import StageSpans, begin_span, begin_traces, span


def record(text="a %s", *values, error=None):
    return logging.LogRecord("room", logging.WARNING, __file__, 1, text, values, error)


def test_json_lines_bear_the_ids():
    with working_for("request-1", "job-1", "trace-1"):
        line = json.loads(JsonLines().format(record("a %s", "“ß”\nb")))
        assert trace() == "trace-1"
    assert line["message"] == "a “ß”\nb" and line["level"] == "WARNING" and line["logger"] == "room"
    assert (line["request"], line["job"]) == ("request-1", "job-1") and line["at"].endswith("Z")
    outside = json.loads(JsonLines().format(record("b")))
    assert "request" not in outside and "job" not in outside and request_id() == trace() == ""


def test_a_traceback_stays_in_its_line():
    try:
        raise ValueError("broken")
    except ValueError:
        text = JsonLines().format(record("it", error=sys.exc_info()))
    assert "\n" not in text and "ValueError: broken" in json.loads(text)["error"]


def test_plain_lines_bear_them_behind():
    with working_for("request-1"):
        assert PlainLines(PLAIN).format(record("b")).endswith("WARNING b [request=request-1]")
    assert PlainLines(PLAIN).format(record("b")).endswith("WARNING b")


@pytest.mark.parametrize("given", [None, "", "short", "with blank in it", "x" * 65, "Zeile\nzwei-und-mehr", "ä" * 10])
def test_what_is_no_id_gets_one(given):
    made = request_id_of(given)
    assert made != given and len(made) == 32 and int(made, 16) >= 0
    assert request_id_of("abc-123.X_y") == "abc-123.X_y"


def test_settings_that_are_none_are_told(monkeypatch):
    assert kind_of_log({}) == "text" and kind_of_log({"BELCANTO_LOG": "json"}) == "json"
    with pytest.raises(InputError, match="BELCANTO_LOG is 'xml'"):
        kind_of_log({"BELCANTO_LOG": "xml"})
    with pytest.raises(InputError, match="BELCANTO_TRACES"):
        begin_traces("here", {"BELCANTO_TRACES": "collector:4318"})
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(MissingError, match="opentelemetry-sdk"):
        begin_traces("here", {"BELCANTO_TRACES": "http://127.0.0.1:1"})


def test_without_traces_nothing_is_loaded_and_nothing_told():
    code = "import sys, core.watching.traces as t; t.begin_traces('x', {}); t.begin_span('a').end(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "core.watching.traces" in loaded and "opentelemetry" not in loaded
    assert traces._tracer is None
    with span("a", kind="b") as made:
        made.set(more=1)
        assert made.traceparent == "" and begin_span("c", "nonsense").traceparent == ""
    stages = StageSpans("")
    stages.at("frames")
    stages.end()
