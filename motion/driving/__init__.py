"""Motion out of a film: what a driver's face and head do there, as a portrait is to do it."""
