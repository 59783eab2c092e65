"""Ties the application to the queue of its jobs."""

from __future__ import annotations

from flask import Flask

from app.database import Database
from app.settings import AppSettings
from app.watching.news import teller_of
from jobs.queue import JobQueue, QueueSettings

#: Where the application keeps its `JobQueue`, in `extensions`.
QUEUE = "belcanto_queue"


def make_queue(settings: AppSettings) -> JobQueue:
    """The queue where the settings say it lies."""
    return JobQueue(QueueSettings(settings.queue, settings.queue_file, settings.redis_url))


def register_queue(app: Flask, settings: AppSettings, database: Database) -> None:
    """Wake a worker for every job that is queued from now on."""
    queue = make_queue(settings)
    app.extensions[QUEUE] = queue
    database.announce = queue.announce
    database.tell = teller_of(settings)
