"""How a film came about, signed (C2PA), marked in its pictures, and told again to whoever asks."""
