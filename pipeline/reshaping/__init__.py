"""A finished film in the shapes and sizes in which it is shared: whole, upright, square, and parts of it that move for ever."""
