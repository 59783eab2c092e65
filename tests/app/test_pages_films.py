"""A film's page in each of its states, the library, the reading pages, the language."""

from __future__ import annotations

import re

import pytest

from app.database import writing
from app.services.films import get_film, list_films
from app.services.jobs import list_jobs
from core.messages import NOTHING, message, number
from tests.app.rows import report_job
from tests.app.test_pages_wizard import two_faces_in, visitor

__all__ = ["visitor"]


def test_a_film_in_the_making_shows_its_stages(visitor, session, film):
    with writing(session):
        film.job.state, film.job.stage, film.job.done, film.job.total, film.job.eta_s = "running", "frames", 30, 100, 95.0
        film.job.share, film.job.overdue = 0.4567, True
    page = visitor.get(f"/films/{film.id}").text
    assert '<progress max="1" value="0.4567"' in page and "longer than foreseen: about 2 minutes left" in page
    assert "Drawing the film" in page and "30 %" in page and "about 2 minutes left" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert page.count('data-stage="') == 6
    assert [
        name for name in ("decode", "portrait", "separate", "motion") if f'data-stage="{name}" class="done"' not in page
    ] == []
    assert 'data-stage="frames" class="now"' in page and 'data-stage="mux" class=""' in page


def test_a_film_that_is_ready_plays_and_is_downloaded(visitor, film, finish_job):
    finish_job(film)
    page = visitor.get(f"/films/{film.id}").text
    assert "<video" in page and f"/api/v1/films/{film.id}/file?download=1" in page
    assert "is being measured" in page and "http-equiv" not in page
    assert f"/order?again={film.id}" in page
    assert re.search(rf'action="/works/{film.id}/use"(?s:.*?)Talk with it', page)


def in_row(told):
    """A verdict's messages as the report's JSON has them."""
    return {name: str(each) for name, each in told.items()} | {"messages": {name: each.as_json() for name, each in told.items()}}


def test_a_report_of_an_earlier_program_is_shown_as_it_was_kept(visitor, session, film, finish_job):
    finish_job(film)
    verdict = {"name": "constant frame rate", "value": 25.0, "wanted": "constant", "passed": True, "reason": ""}
    with writing(session):
        session.add(report_job(film, result={"verdicts": [verdict]}, files={"page": "x.html"}))
    assert "constant frame rate" in visitor.get(f"/films/{film.id}").text


def test_the_quality_report_is_shown(visitor, session, film, finish_job):
    finish_job(film)
    told = {"name": message("metrics.follows_by_aperture"), "wanted": message("metrics.at_least", value=0.5), "reason": NOTHING}
    verdict = {"value": 0.8123, "passed": True, **in_row(told)}
    with writing(session):
        reason = message("metrics.film_too_short_to_judge", length=3.5, least=5.0)
        unsure = {"value": None, "passed": None, **in_row({**told, "reason": reason})}
        wanted = number(48000, 0)
        rate = {"value": 48000.0, "passed": True, **in_row({"name": message("metrics.audio_codec"), "wanted": wanted})}
        session.add(report_job(film, result={"verdicts": [verdict, unsure, rate]}, files={"page": "x.html"}))
    page = visitor.get(f"/films/{film.id}").text
    assert "The mouth opens with the voice" in page and "0.81" in page and "can't be judged" in page
    assert str(reason) in page and "verdict-no" not in page
    assert page.count("48000") == 2, "it is measured as it is wanted"
    visitor.post("/language", data={"to": "de"})
    page = visitor.get(f"/films/{film.id}").text
    assert "0,81" in page and "mindestens 0,5" in page and "Mit 3,5 s ist der Film zu kurz" in page


def mark_row(name, level, reason=NOTHING):
    """A word as the report's JSON has it."""
    return {"name": name, "level": level, "reason": str(reason), "message": reason.as_json()}


def test_the_film_is_judged_in_three_words(visitor, session, film, finish_job):
    finish_job(film)
    short = message("metrics.film_too_short_to_judge", length=3.0, least=5.0)
    drawn = message("metrics.likeness_of_a_drawing")
    marks = [mark_row("lips", "short", short), mark_row("likeness", "untold", drawn), mark_row("beat", "good")]
    told = {"name": message("metrics.lag"), "wanted": message("metrics.within", value=40), "reason": short}
    with writing(session):
        found = {"verdicts": [{"value": -57.0, "passed": None, **in_row(told)}], "marks": marks}
        session.add(report_job(film, result=found, files={"page": "x.html"}))
    page = visitor.get(f"/films/{film.id}").text
    words = re.findall(r'class="word (\w+)"><dt>(\w+)(?s:.*?)<dd>([^<]*)', page)
    assert words == [
        ("short", "Lips", "too short to tell"),
        ("untold", "Likeness", "can't be told"),
        ("good", "Beat", "good"),
    ]
    assert str(drawn) in page and "verdict-no" not in page
    assert page.index('class="words"') < page.index("<summary>Details: what was measured") < page.index("-57")
    visitor.post("/language", data={"to": "de"})
    assert "zu kurz, um es zu sagen" in visitor.get(f"/films/{film.id}").text


def test_a_film_without_a_report_says_so(visitor, session, film, finish_job):
    finish_job(film)
    with writing(session):
        session.add(report_job(film, "failed", failure=message("pipeline.report_late").as_json()))
    assert "could not be measured" in visitor.get(f"/films/{film.id}").text


def test_a_film_that_failed_says_why_and_is_tried_again(visitor, session, person_id, film, finish_job):
    finish_job(film, "failed").failure = message("pipeline.film_took_too_long", count=120).as_json()
    session.commit()
    visitor.post("/language", data={"to": "de"})
    assert "Der Film hat länger als 120 Minuten gedauert" in visitor.get(f"/films/{film.id}").text
    visitor.post("/language", data={"to": "en"})
    assert "The film took longer than 120 minutes" in visitor.get(f"/films/{film.id}").text
    visitor.post("/language", data={"to": "de"})
    assert visitor.post(f"/films/{film.id}/retry").location == f"/films/{film.id}"
    session.expire_all()
    assert len(list_jobs(session, person_id)) == 1


@pytest.mark.slow
def test_a_film_is_made_again_with_a_change(visitor, session, person_id, film, finish_job):
    finish_job(film)
    page = visitor.get(f"/order?again={film.id}", follow_redirects=True)
    assert '<details class="panel later" open' in page.text
    form = {
        "engine": "auto",
        "height": "",
        "fps": "25",
        "expressiveness": "1",
        "head_motion": "1",
        "seed": "0",
        **page.request.args,
    }
    assert visitor.post("/order", data=form).location == f"/films/{film.id}"
    assert "there already" in visitor.get(f"/films/{film.id}").text
    assert visitor.post("/order", data={**form, "seed": "1"}).location != f"/films/{film.id}"
    assert len(list_films(session, person_id).items) == 2


def test_another_person_sees_nothing(client, film, song):
    assert client.get(f"/films/{film.id}").status_code == 404
    assert client.post(f"/films/{film.id}/cancel").status_code == 404
    assert song.title not in client.get("/library").text
    client.post(f"/library/songs/{song.id}/delete")
    assert client.get(f"/music?song={song.id}").text.count(song.title) == 0


@pytest.mark.slow
def test_the_library_searches_renames_and_deletes(visitor, session, song, picture):
    assert song.title in visitor.get("/library").text
    assert song.title not in visitor.get("/library?q=nothing").text
    visitor.post(f"/library/songs/{song.id}/rename", data={"title": "Другое имя <b>"})
    page = visitor.get("/library?q=другое").text
    assert "Другое имя &lt;b&gt;" in page and picture.title not in page
    answer = visitor.post(f"/library/songs/{song.id}/rename", data={"title": "  "}, follow_redirects=True)
    assert 'role="alert"' in answer.text
    visitor.post(f"/library/songs/{song.id}/delete")
    assert "There is no song yet." in visitor.get("/library").text


def test_several_films_are_ordered_at_once(visitor, session, person_id, song, picture):
    form = {"songs": [song.id], "pictures": [picture.id]}
    assert "1 film is ordered." in visitor.post("/library/order", data=form, follow_redirects=True).text
    assert "there already" in visitor.post("/library/order", data=form, follow_redirects=True).text
    assert "at least one song" in visitor.post("/library/order", data={"songs": [song.id]}, follow_redirects=True).text
    assert len(list_jobs(session, person_id)) == 1


@pytest.mark.slow
def test_in_the_library_a_face_is_chosen_where_there_are_several(visitor, session, person_id, song, picture):
    two_faces_in(session, picture)
    assert visitor.get("/library").text.split(f'id="face-{picture.id}"')[1].split("</select>")[0].count("<option") == 2
    form = {"songs": [song.id], "pictures": [picture.id]}
    refused = visitor.post("/library/order", data=form, follow_redirects=True).text
    assert "choose the one that sings" in refused and len(re.findall(r"<input [^>]* checked>", refused)) == 2
    wrong = visitor.post("/library/order", data={"pictures": [picture.id], f"face-{picture.id}": "2"}, follow_redirects=True).text
    assert re.search(r'<option value="2" selected>', wrong), "who was chosen stays chosen where something else is missing"
    visitor.post("/library/order", data={**form, f"face-{picture.id}": "2"})
    assert [film.options["face"] for film in list_films(session, person_id).items] == [2]


def test_a_film_is_renamed_and_deleted_while_it_is_made(visitor, session, person_id, film):
    visitor.post(f"/library/films/{film.id}/rename", data={"title": "My film"})
    session.expire_all()
    assert get_film(session, person_id, film.id).title == "My film"
    assert visitor.post(f"/library/films/{film.id}/delete", data={"next": "/library"}).location == "/library"
    assert visitor.get(f"/films/{film.id}").status_code == 404


@pytest.mark.parametrize(
    "wanted", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "javascript:1", ""]
)
def test_nobody_is_sent_elsewhere(client, wanted):
    assert client.post("/language", data={"to": "de", "next": wanted}).location == "/"


def test_the_language_is_kept_and_the_page_comes_back(client):
    assert 'lang="en"' in client.get("/guide").text
    assert 'lang="de"' in client.get("/guide", headers={"Accept-Language": "de-AT"}).text
    assert client.post("/language", data={"to": "de", "next": "/guide?x=1"}).location == "/guide?x=1"
    assert "Was die Meldungen bedeuten" in client.get("/guide").text
    client.post("/language", data={"to": "xx"})
    assert 'lang="de"' in client.get("/guide").text


def test_forms_bear_a_mark_against_other_sites(app, client):
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/language", data={"to": "de"})
    assert answer.status_code == 400 and "Reload it" in answer.text


def test_the_about_page_lists_every_licence(client):
    page = client.get("/about").text
    for name in ("MODNet", "Spleeter", "InsightFace", "Kevin MacLeod", "MobileStyleGAN", "AI Act"):
        assert name in page


def test_the_many_files_of_a_model_are_one_row_of_the_about_page(client):
    page = client.get("/about").text
    assert page.count("Kokoro-82M") <= 3 and page.count("misaki") == 1
    assert "part 1 of 4" not in page and "voice af_heart" not in page
