import core  # noqa: F401  # before ONNX Runtime, which it keeps from sending usage data
