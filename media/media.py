"""Sound and film files in and out, by ffmpeg. Everything streams: neither a song nor a film lies in memory as a whole.

This is the door that other rooms use. Behind it: `sound_reader.py`, `film_reader.py` and `film_writer.py`, which run what
`ffmpeg_args.py` builds through `ffmpeg_run.py`.
"""

from core.output_files import check_free_space, check_output, check_output_folder, whole_file
from media.ffmpeg_args import FilmSettings
from media.film_loop import LoopKind, loop_index, loop_length, looped_frames
from media.film_opening import open_film
from media.film_reader import VideoInfo, probe_video, read_frames
from media.film_source import Damage, FilmSource
from media.film_writer import DUBBED_COMMENT, FILLED_COMMENT, FilmWriter
from media.loudness import gain_of_quiet_sound, gain_of_quiet_voice
from media.sound_reader import AudioInfo, excerpt_duration_s, probe_audio, read_audio, read_audio_blocks

__all__ = [
    "AudioInfo",
    "DUBBED_COMMENT",
    "FILLED_COMMENT",
    "Damage",
    "FilmSettings",
    "FilmSource",
    "FilmWriter",
    "LoopKind",
    "VideoInfo",
    "check_output",
    "check_output_folder",
    "check_free_space",
    "excerpt_duration_s",
    "gain_of_quiet_sound",
    "gain_of_quiet_voice",
    "loop_index",
    "loop_length",
    "looped_frames",
    "open_film",
    "probe_audio",
    "probe_video",
    "read_audio",
    "read_audio_blocks",
    "read_frames",
    "whole_file",
]
