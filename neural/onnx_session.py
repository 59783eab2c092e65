"""A network under ONNX Runtime, set up in one way for all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

#: ONNX Runtime's level for errors: what it warns about (a graphics card that is not there) is no user's business.
ERRORS_ALONE = 3


def network_session(
    model: Path | bytes, threads: int | None = None, arena: bool = True, card: bool = False, planned: bool = True
) -> Any:
    """The session of a model, a file or its bytes (ONNX Runtime has no types). Raises one of `load_errors` for one it can't read.

    threads: of the processor; None: as many as ONNX Runtime likes. arena: whether memory is kept between two runs, which is
    quicker and takes more of it. card: whether it runs on an NVIDIA card where the package can (onnxruntime-gpu). planned:
    whether memory is laid out by the first run for those after it, which takes a large network's memory twice.
    Threads that wait leave their cores to others: by default they spin, and ffmpeg needs the core.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    if threads is not None:
        options.intra_op_num_threads = threads
    options.log_severity_level = ERRORS_ALONE
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_cpu_mem_arena = arena
    options.enable_mem_pattern = planned
    wanted = ["CUDAExecutionProvider"] if card else []
    there = onnxruntime.get_available_providers()
    providers = [name for name in (*wanted, "CPUExecutionProvider") if name in there]
    return onnxruntime.InferenceSession(model if isinstance(model, bytes) else str(model), options, providers=providers)


def load_errors() -> tuple[type[Exception], ...]:
    """What ONNX Runtime raises for a model that it can't read."""
    from onnxruntime.capi import onnxruntime_pybind11_state as errors

    return (
        errors.Fail,
        errors.InvalidArgument,
        errors.InvalidGraph,
        errors.InvalidProtobuf,
        errors.NoSuchFile,
        errors.RuntimeException,
    )
