"""What every room stands on. Importing it sets what must be set before other packages are loaded."""

import os

# The published builds of ONNX Runtime send usage data to their maker unless this is set before they are loaded. What people do
# with their songs and pictures stays on their machine. Every room imports this package first, in its own `__init__.py`.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

# Numba's worker threads must sleep between two pictures: by default they spin, which takes the core that the encoder needs and
# doubled the processor time of a film.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# OpenBLAS' threads spin, too, while they wait for the next product, and those here are small: 4 % of a film's processor time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
