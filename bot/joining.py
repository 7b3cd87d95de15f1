"""Whether what a sentence puts together stands together: all of it in one row, item or sentence of its evidence.

True parts make false sentences: the value of one row said of another, two dates changed round, a plan told as done.
A sentence, or each clause of it, must fit one record whole.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from bot.actors import owners_changed, predicates, turned_round, unknown_doers
from bot.figures import dates_of, tables, unsupported_figures
from bot.modality import mistaken
from bot.names import unsupported_names
from bot.pairing import crossed, miscounted, misplaced
from bot.polarity import contradicted, turned
from bot.records import Record, records
from knowledge.text import morphemes, words

_LEAST = 2  # one in so many words of what is said must stand in the record itself
_BOUND = re.compile(r"(?:と|に(?:つい|よっ|おい|対し|とっ|向け|際し)|を(?:通じ|もっ|含め))(?:し)?て、$|として、$")
_PREDICATES = ("動詞", "助動詞", "形容詞")


def unjoined(sentence: str, passages: tuple[str, ...]) -> list[str]:
    """The clauses of `sentence` that fit no record of `passages`. Empty where the sentence fits one, or each clause."""
    held = [record for passage in passages for record in records(passage)]
    known = frozenset(word for record in held for word in words(record.line))
    if turned_round(sentence, "\n".join(record.line for record in held)):
        return [sentence]
    if not held or _fits_any(sentence, held, known):
        return []
    parts = clauses_of(sentence)
    return [part for part in parts if not _fits_any(part, held, known)]


def _fits_any(text: str, held: list[Record], known: frozenset[str]) -> bool:
    return any(fits(text, record, known) for record in held)


def fits(text: str, record: Record, known: frozenset[str]) -> bool:
    """Whether all that `text` states may be said of `record`. `known`: the words of all records."""
    return not misfit(text, record, known)


def misfit(text: str, record: Record, known: frozenset[str]) -> str:
    """Why `text` does not fit `record`: the first reason, or nothing."""
    dated = f"{record.scope}\n{record.told}"
    reasons: dict[str, Callable[[], object]] = {
        "names": lambda: unsupported_names(text, record.full),
        "figures": lambda: unsupported_figures(text, dated) or _from_above(text, record),
        "words": lambda: displaced(text, record, known) or not _rests(text, record, known),
        "counted": lambda: miscounted(text, record.line, record.full),
        "pairs": lambda: misplaced(text, record.line) or crossed(text, record.line) or mixed(text, record),
        "denied": lambda: turned(text, record.told),
        "limits": lambda: contradicted(text, record.told) or uncompared(text, record.line),
        "modality": lambda: mistaken(text, record.line, record.introduced, record.heading),
        "actors": lambda: owners_changed(text, record.told) or unknown_doers(text, record.near),
        "verbs": lambda: unknown_verbs(text, record),
    }
    return next((name for name, reason in reasons.items() if reason()), "")


def displaced(text: str, record: Record, known: frozenset[str]) -> list[str]:
    """What `text` names or tells that other records do, and this one and what it stands under do not."""
    own = record.words - record.others
    return [word for word in told(text) if word in known | record.others and word not in own]


def _rests(text: str, record: Record, known: frozenset[str]) -> bool:
    """Whether what `text` says of its topic is told by the record itself, not only by what it stands under."""
    topic, _, rest = text.partition("は")
    rest = rest or text
    if rest is not text and _LEAST * sum(word in record.words for word in told(topic)) < len(told(topic)) - 1:
        return False
    said = [word for word in told(rest) if word in known]
    own = frozenset(word for line in record.line.split("\n") for word in words(line))
    if not said:
        return len(unsupported_figures(rest, record.line)) < max(1, sum(1 for _ in re.finditer(r"\d+", rest)))
    return _LEAST * sum(word in own for word in said) > len(said)


def unknown_verbs(text: str, record: Record) -> list[str]:
    """What `text` says is done that the record does not tell; plain verbs (行う, 開く) fit all."""
    telling = frozenset(told(text))
    return [verb for verb in predicates(text) if verb in telling and verb not in record.words]


def mixed(text: str, record: Record) -> bool:
    """Whether `text` puts together words of two items of a list: the prize of one given to the other."""
    items = [frozenset(words(item)) for item in record.items]
    apart = [item - frozenset().union(*(other for other in items if other is not item)) for item in items]
    topic, _, rest = text.removeprefix(record.label).rpartition("は")
    touched = [{n for n, item in enumerate(apart) if item.intersection(words(part))} for part in _parts(rest)]
    topics = [{n for n, item in enumerate(apart) if item.intersection(words(part))} for part in _parts(topic)]
    joined = any(one and other and one.isdisjoint(other) for one in topics for other in touched)
    return joined or any(len(items) > 1 for items in (*touched, *topics))


def _parts(text: str) -> list[str]:
    return re.split("[、・]|や|と(?!い)|および", text)


def _from_above(text: str, record: Record) -> bool:
    """Whether a date of `text` is that of the heading, where the record has a date of its own."""
    said, own = dates_of(text), dates_of(record.line)
    above = [date for date in said if unsupported_figures(date, record.line)]
    return bool(own and above) and (len(above) == len(said) or any("月" in date for date in above))


def uncompared(text: str, evidence: str) -> list[str]:
    """The comparisons of `text` (増, 減, 多い) that `evidence` does not make; the words of a group are the same."""
    groups = (re.compile(group) for group in tables()["comparison"]["groups"].split())
    return [found[0] for group in groups if (found := group.search(text)) and not group.search(evidence)]


@lru_cache(maxsize=1024)
def told(text: str) -> tuple[str, ...]:
    """The nouns and verbs of `text` that say what it is about, in the form of `words`."""
    vague = frozenset(tables()["vague"]["words"].split())
    return tuple(word for word in words(text) if word not in vague and not word.isdigit())


def clauses_of(sentence: str) -> list[str]:
    """`sentence` cut behind each predicate, and between 「Aは…、Bは…」; a clause without a subject gets the first."""
    pieces = list(_cut(sentence))
    topic = re.match(r"[^、。]*?は", pieces[0])
    carried = topic[0] if topic else ""
    return [pieces[0], *(piece if re.search("は|が", piece) else carried + piece for piece in pieces[1:])]


def _cut(sentence: str) -> Iterator[str]:
    tokens, piece = morphemes(sentence), ""
    for at, token in enumerate(tokens):
        piece += token.surface()
        if token.surface() in "、," and at:
            kind = tokens[at - 1].part_of_speech()
            rest = sentence[token.end() :]
            listed = re.search("は[^、]", piece) and re.match("[^、]{1,30}は", rest)
            ended = kind[0] in _PREDICATES or kind[:2] == ("助詞", "接続助詞")
            if (ended and not _BOUND.search(piece)) or listed:
                yield piece
                piece = ""
    if piece.strip():
        yield piece
