"""The pipeline's sentences as the pages say them: without command-line words, and ready for translation.

The pipeline speaks English and names options as its command line does. Each entry here is one of its sentences, with `{name}` for
what varies; where the page needs other words, `SAID_AS` has them. A sentence that is not known is shown as it came.
"""

from __future__ import annotations

import re
from functools import lru_cache

from flask_babel import gettext

from app.errors import AppError
from pipeline.errors import BelcantoError


def N_(text: str) -> str:
    """Marks a text for extraction and gives it back as it is."""
    return text


#: Sentences of errors and notes that a person can meet in the wizard.
SENTENCES: tuple[str, ...] = (
    # pictures
    N_("The picture {name} is of a kind that is not known here, or damaged; PNG, JPEG, WebP, HEIC and AVIF are accepted."),
    N_("The picture {name} is damaged and can't be decoded; save it anew or give another."),
    N_("The picture {name} is empty; PNG, JPEG, WebP, HEIC and AVIF are accepted."),
    N_("The picture {name} has more than {count} million pixels; make it smaller first."),
    N_("The picture {name} has only {width} x {height} pixels; each side needs {least} or more."),
    N_("The picture is animated; its first frame is used."),
    N_("The picture's colour profile does not fit or is damaged; the colours are taken as sRGB."),
    # faces
    N_(
        "No human face was found in the picture; a photo, painting or drawing of one person who looks about into the camera"
        " is accepted, an animal is not."
    ),
    N_("The head is tipped by {angle} degrees; up to {limit} are accepted. Turn the picture upright."),
    N_("The face looks {angle} degrees to the right; up to {limit} can be animated. Give a picture in which both eyes are seen."),
    N_("The face looks {angle} degrees to the left; up to {limit} can be animated. Give a picture in which both eyes are seen."),
    N_("The face looks {angle} degrees up; up to {limit} can be animated. Give a picture that looks into the camera."),
    N_("The face looks {angle} degrees down; up to {limit} can be animated. Give a picture that looks into the camera."),
    N_("The face is cut by the picture's left border; give a picture that shows it whole, from forehead to chin."),
    N_("The face is cut by the picture's right border; give a picture that shows it whole, from forehead to chin."),
    N_("The face is cut by the picture's top border; give a picture that shows it whole, from forehead to chin."),
    N_("The face is cut by the picture's bottom border; give a picture that shows it whole, from forehead to chin."),
    N_(
        "The face is only {width} pixels wide; at least {least} are needed."
        " Give a larger picture of it, or one taken from nearer."
    ),
    # songs
    N_("The song {name} has no sound in it; MP3, WAV, FLAC, M4A/AAC, OGG/Opus and the sound of MP4, MOV or WebM are accepted."),
    N_(
        "The song {name} is damaged or no sound file that is known here; MP3, WAV, FLAC, M4A/AAC, OGG/Opus and the sound of MP4,"
        " MOV or WebM are accepted."
    ),
    N_(
        "The song {name} can't be read ({reason}); MP3, WAV, FLAC, M4A/AAC, OGG/Opus and the sound of MP4, MOV or WebM are"
        " accepted."
    ),
    N_(
        "The song {name} holds no sound that can be decoded; MP3, WAV, FLAC, M4A/AAC, OGG/Opus and the sound of MP4, MOV or WebM"
        " are accepted."
    ),
    N_("The song {name} is empty; MP3, WAV, FLAC, M4A/AAC, OGG/Opus and the sound of MP4, MOV or WebM are accepted."),
    N_("The song {name} lasts only {length} s; at least {least} s are needed."),
    N_(
        "The song {name} lasts longer than {count} minutes, which is the most that is accepted; give a shorter one or a part"
        " of it."
    ),
    N_("The song lasts {length} s, so it can't begin at {start} s; {latest} s is the latest start."),
    N_("The excerpt of {length} s is too short; at least {least} s are needed."),
    N_("The sound holds values that are not numbers; export it again as a plain WAV or FLAC file."),
    # files of another kind
    N_(
        "The file {name} is {kind}, not a song; MP3, WAV, FLAC, M4A/AAC, OGG/Opus and the sound of MP4, MOV or WebM are accepted."
    ),
    N_("The file {name} is {kind}, which can't be used as a picture; PNG, JPEG, WebP, HEIC and AVIF are accepted."),
    N_("The file {name} needs more memory than one file may take; give a smaller one."),
    N_("The file takes too long to decode; give a shorter or simpler one."),
    N_("The file is damaged in a way that breaks decoders; save it anew or give another."),
    # jobs
    N_("The film could not be made because of an error in the program."),
    N_("The film took longer than {count} minutes; choose a shorter part or a smaller film."),
    N_("Making this film has ended the program again and again; it was given up."),
    N_("The song's emotion could not be found because of an error in the program."),
    N_("Finding the song's emotion took too long; choose a shorter part of the song."),
    N_("The quality report could not be made because of an error in the program."),
    N_("The quality report was not finished in time."),
    # notes about a film
    N_("This file is voice alone: nothing had to be separated, and the lips follow the file itself."),
    N_("No voice was found in this file: the mouth will stay shut."),
    N_("This file is silent: the mouth will stay shut."),
    N_("{name} ends {length} s after the start; the film ends with it."),
    N_("The engine is {name}, the best that this program has for a machine without a graphics card."),
    N_("The face is {width} px wide and grainy; the picture was enhanced to {new_width} x {new_height} px."),
    N_("The face is {width} px wide and sharp; the picture was enhanced to {new_width} x {new_height} px."),
    N_("The face is {width} px wide, with the detail of {detail} px; the picture was enhanced to {new_width} x {new_height} px."),
)

#: Kinds of files that are refused, as they stand in the sentences above.
KINDS: tuple[str, ...] = (
    N_("an MP3 file"),
    N_("an AAC file"),
    N_("a WAV file"),
    N_("a Wave64 file"),
    N_("a FLAC file"),
    N_("an OGG file"),
    N_("an AIFF file"),
    N_("a CAF file"),
    N_("an M4A file"),
    N_("an MP4 film"),
    N_("a QuickTime film"),
    N_("a WebM or Matroska film"),
    N_("a WebM or Matroska file"),
    N_("a PNG picture"),
    N_("a JPEG picture"),
    N_("a WebP picture"),
    N_("an HEIC picture"),
    N_("an AVIF picture"),
    N_("a playlist"),
    N_("an SVG drawing"),
    N_("a web page"),
    N_("an XML file"),
    N_("a GIF picture"),
    N_("a BMP picture"),
    N_("a TIFF picture"),
    N_("a Photoshop picture"),
    N_("a PDF document"),
    N_("a ZIP archive or an office document"),
    N_("a packed archive"),
    N_("a program"),
    N_("a MIDI file, which holds notes and no sound"),
)

#: (the pipeline's sentence, the page's): where the command line's words would puzzle.
SAID_AS: tuple[tuple[str, str], ...] = (
    (
        "The picture has {count} faces; choose the one that sings with --face N: {list}.",
        N_("The picture has {count} faces; choose the one that sings."),
    ),
    (
        "There is no face {number} in the picture, which has {count}, counted from the left: --face 1 is the first.",
        N_("There is no face {number} in the picture; choose one of those that are framed."),
    ),
    (
        "A film {height} px high would be {width} px wide; at most --height {widest} fits this picture.",
        N_("A film {height} px high would be {width} px wide; at most {widest} px of height fit this picture."),
    ),
    (
        "The face is only {height} px high in the film; a larger --height or a closer picture shows its lips better.",
        N_("The face is only {height} px high in the film; a larger film or a closer picture shows its lips better."),
    ),
    (
        "The frame rate (--fps) is {value}; {low} to {high} frames a second are accepted.",
        N_("The frame rate is {value}; {low} to {high} frames a second are accepted."),
    ),
    (
        "The height (--height) is {value}; {low} to {high} pixels are accepted.",
        N_("The height is {value}; {low} to {high} pixels are accepted."),
    ),
    (
        "--expressiveness is {value}; {low} to {high} are accepted.",
        N_("The expressiveness is {value}; {low} to {high} are accepted."),
    ),
    (
        "--head-motion is {value}; {low} to {high} are accepted.",
        N_("The head motion is {value}; {low} to {high} are accepted."),
    ),
    (
        "The start (--start) is {value} s; it can't lie before the song's beginning.",
        N_("The start is {value} s; it can't lie before the song's beginning."),
    ),
    (
        "The duration (--duration) is {value} s; it must be longer than nothing.",
        N_("The part is {value} s long; its end must lie after its start."),
    ),
    (
        "The face (--face) is {value}; faces are counted from 1, from left to right.",
        N_("The face is {value}; faces are counted from 1, from left to right."),
    ),
    (
        "The seed (--seed) is {value}; a whole number from 0 up is needed.",
        N_("The take is {value}; a whole number from 0 up is needed."),
    ),
    (
        "There is no engine '{name}'; choose one of {list}.",
        N_("There is no engine called {name}; choose one of {list}."),
    ),
    (
        "{reason} The setting --lips features makes the lips without it.",
        N_("{reason} Under “More”, the lips “From the sound alone” need no model file."),
    ),
    (
        "There are no lips '{name}'; choose one of {list}.",
        N_("There are no lips called {name}; choose one of {list}."),
    ),
    (
        "There is no style '{name}'; choose one of {list}.",
        N_("There is no style called {name}; choose one of {list}."),
    ),
    (
        "There are more than {count} key points of the intensity (--intensity); give fewer.",
        N_("There are more than {count} key points of the intensity; give fewer."),
    ),
    (
        "Key point {number} of the intensity (--intensity) is no pair of a time in seconds and a value from 0 to 1.",
        N_("Key point {number} of the intensity is no pair of a time in seconds and a value from 0 to 1."),
    ),
    (
        "Key point {number} of the intensity (--intensity) lies at {time} s; times count from 0, the film's first frame.",
        N_("Key point {number} of the intensity lies at {time} s; times count from 0, the film's beginning."),
    ),
    (
        "Key point {number} of the intensity (--intensity) has the value {value}; 0 to 1 are accepted.",
        N_("Key point {number} of the intensity has the value {value}; 0 to 1 are accepted."),
    ),
    (
        "The key points of the intensity (--intensity) must go forward in time, but {time} s comes after {before} s.",
        N_("The key points of the intensity must go forward in time, but {time} s comes after {before} s."),
    ),
    (
        "The key point at {time} s of the intensity (--intensity) lies beyond the film's end at {end} s;"
        " leave it out or move it.",
        N_("The key point of the intensity at {time} s lies beyond the film's end at {end} s; leave it out or move it."),
    ),
    (
        "The key point '{text}' of the intensity (--intensity) can't be read; SECONDS:VALUE,... is accepted: 0:0.3,9:1.",
        N_("The key point “{text}” of the intensity can't be read; write SECONDS:VALUE with commas between, as in 0:0.3, 9:1."),
    ),
    (
        "The memory of this machine is not enough; use a smaller --height or an excerpt (--duration).",
        N_("The memory of this computer is not enough; choose a smaller film or a shorter part of the song."),
    ),
    (
        "The film {name} can't be written ({reason}); make room or name another folder, then start again.",
        N_("The film can't be written ({reason}); make room on the computer that runs Belcanto, then order it again."),
    ),
    (
        "The Python package '{name}' is missing or can't be loaded ({reason}). Run: {command}",
        N_("A part of Belcanto is missing ({name}). Whoever runs it can bring it with: {command}"),
    ),
    ("aperture follows the voice (correlation)", N_("The mouth opens with the voice")),
    ("correlation above the shuffled voice", N_("It follows this voice better than a shuffled one")),
    ("lag of the mouth in ms", N_("How far the mouth is behind the voice, in ms")),
    ("mouth shut in music-only passages (share)", N_("The mouth is shut where only music plays")),
    ("likeness to the source picture (mean cosine)", N_("The face stays like the picture")),
    ("length against the song in frames", N_("The film is as long as the song, in frames")),
    ("constant frame rate", N_("The frame rate is constant")),
    ("H.264 High, yuv420p, index first", N_("The pictures play everywhere (H.264)")),
    ("AAC, 48 kHz, stereo", N_("The sound plays everywhere (AAC)")),
    ("marked as AI-generated", N_("The film is marked as AI-generated")),
    ("at least {value}", N_("at least {value}")),
    ("within {value}, sound too", N_("within ±{value}, the sound too")),
    ("within {value}", N_("within ±{value}")),
    ("constant", N_("constant")),
    ("yes", N_("yes")),
)


def pattern_of(template: str) -> re.Pattern[str]:
    """The expression that a sentence made from the template matches, with a group for each `{name}`."""
    parts = re.split(r"\{(\w+)\}", template)
    return re.compile(
        "".join(f"(?P<{part}>.+?)" if index % 2 else re.escape(part) for index, part in enumerate(parts)), re.DOTALL
    )


@lru_cache(maxsize=1)
def known() -> tuple[tuple[re.Pattern[str], str], ...]:
    """What is recognised, each with the text that is said for it."""
    pairs = [(sentence, sentence) for sentence in SENTENCES] + list(SAID_AS)
    return tuple((pattern_of(heard), said) for heard, said in pairs)


def in_words(sentence: str) -> str:
    """The sentence in the person's language; as it came where it is not known.

    Several sentences in one text, as an error of a job may hold, are not taken apart.
    """
    for pattern, said in known():
        if found := pattern.fullmatch(sentence):
            values = {name: gettext(text) if text in KINDS else text for name, text in found.groupdict().items()}
            return gettext(said).format(**values)
    return sentence


def in_person_words(error: BelcantoError) -> str:
    """What an error says, in the person's language: the application's own by its template, the pipeline's by `in_words`."""
    if isinstance(error, AppError):
        return gettext(error.template, **error.values)
    return in_words(str(error))
