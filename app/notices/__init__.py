"""Notices that reach a visitor whose page is closed: Web Push (RFC 8030), to browsers that asked for them."""
