"""Moto's server: the protocol of S3 over HTTP on loopback, with the files in its memory."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass

import fsspec
from moto.server import ThreadedMotoServer

CREDENTIALS = {"key": "test", "secret": "test"}


@dataclass(frozen=True)
class Bucket:
    """url: `s3://NAME/prefix`. options: fsspec's. fs: looks behind the scenes."""

    name: str
    url: str
    options: dict
    fs: object

    def names(self):
        """The names of all objects."""
        return sorted(each.removeprefix(f"{self.name}/") for each in self.fs.find(self.name))

    def content(self, key):
        """An object's bytes."""
        return self.fs.cat_file(f"{self.name}/{key}")

    def environment(self):
        """What tells a process of it."""
        return {"BELCANTO_STORAGE_URL": self.url, "BELCANTO_STORAGE_OPTIONS": json.dumps(self.options)}


class S3Server:
    """The server for the time of the block."""

    def __enter__(self):
        self._server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.endpoint = f"http://{host}:{port}"
        return self

    def __exit__(self, *_):
        self._server.stop()

    def new_bucket(self, endpoint=None):
        """An empty one; endpoint: where it is reached, where that is not the server itself."""
        options = {**CREDENTIALS, "client_kwargs": {"region_name": "us-east-1"}}
        fs = fsspec.filesystem("s3", **options, endpoint_url=self.endpoint, use_listings_cache=False)
        name = f"belcanto-{uuid.uuid4().hex[:12]}"
        fs.call_s3("create_bucket", Bucket=name)
        return Bucket(name, f"s3://{name}/prefix", {**options, "endpoint_url": endpoint or self.endpoint}, fs)
