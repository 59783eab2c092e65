"""MuseTalk's lips on the frames of a film; what it sees of a film is kept, so that the film is prepared once for many sounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from core.contracts import ByteArray, FloatArray, FrameFilter, Progress
from core.engine_card import Note
from core.messages import message
from faces.tracking.tracks import FilmFaces
from lipsync.card import LipsTask
from lipsync.crop_filter import CropLips
from lipsync.crop_places import places_of
from lipsync.musetalk.avatar import prepared
from lipsync.musetalk.checkpoint import MuseTalkNetworks, read_networks
from lipsync.musetalk.crops import POINTS_68, SIDE, V15, CropRule, crop_box, rule_of_v10
from lipsync.musetalk.options import V10, MuseTalkOptions
from lipsync.musetalk.runner import MuseTalk
from lipsync.musetalk.settings import MuseTalkSettings
from lipsync.musetalk.sound import features_of, rows_of_frames
from media.sound_reader import read_audio
from neural.device import CardChoice
from neural.gpu_turn import STAGE as WAITING
from neural.gpu_turn import device_turn
from neural.log_mel import RATE_HZ


def musetalk_filter(options: MuseTalkOptions, device: CardChoice, task: LipsTask, note: Note) -> FrameFilter:
    """The filter with the networks that the options name; the SHA-256 of a file that the user named is noted."""
    networks = read_networks(unet=options.musetalk_file)
    if options.musetalk_file is not None:
        file = networks.files["unet"]
        note(message("lipsync.musetalk.drawn_by", name=file.path.name, sha256=file.sha256))
    rule = rule_of_v10(options.bbox_shift) if options.musetalk_version == V10 else V15
    return lips_filter(networks, rule, MuseTalkSettings(device), task)


def lips_filter(networks: MuseTalkNetworks, rule: CropRule, settings: MuseTalkSettings, task: LipsTask) -> FrameFilter:
    """The same with networks at hand. Where the task keeps things, the film is prepared first, or taken as it was kept."""
    musetalk = MuseTalk(networks, settings)
    with device_turn(musetalk.device, lambda: None):
        heard = musetalk.hear(read_audio(task.voice, RATE_HZ, 1)[:, 0])
    rows = rows_of_frames(len(task.track), len(heard), task.faces.fps)
    places = places_of(task.faces, task.track, box_rule(task.faces, rule))
    avatar = prepared(task, places, rule, musetalk, networks) if task.keep is not None else None

    def draw(crops: Sequence[ByteArray], numbers: Sequence[int], progress: Progress) -> list[ByteArray]:
        features = np.concatenate([features_of(heard, rows[[number]]) for number in numbers])
        with device_turn(musetalk.device, lambda: progress(WAITING, 0, 0)):
            latents = musetalk.latents(np.stack(crops)) if avatar is None else avatar.latents(numbers, musetalk)
            return list(musetalk.drawn(latents, features))

    return CropLips(task.track, places, SIDE, musetalk.batch_frames, draw)


def box_rule(faces: FilmFaces, rule: CropRule) -> Callable[[FloatArray], FloatArray | None]:
    """The box (4,) of landmarks (478, 3) in the film's frames, by MuseTalk's rule."""

    def box_of(landmarks: FloatArray) -> FloatArray | None:
        box = crop_box(landmarks[list(POINTS_68), :2], faces.width, faces.height, rule)
        return None if box is None else np.array([box.left, box.top, box.right, box.bottom], np.float32)

    return box_of
