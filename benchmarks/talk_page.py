"""A conversation on the talk page, as a person has it: `python -m benchmarks.talk_page [--rounds 2]`.

The real application, a real Chromium, and a microphone that plays a file: ten questions of another voice of Kokoro's, each
followed by time for the answer, `--rounds` times; last, an answer is broken in upon. The page's own microphone and what it
receives from the avatar are listened to by one clock, that of the browser's Web Audio: how long after a question's end the answer
is heard, and how long after somebody breaks in the avatar falls silent. Late pictures are counted by the session, lost ones by
the browser; memory is that of the live process, a minute after the beginning and after the last question.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from playwright.sync_api import Page, sync_playwright
from scipy.signal import resample_poly

from benchmarks.conversation import INTERRUPTION, QUESTIONS
from benchmarks.conversation_person import spoken
from benchmarks.ending import ends_in_words
from benchmarks.live_server import LiveServer
from benchmarks.live_transport.browser import FLAGS, found_browser
from benchmarks.machine import describe_machine
from core.contracts import FloatArray
from live.avatar import MICROPHONE_HZ

#: Time for the greeting, for an answer, and for an answer to be in full swing before it is broken in upon.
GREETING_S, ANSWER_S, SWING_S = 12.0, 12.0, 4.0
#: By then all networks have been used.
SETTLED_S = 60.0
FILE_HZ, ROOM_NOISE = 48_000, 5e-4
LONG_QUESTION = "How does it work?"
#: Loud enough to be a voice; a pause of more than this ends what is said.
HEARD, PAUSE_S = 0.012, 0.45
#: Both sounds of the page go through one graph; levels of blocks of 512 samples are kept with the graph's time.
LISTEN = """
(() => {
  const told = (window.talkPage = { levels: [], context: null });
  const inputs = [];
  const begin = (stream, channel) => {
    if (!told.context) {
      told.context = new AudioContext({ sampleRate: 48000 });
      told.merger = told.context.createChannelMerger(2);
      const node = told.context.createScriptProcessor(1024, 2, 1);
      node.onaudioprocess = (event) => {
        const row = [event.playbackTime];
        for (const side of [0, 1]) {
          const values = event.inputBuffer.getChannelData(side);
          for (const half of [0, 512]) {
            let sum = 0;
            for (let i = half; i < half + 512; i++) sum += values[i] * values[i];
            row.push(Math.sqrt(sum / 512));
          }
        }
        told.levels.push(row);
      };
      told.merger.connect(node);
      node.connect(told.context.destination);
    }
    inputs.push(stream);
    told.context.createMediaStreamSource(stream).connect(told.merger, 0, channel);
  };
  const media = navigator.mediaDevices, given = media.getUserMedia.bind(media);
  media.getUserMedia = async (wanted) => {
    const stream = await given(wanted);
    begin(stream, 0);
    return stream;
  };
  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(...given) {
      super(...given);
      told.peer = this;
      this.addEventListener("track", (event) => {
        if (event.track.kind === "audio") begin(new MediaStream([event.track]), 1);
      });
    }
  };
})();
"""
Spans = list[tuple[float, float]]


def microphone_file(path: Path, rounds: int) -> float:
    """Write what the person says; how long it is, in seconds."""
    chance = np.random.default_rng(0)

    def silence(duration_s: float) -> FloatArray:
        return np.zeros(int(duration_s * MICROPHONE_HZ), dtype=np.float32)

    parts = [silence(GREETING_S)]
    for text in QUESTIONS * rounds:
        parts += [spoken(text), silence(ANSWER_S)]
    parts += [spoken(LONG_QUESTION), silence(SWING_S), spoken(INTERRUPTION), silence(ANSWER_S)]
    sound = resample_poly(np.concatenate(parts), FILE_HZ, MICROPHONE_HZ).astype(np.float32)
    sound += (ROOM_NOISE * chance.standard_normal(len(sound))).astype(np.float32)
    soundfile.write(path, np.clip(sound, -1.0, 1.0), FILE_HZ, "PCM_16")
    return len(sound) / FILE_HZ


def spans(times_s: FloatArray, levels: FloatArray, pause_s: float) -> Spans:
    """From when to when something is heard, pauses of less than `pause_s` not counted."""
    loud = times_s[levels > HEARD]
    if not len(loud):
        return []
    breaks = np.flatnonzero(np.diff(loud) > pause_s)
    starts, ends = np.concatenate([loud[:1], loud[breaks + 1]]), np.concatenate([loud[breaks], loud[-1:]])
    return [(float(start), float(end)) for start, end in zip(starts, ends, strict=True) if end - start > 0.1]


def figures_of(rows: list[list[float]]) -> dict[str, Any]:
    """What the levels tell. The last question is the one that is broken in upon."""
    table = np.asarray(rows)
    times_s = np.stack([table[:, 0], table[:, 0] + 512 / FILE_HZ], axis=1).reshape(-1)
    mine, its = table[:, 1:3].reshape(-1), table[:, 3:5].reshape(-1)
    said, answers = spans(times_s, mine, PAUSE_S), spans(times_s, its, 0.05)
    *questions, (broken_s, _) = said
    first = [min((start for start, _ in answers if start > end), default=float("nan")) - end for _, end in questions]
    silent_s = max((end for start, end in answers if start < broken_s + 0.6 and end > broken_s), default=float("nan"))
    return {"first_sound_s": [round(each, 3) for each in first], "barge_in_s": round(silent_s - broken_s, 3)}


def talk(page: Page, url: str, duration_s: float) -> dict[str, Any]:
    """Have the conversation."""
    page.goto(f"{url}/talk")
    page.wait_for_function("() => !document.body.innerText.includes('just starting')", timeout=120_000)
    page.get_by_role("button", name="Use the demo portrait").click()
    start = page.get_by_role("button", name="Start the conversation")
    start.wait_for(timeout=60_000)
    page.wait_for_function("() => document.querySelector('[name=persona]').options.length > 1", timeout=120_000)
    begin_s = time.monotonic()
    start.click()
    page.wait_for_function("() => (document.querySelector('video')?.currentTime ?? 0) > 0.2", timeout=180_000)
    ready_s = time.monotonic() - begin_s
    page.get_by_role("button", name="Turn the microphone on").click()
    page.wait_for_timeout(1000 * SETTLED_S)
    before_mb = live_mb()
    page.wait_for_timeout(1000 * (duration_s - SETTLED_S))
    rows = page.evaluate("() => window.talkPage.levels")
    stats = page.evaluate(
        "async () => [...(await window.talkPage.peer.getStats()).values()].filter((each) => each.type === 'inbound-rtp')"
    )
    session = page.evaluate("async () => (await (await fetch('/api/v1/live/sessions')).json())")
    video = next(each for each in stats if each["kind"] == "video")
    return {
        "ready_s": round(ready_s, 2),
        **figures_of(rows),
        "browser": {name: video.get(name) for name in ("framesDecoded", "framesDropped", "freezeCount", "totalFreezesDuration")},
        "sessions": session,
        "memory_mb": [before_mb, live_mb()],
        "heard": page.locator(".chat-log").inner_text(),
    }


def live_mb() -> float:
    """Resident memory of the live process, in 10^6 bytes."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
            if b"live" in words and b"--with-parent" in words:
                return round(int((path.parent / "statm").read_text().split()[1]) * 4096 / 1e6, 1)
        except OSError:
            continue
    return float("nan")


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.talk_page", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1, help="how often the ten questions are asked (default: once)")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, LiveServer(Path(name) / "data") as server, sync_playwright() as playwright:
        microphone = Path(name) / "person.wav"
        duration_s = microphone_file(microphone, given.rounds)
        flags = [*FLAGS, f"--use-file-for-fake-audio-capture={microphone}%noloop"]
        browser = playwright.chromium.launch(executable_path=found_browser(), chromium_sandbox=False, args=flags)
        page = browser.new_page()
        page.add_init_script(LISTEN)
        told = talk(page, server.url, duration_s)
        browser.close()
    print(describe_machine())
    print(json.dumps(told, indent=1, ensure_ascii=False))
    first = np.asarray(told["first_sound_s"])
    print(f"first sound: median {np.nanmedian(first):.2f} s, largest {np.nanmax(first):.2f} s, of {len(first)} questions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
