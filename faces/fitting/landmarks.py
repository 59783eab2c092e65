"""Which Face Landmarker points (478 of them, indices of MediaPipe's Face Mesh) make up which feature.

"Right" and "left" are the person's own, as in ARKit; the person's right is at the picture's left. Every curve runs from the
picture's left to its right unless said otherwise.
"""

from __future__ import annotations

LIPS_OUTER_UPPER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
LIPS_OUTER_LOWER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
LIPS_INNER_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LIPS_INNER_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)

#: Upper and lower lid edges from corner to corner, then the rings of skin above and below them.
RIGHT_EYE_UPPER = (33, 246, 161, 160, 159, 158, 157, 173, 133)
RIGHT_EYE_LOWER = (33, 7, 163, 144, 145, 153, 154, 155, 133)
RIGHT_EYE_CREASE = (247, 30, 29, 27, 28, 56, 190)
RIGHT_EYE_BAG = (25, 110, 24, 23, 22, 26, 112)
LEFT_EYE_UPPER = (362, 398, 384, 385, 386, 387, 388, 466, 263)
LEFT_EYE_LOWER = (362, 382, 381, 380, 374, 373, 390, 249, 263)
LEFT_EYE_CREASE = (414, 286, 258, 257, 259, 260, 467)
LEFT_EYE_BAG = (341, 256, 252, 253, 254, 339, 255)

#: Iris centre, then its four points.
RIGHT_IRIS = (468, 469, 470, 471, 472)
LEFT_IRIS = (473, 474, 475, 476, 477)

#: Brows from the outer end to the inner end: upper edge, lower edge.
RIGHT_BROW_UPPER = (70, 63, 105, 66, 107)
RIGHT_BROW_LOWER = (46, 53, 52, 65, 55)
LEFT_BROW_UPPER = (300, 293, 334, 296, 336)
LEFT_BROW_LOWER = (276, 283, 282, 295, 285)

#: The face's outline, clockwise as seen, from the middle of the forehead.
FACE_OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)

#: The nose's bridge, tip, base and wings, which no mouth shape moves (`noseSneer` moves the wings).
NOSE_FIXED = (168, 6, 197, 195, 5, 4, 1, 19, 94, 2, 51, 281, 45, 275, 122, 351, 196, 419)
RIGHT_NOSE_WING = (48, 64, 98, 129, 102, 49, 97)
LEFT_NOSE_WING = (278, 294, 327, 358, 331, 279, 326)

RIGHT_CHEEK = (50, 117, 118, 101, 36)
LEFT_CHEEK = (280, 346, 347, 330, 266)
#: The bowl between the lower lip and the chin, and the chin itself.
CHIN = (18, 83, 313, 200, 199, 175, 152, 208, 428, 201, 421, 171, 396)
FOREHEAD = (10, 151, 109, 338, 67, 297, 108, 337, 69, 299, 104, 333, 9, 8)

FACE_RIGHT_EDGE, FACE_LEFT_EDGE = 234, 454
RIGHT_EYE_OUTER, LEFT_EYE_OUTER = 33, 263
FOREHEAD_TOP, CHIN_BOTTOM = 10, 152
