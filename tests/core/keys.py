"""Keys for the tests of what is sealed."""

from __future__ import annotations

from core.sealed_files import new_data_key


class OneKey:
    """A key for everybody."""

    def __init__(self):
        self.key = new_data_key()

    def secret(self, key_id):
        """See `core.vault.Keys`."""
        assert key_id == self.key.id
        return self.key.secret

    def key_of(self, owner):
        """See `core.vault.Keys`."""
        return self.key

    def keys_of(self, owner):
        """See `core.vault.Keys`."""
        return [self.key]

    def check(self, sealing):
        """See `core.vault.Keys`."""
