"""Voices in the web interface: the list, and a sentence in each."""

from __future__ import annotations

import io

import pytest
import soundfile

from app.errors import NotFound
from app.services import voices
from speech.voices import voice_cards
from tests.app.api_client import ApiClient
from tests.speech.test_kokoro import speaker

#: What is said of a voice whose language can be read.
HERE = {"available": True, "sentence": None}


def test_the_list_tells_all_voices_by_language(app, person_id):
    told = ApiClient(app, person_id).get("/voices").json["voices"]
    assert len(told) == len(voice_cards()) >= 54
    heart = next(each for each in told if each["name"] == "af_heart")
    links = heart.pop("links")
    assert heart == {"name": "af_heart", "title": "Heart", "language": "en-US", "gender": "woman", **HERE}
    assert links["sample"].endswith("/voices/af_heart/sample")


def test_a_voice_that_there_is_not_has_no_sample(app, settings, person_id):
    answer = ApiClient(app, person_id).get("/voices/af_nobody/sample")
    assert answer.status_code == 404 and "no such voice" in answer.json["detail"]
    with pytest.raises(NotFound):
        voices.sample_file(settings, "../af_heart")
    assert not settings.voices_dir.exists()


@pytest.mark.slow
def test_a_sample_is_spoken_once_and_then_kept(app, settings, person_id, monkeypatch):
    speaker(["af_heart"])
    api = ApiClient(app, person_id)
    answer = api.get("/voices/af_heart/sample")
    assert answer.status_code == 200 and answer.mimetype == "audio/wav"
    sound, rate_hz = soundfile.read(io.BytesIO(answer.data))
    assert rate_hz == 24000 and 2.0 < len(sound) / rate_hz < 8.0 and abs(sound).max() > 0.1
    monkeypatch.setattr(voices, "speak_sample", None)  # from here on nobody speaks
    assert api.get("/voices/af_heart/sample").data == answer.data
    assert [path.suffix for path in settings.voices_dir.iterdir()] == [".wav"]
