"""Accounts of a shared server: who may come in, how they show who they are, and what administrators may know of them."""
