"""Names of things as a person reads them, kept in one place and ready for translation."""

from __future__ import annotations

from collections.abc import Mapping

from babel import Locale as BabelLocale
from flask_babel import LazyString, format_decimal, get_locale, gettext, lazy_gettext

from app.numbers import decimal_symbol
from core.film_stages import DECODE, FACES, FRAMES, LISTEN, MOTION, MUX, PORTRAIT, SEPARATE, SPEAK
from core.work import WorkKind

#: The stages of films, and what they do.
STAGES: Mapping[str, LazyString] = {
    DECODE: lazy_gettext("Listening to the song"),
    FACES: lazy_gettext("Following the faces"),
    PORTRAIT: lazy_gettext("Looking at the picture"),
    SEPARATE: lazy_gettext("Taking the voice out of the music"),
    LISTEN: lazy_gettext("Writing down what is said"),
    SPEAK: lazy_gettext("Speaking the text"),
    MOTION: lazy_gettext("Learning the song"),
    FRAMES: lazy_gettext("Drawing the film"),
    MUX: lazy_gettext("Adding the sound"),
}

#: What a stage does in works of another kind than a song's film.
STAGES_OF_KINDS: Mapping[str, Mapping[str, LazyString]] = {
    "text_to_film": {MOTION: lazy_gettext("Learning the text")},
    "dub": {DECODE: lazy_gettext("Looking at film and sound"), MOTION: lazy_gettext("Learning the sound")},
    "film_to_script": {DECODE: lazy_gettext("Looking at the film")},
    "sync_film": {LISTEN: lazy_gettext("Comparing sound and lips"), MUX: lazy_gettext("Moving the sound")},
    "verify_film": {FRAMES: lazy_gettext("Looking for the mark"), LISTEN: lazy_gettext("Comparing lips and voice")},
    "fill_film": {DECODE: lazy_gettext("Looking for missing pictures"), MOTION: lazy_gettext("Learning the sound")},
    "transfer": {DECODE: lazy_gettext("Looking at the film"), MOTION: lazy_gettext("Learning the movements")},
    "compare_films": {DECODE: lazy_gettext("Looking at the films"), FRAMES: lazy_gettext("Putting the films side by side")},
    "caption_film": {DECODE: lazy_gettext("Looking at the film")},
    "look_film": {DECODE: lazy_gettext("Looking at the film")},
    "translate_film": {MOTION: lazy_gettext("Learning the new voices")},
}

JOB_STATES: Mapping[str, LazyString] = {
    "queued": lazy_gettext("waiting"),
    "running": lazy_gettext("being made"),
    "done": lazy_gettext("ready"),
    "failed": lazy_gettext("did not work"),
    "cancelled": lazy_gettext("cancelled"),
}

SIDES: tuple[LazyString, ...] = (
    lazy_gettext("on the left"),
    lazy_gettext("in the middle"),
    lazy_gettext("on the right"),
)


def clock(seconds: float | None) -> str:
    """A length or time as minutes and seconds, `3:05`; with tenths where there are any, `0:02.5`, in German `0:02,5`."""
    if seconds is None:
        return ""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    whole, tenth = divmod(rest, 10)
    return f"{minutes}:{whole:02d}" + (f"{decimal_symbol()}{tenth}" if tenth else "")


def short_clock(seconds: float | None) -> str:
    """A length in whole seconds, for lists."""
    return "" if seconds is None else clock(round(seconds))


def time_left(seconds: float | None, overdue: bool = False) -> str:
    """How long it will take, in words; empty where nobody knows yet. `static/js/progress.js` says the same.

    overdue: whether it takes longer than was foreseen, which is said too.
    """
    if seconds is None:
        return ""
    said = for_scripts()
    left = left_in_words(seconds, said)
    return said["overdue"].format(left=left) if overdue else left


def stage_words(kind: WorkKind) -> dict[str, str | LazyString]:
    """The stages of a kind of work in their order, and what each does."""
    words = {**STAGES, **STAGES_OF_KINDS.get(kind.name, {})}
    return {name: words.get(name, name) for name in kind.stages}


def left_in_words(seconds: float, said: Mapping[str, str]) -> str:
    """The time left in steps that are the finer the less it is."""
    if seconds < 50:
        return said["seconds_left"].format(n=max(2, round(seconds)) if seconds < 10 else 5 * round(seconds / 5))
    if seconds < 5400:
        minutes = max(1, round(seconds / 60))
        return said["minute_left"] if minutes == 1 else said["minutes_left"].format(n=minutes)
    hours = round(seconds / 3600)
    return said["hour_left"] if hours == 1 else said["hours_left"].format(n=hours)


def size(count: int) -> str:
    """A number of bytes for people."""
    if count < 1_000_000:
        return gettext("%(number)s kB", number=format_decimal(max(1, round(count / 1000))))
    return gettext("%(number)s MB", number=format_decimal(round(count / 1e6, 1)))


def language_words(tag: str) -> str:
    """A language as BCP 47 writes it, by its name in the visitor's own: American English."""
    name = BabelLocale.parse(tag, sep="-").get_display_name(get_locale())
    return name[:1].upper() + name[1:] if name else tag


def for_scripts() -> dict[str, str]:
    """The texts that the pages' scripts say."""
    return {
        "uploading": gettext("Uploading: {percent} %"),
        "checking": gettext("Uploaded. Checking it …"),
        "waiting_look": gettext("Uploaded. Files to be checked before it: {n}"),
        "failed": gettext("The connection broke. Choose the same file again: the upload goes on where it stopped."),
        "undo": gettext("Undo"),
        "deleted": gettext("“{title}” is deleted. It can be brought back for a day."),
        "failed_plain": gettext("The connection broke; try again."),
        "empty": gettext("The file is empty; choose another."),
        "retrying": gettext("The connection broke; trying again …"),
        "too_large": gettext("This file is larger than {limit}; choose a smaller one."),
        "start": gettext("Start of the part"),
        "end": gettext("End of the part"),
        "part": gettext("Chosen: {length}."),
        "play_part": gettext("Play the part"),
        "stop": gettext("Stop"),
        "drop": gettext("Drop the file to upload it"),
        "working": gettext("One moment …"),
        "queue": gettext("Waiting for its turn"),
        "offline": gettext("The connection is gone; the film goes on being made. Trying again …"),
        "seconds_left": gettext("about {n} seconds left"),
        "minute_left": gettext("about a minute left"),
        "minutes_left": gettext("about {n} minutes left"),
        "hour_left": gettext("about an hour left"),
        "hours_left": gettext("about {n} hours left"),
        "overdue": gettext("longer than foreseen: {left}"),
        **for_key_points(),
        "voice_waits": gettext("The voice is being prepared; the first time this takes some seconds …"),
        "film_ready": gettext("Your film is ready."),
        "preview_begins": gettext("The preview is being made …"),
        "preview_changed": gettext("Something was changed since: show three seconds again to see it."),
        "preview_refused": gettext("The preview can't be asked for like this; reload the page and try again."),
        "preview_stopped": gettext("The preview was stopped."),
        "listening": gettext("The song is being analysed. If a film is being made, this waits for its turn …"),
        "failed_to_ask": gettext("The connection is gone; try again in a moment."),
        "frame_at": gettext("Frame: {left}, {top} to {right}, {bottom}"),
        "frame_placed": gettext("A frame was placed; put it around the face."),
        "tick_picture": gettext("Tick the pictures that are to sing as well."),
        "tick_song": gettext("Tick the songs that are to be sung as well."),
    }


def for_cameras() -> dict[str, str]:
    """What is said where the camera is used."""
    return {
        "camera_asked": gettext("Your browser asks whether this page may use the camera."),
        "camera_ready": gettext("The camera is on."),
        "camera_without_sound": gettext("The camera is on. No microphone was found: the film will have no sound."),
        "camera_counts": gettext("It begins in {n}."),
        "camera_records": gettext("Recording."),
        "camera_done": gettext("Recorded. Look at it, then use it or record it again."),
        "camera_title": gettext("Recording"),
        "camera_refused": gettext(
            "The browser does not give the camera. Allow it beside the address of this page, then try again."
        ),
        "camera_missing": gettext("No camera was found. Connect one, then try again."),
        "camera_busy": gettext("The camera can't be used: most likely another program uses it. Close that, then try again."),
        "camera_unsafe": gettext("Browsers give the camera to pages with https:// or on this computer alone."),
        "camera_lost": gettext("The camera is gone. Connect it, then try again."),
        "camera_cannot_record": gettext("Your browser can't record what the camera sees; choose a film instead."),
    }


def for_key_points() -> dict[str, str]:
    """What the script of the curve says of it and of its key points."""
    return {
        "own_curve": gettext("The song's own curve: from {low} to {high}, strongest at {time}."),
        "own_find": gettext("Show the song's own curve"),
        "own_take": gettext("Change the song's own curve"),
        "heard": gettext("This is the song's own curve."),
        "network_curve": gettext("The trained network's curve: from {low} to {high}, strongest at {time}."),
        "network_find": gettext("Show the network's curve"),
        "network_take": gettext("Change the network's curve"),
        "network_heard": gettext("This is the trained network's curve; dashed: the song's own."),
        "point_time": gettext("Time of key point {n}, in seconds"),
        "point_value": gettext("Strength of key point {n}"),
        "point_at": gettext("{value} at {time}"),
        "point_remove": gettext("Remove key point {n}"),
        "point_added": gettext("A key point was added at {time}, strength {value}."),
        "point_gone": gettext("The key point at {time} was removed."),
        "points_gone": gettext("The key points were removed; the film follows the song."),
        "points_taken": gettext("Key points now: {n}. Change them as you like."),
        "points_many": gettext("Key points: {n}; more can't be added."),
        "points_wrong": gettext(
            "These key points can't be read; write seconds:strength with commas between, as in 0:0.3, 12.5:0.9."
        ),
    }
