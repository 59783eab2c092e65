"""How far the mirror is behind the face before the camera: `python -m benchmarks.live_driving [--camera FILM] [--seconds 15]`.

The real application, a real Chromium whose camera plays a film, and the mirror page with the demo portrait. Two measures, which
know nothing of one another:

- by the page's clock: from the moment that the browser's camera gave a picture to the first frame of the screen after the one
  that was drawn of it is shown;
- by what is seen: the face in the page's own view of the camera and the drawn face are photographed together, read again, and the
  shift of time is found at which their movements are most alike. It holds all that smooths, too.

A real camera and a screen add their own times, each about a picture's. Without `--camera` a portrait that nods, turns and speaks
is drawn for it by this program.
"""

from __future__ import annotations

import argparse
import base64
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.ending import ends_in_words
from benchmarks.live_scene import live_portrait
from benchmarks.live_server import LiveServer
from benchmarks.live_transport.browser import FLAGS, found_browser
from benchmarks.machine import describe_machine
from benchmarks.programs import ROOT
from core.blendshapes import BLENDSHAPE_INDEX
from core.contracts import ByteArray, FloatArray, Motion
from core.driving import bridged
from faces.live_face import LiveFace
from media.ffmpeg_run import ffmpeg_path

PORTRAIT, FPS, MADE_S = ROOT / "demo" / "portrait.jpg", 25.0, 12.0
READY_MS = 180_000
#: Both pictures of the page, so often a second, with their time in milliseconds.
LOOK_HZ, LOOK_WIDTH = 15, 288
#: Shifts that are tried, in seconds.
SHIFTS_S = np.arange(-0.2, 0.6, 0.005)
LOOK = """
([hz, width, seconds]) => new Promise((resolve) => {
  const seen = [], sheet = document.createElement("canvas"), painter = sheet.getContext("2d", { alpha: false });
  const self = document.querySelector("[data-self]"), drawn = document.querySelector("[data-drawn]");
  const side = Math.round(width * self.videoHeight / self.videoWidth);
  sheet.width = 2 * width; sheet.height = width;
  const begun = performance.now();
  let next = begun;
  const look = (now) => {
    if (now >= next) {
      next += 1000 / hz;
      painter.fillRect(0, 0, sheet.width, sheet.height);
      painter.save(); painter.setTransform(-1, 0, 0, 1, width, 0); painter.drawImage(self, 0, 0, width, side); painter.restore();
      painter.drawImage(drawn, width, 0, width, width);
      seen.push([performance.now(), sheet.toDataURL("image/jpeg", 0.85).split(",")[1]]);
    }
    if (now - begun < 1000 * seconds) requestAnimationFrame(look); else resolve(seen);
  };
  requestAnimationFrame(look);
})
"""


def made_frames(folder: Path) -> Iterator[ByteArray]:
    """A portrait that turns, nods and opens its mouth, first at rest."""
    portrait, card = live_portrait(PORTRAIT, 480, "auto", folder)
    assert card.live is not None
    count = round(MADE_S * FPS)
    times_s = np.arange(count) / FPS
    moves = np.clip(times_s - 2.0, 0.0, 1.0)
    shapes = np.zeros((count, 52), np.float32)
    shapes[:, BLENDSHAPE_INDEX["jawOpen"]] = moves * 0.3 * (1 - np.cos(2 * np.pi * 1.3 * times_s))
    turns = np.zeros((count, 3), np.float32)
    turns[:, 0], turns[:, 1] = moves * 9 * np.sin(2 * np.pi * 0.7 * times_s), moves * 5 * np.sin(2 * np.pi * 0.45 * times_s)
    still = np.zeros((count, 3), np.float32)
    yield from card.live(portrait).draw(Motion(FPS, shapes, turns, still, still[:, :2], still[:, 0]))


def write_made(path: Path, folder: Path) -> None:
    """The film that is made for the camera."""
    writer: cv2.VideoWriter | None = None
    for frame in made_frames(folder):
        writer = writer or cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (frame.shape[1], frame.shape[0]))
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    assert writer is not None
    writer.release()


def camera_file(film: Path, path: Path) -> None:
    """The film as Chromium's camera plays it: 640 x 480, 30 pictures a second, over and over."""
    fitted = "scale=640:480:force_original_aspect_ratio=decrease,pad=640:480:-1:-1,fps=30,format=yuv420p"
    command: list[str | Path] = [ffmpeg_path(), "-v", "error", "-nostdin", "-i", film, "-an", "-vf", fitted, "-y", path]
    subprocess.run(command, check=True)


def drive(page: Page, url: str, seconds: float) -> dict[str, Any]:
    """Open the mirror, and look on."""
    page.goto(f"{url}/mirror")
    page.get_by_role("button", name="Use the demo portrait").click()
    start = page.get_by_role("button", name="Turn the camera on and start")
    expect(start).to_be_enabled(timeout=READY_MS)
    start.click()
    expect(page.get_by_text("It follows you.")).to_be_visible(timeout=READY_MS)
    page.wait_for_timeout(3000)
    page.evaluate("window.delays = []")
    watch = """new MutationObserver(() => window.delays.push(...document.querySelector("[data-delay]").dataset.ms.split(" ")))
        .observe(document.querySelector("[data-delay]"), { attributes: true, attributeFilter: ["data-ms"] })"""
    page.evaluate(watch)
    page.wait_for_timeout(1000 * seconds)
    delays = [float(each) for each in page.evaluate("window.delays")]
    seen = page.evaluate(LOOK, [LOOK_HZ, LOOK_WIDTH, seconds])
    (session,) = page.evaluate("async () => (await (await fetch('/api/v1/live/sessions')).json())")["sessions"]
    page.get_by_role("button", name="End it and turn the camera off").click()
    expect(page.get_by_text("The mirror has ended")).to_be_visible()
    return {"delays_ms": delays, "seconds": seconds, "seen": seen, "figures": session["figures"]}


def movements(seen: list[tuple[float, str]]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(T,) times in seconds, and what is read of the camera's face and of the drawn one: yaw, pitch, mouth (T, 3) each."""
    told: list[list[FloatArray]] = [[], []]
    with LiveFace() as left, LiveFace() as right:
        for at_ms, data in seen:
            image = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR)
            image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
            halves = image[:, :LOOK_WIDTH], image[:, LOOK_WIDTH:]
            for network, half, rows in zip((left, right), halves, told, strict=True):
                face = network.read(np.ascontiguousarray(half), at_ms / 1000)
                mouth = np.nan if face is None else face.blendshapes[BLENDSHAPE_INDEX["jawOpen"]]
                rows.append(np.full(3, np.nan) if face is None else np.array([*face.rotation_deg[:2], mouth]))
    times_s = np.array([at_ms for at_ms, _ in seen]) / 1000
    curves = [bridged(np.stack(rows), ~np.isnan(np.stack(rows)[:, 0])) for rows in told]
    return times_s, curves[0], curves[1]


def shift_of(times_s: FloatArray, camera: FloatArray, drawn: FloatArray) -> tuple[float, float]:
    """By how many seconds (T,) `drawn` is behind `camera`, and how alike they are then: the correlation."""
    inside = (times_s > times_s[0] + SHIFTS_S[-1]) & (times_s < times_s[-1] + SHIFTS_S[0])
    alike = [np.corrcoef(np.interp(times_s[inside] - shift, times_s, camera), drawn[inside])[0, 1] for shift in SHIFTS_S]
    best = int(np.nanargmax(alike))
    return float(SHIFTS_S[best]), float(alike[best])


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live_driving", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--camera", type=Path, metavar="FILM", help="what the camera sees (default: a portrait drawn for it)")
    parser.add_argument("--seconds", type=float, default=15.0, help="of each of the two measures (default 15)")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder, film = Path(name), given.camera or Path(name) / "made.avi"
        if given.camera is None:
            write_made(film, folder / "cache")
        camera_file(film, folder / "camera.mjpeg")
        flags = [*FLAGS, f"--use-file-for-fake-video-capture={folder / 'camera.mjpeg'}"]
        with LiveServer(folder / "data") as server:
            browser = playwright.chromium.launch(executable_path=found_browser(), chromium_sandbox=False, args=flags)
            told = drive(browser.new_page(locale="en-GB"), server.url, given.seconds)
            browser.close()
    delays = np.array(told["delays_ms"])
    print(describe_machine().sentence())
    print(
        f"{len(delays) / told['seconds']:.1f} pictures a second; by the page's clock {np.median(delays):.0f} ms behind in the"
        f" median, {np.percentile(delays, 95):.0f} ms in 95 %, {delays.max():.0f} ms at most"
    )
    times_s, camera, drawn = movements(told["seen"])
    for name, row in zip(("yaw", "pitch", "mouth"), range(3), strict=True):
        shift_s, alike = shift_of(times_s, camera[:, row], drawn[:, row])
        print(f"{name}: {1000 * shift_s:.0f} ms behind by what is seen, correlation {alike:.3f}")
    print(json.dumps(told["figures"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
