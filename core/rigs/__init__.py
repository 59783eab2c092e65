"""Face rigs: the curves that a face is moved by, in the order in which arrays hold them, and how one rig's become another's."""
