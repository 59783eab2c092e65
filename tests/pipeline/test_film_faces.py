"""The people in a film: who is told, what of each, and that a dub of the same part follows nobody again."""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from core.contracts import silent
from core.errors import InputError
from core.work import WorkInput, WorkOrder
from faces.tracking.snapshots import SIDE_PX, head_of
from faces.tracking.tracks import FaceState
from media.film_opening import open_film
from pipeline import film_faces as recipe
from pipeline.cli.faces import report_json
from pipeline.dub import dub
from pipeline.dub_settings import DubSettings
from pipeline.film_faces import film_faces, people_of
from pipeline.works.film_faces import FILM_FACES, picture_name
from tests.pipeline.dubbing import FPS, faces_of, film, red_lips, stages, tone


@pytest.fixture(scope="module")
def two_seconds(tmp_path_factory):
    return film(tmp_path_factory.mktemp("films") / "talk.mp4", 50)


def decoded(jpeg):
    with Image.open(io.BytesIO(jpeg)) as image:
        assert image.format == "JPEG"
        return np.asarray(image)


def test_everybody_is_told_with_what_is_seen_of_them(two_seconds):
    report = film_faces(two_seconds, stages=stages(2, lost=slice(10, 20)))
    assert [(face.number, face.seen, face.clear) for face in report.faces] == [(1, 1.0, 0.8), (2, 1.0, 1.0)]
    assert [face.chosen for face in report.faces] == [True, False] and all(face.reason is None for face in report.faces)
    assert (report.start_s, report.duration_s, report.width, report.height) == (0.0, 2.0, 96, 64)
    assert sorted(report.pictures) == [1, 2]
    assert all(decoded(picture).shape == (SIDE_PX, SIDE_PX, 3) for picture in report.pictures.values())
    assert json.loads(json.dumps(report_json(report)))["faces"][0]["clear"] == 0.8


def test_of_a_part_of_the_film_times_are_those_of_the_whole(two_seconds):
    report = film_faces(two_seconds, 0.8, 0.4, stages=stages())
    assert (report.start_s, report.duration_s) == (0.8, 0.4)
    assert report.faces[0].best_s == 0.8
    grey = decoded(report.pictures[1]).mean()
    assert abs(grey - (40 + 3 * 20)) < 6, "its picture is of the part's own frame"


def test_a_dub_of_that_part_follows_nobody_again(two_seconds, tmp_path):
    followed = []
    film_faces(two_seconds, 0.4, 1.2, stages=stages(2, followed=followed))
    settings = DubSettings(face="2", start_s=0.4, duration_s=1.2)
    short = tone(tmp_path / "v.wav", 0.8)
    report = dub(two_seconds, short, tmp_path / "o.mp4", settings, stages=stages(2, followed=followed), engine=red_lips())
    assert followed == [30] and report.frames == 20 and "faces" in report.cached_stages


def test_who_is_never_clear_is_told_why_and_is_not_chosen(two_seconds):
    source = open_film(two_seconds)
    found = faces_of(source, 3)
    states = np.full(source.count, FaceState.ABSENT, np.uint8)
    states[:20], states[20:30] = FaceState.COVERED, FaceState.TURNED
    tracks = (
        dataclasses.replace(found.tracks[0], state=states),
        dataclasses.replace(found.tracks[1], human=False),
        found.tracks[2],
    )
    first, second, third = people_of(dataclasses.replace(found, tracks=tracks), 0.0)
    assert (first.seen, first.clear, first.reason.code) == (0.6, 0.0, "pipeline.always_covered")
    assert (second.human, second.chosen, third.chosen) == (False, False, True), "animals only where there are no people"
    tracks = tracks[:2]
    assert [face.chosen for face in people_of(dataclasses.replace(found, tracks=tracks), 0.0)] == [False, True]


def test_a_head_at_the_border_is_shown_within_the_frame():
    face = faces_of_corner()
    frame = np.arange(64 * 96 * 3, dtype=np.uint32).reshape(64, 96, 3).astype(np.uint8)
    assert head_of(frame, face).shape == (44, 44, 3)
    huge = dataclasses.replace(face, box=(-50.0, -50.0, 200.0, 200.0))
    assert head_of(frame, huge).shape == (64, 64, 3)


def faces_of_corner():
    """A face of 20 px in the upper left corner."""
    from core.contracts import Face

    points = np.zeros((478, 3), np.float32)
    return Face(points, np.zeros(52, np.float32), (0.0, 0.0, 0.0), (0.0, 0.0, 20.0, 20.0), True)


def test_a_film_without_faces_has_nobody_and_one_picture_is_refused(two_seconds):
    report = film_faces(two_seconds, stages=stages(0))
    assert report.faces == () and report.pictures == {}
    with pytest.raises(InputError) as refused:
        film_faces(two_seconds, 0.0, 0.03, stages=stages())
    assert refused.value.message.code == "pipeline.film_of_one_frame"
    with pytest.raises(InputError):
        film_faces(two_seconds, 5.0, stages=stages())


def test_as_work_it_leaves_an_archive_of_pictures(two_seconds, tmp_path, monkeypatch):
    def known(film, start_s, duration_s, progress):
        return film_faces(film, start_s, duration_s, progress, stages(2))

    monkeypatch.setattr(recipe, "film_faces", known)
    facts = {"duration_s": 2.0, "width": 96, "height": 64}
    options = FILM_FACES.settled({"start_s": 0.5, "duration_s": 1})
    order = WorkOrder(
        "job", FILM_FACES.name, {"film": WorkInput(two_seconds, "Talk", facts)}, options, {"pictures": tmp_path / "p.zip"}
    )
    told = json.loads(json.dumps(FILM_FACES.run(order, silent)))
    assert [face["number"] for face in told["faces"]] == [1, 2] and told["duration_s"] == pytest.approx(1.0, abs=1 / FPS)
    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        assert archive.namelist() == [picture_name(1), picture_name(2)]
        decoded(archive.read("2.jpg"))
    plan = FILM_FACES.plan(order, None)
    assert plan.length_s == 1.0 and [stage.name for stage in plan.stages] == ["decode", "faces"]
    with pytest.raises(InputError):
        FILM_FACES.settled({"duration_s": 0})
