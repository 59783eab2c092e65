"""Sizes and switches of the network, without torch, so that whoever reads a trained file knows them too."""

from __future__ import annotations

from dataclasses import dataclass, field

#: Temporal convolutions are of three taps.
KERNEL = 3


@dataclass(frozen=True)
class Switches:
    """What of the network is there; each can be left out to see what it is good for (the paper's ablations).

    intensity: the dynamic emotional intensity, "DEI". positions: the dynamic positional encoding, "DPE".
    """

    intensity: bool = True
    positions: bool = True


@dataclass(frozen=True)
class DeitalkShape:
    """Sizes of a `Deitalk`, as published; a trained file carries them as JSON.

    features: values a frame of the speech encoder, 768 of wav2vec 2.0 base. outputs: curves of the rig, 185 of MetaHuman.
    styles: of the one-hot vector. style_width: of what it becomes. intensity_width: of the vectors whose agreement is the
    saliency. class_width: of the classifier's hidden layer. breadth_frames: deviation of the Gaussian by which these vectors are
    averaged over time before they are compared, since a feeling lasts longer than a sound of speech; 0, as published: not at all.
    filters: of the decoder's convolutions; dilations: of each of them.
    motion_filters, motion_dilations: of the motion encoder, which training alone needs.
    """

    features: int = 768
    outputs: int = 185
    styles: int = 5
    style_width: int = 16
    intensity_width: int = 128
    class_width: int = 64
    filters: int = 512
    dilations: tuple[int, ...] = (1, 2, 4, 8, 1, 2, 4, 8)
    breadth_frames: int = 0
    motion_filters: tuple[int, ...] = (384, 384, 768, 768)
    motion_dilations: tuple[int, ...] = (1, 2, 4, 8)
    switches: Switches = field(default_factory=Switches)

    @property
    def beside_width(self) -> int:
        """Values a frame that stand beside the input of every layer of the decoder: style, and intensity where it is there."""
        return self.style_width + (self.intensity_width if self.switches.intensity else 0)

    @property
    def reach_frames(self) -> int:
        """Frames before and after its own that a frame of the decoder sees."""
        return (KERNEL - 1) // 2 * sum(self.dilations)
