"""Which of several pronunciations a sentence means: "I read it" or "I have read it", "a record" or "to record".

By the words beside it, as far as they tell; where they don't, the dictionary's usual one stands.
"""

from __future__ import annotations

from collections.abc import Sequence

from speech.english.tables import words

BEFORE_VERBS = words("before_verbs")
BEFORE_NOUNS = words("before_nouns")
AFTER_COMMANDS = words("after_commands")
PASSED_OVER = words("passed_over")
HAVING = words("having")
LONG_AGO = words("long_ago")
FISHING = words("fishing")
METAL = words("metal")
#: Words on each side that tell something of a word.
NEAR = 12


def part_of_speech(words: Sequence[str], place: int) -> str:
    """VERB, NOUN or an empty text for the word at `place`; words in lower case."""
    before = _before(words, place)
    after = words[place + 1] if place + 1 < len(words) else ""
    if before in BEFORE_VERBS:
        return "VERB"
    if before in BEFORE_NOUNS or before.endswith("'s"):
        return "NOUN"
    if (not before or before in ("and", "or", "then", "but")) and after in AFTER_COMMANDS:
        return "VERB"
    return ""


def _before(words: Sequence[str], place: int) -> str:
    """The nearest word before it that tells something; empty at the beginning and after a pause."""
    for word in reversed(words[max(0, place - NEAR) : place]):
        if word not in PASSED_OVER and not (word.endswith("ly") and len(word) > 4):
            return word if word[-1:].isalpha() or word.endswith("'") else ""
    return ""


def special(words: Sequence[str], place: int) -> str:
    """The part of speech, as the dictionary names it, of a word about which more can be told; else an empty text."""
    word, near = words[place], frozenset(words[max(0, place - NEAR) : place + NEAR])
    before = _before(words, place)
    after = words[place + 1] if place + 1 < len(words) else ""
    if word in ("read", "reread"):
        past = (
            before in HAVING
            or before in ("he", "she", "it", "who")
            or bool(near & LONG_AGO and before in ("i", "you", "we", "they"))
        )
        return "VBD" if (past and after != "the") or (past and before != "who") else ""
    if word == "used":
        return "VBD" if after == "to" and before not in ("is", "are", "was", "were", "be", "being") else ""
    if word == "wound":
        return "VBD" if after in ("up", "down", "around", "its", "it", "through") else ""
    if word == "live":
        return (
            "VERB"
            if before in BEFORE_VERBS
            or before in ("people", "children", "men", "women", "and")
            or (
                before.endswith("s")
                and before not in ("is", "was", "this", "his", "its", "us", "it's", "that's", "goes", "always")
            )
            else "DEFAULT"
        )
    if word in ("close", "closer"):
        return (
            "VERB" if part_of_speech(words, place) == "VERB" else "NOUN" if before == "the" and after in ("of", "") else "DEFAULT"
        )
    if word == "bass":
        return "DEFAULT" if near & FISHING else "ADJ"
    if word in ("tear", "tears"):
        return (
            "VERB" if after in ("down", "apart", "up", "off", "it", "them", "at") or before in BEFORE_VERBS - {"i"} else "DEFAULT"
        )
    if word in ("bow", "bows"):
        return (
            "VERB" if near & {"take", "takes", "took", "audience", "curtain", "applause"} or before in BEFORE_VERBS else "DEFAULT"
        )
    return ""


#: Words whose second sound the dictionary lacks: (word, whether what stands beside it asks for that, American, British).
def other_sound(words: Sequence[str], place: int, british: bool) -> str | None:
    """How a word is spoken that the dictionary knows in one way only, where the sentence means the other; else None."""
    word = words[place]
    after = words[place + 1] if place + 1 < len(words) else ""
    if word == "lead" and (
        after in METAL or (_before(words, place) in ("of", "contains", "containing", "molten") and after in ("", "and", "in"))
    ):
        return "lˈɛd"
    return None
