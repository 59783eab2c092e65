"""The stages of a film, by the names under which programs hear of them, times are kept and pages say them."""

from __future__ import annotations

DECODE, PORTRAIT, SEPARATE, MOTION, FRAMES, MUX = "decode", "portrait", "separate", "motion", "frames", "mux"
#: Of a film whose voice is made from a text.
SPEAK = "speak"
#: In their order.
STAGES = (DECODE, PORTRAIT, SEPARATE, SPEAK, MOTION, FRAMES, MUX)
