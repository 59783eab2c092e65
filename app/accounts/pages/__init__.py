"""The pages of accounts: the way in, one's own account, and what administrators see."""

from __future__ import annotations

# the modules put their routes on the blueprint
from app.accounts.pages import administration, openid, own, passkeys, signing
from app.accounts.pages.blueprint import blueprint

__all__ = ["administration", "blueprint", "openid", "own", "passkeys", "signing"]
