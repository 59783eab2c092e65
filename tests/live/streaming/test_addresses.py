"""Where browsers are told to reach this machine."""

from __future__ import annotations

import aioice.ice
import pytest

from core.errors import InputError
from live.streaming.addresses import LOOPBACK, IceServer, IceSettings, as_offered, offer_own_addresses, without_candidates

ANSWER = (
    "v=0\r\nm=audio 9 X 96\r\na=candidate:ab 1 udp 2130706431 10.0.0.7 5000 typ host\r\na=end-of-candidates\r\na=sendrecv\r\n"
)


def test_nothing_is_set_by_default():
    assert IceSettings.from_environment({}) == IceSettings()


def test_own_addresses_are_listened_on_and_others_are_told():
    settings = IceSettings.from_environment({"BELCANTO_LIVE_ADDRESS": f"{LOOPBACK}, 203.0.113.5"})
    assert (settings.own, settings.told) == ((LOOPBACK,), ("203.0.113.5",))
    told = as_offered(ANSWER, settings)
    assert "203.0.113.5 5000 typ host" in told and "10.0.0.7" not in told and told.endswith("a=sendrecv\r\n")
    assert as_offered(ANSWER, IceSettings()) == ANSWER


def test_servers_between_are_read_and_their_passwords_kept_back():
    text = "stun:stun.example.org:3478 turn:me:secret@turn.example.org:3478?transport=tcp"
    servers = IceSettings.from_environment({"BELCANTO_LIVE_ICE_SERVERS": text}).servers
    turn = IceServer("turn:turn.example.org:3478?transport=tcp", "me", "secret")
    assert servers == (IceServer("stun:stun.example.org:3478"), turn)
    assert "secret" not in repr(servers)


@pytest.mark.parametrize(
    "environment",
    [
        {"BELCANTO_LIVE_ADDRESS": "example.org"},
        {"BELCANTO_LIVE_ICE_SERVERS": "http://example.org"},
        {"BELCANTO_LIVE_ICE_SERVERS": "turn:me:hidden@ho st"},
        {"BELCANTO_LIVE_ICE_SERVERS": "turn:turn.example.org"},
        {"BELCANTO_LIVE_ICE_SERVERS": "turn:me:hidden@turn.example.org/path"},
    ],
)
def test_what_is_no_address_is_a_sentence_without_a_password(environment):
    with pytest.raises(InputError, match=next(iter(environment))) as refused:
        IceSettings.from_environment(environment)
    assert "hidden" not in str(refused.value)


def test_the_loopback_is_offered_where_it_is_named_or_there_is_nothing_else(monkeypatch):
    offer_own_addresses(IceSettings(own=(LOOPBACK,)))
    assert aioice.ice.get_host_addresses(True, True) == [LOOPBACK]
    offer_own_addresses(IceSettings())
    assert aioice.ice.get_host_addresses(False, False) == [LOOPBACK]
    offer_own_addresses(IceSettings(own=(LOOPBACK,)))


def test_a_browsers_addresses_are_not_sent_to():
    assert without_candidates(ANSWER) == "v=0\r\nm=audio 9 X 96\r\na=sendrecv\r\n"
