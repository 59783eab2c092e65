"""Albums and tags: the person's own, given to many at once, found by, and gone with what bore them."""

from __future__ import annotations

import pytest

from app.context import EXTENSION, PERSON_COOKIE
from app.errors import LimitReached, NotFound, Refused
from app.models import Song, Work
from app.services.albums import create_album, delete_album, empty_album, fill_album, list_albums, rename_album
from app.services.chosen import hide_chosen
from app.services.shelf import Wish, count_shelf, list_shelf
from app.services.songs import delete_song
from app.services.tags import MOST_OF_ONE, change_tags, own_tags, read_tags, suggested_tags, worn_by
from app.services.works import delete_work
from app.shelf_models import Album, AlbumAsset, AlbumWork, AssetTag, WorkTag
from tests.app.api_client import Rows, problem_of

STRANGER = "f" * 32


@pytest.fixture
def made(session, settings, person_id):
    return Rows(session, settings, person_id)


@pytest.fixture
def visitor(app, client, person_id):
    client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person_id))
    return client


def in_album(session, person_id, album, kind="songs"):
    return [row.title for row in list_shelf(session, person_id, kind, Wish(album_id=album.id), None, 50).items]


def test_an_album_is_filled_emptied_and_taken_apart(session, settings, person_id, made):
    song, other, film = made.song("a"), made.song("b"), made.film("done")
    album = create_album(session, settings, person_id, " Sommer ")
    assert create_album(session, settings, person_id, "SOMMER").id == album.id, "of one name there is one"
    everything = {"songs": [song.id, other.id], "works": [film.id], "pictures": [film.picture.id]}
    assert fill_album(session, person_id, album.id, everything) == fill_album(session, person_id, album.id, everything) == 4
    assert [(each.album.title, each.count) for each in list_albums(session, person_id)] == [("Sommer", 4)]
    empty_album(session, person_id, album.id, {"songs": [other.id]})
    assert in_album(session, person_id, album) == ["a"] and in_album(session, person_id, album, "films") == ["A film"]
    hide_chosen(session, settings, person_id, {"songs": [song.id]})
    assert list_albums(session, person_id)[0].count == 2 and in_album(session, person_id, album) == []
    rename_album(session, settings, person_id, album.id, "Winter")
    assert delete_album(session, person_id, album.id) == "Winter"
    assert session.get(Work, film.id).deleted_at is None and list_albums(session, person_id) == []


def test_albums_of_others_are_none(session, settings, person_id, made):
    theirs = create_album(session, settings, STRANGER, "Theirs")
    mine, song = create_album(session, settings, person_id, "Mine"), made.song()
    foreign = Rows(session, settings, STRANGER).song("foreign")
    for change in (fill_album, empty_album):
        with pytest.raises(NotFound, match="album"):
            change(session, person_id, theirs.id, {"songs": [song.id]})
        with pytest.raises(NotFound, match="song"):
            change(session, person_id, mine.id, {"songs": [song.id, foreign.id]})
    with pytest.raises(NotFound):
        delete_album(session, person_id, theirs.id)
    assert session.query(AlbumAsset).count() == 0
    with pytest.raises(Refused, match="empty"):
        create_album(session, settings, person_id, " \u200b")


def test_what_is_erased_leaves_album_and_tags(session, settings, person_id, made):
    song, film = made.song(), made.film("done")
    album = create_album(session, settings, person_id, "All")
    both = {"songs": [song.id, film.song.id], "works": [film.id]}
    fill_album(session, person_id, album.id, both)
    change_tags(session, person_id, both, ["one"], [])
    delete_song(session, settings, person_id, song.id)
    delete_song(session, settings, person_id, film.song.id)  # whose row stays as long as the film tells of it
    delete_work(session, settings, person_id, film.id)
    assert [session.query(model).count() for model in (AlbumAsset, AlbumWork, AssetTag, WorkTag)] == [0, 0, 0, 0]
    assert session.query(Album).count() == 1 and session.query(Song).count() == 0


def test_tags_are_one_word_however_they_are_written(session, person_id, made):
    song, other, film = made.song("a"), made.song("b"), made.film("done")
    assert read_tags(" #Hochzeit, , Café ,hochzeit") == ["Hochzeit", "Café", "hochzeit"]
    change_tags(session, person_id, {"songs": [song.id]}, ["Hochzeit", "Café"], [])
    change_tags(session, person_id, {"songs": [song.id, other.id], "works": [film.id]}, ["HOCHZEIT"], ["cafe"])
    assert own_tags(session, person_id) == [("hochzeit", "Hochzeit", 3)]
    assert worn_by(session, [song, film]) == {song.id: {"hochzeit": "Hochzeit"}, film.id: {"hochzeit": "Hochzeit"}}
    assert suggested_tags(session, person_id, "HOCH") and not suggested_tags(session, person_id, "x")
    assert count_shelf(session, person_id, Wish(tag="Hochzeit"))["songs"] == 2
    assert count_shelf(session, person_id, Wish("hochz"))["films"] == 1, "a search finds tags too"
    assert count_shelf(session, STRANGER, Wish("hochz"))["films"] == 0


def test_senseless_tags_are_refused(session, person_id, made):
    song = made.song()
    with pytest.raises(Refused, match="letter"):
        change_tags(session, person_id, {"songs": [song.id]}, ["\u200b"], [])
    with pytest.raises(LimitReached, match="20"):
        change_tags(session, person_id, {"songs": [song.id]}, [f"t{number}" for number in range(21)], [])
    with pytest.raises(LimitReached, match=str(MOST_OF_ONE)):
        for begin in range(0, 60, 20):
            change_tags(session, person_id, {"songs": [song.id]}, [f"t{begin + number}" for number in range(20)], [])
    assert len(own_tags(session, person_id)) == 40


def test_the_page_does_it_with_forms(visitor, session, made):
    songs = [made.song(f"song {number}") for number in range(3)]
    chosen = {"songs": [song.id for song in songs[:2]]}
    page = visitor.post("/library/chosen/album", data={**chosen, "album_title": "Abend", "do": "in"}, follow_redirects=True).text
    assert "2 are in the album now." in page and "Albums: 1" in page
    album = session.query(Album).one()
    page = visitor.get(f"/library?album={album.id}").text
    assert "song 1" in page and "song 2" not in page.split('id="deleted"')[0].split('id="songs"')[1]
    page = visitor.post("/library/chosen/tags", data={**chosen, "tags": "Live, <b>", "do": "on"}, follow_redirects=True).text
    assert "The tags are changed." in page and "&lt;b&gt;" in page and "?tag=live" in page
    assert "song 2" not in visitor.get("/library?tag=live").text
    page = visitor.post("/library/chosen/tags", data={**chosen, "tags": "LIVE", "do": "off"}, follow_redirects=True).text
    assert "?tag=live" not in page
    data = {"all": "songs", "album": album.id, "album_title": "abend", "do": "out"}
    assert "2 are no longer in the album." in visitor.post("/library/chosen/album", data=data, follow_redirects=True).text
    visitor.post(f"/library/albums/{album.id}/rename", data={"title": "Nacht"})
    assert "Nacht" in visitor.get("/library").text
    page = visitor.post(f"/library/albums/{album.id}/delete", follow_redirects=True).text
    assert "still in your library" in page and visitor.post("/library/albums", data={"title": ""}).status_code == 303
    made_now = visitor.post("/library/albums", data={"title": "Neu"})
    assert made_now.status_code == 303 and "album=" in made_now.location
    assert "Tick something" in visitor.post("/library/chosen/tags", data={"tags": "x"}, follow_redirects=True).text


def test_lists_of_the_api_are_narrowed_to_album_and_tag(session, settings, person_id, made, api):
    songs, film, picture = [made.song(title) for title in "abc"], made.film("done"), made.picture()
    album = create_album(session, settings, person_id, "Evening")
    fill_album(session, person_id, album.id, {"songs": [each.id for each in songs[:2]], "works": [film.id]})
    change_tags(session, person_id, {"songs": [songs[1].id], "pictures": [picture.id]}, ["Café"], [])

    def ids(kind, query):
        return [each["id"] for each in api.get(f"/{kind}?{query}").json["items"]]

    within, both = f"album={album.id}", f"album={album.id}&tag=CAFE"
    assert ids("songs", f"{within}&sort=name") == [songs[0].id, songs[1].id] and ids("songs", both) == [songs[1].id]
    assert ids("films", within) == ids("works", within) == [film.id] and ids("works", both) == ids("films", "tag=x") == []
    assert ids("pictures", "tag=cafe") == [picture.id] and ids("pictures", within) == ids("clips", "tag=cafe") == []
    first = api.get(f"/songs?{within}&tag=&sort=name&limit=1")
    then = api.get(first.headers["Link"].split(">")[0][1:])
    assert [each["id"] for each in then.json["items"]] == [songs[1].id] and then.json["next_cursor"] is None
    theirs = create_album(session, settings, STRANGER, "Theirs")
    assert ids("songs", f"album={theirs.id}") == [] and ids("songs", "album=%00&tag=%00") == []


def test_the_api_refuses_what_is_not_ones_own(session, settings, made, api):
    theirs, song = create_album(session, settings, STRANGER, "Theirs"), made.song()
    for call in (
        lambda: api.patch(f"/albums/{theirs.id}", {"title": "x"}),
        lambda: api.delete(f"/albums/{theirs.id}"),
        lambda: api.post(f"/albums/{theirs.id}/add", {"songs": [song.id]}),
        lambda: api.post(f"/albums/{theirs.id}/remove", {"songs": [song.id]}),
    ):
        problem_of(call(), 404, "album")
    problem_of(api.post("/library/tags", {"chosen": {"songs": ["0" * 32]}, "add": ["x"]}), 404)
    problem_of(api.post("/library/tags", {"chosen": {"songs": [song.id]}, "add": ["x"] * 21}), 422)
