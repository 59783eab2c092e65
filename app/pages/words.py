"""The words of a song: found, heard line by line, corrected, moved, and taken into a film."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from app.models import Song, Work
from app.option_fields import OptionsForm, form_of
from app.pages.blueprint import blueprint
from app.pages.choice import Choice, read_clock, read_part, typed_part
from app.pages.context import Answer, person_id, session, settings
from app.pages.wizard import to_film
from app.pages.word_rows import WordSheet, sheet_of_word_form, sheet_of_words
from app.services import songs, works
from app.services.films import make_again
from app.services.words import films_of, get_words, save_words
from app.wording import in_person_words
from core.errors import BelcantoError
from pipeline.lyrics.lines import Lyrics
from pipeline.lyrics.settings import AUTO
from pipeline.lyrics.writing import lrc_text
from pipeline.works.song_to_film import SONG_TO_FILM
from pipeline.works.song_to_lyrics import SONG_TO_LYRICS

#: The options that say how a film shows its words.
SHOWN = ("lyrics_style", "lyrics_track")
#: All words may be moved by so much at a time, in seconds.
MOST_SHIFT_S = 60.0


@blueprint.post("/words")
def find_words() -> Answer:
    """Have the words of a song, or of its part, written down: as the form says them, or from the voice."""
    choice = Choice.from_mapping(request.form)
    song = songs.get_song(session(), person_id(), choice.song or "")
    part = read_part(choice, song.duration_s)
    if part.problem:
        return redirect(url_for("pages.music", **choice.query()), 303)
    given = request.form.get("given", "").strip()
    options: dict[str, Any] = {"words": given or AUTO, "language": request.form.get("language", "").strip()[:2]}
    options |= {"start_s": part.start_s, "duration_s": part.duration_s}
    try:
        work, _ = works.order_work(session(), settings(), person_id(), SONG_TO_LYRICS, {"song": song.id}, options)
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
        return redirect(url_for("pages.order", **choice.query()), 303)
    return redirect(url_for("pages.work", work_id=work.id), 303)


@blueprint.route("/words/<work_id>", methods=["GET", "POST"])
def words(work_id: str) -> Answer:
    """The words as lines to be corrected; what is done with them, the buttons say."""
    work, lyrics = get_words(session(), person_id(), work_id)
    form: OptionsForm = form_of(each for each in SONG_TO_FILM.all_options() if each.name in SHOWN)()
    if request.method == "GET":
        form["lyrics_style"].data = "karaoke"
        return shown_words(work, sheet_of_words(lyrics), form, lyrics.language), 200
    sheet = sheet_of_word_form(request.form)
    if request.form.get("do") == "add":
        return shown_words(work, sheet.with_spare_row(), form, lyrics.language), 200
    try:
        answer = corrected(work, lyrics, sheet, form)
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
        answer = None
    return answer or (shown_words(work, sheet.corrected(lyrics)[0] if sheet.rows else sheet, form, lyrics.language), 422)


def corrected(work: Work, lyrics: Lyrics, sheet: WordSheet, form: OptionsForm) -> Answer | None:
    """Keep the lines as they were left, and go where the button leads; None where something is wrong. Raises as `save_words`."""
    do = request.form.get("do", "save")
    by_s = shift_s() if do == "shift" else 0.0
    if by_s is None:
        flash(gettext("Write by how many seconds the words are to come later; 0.3, or -0.3 for earlier."), "bad")
        return None
    _, left = sheet.corrected(lyrics, by_s)
    if left is None:
        flash(gettext("Some lines can't be used; each says why."), "bad")
        return None
    if not left.lines:
        flash(gettext("So much earlier, no word would be left."), "bad")
        return None
    save_words(session(), settings(), person_id(), work.id, left)
    if do == "make" and request.form.get("film"):
        return film_with_words(request.form["film"], left, form)
    if do == "film":
        return redirect(url_for("pages.image", **replace(choice_of(work), words=work.id).query()), 303)
    flash(gettext("The words are kept."), "good")
    return redirect(url_for("pages.words", work_id=work.id), 303)


def shift_s() -> float | None:
    """By how much all words are moved; None where that can't be read, or is far too much."""
    text = request.form.get("shift", "").strip()
    moved_s = read_clock(text.lstrip("+-−"))
    if moved_s is None or moved_s > MOST_SHIFT_S:
        return None
    return -moved_s if text[:1] in ("-", "−") else moved_s


def film_with_words(film_id: str, lyrics: Lyrics, form: OptionsForm) -> Answer | None:
    """Order that film again with the words; its other options stay. Raises whatever the order does."""
    if not form.validate_on_submit():
        return None
    changes: dict[str, Any] = {"lyrics": lrc_text(lyrics), **form.values()}
    film, created = make_again(session(), settings(), person_id(), film_id, changes)
    return to_film(film, created)


def choice_of(work: Work) -> Choice:
    """The song and its part, as the wizard's addresses have them."""
    start, end = typed_part(work.options.get("start_s"), work.options.get("duration_s"))
    return Choice(song=work.inputs["song"].asset_id, start=start, end=end)


def shown_words(work: Work, sheet: WordSheet, form: OptionsForm, language: str) -> str:
    """The page. language: of the words."""
    song = work.inputs["song"].asset
    assert isinstance(song, Song)
    there = song.deleted_at is None and song.has_file
    shown = {"work": work, "song": song, "there": there, "sheet": sheet, "form": form, "choice": choice_of(work)}
    shown |= {"films": films_of(session(), person_id(), song.id), "language": language}
    return render_template("words.html", **shown)
