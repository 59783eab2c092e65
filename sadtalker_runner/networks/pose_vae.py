"""PoseVAE: head motion that goes with a voice, drawn in one of 46 styles from a conditional variational auto-encoder.

Zhang and others, "SadTalker" (CVPR 2023). The decoder makes the poses; encoder and discriminator are what training needs, and
part of the published state.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sadtalker_runner.networks.audio_encoder import EMBEDDING, audio_encoder
from sadtalker_runner.networks.res_unet import ResUnet

#: Frames of one window.
WINDOW_FRAMES = 32
STYLES = 46
LATENT = 64
#: Pose of a frame: three angles in radians, three translations.
POSE = 6
AUDIO_OUT = 6


class WindowAudioEncoder(nn.Module):
    """Wav2Lip's audio encoder over the frames of a window: (B, T, 1, 80, 16) -> (B, T, 512)."""

    def __init__(self) -> None:
        super().__init__()
        self.audio_encoder = audio_encoder()

    def forward(self, mel_windows: Tensor) -> Tensor:
        """See the class."""
        flat: Tensor = self.audio_encoder(mel_windows.flatten(0, 1))
        return flat.flatten(1).unflatten(0, mel_windows.shape[:2])


class PoseEncoder(nn.Module):
    """Poses of a window, their sound and style -> mean and logarithm of the variance of the latent vector."""

    def __init__(self) -> None:
        super().__init__()
        self.classbias = nn.Parameter(torch.zeros(STYLES, LATENT))
        self.resunet = ResUnet()
        self.MLP = nn.Sequential()
        self.MLP.add_module("L0", nn.Linear(POSE + WINDOW_FRAMES * (POSE + AUDIO_OUT) + LATENT, 128))
        self.MLP.add_module("A0", nn.ReLU())
        self.linear_means = nn.Linear(128, LATENT)
        self.linear_logvar = nn.Linear(128, LATENT)
        self.linear_audio = nn.Linear(EMBEDDING, AUDIO_OUT)

    def forward(self, pose_motion: Tensor, first_pose: Tensor, heard: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        """Two (B, 64) from offsets (B, 32, 6) to the first pose (B, 6), sound (B, 32, 512) and style (B,) 0..45."""
        pose = self.resunet(pose_motion[:, None]).flatten(1)
        out = self.MLP(torch.cat([first_pose, pose, self.linear_audio(heard).flatten(1), self.classbias[style]], dim=1))
        return self.linear_means(out), self.linear_logvar(out)


class PoseDecoder(nn.Module):
    """Noise shifted by the style, first pose and sound -> two linear layers -> U-net over frames and axes -> offsets of pose."""

    def __init__(self) -> None:
        super().__init__()
        self.classbias = nn.Parameter(torch.zeros(STYLES, LATENT))
        self.resunet = ResUnet()
        self.MLP = nn.Sequential()
        self.MLP.add_module("L0", nn.Linear(POSE + LATENT + WINDOW_FRAMES * AUDIO_OUT, 128))
        self.MLP.add_module("A0", nn.ReLU())
        self.MLP.add_module("L1", nn.Linear(128, WINDOW_FRAMES * POSE))
        self.MLP.add_module("sigmoid", nn.Sigmoid())
        self.pose_linear = nn.Linear(POSE, POSE)
        self.linear_audio = nn.Linear(EMBEDDING, AUDIO_OUT)

    def forward(self, noise: Tensor, first_pose: Tensor, heard: Tensor, style: Tensor) -> Tensor:
        """Offsets (B, 32, 6) to the first pose (B, 6), for noise (B, 64), sound (B, 32, 512) and style (B,) 0..45."""
        latent = noise + self.classbias[style]
        out = self.MLP(torch.cat([first_pose, latent, self.linear_audio(heard).flatten(1)], dim=1))
        pose = self.resunet(out.unflatten(1, (1, WINDOW_FRAMES, POSE)))
        offsets: Tensor = self.pose_linear(pose.squeeze(1))
        return offsets


class PoseAutoEncoder(nn.Module):
    """Encoder and decoder, under the published names."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = PoseEncoder()
        self.decoder = PoseDecoder()


class ConvNorm1d(nn.Module):
    """Convolution over time, norm, ReLU: (B, C, T) -> (B, `out_channels`, T')."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(in_channels, out_channels, kernel, stride, padding=1, bias=False)
        self.norm = nn.BatchNorm1d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return F.relu(self.norm(self.conv(x)))


class PoseDiscriminator(nn.Module):
    """How real a stretch of head motion looks, patch by patch: (B, T, 6) -> (B, T/4)."""

    def __init__(self) -> None:
        super().__init__()
        self.seq = nn.Sequential(
            ConvNorm1d(POSE, 256, 4, 2),
            ConvNorm1d(256, 512, 4, 2),
            ConvNorm1d(512, 1024, 3, 1),
            nn.Conv1d(1024, 1, kernel_size=3, padding=1),
        )

    def forward(self, poses: Tensor) -> Tensor:
        """See the class."""
        out: Tensor = self.seq(poses.transpose(1, 2))
        return out.squeeze(1)


class PoseVAE(nn.Module):
    """Sound and style -> head motion, 32 frames at a time; `netG` and `netD_motion` are the published names."""

    def __init__(self) -> None:
        super().__init__()
        self.audio_encoder = WindowAudioEncoder()
        self.netG = PoseAutoEncoder()
        self.netD_motion = PoseDiscriminator()

    def forward(self, mel_windows: Tensor, first_pose: Tensor, style: Tensor, noise: Tensor) -> Tensor:
        """Offsets of pose (B, 32, 6) to `first_pose` (B, 6) for mel windows (B, 32, 1, 80, 16), style (B,), noise (B, 64)."""
        offsets: Tensor = self.netG.decoder(noise, first_pose, self.audio_encoder(mel_windows), style)
        return offsets
