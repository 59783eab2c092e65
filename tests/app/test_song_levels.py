"""How loud a song is and where its phrases lie, as the API tells it to whoever chooses a part."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest

from app.database import writing
from app.errors import LimitReached
from app.models import Job, now
from app.services.phrases import ask_phrases
from app.services.questions import MOST_WAITING
from core.messages import message
from pipeline.song_to_phrases import song_to_phrases


@pytest.fixture
def song_id(api, song_path, film_cache, monkeypatch):
    monkeypatch.setenv("BELCANTO_CACHE_DIR", str(film_cache))
    return api.post("/songs", data={"file": (io.BytesIO(song_path.read_bytes()), "a.mp3")}).json["id"]


@pytest.mark.slow
def test_the_levels_of_a_song_are_told(api, song_id):
    told = api.get(f"/songs/{song_id}/levels").json
    assert told["loudness_lufs"] == pytest.approx(-15.5, abs=0.3) and told["clipped"] == [] and told["clipped_share"] == 0
    assert len(told["peaks"]) == pytest.approx(22.8 * told["stretches_per_s"], abs=2) and max(told["peaks"]) == told["full"]
    assert api.get(f"/songs/{song_id}/levels").json == told


@pytest.mark.slow
def test_phrases_are_found_once_and_told(api, song_id, session):
    waits = api.get(f"/songs/{song_id}/phrases")
    assert waits.status_code == 202 and waits.json["state"] == "queued" and waits.headers["Retry-After"]
    assert api.get(f"/songs/{song_id}/phrases").status_code == 202
    (job,) = session.query(Job).all()
    with writing(session):
        job.state, job.finished_at, job.result = "done", now(), {"phrases": [[0.5, 2.25], [3.0, 7.5]]}
    assert api.get(f"/songs/{song_id}/phrases").json == {"phrases": [[0.5, 2.25], [3.0, 7.5]]}
    with writing(session):
        job.state, job.failure = "failed", message("pipeline.phrases_broke").as_json()
    assert api.get(f"/songs/{song_id}/phrases").status_code == 503
    with writing(session):
        job.state = "cancelled"
    assert api.get(f"/songs/{song_id}/phrases").status_code == 202  # asked anew


def test_only_so_many_songs_are_listened_to_at_a_time(session, settings, person_id, rows):
    songs = [rows.song(f"song {number}").id for number in range(MOST_WAITING + 1)]
    for song_id in songs[:-1]:
        ask_phrases(session, settings, person_id, song_id)
    with pytest.raises(LimitReached):
        ask_phrases(session, settings, person_id, songs[-1])


@pytest.mark.slow
def test_the_phrases_of_the_demo_song_are_its_own(song_path, film_cache, monkeypatch):
    monkeypatch.setenv("BELCANTO_CACHE_DIR", str(film_cache))
    phrases = song_to_phrases(song_path)
    assert 3 <= len(phrases) <= 20 and all(start < end for start, end in phrases)
    assert all(end + 0.3 <= start for (_, end), (start, _) in pairwise(phrases))
    assert phrases[0][0] >= 0 and phrases[-1][1] <= 23
