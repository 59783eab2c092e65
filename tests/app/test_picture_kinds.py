"""What the picture is: a person says that it is a drawing or a photo, and lets an animal sing."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.database import writing
from app.errors import Refused
from app.services.films import list_films, order_film
from app.services.options import film_options
from app.services.pictures import add_picture
from core.contracts import Face
from core.messages import message
from faces.face_choice import advice_about
from faces.faces import FaceFinder
from media.pictures import load_picture
from pipeline.film_settings import SongToVideoSettings
from tests.app.api_client import ApiClient
from tests.app.test_pages_wizard import order_form, query, visitor  # noqa: F401 (a fixture)
from tests.metrics.films import MouthPuppet

DRAWN = {"number": 1, "box": [0.25, 0.25, 0.75, 0.5], "ok": True, "reason": None}
PERSON = {"number": 1, "box": [0.3, 0.2, 0.7, 0.6], "ok": True, "reason": None, "person": True}


def image_page(visitor, song, picture, **more):  # noqa: F811
    return visitor.get("/image", query_string={"song": song.id, "picture": picture.id, **more})


def taken_for(page):
    """What the page says that the picture is taken for."""
    return re.search(r'aria-current="true">([^<]*)</a>', page.split('class="kinds"')[1])[1]


def chosen_engine(page):
    return re.search(r'<option selected value="(\w+)"', page.split('name="engine"')[1])[1]


@pytest.mark.slow
def test_a_photo_can_be_called_a_drawing(visitor, session, person_id, song, picture):  # noqa: F811
    assert taken_for(image_page(visitor, song, picture).text) == "a photo or painting"
    page = image_page(visitor, song, picture, kind="drawing").text
    assert taken_for(page) == "a drawing" and "A face was found; it is framed" in page and 'name="left" value=""' not in page
    onward = image_page(visitor, song, picture, kind="drawing", go="on")
    assert query(onward)["kind"] == "drawing" and query(onward)["frame"].count(",") == 3
    assert chosen_engine(visitor.get(onward.location).text) == "anime"
    form = order_form(song, picture, engine="anime", kind="drawing", frame=query(onward)["frame"])
    assert visitor.post("/order", data=form).status_code == 303
    (film,) = list_films(session, person_id).items
    assert film.options["engine"] == "anime" and len(film.options["frame"]) == 4
    again = visitor.get(f"/order?again={film.id}", follow_redirects=True)
    assert again.request.args["kind"] == "drawing"


def test_the_page_says_that_a_picture_was_turned_and_can_lay_the_film_back(
    visitor,  # noqa: F811
    session,
    settings,
    person_id,
    song,
    picture,
    root_dir,
    tmp_path,
):
    assert 'id="turned"' not in image_page(visitor, song, picture).text and picture.turned == 0
    path = tmp_path / "lying.png"
    with Image.open(root_dir / "demo" / "portrait.jpg") as portrait:
        portrait.resize((240, 300)).rotate(90, expand=True).save(path)
    lying = add_picture(session, settings, person_id, path, path.name)
    assert (lying.turned, lying.width, lying.height) == (3, 240, 300)
    client = ApiClient(visitor.application, person_id)
    assert client.get(f"/pictures/{lying.id}").json["turned"] == 3
    page = image_page(visitor, song, lying).text
    told = page.split('id="turned"')[1].split("</nav>")[0]
    assert "turned by 90 degrees to the right" in told
    assert re.search(r'aria-current="true">([^<]*)</a>', told)[1] == "stands upright"
    link = re.search(r'href="([^"]*)"[^>]*>turned like your picture', told)[1].replace("&amp;", "&")
    chosen = visitor.get(link.partition("#")[0]).text.split('id="turned"')[1]
    assert re.search(r'aria-current="true">([^<]*)</a>', chosen)[1] == "turned like your picture"
    onward = visitor.get(link.partition("#")[0] + "&go=on")
    assert query(onward)["lying"] == "on"
    assert visitor.post("/order", data=order_form(song, lying, lying="on", face="1")).status_code == 303
    (film,) = list_films(session, person_id).items
    assert film.options["turn_back"] is True and film_options(film.options).turn_back
    assert visitor.get(f"/order?again={film.id}", follow_redirects=True).request.args["lying"] == "on"
    assert "lying" not in query(image_page(visitor, song, picture, lying="on", go="on")), "nothing was turned there"


@pytest.mark.slow
def test_a_drawing_can_be_called_a_photo(visitor, session, person_id, song, picture):  # noqa: F811
    with writing(session):
        picture.drawing, picture.faces = True, [DRAWN, PERSON, {**PERSON, "number": 2, "box": [0.8, 0.2, 0.95, 0.5]}]
    page = image_page(visitor, song, picture).text
    assert taken_for(page) == "a drawing" and 'name="face"' not in page
    page = image_page(visitor, song, picture, kind="photo").text
    assert taken_for(page) == "a photo or painting" and "There are 2 faces" in page and 'name="left"' not in page
    onward = image_page(visitor, song, picture, kind="photo", face="2", go="on")
    assert (query(onward)["kind"], query(onward)["face"]) == ("photo", "2")
    shown = visitor.get(onward.location).text
    assert chosen_engine(shown) == "mesh" and "Taken for a photo or painting" in shown
    assert visitor.post("/order", data=order_form(song, picture, engine="mesh", kind="photo", face="2")).status_code == 303
    (film,) = list_films(session, person_id).items
    assert (film.options["engine"], film.options["face"]) == ("mesh", 2)


@pytest.mark.slow
def test_a_drawing_without_a_human_face_is_no_photo(visitor, session, song, picture):  # noqa: F811
    with writing(session):
        picture.drawing, picture.faces = True, [DRAWN]
    page = image_page(visitor, song, picture, kind="photo", go="on")
    assert page.status_code == 200 and "No human face that could sing was found" in page.text
    assert "Go on to the result" not in page.text and 'href="/image' in page.text, "and back to the drawing"


def test_the_api_tells_the_faces_of_what_was_found(app, session, person_id, picture):
    with writing(session):
        picture.drawing, picture.faces = True, [DRAWN, PERSON]
    told = ApiClient(app, person_id).get(f"/pictures/{picture.id}").json
    assert told["faces"] == [{**DRAWN, "animal": False, "advice": None, "tilt_deg": None}]


@pytest.fixture
def animal(session, picture):
    with writing(session):
        picture.faces = [{**DRAWN, "animal": True}]
    return picture


def test_an_animal_sings_once_somebody_lets_it(visitor, session, person_id, song, animal):  # noqa: F811
    page = image_page(visitor, song, animal).text
    assert "looks like an animal" in page and "Let the animal sing" in page
    stopped = image_page(visitor, song, animal, go="on")
    assert stopped.status_code == 200 and "Allow an animal to sing first" in stopped.text
    assert visitor.get("/order", query_string={"song": song.id, "picture": animal.id}).location.startswith("/image?")
    onward = image_page(visitor, song, animal, animals="on", go="on")
    assert query(onward)["animals"] == "on"
    assert visitor.post("/order", data=order_form(song, animal, face="1", animals="on")).status_code == 303
    (film,) = list_films(session, person_id).items
    assert film.options["allow_animals"] is True and film_options(film.options).allow_animals


def test_an_order_for_an_animal_says_so(session, settings, person_id, song, animal):
    with pytest.raises(Refused, match="looks like an animal's"):
        order_film(session, settings, person_id, song.id, animal.id)
    film, created = order_film(session, settings, person_id, song.id, animal.id, SongToVideoSettings(allow_animals=True))
    assert created and film.options["allow_animals"]


@pytest.mark.slow
def test_an_animal_is_taken_in_and_marked(session, settings, person_id, incoming, shared_dir):
    path = incoming(shared_dir / "portraits" / "no_face_dog.jpg")
    picture = add_picture(session, settings, person_id, path, "dog.jpg")
    assert [face["animal"] for face in picture.faces] == [True] and not picture.drawing


def test_what_would_make_the_film_better_stands_beside_the_face(app, visitor, session, person_id, song, picture):  # noqa: F811
    with writing(session):
        picture.faces = [{**DRAWN, "advice": advice_about(wide_open()).as_json()}]
    assert "The mouth stands wide open in the picture" in image_page(visitor, song, picture).text
    told = ApiClient(app, person_id).get(f"/pictures/{picture.id}").json
    assert told["faces"][0]["ok"] and told["faces"][0]["advice"].startswith("The mouth stands wide open")
    assert query(image_page(visitor, song, picture, go="on"))["picture"] == picture.id, "and it may sing all the same"
    told = ApiClient(app, person_id).get(f"/pictures/{picture.id}", headers={"Accept-Language": "de"}).json
    assert told["faces"][0]["advice"].startswith("Der Mund steht auf dem Bild weit offen")
    with writing(session):
        picture.faces = [DRAWN]
    assert 'role="note"' not in image_page(visitor, song, picture).text


@pytest.mark.slow
def test_a_picture_with_a_wide_open_mouth_is_taken_in_with_the_advice(session, settings, person_id, tmp_path, root_dir):
    path = tmp_path / "wide.png"
    Image.fromarray(opened(root_dir / "demo" / "portrait.jpg")).save(path)
    picture = add_picture(session, settings, person_id, path, "wide.png")
    (face,) = picture.faces
    assert face["ok"] and face["advice"] == message("faces.mouth_wide_open").as_json()


def wide_open() -> Face:
    """A face of which nothing but eyes and lips counts here: lips 0.3 eye distances apart."""
    landmarks = np.zeros((478, 3), np.float32)
    landmarks[263, 0], landmarks[14, 1] = 100.0, 30.0
    return Face(landmarks, np.zeros(52, np.float32), (0.0, 0.0, 0.0), (0.0, 0.0, 200.0, 200.0))


def opened(path: Path) -> np.ndarray:
    """The portrait with a dark mouth, wide open."""
    image = load_picture(path).image
    with FaceFinder() as finder:
        (face,) = finder.find(image)
    return MouthPuppet(image, face.landmarks).frame(0.8)
