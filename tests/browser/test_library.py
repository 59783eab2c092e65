"""The library of somebody with hundreds of things: searched while one types, as long as one scrolls, found at the same place."""

from __future__ import annotations

import re
import zipfile

import pytest
from axe_playwright_python.sync_playwright import Axe
from itsdangerous import URLSafeTimedSerializer
from playwright.sync_api import expect
from sqlalchemy import select

from app.context import PERSON_COOKIE
from app.database import Database, writing
from app.models import Picture, new_id
from app.settings import AppSettings
from benchmarks.library_rows import Shelves
from benchmarks.live_server import LiveServer

pytestmark = pytest.mark.slow
COUNT = 110


@pytest.fixture(scope="module")
def owner(server):
    """The cookie of somebody with a large library."""
    settings, person_id = AppSettings(data_dir=server.data_dir), new_id()
    database = Database(settings)
    with database.session() as session:
        Shelves(session, settings, person_id).fill(COUNT)
    database.close()
    return URLSafeTimedSerializer(settings.secret_key(), salt="belcanto person").dumps(person_id)


@pytest.fixture
def library(visit, server, owner):
    """`library(address, **options of the context)`: the owner's page."""

    def open_page(address="/library", **options):
        page = visit(server, **options).page
        page.context.add_cookies([{"name": PERSON_COOKIE, "value": owner, "url": server.url}])
        page.goto(address)
        return page

    return open_page


def cards(page, kind="songs"):
    return page.locator(f'[data-cards="{kind}"] > li')


def test_search_as_one_types(library):
    page = library()
    expect(cards(page)).to_have_count(12)
    page.get_by_label("Search").press_sequentially("muller 4")
    status = page.get_by_role("status").filter(has_text=re.compile(r"^\d+ found$"))
    page.wait_for_url(re.compile(r"\?q=muller\+4$"))
    expect(status).to_have_count(1)
    found = int(status.inner_text().split()[0])
    assert found == sum(cards(page, kind).count() for kind in ("songs", "pictures", "films")) > 0
    assert all("Müller" in text and "4" in text for text in page.locator("#shelf h3").all_text_contents())
    expect(page.get_by_label("Search")).to_be_focused()
    page.reload()
    expect(page.get_by_label("Search")).to_have_value("muller 4")
    page.get_by_role("link", name="Show all", exact=True).click()
    expect(cards(page)).to_have_count(12)


def test_a_long_list_grows_and_keeps_its_place(library):
    page = library("/library?kind=songs&sort=name")
    expect(cards(page)).to_have_count(48)
    for _ in range(40):
        page.mouse.wheel(0, 1500)
        page.wait_for_timeout(60)
        if cards(page).count() == COUNT:
            break
    expect(cards(page)).to_have_count(COUNT)
    assert len(set(cards(page).locator("h3").all_text_contents())) == COUNT
    expect(page.locator("[data-more]")).to_have_count(0)
    card = cards(page).nth(90)
    card.scroll_into_view_if_needed()
    page.wait_for_timeout(400)
    before = card.bounding_box()["y"]
    card.get_by_role("link", name=re.compile("Make a film")).click()
    page.wait_for_url("**/music**")
    page.go_back()
    for again in (lambda: None, page.reload):
        again()
        expect(cards(page).nth(90)).to_be_in_viewport()
        page.wait_for_timeout(300)
        assert abs(cards(page).nth(90).bounding_box()["y"] - before) < 40


def test_a_new_name_is_given_in_place(library):
    page = library("/library?kind=pictures")
    card = cards(page, "pictures").nth(3)
    card.get_by_text("Rename or delete").click()
    card.get_by_label("Name", exact=True).fill("Ένα πρόσωπο")
    card.get_by_role("button", name="Rename", exact=True).click()
    expect(card.get_by_role("heading", name="Ένα πρόσωπο")).to_be_visible()
    expect(card.locator("summary")).to_be_focused()
    page.reload()
    expect(page.get_by_role("heading", name="Ένα πρόσωπο")).to_be_visible()


def test_without_scripts_it_is_a_list_by_the_page(library):
    page = library("/library?kind=songs", java_script_enabled=False)
    page.get_by_label("Order", exact=True).select_option("oldest")
    page.get_by_label("Search").fill("song")
    page.get_by_role("button", name="Show", exact=True).click()
    count = int(page.get_by_role("link", name=re.compile(r"^Songs \d+")).inner_text().split()[1])
    seen = cards(page).locator("h3").all_text_contents()
    while (more := page.get_by_role("link", name=re.compile("^Show more"))).count():
        more.click()
        seen += cards(page).locator("h3").all_text_contents()
    assert len(set(seen)) == len(seen) == count > 0


def box(page, number, kind="songs"):
    return cards(page, kind).nth(number).get_by_role("checkbox")


def test_many_are_chosen_deleted_and_brought_back(library):
    page = library("/library?kind=songs&sort=oldest")
    bar = page.get_by_role("form", name="What was chosen")
    expect(bar).to_be_hidden()
    box(page, 1).check()
    box(page, 4).click(modifiers=["Shift"])
    expect(bar.get_by_text(re.compile(r"^Chosen: 4 \(\d"))).to_be_visible()
    box(page, 4).focus()
    page.keyboard.press("Shift+ArrowDown")
    expect(box(page, 5)).to_be_focused()
    expect(bar.get_by_text(re.compile("^Chosen: 5 "))).to_be_visible()
    page.keyboard.press("Control+a")
    expect(bar.get_by_text(re.compile(f"^Chosen: {COUNT} "))).to_be_visible()
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    for number in (0, 2):
        box(page, number).check()
    first = cards(page).nth(0).locator("h3").text_content()
    with page.expect_download() as download:
        bar.get_by_role("button", name="Download as a zip").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert len(archive.namelist()) == 2 and f"Songs/{first}.mp3" in archive.namelist()
    bar.get_by_role("button", name="Delete").click()
    expect(bar.get_by_text("Deleted: 2. They can be brought back for a day.")).to_be_visible()
    expect(page.get_by_role("link", name=f"Songs {COUNT - 2}")).to_be_visible()
    expect(page.get_by_role("button", name=f"Choose all {COUNT - 2}")).to_be_visible()
    assert cards(page).nth(0).locator("h3").text_content() != first
    expect(bar.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(bar.get_by_text("They are back.")).to_be_visible()
    expect(page.get_by_role("link", name=f"Songs {COUNT}")).to_be_visible()
    expect(cards(page).nth(0).locator("h3")).to_have_text(first)
    page.reload()
    expect(cards(page).nth(0).locator("h3")).to_have_text(first)


def test_what_is_chosen_stays_chosen_in_other_parts(library):
    page = library("/library?kind=songs")
    box(page, 0).check()
    page.get_by_role("link", name=re.compile("^Pictures")).click()
    box(page, 3, "pictures").check()
    bar = page.get_by_role("form", name="What was chosen")
    expect(bar.get_by_text("films to order: 1")).to_be_visible()
    if (consent := page.locator("#consent")).count():
        consent.check()
    bar.get_by_role("button", name="Order these films").click()
    expect(page.get_by_text("1 film is ordered.")).to_be_visible()
    expect(bar).to_be_hidden()
    page.get_by_role("link", name=re.compile("^Films")).first.click()
    cards(page, "films").nth(0).get_by_text("Rename or delete").click()
    cards(page, "films").nth(0).get_by_role("button", name=re.compile("^Delete")).click()
    expect(page.get_by_role("status").filter(has_text="is deleted")).to_be_visible()


def test_who_sings_is_kept_where_the_picture_is_in_another_part(visit, server):
    settings, person_id = AppSettings(data_dir=server.data_dir), new_id()
    database = Database(settings)
    with database.session() as session:
        Shelves(session, settings, person_id).fill(1)
        with writing(session):  # from the beginning: who has read before another wrote can't write any more
            (picture,) = session.scalars(select(Picture).where(Picture.person_id == person_id))
            picture.faces = [
                {"number": number, "box": [begin, 0.2, begin + 0.3, 0.7], "ok": True, "reason": None}
                for number, begin in ((1, 0.1), (2, 0.6))
            ]
    database.close()
    page = visit(server).page
    cookie = URLSafeTimedSerializer(settings.secret_key(), salt="belcanto person").dumps(person_id)
    page.context.add_cookies([{"name": PERSON_COOKIE, "value": cookie, "url": server.url}])
    page.goto("/library?kind=pictures")
    page.get_by_label("Who sings").select_option("2")
    box(page, 0, "pictures").check()
    page.get_by_role("link", name=re.compile("^All")).click()
    expect(page.get_by_label("Who sings")).to_have_value("2")
    page.get_by_role("link", name=re.compile("^Songs")).click()
    box(page, 0).check()
    if (consent := page.locator("#consent")).count():
        consent.check()
    page.get_by_role("button", name="Order these films").click()
    expect(page.get_by_text("1 film is ordered.")).to_be_visible()
    newest = page.request.get("/api/v1/films").json()["items"][0]
    assert newest["options"]["face"] == 2
    page.request.post(newest["job"]["links"]["cancel"])


def test_a_film_plays_where_the_pointer_or_the_focus_is(library):
    page = library("/library?kind=films")
    first, second = cards(page, "films").nth(0), cards(page, "films").nth(1)
    first.locator("img").hover()
    expect(first.locator("video.seen")).to_have_count(1)
    assert first.locator("video").evaluate("film => film.muted && film.loop")
    second.get_by_role("checkbox").focus()
    page.keyboard.press("Tab")
    expect(second.locator("video.seen")).to_have_count(1)
    expect(first.locator("video")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(second.locator("video")).to_have_count(0)


def test_nothing_plays_by_itself_for_who_wants_no_motion(library):
    page = library("/library?kind=films", reduced_motion="reduce")
    first = cards(page, "films").nth(0)
    first.locator("img").hover()
    page.wait_for_timeout(500)
    expect(first.locator("video")).to_have_count(0)
    button = first.get_by_role("button", name=re.compile("^Play a glimpse"))
    button.click()
    expect(first.locator("video.seen")).to_have_count(1)
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(first.locator("video")).to_have_count(0)


def test_what_waits_is_put_in_order(visit, tmp_path):
    settings, person_id = AppSettings(data_dir=tmp_path / "server"), new_id()
    with LiveServer(settings.data_dir, worker=False) as idle:
        database = Database(settings)
        with database.session() as session:
            Shelves(session, settings, person_id).wait(4)
        database.close()
        page = visit(idle).page
        cookie = URLSafeTimedSerializer(settings.secret_key(), salt="belcanto person").dumps(person_id)
        page.context.add_cookies([{"name": PERSON_COOKIE, "value": cookie, "url": idle.url}])
        page.goto("/library")
        queue = page.locator("[data-queue] > li")
        expect(queue).to_have_count(4)
        titles = queue.locator("a").all_text_contents()
        queue.nth(1).get_by_role("button", name=re.compile("^Sooner")).press("Enter")
        expect(queue.locator("a")).to_have_text([titles[1], titles[0], titles[2], titles[3]])
        expect(queue.nth(0).get_by_role("button", name=re.compile("^Later"))).to_be_focused()
        queue.nth(3).drag_to(queue.nth(0), target_position={"x": 60, "y": 3})
        expect(queue.locator("a")).to_have_text([titles[3], titles[1], titles[0], titles[2]])
        page.reload()
        expect(queue.locator("a")).to_have_text([titles[3], titles[1], titles[0], titles[2]])
        page.goto("about:blank")


@pytest.mark.parametrize("address", ["/library", "/library?kind=films&q=a"])
def test_axe_finds_nothing(library, address):
    page = library(address, viewport={"width": 360, "height": 800})
    found = Axe().run(page, options={"rules": {"color-contrast": {"enabled": True}}}).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_cards_that_are_on_their_way_have_places(library):
    page = library("/library?kind=pictures&sort=name")
    held = []
    page.route(re.compile("[?&]after="), lambda route: route.continue_() if held else held.append(route))
    page.locator("[data-more]").scroll_into_view_if_needed()
    places = page.locator(".cards.awaited > li")
    expect(places).to_have_count(8)
    assert abs(places.first.bounding_box()["height"] - cards(page, "pictures").last.bounding_box()["height"]) < 2
    expect(page.locator(".cards.awaited")).to_have_attribute("aria-hidden", "true")
    held[0].continue_()
    expect(cards(page, "pictures")).to_have_count(96)
    expect(page.locator(".cards.awaited")).to_have_count(0)
