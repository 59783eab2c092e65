"""How large wav2vec 2.0 is: the published base, and smaller ones for tests; the names and shapes of its tensors.

Names are those of the published file `facebook/wav2vec2-base`, without the `wav2vec2.` that stands before them there.
Source: Baevski et al., "wav2vec 2.0: A Framework for Self-Supervised Learning of Speech Representations", NeurIPS 2020.
"""

from __future__ import annotations

from dataclasses import dataclass

EPSILON = 1e-5
#: Kernel and stride of each convolution over the sound; together they hear 400 samples and step by 320.
CONVOLUTIONS: tuple[tuple[int, int], ...] = ((10, 5), (3, 2), (3, 2), (3, 2), (3, 2), (2, 2), (2, 2))
FIELD_SAMPLES = 400


@dataclass(frozen=True)
class Wav2vec2Shape:
    """Sizes of the network. Those given here are the published base's.

    filters: of every convolution over the sound. width, inner: of the transformer and of its feed-forward parts. position_kernel,
    position_groups: of the convolution that tells positions.
    """

    filters: int = 512
    width: int = 768
    inner: int = 3072
    layers: int = 12
    heads: int = 12
    position_kernel: int = 128
    position_groups: int = 16


BASE = Wav2vec2Shape()
#: The two forms in which files hold the direction and length of the weights of the positions' convolution.
POSITIONS = "encoder.pos_conv_embed.conv"
LENGTH, DIRECTION = f"{POSITIONS}.weight_g", f"{POSITIONS}.weight_v"
NEWER_NAMES = {
    f"{POSITIONS}.parametrizations.weight.original0": LENGTH,
    f"{POSITIONS}.parametrizations.weight.original1": DIRECTION,
}
#: What stands for masked steps in the published training; a part of the file, never of what is heard.
MASK = "masked_spec_embed"


def expected_shapes(shape: Wav2vec2Shape = BASE) -> dict[str, tuple[int, ...]]:
    """Shape of every tensor by its name."""
    width, filters = shape.width, shape.filters
    shapes: dict[str, tuple[int, ...]] = {MASK: (width,)}
    for index, (kernel, _) in enumerate(CONVOLUTIONS):
        shapes[f"feature_extractor.conv_layers.{index}.conv.weight"] = (filters, filters if index else 1, kernel)
    linears = {"feature_projection.projection": (width, filters)}
    norms = {"feature_extractor.conv_layers.0.layer_norm": filters, "feature_projection.layer_norm": filters}
    norms["encoder.layer_norm"] = width
    shapes[LENGTH] = (1, 1, shape.position_kernel)
    shapes[DIRECTION] = (width, width // shape.position_groups, shape.position_kernel)
    shapes[f"{POSITIONS}.bias"] = (width,)
    for layer in range(shape.layers):
        base = f"encoder.layers.{layer}"
        linears |= {f"{base}.attention.{name}_proj": (width, width) for name in ("k", "v", "q", "out")}
        linears[f"{base}.feed_forward.intermediate_dense"] = (shape.inner, width)
        linears[f"{base}.feed_forward.output_dense"] = (width, shape.inner)
        norms[f"{base}.layer_norm"] = norms[f"{base}.final_layer_norm"] = width
    for name, (outputs, inputs) in linears.items():
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (outputs, inputs), (outputs,)
    for name, channels in norms.items():
        shapes[f"{name}.weight"] = shapes[f"{name}.bias"] = (channels,)
    return shapes
