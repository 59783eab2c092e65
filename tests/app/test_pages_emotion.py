"""Emotion on the pages, as a browser without JavaScript sees it: ordered by a text field, shown with the film, made again."""

from __future__ import annotations

import re

import pytest

from app.database import writing
from app.pages.curves import line_of_points, line_of_values, style_parts, words_of
from app.services.films import list_films
from app.services.jobs import list_jobs
from tests.app.emotions import EMOTION
from tests.app.test_pages_wizard import order_form, visitor

__all__ = ["visitor"]


def points_in(page, name):
    """The line of that class in the drawing, as pairs, to half a unit."""
    found = re.search(rf'<polyline class="{name}" points="([^"]*)"', page)
    return [tuple(round(2 * float(part)) / 2 for part in pair.split(",")) for pair in found[1].split()]


def half(number):
    """To half a unit of the drawing."""
    return round(2 * round(number, 1)) / 2


def value_of(page, name):
    return re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)[1]


@pytest.fixture
def done(session, film, finish_job):
    """A film that is there and followed the song, of the whole song."""
    finish_job(film)
    with writing(session):
        film.figures = {"emotion": EMOTION}
    return film


@pytest.mark.slow
def test_an_order_takes_key_points_as_the_command_line_does(visitor, session, person_id, song, picture):
    form = order_form(song, picture, style="happy", intensity="0:0.3, 12.5:0.9")
    assert visitor.post("/order", data=form).status_code == 303
    (film,) = list_films(session, person_id).items
    assert film.options["style"] == "happy"
    assert film.options["intensity"] == [{"time_s": 0.0, "value": 0.3}, {"time_s": 12.5, "value": 0.9}]
    page = visitor.get(f"/films/{film.id}").text
    assert "Happy" in page and "0:0.3, 12.5:0.9" in page
    assert "How strongly, over time 0:0.3, 12.5:0.9" in visitor.get("/library").text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("0:0.3, hello", "The key point “hello” of the intensity can&#39;t be read"),
        ("0:3", "has the value 3; 0 to 1 are accepted"),
        ("99:0.5", "lies beyond the film&#39;s end at 22.8"),
    ],
)
def test_key_points_that_do_not_fit_come_back_with_a_sentence(visitor, session, person_id, song, picture, typed, sentence):
    answer = visitor.post("/order", data=order_form(song, picture, intensity=typed, style="sad"))
    assert answer.status_code == 422 and sentence in answer.text and "--intensity" not in answer.text
    assert value_of(answer.text, "intensity") == typed and re.search(r'<option selected value="sad"', answer.text), (
        "nothing is lost"
    )
    assert '<details class="panel later" open' in answer.text and list_jobs(session, person_id) == []


@pytest.mark.slow
def test_a_style_that_is_none_is_refused(visitor, session, person_id, song, picture):
    assert visitor.post("/order", data=order_form(song, picture, style="merry")).status_code == 422
    assert list_jobs(session, person_id) == []


@pytest.mark.slow
def test_a_film_shows_its_curve_and_its_styles(visitor, session, done):
    page = visitor.get(f"/films/{done.id}").text
    scale = 400 / done.song.duration_s
    wanted = [(half(index * 0.5 * scale), half(100 - 100 * value)) for index, value in enumerate(EMOTION["intensity"])]
    assert points_in(page, "effective") == wanted and points_in(page, "automatic") == []
    assert "From 0.1 to 0.9, strongest at 0:01." in page and "0:01 to 0:02: Happy" in page
    with writing(session):
        done.figures = {"emotion": {**EMOTION, "intensity": [0.5] * 5, "points": [[1.0, 0.5]]}}
    page = visitor.get(f"/films/{done.id}").text
    assert points_in(page, "effective") == [(0, 50), (half(scale), 50), (400, 50)]
    assert points_in(page, "automatic") == wanted and "Dashed" in page


@pytest.mark.slow
def test_a_film_is_made_again_with_its_curve_changed(visitor, session, person_id, done):
    again = f"/order?again={done.id}&curve=on"
    assert again.replace("&", "&amp;") + "#emotion" in visitor.get(f"/films/{done.id}").text
    page = visitor.get(again, follow_redirects=True).text
    assert value_of(page, "intensity") == "0:0.2, 0.5:0.4, 1:0.9, 1.5:0.6, 2:0.1"
    assert value_of(visitor.get(f"/order?again={done.id}", follow_redirects=True).text, "intensity") == "", "only when asked for"
    form = order_form(done.song, done.picture, height="", intensity="0:0.2, 1:1", again=done.id)
    assert visitor.post("/order", data=form).location != f"/films/{done.id}"
    newest = list_films(session, person_id).items[0]
    page = visitor.get(f"/order?again={newest.id}&curve=on", follow_redirects=True).text
    assert value_of(page, "intensity") == "0:0.2, 1:1"
    assert len(points_in(page, "automatic")) == 5, "the song's own curve is known from its film"
    other_part = visitor.get(f"/order?again={newest.id}&song={done.song.id}&picture={done.picture.id}&start=2&end=5").text
    assert value_of(other_part, "intensity") == "", "key points of another part say nothing"


LEARNED = {"learned": [0.9, 0.7, 0.5, 0.3, 0.2], "learned_points": [[0.0, 0.9], [2.0, 0.2]]}


@pytest.fixture
def network(monkeypatch, tmp_path):
    """A trained network that performs on this server."""
    path = tmp_path / "own.safetensors"
    path.write_bytes(b"trained")
    monkeypatch.setenv("BELCANTO_EMOTION_MODEL", str(path))


@pytest.fixture
def no_network(monkeypatch, tmp_path):
    monkeypatch.setattr("motion.emotion.settings.SHIPPED", tmp_path / "none.safetensors")
    monkeypatch.delenv("BELCANTO_EMOTION_MODEL", raising=False)


def test_who_performs_is_asked_where_there_is_a_choice(visitor, session, person_id, song, picture, network):
    page = visitor.get(f"/order?song={song.id}&picture={picture.id}").text
    assert re.search(r'<select[^>]*id="performance"', page) and 'data-performance="performance"' in page
    assert '<option value="deitalk">By a trained network</option>' in page and "Who performs" in visitor.get("/guide").text
    assert visitor.post("/order", data=order_form(song, picture, performance="deitalk")).status_code == 303
    (film,) = list_films(session, person_id).items
    assert film.options["performance"] == "deitalk" and "By a trained network" in visitor.get(f"/films/{film.id}").text


def test_who_performs_is_not_asked_where_there_is_none(visitor, session, person_id, song, picture, no_network):
    page = visitor.get(f"/order?song={song.id}&picture={picture.id}").text
    assert 'id="performance"' not in page and "data-performance" not in page and "Who performs" not in visitor.get("/guide").text
    visitor.post("/order", data=order_form(song, picture, performance="deitalk"))
    assert [film.options["performance"] for film in list_films(session, person_id).items] == ["plan"], "a field nobody was shown"


@pytest.mark.slow
def test_a_film_by_a_network_shows_both_curves(visitor, session, done):
    scale = 400 / done.song.duration_s
    own, told = (
        [(half(index * 0.5 * scale), half(100 - 100 * value)) for index, value in enumerate(values)]
        for values in (EMOTION["automatic"], LEARNED["learned"])
    )
    with writing(session):
        done.figures = {"emotion": {**EMOTION, **LEARNED, "intensity": LEARNED["learned"]}}
    page = visitor.get(f"/films/{done.id}").text
    assert points_in(page, "effective") == told and points_in(page, "automatic") == own and points_in(page, "learned") == []
    assert "Dashed" in page and "Dotted" not in page
    again = visitor.get(f"/order?again={done.id}&curve=on", follow_redirects=True).text
    assert value_of(again, "intensity") == "0:0.9, 2:0.2"
    with writing(session):
        done.figures = {"emotion": {**EMOTION, **LEARNED, "intensity": [0.5] * 5, "points": [[1.0, 0.5]]}}
    page = visitor.get(f"/films/{done.id}").text
    assert points_in(page, "learned") == told and points_in(page, "automatic") == own and "Dotted" in page


@pytest.mark.slow
def test_the_order_draws_the_curve_of_who_performs(visitor, session, song, picture, done, network):
    with writing(session):
        done.figures = {"emotion": {**EMOTION, **LEARNED}}
    page = visitor.get(f"/order?song={done.song.id}&picture={done.picture.id}").text
    assert len(points_in(page, "effective")) == 5 and points_in(page, "automatic") == [] == points_in(page, "learned")
    assert "&#34;learned&#34;: [0.9" in page
    form = order_form(done.song, done.picture, performance="deitalk", intensity="")
    again = visitor.post("/order", data={**form, "fps": "7"}).text
    assert points_in(again, "effective")[0] == (0, 10) and points_in(again, "automatic")[0] == (0, 80)


def test_before_the_first_film_nothing_is_drawn_but_the_waveform(visitor, song, picture):
    page = visitor.get(f"/order?song={song.id}&picture={picture.id}").text
    assert points_in(page, "effective") == [] == points_in(page, "automatic") and 'data-own="null"' in page
    assert re.search(r'<div class="curve-plot" data-plot>\s*<svg[^>]*>\s*<path d="M0 50L', page)


def test_lines_hold_before_the_first_point_and_after_the_last():
    assert line_of_points([(1, 0.25), (3, 1)], 4) == "0.0,75.0 100.0,75.0 300.0,0.0 400.0,0.0"
    assert line_of_points([], 4) == "" and line_of_values([0, 1], 2, 4) == "0.0,100.0 200.0,0.0"
    assert words_of([], 0.5) == ""


def test_parts_of_the_same_style_are_one(app):
    parts = [("a", 0, 1), ("a", 1, 2), ("b", 2, 3), ("a", 3, 4)]
    with app.test_request_context():
        joined = style_parts({"style": style, "start_s": start, "stop_s": stop} for style, start, stop in parts)
    assert joined == [("0:00", "0:02", "a"), ("0:02", "0:03", "b"), ("0:03", "0:04", "a")]
