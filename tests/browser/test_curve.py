"""The intensity over time in a real browser: key points by mouse, finger, keyboard and text, and the song's own curve."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.wizard import FILM_ADDRESS, FILM_PATIENCE_MS

pytestmark = pytest.mark.slow


@pytest.fixture
def editor(visit, server, chosen):
    """Opens the order's page with the editor in sight; gives the wizard."""
    return opener(visit, server, chosen)


@pytest.fixture
def new_editor(visit, server, newly_chosen):
    """As `editor`, of somebody whose song nobody has looked at."""
    return opener(visit, server, newly_chosen)


def opener(visit, server, chosen):
    """See `editor`."""

    def open_editor(**options):
        state, address = chosen
        wizard = visit(server, storage_state=state, **options)
        wizard.page.goto(f"{address}&start=2&end=10")
        wizard.page.get_by_text("More: how the film is made").click()
        expect(wizard.page.get_by_label("How strongly, over time")).to_be_visible()
        return wizard

    return open_editor


def written(wizard):
    """The text field's key points, which is what is sent."""
    return wizard.page.get_by_label("How strongly, over time")


def at(wizard, across, up):
    """A place in the drawing: parts of its width from the left and of its height from below."""
    drawing = wizard.page.locator("[data-plot] svg")
    drawing.scroll_into_view_if_needed()
    box = drawing.bounding_box()
    return box["x"] + across * box["width"], box["y"] + (1 - up) * box["height"]


def points_of(wizard):
    text = written(wizard).input_value()
    return [tuple(float(part) for part in point.split(":")) for point in text.split(",")] if text else []


def test_with_the_mouse(editor):
    wizard = editor()
    page = wizard.page
    for across, up in ((0.75, 0.5), (0.25, 0.9)):
        page.mouse.click(*at(wizard, across, up))
    assert [(round(time_s, 1), round(value, 1)) for time_s, value in points_of(wizard)] == [(2.0, 0.9), (6.0, 0.5)]
    expect(page.get_by_role("slider", name="Strength of key point")).to_have_count(2)
    page.locator(".curve-handle").first.hover()
    page.mouse.down()
    page.mouse.move(*at(wizard, 0.5, 0.25), steps=5)
    page.mouse.up()
    first, second = points_of(wizard)
    assert first == pytest.approx((4.0, 0.25), abs=0.06) and round(second[0], 1) == 6.0
    moved = page.locator(".curve-handle").first.bounding_box()
    wanted = at(wizard, first[0] / 8, first[1])
    assert (moved["x"] + moved["width"] / 2, moved["y"] + moved["height"] / 2) == pytest.approx(wanted, abs=1.5), (
        "it lies on its line"
    )
    page.get_by_role("button", name="Remove key point 2").click()
    assert len(points_of(wizard)) == 1
    wizard.button("Remove all key points").click()
    expect(written(wizard)).to_have_value("")


def test_with_the_keyboard_alone(editor):
    wizard = editor()
    page = wizard.page
    wizard.button("Add a key point").focus()
    page.keyboard.press("Enter")
    slider = page.get_by_role("slider", name="Strength of key point 1")
    expect(slider).to_be_focused()
    assert points_of(wizard) == [(4.0, 0.5)], "in the middle"
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "0.6 at 0:04")
    page.keyboard.press("Shift+Tab")
    time = page.get_by_label("Time of key point 1, in seconds")
    expect(time).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("1.5")
    page.keyboard.press("Enter")  # which must not send the form
    expect(written(wizard)).to_have_value("1.5:0.6")
    expect(wizard.heading("Result")).to_be_visible()
    wizard.button("Add a key point").focus()
    page.keyboard.press("Enter")
    expect(written(wizard)).to_have_value("1.5:0.6, 4.75:0.6")
    expect(page.get_by_text("A key point was added at 0:04.8, strength 0.6.")).to_be_visible()
    second = page.get_by_label("Time of key point 2, in seconds")
    second.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("0.5")
    page.keyboard.press("Tab")
    expect(written(wizard)).to_have_value("0.5:0.6, 1.5:0.6")
    page.get_by_role("slider", name="Strength of key point 2").focus()
    page.keyboard.press("Delete")
    expect(written(wizard)).to_have_value("0.5:0.6")
    page.keyboard.press("Delete")
    expect(written(wizard)).to_have_value("")
    expect(wizard.button("Add a key point")).to_be_focused()


def test_with_a_finger(editor):
    wizard = editor(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = wizard.page
    page.touchscreen.tap(*at(wizard, 0.5, 0.8))
    ((time_s, value),) = points_of(wizard)
    assert (time_s, value) == pytest.approx((4.0, 0.8), abs=0.08)
    box = page.get_by_role("button", name="Remove key point 1").bounding_box()
    assert min(box["width"], box["height"]) >= 24
    page.get_by_role("button", name="Remove key point 1").tap()
    assert points_of(wizard) == []


def test_what_is_typed_is_drawn_and_what_can_not_be_read_is_said(editor):
    wizard = editor()
    field = written(wizard)
    field.fill("0:0; 8:1")
    field.blur()
    expect(wizard.page.locator(".curve-handle")).to_have_count(2)
    assert wizard.page.locator(".effective").get_attribute("points").startswith("0.0,100.0 ")
    for wrong in ("0:2", "5:1, 4:1", "abc", "99:1"):
        field.fill(wrong)
        field.blur()
        expect(wizard.page.get_by_text("These key points can't be read")).to_be_visible()
        expect(wizard.page.locator(".curve-handle")).to_have_count(2)
    wizard.button("Make the film").click()
    expect(wizard.page.get_by_role("alert").filter(has_text="beyond the film's end at 8.00 s")).to_be_visible()
    expect(written(wizard)).to_have_value("99:1")
    assert wizard.films() == []


def test_the_songs_own_curve_is_shown_and_changed_before_the_film(new_editor):
    wizard = new_editor()
    page = wizard.page
    wizard.button("Show the song's own curve").click()
    expect(page.get_by_text("This is the song's own curve.")).to_be_visible(timeout=FILM_PATIENCE_MS)
    assert len(page.locator(".effective").get_attribute("points").split()) == 17, "one every half second of eight"
    wizard.button("Change the song's own curve").click()
    before = points_of(wizard)
    assert 2 <= len(before) <= 17 and page.locator(".curve-handle").count() == len(before)
    page.get_by_role("slider", name="Strength of key point 1", exact=True).fill("1")
    assert points_of(wizard)[0][1] == 1
    wizard.button("Make the film").click()
    page.wait_for_url(FILM_ADDRESS)
    film = wizard.films()[0]
    assert [(point["time_s"], point["value"]) for point in film["options"]["intensity"]] == [(before[0][0], 1), *before[1:]]
    assert page.request.post(film["job"]["links"]["cancel"]).status == 202
    page.goto(f"/order?again={film['id']}")
    expect(wizard.button("Show the song's own curve")).to_be_hidden()  # it is known by now
    assert len(points_of(wizard)) == len(before)


def test_without_javascript_there_is_the_text_field(editor):
    wizard = editor(java_script_enabled=False)
    expect(wizard.button("Add a key point")).to_be_hidden()
    written(wizard).fill("0:0.25, 6:1")
    wizard.page.locator("[name=style]").select_option("sad")
    wizard.button("Make the film").click()
    wizard.page.wait_for_url(FILM_ADDRESS)
    film = next(film for film in wizard.films() if film["options"]["style"] == "sad")
    assert [point["value"] for point in film["options"]["intensity"]] == [0.25, 1]
    assert wizard.page.request.post(film["job"]["links"]["cancel"]).status == 202
