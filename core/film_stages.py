"""The stages of a film, by the names under which programs hear of them, times are kept and pages say them."""

from __future__ import annotations

DECODE, PORTRAIT, SEPARATE, MOTION, FRAMES, MUX = "decode", "portrait", "separate", "motion", "frames", "mux"
#: In their order.
STAGES = (DECODE, PORTRAIT, SEPARATE, MOTION, FRAMES, MUX)
