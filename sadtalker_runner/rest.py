"""The mouth rests where our own motion says that it is shut for a while.

ExpNet may hear a breath or a rest of the music in a pause and move the lips. There its answer gives way to the one that it gives
to silence, with the same blinks: the eyes go on.
"""

from __future__ import annotations

import numpy as np
import torch

from core.contracts import FloatArray, Motion
from core.easing import smooth_step
from neural.wav2lip_mel import BANDS, LIMIT
from sadtalker_runner.audio_to_coefficients import NETWORK_FPS
from sadtalker_runner.film_coefficients import at_network_fps
from sadtalker_runner.mel import WINDOW_HOPS
from sadtalker_runner.networks.expression_net import ExpressionNet
from sadtalker_runner.voice import runs

#: A mouth that is less open than this (ARKit's jawOpen) is shut.
SHUT_JAW_OPEN = 0.05
#: Shorter closures are consonants.
SHORTEST_REST_S = 0.4
#: Time in which a mouth comes to rest, and leaves it.
EASE_S = 0.2


def rest_share(motion: Motion) -> FloatArray:
    """How much the mouth rests (frames,) in [0, 1] at 25 frames a second: 1 in pauses, with soft ends that lie inside them."""
    jaw = at_network_fps(motion, motion.shape("jawOpen")[:, None])[:, 0]
    share = np.zeros(len(jaw))
    ease_frames = EASE_S * NETWORK_FPS
    for first, last in runs(jaw < SHUT_JAW_OPEN):
        if last - first < SHORTEST_REST_S * NETWORK_FPS:
            continue
        place = np.arange(last - first)
        # A pause that the film begins or ends with has no end on that side.
        since = place + 1 if first > 0 else np.full(last - first, np.inf)
        until = (last - first) - place if last < len(jaw) else np.full(last - first, np.inf)
        share[first:last] = smooth_step(np.minimum(since, until) / ease_frames)
    return share


def rested(
    network: ExpressionNet, expression: FloatArray, reference: FloatArray, blink: FloatArray, share: FloatArray
) -> FloatArray:
    """Expression (T, 64) float32 that gives way to the network's answer to silence as `share` (T,) says.

    expression: (T, 64). reference: (64,), the portrait's own. blink: (T,) in [0, 1].
    """
    device = network.mapping1.weight.device
    silence = torch.full((2, 1, BANDS, WINDOW_HOPS), -LIMIT, device=device)
    own = torch.from_numpy(np.asarray(reference, np.float32).copy()).to(device).expand(2, -1)
    with torch.inference_mode():
        # Behind the audio encoder the network is linear, so two answers, eyes open and shut, tell those between.
        opened, shut = network(silence, own, torch.tensor([[0.0], [1.0]], device=device)).cpu().numpy()
    rest = opened + blink[:, None] * (shut - opened)
    return (expression + share[:, None] * (rest - expression)).astype(np.float32)
