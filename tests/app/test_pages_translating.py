"""A film in another language, on the pages: the language, the table that is edited, and the order."""

from __future__ import annotations

import io
import re

import pytest

from app.database import writing
from app.models import new_id, now
from app.services.works import list_works, order_work
from pipeline.translating.table import DubScript, ScriptLine, script_of_table, table_text
from pipeline.works.film_to_script import FILM_TO_SCRIPT
from pipeline.works.translate_film import TRANSLATE_FILM
from tests.app.test_pages_wizard import visitor  # noqa: F401 (a fixture)

SAID = DubScript(
    (
        ScriptLine(0.1, 0.4, 1, "af_heart", "Guten <Tag>.", "Good day."),
        ScriptLine(0.4, 0.7, 1, "af_heart", "Wie geht es?", "How are you?"),
        ScriptLine(0.7, 0.9, 2, "am_adam", "Gut.", "Fine."),
    ),
    "en",
)


@pytest.fixture
def written(session, settings, person_id, clip):
    """What is said in the clip, which lasts a second, as if it had been written down."""
    work, _ = order_work(session, settings, person_id, FILM_TO_SCRIPT, {"film": clip.id}, {"translate": "en"})
    with writing(session):
        work.job.state, work.job.finished_at = "done", now()
        work.files = {"table": f"table-{new_id()}.csv"}
        work.figures = {"language": "en", "heard": ["de"], "sentences": 3, "left_open": 0, "faces": [1, 2], "notes": []}
    (settings.results_dir / work.files["table"]).write_text("\ufeff" + table_text(SAID), encoding="utf-8")
    return work


def fields_of(page):
    """What a browser would send of the page's table."""
    form = page[page.index('<form id="script"') :]
    form = form[: form.index("</form>")]
    found = {}
    for tag in re.findall(r"<input [^>]*>", form):
        told = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if told.get("type") not in ("checkbox",) and "name" in told:
            found[told["name"]] = told.get("value", "")
    for name, text in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', form):
        found[name] = text
    for name, body in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)"[^>]* selected|selected[^>]* value="([^"]*)"', body)
        found[name] = (chosen[1] or chosen[2] or "") if chosen else re.search(r'value="([^"]*)"', body)[1]
    found.pop("csrf_token", None)
    return found


def films(session, person_id):
    return list_works(session, person_id, kind=TRANSLATE_FILM).items


def test_a_film_leads_to_its_language_and_the_script_is_ordered(visitor, session, person_id, clip):  # noqa: F811
    assert "Another language" in visitor.get(f"/clip?clip={clip.id}").text
    onward = visitor.get(f"/clip?clip={clip.id}&clip_start=0.2&go=translate")
    assert onward.location == f"/translate?clip={clip.id}&clip_start=0.2"
    page = visitor.get(f"/translate?clip={clip.id}").text
    assert clip.title in page and '<option selected value="en">English' in page
    assert "translates into English alone" in page
    answer = visitor.post("/translate", data={"clip": clip.id, "translate": "en"})
    (work,) = list_works(session, person_id, kind=FILM_TO_SCRIPT).items
    assert answer.status_code == 303 and answer.location == f"/works/{work.id}"
    assert work.options == {"translate": "en", "voice": None, "start_s": 0.0, "duration_s": None}
    waiting = visitor.get(answer.location).text
    assert "Writing down what is said" in waiting and "What is said in a film" in waiting
    assert visitor.get(f"/script/{work.id}").location == f"/works/{work.id}", "there is no table yet"
    assert visitor.post("/translate", data={"clip": clip.id, "translate": "xx"}).status_code == 422
    assert visitor.get("/translate").location == "/clip"


def test_a_part_of_the_film_is_translated(visitor, session, person_id, clip):  # noqa: F811
    part = {"clip_start": "0:00,2", "clip_end": "0:00,8"}
    answer = visitor.post("/translate", data={"clip": clip.id, "translate": "es", **part})
    (work,) = list_works(session, person_id, kind=FILM_TO_SCRIPT).items
    assert answer.status_code == 303
    assert (work.options["translate"], work.options["start_s"], work.options["duration_s"]) == ("es", 0.2, 0.6)
    assert "0:00.2 to 0:00.8 of 0:01" in visitor.get(f"/translate?clip={clip.id}&clip_start=0.2&clip_end=0.8").text
    assert visitor.get(f"/translate?clip={clip.id}&clip_start=9").location.startswith("/clip?")


def test_who_runs_the_server_names_a_translator(visitor, clip, monkeypatch):  # noqa: F811
    monkeypatch.setenv("BELCANTO_TRANSLATOR", "http://127.0.0.1:1")
    monkeypatch.setenv("BELCANTO_TRANSLATOR_MODEL", "llama")
    assert "is sent to the translator" in visitor.get(f"/translate?clip={clip.id}").text


def test_where_nothing_can_be_heard_it_is_said(visitor, clip, monkeypatch):  # noqa: F811
    monkeypatch.setattr("pipeline.works.film_to_script.find_spec", lambda name: None)
    assert "This server lacks a part" in visitor.get(f"/translate?clip={clip.id}").text
    refused = visitor.post("/translate", data={"clip": clip.id, "translate": "en"})
    assert refused.status_code == 422 and "This server lacks a part" in refused.text


def test_the_table_is_shown_edited_and_made_into_a_film(visitor, session, person_id, clip, written):  # noqa: F811
    assert visitor.get(f"/works/{written.id}").location == f"/script/{written.id}"
    assert f"/works/{written.id}" in visitor.get("/library").text
    page = visitor.get(f"/script/{written.id}").text
    assert "Guten &lt;Tag&gt;." in page and "Good day." in page and "Heard: German. Spoken: English." in page
    fields = fields_of(page)
    assert fields["rows"] == "3" and fields["start-1"] == "0:00.1" and fields["face-3"] == "2"
    assert (fields["speaker-1"], fields["speaker-2"], fields["voice-1"]) == ("af_heart", "am_adam", "")
    changed = {
        "text-1": "Hello!",
        "start-2": "0:00,45",
        "face-2": "2",
        "speaker-2": "am_michael",
        "leave-3": "on",
        "music": "0.5",
    }
    answer = visitor.post(f"/script/{written.id}", data={**fields, **changed, "do": "make"})
    assert answer.status_code == 303
    (work,) = films(session, person_id)
    assert answer.location == f"/works/{work.id}" and work.options["music"] == 0.5 and work.options["translate"] == "en"
    said = script_of_table(work.options["table"], "en")
    assert [(line.start_s, line.face, line.voice, line.text) for line in said.lines] == [
        (0.1, 1, "af_heart", "Hello!"),
        (0.45, 2, "am_michael", "How are you?"),
        (0.7, 2, "am_michael", ""),
    ]
    assert said.lines[2].original == "Gut.", "a row that is left out can be taken in again"
    again = visitor.get(f"/works/{work.id}").text
    assert f'href="/script/{work.id}"' in again and "Change what is said" in again
    edited = visitor.get(f"/script/{work.id}").text
    assert "Hello!" in edited and "0:00.45" in edited


def test_each_wrong_row_says_why_and_nothing_typed_is_lost(visitor, session, person_id, written):  # noqa: F811
    fields = fields_of(visitor.get(f"/script/{written.id}").text)
    wrong = {"start-1": "soon", "text-2": "x" * 1001, "start-3": "0:02", "end-3": "0:03", "text-1": "Typed <by> me"}
    answer = visitor.post(f"/script/{written.id}", data={**fields, **wrong, "do": "make", "leave-2": "on"})
    assert answer.status_code == 422 and films(session, person_id) == []
    page = answer.text
    assert "Some rows can&#39;t be used" in page
    assert [int(number) for number in re.findall(r'id="wrong-(\d)"', page)] == [1, 2, 3]
    assert "Row 1 of the script has no proper times" in page and "Row 2 of the script is too long" in page
    assert "Row 3 begins after the film has ended; it lasts 1.0 s." in page
    kept = fields_of(page)
    assert (kept["start-1"], kept["text-2"], kept["start-3"]) == ("soon", "x" * 1001, "0:02")
    assert "Typed &lt;by&gt; me" in page and re.search(r'name="leave-2" value="on" checked', page)
    nothing = {f"leave-{number}": "on" for number in (1, 2, 3)}
    silent = visitor.post(f"/script/{written.id}", data={**fields, **nothing, "do": "make"})
    assert silent.status_code == 422 and "nothing to say" in silent.text
    voice = visitor.post(f"/script/{written.id}", data={**fields, "voice-1": "nobody", "do": "make"})
    assert voice.status_code == 422 and "There is no voice &#39;nobody&#39;" in voice.text
    options = visitor.post(f"/script/{written.id}", data={**fields, "music": "7", "do": "make"})
    assert options.status_code == 422 and films(session, person_id) == []


def test_a_row_is_added_and_empty_ones_are_nothing(visitor, session, person_id, written):  # noqa: F811
    fields = fields_of(visitor.get(f"/script/{written.id}").text)
    more = fields_of(visitor.post(f"/script/{written.id}", data={**fields, "do": "add", "text-1": "Hey"}).text)
    assert more["rows"] == "4" and more["text-1"] == "Hey" and more["start-4"] == ""
    assert visitor.post(f"/script/{written.id}", data={**more, "do": "make"}).status_code == 303
    (work,) = films(session, person_id)
    assert len(script_of_table(work.options["table"], "en").lines) == 3


def test_it_is_saved_as_a_table_and_one_is_taken_over(visitor, session, person_id, written):  # noqa: F811
    fields = fields_of(visitor.get(f"/script/{written.id}").text)
    saved = visitor.post(f"/script/{written.id}", data={**fields, "text-3": "Well.", "do": "save"})
    assert saved.mimetype == "text/csv" and saved.headers["Content-Disposition"].endswith('"My film en.csv"')
    assert [line.text for line in script_of_table(saved.text, "en").lines] == ["Good day.", "How are you?", "Well."]
    edited = saved.text.replace("Well.", "Very well.").replace("am_adam", "bm_george")

    def give(content):
        return visitor.post(f"/script/{written.id}", data={"table": (io.BytesIO(content), "t.csv")})

    taken = give(edited.encode("utf-8"))
    kept = fields_of(taken.text)
    assert taken.status_code == 200 and kept["text-3"] == "Very well." and kept["speaker-2"] == "bm_george"
    assert films(session, person_id) == []
    wrong = give(b"start;end;face;text\n0:00,1;0:00,4;1;Hi\nsoon;0:00,9;1;Bye\n")
    assert wrong.status_code == 422 and fields_of(wrong.text)["start-2"] == "soon" and "Row 2" in wrong.text
    for content, sentence in (
        (b"", "Choose the file"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b"a,b\n1,2\n", "This is no script"),
    ):
        refused = give(content)
        assert refused.status_code == 422 and sentence in refused.text and "Good day." in refused.text


def test_a_film_that_is_gone_is_told_of(visitor, session, clip, written):  # noqa: F811
    fields = fields_of(visitor.get(f"/script/{written.id}").text)
    with writing(session):
        clip.deleted_at = now()
    page = visitor.get(f"/script/{written.id}").text
    assert "no longer in your library" in page and "Good day." in page
    assert visitor.post(f"/script/{written.id}", data={**fields, "do": "make"}).status_code == 422
    assert visitor.get("/script/nothing").status_code == 404
