"""Sentences of the pipeline that the pages say in other words: where those of the command line would puzzle."""

from __future__ import annotations


def N_(text: str) -> str:
    """Marks a text for extraction and gives it back as it is."""
    return text


#: (the pipeline's sentence, the page's): where the command line's words would puzzle.
SAID_AS: tuple[tuple[str, str], ...] = (
    (
        "The engine is mesh, which is made for photos and paintings; --engine names another.",
        N_("The engine is mesh, which is made for photos and paintings; under “More” you can choose another."),
    ),
    (
        "The picture is a drawing, so the engine is anime; --engine mesh treats it like a painting.",
        N_("The picture is a drawing, so the engine is anime; under “More” the engine mesh treats it like a painting."),
    ),
    (
        "Faces of drawings are not counted, so there is no face {number}; frame the one that sings with"
        " --frame left,top,right,bottom.",
        N_("Faces of drawings are not counted, so there is no face {number}; frame the one that sings."),
    ),
    (
        "No drawn face was found in the picture; a character who looks to the front, with both eyes seen, is accepted. Frame the"
        " face by hand, or give another drawing.",
        N_(
            "No drawn face was found in the picture. If it is a drawing, frame the face in the second step or give another; if"
            " it is none, choose another engine."
        ),
    ),
    (
        "No human face was found in the picture, but one that looks like an animal's; add --allow-animals to let it sing, or give"
        " a picture of a person.",
        N_(
            "No human face was found in the picture, but one that looks like an animal's; let it sing in the second step, or give"
            " a picture of a person."
        ),
    ),
    (
        "A frame (--frame) is for drawn faces, those of the engine anime; leave it out, or take that.",
        N_(
            "A frame around the face is for drawn faces: choose the engine for drawn characters, or take the frame back in the"
            " second step."
        ),
    ),
    (
        "A face is named either by its number (--face) or by a frame around it (--frame), not by both.",
        N_("A face is named either by its number or by a frame around it, not by both."),
    ),
    (
        "The frame around the face needs left, top, right, bottom in pixels, right of left and below the top.",
        N_("The frame around the face needs its right edge right of the left one, and its bottom below the top."),
    ),
    (
        "--size, --preprocess, --pose, --pose-style, --yaw, --pitch and --roll belong to the engine sadtalker;"
        " add --engine sadtalker, or leave them out.",
        N_("What stands under “SadTalker” belongs to that engine; choose it, or leave those fields as they were."),
    ),
    (
        "A pose style belongs to a head that the voice moves; add --pose voice, or leave --pose-style out.",
        N_("The manner of the head belongs to a head that the voice moves; let the voice move it, or set the manner to 0."),
    ),
    (
        "At {fps} frames a second all frames are drawn; --in-between interpolated is for more than 30.",
        N_("At {fps} frames a second all frames are drawn; interpolated ones are for more than 30."),
    ),
    (
        "SadTalker's networks show no feelings of their own; --style and --intensity move the head and the eyelids alone.",
        N_("SadTalker's networks show no feelings of their own; what the face feels moves the head and the eyelids alone."),
    ),
    (
        "Restoring (--restore) knows human faces alone, and the engine {name} draws other ones; leave it out.",
        N_("Restoring knows human faces alone, and the engine {name} draws other ones; set the restored share to 0."),
    ),
    (
        "The restored share (--restore) is {value}; {low} to {high} are accepted.",
        N_("The restored share is {value}; {low} to {high} are accepted."),
    ),
    (
        "There is no device '{name}'; choose one of {list}.",
        N_("There is no device called {name}; choose one of {list}."),
    ),
    (
        "There is no way of frames in between '{name}'; choose one of {list}.",
        N_("There is no way of frames in between called {name}; choose one of {list}."),
    ),
    (
        "The size (--size) is {value}; {list} pixels are accepted.",
        N_("The head's size is {value}; {list} pixels are accepted."),
    ),
    (
        "--{name} is '{value}'; choose one of {list}.",
        N_("The option {name} is {value}; choose one of {list}."),
    ),
    (
        "--pose-style is {value}; a whole number from 0 to {most} is accepted.",
        N_("The manner of the head is {value}; a whole number from 0 to {most} is accepted."),
    ),
    (
        "--{name} takes degrees from {low} to {high}, such as --{same}=-20,30.",
        N_("The option {name} takes degrees from {low} to {high}, such as -20, 30."),
    ),
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
        N_("The film can't be written; make room on the computer that runs Belcanto, then order it again."),
    ),
    (
        "The folder {name} has room for {free}, and about {needed} are needed; make room there, or name another.",
        N_("The computer that runs Belcanto has too little room for this film; make room there, then order it again."),
    ),
    (
        "The folder {name} can't be written ({reason}); {advice}.",
        N_("The film can't be written; make room on the computer that runs Belcanto, then order it again."),
    ),
    (
        "The song {name} can't be read ({reason}); MP3, WAV, FLAC, M4A/AAC, OGG/Opus, WMA"
        " and most other sound files are accepted, and films with sound (MP4, MOV, WebM, MKV, AVI).",
        N_(
            "The song {name} can't be read; MP3, WAV, FLAC, M4A/AAC, OGG/Opus, WMA"
            " and most other sound files are accepted, and films with sound (MP4, MOV, WebM, MKV, AVI)."
        ),
    ),
    # what the operator of the server is told with the command that helps: visitors can't type it, and the log has it
    (
        "The Python package '{name}' is missing or can't be loaded ({reason}). Run: {command}",
        N_("This server lacks a part that this needs. Whoever runs it finds in its log what brings it."),
    ),
    (
        "The Python package '{name}' is missing. Run: {command}",
        N_("This server lacks a part that this needs. Whoever runs it finds in its log what brings it."),
    ),
    (
        "The package onnx is missing, which prepares the networks of the anime engine once; `pip install onnx` brings it.",
        N_("This server lacks what the engine for drawn characters needs."),
    ),
    ("The SadTalker engine lacks {what}; run {commands}.", N_("This server lacks what the engine SadTalker needs.")),
    (
        "The engines can't be looked at because of an error in the program ({reason}).",
        N_("The engines can't be looked at because of an error in the program."),
    ),
    ("aperture follows the voice (correlation)", N_("The mouth opens with the voice")),
    ("mouth's changed pixels follow the voice (correlation)", N_("The mouth opens with the voice")),
    ("correlation above the shuffled voice", N_("It follows this voice better than a shuffled one")),
    ("lag of the mouth in ms", N_("How far the mouth is behind the voice, in ms")),
    ("mouth shut in music-only passages (share)", N_("The mouth is shut where only music plays")),
    ("mouth at rest in music-only passages (share)", N_("The mouth is shut where only music plays")),
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
