"""`belcanto run|sing|speak|...`: the installed program's one command, which calls what `python -m` calls in a checkout.

Exit codes are those of the commands that it calls; 2 for one that it does not know.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

#: Name: the module it runs, the words that module gets before the person's own, and what it does.
COMMANDS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "run": ("app", (), "serve the wizard and print its address"),
    "sing": ("pipeline", ("sing",), "a portrait and a song become a film"),
    "speak": ("pipeline", ("speak",), "a portrait and a text become a film"),
    "transfer": ("pipeline", ("transfer",), "a portrait does what a person does in another film"),
    "dub": ("pipeline", ("dub",), "a film gets other lips, which say another sound or another language"),
    "script": ("pipeline", ("script",), "what is said in a film, translated, as a table to be edited"),
    "lyrics": ("pipeline", ("lyrics",), "the words of a song with the time of each, as LRC, SRT, VTT or text"),
    "motion": ("pipeline", ("motion",), "the performance as a file"),
    "track": ("pipeline", ("track",), "what a face does in a film as a file"),
    "emotion": ("pipeline", ("emotion",), "what the face will feel"),
    "faces": ("pipeline", ("faces",), "who is in a picture"),
    "compare": ("pipeline", ("compare",), "films side by side with the one that moved them"),
    "caption": ("pipeline", ("caption",), "words under a finished film"),
    "look": ("pipeline", ("look",), "a finished film drawn again, in a look"),
    "sync": ("pipeline", ("sync",), "a film's sound and lips brought in step"),
    "fill": ("pipeline", ("fill",), "the missing pictures of a call are made"),
    "export": ("pipeline", ("export",), "a portrait's head and its performance as a 3D file"),
    "reshape": ("pipeline", ("reshape",), "a film in another shape and size, or a part of it as GIF or WebP"),
    "verify": ("pipeline", ("verify",), "whether a film was made here, and was changed since"),
    "avatars": ("pipeline", ("avatars",), "films that are prepared for dubbing, listed or deleted"),
    "separation": ("separation", (), "the voice out of a mix"),
    "metrics": ("metrics", (), "how good a film is"),
    "weights": ("weights", (), "list, fetch and verify the model files"),
    "prepare": ("pipeline.prepare", (), "compile for this machine what draws the films"),
    "keys": ("app.keys", (), "how what people keep is sealed; other keys for it"),
    "accounts": ("app.accounts", (), "make, list and disable the accounts of a shared server"),
    "worker": ("app.worker", (), "make the films that a wizard elsewhere takes in"),
}


def house() -> Path:
    """The folder of the rooms: `house` of the installed package, or the checkout."""
    inside = Path(__file__).resolve().parent / "house"
    return inside if inside.is_dir() else inside.parent.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code where the command does not leave by itself."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in ("-h", "--help"):
        print(usage())
        return 0 if words else 2
    if words[0] == "--version":
        print(version())
        return 0
    if words[0] not in COMMANDS:
        print(f"There is no command '{words[0]}'; `belcanto --help` shows them.", file=sys.stderr)
        return 2
    enter()
    module, before, _ = COMMANDS[words[0]]
    if words[0] == "run":
        return run(words[1:])
    sys.argv = [module, *before, *words[1:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    return 0


def usage() -> str:
    """The commands, each with what it does."""
    rows = "\n".join(f"  {name:<12}{what}" for name, (_, _, what) in COMMANDS.items())
    head = "usage: belcanto COMMAND ...\n\nMakes a portrait sing or speak, and gives films other lips."
    return f"{head}\n\n{rows}\n\n`belcanto COMMAND --help` shows its options."


def version() -> str:
    """The version that is installed, or the checkout's."""
    settings = house() / "pyproject.toml"
    if settings.is_file():
        return str(tomllib.loads(settings.read_text(encoding="utf-8"))["project"]["version"])
    return metadata.version("belcanto")


def enter() -> None:
    """Let the rooms be found before all other packages, and have compiled code kept in the data folder; child processes too."""
    folder = str(house())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    from core.places import compiled_home

    compiled = compiled_home()
    if compiled is not None:
        os.environ.setdefault("NUMBA_CACHE_DIR", str(compiled))


def run(options: Sequence[str]) -> int:
    """Serve the wizard; model files are brought and loops compiled first, once, as `make run` does. Returns the exit code.

    Options that the wizard does not take, and --help, end the program before that.
    """
    from app.__main__ import build_parser
    from app.__main__ import main as serve

    build_parser().parse_args(list(options))
    for words in (("weights", "fetch", "--default"), ("pipeline.prepare",)):
        try:
            done = subprocess.run([sys.executable, "-m", *words], cwd=house(), stdout=sys.stderr, check=False)
        except KeyboardInterrupt:  # the child has heard it too, and says so
            return 130
        if done.returncode != 0:
            return done.returncode
    return serve(list(options))


if __name__ == "__main__":
    sys.exit(main())
