"""What goes wrong with a store: tried again where that is safe, and told by one error in the end."""

from __future__ import annotations

import errno
import logging
import random
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from core.errors import BelcantoError

log = logging.getLogger(__name__)

Value = TypeVar("Value")
#: How often a thing is tried, and the longest pause before the second try, in seconds; each further one is twice as long.
MOST_TRIES, FIRST_PAUSE_S = 4, 0.25
#: What the local disk lacks, not the store.
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


class StoreFailed(BelcantoError):
    """The store of files can't be had: it is down, too slow, or refuses. Trying again later may help."""


def network_errors() -> tuple[type[Exception], ...]:
    """OSError, and what the packages of stores raise beside it as far as they are loaded: nothing else comes from them."""
    named = (("botocore.exceptions", "BotoCoreError"), ("botocore.exceptions", "ClientError"), ("aiohttp", "ClientError"))
    return (OSError, *(getattr(sys.modules[module], name) for module, name in named if module in sys.modules))


def tried(store: str, call: Callable[[], Value]) -> Value:
    """What the call gives, tried a few times with pauses that grow; only for what does no harm when it is done twice.

    store: its address, for the sentence. Raises StoreFailed; FileNotFoundError as it is; OSError where the local disk is full.
    """
    for number in range(1, MOST_TRIES + 1):
        try:
            return call()
        except FileNotFoundError:
            raise
        except network_errors() as error:
            if isinstance(error, OSError) and error.errno in DISK_FULL:
                raise
            log.warning("The store %s failed (try %d of %d): %s", store, number, MOST_TRIES, type(error).__name__)
            if number == MOST_TRIES or isinstance(error, PermissionError):  # who is refused is refused again
                raise StoreFailed("core.store_failed", store=store, reason=f"{type(error).__name__}: {error}") from error
        time.sleep(
            FIRST_PAUSE_S * 2 ** (number - 1) * random.uniform(0.5, 1.0)
        )  # not all at once, where many were cut off together
    raise AssertionError("the last try returns or raises")
