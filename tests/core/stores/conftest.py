"""A store on this machine that speaks S3, for the tests of what lies in one."""

from __future__ import annotations

import pytest

from tests.core.stores.s3_server import S3Server


@pytest.fixture(scope="session")
def s3_server():
    with S3Server() as server:
        yield server


@pytest.fixture
def bucket(s3_server):
    """A bucket of its own."""
    return s3_server.new_bucket()
