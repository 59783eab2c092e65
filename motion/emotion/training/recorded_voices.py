"""Makes takes of known truth from recorded voices: `python -m motion.emotion.training.recorded_voices OUT SET...`.

Made voices alone teach a network little of how people sound before a microphone. So the sound of recorded takes (the training
part of each SET; their curves are not used) is given another throat and pitch by chance, spoken or sung
(`motion.singing.training.augment`), made emotional (`prosody`), and gets the face that `true_faces` gives every sound. None is
for the test. What is there already is not made again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from core.contracts import FloatArray
from core.errors import BelcantoError
from motion.emotion.styles import STYLES
from motion.emotion.training.acted_speech import recording
from motion.emotion.training.known_truth import LONGEST_S, Making, with_face
from motion.emotion.training.prosody import PROSODIES, Prosody, coloured, drawn_strength, emotional
from motion.emotion.training.take_files import Place, write_facts
from motion.emotion.training.take_set import Take, read_set
from motion.singing.training.augment import FRAME_S, SAMPLE_RATE_HZ, analyse_voice, changed_voice, draw_change

SPEAKER, MOST = "{speaker}-made", 150


def felt(sound: FloatArray, prosody: Prosody, generator: np.random.Generator) -> FloatArray:
    """A recorded voice (n,) at 16 kHz as somebody else, with feeling; a sung one keeps its notes, and feels by level and
    brightness."""
    change = draw_change(generator)
    other = changed_voice(0, analyse_voice(sound), change, generator).sound[: round(LONGEST_S * SAMPLE_RATE_HZ)]
    if not change.sung:
        return emotional(analyse_voice(other), prosody, generator)[0]
    strength = drawn_strength(int(len(other) / SAMPLE_RATE_HZ / FRAME_S) + 1, prosody.leaps, generator)
    return coloured(other, prosody, strength, generator)


def places(out: Path, takes: Sequence[Take], count: int) -> Iterator[tuple[Place, Take]]:
    """So many takes of a set, evenly over their order, again from the first where there are fewer; the styles in turn."""
    for number in range(count):
        take, style = takes[int(number * max(len(takes) / count, 1.0)) % len(takes)], STYLES[number % len(STYLES)]
        yield Place(out, SPEAKER.format(speaker=take.speaker), style, f"take{number:03d}"), take


def make(out: Path, sets: Sequence[Path], count: int, making: Making) -> int:
    """Write so many takes of each set; returns how many there are. Raises like `read_set`."""
    read = [read_set(folder) for folder in sets]
    wanted = [each for takes in read for each in places(out, takes.parts()["training"], count)]
    checked = [f"{place.speaker}/{place.style}/{place.take}" for number, (place, _) in enumerate(wanted) if number % 10 == 4]
    licences, sources = ([str(each.facts.get(fact, "unknown")) for each in read] for fact in ("licence", "source"))
    told = f"recorded voices, seed {making.seed}: {' + '.join(sources)}"
    write_facts(out, " + ".join([*licences, "curves MIT"]), told, {"validation": checked, "test": []})
    for place, take in wanted:
        if not place.whole:
            generator = making.generator(place)
            length_s = with_face(place, felt(recording(take.sound), PROSODIES[place.style], generator), generator)
            print(f"{place.speaker}/{place.style}/{place.take}: {length_s:.1f} s", flush=True)
    return len(wanted)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the takes. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m motion.emotion.training.recorded_voices", description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT", help="folder of the set")
    parser.add_argument("sets", type=Path, nargs="+", metavar="SET", help="folders of sets whose sound is taken")
    parser.add_argument("--takes", type=int, default=MOST, metavar="N", help="of each set (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of all chance (default: %(default)s)")
    given = parser.parse_args(arguments)
    try:
        count = make(given.out, given.sets, given.takes, Making(given.out, given.seed))
    except BelcantoError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"{given.out}: {count} takes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
