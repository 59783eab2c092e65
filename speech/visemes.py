"""The mouth that goes with a phoneme, by the fifteen names in which avatars of other programs know mouths (Oculus' visemes).

viseme_of("m")      # "PP"
"""

from __future__ import annotations

#: Symbols of IPA, with Kokoro's short forms, by the mouth: lips shut, teeth on the lip, tongue between the teeth, at the ridge,
#: at the back, hushing, hissing, and so on; then the vowels from open to round. Of a diphthong the beginning counts.
SYMBOLS_OF = {
    "PP": "mbpɓɸ",
    "FF": "fvɱʋβ",
    "TH": "θðT",
    "DD": "tdʈɖɾlʎʟꭧ",
    "kk": "kɡɟcxɣχqhçʔ",
    "CH": "ʃʒʧʤʂʨʥɕʝ",
    "SS": "szʦʣS",
    "nn": "nŋɲɳɴɰ",
    "RR": "rɹɻʁɽɚɜ",
    "aa": "aɑɐʌæIWɒ",
    "E": "eɛAəᵊœø",
    "ih": "iɪɨᵻjy",
    "oh": "oɔOYɤQ",
    "ou": "uʊwɯɥ",
}
SILENCE = "sil"
VISEMES = (SILENCE, *SYMBOLS_OF)
_OF = {symbol: viseme for viseme, symbols in SYMBOLS_OF.items() for symbol in symbols}


def viseme_of(symbol: str) -> str:
    """The mouth of a phoneme; of a pause, and of what has no mouth of its own, silence."""
    return _OF.get(symbol, SILENCE)
