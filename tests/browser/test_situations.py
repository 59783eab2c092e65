"""Back, reload, a closed tab, two tabs, a double click, a restarted server and a song that no browser plays do no harm."""

from __future__ import annotations

import re
import subprocess

import imageio_ffmpeg
import pytest
from playwright.sync_api import expect

from tests.browser.wizard import ENDLESS, FILM_ADDRESS, Wizard
from tests.media.sounds import ffmpeg

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def other_song(song, tmp_path_factory):
    target = tmp_path_factory.mktemp("songs") / "another song.flac"
    cut = ["-v", "error", "-ss", "6", "-t", "8", "-i", str(song), str(target)]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *cut], check=True, timeout=60)
    return target


def wait_for_state(wizard, state):
    """Wait until the newest film's job is in that state."""
    for _ in range(1200):
        if wizard.films()[0]["job"]["state"] == state:
            return
        wizard.page.wait_for_timeout(200)
    raise AssertionError(f"never {state}: {wizard.films()[0]['job']}")


def cancel_all(wizard):
    """Cancel what is under way, so that the next test need not wait for it."""
    for film in wizard.films():
        # through the API, which takes it well where the film has been finished in between
        assert wizard.page.request.post(film["job"]["links"]["cancel"]).status == 202


def test_back_offers_to_cancel(visit, server, song, portrait):
    wizard = visit(server)
    wizard.prepare(song, portrait, part=None, height=ENDLESS)
    address = wizard.order()
    wizard.page.go_back()
    expect(wizard.heading("Result")).to_be_visible()
    expect(wizard.link("Watch it being made")).to_be_visible()
    assert wizard.films()[0]["job"]["state"] in ("queued", "running"), "going back alone ends nothing"
    wizard.button("Cancel it").click()
    wait_for_state(wizard, "cancelled")
    wizard.page.goto(address)
    expect(wizard.button("Make it after all")).to_be_visible()
    assert len(wizard.films()) == 1


def test_reload_and_a_closed_tab(visit, server, song, portrait):
    wizard = visit(server)
    wizard.prepare(song, portrait, part=("8", "10"))
    address = wizard.order()
    job = wizard.job()["id"]
    wizard.page.reload()
    expect(wizard.heading("Progress").or_(wizard.page.locator(".film-shown video"))).to_be_visible()
    reopened = wizard.another_tab()
    wizard.page.close()
    wait_for_state(reopened, "done")
    reopened.page.goto("/library")
    reopened.page.locator(f"h3 a[href$='{address.rpartition('/')[2]}']").click()
    reopened.wait_for_film()
    assert [film["job"]["id"] for film in reopened.films()] == [job]


def test_two_tabs_with_different_choices(visit, server, song, other_song, portrait):
    one = visit(server)
    two = one.another_tab()
    one.give_song(song)
    two.give_song(other_song)
    one.choose_part("1", "2")
    one.go_to_image()
    two.choose_part("4", "6")
    two.go_to_image()
    one.give_picture(portrait)
    two.page.reload()
    two.page.get_by_role("link", name=re.compile("^Use it")).first.click()
    for tab in (one, two):
        tab.go_to_result()
    picked = [tab.page.locator(".picked", has=tab.page.locator("#picked-song")).inner_text() for tab in (one, two)]
    assert "another song" in picked[1] and "another song" not in picked[0]
    assert "0:01 to 0:02" in picked[0] and "0:04 to 0:06" in picked[1]
    for tab in (one, two):
        tab.order()
    films = one.films()
    assert len({film["song_id"] for film in films}) == 2 and len({film["picture_id"] for film in films}) == 1
    assert sorted(film["options"]["start_s"] for film in films) == [1, 4]
    cancel_all(one)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_double_click_is_one_job(visit, server, song, portrait, scripts):
    wizard = visit(server)
    wizard.prepare(song, portrait, part=None, height=ENDLESS)
    page = wizard.page
    if not scripts:
        # the form alone: the script that sends a form once is taken out by blocking it
        page.route("**/common.js", lambda route: route.abort())
        page.reload()
        wizard.make_small(ENDLESS)
    orders = []
    page.on("request", lambda request: request.method == "POST" and orders.append(request))
    wizard.button("Make the film").dblclick()
    page.wait_for_url(FILM_ADDRESS)
    assert len(orders) >= 1
    for request in orders:
        request.response()  # has come, or the browser has given it up
    assert len(wizard.films()) == 1
    cancel_all(wizard)


def test_the_same_order_from_two_tabs_is_one_job(visit, server, song, portrait):
    one = visit(server)
    one.prepare(song, portrait, part=("1", "9"), height=ENDLESS)
    two = one.another_tab()
    two.page.goto(one.page.url)
    two.make_small(ENDLESS)
    assert one.order() == two.order()
    assert len(one.films()) == 1
    cancel_all(one)


def test_cancel_leads_back_to_the_order(visit, server, song, portrait):
    wizard = visit(server)
    wizard.prepare(song, portrait, part=("2", "14"), height=ENDLESS)
    address = wizard.order()
    wizard.wait_until_running()
    wizard.button("Cancel the film").click()
    expect(wizard.heading("Result")).to_be_visible()
    expect(wizard.page.get_by_text("0:02 to 0:14")).to_be_visible()
    wait_for_state(wizard, "cancelled")
    assert wizard.page.request.get(wizard.films()[0]["links"]["self"] + "/file").status == 409, "no half film is given"
    wizard.page.goto(address)
    expect(wizard.button("Make it after all")).to_be_visible()
    expect(wizard.page.locator(".film-shown video")).to_have_count(0)


def test_the_server_is_killed_and_started_again(visit, own_server, song, portrait):
    """The page that is open finds the way back by itself, and shows the film in the end."""
    wizard = visit(own_server)
    wizard.prepare(song, portrait, part=("3", "9"), height="512")
    wizard.order()
    wizard.wait_until_running("frames")
    own_server.kill()
    expect(wizard.page.locator("[data-trouble]")).to_be_visible()
    own_server.start()
    before = wizard.films()
    assert len(before) == 1 and before[0]["job"]["state"] in ("queued", "running")
    wizard.wait_for_film()
    after = wizard.films()
    assert [film["job"]["id"] for film in after] == [before[0]["job"]["id"]]
    assert {"separate", "motion"} <= set(after[0]["report"]["cached_stages"]), "finished stages were made again"


def test_another_person_sees_nothing_of_it(visit, server, song):
    owner, stranger = visit(server), visit(server)
    owner.give_song(song)
    stranger.page.goto(owner.page.url)
    expect(stranger.page.locator("audio[src]")).to_have_count(0)
    stranger.page.goto("/library")
    expect(stranger.page.get_by_text("There is no song yet.")).to_be_visible()
    assert isinstance(stranger, Wizard) and stranger.films() == []


def test_a_song_that_the_browser_cannot_play_says_so(visit, server, song, tmp_path):
    """The server reads what no browser does; a player that stays dumb without a word looks like a broken song."""
    wizard = visit(server)
    wizard.give_song(song)
    told = wizard.page.get_by_text("Your browser can't play this kind of file here; in the film it will be heard.")
    expect(wizard.button("Play the part")).to_be_visible()
    expect(told).to_be_hidden()
    ffmpeg("-t", 2, "-i", song, "-c:a", "wmav2", tmp_path / "song.wma")
    wizard.give_song(tmp_path / "song.wma")
    expect(told).to_be_visible()
    expect(wizard.button("Play the part")).to_be_hidden()
