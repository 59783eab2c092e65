"""The box in which decoders run: files, network, system calls and amounts that they may have, and the way into it."""
