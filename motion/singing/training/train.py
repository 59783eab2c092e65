"""Trains the lips' network from the talking tracks:
`python -m motion.singing.training.train --data ../shared/talking --out weights/trained`.

The same data and seed give the same network on the same machine. What was prepared is kept in `--cache` for the next run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.errors import BelcantoError, InputError
from core.messages import as_written
from motion.singing.networks.delayed_lstm import DelayedLstmShape
from motion.singing.networks.lip_network import LipNetwork, LipNetworkShape
from motion.singing.training.base import with_base
from motion.singing.training.baselines import STRONG_RIDGE
from motion.singing.training.checkpoint import save_network, set_scales
from motion.singing.training.dataset import CHANNEL_NAMES, CURVE_RATE_HZ, SAMPLE_RATE_HZ, load_corpus, load_tracks, split
from motion.singing.training.inputs import MEL_CHANNELS, MEL_LOUDEST, level_db
from motion.singing.training.losses import LossWeights, lip_loss
from motion.singing.training.lstm import LstmSettings, fit_lstm, mouth_points
from motion.singing.training.prepare import ENCODER_LAYERS, SILENCE, Example, Preparation, prepare, training_parts
from motion.singing.training.variants import VariantSettings
from neural.hearing.whisper_graph import CHANNELS

#: Files of the two networks: for a song that is known as a whole, and for sound as it comes.
OFFLINE_NAME, LIVE_NAME = "lips.safetensors", "lips_live.safetensors"
#: Files of the LSTMs that they are compared with, by what the report calls them.
LSTM_FILES = {
    "time-delayed LSTM, log-mel": "lips_lstm.safetensors",
    "LSTM that hears both ways, log-mel": "lips_lstm_both_ways.safetensors",
}
#: What a live network may hear ahead, less the half window by which the log-mel looks ahead itself.
LIVE_LOOK_AHEAD_ROWS = 8
DEFAULT_CACHE = Path("results/lip_training")

#: Called with (steps done, steps in all, loss).
Report = Callable[[int, int, float], None]


@dataclass(frozen=True)
class TrainSettings:
    """How the network is trained.

    steps: of the optimiser; batch: crops a step; crop_rows: length of a crop, 50 rows a second. learning_rate: the highest, of a
    cycle that warms up and falls to 0 (Smith & Topin, 2018). weight_decay, dropout, input_dropout: against learning by heart.
    plain_share: share of crops from the speaker's own voice as recorded. room_share: of those in a room; the rest is other
    voices.
    settling_steps: of a second, gentler cycle, nearer to the speaker as recorded, in which a lost tracker counts less.
    base_share, base_strength: see `base.with_base`.
    """

    seed: int = 0
    steps: int = 2600
    batch: int = 16
    crop_rows: int = 240
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    dropout: float = 0.15
    input_dropout: float = 0.3
    plain_share: float = 0.4
    room_share: float = 0.2
    loss: LossWeights = field(default_factory=LossWeights)
    settling_steps: int = 800
    settling_rate: float = 6e-4
    settling_plain_share: float = 0.6
    settling_linear_from: float = 0.7
    base_share: float = 0.6
    base_strength: float = STRONG_RIDGE

    def settling(self) -> TrainSettings:
        """The settings of the second cycle."""
        return replace(
            self,
            seed=self.seed + 1,
            steps=self.settling_steps,
            learning_rate=self.settling_rate,
            plain_share=self.settling_plain_share,
            loss=replace(self.loss, linear_from=self.settling_linear_from),
            settling_steps=0,
        )


def fit(examples: Sequence[Example], shape: LipNetworkShape, settings: TrainSettings, report: Report | None = None) -> LipNetwork:
    """A network of `shape` trained on `examples`. Raises InputError where every example is shorter than a crop."""
    torch.manual_seed(settings.seed)
    generator = np.random.default_rng([settings.seed, 3])
    usable = [example for example in examples if len(example.curves) > settings.crop_rows and example.part != SILENCE]
    if not usable:
        raise InputError(as_written(f"No stretch of the data is longer than {settings.crop_rows} rows; train on more clips."))
    network = LipNetwork(shape, settings.dropout, settings.input_dropout)
    rows, curves, _ = draw_crops(usable, 64, shape, settings, generator)
    set_scales(network, rows.flatten(0, 1), curves.flatten(0, 1))
    run_cycle(network, usable, settings, generator, report)
    if settings.settling_steps:
        settling = settings.settling()
        torch.manual_seed(settling.seed)
        run_cycle(network, usable, settling, np.random.default_rng([settling.seed, 3]), report)
    if shape.base_channels:
        heard = [example for example in examples if example.part in ("plain", SILENCE)]
        with_base(network, heard, settings.base_share, settings.base_strength)
    return network.eval()


def run_cycle(
    network: LipNetwork,
    examples: Sequence[Example],
    settings: TrainSettings,
    generator: np.random.Generator,
    report: Report | None = None,
) -> None:
    """Train `network` in place for one cycle of `settings.steps` steps."""
    optimiser = torch.optim.AdamW(network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.learning_rate, total_steps=settings.steps, pct_start=0.1)
    network.train()
    for step in range(settings.steps):
        rows, curves, closure = draw_crops(examples, settings.batch, network.shape, settings, generator)
        truth = (curves - network.curve_mean) / network.curve_scale
        loss = lip_loss(network(rows), truth, closure, torch.ones_like(closure), settings.loss)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        if report:
            report(step + 1, settings.steps, float(loss.detach()))


def draw_crops(
    examples: Sequence[Example], count: int, shape: LipNetworkShape, settings: TrainSettings, generator: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """`count` crops by chance: rows (B, L, C), curves (B, L, channels), closure (B, L)."""
    kinds = [example.part.partition(" ")[0] for example in examples]
    share = {"plain": settings.plain_share, "room": settings.room_share}
    rest = 1.0 - sum(share.values())
    chances = np.array([share.get(kind, rest) / kinds.count(kind) for kind in kinds])
    chosen = generator.choice(len(examples), count, p=chances / chances.sum())
    rows, curves, closure = [], [], []
    for number in chosen:
        example = examples[number]
        start = int(generator.integers(len(example.curves) - settings.crop_rows))
        crop = slice(start, start + settings.crop_rows)
        rows.append(np.asarray(example.rows[crop], dtype=np.float32)[:, -(shape.encoder_channels + shape.mel_channels) :])
        curves.append(example.curves[crop])
        closure.append(example.closure[crop])
    stacked = (torch.from_numpy(np.stack(each)) for each in (rows, curves, closure))
    return tuple(stacked)  # type: ignore[return-value]


def without_clips(examples: Sequence[Example], clips: Set[int]) -> list[Example]:
    """The stretches of `examples` between the clips that are left out; the clips themselves are gone with their sound."""
    left = []
    for example in examples:
        keep = ~np.isin(example.clip, list(clips))
        edges = np.diff(np.concatenate([[0], keep.astype(np.int8), [0]]))
        for start, stop in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
            here = slice(int(start), int(stop))
            left.append(
                Example(
                    example.rows[here],
                    example.curves[here],
                    example.closure[here],
                    example.clip[here],
                    example.time_s[here],
                    example.part,
                )
            )
    return left


def network_shape(causal: bool, front_end: str) -> LipNetworkShape:
    """The shape of the offline or the live network. front_end: "whisper" (with the log-mel) or "mel" (the log-mel alone)."""
    encoder_channels = CHANNELS * len(ENCODER_LAYERS) if front_end == "whisper" else 0
    return LipNetworkShape(
        encoder_channels=encoder_channels,
        base_channels=CHANNELS if front_end == "whisper" else 0,
        mel_channels=MEL_CHANNELS,
        outputs=len(CHANNEL_NAMES) + 1,
        causal=causal,
        look_ahead=LIVE_LOOK_AHEAD_ROWS if causal else 0,
    )


def train(
    preparation: Preparation, clips: Sequence[int], shape: LipNetworkShape, settings: TrainSettings, report: Report | None = None
) -> LipNetwork:
    """Prepare the training parts of `clips` and fit a network to them."""
    jobs = [(part, clips) for part in training_parts(preparation.variants)]
    return fit(list(prepare(preparation, jobs)), shape, settings, report)


def facts_of(preparation: Preparation, shape: LipNetworkShape, settings: TrainSettings) -> dict[str, Any]:
    """What a user of the weights must know, for the file's header."""
    corpus = load_corpus(preparation.data, preparation.limit)
    every = np.concatenate(corpus.curves)
    return {
        "channels": [*CHANNEL_NAMES, "closure"],
        "neutral": [float(value) for value in corpus.neutral],
        "low": [float(value) for value in np.percentile(every, 1, axis=0)],
        "high": [float(value) for value in np.percentile(every, 99, axis=0)],
        "rate_hz": CURVE_RATE_HZ,
        "sample_rate_hz": SAMPLE_RATE_HZ,
        "encoder_layers": list(ENCODER_LAYERS) if shape.encoder_channels else [],
        "mel_loudest": MEL_LOUDEST,
        "level_db": level_db(np.concatenate(corpus.sounds)),
        "seed": settings.seed,
        "steps": settings.steps + settings.settling_steps,
        "base_share": settings.base_share if shape.base_channels else 0.0,
    }


def music_beside(data: Path) -> tuple[Path, ...]:
    """Accompaniments for leftovers: those of the songs that lie beside the talking tracks, if any."""
    return tuple(sorted((data.parent / "songs").glob("*_accompaniment.flac")))


def parser() -> argparse.ArgumentParser:
    """The command line of training; `evaluate` shares its first three options."""
    result = argparse.ArgumentParser(prog="python -m motion.singing.training.train", description=__doc__)
    result.add_argument("--data", type=Path, required=True, help="folder of the talking tracks")
    result.add_argument("--out", type=Path, required=True, help="folder for the weights")
    result.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="folder for what was heard (about 3 GB)")
    networks = ("convolutions", "lstm", "lstm-both-ways")
    result.add_argument("--network", choices=networks, default=networks[0], help="the lips' own, or an LSTM to compare it with")
    result.add_argument("--causal", action="store_true", help="the live network: hears at most 200 ms ahead")
    result.add_argument("--front-end", choices=("whisper", "mel"), help="default: whisper, for --causal mel")
    result.add_argument("--seed", type=int, default=TrainSettings.seed, help="another seed gives another network")
    result.add_argument("--steps", type=int, default=TrainSettings.steps, help="steps of the optimiser in the first cycle")
    result.add_argument("--voices", type=int, default=VariantSettings.voices, help="variants of the corpus in other voices")
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and write the weights. Returns the exit code."""
    options = parser().parse_args(arguments)
    if options.steps < 1 or options.voices < 0 or options.seed < 0:
        print("At least 1 step, and no negative number of voices or seed, are accepted.", file=sys.stderr)
        return InputError.exit_code
    torch.set_num_threads(1)  # waiting threads cost more than a network this small gains from a second one
    torch.use_deterministic_algorithms(True)
    variants = VariantSettings(voices=options.voices, music=music_beside(options.data))
    preparation = Preparation(options.data, options.cache, variants, options.seed)
    settling_steps = round(options.steps * TrainSettings.settling_steps / TrainSettings.steps)
    settings = TrainSettings(seed=options.seed, steps=options.steps, settling_steps=settling_steps)
    if options.network != "convolutions":
        return _train_lstm(preparation, options)
    shape = network_shape(options.causal, options.front_end or ("mel" if options.causal else "whisper"))
    try:
        training, _, _ = split(load_corpus(options.data).names)
        network = train(preparation, training, shape, settings, _print_step)
        path = options.out / (LIVE_NAME if options.causal else OFFLINE_NAME)
        save_network(network, path, facts_of(preparation, shape, settings))
    except BelcantoError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"{path}: {sum(each.numel() for each in network.parameters())} parameters, {path.stat().st_size / 1e6:.1f} MB")
    return 0


def _train_lstm(preparation: Preparation, options: argparse.Namespace) -> int:
    """The LSTM of the literature, or its control, on the speaker's own voice as recorded, as there."""
    shape = DelayedLstmShape(both_ways=options.network == "lstm-both-ways")
    try:
        tracks = load_tracks(preparation.data, "grid_s1")
        training, _, _ = split(tracks.names)
        examples = list(prepare(preparation, [("plain", training)]))
        settings = LstmSettings(steps=options.steps, seed=options.seed)
        network = fit_lstm(examples, mouth_points(tracks), shape, settings, _print_step)
        path = options.out / list(LSTM_FILES.values())[shape.both_ways]
        save_network(network, path, {"seed": settings.seed, "steps": settings.steps})
    except BelcantoError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"{path}: {sum(each.numel() for each in network.parameters())} parameters, {path.stat().st_size / 1e6:.1f} MB")
    return 0


def _print_step(done: int, total: int, loss: float) -> None:
    if done % 100 == 0 or done == total:
        print(f"step {done} of {total}: loss {loss:.3f}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
