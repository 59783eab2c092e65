"""One file for each kind of work: its card, and how its recipe is called for an order."""
