"""Makes the small films that show what an option's choices look like: the demo's portrait sings two seconds of its song.

`python docs/make_choice_films.py` writes them with a still each to `demo/examples/choices`; it takes a minute or two.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
FOLDER = ROOT / "demo" / "examples" / "choices"
#: Two seconds in which the demo song's singer sings.
PART = {"start_s": 3.0, "duration_s": 2.0, "fps": 15.0, "height": 256}
SIDE_PX, QUALITY, STILL_AT_S = 160, 30, 1.2
#: A feeling shows where it is strong.
STRONG = {"style": {"intensity": "0:0.9, 2:0.9"}}


def make(name: str, value: str) -> int:
    """One choice's film and still; gives their bytes together."""
    from media.ffmpeg_run import ffmpeg_path
    from pipeline.film_choices import film_of
    from pipeline.film_settings import SongToVideoSettings
    from pipeline.song_to_video import song_to_video

    demo = ROOT / "demo"
    settings = SongToVideoSettings.from_json({**PART, **STRONG.get(name, {}), name: value})
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "film.mp4"
        song_to_video(demo / "portrait.jpg", demo / "song.mp3", film, settings)
        made = FOLDER / f"{film_of(name, value)}.mp4"
        scale = f"scale={SIDE_PX}:{SIDE_PX}:flags=lanczos"
        command = [ffmpeg_path(), "-v", "error", "-y", "-i", str(film)]
        how = ["-c:v", "libx264", "-crf", str(QUALITY), "-preset", "veryslow", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
        subprocess.run([*command, "-an", "-vf", scale, *how, str(made)], check=True)
        still = ["-ss", str(STILL_AT_S), "-frames:v", "1", "-vf", scale, "-q:v", "6", str(made.with_suffix(".jpg"))]
        subprocess.run([*command, *still], check=True)
    return made.stat().st_size + made.with_suffix(".jpg").stat().st_size


def main() -> None:
    """All of them."""
    from pipeline.film_choices import CHOICES

    FOLDER.mkdir(exist_ok=True)
    sizes = [make(name, value) for name, values in CHOICES.items() for value in values]
    print(f"{len(sizes)} films and stills, {sum(sizes) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
