"""Watching over the server and its workers: who works and can do what, figures, health."""
