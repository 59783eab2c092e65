"""Makes the icons' sprite of the pages from the lucide set: only those that templates name.

`python docs/draw_icons.py FOLDER`: FOLDER is `icons` of the npm package lucide-static. A template shows one by `symbol("name")`
(`app/pages/blueprint.py`); the sprite is `static/vendor/lucide/icons.svg`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.etree import ElementTree  # reads icons of a package that the developer named  # nosec B405

ROOT = Path(__file__).resolve().parent.parent
SPRITE = ROOT / "static" / "vendor" / "lucide" / "icons.svg"
SVG = "http://www.w3.org/2000/svg"
#: `symbol("name")` in a template, and `symbol: "name"` where a view gives it.
CALL = re.compile(r"symbol(?:\(|: )\"([a-z0-9-]+)\"")


def names_in_use(root: Path = ROOT) -> set[str]:
    """The icons that templates, scripts and pages' views name."""
    files = [*root.glob("templates/**/*.html"), *root.glob("static/js/*.js")]
    return {name for path in files for name in CALL.findall(path.read_text(encoding="utf-8"))}


def names_in_sprite(sprite: Path = SPRITE) -> set[str]:
    """The icons that the sprite holds."""
    return {each.attrib["id"] for each in ElementTree.parse(sprite).getroot()}  # icons of a package  # nosec B314


def draw(folder: Path, names: set[str]) -> str:
    """The sprite: a symbol for each icon of the folder. Raises FileNotFoundError for a name that the set lacks."""
    ElementTree.register_namespace("", SVG)
    lines = [f'<svg xmlns="{SVG}">', "<!-- lucide, ISC licence; see LICENSE beside this file. Made by docs/draw_icons.py. -->"]
    for name in sorted(names):
        drawing = ElementTree.parse(folder / f"{name}.svg").getroot()  # icons of a package  # nosec B314
        shapes = "".join(ElementTree.tostring(shape, encoding="unicode").strip() for shape in drawing)
        inner = shapes.replace(f' xmlns="{SVG}"', "")
        lines.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>')
    return "\n".join([*lines, "</svg>", ""])


def main() -> int:
    """Write the sprite."""
    SPRITE.write_text(draw(Path(sys.argv[1]), names_in_use()), encoding="utf-8")
    print(f"{len(names_in_sprite())} icons in {SPRITE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
