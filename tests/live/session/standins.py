"""Small stand-ins for what a session is put together from, so that its own work is seen quickly."""

from __future__ import annotations

import threading
import time
from types import MappingProxyType

import numpy as np

from core.blendshapes import BLENDSHAPE_INDEX
from core.contracts import Face, Motion
from live.feed import Picture, SoundBlock

FPS = 25.0


class PlainPerformer:
    """Opens its mouth while something is said, and writes down what it is told."""

    def __init__(self):
        self.now_s, self.spans, self.told = 0.0, [], []

    def attend(self, what):
        self.told.append(("attend", what))

    def feel(self, style, strength):
        self.told.append(("feel", style))

    def say(self, at_s, said):
        assert at_s >= self.now_s - 1e-6, "what is said begins with a frame that is still to come"
        self.spans.append((at_s, at_s + len(said.sound) / said.rate_hz))

    def hush(self):
        self.spans = [span for span in self.spans if span[1] < self.now_s]

    def notice(self, loudness, lively):
        self.told.append(("notice", loudness))

    def block(self, frames):
        times_s = self.now_s + np.arange(frames) / FPS
        self.now_s += frames / FPS
        shapes = np.zeros((frames, 52), dtype=np.float32)
        open_now = [any(begin <= time_s < end for begin, end in self.spans) for time_s in times_s]
        shapes[:, BLENDSHAPE_INDEX["jawOpen"]] = open_now
        return Motion(FPS, shapes, np.zeros((frames, 3)), np.zeros((frames, 3)), np.zeros((frames, 2)), np.zeros(frames))


class PlainDrawer:
    """Grey pictures, light where the mouth is open; takes `cost_s` for each."""

    def __init__(self, height=64, cost_s=0.0):
        self.height, self.cost_s = height, cost_s

    def draw(self, motion):
        for jaw in motion.shape("jawOpen"):
            time.sleep(self.cost_s)
            yield np.full((self.height, self.height, 3), 40 + int(180 * jaw), dtype=np.uint8)


class PlainCharacter:
    """In the place of `live.session.showing.character.Character`: no face is looked for."""

    cost_s = MappingProxyType({})

    def __init__(self, picture, engine, green, progress):
        self.height = 0

    def prepare(self, height):
        self.height = height

    @property
    def size(self):
        return self.height, self.height

    def drawer(self, height):
        return PlainDrawer(height, self.cost_s.get(height, 0.0))

    def close(self):
        pass


class Recorder:
    """What a feed gave: sound, and how light each picture's middle was, with when they came."""

    def __init__(self, feed):
        self.sound, self.light, self.came_s, self.begin_s = [], [], [], time.monotonic()
        self.changed = threading.Condition()
        self.leave = feed.listen(self.take)

    def take(self, item):
        with self.changed:
            if isinstance(item, SoundBlock):
                self.sound.append(item)
                self.came_s.append(time.monotonic())
            elif isinstance(item, Picture):
                self.light.append((item.at_s, int(item.frame[len(item.frame) // 2, 0, 0])))
            self.changed.notify_all()

    def level(self):
        """(n,) largest sample of each block."""
        return np.array([int(np.abs(block.samples.astype(np.int32)).max()) for block in tuple(self.sound)])


def until(condition, limit_s=30.0):
    """Wait for something to be so."""
    end_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end_s, "it did not come to be in time"
        time.sleep(0.01)


def face():
    """Any face."""
    return Face(np.zeros((478, 3), np.float32), np.zeros(52, np.float32), (0.0, 0.0, 0.0), (10.0, 10.0, 50.0, 50.0))
