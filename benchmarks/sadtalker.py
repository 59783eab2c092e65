"""How fast SadTalker's renderer is, stage by stage, beside the structure of the published program, in one run.

`python -m benchmarks.sadtalker [--sizes 256 512] [--frames 2] [--batches 1 8 16] [--precisions float32 float16]
[--portrait FILE] [--json]`

Weights are made up: what a network costs does not depend on their values, so no checkpoint is needed. On a CPU it compares, frame
by frame in turn, the published structure (every frame alone, in full precision, the portrait's features computed anew each time),
the same networks with those features kept, and our renderer. On a graphics card it renders a clip of 8.5 seconds for every batch
size and precision, alone and as a whole film: drawn, its face restored by GFPGAN, and put back (`sadtalker_film.py`), with each
part's time and how busy the card was. Needs torch: see requirements-neural.in.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.machine import describe_machine
from benchmarks.restoration import load_portrait
from benchmarks.sadtalker_film import FilmTimes, reference_times, seconds_of, time_film
from core.contracts import Portrait
from core.errors import BelcantoError, MissingError
from core.messages import as_written
from core.timebase import frame_count

if TYPE_CHECKING:
    from torch import Tensor

INSTALL = ".venv/bin/python -m pip install -c requirements-neural.txt torch"
GPU_COMMAND = "python -m benchmarks.sadtalker --sizes 256 512 --batches 1 8 16 32 --precisions float32 bfloat16 float16"
CLIP_S, CLIP_FPS = 8.5, 25.0
WINDOW_FRAMES, COEFFICIENTS = 27, 70
#: Frames of the published structure that are timed on a card.
REFERENCE_FRAMES = 25


@dataclass(frozen=True)
class Row:
    """One measurement.

    seconds: wall time for one frame, or for one call where `what` is done once a film. processor_seconds: of all cores together,
    which other programs on the machine disturb less; None on a graphics card.
    """

    what: str
    size: int
    seconds: float
    processor_seconds: float | None = None
    times_as_fast: float | None = None

    def line(self) -> str:
        """The row as text."""
        rate = f"{1 / self.seconds:8.2f} a second" if self.seconds else ""
        processor = f"{self.processor_seconds:8.3f} s of processor" if self.processor_seconds is not None else ""
        faster = f"{self.times_as_fast:6.2f} times as fast" if self.times_as_fast else ""
        return f"{self.size:4d} px  {self.what:60s} {self.seconds:9.4f} s {rate} {processor} {faster}".rstrip()


@dataclass(frozen=True)
class Networks:
    """The five networks of the renderer and of what comes before it, of made-up weights."""

    generator: Any
    keypoints: Any
    mapping: Any
    expression: Any
    pose: Any
    face: Any


def make_networks() -> Networks:
    """Networks of the published sizes. Raises MissingError where torch is missing."""
    try:
        torch = importlib.import_module("torch")
    except ImportError as error:
        raise MissingError(as_written(f"The benchmark needs the Python package torch. Run: {INSTALL}")) from error
    torch.manual_seed(0)

    def made(module: str, name: str, *arguments: int) -> Any:
        network = getattr(importlib.import_module(f"sadtalker_runner.networks.{module}"), name)(*arguments)
        return network.eval().requires_grad_(False)

    return Networks(
        made("generator", "Generator"),
        made("keypoint_detector", "KeypointDetector"),
        made("mapping_net", "MappingNet", COEFFICIENTS),
        made("expression_net", "ExpressionNet"),
        made("pose_vae", "PoseVAE"),
        made("face_reconstruction", "FaceReconstructionNet"),
    )


class Clock:
    """Adds up wall and processor time of what is called through it."""

    def __init__(self) -> None:
        self.seconds, self.processor_seconds, self.calls = 0.0, 0.0, 0

    def run(self, work: Callable[[], Any]) -> Any:
        """Call `work`, count its time, give its result."""
        wall, processor = time.perf_counter(), time.process_time()
        result = work()
        self.seconds += time.perf_counter() - wall
        self.processor_seconds += time.process_time() - processor
        self.calls += 1
        return result

    def row(self, what: str, size: int, slowest: Clock | None = None) -> Row:
        """The mean of the calls; compared with `slowest` by processor time, as other programs disturb that less."""
        faster = None
        if slowest is not None:
            faster = round(slowest.processor_seconds / slowest.calls / (self.processor_seconds / self.calls), 2)
        return Row(what, size, self.seconds / self.calls, self.processor_seconds / self.calls, faster)


def once_a_film(networks: Networks, size: int) -> list[Row]:
    """What is done once for a portrait, and once for the sound of the clip."""
    torch, mel = importlib.import_module("torch"), importlib.import_module("neural.wav2lip_mel")
    voice = importlib.import_module("sadtalker_runner.audio_to_coefficients")
    frames = frame_count(CLIP_S, CLIP_FPS)
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, round(CLIP_S * mel.SAMPLE_RATE_HZ)).astype(np.float32)
    spectrogram = mel.mel_spectrogram(sound)
    portrait, still = torch.rand(1, 3, size, size), np.zeros(COEFFICIENTS, np.float32)
    noise = torch.randn(len(voice.pose_windows(frames)), 64)
    stages: list[tuple[str, Callable[[], Any]]] = [
        ("mel spectrogram of the clip", lambda: mel.mel_spectrogram(sound)),
        (
            "expression of the clip",
            lambda: voice.expression_coefficients(networks.expression, spectrogram, still[:64], np.zeros(frames)),
        ),
        ("head pose of the clip", lambda: voice.pose_coefficients(networks.pose, spectrogram, still[64:], frames, 0, noise)),
        ("3D model of the portrait", lambda: networks.face(torch.rand(1, 3, 224, 224))),
        ("key points of the portrait", lambda: networks.keypoints(portrait)),
        ("features of the portrait", lambda: networks.generator.appearance(portrait)),
    ]
    rows = []
    with torch.inference_mode():
        for what, work in stages:
            work()
            clock = Clock()
            clock.run(work)
            rows.append(clock.row(f"once: {what}", size))
    return rows


def frames_in_turn(networks: Networks, size: int, frames: int) -> list[Row]:
    """The published structure, the same with kept features, and ours, frame by frame in turn, so that all meet the same load."""
    torch = importlib.import_module("torch")
    geometry = importlib.import_module("neural.one_shot.geometry")
    generator, mapping = networks.generator, networks.mapping
    with torch.inference_mode():
        portrait = torch.rand(1, 3, size, size)
        canonical = networks.keypoints(portrait)
        windows = torch.randn(frames + 1, COEFFICIENTS, WINDOW_FRAMES)
        points = [geometry.move_keypoints(canonical, mapping(window[None])) for window in windows]
        cpu = importlib.import_module("neural.one_shot.cpu.generator").CpuGenerator
        ours = cpu(importlib.import_module("copy").deepcopy(generator))
        volume, appearance = generator.appearance(portrait), ours.appearance(portrait)

        def published(i: int) -> Tensor:
            driving = geometry.move_keypoints(canonical, mapping(windows[i][None]))
            return generator(portrait, driving, points[0])

        def kept(i: int) -> Tensor:
            return generator.draw(volume, generator.dense_motion_network(volume, points[i], points[0]))

        clocks = {name: Clock() for name in ("published", "kept", "ours", "motion", "features", "decoder")}
        ours.frame(appearance, points[-1][0], points[0][0])  # not counted: it brings compiled code and memory into place
        for i in range(frames):
            theirs = clocks["published"].run(partial(published, i))
            clocks["kept"].run(partial(kept, i))
            driving, source = points[i][0], points[0][0]
            frame = clocks["ours"].run(partial(ours.frame, appearance, driving, source))
            check_equal(theirs, frame)
            flow = clocks["motion"].run(partial(ours.dense_motion, appearance.compressed, driving, source))
            drawn = clocks["features"].run(partial(ours.features, appearance.volume, *flow))
            clocks["decoder"].run(partial(ours.decoder, drawn))
    return [
        clocks["published"].row("frame: the published structure", size),
        clocks["kept"].row("frame: portrait's features kept", size, clocks["published"]),
        clocks["ours"].row("frame: our renderer", size, clocks["published"]),
        clocks["motion"].row("  of it dense motion", size),
        clocks["features"].row("  of it the warp", size),
        clocks["decoder"].row("  of it the decoder", size),
    ]


def check_equal(theirs: Tensor, ours: Tensor) -> None:
    """Raises AssertionError where the two renderers do not draw the same picture: then their times could not be compared."""
    difference = float((theirs[0].permute(1, 2, 0) - ours).abs().max())
    if difference > 1 / 255:
        raise AssertionError(f"The two renderers' frames differ by {difference:.4f}.")


def on_a_card(
    networks: Networks, size: int, batches: Sequence[int], precisions: Sequence[str], compiled: bool, portrait: Portrait
) -> Iterator[Row]:
    """The clip of 8.5 s on the graphics card, for every batch size and precision, alone and as a whole film; loading left out."""
    renderer_module = importlib.import_module("sadtalker_runner.face_renderer")
    settings_module = importlib.import_module("sadtalker_runner.settings")
    copy = importlib.import_module("copy")
    random = np.random.default_rng(0)
    picture = random.integers(0, 256, (size, size, 3), dtype=np.uint8)
    windows = random.standard_normal((frame_count(CLIP_S, CLIP_FPS), COEFFICIENTS, WINDOW_FRAMES)).astype(np.float32)
    film = [renderer_module.FrameCoefficients(windows)]
    gfpgan = restoring_network()
    card = importlib.import_module("torch").device("cuda")
    for name, each_s in reference_times(networks, size, REFERENCE_FRAMES, card).items():
        yield Row(f"frame on the card: {name}, float32, alone", size, each_s)
    for precision in precisions:
        for batch in batches:
            settings = settings_module.RenderSettings("cuda", precision, batch, compiled)
            parts = (copy.deepcopy(part) for part in (networks.generator, networks.keypoints, networks.mapping))
            renderer = renderer_module.FaceRenderer(*parts, settings)
            drawn = partial(renderer.frames, source=windows[0], film=film)
            first = [renderer_module.FrameCoefficients(windows[:batch])]
            for _ in renderer.frames(picture, windows[0], first):
                pass
            done, seconds = seconds_of(drawn(picture))
            yield Row(f"frame: {precision}, batches of {batch}, clip {seconds:.2f} s", size, seconds / done)
            # Once before, not counted: it brings GFPGAN's code for its batches, and the person's outline, into place.
            times = [time_film(portrait, size, CLIP_FPS, drawn, gfpgan, renderer.device) for _ in range(2)][-1]
            yield from film_rows(times, size, f"{precision}, batches of {batch}")


def restoring_network() -> Any:
    """GFPGAN of made-up weights on the card, in the precision that the product would take."""
    devices, gfpgan = importlib.import_module("neural.device"), importlib.import_module("filters.networks.gfpgan")
    device = devices.choose_device("cuda")
    dtype = devices.choose_dtype(device, "auto", wide_range=True)
    return gfpgan.channels_last(gfpgan.Gfpgan().eval().requires_grad_(False).to(device, dtype))


def film_rows(times: FilmTimes, size: int, how: str) -> list[Row]:
    """The rows of a whole film: all stages at once, with what the card's driver says, and each stage alone, a frame each."""
    busy = "how busy the card was is not told" if times.busy_share is None else f"card busy {times.busy_share:.0%}"
    missed = f", {times.frames - times.restored} frames had no face" if times.restored < times.frames else ""
    whole = Row(f"whole film: {how}, {times.seconds:.2f} s, {busy}{missed}", size, times.seconds / times.frames)
    return [whole, *(Row(f"  {name} alone", size, seconds / times.frames) for name, seconds in times.stages.items())]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sadtalker", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", choices=(256, 512), default=[256], help="pixels (default 256)")
    parser.add_argument("--frames", type=int, default=2, help="frames to time on a CPU (default 2)")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8, 16], help="frames at once on a graphics card")
    parser.add_argument("--precisions", nargs="+", choices=("float32", "bfloat16", "float16"), default=["float32", "float16"])
    demo = Path(__file__).resolve().parents[1] / "demo" / "portrait.jpg"
    parser.add_argument("--portrait", type=Path, default=demo, help="picture with one face, for the whole film")
    parser.add_argument("--no-compile", action="store_true", help="leave the graphics card's code as it is")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default 2)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    machine = describe_machine()
    try:
        networks = make_networks()
        torch = importlib.import_module("torch")
        torch.set_num_threads(options.threads)
        rows = []
        for size in options.sizes:
            rows += once_a_film(networks, size) + frames_in_turn(networks, size, options.frames)
            if torch.cuda.is_available():
                portrait = load_portrait(options.portrait)
                rows += on_a_card(networks, size, options.batches, options.precisions, not options.no_compile, portrait)
    except BelcantoError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    card = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    if options.json:
        print(json.dumps({"machine": asdict(machine), "card": card, "rows": [asdict(row) for row in rows]}, indent=1))
        return 0
    print(machine.sentence(), *(row.line() for row in rows), sep="\n")
    if card is None:
        print("PyTorch finds no graphics card here, so neither a clip nor a whole film was measured; where there is one, run:")
        print(GPU_COMMAND)
    return 0


if __name__ == "__main__":
    sys.exit(main())
