"""What the scripts say that make media in the page: a voice that is recorded, a picture that is taken, or cut."""

from __future__ import annotations

from flask_babel import gettext


def for_voices() -> dict[str, str]:
    """Where a voice is recorded."""
    return {
        "voice_asked": gettext("Your browser asks whether this page may use the microphone."),
        "voice_ready": gettext("The microphone is on. Sing or speak: the bar shows how loud you are."),
        "voice_counts": gettext("It begins in {n}."),
        "voice_clips": gettext("Too loud: it distorts. Go further away, or turn the microphone down."),
        "voice_clipped": gettext("Parts of it were too loud and are distorted."),
        "voice_quiet": gettext("It is very quiet: go nearer, or turn the microphone up."),
        "voice_done": gettext("Recorded. Listen to it, then use it or record it again."),
        "voice_title": gettext("Recording"),
        "voice_unnamed": gettext("Microphone {n}"),
        "voice_lost": gettext("The microphone is gone. Connect it, then try again."),
        "voice_cannot_record": gettext("Your browser can't record sound; choose a file instead."),
        "voice_mic_refused": gettext(
            "The browser does not give the microphone. Allow it beside the address of this page, then try again."
        ),
        "voice_mic_missing": gettext("No microphone was found. Connect one, then try again."),
        "voice_mic_unsafe": gettext("Browsers give the microphone to pages with https:// or on this computer alone."),
    }


def for_parts() -> dict[str, str]:
    """Where the part of a song is chosen."""
    return {
        "loudness_faint": gettext("Very quiet ({lufs} LUFS); in the film it is as loud as in your file."),
        "loudness_quiet": gettext("Quiet ({lufs} LUFS)."),
        "loudness_usual": gettext("As loud as usual ({lufs} LUFS)."),
        "loudness_loud": gettext("Very loud ({lufs} LUFS)."),
        "loudness_cut": gettext("In places it is too loud and distorts: {percent} % of it, marked in the waveform."),
        "loudness_none": gettext("Nothing is heard in it."),
        "phrases_sought": gettext("The voice is being listened to …"),
        "phrases_found": gettext("Phrases found: {n}. The ends stop at them; with Alt they don't."),
        "phrases_none": gettext("No singing was found in it."),
    }


def for_pictures() -> dict[str, str]:
    """Where a picture is taken."""
    return {
        "picture_ready": gettext("Bring your head into the oval and look into the camera."),
        "picture_counts": gettext("Picture in {n}."),
        "picture_taken": gettext("Taken. Use it, or take it again."),
        "picture_title": gettext("Picture"),
    }


def for_cutting() -> dict[str, str]:
    """Where a picture is cut."""
    return {
        "cut_size": gettext("{width} × {height} pixels are left."),
        "cut_straight": gettext("Straightened by the eyes: {degrees}°."),
        "cut_level": gettext("The eyes are level already."),
    }
