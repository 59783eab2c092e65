"""The speech encoder: against CTranslate2's own output, against plain numpy, and as a stream."""

from __future__ import annotations

from pathlib import Path

import librosa
import numpy as np
import onnxruntime
import pytest
from scipy.special import erf

from core.errors import InputError, MissingError
from media.media import read_audio
from neural import log_mel
from neural.hearing import whisper_checkpoint, whisper_graph
from neural.hearing.ctranslate2_file import read_ctranslate2
from neural.hearing.speech_encoder import SpeechEncoder
from neural.hearing.windows import CORE_VECTORS, VECTOR_SAMPLES
from weights.converted import note_of

SAMPLE_RATE_HZ = 16_000


@pytest.fixture(scope="module")
def demo_sound(root_dir):
    return read_audio(root_dir / "demo" / "song.mp3", SAMPLE_RATE_HZ, 1)[:, 0]


@pytest.fixture(scope="module")
def second_layer():
    return published(2)


def published(*layers):
    """The encoder with the published weights; a test that needs them skips where they can't be had."""
    try:
        return SpeechEncoder(layers)
    except MissingError as error:
        pytest.skip(f"Whisper's weights are not at hand: {error}")


def whisper_mel(sound):
    """The program's own input: 30 s with silence behind, mirrored by half a window at the ends."""
    padded = np.pad(np.pad(sound, (0, 480_000 - len(sound))), 200, mode="reflect")
    return log_mel.scaled(log_mel.log_power_mel(padded)[:, :3000])


@pytest.mark.slow
def test_equals_ctranslate2(demo_sound):
    """Every 16th channel of every 50th vector, as CTranslate2 4.8.5 computed them (float32) for the demo song."""
    with np.load(Path(__file__).with_name("whisper_ctranslate2.npz")) as stored:
        whole, short = stored["whole"].astype(np.float32), stored["short"].astype(np.float32)
    encoder, mel = published(6), whisper_mel(demo_sound)
    for expected, got in ((whole, encoder.encode(mel)), (short, encoder.encode(mel[:, :1000]))):
        np.testing.assert_allclose(got[::50, ::16], expected, atol=2e-2, rtol=2e-3)
        assert np.abs(got[::50, ::16] - expected).mean() < 1e-3 < 0.5 < expected.std()


def test_mel_filters_are_slaneys():
    expected = librosa.filters.mel(sr=SAMPLE_RATE_HZ, n_fft=400, n_mels=80)
    np.testing.assert_allclose(log_mel.mel_filters(), expected, atol=1e-7)


def test_log_mel_of_a_tone_and_of_silence():
    tone = np.sin(2 * np.pi * 1000.0 * np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ).astype(np.float32)
    power = log_mel.log_power_mel(tone)
    spectrum = np.abs(librosa.stft(tone, n_fft=400, hop_length=160, center=False)) ** 2
    expected = np.log10(np.maximum(librosa.filters.mel(sr=SAMPLE_RATE_HZ, n_fft=400, n_mels=80) @ spectrum, 1e-10))
    np.testing.assert_allclose(power, expected, atol=2e-3)
    assert log_mel.log_power_mel(0 * tone).max() == pytest.approx(-10.0, abs=1e-5)  # a logarithm rounds as the processor does
    scaled = log_mel.scaled(power)
    assert scaled.max() - scaled.min() == pytest.approx(2.0, abs=1e-5)


def random_variables(seed=0):
    generator = np.random.default_rng(seed)
    variables = {}
    for name, shape in whisper_graph.expected_shapes().items():
        spread = 1.0 / np.sqrt(np.prod(shape[1:])) if len(shape) > 1 else 0.1
        variables[name] = (generator.normal(0.0, spread, shape) + name.endswith("gamma")).astype(np.float16)
    variables["encoder/num_heads"] = np.array(8, np.int16)
    return variables


def numpy_encoder(variables, mel, layers):
    """Whisper's encoder as its paper tells it, one frame's sum at a time where that is clearest."""
    weight = {name.removeprefix("encoder/"): value.astype(np.float64) for name, value in variables.items()}

    def gelu(x):
        return 0.5 * x * (1.0 + erf(x / np.sqrt(2.0)))

    def convolution(x, name, stride):
        padded = np.pad(x, ((0, 0), (1, 1)))
        columns = [padded[:, start : start + 3] for start in range(0, x.shape[1], stride)]
        return gelu(
            np.stack([np.einsum("oik,ik->o", weight[f"{name}/weight"], c) for c in columns], 1) + weight[f"{name}/bias"][:, None]
        )

    def norm(x, name):
        centred = x - x.mean(1, keepdims=True)
        return centred / np.sqrt(centred.var(1, keepdims=True) + 1e-5) * weight[f"{name}/gamma"] + weight[f"{name}/beta"]

    def linear(x, name):
        return x @ weight[f"{name}/weight"].T + weight[f"{name}/bias"]

    x = convolution(convolution(mel.astype(np.float64), "conv1", 1), "conv2", 2).T
    x = x + weight["position_encodings/encodings"][: len(x)]
    for layer in range(layers):
        base = f"layer_{layer}/self_attention"
        query, key, value = np.split(linear(norm(x, f"{base}/layer_norm"), f"{base}/linear_0"), 3, axis=1)
        heads = []
        for head in range(8):
            here = slice(64 * head, 64 * head + 64)
            scores = np.exp(query[:, here] @ key[:, here].T / 8.0)
            heads.append(scores / scores.sum(1, keepdims=True) @ value[:, here])
        x = x + linear(np.concatenate(heads, 1), f"{base}/linear_1")
        base = f"layer_{layer}/ffn"
        x = x + linear(gelu(linear(norm(x, f"{base}/layer_norm"), f"{base}/linear_0")), f"{base}/linear_1")
    return norm(x, "layer_norm") if layers == 6 else x


@pytest.mark.slow
@pytest.mark.parametrize("layers", [1, 6])
def test_graph_equals_plain_numpy(layers):
    variables = random_variables()
    model = whisper_graph.build_encoder_model(variables, layers).SerializeToString()
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    mel = np.random.default_rng(1).normal(0.0, 0.5, (80, 48)).astype(np.float32)
    (got,) = session.run([whisper_graph.output_name(layers)], {whisper_graph.INPUT_NAME: mel[None]})
    expected = numpy_encoder(variables, mel, layers)
    assert got.shape == (24, 512) and expected.std() > 0.5
    np.testing.assert_allclose(got, expected, atol=2e-4)


@pytest.mark.slow
def test_length_layers_and_silence(second_layer):
    assert second_layer.features(np.zeros(0, np.float32)).shape == (0, 512)
    assert second_layer.features(np.zeros(1, np.float32)).shape == (1, 512)
    assert second_layer.features(np.zeros(VECTOR_SAMPLES + 1, np.float32)).shape == (2, 512)
    both = published(1, 2)
    sound = np.random.default_rng(0).normal(0.0, 0.1, 3 * SAMPLE_RATE_HZ).astype(np.float32)
    assert both.channels == 1024
    np.testing.assert_allclose(both.features(sound)[:, 512:], second_layer.features(sound), atol=1e-4)
    with pytest.raises(InputError, match="from 0 to 6"):
        SpeechEncoder(layers=(7,))
    with pytest.raises(InputError, match="not finite"):
        second_layer.features(np.array([0.0, np.nan], np.float32))


@pytest.mark.slow
def test_blocks_may_be_cut_anywhere_and_windows_meet(second_layer, demo_sound):
    """The song in pieces gives the same; and each window says what the song's own middle says."""
    whole = second_layer.features(demo_sound)
    assert whole.shape == (-(-len(demo_sound) // VECTOR_SAMPLES), 512) and len(whole) > CORE_VECTORS
    pieces = [demo_sound[start : start + 7919, None] for start in range(0, len(demo_sound), 7919)]
    streamed = list(second_layer.feature_blocks(iter(pieces)))
    assert len(streamed) == 2
    np.testing.assert_array_equal(np.concatenate(streamed), whole)


@pytest.mark.slow
def test_a_click_is_heard_at_its_time(second_layer):
    """Vector j belongs to the time j / 50 s, in the first window and in the second."""
    for middle in (2.0, 15.0):
        sound = np.random.default_rng(0).normal(0.0, 1e-3, 18 * SAMPLE_RATE_HZ).astype(np.float32)
        clicked = sound.copy()
        clicked[round(middle * SAMPLE_RATE_HZ) + np.arange(-16, 16)] += 0.5
        change = np.abs(second_layer.features(clicked) - second_layer.features(sound)).sum(axis=1)
        assert abs(int(change.argmax()) - round(middle * 50)) <= 1


class TestFile:
    """The reader of CTranslate2's format, on a small file that this test writes, and on damaged ones."""

    @staticmethod
    def content(kind=b"WhisperSpec", version=6, extra=b""):
        def text(value):
            return len(value + b"\0").to_bytes(2, "little") + value + b"\0"

        def number(value):
            return int(value).to_bytes(4, "little")

        variables = {b"decoder/x": np.arange(3, dtype=np.int8), b"encoder/y": np.arange(6, dtype=np.float16).reshape(2, 3)}
        numbers = {"int8": 1, "float16": 4}
        body = number(version) + text(kind) + number(3) + number(len(variables))
        for name, value in variables.items():
            body += text(name) + bytes([value.ndim]) + b"".join(map(number, value.shape))
            body += bytes([numbers[value.dtype.name]]) + number(value.nbytes) + value.tobytes()
        return body + number(1) + text(b"alias") + text(b"encoder/y") + extra

    def test_reads_what_was_asked_for(self, tmp_path):
        content = self.content()
        parts = [tmp_path / "one", tmp_path / "two"]
        parts[0].write_bytes(content[:40])
        parts[1].write_bytes(content[40:])
        got = read_ctranslate2(parts, "WhisperSpec", "encoder/")
        assert list(got) == ["encoder/y"]
        np.testing.assert_array_equal(got["encoder/y"], np.arange(6).reshape(2, 3))
        assert set(read_ctranslate2(parts, "WhisperSpec")) == {"encoder/y", "decoder/x"}

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (lambda whole: whole[:-3], "damaged"),
            (lambda whole: whole[:60], "damaged"),
            (lambda whole: whole + b"x", "follow"),
            (lambda whole: b"", "damaged"),
            (lambda whole: TestFile.content(kind=b"TransformerSpec"), "a TransformerSpec"),
            (lambda whole: TestFile.content(version=2), "format is 2"),
        ],
    )
    def test_says_what_is_wrong(self, tmp_path, content, says):
        path = tmp_path / "model.bin"
        path.write_bytes(content(self.content()))
        with pytest.raises(InputError, match=says):
            read_ctranslate2([path], "WhisperSpec")


@pytest.mark.slow
def test_another_model_is_refused(monkeypatch):
    good = random_variables()
    whole = dict(good)
    for change, says in (
        ({"encoder/conv1/bias": None}, "1 variables are missing"),
        ({"encoder/layer_6/x": np.zeros(1, np.float16)}, "unknown"),
        ({"encoder/conv1/bias": np.zeros(384, np.float16)}, "another shape"),
        ({"encoder/conv1/bias": np.zeros(512, np.int8)}, "not floating-point"),
        ({"encoder/num_heads": np.array(6, np.int16)}, "6 heads"),
    ):
        changed = {name: value for name, value in (whole | change).items() if value is not None}
        monkeypatch.setattr(whisper_checkpoint, "read_ctranslate2", lambda *ignored, changed=changed: changed)
        with pytest.raises(InputError, match=says):
            whisper_checkpoint.load_checkpoint([Path("model.bin")])


@pytest.mark.slow
def test_converts_whole_or_not_at_all(tmp_path, monkeypatch):
    monkeypatch.setattr(whisper_checkpoint, "load_checkpoint", lambda parts: random_variables())
    target = tmp_path / "encoder.onnx"
    whisper_checkpoint.convert([], target, 1)
    assert SpeechEncoder(layers=(1,), onnx_path=target).encode(np.zeros((80, 4), np.float32)).shape == (2, 512)
    assert set(tmp_path.iterdir()) == {target, note_of(target)}
    with pytest.raises(MissingError, match="can't be written"):
        whisper_checkpoint.convert([], target / "encoder.onnx", 1)  # in a file, not in a folder
    target.write_bytes(target.read_bytes()[:1000])
    with pytest.raises(InputError, match="can't be loaded"):
        SpeechEncoder(layers=(1,), onnx_path=target)
