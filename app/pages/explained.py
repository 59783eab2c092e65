"""The guide's list of messages: what is said, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext


@dataclass(frozen=True)
class Group:
    """Messages about one thing: pairs of what is said and what to do."""

    title: LazyString
    entries: tuple[tuple[LazyString, LazyString], ...]


EXPLAINED: tuple[Group, ...] = (
    Group(
        lazy_gettext("About a song"),
        (
            (
                lazy_gettext("It is damaged, or not a sound file of a known kind"),
                lazy_gettext("Open it in a player to see whether it plays at all; then save or export it as MP3 or WAV."),
            ),
            (
                lazy_gettext("It has no sound in it"),
                lazy_gettext("It is a film without sound, or a picture. Choose the file that holds the song."),
            ),
            (
                lazy_gettext("It is too short or too long"),
                lazy_gettext("At least half a second is needed; the longest that is accepted stands under “What is accepted”."),
            ),
            (
                lazy_gettext("No voice was found"),
                lazy_gettext("The film is made, but the mouth stays shut. Choose a part in which somebody sings."),
            ),
        ),
    ),
    Group(
        lazy_gettext("About a picture"),
        (
            (
                lazy_gettext("It is of an unknown kind, or damaged"),
                lazy_gettext("Open it in a picture program and save it as JPEG or PNG. Drawings in SVG must be exported first."),
            ),
            (
                lazy_gettext("No human face was found"),
                lazy_gettext("Use a picture in which the face is larger, brighter, and seen from the front."),
            ),
            (
                lazy_gettext("The picture has several faces"),
                lazy_gettext("Choose the one that sings: click its frame, or choose it in the list below the picture."),
            ),
            (
                lazy_gettext("The face is turned too far to the side, up or down, or tilted"),
                lazy_gettext("Use a picture that looks into the camera, or turn the picture upright."),
            ),
            (
                lazy_gettext("The face is cut off at the edge"),
                lazy_gettext("Use a picture that shows all of it, from forehead to chin."),
            ),
            (
                lazy_gettext("The face is too small"),
                lazy_gettext("Crop the picture closer to the person, or use a larger one."),
            ),
            (
                lazy_gettext("It has too many pixels"),
                lazy_gettext("Save it smaller; more pixels than the film shows are of no use."),
            ),
        ),
    ),
    Group(
        lazy_gettext("About a film"),
        (
            (
                lazy_gettext("It could not be made"),
                lazy_gettext(
                    "The message says why. Where it blames neither song nor picture, try again; what is finished is kept."
                ),
            ),
            (
                lazy_gettext("It took too long"),
                lazy_gettext("Choose a smaller height, fewer frames per second, or a shorter part of the song."),
            ),
            (
                lazy_gettext("A part of Belcanto is missing"),
                lazy_gettext("Tell whoever runs it; the server's log says how to add it."),
            ),
            (
                lazy_gettext("Too many films are waiting"),
                lazy_gettext("Wait until some are done, or cancel one."),
            ),
        ),
    ),
    Group(
        lazy_gettext("About an upload"),
        (
            (
                lazy_gettext("The file is too large"),
                lazy_gettext("Save the song as MP3 or the picture as JPEG: they are much smaller."),
            ),
            (
                lazy_gettext("The connection broke"),
                lazy_gettext("Choose the same file again: the upload goes on where it stopped."),
            ),
            (
                lazy_gettext("The page was open for too long"),
                lazy_gettext("Load it again, and send the form once more."),
            ),
        ),
    ),
)
