"""`python -m pipeline faces`: which faces a picture or a film holds, to choose one for `sing --face N` or `dub --face N`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from core.errors import InputError
from core.output_files import check_folder, whole_file
from pipeline.cli.arguments import print_json, show_notes
from pipeline.cli.options import add_option
from pipeline.cli.terminal import StageBars
from pipeline.dub_settings import dub_options

if TYPE_CHECKING:
    from pipeline.film_faces import FilmFacesReport

#: Options of a dub that say which part of the film is meant.
PART = ("start_s", "duration_s")


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("faces", help="list the faces in a picture, or the people in a film", allow_abbrev=False)
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument(
        "--portrait", type=Path, metavar="P", help="picture (PNG, JPEG, WebP, HEIC and others); faces from left to right"
    )
    given.add_argument("--film", type=Path, metavar="F", help="film (MP4, MOV, WebM and others); those seen most come first")
    for each in (each for each in dub_options() if each.name in PART):
        add_option(parser, each)
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="folder for a small picture of each person in the film")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> None:
    """List the faces of the picture or of the film."""
    if options.film is not None:
        list_people(options, console)
        return
    if of_film := [name for name in (*PART, "pictures") if getattr(options, name, None) is not None]:
        raise InputError("pipeline.option_of_a_film", option=of_film[0].removesuffix("_s"))
    list_faces(options, console)


def list_faces(options: argparse.Namespace, console: Console) -> None:
    """List a picture's faces: number for --face, box in pixels of the upright picture, and how the head is turned."""
    from faces.face_choice import people_or_animals
    from faces.faces import FaceFinder, FaceFinderSettings, find_upright
    from media.boxed_pictures import load_given_picture

    picture = load_given_picture(options.portrait)
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


def list_people(options: argparse.Namespace, console: Console) -> None:
    """List a film's people: number for --face, how much of the film they are seen, and where best."""
    from pipeline.film_faces import film_faces

    if options.pictures is not None:
        check_folder(options.pictures)
    part = {name: getattr(options, name) for name in PART if name in options}
    with StageBars(console) as bars:
        report = film_faces(options.film, **part, progress=bars)
    show_notes(console, report.notes)
    if options.pictures is not None:
        keep_pictures(options.pictures, report.pictures)
    if options.json:
        print_json(report_json(report))
        return
    for face in report.faces:
        kind = "" if face.human else ", most likely an animal"
        able = f"clearly in {face.clear:.0%}" if face.reason is None else f"can't be dubbed: {face.reason}"
        print(f"face {face.number}: seen in {face.seen:.0%} of the film, best at {face.best_s:.1f} s, {able}{kind}")
    if not report.faces:
        console.print("No face was found in the film.")


def keep_pictures(folder: Path, pictures: dict[int, bytes]) -> None:
    """Write each person's picture into the folder, as `face-1.jpg`. Raises `InputError` where that can't be done."""
    for number, picture in pictures.items():
        with whole_file(folder / f"face-{number}.jpg", "The picture") as file:
            file.write(picture)


def report_json(report: FilmFacesReport) -> dict[str, object]:
    """What was found as JSON values, without the pictures; reasons and notes as English sentences."""
    told = {name: getattr(report, name) for name in ("film", "start_s", "duration_s", "width", "height", "seconds")}
    faces = [{**vars(face), "reason": None if face.reason is None else str(face.reason)} for face in report.faces]
    return {**told, "faces": faces, "notes": [str(note) for note in report.notes]}
