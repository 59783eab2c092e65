"""A published StyleTTS 2 checkpoint, read strictly: every tensor of its networks has its place and its shape, and nothing is run.

The file holds all networks of the training under `net`, each as a table of tensors. How large they are, which generator the
decoder has and whether the style follows a given voice is read off the shapes. Weight norms and spectral norms are worked in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import InputError
from neural.network_files import UNREADABLE
from speech.styletts2.networks.albert import PhonemeBert
from speech.styletts2.networks.decoder import Decoder, Generator, HifiGan, IstftNet
from speech.styletts2.networks.prosody import ProsodyPredictor
from speech.styletts2.networks.style_diffusion import StyleTransformer
from speech.styletts2.networks.style_encoder import StyleEncoder
from speech.styletts2.networks.text_encoder import TextEncoder

#: Facts of the published networks that no shape tells.
BERT_HEADS, BERT_PASSES = 12, 12
#: Samples of one value of pitch and loudness; the decoder's steps make up for them.
PITCH_SAMPLES = 300
#: Spread of the styles that a network was taught on, where no file says it, and how `config.yml` beside the checkpoint says it.
USUAL_SPREAD, SPREAD_LINE = 0.2, re.compile(r"^\s*sigma_data:\s*([0-9.]+)", re.MULTILINE)
Tensors = dict[str, Tensor]


@dataclass(frozen=True)
class StyleTTS2Networks:
    """The networks of one checkpoint. spread: see `USUAL_SPREAD`."""

    bert: PhonemeBert
    bert_encoder: nn.Linear
    text_encoder: TextEncoder
    predictor: ProsodyPredictor
    decoder: Decoder
    style_encoder: StyleEncoder
    predictor_encoder: StyleEncoder
    diffusion: StyleTransformer
    spread: float

    @property
    def follows_a_voice(self) -> bool:
        """Whether it speaks in a given voice; else it knows one alone."""
        return hasattr(self.diffusion, "to_features")

    @property
    def by_samples(self) -> bool:
        """Whether its generator is HiFi-GAN's, which was taught with the text a moment later."""
        return isinstance(self.decoder.generator, HifiGan)


def read_checkpoint(path: Path) -> StyleTTS2Networks:
    """The networks in the file.

    Raises InputError where it can't be read, holds anything but numbers, or is no checkpoint of StyleTTS 2.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except UNREADABLE as error:
        raise InputError("speech.styletts2_unreadable", path=path, reason=_in_few_words(error)) from error
    nets = content.get("net") if isinstance(content, Mapping) else None
    if not isinstance(nets, Mapping):
        raise InputError("speech.styletts2_unfit", path=path, reason="nothing under 'net'")
    try:
        return networks_of({name: folded(nets[name]) for name in OURS}, _spread(path))
    except (KeyError, RuntimeError, ValueError, AttributeError, IndexError, TypeError) as error:
        raise InputError("speech.styletts2_unfit", path=path, reason=_in_few_words(error)) from error


#: The networks that speak, as the file calls them; the others were needed to teach them.
OURS = ("bert", "bert_encoder", "text_encoder", "predictor", "decoder", "style_encoder", "predictor_encoder", "diffusion")


def networks_of(tensors: Mapping[str, Tensors], spread: float) -> StyleTTS2Networks:
    """The networks, each as large as its tensors. Raises RuntimeError, KeyError or IndexError where they don't fit."""
    encoder = tensors["bert_encoder"]["weight"]
    made: dict[str, Any] = {
        "bert": _bert(bert := _bert_tensors(tensors["bert"])),
        "bert_encoder": nn.Linear(encoder.shape[1], encoder.shape[0]),
        "text_encoder": _text_encoder(tensors["text_encoder"]),
        "predictor": _predictor(tensors["predictor"]),
        "decoder": _decoder(tensors["decoder"]),
        "style_encoder": _style_encoder(tensors["style_encoder"]),
        "predictor_encoder": _style_encoder(tensors["predictor_encoder"]),
        "diffusion": _diffusion(diffusion := _below(tensors["diffusion"], "unet.")),
    }
    values = {**tensors, "bert": bert, "diffusion": diffusion}
    for name, network in made.items():
        network.load_state_dict(values[name], strict=True)
        network.eval().requires_grad_(False)
    return StyleTTS2Networks(**made, spread=spread)


def folded(tensors: Mapping[str, Tensor]) -> Tensors:
    """The tensors without the prefix of a training on several cards, and with weights in place of their norms' parts."""
    plain = {name.removeprefix("module."): tensor for name, tensor in tensors.items()}
    result: Tensors = {}
    for name, tensor in plain.items():
        stem, _, last = name.rpartition(".")
        if last == "weight_g":
            direction = plain[f"{stem}.weight_v"]
            result[f"{stem}.weight"] = tensor * direction / direction.flatten(1).norm(dim=1).view_as(tensor)
        elif last == "weight_orig":
            left, right = plain[f"{stem}.weight_u"], plain[f"{stem}.weight_v"]
            result[f"{stem}.weight"] = tensor / (left @ tensor.flatten(1) @ right)
        elif last not in ("weight_v", "weight_u"):
            result[name] = tensor
    return result


def _count(tensors: Tensors, pattern: str) -> int:
    """How many numbered parts there are whose name is `pattern`, with # for the number, followed by a point."""
    found = re.compile(re.escape(pattern).replace(r"\#", r"(\d+)") + r"\.")
    return len({match[1] for name in tensors if (match := found.match(name))})


def _below(tensors: Tensors, prefix: str) -> Tensors:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _bert_tensors(tensors: Tensors) -> Tensors:
    """Under our names; the pooler and the places' numbers are not needed."""
    layer = "encoder.albert_layer_groups.0.albert_layers.0."
    needed = {name: tensor for name, tensor in tensors.items() if not name.startswith(("pooler.", "embeddings.position_ids"))}
    return {name.replace(layer, "encoder.layer."): tensor for name, tensor in needed.items()}


def _bert(tensors: Tensors) -> PhonemeBert:
    symbols, width = tensors["embeddings.word_embeddings.weight"].shape
    inner, hidden = tensors["encoder.layer.ffn.weight"].shape
    longest, kinds = (len(tensors[f"embeddings.{name}_embeddings.weight"]) for name in ("position", "token_type"))
    return PhonemeBert(symbols, width, longest, kinds, hidden, inner, BERT_HEADS, BERT_PASSES)


def _text_encoder(tensors: Tensors) -> TextEncoder:
    symbols, channels = tensors["embedding.weight"].shape
    return TextEncoder(symbols, channels, tensors["cnn.0.0.weight"].shape[2], _count(tensors, "cnn.#"))


def _predictor(tensors: Tensors) -> ProsodyPredictor:
    longest, channels = tensors["duration_proj.linear_layer.weight"].shape
    style = tensors["lstm.weight_ih_l0"].shape[1] - channels
    return ProsodyPredictor(channels, style, _count(tensors, "text_encoder.lstms.#") // 2, longest)


def _style_encoder(tensors: Tensors) -> StyleEncoder:
    style, widest = tensors["unshared.weight"].shape
    return StyleEncoder(len(tensors["shared.0.weight"]), widest, style)


def _decoder(tensors: Tensors) -> Decoder:
    steps = _count(tensors, "generator.ups.#")
    rates = [tensors[f"generator.ups.{step}.weight"].shape[2] // 2 for step in range(steps)]
    channels, style = tensors["generator.ups.0.weight"].shape[0], tensors["encode.norm1.fc.weight"].shape[1]
    last = len(tensors["generator.conv_post.weight"])
    generator: Generator
    if last == 1:
        generator = HifiGan(channels, style, rates)
    else:
        generator = IstftNet(channels, style, rates, last - 2, PITCH_SAMPLES // int(torch.tensor(rates).prod()))
    return Decoder(tensors["asr_res.0.weight"].shape[1], style, generator, channels)


def _diffusion(tensors: Tensors) -> StyleTransformer:
    channels, both = tensors["to_out.1.weight"].shape[:2]
    longest, text = tensors["fixed_embedding.embedding.weight"].shape
    inner, wide = len(tensors["blocks.0.attention.to_q.weight"]), len(tensors["blocks.0.feed_forward.0.weight"])
    features = tensors.get("to_features.0.weight")
    if channels + text != both:
        raise ValueError("the style's network has other channels than the sentence's")
    style = 0 if features is None else features.shape[1]
    return StyleTransformer(channels, text, style, inner, wide, _count(tensors, "blocks.#"), longest)


def _spread(path: Path) -> float:
    """As `config.yml` beside the checkpoint says it."""
    config = path.with_name("config.yml")
    found = SPREAD_LINE.search(config.read_text(encoding="utf-8", errors="replace")) if config.is_file() else None
    return float(found[1]) if found else USUAL_SPREAD


def _in_few_words(error: Exception) -> str:
    return " ".join(str(error).split())[:160].rstrip(".")
