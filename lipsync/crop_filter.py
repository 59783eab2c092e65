"""What the engines that paint crops share: frames in batches, their crops to the network, what it draws back into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np

from core.contracts import ByteArray, Progress, silent
from core.frame_stream import closing_frames
from faces.tracking.tracks import FaceTrack
from lipsync.blending import Blend
from lipsync.crop_places import Places, cut

STAGE = "lips"
#: Gives crops (side, side, 3) uint8, as many as frames are named: crops as they are in the film, and the frames' numbers.
DrawCrops = Callable[[Sequence[ByteArray], Sequence[int], Progress], Sequence[ByteArray]]


class CropLips:
    """A `FrameFilter`: the film's frames in, the same with one person's new lips out; one batch is in memory."""

    def __init__(self, track: FaceTrack, places: Places, side_px: int, batch: int, draw: DrawCrops) -> None:
        self._track, self._places, self._side_px, self._batch, self._draw = track, places, side_px, batch, draw

    def apply(self, frames: Iterator[ByteArray], progress: Progress = silent) -> Iterator[ByteArray]:
        """See `FrameFilter`; frames beyond the track's last pass as they are."""
        blend, number = Blend(), 0
        with closing_frames(frames):
            while batch := list(islice(frames, self._batch)):
                numbers = [each for each in range(number, number + len(batch)) if self._is_drawn(each)]
                crops = [cut(batch[each - number], self._places.boxes[each], self._side_px) for each in numbers]
                drawn = dict(zip(numbers, self._draw(crops, numbers, progress) if numbers else (), strict=True))
                for frame in batch:
                    yield self._put_back(blend, frame, drawn[number], number) if number in drawn else frame
                    number += 1
                    progress(STAGE, min(number, len(self._track)), len(self._track))

    def _is_drawn(self, number: int) -> bool:
        return number < len(self._track) and bool(self._places.shown[number] > 0)

    def _put_back(self, blend: Blend, frame: ByteArray, drawn: ByteArray, number: int) -> ByteArray:
        places = self._places
        if places.begins[number]:
            blend.begin()
        landmarks = np.asarray(self._track.landmarks[number], np.float32)
        return blend.put_back(frame, drawn, places.boxes[number], landmarks, float(places.shown[number]), number)
