"""`python -m tests.mutations`: makes the small mistakes of a list one after the other and says which the tests noticed.

Ends with 1 where one was not noticed or not tried, with 2 where nothing was asked for.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections import Counter
from pathlib import Path

from tests.mutations.generic import generic_patches
from tests.mutations.runner import KILLED, LIST, ROOT, SURVIVED, UNTRIED, read_patches, try_all


def main(arguments: list[str] | None = None) -> int:
    """Try the patches and tell of each as it ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("words", nargs="*", help="only patches whose name or file holds one of these words")
    parser.add_argument("--list", type=Path, default=LIST, help="another list of patches")
    parser.add_argument("--generic", action="store_true", help="turn every comparison and sign of the plain modules instead")
    parser.add_argument("--limit", type=float, default=180.0, metavar="SECONDS", help="longest time for the tests of one patch")
    options = parser.parse_args(arguments)
    patches = generic_patches() if options.generic else read_patches(options.list)
    patches = [
        patch for patch in patches if not options.words or any(word in f"{patch.file} {patch.name}" for word in options.words)
    ]
    if not patches:
        parser.error("no patch has such a name")
    counts: Counter[str] = Counter()
    for outcome in try_all(patches, options.limit, ROOT):
        counts[outcome.state] += 1
        note = f" ({outcome.reason})" if outcome.reason else ""
        print(f"{outcome.state:9} {outcome.patch.file}: {outcome.patch.name}{note}", flush=True)
    print(f"{counts[KILLED]} killed, {counts[SURVIVED]} survived, {counts[UNTRIED]} untried, of {len(patches)}")
    return int(counts[KILLED] != len(patches))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the copy goes, too
    sys.exit(main())
