"""`python -m pipeline faces`: which faces a picture holds, to choose one for `sing --face N`."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from pipeline.cli.arguments import print_json


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("faces", help="list the faces in a picture, from left to right", allow_abbrev=False)
    parser.add_argument("--portrait", type=Path, required=True, metavar="P", help="picture (PNG, JPEG, WebP, HEIC and others)")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> None:
    """List the faces: number for --face, box in pixels of the upright picture, and how the head is turned."""
    from faces.face_choice import people_or_animals
    from faces.faces import FaceFinder, FaceFinderSettings, find_upright
    from media.pictures import load_picture

    picture = load_picture(options.portrait)
    with FaceFinder(settings=FaceFinderSettings(animals=True)) as finder:
        picture, faces = find_upright(picture, finder)
    faces = people_or_animals(faces)
    height, width = picture.image.shape[:2]
    rows: list[dict[str, object]] = [
        {
            "face": number,
            "human": face.human,
            "box": [round(edge) for edge in face.box],
            "yaw_deg": round(face.rotation_deg[0], 1),
            "pitch_deg": round(face.rotation_deg[1], 1),
            "roll_deg": round(face.rotation_deg[2], 1),
        }
        for number, face in enumerate(faces, start=1)
    ]
    if options.json:
        print_json(
            {
                "portrait": str(options.portrait),
                "width": width,
                "height": height,
                "faces": rows,
                "notes": [str(note) for note in picture.notes],
            }
        )
        return
    for note in picture.notes:
        console.print(str(note))
    for row in rows:
        kind = "" if row["human"] else ", most likely an animal's (sings with --allow-animals)"
        print("face {face}: box {box}, yaw {yaw_deg}, pitch {pitch_deg}, roll {roll_deg} degrees".format(**row) + kind)
    if not rows:
        console.print("No human face was found in the picture.")
