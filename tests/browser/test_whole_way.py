"""From a file to a film that plays: with a mouse, without JavaScript, and with the keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from media.media import probe_video
from tests.browser.wizard import ENDLESS, FILM_ADDRESS, FILM_PATIENCE_MS

pytestmark = [pytest.mark.slow, pytest.mark.long]

#: Two frames of the film as 16 x 16 grey levels each: the first, and that of half the film's length.
TWO_LOOKS = """async film => {
  const look = async at => {
    const seen = new Promise(done => film.addEventListener("seeked", done, {once: true}));
    film.currentTime = at;
    await seen;
    const canvas = Object.assign(document.createElement("canvas"), {width: 16, height: 16});
    const pen = canvas.getContext("2d");
    pen.drawImage(film, 0, 0, 16, 16);
    return [...pen.getImageData(0, 0, 16, 16).data].filter((_, index) => index % 4 === 0);
  };
  return [await look(0.01), await look(film.duration / 2)];
}"""


def play(film):
    """Start the film as a person does, and wait until it runs."""
    film.page.wait_for_load_state()
    film.page.wait_for_function("film => film.readyState >= 1", arg=film.element_handle())
    film.click()
    film.page.wait_for_function(
        "film => film.readyState >= 3 && film.currentTime > 0.4 && !film.error", arg=film.element_handle()
    )


def choose_by_dragging(page):
    """The second quarter of the song, on its waveform."""
    wave = page.locator(".wave").bounding_box()
    page.mouse.move(wave["x"] + wave["width"] * 0.25, wave["y"] + 20)
    page.mouse.down()
    page.mouse.move(wave["x"] + wave["width"] * 0.5, wave["y"] + 20, steps=5)
    page.mouse.up()
    assert page.get_by_label("From", exact=True).input_value() == "0:05.7"
    assert page.get_by_label("To", exact=True).input_value() == "0:11.4"


def see_how_good_it_is(page):
    """The words, the table and the whole report."""
    expect(page.locator(".film-side .words dd").first).to_be_visible(timeout=FILM_PATIENCE_MS)
    page.get_by_text("Details: what was measured").click()
    expect(page.locator("#figures table tbody tr").first).to_be_visible()
    page.get_by_role("link", name="The whole quality report, with plots").click()
    expect(page.locator("img, svg").first).to_be_visible()


def test_from_a_song_and_a_picture_to_a_playing_film(visit, server, song, portrait, tmp_path):
    wizard = visit(server)
    page = wizard.page
    page.goto("/")
    wizard.give_song(song)
    expect(page.get_by_text("Length 0:22.8")).to_be_visible()
    expect(page.get_by_role("slider", name="End of the part")).to_be_visible()  # the script listens
    page.wait_for_function("() => document.querySelector('audio').readyState >= 1")
    assert page.locator("audio[src]").evaluate("sound => sound.duration") == pytest.approx(22.8, abs=0.1)

    choose_by_dragging(page)
    wizard.choose_part()
    wizard.go_to_image()

    wizard.give_picture(portrait)
    expect(page.locator(".faces g.usable")).to_have_count(1)
    face, picture = (page.locator(part).bounding_box() for part in (".faces g.usable rect.line", ".faces img"))
    assert picture["x"] < face["x"] and face["x"] + face["width"] < picture["x"] + picture["width"]
    assert 0.05 < face["width"] / picture["width"] < 0.9
    wizard.go_to_result()
    expect(page.get_by_text("0:03 to 0:05 of 0:22.8")).to_be_visible()

    wizard.make_small()
    wizard.order()
    expect(page.locator("[data-stage]")).to_have_count(6)
    expect(wizard.button("Cancel the film")).to_be_visible()
    film = wizard.wait_for_film()
    play(film)
    facts = film.evaluate("film => [film.duration, film.videoWidth, film.videoHeight]")
    assert facts[0] == pytest.approx(2.0, abs=0.1) and facts[1] > 0 and facts[2] > 0
    begin, middle = film.evaluate(TWO_LOOKS)
    assert len(set(begin)) > 20, "the film is one colour"
    assert begin != middle, "nothing moves"

    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    target = tmp_path / "film.mp4"
    download.value.save_as(target)
    assert download.value.suggested_filename.endswith(".mp4")
    info = probe_video(target)
    assert (info.width, info.height) == (facts[1], facts[2]) and info.duration_s == pytest.approx(2.0, abs=0.1)

    see_how_good_it_is(page)


def test_progress_is_live(visit, server, song, portrait):
    """The bar grows and the stages follow one another, without the page being loaded again."""
    wizard = visit(server)
    wizard.prepare(song, portrait, part=("3", "20"), height="720")
    wizard.order()
    wizard.page.evaluate(
        """() => {
          window.seen = {stages: [], parts: []};
          setInterval(() => {
            const bar = document.querySelector(".panel progress").value;
            const stage = document.querySelector("[data-stage][aria-current]")?.dataset.stage;
            if (stage && stage !== window.seen.stages.at(-1)) window.seen.stages.push(stage);
            if (bar !== window.seen.parts.at(-1)) window.seen.parts.push(bar);
          }, 50);
        }"""
    )
    wizard.page.wait_for_function(
        "() => window.seen.stages.includes('frames') && window.seen.parts.length >= 6", timeout=FILM_PATIENCE_MS
    )
    seen = wizard.page.evaluate("window.seen")
    order = ["decode", "portrait", "separate", "motion", "frames", "mux"]
    places = [order.index(stage) for stage in seen["stages"]]
    assert places == sorted(places) and len(places) >= 2, seen["stages"]
    assert seen["parts"] == sorted(seen["parts"]) and seen["parts"][-1] < 1, seen["parts"]
    wizard.button("Cancel the film").click()
    expect(wizard.heading("Result")).to_be_visible()


def test_the_whole_way_without_javascript(visit, server, song, portrait):
    wizard = visit(server, java_script_enabled=False)
    page = wizard.page
    page.goto("/music")
    wizard.upload(song)
    expect(page.locator("audio[src]")).to_be_visible()
    wizard.choose_part()
    wizard.go_to_image()
    wizard.upload(portrait)
    expect(page.locator(".faces img")).to_be_visible(timeout=FILM_PATIENCE_MS)
    wizard.go_to_result()
    wizard.make_small()
    wizard.order()
    film = wizard.wait_for_film()  # the page asks again by itself
    assert page.request.get(film.get_attribute("src"), headers={"Range": "bytes=0-99"}).status == 206
    expect(page.get_by_role("link", name="Download")).to_be_visible()


def tab_to(page, locator):
    """Press Tab until the element has the focus, and see that the focus is shown."""
    expect(locator).to_be_attached()
    for _ in range(80):
        page.keyboard.press("Tab")
        if locator.evaluate("each => each === document.activeElement"):
            shown = locator.evaluate(
                "each => { const style = getComputedStyle(each);"
                " return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1 || style.boxShadow !== 'none'; }"
            )
            assert shown, f"the focus on {locator} can't be seen"
            return
    raise AssertionError(f"the Tab key does not reach {locator}")


def test_the_keyboard_is_enough(visit, server, song, portrait):
    wizard = visit(server)
    page = wizard.page
    page.goto("/music")
    for button, file in (("Choose a song", song), ("Choose a picture", portrait)):
        page.wait_for_load_state()  # a page's scripts have run when it is loaded, not when its heading shows
        # watched for before the way to the button: a key press can overtake the browser's order to report choosers
        with page.expect_file_chooser() as chooser:
            tab_to(page, wizard.button(button))
            page.keyboard.press("Enter")
        chooser.value.set_files(file)
        if file == song:
            expect(page.locator("audio[src]")).to_be_visible()
            tab_to(page, page.get_by_role("slider", name="Start of the part"))
            for _ in range(3):
                page.keyboard.press("Shift+ArrowRight")
            tab_to(page, page.get_by_role("slider", name="End of the part"))
            for _ in range(17):
                page.keyboard.press("Shift+ArrowLeft")
            assert page.get_by_label("From", exact=True).input_value() == "0:03"
            assert page.get_by_label("To", exact=True).input_value() == "0:05.8"
            tab_to(page, wizard.button("Go on to the image"))
            page.keyboard.press("Enter")
            expect(wizard.heading("Image")).to_be_visible()
    expect(page.locator(".faces img")).to_be_visible(timeout=FILM_PATIENCE_MS)
    page.wait_for_load_state()
    tab_to(page, wizard.button("Go on to the result"))
    page.keyboard.press("Enter")
    expect(wizard.heading("Result")).to_be_visible()
    page.wait_for_load_state()
    tab_to(page, page.locator("summary", has_text="More: how the film is made"))
    page.keyboard.press("Enter")
    tab_to(page, page.locator("[name=height]"))
    page.keyboard.press("ArrowDown")
    assert page.locator("[name=height]").input_value() == "360"
    page.keyboard.press("End")  # a film that is still being made when the Tab key has reached its button
    assert int(page.locator("[name=height]").input_value()) >= int(ENDLESS)
    tab_to(page, wizard.button("Make the film"))
    page.keyboard.press("Enter")
    page.wait_for_url(FILM_ADDRESS)
    tab_to(page, wizard.button("Cancel the film"))
    page.keyboard.press("Enter")
    expect(wizard.heading("Result")).to_be_visible()
    assert wizard.films()[0]["job"]["cancel_requested"] or wizard.films()[0]["job"]["state"] == "cancelled"
