"""What of a message reaches the rest: hidden characters out, instructions to the machine out, the question stays.

People paste; attackers paste too. An instruction about how to answer is never followed, and never a reason to refuse
the question beside it.
"""

import re
import unicodedata
from dataclasses import dataclass

from bot.cues import load_cues
from knowledge.text import matchable, sentences

# Unicode tags, zero-width, bidirectional and variation marks, control characters; a line break and a tab stay.
_HIDDEN = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)
_PILED_MARKS = re.compile("(?<=[\u0300-\u036f])[\u0300-\u036f]+")
_SPACED = re.compile(r"\b(?:[A-Za-z] ){4,}[A-Za-z]\b")

# Blocks that pretend to be a system message or a conversation.
_BLOCKS = re.compile(
    r"<\s*(system|instructions?|admin|assistant|prompt)\b[^>]*>.*?(<\s*/\s*\1\s*>|$)"
    r"|\[\s*(?:system|inst)\s*\].*?(\[\s*/\s*(?:system|inst)\s*\]|$)"
    r"|\[\s*system[^\]]*\]|<\|[^|>]{1,30}\|>",
    re.IGNORECASE | re.DOTALL,
)
# Markup that somebody pastes beside a question, unless it is asked to be given back.
_MARKUP = re.compile(
    r"<\s*(script|style|iframe|object)\b.*?<\s*/\s*\1\s*>|</?[a-z][a-z0-9]*(\s[^<>]*)?/?>", re.I | re.DOTALL
)
_IMAGES = re.compile(r"!\[[^\]]*\]\([^)\s]*\)")
# Pasted text: a block in which somebody addresses the machine goes as a whole.
_PASTED = re.compile(r"<<<.*?>>>|```.*?```|『[^』]*』|\"{3}.*?\"{3}", re.DOTALL)
_LOOSE_ENDS = " 　、,;:"
_PHONE = re.compile(r"0\d{1,4}[-(]\d{1,4}[-)]\d{3,4}")

_BORDERS = re.compile(
    r"(?<=】)|(?=※)|(?<=[.!?]['\"])\s+(?=[A-Z])|(?<=['\")][.!?])\s+(?=[A-Z])|(?<=[a-z0-9][.!?])\s+(?=['\"A-Z])"
)


@dataclass(frozen=True, slots=True)
class Stripped:
    """`text`: what is left. `instructed`: an instruction went. `corrected`: a claimed change of our data went."""

    text: str
    instructed: bool
    corrected: bool


def without_hidden(text: str) -> str:
    """`text` without characters that nobody sees; every line break is a \\n."""
    return _HIDDEN.sub("", re.sub(r"\r\n?", "\n", text))


def clean(text: str) -> str:
    """NFKC of `text` without hidden and control characters, piled-up marks, s p a c e d letters, outer white space."""
    text = _PILED_MARKS.sub("", unicodedata.normalize("NFKC", without_hidden(text)))
    return _SPACED.sub(lambda m: m.group().replace(" ", ""), text).strip()


def strip_instructions(text: str) -> Stripped:
    """The cleaned `text` without what tells the machine how to answer or what to believe."""
    cues = load_cues()["strip"]
    rest = _BLOCKS.sub("\n", _PASTED.sub(_without_instructions, _IMAGES.sub("画像", text)))
    instructed = rest != text
    rest = _without_markup(rest)
    kept: list[str] = []
    corrected = False
    for sentence in _pieces(rest):
        remainder = cues["clause"].sub("", sentence).strip(_LOOSE_ENDS)
        instructed |= remainder != sentence.strip(_LOOSE_ENDS)
        if not remainder:
            continue
        form = matchable(remainder)
        asks = cues["asks"].search(form)
        if not asks and _claims(form):
            corrected = True
        elif not asks and cues["instruction"].search(form):
            instructed = True
        else:
            kept.append(remainder)
    if not (instructed or corrected):
        return Stripped(_without_markup(text), instructed=False, corrected=False)
    return Stripped("\n".join(kept), instructed, corrected)


def _without_markup(text: str) -> str:
    """`text` without tags and scripts; as it is where it asks for tags in the answer, or holds nothing else."""
    bare = _MARKUP.sub(" ", text)
    if bare == text:
        return text
    asks_back = load_cues()["strip"]["echo"].search(matchable(bare))
    return text if asks_back or not re.search(r"\w", bare) else bare.strip()


def _without_instructions(block: re.Match[str]) -> str:
    return "\n" if load_cues()["strip"]["instruction"].search(matchable(block.group())) else block.group()


def _claims(form: str) -> bool:
    """A statement of what our contact data are said to be."""
    cues = load_cues()["strip"]
    if any(cues[name].search(form) for name in ("called", "mine", "wonders")):
        return False
    return bool(cues["correction"].search(form) or (_PHONE.search(form) and cues["claim"].search(form)))


def _pieces(text: str) -> list[str]:
    """Sentences; a bracketed head such as 【訂正のお知らせ】 stands alone."""
    return [piece for s in sentences(text) for piece in _BORDERS.split(s) if piece.strip()]
