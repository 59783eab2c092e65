"""The kinds of work of a film in another language: their options, what they need here, how long they take, what is erased."""

from __future__ import annotations

import pytest

from core.errors import InputError
from core.work import WorkInput, WorkOrder
from pipeline.translating.table import DubScript, ScriptLine, table_text
from pipeline.work_kinds import KINDS
from pipeline.works import film_to_script
from pipeline.works.film_to_script import FILM_TO_SCRIPT
from pipeline.works.translate_film import TRANSLATE_FILM

FILM = {"film": WorkInput(None, facts={"duration_s": 40.0, "width": 640, "height": 480})}
TABLE = table_text(DubScript((ScriptLine(1.0, 2.0, 1, "af_heart", "Hola", "Hello"),), "en"))


def test_they_are_kinds_and_know_their_options():
    assert {"film_to_script", "translate_film"} <= {kind.name for kind in KINDS}
    assert FILM_TO_SCRIPT.option_names == {"translate", "voice", "start_s", "duration_s"}
    assert {"table", "translate", "music", "engine", "start_s"} <= TRANSLATE_FILM.option_names
    assert not {"face", "loop", "keep_background", "sound_start_s", "sound_duration_s"} & TRANSLATE_FILM.option_names


def test_what_is_given_is_kept_and_what_does_not_fit_is_refused():
    kept = TRANSLATE_FILM.settled({"table": TABLE, "translate": "es", "music": "0.5"})
    assert kept["table"] == TABLE and (kept["translate"], kept["music"]) == ("es", 0.5)
    assert TRANSLATE_FILM.settled(kept) == kept, "a row is read again as it was kept"
    assert FILM_TO_SCRIPT.settled({"translate": "de", "start_s": "3"})["start_s"] == 3.0
    for kind, wrong in (
        (TRANSLATE_FILM, {"table": "a,b\n1,2\n"}),
        (TRANSLATE_FILM, {"table": TABLE.replace("Hello", "")}),
        (TRANSLATE_FILM, {"table": TABLE.replace("af_heart", "nobody")}),
        (TRANSLATE_FILM, {"table": TABLE.replace("00:00:02.000", "00:00:00.500")}),
        (TRANSLATE_FILM, {"face": "1"}),
        (TRANSLATE_FILM, {"script": "/etc/passwd"}),
        (TRANSLATE_FILM, {"translator": "http://127.0.0.1"}),
        (FILM_TO_SCRIPT, {"music": 1}),
        (FILM_TO_SCRIPT, {"translate": "xx"}),
        (FILM_TO_SCRIPT, {"voice": "nobody"}),
    ):
        with pytest.raises(InputError):
            kind.settled(wrong)


def test_the_text_is_erased_with_the_work():
    """By the digest under which what was spoken is kept."""
    assert len(TRANSLATE_FILM.contents(TRANSLATE_FILM.settled({"table": TABLE}))) == 1
    other = TRANSLATE_FILM.settled({"table": TABLE.replace("Hello", "Hi")})
    assert TRANSLATE_FILM.contents(other) != TRANSLATE_FILM.contents(TRANSLATE_FILM.settled({"table": TABLE}))
    assert TRANSLATE_FILM.contents(TRANSLATE_FILM.settled({})) == frozenset()


def test_its_stages_are_those_that_come():
    def stages(kind, figures=None, **options):
        plan = kind.plan(WorkOrder("j", kind.name, FILM, kind.settled(options)), figures)
        assert plan.length_s == options.get("duration_s", 40.0) and plan.pixels == 640 * 480
        return [stage.name for stage in plan.stages]

    assert stages(FILM_TO_SCRIPT) == list(FILM_TO_SCRIPT.stages)
    assert stages(TRANSLATE_FILM) == list(TRANSLATE_FILM.stages)
    assert "listen" not in stages(TRANSLATE_FILM, {"engine": "mesh"}, table=TABLE, duration_s=5.0)


def test_what_lacks_here_is_told_before(monkeypatch):
    assert FILM_TO_SCRIPT.lacking({}) is None or FILM_TO_SCRIPT.lacking({}).code == "speech.hearing.no_ctranslate2"
    monkeypatch.setattr(film_to_script, "find_spec", lambda name: None)
    assert FILM_TO_SCRIPT.lacking({}).code == "speech.hearing.no_ctranslate2"
    assert TRANSLATE_FILM.lacking(TRANSLATE_FILM.settled({})).code == "speech.hearing.no_ctranslate2"
    assert TRANSLATE_FILM.lacking(TRANSLATE_FILM.settled({"table": TABLE})) is None, "who reads a table need not hear"
    monkeypatch.setattr("speech.readable.shutil.which", lambda name: None)
    told = TRANSLATE_FILM.lacking(TRANSLATE_FILM.settled({"table": TABLE, "translate": "de"}))
    assert told.code == "speech.no_espeak"
