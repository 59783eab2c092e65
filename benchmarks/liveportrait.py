"""How fast LivePortrait's networks read a driver and draw a head, stage by stage: on a processor or a card.

`python -m benchmarks.liveportrait [--device auto] [--batches 1 4 8] [--repeats 3] [--json]`. Weights of chance stand in for the
published ones: what they compute costs the same. Stages are those of one frame; drawn in batches, a frame is what a film's takes,
copied to the processor's memory. LivePortrait's makers say 12.8 ms a frame on an RTX 4090, compiled.
"""

from __future__ import annotations

import argparse
import copy
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from benchmarks.ending import ends_in_words
from benchmarks.machine import print_figures
from benchmarks.musetalk import MIB
from benchmarks.restoration import Figure, seconds_of
from neural.device import CardChoice, choose_device

if TYPE_CHECKING:
    import torch

    from animators.liveportrait.checkpoint import LivePortraitNetworks
    from animators.liveportrait.drawing import LivePortrait

KEYPOINTS, SIDE_PX = 21, 256


def networks_of_chance() -> LivePortraitNetworks:
    """Networks of the published sizes."""
    import torch

    from animators.liveportrait.checkpoint import LivePortraitNetworks, published_generator
    from animators.liveportrait.networks.motion_extractor import MotionExtractor
    from animators.liveportrait.networks.retargeting import EyeRetargeting, LipRetargeting, Stitching

    torch.manual_seed(0)
    made = published_generator(), MotionExtractor(), Stitching(), EyeRetargeting(), LipRetargeting()
    networks = LivePortraitNetworks(*made, files={})
    for network in made:
        network.eval().requires_grad_(False)
    return networks


def measure(device: CardChoice, batches: Sequence[int], repeats: int, compiled: bool) -> list[Figure]:
    """The figures. Raises InputError where the device is not there, MissingError where torch is not."""
    choose_device(device)
    from animators.liveportrait.drawing import LivePortrait

    networks, figures = networks_of_chance(), []
    for number, batch in enumerate(batches):
        liveportrait = LivePortrait(copy.deepcopy(networks), device, batch, compiled)
        where = liveportrait.device
        if number == 0:
            figures += stages(networks, liveportrait, repeats)
        figures += measure_batch(liveportrait, batch, repeats)
        if where.type != "cuda":
            break  # a processor draws one frame at a time, however many are asked for
    return [*figures, memory(where)]


def stages(networks: LivePortraitNetworks, liveportrait: LivePortrait, repeats: int) -> list[Figure]:
    """Each stage alone, as the device does it."""
    picture = np.random.default_rng(1).integers(0, 256, (1, SIDE_PX, SIDE_PX, 3), np.uint8)
    corrections = liveportrait.corrections
    points = keypoints(1)
    work: dict[str, Callable[[], object]] = {
        "a driver's frame read": partial(liveportrait.reader.read, picture),
        "the portrait's features, once": partial(liveportrait.drawer, picture[0], points),
        "key points stitched": partial(corrections.stitched, points, points),
        **stages_of_drawing(networks, liveportrait.device, picture),
    }
    return [
        Figure(f"{what}, {liveportrait.device.type}", 1000 * seconds_of(each, repeats, liveportrait.device), "ms")
        for what, each in work.items()
    ]


def stages_of_drawing(
    networks: LivePortraitNetworks, device: torch.device, picture: np.ndarray
) -> dict[str, Callable[[], object]]:
    """Flow, warp and decoder of one frame: by the networks on a card, in half precision, not compiled; by their edition for the
    processor there."""
    import torch

    from animators.liveportrait.reading import as_input

    network = copy.deepcopy(networks.generator)
    points = torch.from_numpy(keypoints(2)).to(device)
    driving, source = points[:1], points[1:]

    def quiet(work: Callable[..., Any], *given: Any) -> Callable[[], Any]:
        def run() -> Any:
            with torch.inference_mode():
                return work(*given)

        return run

    if device.type == "cpu":
        from neural.one_shot.cpu.generator import CpuGenerator

        quick = CpuGenerator(network)
        appearance = quiet(quick.appearance, as_input(picture, device))()
        flow = quiet(quick.dense_motion, appearance.compressed, driving[0], source[0])
        warp = quiet(quick.features, appearance.volume, *flow())
        return {"flow": flow, "warp": warp, "decoder": quiet(quick.decoder, warp())}
    from neural.one_shot.folding import fold_spectral_norms

    fold_spectral_norms(network)
    network.to(device, torch.float16)
    volume = quiet(network.appearance, as_input(picture, device).half())()
    flow = quiet(network.dense_motion_network, volume, driving, source)
    warp = quiet(network.warped, volume, flow())
    return {"flow": flow, "warp": warp, "decoder": quiet(network.decoder, warp())}


def measure_batch(liveportrait: LivePortrait, batch: int, repeats: int) -> list[Figure]:
    """Whole frames at so many at once."""
    picture = np.random.default_rng(1).integers(0, 256, (SIDE_PX, SIDE_PX, 3), np.uint8)
    points = keypoints(batch if liveportrait.device.type == "cuda" else 1)
    drawer = liveportrait.drawer(picture, points[:1])
    drawn_s = seconds_of(lambda: list(liveportrait.frames(drawer, points)), repeats, liveportrait.device)
    where = f"batch {len(points)}, {liveportrait.device.type}"
    return [
        Figure(f"a frame drawn, {where}", 1000 * drawn_s / len(points), "ms"),
        Figure(f"drawn, {where}", len(points) / drawn_s, "frames a second"),
    ]


def keypoints(count: int) -> np.ndarray:
    """(count, 21, 3) float32 of chance."""
    return np.random.default_rng(0).normal(0, 0.3, (count, KEYPOINTS, 3)).astype(np.float32)


def memory(device: torch.device) -> Figure:
    """The most memory that was held: on the card, or of the process."""
    if device.type == "cuda":
        import torch

        return Figure("most memory on the card", torch.cuda.max_memory_allocated(device) / MIB, "MiB")
    import resource

    kilo = 1 if sys.platform == "darwin" else 1024
    return Figure("most memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * kilo / MIB, "MiB")


@ends_in_words()
def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.liveportrait", description="Times LivePortrait's networks.")
    parser.add_argument("--device", choices=get_args(CardChoice), default="auto", help="where; a card where there is one")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 4, 8], help="frames at once, on a card")
    parser.add_argument("--repeats", type=int, default=3, help="the shortest of so many counts")
    parser.add_argument("--not-compiled", action="store_true", help="leave a card's code as it is")
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    given = parser.parse_args(argv)
    print_figures(lambda: measure(given.device, given.batches, max(1, given.repeats), not given.not_compiled), given.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
