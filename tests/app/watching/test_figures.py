"""The figures that the program tells, and that every query of the dashboard and of the alerts asks for one of them."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from datetime import timedelta

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from app.database import writing
from app.models import now
from app.watching.announcing import write
from app.watching.moving import stuck_because
from app.watching.worker_port import WorkerPort
from core.errors import InputError
from core.places import ROOT
from jobs.figures import FIGURES, Figures
from tests.app.watching.test_living import PLAIN

NAME = re.compile(r"belcanto_[a-z_]+")
SELECTOR = re.compile(r"(belcanto_[a-z_]+)\{([^}]*)\}")


def fill(figures):
    """Each figure seen once, as a worker would."""
    figures.waited("song_to_film", 1.0)
    figures.ended("song_to_film", "finished", 2.0)
    figures.failed("song_to_film", "core.work_broke")
    figures.made("song_to_film", {"frames": 2.0, "mux": 0.1}, ["separate"], 50, "frames")


def told(text):
    """Names of samples, each with the names of its labels."""
    return {sample.name: set(sample.labels) for family in text_string_to_metric_families(text) for sample in family.samples}


@pytest.fixture
def samples(app):
    fill(FIGURES)
    client = app.test_client()
    client.get("/healthz")
    return told(client.get("/metrics").text)


def queries():
    board = json.loads((ROOT / "deploy/grafana/belcanto.json").read_text())
    yield from (target["expr"] for panel in board["panels"] for target in panel["targets"])
    alerts = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())
    yield from (rule["expr"] for group in alerts["groups"] for rule in group["rules"])


def wrong_with(query, samples):
    """What a query asks for that nobody tells."""
    wrong = [name for name in NAME.findall(query) if name not in samples]
    for name, labels in SELECTOR.findall(query):
        wrong += [f"{name}:{label}" for label in re.findall(r"(\w+)\s*[=!]", labels) if label not in samples.get(name, ())]
    for labels in re.findall(r"by \(([^)]*)\)", query):
        known = set().union(*(samples.get(name, set()) for name in NAME.findall(query)), {"instance", "job"})
        wrong += [label for label in re.split(r",\s*", labels) if label not in known]
    return wrong


def test_every_query_asks_for_what_is_told(samples):
    asked = list(queries())
    assert len(asked) > 15
    assert not {query: wrong for query in asked if (wrong := wrong_with(query, samples))}
    page = (ROOT / "docs/WATCHING.md").read_text()
    known = {name.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum") for name in samples}
    assert set(NAME.findall(page)) <= known


def test_a_query_for_nothing_is_found(samples):
    assert wrong_with("sum(belcanto_lost)", samples) == ["belcanto_lost"]
    assert wrong_with('belcanto_jobs{colour="red"}', samples) == ["belcanto_jobs:colour"]
    assert wrong_with("sum by (colour) (belcanto_jobs)", samples) == ["colour"]


def test_figures_say_what_was_made():
    figures = Figures()
    fill(figures)

    def value(name, **labels):
        return figures.registry.get_sample_value(name, labels)

    assert value("belcanto_stage_seconds_sum", kind="song_to_film", stage="frames") == 2.0
    assert value("belcanto_frames_per_second_sum", kind="song_to_film") == 25.0
    assert value("belcanto_frames_total", kind="song_to_film") == 50
    assert value("belcanto_cache_total", stage="separate", found="yes") == 1
    assert value("belcanto_cache_total", stage="frames", found="no") == 1
    assert value("belcanto_failures_total", kind="song_to_film", code="core.work_broke") == 1
    assert value("belcanto_job_seconds_sum", kind="song_to_film", outcome="finished") == 2.0


def test_work_that_does_not_move_is_told(app, session, film):
    client = app.test_client()
    assert stuck_because(session, 600) == ""
    with writing(session):
        film.job.queued_at -= timedelta(seconds=700)
    assert "no worker lives" in stuck_because(session, 600)
    assert client.get("/readyz").status_code == 503 and "no worker lives" in client.get("/readyz").json["checks"]["work"]
    assert "belcanto_stuck 1.0" in client.get("/metrics").text and "belcanto_undoable_jobs 1.0" in client.get("/metrics").text
    with writing(session):
        write(session, "one", PLAIN, None)
    session.info.pop("living_workers", None)
    assert "none of the 1 workers that live has taken any" in stuck_because(session, 600)
    with writing(session):
        film.job.engine = "liveportrait"
    assert "can do them" in stuck_because(session, 600)
    with writing(session):
        film.job.state, film.job.started_at = "running", now()
    assert stuck_because(session, 600) == ""


def test_a_job_that_moves_is_no_trouble(session, film, rows):
    with writing(session):
        film.job.queued_at -= timedelta(seconds=700)
        film.job.started_at = now() - timedelta(seconds=700)
    assert stuck_because(session, 600)
    with writing(session):
        film.job.started_at = now()  # it was begun a moment ago and waits again
    assert stuck_because(session, 600) == ""


def test_a_worker_s_port_tells_figures_and_life():
    alive = [True]
    port = WorkerPort(0, lambda: alive[0], "127.0.0.1")
    address = f"http://127.0.0.1:{port.port}"
    try:
        assert "belcanto_failures" in urllib.request.urlopen(f"{address}/metrics").read().decode()
        assert urllib.request.urlopen(f"{address}/healthz").read() == b"ok\n"
        alive[0] = False
        with pytest.raises(urllib.error.HTTPError, match="503"):
            urllib.request.urlopen(f"{address}/healthz")
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{address}/else")
        with pytest.raises(InputError, match="can't listen"):
            WorkerPort(port.port, lambda: True, "127.0.0.1")
    finally:
        port.close()
