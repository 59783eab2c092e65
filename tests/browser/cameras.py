"""A browser whose camera plays a film of a face."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager

import cv2
import numpy as np
from playwright.sync_api import sync_playwright

from media.ffmpeg_run import ffmpeg_path
from tests.browser.talking import MICROPHONE

#: Of the film, which the browser plays over and over.
FPS, FRAMES, WIDTH, HEIGHT = 15, 45, 640, 480


def write_face(path, portrait):
    """The portrait, moving to and fro a little, as Chromium's camera plays it."""
    image = cv2.imread(str(portrait))
    side = min(image.shape[:2])
    face = cv2.resize(image[:side, :side], (HEIGHT, HEIGHT), interpolation=cv2.INTER_AREA)
    command = [ffmpeg_path(), "-v", "error", "-f", "rawvideo", "-pix_fmt", "bgr24", "-video_size", f"{WIDTH}x{HEIGHT}"]
    command += ["-framerate", str(FPS), "-i", "pipe:0", "-pix_fmt", "yuvj420p", "-q:v", "3", "-y", str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as run:
        for number in range(FRAMES):
            frame = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
            left = 80 + round(20 * np.sin(2 * np.pi * number / FRAMES))
            frame[:, left : left + HEIGHT] = face
            run.stdin.write(frame.tobytes())
        run.stdin.close()
    assert run.returncode == 0
    return path


@contextmanager
def camera_browser(chromium_path, film, flags=tuple(MICROPHONE)):
    """Chromium; its camera plays the film."""
    arguments = [*flags, f"--use-file-for-fake-video-capture={film}"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, chromium_sandbox=False, args=arguments)
        yield chromium
        chromium.close()
