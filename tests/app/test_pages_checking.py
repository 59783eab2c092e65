"""A film is checked on the pages: chosen, ordered, and told of; a film's own page tells how it was made."""

from __future__ import annotations

from app.database import writing
from app.models import now
from app.pages.checking import rows_of
from app.services.works import delete_work, list_works, order_work
from pipeline.works.look_film import LOOK_FILM
from pipeline.works.verify_film import VERIFY_FILM
from provenance import ledger
from tests.app.test_pages_wizard import visitor  # noqa: F401 (a fixture)

ACCOUNT = {
    "recipe": "sing",
    "engines": ["mesh"],
    "weights": [{"name": "modnet", "sha256": "0" * 64, "licence": "Apache-2.0"}],
    "options": {"text": {"sha256": "1" * 64, "characters": 12}, "seed": 3},
    "ingredients": {"song": "2" * 64},
    "stated": {"at": "2026-11-30T10:00:00+00:00", "wording": "1"},
}


def works_of(session, person_id, kind):
    session.rollback()  # to see what the pages have written since
    return list_works(session, person_id, kind=kind).items


def test_a_film_is_chosen_and_checked(visitor, session, person_id, clip):  # noqa: F811
    page = visitor.get("/verify").text
    assert "Check a film" in page and "check=on" in page and f"clip={clip.id}" in page
    assert visitor.get(f"/clip?check=on&clip={clip.id}").location == f"/verify?clip={clip.id}"
    assert visitor.get(f"/clip?go=check&clip={clip.id}").location == f"/verify?clip={clip.id}"
    assert "Check it" in visitor.get(f"/verify?clip={clip.id}").text
    answer = visitor.post("/verify", data={"clip": clip.id})
    (work,) = works_of(session, person_id, VERIFY_FILM)
    assert answer.location == f"/works/{work.id}"
    assert "Looking for the mark" in visitor.get(answer.location).text


def test_what_was_found_is_told(visitor, session, settings, person_id, clip):  # noqa: F811
    work, _ = order_work(session, settings, person_id, VERIFY_FILM, {"film": clip.id})
    note = {"code": "pipeline.verify_mark_finds", "values": {"at": "2026-11-30"}}
    with writing(session):
        work.job.state, work.job.finished_at = "done", now()
        work.figures = {"verdict": "ours_found_again", "account": ACCOUNT, "notes": [note]}
    page = visitor.get(f"/works/{work.id}").text
    for words in ("found again by its mark", "coded anew, cut or scaled", "Apache-2.0", "a text of 12 characters", "wording 1"):
        assert words in page, words
    assert "Nothing had to be made" not in page
    assert 'href="/verify"' in page


def test_a_page_says_it_in_its_words(app):
    """Not in those of the statement, which are the program's own."""
    account = {**ACCOUNT, "recipe": "song_to_film", "options": {"head_motion": 0.5, "of_tomorrow": [1]}}
    with app.test_request_context("/", headers={"Accept-Language": "de"}):
        german = dict(rows_of(account))
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        english = dict(rows_of(account))
        nothing = rows_of({})
    assert english["Made of (Song)"] == german["Gemacht aus (Lied)"] == f"SHA-256 {'2' * 16} …"
    assert german["Einstellung Kopfbewegung"] == "0,5" and english["Setting of_tomorrow"] == "[1]"
    assert "song_to_film" not in english.values() and "mesh" not in english.values()
    assert "Nov 30, 2026" in english["Consent"] and "30.11.2026" in german["Einverständnis"]
    assert nothing == []


def test_a_film_tells_how_it_was_made_and_its_account_goes_with_it(visitor, session, settings, person_id, clip):  # noqa: F811
    work, _ = order_work(session, settings, person_id, LOOK_FILM, {"film": clip.id}, {"look": "ink"})
    number = ledger.new_mark()
    ledger.keep(ledger.KeptAccount(number, "2026-11-30T10:00:00+00:00", "3" * 64, 5, ACCOUNT))
    with writing(session):
        work.job.state, work.job.finished_at = "done", now()
        work.figures = {"signed": [number], "notes": []}
    page = visitor.get(f"/works/{work.id}").text
    assert "How this film was made" in page and number in page and "Check any film" in page
    session.rollback()
    delete_work(session, settings, person_id, work.id)
    assert ledger.kept(number) is None
