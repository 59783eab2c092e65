"""The stages of a film, by the names under which programs hear of them, times are kept and pages say them."""

from __future__ import annotations

DECODE, PORTRAIT, SEPARATE, MOTION, FRAMES, MUX = "decode", "portrait", "separate", "motion", "frames", "mux"
#: Of a film whose voice is made from a text.
SPEAK = "speak"
#: Of a film that gets other lips: its faces are followed.
FACES = "faces"
#: Of a film that is translated: what is said in it is written down.
LISTEN = "listen"
#: Of a film whose lips another engine draws than the one that drew the frames.
LIPS = "lips"
#: In their order.
STAGES = (DECODE, FACES, PORTRAIT, SEPARATE, LISTEN, SPEAK, MOTION, FRAMES, LIPS, MUX)
