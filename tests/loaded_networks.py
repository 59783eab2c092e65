"""Networks under ONNX Runtime that the tests of one process load once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: How many are kept; each holds its weights and the memory that it works in.
KEPT = 6
#: What of a session's options may differ.
OPTIONS = (
    "enable_cpu_mem_arena",
    "enable_mem_pattern",
    "execution_mode",
    "graph_optimization_level",
    "inter_op_num_threads",
    "intra_op_num_threads",
    "log_severity_level",
)


class LoadedNetworks:
    """Stands for `onnxruntime.InferenceSession`: a file that was loaded with the same options is not loaded again.

    A file that was written anew is another one, and what comes as bytes, or with options that are not known here, is loaded.
    """

    def __init__(self, load: Callable[..., Any]) -> None:
        self.load = load
        self.sessions: OrderedDict[tuple[object, ...], Any] = OrderedDict()

    def __call__(self, model: str | bytes, sess_options: Any = None, providers: Any = None, **others: Any) -> Any:
        """The session of a model."""
        if isinstance(model, bytes) or others or not Path(model).is_file():
            return self.load(model, sess_options, providers, **others)
        stat = Path(model).stat()
        options = tuple(str(getattr(sess_options, name)) for name in OPTIONS) if sess_options is not None else ()
        key = (str(model), stat.st_mtime_ns, stat.st_size, options, str(providers))
        if key not in self.sessions:
            self.sessions[key] = self.load(model, sess_options, providers)
        self.sessions.move_to_end(key)
        if len(self.sessions) > KEPT:
            self.sessions.popitem(last=False)
        return self.sessions[key]
