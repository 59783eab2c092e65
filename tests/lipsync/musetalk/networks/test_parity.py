"""Our networks against what the published program computed, on weights that were loaded from files of the published layout."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.long

torch = pytest.importorskip("torch")

from lipsync.musetalk import checkpoint  # noqa: E402
from lipsync.musetalk.networks.unet import UNet  # noqa: E402
from lipsync.musetalk.networks.vae import SCALE, Vae  # noqa: E402
from lipsync.musetalk.networks.whisper_encoder import WhisperEncoder  # noqa: E402
from lipsync.musetalk.runner import MuseTalk  # noqa: E402
from lipsync.musetalk.settings import MuseTalkSettings  # noqa: E402
from lipsync.musetalk.sound import features_of, order_of_rows, rows_of_frames  # noqa: E402
from tests.lipsync.musetalk.conftest import close_to, state_of  # noqa: E402
from tests.sadtalker_runner.parity import deterministic_input  # noqa: E402

#: Largest difference for what was kept in float32, as a share of the largest value; ours are below 5e-6.
EXACT = 2e-5


def tensor(name, shape, *limits):
    return torch.from_numpy(deterministic_input(name, shape, *limits))


@pytest.fixture(scope="module")
def face():
    """(1, 3, 256, 256) in [-1, 1]"""
    return tensor("muse_face", (1, 3, 256, 256), 0, 1).half().float() * 2 - 1


@pytest.fixture(scope="module")
def networks(published_shapes, tmp_path_factory):
    """The three at full size. The U-Net's 3.4 GB go through no file, the others through torch files as they are published."""
    folder = tmp_path_factory.mktemp("musetalk")
    vae_path, whisper_path = folder / "diffusion_pytorch_model.bin", folder / "pytorch_model.bin"
    torch.save(state_of(published_shapes["vae"]), vae_path)
    written = {"model.decoder.embed_tokens.weight": torch.zeros(3, 384), "proj_out.weight": torch.zeros(3, 384)}
    torch.save(state_of(published_shapes["whisper_encoder"]) | written, whisper_path)
    unet = checkpoint.filled(UNet, state_of(published_shapes["unet"]), folder / "unet.pth", "unet")
    yield checkpoint.MuseTalkNetworks(unet, checkpoint.read_vae(vae_path), checkpoint.read_whisper(whisper_path), {})
    for path in folder.iterdir():
        path.unlink()


@pytest.fixture(scope="module")
def musetalk(networks):
    return MuseTalk(networks, MuseTalkSettings(device="cpu"))


@pytest.fixture(scope="module")
def audio():
    return tensor("muse_audio", (1, 50, 384))


@pytest.mark.parametrize(
    ("make", "name", "prefix"), [(UNet, "unet", ""), (Vae, "vae", ""), (WhisperEncoder, "whisper_encoder", "model.encoder.")]
)
def test_names_and_shapes_are_the_published_ones(make, name, prefix, published_shapes):
    ours = {prefix + key: list(shape) for key, shape in checkpoint.shapes_of(make).items()}
    assert ours == published_shapes[name]


def test_what_no_key_tells_and_numbers_hardly():
    """The norms' smallest variances, which differ between parts: 1e-6 in the place of 1e-5 moves a result by millionths."""
    with torch.device("meta"):
        networks = UNet(), Vae()
    eps = [
        {(".attentions." in name, module.eps) for name, module in each.named_modules() if isinstance(module, torch.nn.GroupNorm)}
        for each in networks
    ]
    assert eps == [{(False, 1e-5), (True, 1e-6)}, {(False, 1e-6), (True, 1e-6)}]


@pytest.mark.slow
def test_unet(networks, audio, published):
    unet, sound = networks.unet, audio + torch.from_numpy(order_of_rows())
    with torch.inference_mode():
        time = unet.time_zero()
        middle, left = unet.way_down(tensor("muse_latents", (1, 8, 32, 32)), time, sound)
        drawn = unet.way_up(middle, left, time, sound)
    assert close_to(time, published["unet_temb"], EXACT)
    assert close_to(middle[:, ::4], published["unet_mid"], 2e-3)
    assert close_to(drawn, published["unet_out"], EXACT)
    assert not left


@pytest.mark.slow
def test_vae(networks, face, published):
    with torch.inference_mode():
        mean, log_variance = networks.vae.encode(face)
        drawn = networks.vae.decode(tensor("muse_z", (1, 4, 32, 32)) / SCALE)
    assert close_to(mean, published["vae_mean"], EXACT)
    assert close_to(log_variance[:, :, ::2, ::2], published["vae_logvar"], EXACT)
    assert close_to(drawn[:, :, ::2, ::2], published["vae_decoded"], 2e-3)


@pytest.mark.slow
def test_a_face_through_all_networks(musetalk, networks, face, audio, published):
    predicted = []
    hook = networks.unet.register_forward_hook(lambda _, __, given: predicted.append(given))
    with torch.inference_mode():
        latents = musetalk.encoded(face)
        drawn = musetalk.decoded(latents, audio)
    hook.remove()
    assert close_to(latents, published["e2e_latents"], 2e-3)
    assert close_to(predicted[0], published["e2e_pred"], EXACT)
    assert close_to(drawn[:, :, ::4, ::4], published["e2e_image"], 2e-3)


@pytest.mark.slow
def test_what_whisper_hears(musetalk, published_sound, published):
    heard = musetalk.hear(published_sound)
    assert heard.shape == (125, 5, 384)
    assert close_to(heard[::10, :, ::4], published["whisper_hidden"], 2e-3)
    features = features_of(heard, rows_of_frames(62, len(heard), 25.0))
    assert close_to(features[[0, 31, 61]][:, :, ::4], published["whisper_prompts"], 2e-3)
