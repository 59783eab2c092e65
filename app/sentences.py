"""The pipeline's sentences as the pages say them: without command-line words, and ready for translation.

The pipeline speaks English and names options as its command line does. Each entry here is one of its sentences, with `{name}` for
what varies; where the page needs other words, `SAID_AS` has them. A sentence that is not known is shown as it came.
"""

from __future__ import annotations

import re
from functools import lru_cache

from flask_babel import gettext

from app.errors import AppError
from app.numbers import own_numbers
from app.said_as import N_, SAID_AS
from core.errors import BelcantoError
from core.options import Declared, OptionError

#: Sentences of errors and notes that a person can meet in the wizard.
SENTENCES: tuple[str, ...] = (
    # pictures
    N_(
        "The picture {name} is of a kind that is not known here, or damaged; PNG, JPEG, WebP, HEIC, AVIF, GIF, TIFF and BMP are"
        " accepted."
    ),
    N_("The picture {name} is damaged and can't be decoded; save it anew or give another."),
    N_("The picture {name} is empty; PNG, JPEG, WebP, HEIC, AVIF, GIF, TIFF and BMP are accepted."),
    N_("The picture was turned by 90 degrees to the left, so that the face stands upright."),
    N_("The picture was turned by 90 degrees to the right, so that the face stands upright."),
    N_("The picture was turned by 180 degrees, so that the face stands upright."),
    N_("The picture has several pages; its first one is used."),
    N_("The picture {name} is a camera's raw picture, of which only a small preview can be read; export it as a JPEG."),
    N_("The picture {name} has more than {count} million pixels; make it smaller first."),
    N_("The picture {name} has only {width} x {height} pixels; each side needs {least} or more."),
    N_("The picture is animated; its first frame is used."),
    N_("The picture's colour profile does not fit or is damaged; the colours are taken as sRGB."),
    # faces
    N_(
        "No human face was found in the picture; a photo, painting or drawing of one person who looks about into the camera"
        " is accepted, an animal is not."
    ),
    N_("The face looks like an animal's, so it sings without teeth."),
    N_(
        "The mouth stands wide open in the picture; the film has to make up the shut mouth and the raised chin, which can"
        " look odd. A picture in which the lips are shut or nearly so sings better."
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
    # options
    N_("There is no option called {name}."),
    # songs
    N_(
        "The song {name} has no sound in it; MP3, WAV, FLAC, M4A/AAC, OGG/Opus, WMA"
        " and most other sound files are accepted, and films with sound (MP4, MOV, WebM, MKV, AVI)."
    ),
    N_(
        "The song {name} is damaged or no sound file that is known here; MP3, WAV, FLAC, M4A/AAC, OGG/Opus, WMA"
        " and most other sound files are accepted, and films with sound (MP4, MOV, WebM, MKV, AVI)."
    ),
    N_(
        "The song {name} holds no sound that can be decoded; MP3, WAV, FLAC, M4A/AAC, OGG/Opus, WMA"
        " and most other sound files are accepted, and films with sound (MP4, MOV, WebM, MKV, AVI)."
    ),
    N_(
        "The song {name} is empty; MP3, WAV, FLAC, M4A/AAC, OGG/Opus, WMA"
        " and most other sound files are accepted, and films with sound (MP4, MOV, WebM, MKV, AVI)."
    ),
    N_("The song {name} lasts only {length} s; at least {least} s are needed."),
    N_(
        "The song {name} lasts longer than {count} minutes, which is the most that is accepted; give a shorter one or a part"
        " of it."
    ),
    N_(
        "The song {name} has {count} channels at {rate} kHz, of which at most {most} s are accepted; save it as stereo at 48 kHz."
    ),
    N_("The song lasts {length} s, so it can't begin at {start} s; {latest} s is the latest start."),
    N_("The excerpt of {length} s is too short; at least {least} s are needed."),
    N_("The sound holds values that are not numbers; export it again as a plain WAV or FLAC file."),
    # files of another kind
    N_(
        "The file {name} is {kind}, not a song; MP3, WAV, FLAC, M4A/AAC, OGG/Opus, WMA"
        " and most other sound files are accepted, and films with sound (MP4, MOV, WebM, MKV, AVI)."
    ),
    N_(
        "The file {name} is {kind}, which can't be used as a picture; PNG, JPEG, WebP, HEIC, AVIF, GIF, TIFF and BMP are"
        " accepted."
    ),
    N_("The file {name} needs more memory than one file may take; give a smaller one."),
    N_("The file takes too long to decode; give a shorter or simpler one."),
    N_("The file is damaged in a way that breaks decoders; save it anew or give another."),
    N_("The file could not be looked at because of an error in the program; it may be good. Try again later."),
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
    N_("No singing was heard in the voice: the mouth will stay shut."),
    N_(
        "The song goes up to {peak} times what a film's sound can hold; in the film it is {softer} dB softer, so that nothing"
        " is clipped."
    ),
    N_(
        "The song goes up to {peak} times what a film's sound can hold; in the film it is {softer} dB softer, and its highest"
        " peaks are limited."
    ),
    N_("{name} ends {length} s after the start; the film ends with it."),
    N_("The engine is {name}, the best that this program has for a machine without a graphics card."),
    N_("This is a drawing, but the engine made for drawings can't run, so the engine is mesh. {reason}"),
    N_("{drawn} of the film's {fps} frames a second are drawn, RIFE fills in the rest."),
    N_("In {count} of {all} frames no face was found to restore; they stay as drawn."),
    N_("In {count} of {all} frames the restored face was no face; they stay as drawn."),
    N_("Restoring faces took {seconds} s a frame on this CPU; a graphics card takes a small part of that."),
    N_(
        "Without a graphics card, restoring faces takes {seconds} s a frame or more: at least {minutes} min for the {count}"
        " frames of this film. Without it the film is ready that much sooner."
    ),
    # why a film's quality can't be told
    N_("With {length} s the film is too short to judge mouth and voice; from {least} s on it can be told."),
    N_("The voice sounds for {length} s only; at least {least} s are needed to judge the mouth."),
    N_("The film is sung nearly throughout; only one in which the voice also pauses can be judged."),
    N_("Without this lag mouth and voice go together nearly as well; a film this short can't tell."),
    N_("A face was found in {count} frames only; {least} are needed."),
    N_("The voice is silent throughout the film."),
    N_("The song has no passage without voice that is long enough."),
    N_("The lips can't be measured: no face was found in the film."),
    N_("The lips can't be measured: their landmarks move, but no pixel between nose and chin changes with them."),
    N_(
        "The lips can't be measured. The face's landmarks don't follow this mouth: their aperture and its changed pixels"
        " correlate by {value} only, and its pixels can't tell either, since the skin beside the nose changes nearly as much."
    ),
    N_(
        "The lips can't be measured. The face's landmarks don't follow this mouth: their aperture and its changed pixels"
        " correlate by {value} only, and the film comes back to no look of it that is surely the resting one, so open can't be"
        " told from shut. It takes a longer film, or one with a pause in the singing."
    ),
    # engines
    N_(
        "The frame around the face is {width} x {height} pixels within the picture; at least {least} x {least_too} are needed,"
        " from the hairline to the chin."
    ),
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
    N_("a WMA file"),
    N_("a WMV film"),
    N_("an AC3 file"),
    N_("an E-AC3 file"),
    N_("a DTS file"),
    N_("an AMR file"),
    N_("an AU file"),
    N_("an AVI film"),
    N_("a Flash film"),
    N_("an MPEG transport stream"),
    N_("an MPEG film"),
    N_("a WavPack file"),
    N_("a TTA file"),
    N_("a TAK file"),
    N_("a Monkey's Audio file"),
    N_("a Musepack file"),
    N_("a RealMedia file"),
    N_("a Creative Voice file"),
    N_("a DSD file"),
    N_("a TrueHD file"),
    N_("an MXF film"),
    N_("a NUT file"),
    N_("a SoX file"),
    N_("a Flash program"),
    N_("an ATRAC file"),
    N_("an ADX file"),
    N_("a recording of Windows television"),
    N_("a text"),
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
    N_("a camera's raw picture"),
    N_("a JPEG XL picture"),
    N_("a JPEG 2000 picture"),
    N_("a Windows icon"),
    N_("an OpenEXR picture"),
    N_("a Radiance picture"),
    N_("a GIMP picture"),
    N_("a Photoshop picture"),
    N_("a PDF document"),
    N_("a ZIP archive or an office document"),
    N_("a packed archive"),
    N_("a program"),
    N_("a MIDI file, which holds notes and no sound"),
)


#: Places in the sentences at which something stands that a person has written or that is a name: it is left as it is.
WRITTEN_BY_PERSONS = ("name", "names", "text", "title", "list")
#: Words of sentences that tell the operator what to type.
COMMANDS = re.compile(r"\bpip install\b|\bpython -m\b|`make |\bRun: ")
LACKS_SOMETHING = N_("This server lacks a part that this needs. Whoever runs it finds in its log what brings it.")


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
    """The sentence in the person's language, with its numbers; as it came where it is not known.

    What only the operator of the server can do anything about, a command to be typed there, is not for a visitor.

    Several sentences in one text, as an error of a job may hold, are not taken apart.
    """
    for pattern, said in known():
        if found := pattern.fullmatch(sentence):
            return gettext(said).format(**{name: value_in_words(name, text) for name, text in found.groupdict().items()})
    return gettext(LACKS_SOMETHING) if COMMANDS.search(sentence) else sentence


def value_in_words(name: str, text: str) -> str:
    """What stands at a sentence's `{name}`, in the person's language: a kind of files, a sentence in the sentence, a number."""
    if name == "reason":
        return in_words(text)
    if text in KINDS:
        return gettext(text)
    return text if name in WRITTEN_BY_PERSONS else own_numbers(text)


def value_of_ours(name: str, value: object) -> object:
    """A value of an error of the application, its numbers as the person's language writes them."""
    return own_numbers(str(value)) if isinstance(value, str | float) and name not in WRITTEN_BY_PERSONS else value


def said_name(option: Declared) -> str:
    """What the person knows an option by."""
    return gettext(option.option.label) if option.option.label else option.name


def in_person_words(error: BelcantoError) -> str:
    """What an error says, in the person's language: the application's own by its template, the pipeline's by `in_words`."""
    if isinstance(error, AppError):
        return gettext(error.template, **{name: value_of_ours(name, value) for name, value in error.values.items()})
    if isinstance(error, OptionError):
        who = gettext("The option %(name)s", name=said_name(error.option))
        return own_numbers(gettext(error.template, **{**error.values, "option": who}))
    return in_words(str(error))
