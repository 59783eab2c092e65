"""The family of errors that a person may see. Every message is a whole sentence: what was wrong, what is accepted, what to do."""

from __future__ import annotations


class BelcantoError(Exception):
    """Base of every error whose message is meant for a person; `exit_code` is what the command line returns for it."""

    exit_code = 1


class InputError(BelcantoError):
    """A file or a setting given by the user can't be used. Trying again with the same input does not help."""

    exit_code = 2


class KindError(InputError):
    """A file is of a kind that is not accepted, whatever its name says."""


class MissingError(BelcantoError):
    """A weight file or an optional dependency is missing; the message says which command brings it."""

    exit_code = 3


class Cancelled(BelcantoError):
    """The user stopped the work. Raised from inside a progress callback, so that every stage can clean up after itself."""

    exit_code = 130
