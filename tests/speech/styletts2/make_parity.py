"""Computes `parity.npz` with StyleTTS 2's own public code, which is not part of this project:

    python -m tests.speech.styletts2.make_parity FOLDER_OF_THE_PUBLIC_CODE

It wants einops, einops-exts, munch, transformers and PyYAML besides torch. All networks get the numbers of `small.py`, which
stand for chance in both programs too.
"""

from __future__ import annotations

import sys
import types
from pathlib import Path

import numpy as np
import torch

from tests.speech.styletts2 import small

#: The networks that speak, but for that of the style.
SPEAKING = ("bert", "bert_encoder", "text_encoder", "predictor", "decoder", "style_encoder", "predictor_encoder")


def filled(name, network):
    """The network with the drawn numbers."""
    state = network.state_dict()
    shapes = {key: tuple(tensor.shape) for key, tensor in state.items() if tensor.dtype.is_floating_point}
    tensors = {**state, **{key: torch.from_numpy(value) for key, value in small.tensors_of(name, shapes).items()}}
    network.load_state_dict(tensors)
    return network.eval()


def public_code(folder):
    """The modules of the public program, without those parts that only training needs."""
    sys.path.insert(0, str(folder))
    for name, names in {
        "Utils.ASR.models": ("ASRCNN",),
        "Utils.JDC.model": ("JDCNet",),
        "Modules.discriminators": ("MultiPeriodDiscriminator", "MultiResSpecDiscriminator", "WavLMDiscriminator"),
        "Utils.ASR": (),
        "Utils.JDC": (),
    }.items():
        module = types.ModuleType(name)
        for each in names:
            setattr(module, each, lambda *_, **__: torch.nn.Identity())
        sys.modules[name] = module
    import models

    return models


def networks(models, kind):
    """The public program's networks of one kind."""
    from munch import Munch
    from transformers import AlbertConfig
    from Utils.PLBERT.util import CustomAlbert

    follows = kind == "libritts"
    rates = [10, 5, 3, 2] if follows else [10, 6]
    decoder = {
        "type": "hifigan" if follows else "istftnet",
        "resblock_kernel_sizes": [3, 7, 11],
        "upsample_rates": rates,
        "upsample_initial_channel": 512,
        "resblock_dilation_sizes": [[1, 3, 5]] * 3,
        "upsample_kernel_sizes": [2 * rate for rate in rates],
        "gen_istft_n_fft": 20,
        "gen_istft_hop_size": 5,
    }
    bert = CustomAlbert(AlbertConfig(**small.BERT, **small.BERT_MORE, attn_implementation="eager"))
    diffusion = {
        "embedding_mask_proba": 0.1,
        "transformer": {"num_layers": 3, "num_heads": 8, "head_features": 8, "multiplier": 2},
        "dist": {"sigma_data": small.SPREAD, "mean": -3.0, "std": 1.0},
    }
    sizes = {
        "multispeaker": follows,
        "dim_in": small.CONVOLUTIONS,
        "hidden_dim": 512,
        "n_layer": small.LAYERS,
        "n_mels": 80,
        "n_token": small.SYMBOLS,
        "max_dur": small.MOST_MOMENTS,
        "style_dim": small.STYLE,
        "dropout": 0.2,
        "slm": {"hidden": 8, "nlayers": 2, "initial_channel": 4},
    }
    arguments = Munch.fromDict({**sizes, "decoder": decoder, "diffusion": diffusion})
    return models.build_model(arguments, None, None, bert)


class KnownChance:
    """The numbers of `small.py` in place of torch's random ones, while this lasts."""

    def __enter__(self):
        self.kept = torch.rand, torch.randn, torch.randn_like
        torch.rand = lambda *shape, **_: torch.from_numpy(small.uniform(shape))
        torch.randn = lambda *shape, **_: torch.from_numpy(small.normal(shape))
        torch.randn_like = lambda like: torch.from_numpy(small.normal(tuple(like.shape)))

    def __exit__(self, *_):
        torch.rand, torch.randn, torch.randn_like = self.kept


def computed(nets, kind):
    """What the public program makes of the tokens, step by step, as its notebook goes."""
    from Modules.diffusion.sampler import ADPM2Sampler, DiffusionSampler, KarrasSchedule

    follows = kind == "libritts"
    tokens, out = torch.tensor([small.TOKENS]), {}
    lengths, mask = torch.tensor([len(small.TOKENS)]), torch.zeros(1, len(small.TOKENS), dtype=torch.bool)
    schedule = KarrasSchedule(sigma_min=0.0001, sigma_max=3.0, rho=9.0)
    sampler = DiffusionSampler(nets.diffusion.diffusion, sampler=ADPM2Sampler(), sigma_schedule=schedule, clamp=False)
    out["heard"] = nets.text_encoder(tokens, lengths, mask)
    out["meant"] = nets.bert(tokens, attention_mask=(~mask).int())
    mel = torch.from_numpy(small.drawn("mel", (1, 80, 101)))
    out["like"] = torch.cat([nets.style_encoder(mel[:, None]), nets.predictor_encoder(mel[:, None])], dim=1)
    noise = torch.from_numpy(small.drawn("noise", (1, 1, 2 * small.STYLE)))
    more = {"features": out["like"]} if follows else {}
    for name, guidance in (("style", 1), ("guided", 2)):
        out[name] = sampler(noise, embedding=out["meant"], embedding_scale=guidance, num_steps=5, **more)[:, 0]
    sounds, moves = out["style"].chunk(2, dim=1)
    encoded = nets.predictor.text_encoder(nets.bert_encoder(out["meant"]).transpose(1, 2), moves, lengths, mask)
    out["durations"] = nets.predictor.duration_proj(nets.predictor.lstm(encoded)[0]).sigmoid().sum(dim=-1)
    lasts = torch.tensor([1, 2, 1, 3, 2, 1, 2, 2, 1, 3])
    moments = encoded.transpose(1, 2).repeat_interleave(lasts, dim=2)
    out["pitch_hz"], out["loudness"] = nets.predictor.F0Ntrain(moments, moves)
    text, curve = out["heard"].repeat_interleave(lasts, dim=2), torch.from_numpy(small.pitch_hz(2 * int(lasts.sum())))[None]
    out["sound"] = nets.decoder(text, curve, out["loudness"], sounds).squeeze(1)
    return out


def main(folder):
    """Write the file beside this one."""
    models = public_code(folder)
    results = {}
    with torch.no_grad(), KnownChance():
        for kind in small.KINDS:
            nets = networks(models, kind)
            for name in SPEAKING:
                filled(f"{kind}.{name}", nets[name])
            filled(f"{kind}.diffusion", nets.diffusion.unet)
            results |= {f"{kind}.{name}": tensor.float().numpy() for name, tensor in computed(nets, kind).items()}
            results[f"{kind}.names"] = np.array(sorted(names_of(nets)))
    np.savez_compressed(Path(__file__).parent / "parity.npz", **results)


def names_of(nets):
    """Name and shape of every tensor that the file of a checkpoint would hold of the networks that speak."""
    for name in (
        "bert",
        "bert_encoder",
        "text_encoder",
        "predictor",
        "decoder",
        "style_encoder",
        "predictor_encoder",
        "diffusion",
    ):
        for key, tensor in nets[name].state_dict().items():
            yield f"{name}/{key}/{'x'.join(map(str, tensor.shape))}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
