"""Gives the upload's inspection very many spoilt files and says what came of it.

    python -m benchmarks.fuzz_uploads --files 95000 --seed 17 --folder /tmp/fuzz     # goes on where it was stopped
    python -m benchmarks.fuzz_uploads --over-http 5000 --seed 17 --folder /tmp/fuzz
    python -m benchmarks.fuzz_uploads --only 4711 --folder /tmp/fuzz                 # one file again, with its answer

A failure is: an inspector that dies or takes longer than `LIMIT_S`, an exception that nobody foresaw, a sentence that is none of
ours, a file left in the scratch folder, a canary that was opened or whose words are in an answer or picture; over HTTP, an answer
of 5xx, a server that ended, files left in its folders, or memory that grows without end. Failures go to `failures.jsonl`.
"""

from __future__ import annotations

import argparse
import json
import select
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.fuzzing.canaries import Canaries, Watch
from benchmarks.fuzzing.kept import KeptTally
from benchmarks.fuzzing.mutations import spoilt
from benchmarks.fuzzing.over_http import give_over_http
from benchmarks.fuzzing.seeds import Seed, all_seeds
from benchmarks.programs import ROOT
from core.messages import message_from_json

#: One look may take so long, in seconds; the pages wait three times as long.
LIMIT_S = 30.0
WORDS = b"CANARY-b3d1c0ffee-do-not-read"
SAVE_EVERY = 100
#: The inspector's memory is noted so often.
NOTE_EVERY = 1000


@dataclass
class Tally(KeptTally):
    """What came of the files so far. memory_kb: the most that the inspector held, as it was after each `NOTE_EVERY` files."""

    givens: Counter[str] = field(default_factory=Counter)
    crashed_decoders: int = 0
    memory_kb: list[int] = field(default_factory=list)


class Inspector:
    """The process of `benchmarks.fuzzing.inspector`; it is started anew where it died or was too slow."""

    def __init__(self, folder: Path) -> None:
        self.inputs, self.scratch = folder / "inputs", folder / "scratch"
        for each in (self.inputs, self.scratch):
            each.mkdir(parents=True, exist_ok=True)
        self._log = (folder / "inspector.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            command = [sys.executable, "-m", "benchmarks.fuzzing.inspector", str(self.inputs), str(self.scratch)]
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=self._log)
        return self._process

    def look(self, seed: Seed) -> dict[str, Any]:
        """Its answer; `{"died": exit code}` or `{"hung": True}` where there was none."""
        name = "given." + seed.name.rpartition(".")[2]
        (self.inputs / name).write_bytes(seed.data)
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps({"given": seed.given, "name": name}).encode() + b"\n")
            process.stdin.flush()
            if not select.select([process.stdout], [], [], LIMIT_S)[0]:
                self.end()
                return {"hung": True}
            line = process.stdout.readline()
        except BrokenPipeError:
            line = b""
        finally:
            (self.inputs / name).unlink()
        if not line:
            self._process = None
            return {"died": process.wait()}
        answer: dict[str, Any] = json.loads(line)
        if "broke" in answer:
            self.end()
        return answer

    def left(self) -> list[bytes]:
        """What lies in the scratch folder, which is removed: the small picture belongs there."""
        contents = []
        for path in sorted(self.scratch.iterdir()):
            contents.append(path.name.encode() + b"\n" + path.read_bytes())
            path.unlink()
        return contents

    def end(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def judge(answer: dict[str, Any], left: list[bytes], canaries: Canaries, watch: Watch) -> list[str]:
    """What is wrong with the answer to one file; nothing where all is well."""
    wrong: list[str] = [name for name in ("died", "hung", "broke") if name in answer]
    if "error" in answer:
        told = message_from_json(answer["error"])
        sentence = str(told)
        if told.wording is None or "Traceback" in sentence or str(ROOT) in sentence:
            wrong.append("no sentence of ours")
    if any(not content.startswith(b"small.jpg\n") for content in left):
        wrong.append("file left")
    if watch.opened():
        wrong.append("canary opened")
    if any(canaries.seen_in(content) for content in (json.dumps(answer).encode(), *left)):
        wrong.append("canary told")
    return wrong


def outcome(answer: dict[str, Any]) -> str:
    """The answer in a word."""
    return "taken" if "facts" in answer else str(answer["error"]["code"]) if "error" in answer else "none"


def fuzz(seeds: Sequence[Seed], run: int, files: int, folder: Path, canaries: Canaries) -> Tally:
    """Look at files up to that number, from where an earlier call came to."""
    state, failures = folder / f"state_{run}.json", folder / "failures.jsonl"
    tally, inspector, watch = Tally.load(state), Inspector(folder), Watch(canaries)
    inspector.left()
    try:
        while tally.done < files:
            number, begun_s = tally.done, time.monotonic()
            seed = spoilt(seeds, run, number)
            answer = inspector.look(seed)
            wrong = judge(answer, inspector.left(), canaries, watch)
            spent_s = time.monotonic() - begun_s
            tally.done, tally.seconds, tally.slowest_s = number + 1, tally.seconds + spent_s, max(tally.slowest_s, spent_s)
            tally.answers[outcome(answer)] += 1
            tally.givens[seed.given] += 1
            tally.crashed_decoders += answer.get("crashes", 0)
            for each in wrong:
                tally.failures[each] += 1
            if wrong:
                told = {"run": run, "number": number, "given": seed.given, "name": seed.name, "wrong": wrong, "answer": answer}
                with failures.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(told) + "\n")
            if number % NOTE_EVERY == NOTE_EVERY - 1:
                tally.memory_kb.append(answer.get("most_kb", 0))
            if number % SAVE_EVERY == SAVE_EVERY - 1:
                tally.save(state)
    finally:
        tally.save(state)
        watch.close()
        inspector.end()
    return tally


def prepared(folder: Path) -> tuple[list[Seed], Canaries]:
    """Seeds and canaries in the folder, the same in every call: what ffmpeg writes is kept, since it may differ by the run."""
    canaries = Canaries(folder / "canaries", WORDS)
    canaries.make()
    made = folder / "seeds"
    made.mkdir(parents=True, exist_ok=True)
    return all_seeds(made, canaries), canaries


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; 1 where something failed."""
    parser = argparse.ArgumentParser(description="Gives the upload's inspection very many spoilt files.")
    parser.add_argument("--files", type=int, default=0, help="look at files up to this number, by an inspector that stays up")
    parser.add_argument("--over-http", type=int, default=0, help="give so many whole uploads to a server")
    parser.add_argument("--only", type=int, help="look at the file of this number alone")
    parser.add_argument("--seed", type=int, default=17, help="of the run: the same number makes the same files")
    parser.add_argument("--folder", type=Path, required=True, help="of seeds, canaries, state and failures; a later call goes on")
    options = parser.parse_args(arguments)
    folder: Path = options.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    seeds, canaries = prepared(folder)
    if options.only is not None:
        seed, inspector = spoilt(seeds, options.seed, options.only), Inspector(folder)
        (folder / f"file_{options.only}_{seed.name}").write_bytes(seed.data)
        print(json.dumps({"given": seed.given, "name": seed.name, "bytes": len(seed.data), **inspector.look(seed)}, indent=1))
        inspector.end()
        return 0
    failed = 0
    if options.files:
        tally = fuzz(seeds, options.seed, options.files, folder, canaries)
        failed += sum(tally.failures.values())
        print(json.dumps(vars(tally), indent=1))
    if options.over_http:
        met = give_over_http(seeds, options.seed, options.over_http, folder, canaries)
        failed += sum(met.failures.values())
        print(json.dumps(vars(met), indent=1))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
