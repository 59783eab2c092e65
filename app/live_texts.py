"""What the scripts of the talk page, of the stage and of the mirror say."""

from __future__ import annotations

from flask_babel import gettext


def for_live() -> dict[str, str]:
    """All of it, by name."""
    return {**for_states(), **for_streams(), **for_mirror(), **for_talking(), **for_feelings()}


def for_states() -> dict[str, str]:
    """What the avatar does."""
    return {
        "live_opening": gettext("The conversation is being opened …"),
        "live_preparing": gettext("The picture is being prepared: {n} s. The first time this may take a minute."),
        "live_connecting": gettext("Ready. The picture is being connected …"),
        "live_idle": gettext("Ready. Speak or write."),
        "live_listening": gettext("Listening to you"),
        "live_thinking": gettext("Thinking"),
        "live_speaking": gettext("Speaking"),
        "live_singing": gettext("Singing"),
        "live_learning": gettext("Look straight into the camera, your face at rest …"),
        "live_following": gettext("It follows you."),
        "live_unseen": gettext("Nobody is seen: come before the camera, with light on your face."),
        "live_stage_idle": gettext("Ready. It sings as soon as it hears you."),
        "live_failed": gettext("This picture can't be made to talk."),
        "live_saving": gettext("The conversation is being ended …"),
        "live_ended": gettext("The conversation has ended."),
        "live_over": gettext("The conversation has ended: {why}"),
        "live_full_hint": gettext("You can try again in a moment; everything that you have set stays."),
        "live_gone": gettext("The connection is gone. Trying again …"),
        "live_choose_sound": gettext("Choose a sound file first."),
        "live_choose": gettext("Choose a picture first."),
    }


def for_streams() -> dict[str, str]:
    """How it is seen and heard."""
    return {
        "live_by_webrtc": gettext("Connected directly (WebRTC)."),
        "live_by_mp4": gettext("Connected by a film that goes on (about a second later than it happens)."),
        "live_by_mjpeg": gettext("Connected by single pictures, without sound: read the captions."),
        "live_no_stream": gettext("The picture can't be shown here; what is said can still be read."),
        "live_sound_off": gettext("Your browser keeps the sound off until you ask for it."),
        "live_recording": gettext("The conversation is being recorded."),
        "live_recorded": gettext("The film of the conversation is ready."),
        "live_record": gettext("Record the conversation"),
        "live_record_stop": gettext("End the recording"),
        "live_transcript_name": gettext("Conversation"),
    }


def for_mirror() -> dict[str, str]:
    """The picture that follows the camera."""
    return {
        "mirror_delay": gettext("{ms} ms behind you, {n} pictures a second"),
        "mirror_record": gettext("Record a film"),
        "mirror_ended": gettext("The mirror has ended, and the camera is off."),
    }


def for_talking() -> dict[str, str]:
    """The microphone and the chat."""
    return {
        "live_mic_on": gettext("Turn the microphone on"),
        "live_mic_off": gettext("Turn the microphone off"),
        "live_mic_hears": gettext("The microphone is on."),
        "live_mic_silent": gettext("The microphone is off."),
        "live_mic_refused": gettext(
            "The browser does not give the microphone. Allow it beside the address of this page, or write instead."
        ),
        "live_mic_missing": gettext("No microphone was found. Connect one, or write instead."),
        "live_mic_unsafe": gettext(
            "Browsers give the microphone to pages with https:// or on this computer alone. Write instead."
        ),
        "live_you": gettext("You"),
        "live_avatar": gettext("Avatar"),
        "live_heard": gettext("Heard: {text}"),
        "live_unnamed_microphone": gettext("Microphone {n}"),
        "live_file_unplayable": gettext("Your browser can't play this sound file; choose another, such as MP3 or WAV."),
        "live_file_over": gettext("The sound file is at its end."),
    }


def for_feelings() -> dict[str, str]:
    """Feelings by their names."""
    return {
        "live_feels_anger": gettext("angry"),
        "live_feels_disgust": gettext("disgusted"),
        "live_feels_fear": gettext("afraid"),
        "live_feels_joy": gettext("happy"),
        "live_feels_neutral": gettext("calm"),
        "live_feels_sadness": gettext("sad"),
        "live_feels_surprise": gettext("surprised"),
    }
