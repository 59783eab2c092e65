"""wav2vec 2.0: the graph against torch and against plain numpy, its files, and the stream."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import erf

from core.errors import InputError, MissingError
from media.media import read_audio
from neural.hearing import wav2vec2_checkpoint
from neural.hearing.wav2vec2_encoder import Wav2vec2Encoder
from neural.hearing.wav2vec2_shape import BASE, CONVOLUTIONS, DIRECTION, LENGTH, NEWER_NAMES, Wav2vec2Shape, expected_shapes
from neural.hearing.windows import CORE_VECTORS, VECTOR_SAMPLES
from weights.registry import find

torch = pytest.importorskip("torch", reason="the published files are read, and compared, by torch")
SMALL = Wav2vec2Shape(filters=16, width=24, inner=40, layers=2, heads=3, position_kernel=16, position_groups=4)
SAMPLE_RATE_HZ = 16_000


def random_tensors(shape=SMALL, seed=0):
    generator = np.random.default_rng(seed)
    tensors = {}
    for name, size in expected_shapes(shape).items():
        spread = 1.0 / np.sqrt(np.prod(size[1:])) if len(size) > 1 and name != LENGTH else 0.1
        centre = 1.0 if name == LENGTH or name.endswith("norm.weight") else 0.0
        tensors[name] = generator.normal(centre, spread, size).astype(np.float32)
    return tensors


def saved(path, tensors, **others):
    torch.save({name: torch.from_numpy(value) for name, value in {**tensors, **others}.items()}, path)
    return path


@pytest.fixture(scope="module")
def sound(root_dir):
    """Three seconds of the demo song's singing."""
    return read_audio(root_dir / "demo" / "song.mp3", SAMPLE_RATE_HZ, 1)[8 * SAMPLE_RATE_HZ : 11 * SAMPLE_RATE_HZ, 0]


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A small network in the form of the published file: a prefix before the names, and the parts that hear nothing."""
    tensors = {f"wav2vec2.{name}": value for name, value in random_tensors().items()}
    folder = tmp_path_factory.mktemp("wav2vec2")
    return saved(folder / "pytorch_model.bin", tensors, **{"quantizer.codevectors": np.zeros((1, 4, 2), np.float32)})


@pytest.fixture(scope="module")
def converted(published):
    path = published.with_name("small.onnx")
    wav2vec2_checkpoint.convert(published, path, SMALL.layers, SMALL)
    return path


def encoder_of(path, layers=None):
    return Wav2vec2Encoder(layers, threads=1, onnx_path=path, shape=SMALL)


def normed(sound):
    exact = sound.astype(np.float64)
    return (exact - exact.mean()) / np.sqrt(exact.var() + 1e-7)


def numpy_encoder(weight, sound):
    """wav2vec 2.0 as its paper tells it: the outputs after every layer, by sums over windows."""
    weight = {name: value.astype(np.float64) for name, value in weight.items()}

    def gelu(x):
        return 0.5 * x * (1.0 + erf(x / np.sqrt(2.0)))

    def norm(x, name):
        centred = x - x.mean(-1, keepdims=True)
        return centred / np.sqrt(centred.var(-1, keepdims=True) + 1e-5) * weight[f"{name}.weight"] + weight[f"{name}.bias"]

    def linear(x, name):
        return x @ weight[f"{name}.weight"].T + weight[f"{name}.bias"]

    x = normed(sound)[None]
    for index, (kernel, stride) in enumerate(CONVOLUTIONS):
        windows = np.lib.stride_tricks.sliding_window_view(x, kernel, axis=1)[:, ::stride]
        x = np.einsum("itk,oik->ot", windows, weight[f"feature_extractor.conv_layers.{index}.conv.weight"])
        if index == 0:
            gain, bias = (weight[f"feature_extractor.conv_layers.0.layer_norm.{part}"][:, None] for part in ("weight", "bias"))
            x = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5) * gain + bias
        x = gelu(x)
    x = linear(norm(x.T, "feature_projection.layer_norm"), "feature_projection.projection")
    direction = weight[DIRECTION]
    kernel_weight = direction / np.sqrt((direction**2).sum((0, 1), keepdims=True)) * weight[LENGTH]
    size, share = SMALL.position_kernel, SMALL.width // SMALL.position_groups
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, ((size // 2, size // 2 - 1), (0, 0))), size, axis=0)
    told = np.stack(
        [
            np.einsum("tik,ik->t", windows[:, share * (o // share) : share * (o // share) + share], kernel_weight[o])
            for o in range(SMALL.width)
        ],
        axis=1,
    )
    x = norm(x + gelu(told + weight["encoder.pos_conv_embed.conv.bias"]), "encoder.layer_norm")
    outputs = [x]
    for layer in range(SMALL.layers):
        base, wide = f"encoder.layers.{layer}", SMALL.width // SMALL.heads
        query, key, value = (linear(x, f"{base}.attention.{name}_proj") for name in "qkv")
        heads = []
        for head in range(SMALL.heads):
            here = slice(wide * head, wide * head + wide)
            scores = np.exp(query[:, here] @ key[:, here].T / np.sqrt(wide))
            heads.append(scores / scores.sum(1, keepdims=True) @ value[:, here])
        x = norm(x + linear(np.concatenate(heads, 1), f"{base}.attention.out_proj"), f"{base}.layer_norm")
        inner = gelu(linear(x, f"{base}.feed_forward.intermediate_dense"))
        x = norm(x + linear(inner, f"{base}.feed_forward.output_dense"), f"{base}.final_layer_norm")
        outputs.append(x)
    return outputs


def test_graph_and_torch_equal_plain_numpy(published, converted, sound):
    expected = numpy_encoder(random_tensors(), sound[:8000])
    network = wav2vec2_checkpoint.load_network(published, SMALL)
    with torch.no_grad():
        under_torch = network(torch.from_numpy(normed(sound[:8000]).astype(np.float32))[None])
    assert len(under_torch) == 3 and expected[-1].std() > 0.3
    for layer, values in enumerate(expected):
        got = encoder_of(converted, (layer,)).encode(sound[:8000])
        assert got.shape == ((8000 - 400) // 320 + 1, SMALL.width)
        np.testing.assert_allclose(got, values, atol=1e-4)
        np.testing.assert_allclose(under_torch[layer][0].numpy(), values, atol=1e-4)


def test_published_sizes():
    """The published part that hears has 211 tensors with 94.4 million numbers."""
    shapes = expected_shapes(BASE)
    assert len(shapes) == 211 and sum(int(np.prod(size)) for size in shapes.values()) == 94_371_712
    from neural.exact_loading import skeleton
    from neural.hearing.wav2vec2_network import Wav2vec2Network

    assert {name: tuple(value.shape) for name, value in skeleton(Wav2vec2Network).items()} == shapes
    assert find("wav2vec2_base").size_bytes > 4 * 94_371_712


def test_newer_names_and_safetensors(tmp_path):
    from safetensors.numpy import save_file

    older = {name: given for given, name in NEWER_NAMES.items()}
    tensors = random_tensors()
    save_file({older.get(name, name): value for name, value in tensors.items()}, tmp_path / "model.safetensors")
    read = wav2vec2_checkpoint.read_tensors(tmp_path / "model.safetensors", SMALL)
    assert all(np.array_equal(read[name].numpy(), value) for name, value in tensors.items()) and len(read) == len(tensors)


@pytest.mark.parametrize(
    "change", [{"encoder.layer_norm.bias": np.zeros(23, np.float32)}, {"encoder.other": np.zeros(3, np.float32)}, None]
)
def test_files_that_are_another_network(tmp_path, change):
    tensors = random_tensors()
    tensors = {**tensors, **change} if change else dict(list(tensors.items())[1:])
    with pytest.raises(InputError, match=r"is not the file that wav2vec 2\.0 base needs"):
        wav2vec2_checkpoint.read_tensors(saved(tmp_path / "other.bin", tensors), SMALL)


def test_own_file_by_its_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("BELCANTO_WAV2VEC2", str(tmp_path / "none.bin"))
    monkeypatch.setenv("BELCANTO_WEIGHTS_DIR", str(tmp_path))
    with pytest.raises(MissingError, match="BELCANTO_WAV2VEC2 may name it"):
        Wav2vec2Encoder()
    monkeypatch.setenv("BELCANTO_WAV2VEC2", str(saved(tmp_path / "small.bin", random_tensors())))
    with pytest.raises(InputError, match="needs here"):
        Wav2vec2Encoder()


def test_convolutions_stay_frozen(published, sound):
    network = wav2vec2_checkpoint.load_network(published, SMALL)
    assert not any(parameter.requires_grad for parameter in network.parameters())
    before = {name: value.clone() for name, value in network.state_dict().items()}
    steps = torch.optim.SGD(network.trained_rest(), lr=0.1)
    network(torch.from_numpy(normed(sound[:4000]).astype(np.float32))[None])[-1].square().mean().backward()
    steps.step()
    changed = {name for name, value in network.state_dict().items() if not torch.equal(value, before[name])}
    frozen = {name for name in before if name.startswith("feature_extractor.") or name == "masked_spec_embed"}
    assert not changed & frozen and "encoder.layers.1.attention.q_proj.weight" in changed and LENGTH in changed


def test_length_layers_level_and_silence(converted, sound):
    encoder = encoder_of(converted)
    assert encoder.features(np.zeros(0, np.float32)).shape == (0, SMALL.width)
    assert encoder.features(np.zeros(1, np.float32)).shape == (1, SMALL.width)
    assert encoder.features(np.zeros(VECTOR_SAMPLES + 1, np.float32)).shape == (2, SMALL.width)
    both = encoder_of(converted, (0, 2))
    assert both.channels == 2 * SMALL.width and both.rate_hz == 50
    heard = encoder.features(sound)
    np.testing.assert_allclose(both.features(sound)[:, SMALL.width :], heard, atol=1e-5)
    np.testing.assert_allclose(encoder.features(0.1 * sound), heard, atol=1e-2)
    with pytest.raises(InputError, match="from 0 to 2"):
        encoder_of(converted, (3,))
    with pytest.raises(InputError, match="not finite"):
        encoder.features(np.array([0.0, np.nan], np.float32))


def test_vectors_lie_at_their_times(converted, sound):
    """A short sound is heard at once, as published, with half a field of silence before it."""
    encoder = encoder_of(converted)
    heard = encoder.features(sound[: 100 * VECTOR_SAMPLES])
    # the last vector's field ends 120 samples before the sound does
    whole = encoder.encode(np.pad(sound[: 100 * VECTOR_SAMPLES - 120], (200, 0)))
    assert len(heard) == 100 and len(whole) == 100
    np.testing.assert_allclose(heard, whole, atol=1e-5)


def test_stream_equals_one_piece(converted, sound):
    long = np.tile(sound, 11)[: 33 * SAMPLE_RATE_HZ]
    encoder = encoder_of(converted)
    whole = encoder.features(long)
    assert len(whole) == 33 * 50 > 2 * CORE_VECTORS
    for size in (4_111, 100_000):
        pieces = encoder.feature_blocks(long[start : start + size] for start in range(0, len(long), size))
        np.testing.assert_array_equal(np.concatenate(list(pieces)), whole)
    # a window's edge does not show: what is kept was heard with a second of its neighbours around it
    moved = encoder.features(long[5 * 50 * VECTOR_SAMPLES :])
    assert np.abs(moved[500:700] - whole[750:950]).mean() < 0.1 * whole.std()


def test_shapes_of_other_sizes_load(tmp_path):
    other = replace(SMALL, layers=1, position_kernel=15)
    path = saved(tmp_path / "other.bin", random_tensors(other))
    network = wav2vec2_checkpoint.load_network(path, other)
    wav2vec2_checkpoint.convert(path, tmp_path / "other.onnx", 1, other)
    sound = np.random.default_rng(0).normal(0.0, 0.1, 4000).astype(np.float32)
    got = Wav2vec2Encoder(None, 1, tmp_path / "other.onnx", other).encode(sound)
    with torch.no_grad():
        expected = network(torch.from_numpy(normed(sound).astype(np.float32))[None])[-1][0].numpy()
    np.testing.assert_allclose(got, expected, atol=1e-4)
