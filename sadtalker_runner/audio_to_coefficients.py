"""A voice becomes the coefficients of a moving face: expression from ExpNet, head pose from PoseVAE, 25 frames a second.

Zhang and others, "SadTalker" (CVPR 2023). Coefficients of a frame are 64 of expression, 3 angles (radians) and 3 translations.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from core.contracts import FloatArray
from sadtalker_runner.mel import mel_windows
from sadtalker_runner.networks.expression_net import EXPRESSIONS, ExpressionNet
from sadtalker_runner.networks.pose_vae import LATENT, POSE, WINDOW_FRAMES, PoseVAE

#: The networks were trained at this rate and know no other.
NETWORK_FPS = 25.0
COEFFICIENTS = EXPRESSIONS + POSE
#: Frames that ExpNet hears at a time.
BATCH_FRAMES = 64
#: A blink, frame by frame, and how many frames lie between two of them (smallest, and one above the largest).
BLINK = (0.5, 0.9, 1.0, 0.9, 0.5)
BLINK_PAUSE_FRAMES = (10, 70)
#: A shorter film has no blink.
SHORTEST_BLINKING_FRAMES = 21
SMOOTHING_FRAMES = 13
SMOOTHING_ORDER = 2


def blink_ratio(frames: int, random: np.random.Generator) -> FloatArray:
    """How far the eyes are shut (frames,) float32 in [0, 1]: blinks of 5 frames with pauses of chance length."""
    ratio = np.zeros(frames, np.float32)
    if frames < SHORTEST_BLINKING_FRAMES:
        return ratio
    longest = min(frames // 2, BLINK_PAUSE_FRAMES[1])
    shortest = min(BLINK_PAUSE_FRAMES[0], longest - 1)
    end = 0
    while True:
        start = end + int(random.integers(shortest, longest))
        end = start + len(BLINK)
        if end > frames - 1:
            return ratio
        ratio[start:end] = BLINK


def expression_coefficients(
    network: ExpressionNet, spectrogram: FloatArray, reference: FloatArray, blink: FloatArray
) -> FloatArray:
    """Expression (T, 64) float32 for T frames at 25 a second.

    spectrogram: (hops, 80). reference: (64,) or (T, 64), the portrait's own expression. blink: (T,) in [0, 1].
    """
    frames = len(blink)
    references = np.broadcast_to(np.asarray(reference, np.float32), (frames, EXPRESSIONS))
    result = np.empty((frames, EXPRESSIONS), np.float32)
    device = network.mapping1.weight.device
    with torch.inference_mode():
        for first in range(0, frames, BATCH_FRAMES):
            last = min(frames, first + BATCH_FRAMES)
            windows = torch.from_numpy(mel_windows(spectrogram, first, last - first, NETWORK_FPS)).to(device)
            own = torch.from_numpy(references[first:last].copy()).to(device)
            shut = torch.from_numpy(np.asarray(blink[first:last, None], np.float32)).to(device)
            result[first:last] = network(windows, own, shut).cpu().numpy()
    return result


def pose_windows(frames: int) -> list[tuple[int, int]]:
    """Where PoseVAE's windows of 32 frames begin, and from which frame of the window on they are used.

    The first frame is the portrait's own pose and in no window; the last window ends with the film, and what it shares with
    the one before is not used again. A film shorter than a window has one that begins before it (a negative start).
    """
    moving = frames - 1
    whole = [(1 + i * WINDOW_FRAMES, 0) for i in range(moving // WINDOW_FRAMES)]
    rest = moving % WINDOW_FRAMES
    return [*whole, (frames - WINDOW_FRAMES, WINDOW_FRAMES - rest)] if rest else whole


def pose_coefficients(
    network: PoseVAE, spectrogram: FloatArray, first_pose: FloatArray, frames: int, style: int, noise: Tensor
) -> FloatArray:
    """Head pose (T, 6) float32 for T frames at 25 a second, not yet smoothed.

    spectrogram: (hops, 80). first_pose: (6,), the portrait's own. style: 0..45. noise: (windows, 64) standard normal, see
    `pose_windows`.
    """
    pose = np.tile(np.asarray(first_pose, np.float32), (frames, 1))
    device = network.netG.decoder.classbias.device
    reference = torch.from_numpy(pose[:1]).to(device)
    styles = torch.tensor([style], device=device)
    with torch.inference_mode():
        for (start, used), latent in zip(pose_windows(frames), noise, strict=True):
            # In a film shorter than a window, its second frame is heard again and again before it begins.
            heard = np.maximum(np.arange(start, start + WINDOW_FRAMES), 1)
            windows = np.concatenate([mel_windows(spectrogram, int(frame), 1, NETWORK_FPS) for frame in heard])
            mels = torch.from_numpy(windows)[None].to(device)
            offsets = network(mels, reference, styles, latent[None].to(device))[0].cpu().numpy()
            pose[start + used : start + WINDOW_FRAMES] += offsets[used:]
    return pose


def smoothed(pose: FloatArray) -> FloatArray:
    """Pose (T, 6) smoothed over time by Savitzky and Golay's filter: 13 frames, second order; fewer where there are fewer."""
    from scipy.signal import savgol_filter

    window = SMOOTHING_FRAMES if len(pose) >= SMOOTHING_FRAMES else (len(pose) - 1) // 2 * 2 + 1
    if window <= SMOOTHING_ORDER:
        return pose
    return savgol_filter(pose, window, SMOOTHING_ORDER, axis=0).astype(np.float32)


def pose_of_voice(
    network: PoseVAE, spectrogram: FloatArray, first_pose: FloatArray, frames: int, style: int, random: np.random.Generator
) -> FloatArray:
    """Head pose (T, 6) float32 of T frames at 25 a second, as the voice and chance move it; see `pose_coefficients`."""
    noise = torch.from_numpy(random.standard_normal((len(pose_windows(frames)), LATENT), dtype=np.float32))
    return smoothed(pose_coefficients(network, spectrogram, first_pose, frames, style, noise))
