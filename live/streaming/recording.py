"""A session as a film, written while it goes on: what is streamed is what is recorded, so it costs next to nothing.

While it goes on it lies as fragments in a file of its own, which can be played whatever happens to the program; when it is
stopped it becomes an MP4 like every film of ours, with the mark that it is AI-generated. Memory does not grow.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from pathlib import Path

from core.errors import InputError
from core.finishing import finishing, publish
from core.output_files import new_part
from live.streaming.fragments import Fragment, Fragments
from media.ffmpeg_args import repack_arguments
from media.ffmpeg_run import FfmpegError, ffmpeg_path, last_line, read_from
from media.film_writer import AI_COMMENT, DIGITAL_SOURCE_TYPE, DIGITAL_SOURCE_TYPE_KEY
from provenance.making import FilmAccount

#: A film that has become so long, in seconds, or so large goes no further.
LONGEST_S, MOST_BYTES = 4 * 3600.0, 4_000_000_000
log = logging.getLogger(__name__)


class Recording:
    """A film in the making; `stop` makes it whole."""

    def __init__(self, fragments: Fragments, path: Path, title: str, longest_s: float = LONGEST_S) -> None:
        """path: the MP4 to be. Raises InputError where it can't be written."""
        self.path, self._title, self._longest_s = path, title, longest_s
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, self._part = new_part(path)
        except OSError as error:
            raise InputError("media.film_unwritable", path=path, reason=error.strerror or error) from error
        self._file = os.fdopen(descriptor, "wb")
        self._lock = threading.Lock()
        self._begin_s: float | None = None
        self._bytes, self._failure, self._full = 0, "", False
        self.duration_s = 0.0
        self._leave = fragments.listen(self._put)

    @property
    def going_on(self) -> bool:
        """Whether it was not stopped yet."""
        return not self._file.closed

    def _put(self, fragment: Fragment) -> None:
        """Called from the coding thread."""
        with self._lock:
            if self._file.closed or self._failure or self._full:
                return
            try:
                if self._begin_s is None:
                    self._begin_s = fragment.at_s
                    self._file.write(fragment.head)
                self._file.write(fragment.data)
            except OSError as error:
                self._failure = error.strerror or str(error)
                log.error("a recording ended: %s", self._failure)
                return
            self._bytes += len(fragment.data)
            self.duration_s = fragment.at_s - self._begin_s
            self._full = self.duration_s > self._longest_s or self._bytes > MOST_BYTES

    def stop(self) -> Path:
        """Make the film whole, which takes a second for an hour; gives its path. May be called twice.

        Raises InputError where nothing was recorded, or it can't be written.
        """
        self._leave()
        with self._lock:
            if self._file.closed:
                return self.path
            with contextlib.suppress(OSError):  # a full disk: what could be written stays
                self._file.flush()
            self._file.close()
            try:
                if self._begin_s is None:
                    raise InputError("live.streaming.nothing_recorded")
                self._repack()
            finally:
                self._part.unlink(missing_ok=True)
        return self.path

    def _repack(self) -> None:
        """Give it the form of our films. Raises InputError where that can't be written."""
        tags = {"title": self._title, "comment": AI_COMMENT, DIGITAL_SOURCE_TYPE_KEY: DIGITAL_SOURCE_TYPE}
        whole = self._part.with_suffix(".whole")
        try:
            with read_from(repack_arguments(ffmpeg_path(), self._part, whole, tags)):
                pass
            with finishing(FilmAccount("live_session")):
                publish(whole, self.path)
        except FfmpegError as error:
            reason = "the disk is full" if error.no_space else last_line(error.log)
            raise InputError("media.film_unwritable", path=self.path, reason=reason) from error
        except OSError as error:
            raise InputError("media.film_unwritable", path=self.path, reason=error.strerror or error) from error
        finally:
            whole.unlink(missing_ok=True)

    def discard(self) -> None:
        """Nobody wants it."""
        self._leave()
        with self._lock:
            self._file.close()
            self._part.unlink(missing_ok=True)
            self.path.unlink(missing_ok=True)
