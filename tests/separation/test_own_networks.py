"""Four and five stems by a user's own files, made here of small layers and weights of chance in the published form."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import onnxruntime
import pytest
import soundfile

from core.errors import InputError, MissingError
from separation import checkpoint
from separation.__main__ import main
from separation.networks import layers
from separation.networks.unet import build_unet_model
from separation.own_networks import OWN_NETWORKS, counts_here, lacking
from separation.parts import PartsSeparator
from separation.settings import NETWORK_BINS, SAMPLE_RATE_HZ, SpleeterSettings
from separation.stft import SEGMENT_STEP
from tests.separation.written_out import random_weights, write_bundle, written_out_masks

NETWORKS = {2: layers.TWO_STEMS, 4: layers.FOUR_STEMS, 5: layers.FIVE_STEMS}
ORDER = {4: ["vocals", "drums", "bass", "other"], 5: ["vocals", "piano", "drums", "bass", "other"]}
VARIABLES = {4: "BELCANTO_SPLEETER_4STEMS", 5: "BELCANTO_SPLEETER_5STEMS"}
FRAMES = 64


@pytest.fixture(autouse=True)
def apart(monkeypatch, tmp_path):
    """Small layers, and folders of their own for what is made of them."""
    monkeypatch.setattr(layers, "ENCODER_FILTERS", (3, 4, 5, 6, 7, 8))
    monkeypatch.setattr(layers, "DECODER_FILTERS", (7, 6, 5, 4, 3, 1))
    monkeypatch.setenv("BELCANTO_WEIGHTS_DIR", str(tmp_path / "weights"))
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def own(monkeypatch, tmp_path):
    """Lay a checkpoint of so many stems where its variable says, changed as a test wants it; gives its folder."""

    def lay(stems, change=lambda weights: None, named=None):
        weights = random_weights(checkpoint.expected_shapes(NETWORKS[stems]), np.random.default_rng(stems))
        change(weights)
        write_bundle(tmp_path / f"{stems}stems", weights)
        monkeypatch.setenv(VARIABLES[named or stems], str(tmp_path / f"{stems}stems"))
        return tmp_path / f"{stems}stems"

    return lay


def mix_of(seconds):
    """Tones and a noise below 8 kHz that differ on both sides."""
    times_s = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    generator = np.random.default_rng(0)
    tones = [(generator.uniform(80, 8000), generator.uniform(0, 6), generator.uniform(0.005, 0.05, 2)) for _ in range(30)]
    return sum(np.sin(2 * np.pi * tone_hz * times_s + phase)[:, None] * level for tone_hz, phase, level in tones).astype(
        np.float32
    )


@pytest.mark.parametrize("stems", [2, 4, 5])
def test_graph_and_torch_are_the_published_graph(stems):
    generator = np.random.default_rng(stems)
    weights = random_weights(checkpoint.expected_shapes(NETWORKS[stems]), generator)
    magnitude = np.abs(generator.standard_normal((2, FRAMES, NETWORK_BINS))).astype(np.float32)
    magnitude[:, :, 900:] = 0  # where there is nothing, all share alike
    known = written_out_masks(weights, magnitude, stems)
    assert known[:-1].std() > 0.05
    model = build_unet_model(weights, FRAMES, NETWORKS[stems]).SerializeToString()
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    ours = session.run(None, {"magnitude": magnitude[np.newaxis]})[0][0].reshape(stems - 1, *magnitude.shape)
    np.testing.assert_allclose(ours, known[:-1], atol=2e-5)
    np.testing.assert_allclose(1 - ours.sum(axis=0), known[-1], atol=2e-5)
    torch = pytest.importorskip("torch")
    from separation.networks.torch_unet import TorchUnets

    batch = torch.from_numpy(np.stack([magnitude, magnitude[:, ::-1]]))
    masks = TorchUnets(weights, torch.device("cpu"), NETWORKS[stems]).masks(batch).numpy()
    assert masks.shape == (2, stems - 1, *magnitude.shape)
    np.testing.assert_allclose(masks[0], known[:-1], atol=2e-5)


@pytest.mark.parametrize("stems", [4, 5])
def test_a_file_for_each_stem_and_together_the_mix(own, write_sound, tmp_path, capsys, stems):
    folder, mix = own(stems), mix_of(1.3 * SEGMENT_STEP / SAMPLE_RATE_HZ)
    out_dir = tmp_path / "out"
    assert main([str(write_sound(mix)), "--out", str(out_dir), "--stems", str(stems), "--device", "cpu", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told["files"]) == ORDER[stems] and told["duration_s"] == len(mix) / SAMPLE_RATE_HZ
    assert {path.name for path in out_dir.iterdir()} == {f"{stem}.wav" for stem in ORDER[stems]}
    assert told["sha256"] == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    sounds = [soundfile.read(path, dtype="float32")[0] for path in told["files"].values()]
    assert all(np.abs(sound).max() > 0.01 for sound in sounds)
    inner = slice(4096, len(mix) - 4096)  # the transform can't hold the sudden beginning and end below 11 kHz
    assert np.abs((sum(sounds) - mix)[inner]).max() < 2e-4 * np.abs(mix).max()


@pytest.mark.parametrize(("stems", "number"), [(4, 1), (4, 3), (5, 1), (5, 2)])
def test_the_stems_have_their_names(own, write_sound, tmp_path, stems, number):
    def loud(weights):
        for stem in range(stems):
            weights[f"conv2d_{7 * stem + 6}/kernel"][:] = 0
            weights[f"conv2d_{7 * stem + 6}/bias"][:] = 40.0 if stem == number else -40.0

    own(stems, loud)
    mix = mix_of(2.0)
    settings = SpleeterSettings(start_s=0.5, duration_s=1.0, device="cpu")
    parts = PartsSeparator(stems, settings).take_apart(write_sound(mix), tmp_path / "out")
    levels = {stem: np.abs(soundfile.read(path)[0]).max() for stem, path in parts.files.items()}
    assert parts.duration_s == 1.0 and levels.pop(ORDER[stems][number]) > 0.1 and max(levels.values()) < 1e-4


def test_what_is_here_follows_the_environment(own, monkeypatch):
    assert counts_here() == (2,) and lacking(2) is None
    with pytest.raises(MissingError, match=r"unpack 4stems\.tar\.gz .* let BELCANTO_SPLEETER_4STEMS name"):
        PartsSeparator(4)
    folder = own(5)
    assert counts_here() == (2, 5)
    (folder / "model.data-00000-of-00001").unlink()
    with pytest.raises(MissingError, match=r"model\.data-00000-of-00001 is not there; BELCANTO_SPLEETER_5STEMS has to"):
        PartsSeparator(5)


def test_the_command_says_what_is_missing(write_sound, tmp_path, capsys):
    assert main([str(write_sound(mix_of(0.1))), "--out", str(tmp_path / "out"), "--stems", "5"]) == 3
    assert "BELCANTO_SPLEETER_5STEMS" in capsys.readouterr().err and not (tmp_path / "out").exists()


@pytest.mark.parametrize(("laid", "named"), [(4, 5), (5, 4), (2, 4)])
def test_another_network_is_refused(own, write_sound, tmp_path, laid, named):
    own(laid, named=named)
    told = rf"is not Spleeter's network of {named} stems: .* tensors are (missing|unknown) .*{VARIABLES[named]} has to name"
    with pytest.raises(InputError, match=told):
        PartsSeparator(named, SpleeterSettings(device="cpu")).take_apart(write_sound(mix_of(0.5)), tmp_path / "out")
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_a_layer_of_another_shape_is_refused(own):
    def widen(weights):
        weights["conv2d_7/kernel"] = np.zeros((5, 5, 2, 9), np.float32)

    own(4, widen)
    with pytest.raises(InputError, match=r"1 tensors are of another shape \(the first is conv2d_7/kernel\)"):
        checkpoint.load_checkpoint(OWN_NETWORKS[4].files())


def test_a_damaged_file_is_said_with_what_to_do(own):
    data = own(4) / "model.data-00000-of-00001"
    content = bytearray(data.read_bytes())
    content[len(content) // 2] ^= 1
    data.write_bytes(content)
    with pytest.raises(InputError, match=r"checksum.*Unpack Deezer's 4stems\.tar\.gz again"):
        checkpoint.load_checkpoint(OWN_NETWORKS[4].files())


def test_other_files_are_another_network(own):
    own(4)
    before = checkpoint.ensure_onnx(OWN_NETWORKS[4].files())
    own(4, lambda weights: weights["conv2d/bias"].fill(0.5))
    after = checkpoint.ensure_onnx(OWN_NETWORKS[4].files())
    assert before != after and before.parent.name == "weights" and before.exists() and after.exists()
