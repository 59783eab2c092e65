"""How fast MuseTalk's networks draw lips, and how long Whisper listens: by batch, on a processor or a card.

`python -m benchmarks.musetalk [--device auto] [--precision auto] [--batches 1 8 16] [--repeats 3] [--json]`. Weights of chance
stand in for the published ones: what they compute costs the same. A film that is prepared once is encoded once; then only
drawing counts, from what is kept of it on disk. MuseTalk's makers say 30 frames a second on a V100.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, get_args

import numpy as np

from benchmarks.ending import ends_in_words
from benchmarks.machine import print_figures
from benchmarks.restoration import Figure, seconds_of
from neural.device import CardChoice, PrecisionChoice, choose_device
from neural.log_mel import RATE_HZ

if TYPE_CHECKING:
    from torch import Tensor

    from lipsync.musetalk.checkpoint import MuseTalkNetworks
    from lipsync.musetalk.runner import MuseTalk

#: Seconds of sound that are listened to: one window of Whisper's.
SOUND_S = 30
MIB = 1 << 20


def networks_of_chance() -> MuseTalkNetworks:
    """Networks of the published sizes."""
    import torch

    from lipsync.musetalk.checkpoint import MuseTalkNetworks
    from lipsync.musetalk.networks.unet import UNet
    from lipsync.musetalk.networks.vae import Vae
    from lipsync.musetalk.networks.whisper_encoder import WhisperEncoder

    torch.manual_seed(0)
    networks = MuseTalkNetworks(UNet(), Vae(), WhisperEncoder(), files={})
    for network in (networks.unet, networks.vae, networks.whisper):
        network.eval().requires_grad_(False)
    return networks


def measure(device: CardChoice, precision: PrecisionChoice, batches: Sequence[int], repeats: int) -> list[Figure]:
    """The figures. Raises InputError where the device, or half precision, is not there, MissingError where torch is not."""
    choose_device(device)
    from lipsync.musetalk.runner import MuseTalk
    from lipsync.musetalk.settings import MuseTalkSettings

    musetalk = MuseTalk(networks_of_chance(), MuseTalkSettings(device, precision))
    sound = np.random.default_rng(0).standard_normal(SOUND_S * RATE_HZ).astype(np.float32) * 0.1
    listening_s = seconds_of(partial(musetalk.hear, sound), repeats, musetalk.device)
    figures = [Figure(f"listening, {place(musetalk)}", listening_s / SOUND_S, "s a second of sound")]
    for batch in batches:
        figures += measure_batch(musetalk, batch, repeats)
    return [*figures, memory(musetalk)]


def measure_batch(musetalk: MuseTalk, batch: int, repeats: int) -> list[Figure]:
    """Encoding, reading what was encoded before, drawing, and each of the first two with the last, at so many frames at once."""
    from lipsync.musetalk.crops import SIDE
    from lipsync.musetalk.sound import FEATURES, WIDTH

    random = np.random.default_rng(1)
    crops = random.integers(0, 256, (batch, SIDE, SIDE, 3), np.uint8)
    features = random.standard_normal((batch, FEATURES, WIDTH)).astype(np.float32)
    latents = musetalk.latents(crops)
    encoding_s, encoding_work_s = times_of(partial(musetalk.latents, crops), repeats, musetalk)
    drawing_s, drawing_work_s = times_of(partial(musetalk.drawn, latents, features), repeats, musetalk)
    reading_s = seconds_to_read(musetalk, latents, repeats)
    where = f"batch {batch}, {place(musetalk)}"
    return [
        Figure(f"encoding, {where}", encoding_s / batch, "s a frame"),
        Figure(f"encoding, processor time, {where}", encoding_work_s / batch, "s a frame"),
        Figure(f"drawing, {where}", drawing_s / batch, "s a frame"),
        Figure(f"drawing, processor time, {where}", drawing_work_s / batch, "s a frame"),
        Figure(f"reading what is kept, {where}", reading_s / batch, "s a frame"),
        Figure(f"lips, {where}", batch / (encoding_s + drawing_s), "frames a second"),
        Figure(f"lips of a prepared film, {where}", batch / (reading_s + drawing_s), "frames a second"),
    ]


def seconds_to_read(musetalk: MuseTalk, latents: Tensor, repeats: int) -> float:
    """Seconds to bring what is kept of so many frames of a prepared film from disk to the networks."""
    from lipsync.musetalk.avatar import LATENTS_NAME, Avatar

    count = len(latents)
    with TemporaryDirectory() as folder:
        path = Path(folder) / LATENTS_NAME
        np.save(path, latents.half().cpu().numpy())
        avatar = Avatar(np.arange(count), np.load(path, mmap_mode="r", allow_pickle=False))
        return seconds_of(lambda: avatar.latents(range(count), musetalk), repeats, musetalk.device)


def times_of(work: Callable[[], object], repeats: int, musetalk: MuseTalk) -> tuple[float, float]:
    """Wall time of one call in seconds, the shortest of several, and the processor time of one, which a busy machine lengthens
    less."""
    shortest_s = seconds_of(work, repeats, musetalk.device)
    begin_s = time.process_time()
    work()
    return shortest_s, time.process_time() - begin_s


def place(musetalk: MuseTalk) -> str:
    """Numbers' type and device, for a line of the result."""
    return f"{str(musetalk.dtype).removeprefix('torch.')}, {musetalk.device.type}"


def memory(musetalk: MuseTalk) -> Figure:
    """The most memory that was held: on the card, or of the process."""
    if musetalk.device.type == "cuda":
        import torch

        return Figure("most memory on the card", torch.cuda.max_memory_allocated(musetalk.device) / MIB, "MiB")
    import resource

    kilo = 1 if sys.platform == "darwin" else 1024
    return Figure("most memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * kilo / MIB, "MiB")


@ends_in_words()
def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.musetalk", description="Times MuseTalk's networks.")
    parser.add_argument("--device", choices=get_args(CardChoice), default="auto", help="where; a card where there is one")
    parser.add_argument("--precision", choices=get_args(PrecisionChoice), default="auto", help="half on a card, else float32")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8, 16], help="frames at once")
    parser.add_argument("--repeats", type=int, default=3, help="the shortest of so many counts")
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    arguments = parser.parse_args(argv)
    print_figures(
        lambda: measure(arguments.device, arguments.precision, arguments.batches, max(1, arguments.repeats)), arguments.json
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
