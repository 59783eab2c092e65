"""The list of filters: one line each. What a filter is and can, its card says."""

from __future__ import annotations

from core.filter_card import FilterCard
from filters.frame_rate import FRAME_RATE
from filters.label import LABEL
from filters.look import LOOK
from filters.pasting import PASTE_BACK
from filters.restoration import RESTORE
from filters.turn_back import TURN_BACK

#: In the order in which their options are offered, and in which those that work alone pass the frames of films that exist; that
#: of the chain, their cards say.
FILTERS: list[FilterCard] = [
    FRAME_RATE,
    RESTORE,
    LOOK,
    LABEL,
    PASTE_BACK,
    TURN_BACK,
]
