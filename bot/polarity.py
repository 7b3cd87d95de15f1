"""What a text affirms and what it denies, clause by clause; a sentence may not turn the one into the other."""

import re
import unicodedata
from functools import cache, lru_cache

from bot.figures import tables
from knowledge.text import morphemes, words

_CLAUSE = re.compile(r"[、。;；!?！？\n\t\v]|,(?!\d)|\.\s|(?<=ます)が|(?<=です)が|(?<=した)が|\bbut\b|\band\b")
_BRACKETS = re.compile(r"[((][^()()\n]*[))]")
_NEGATORS = {("助動詞", "ない"), ("助動詞", "ず"), ("助動詞", "ぬ"), ("助動詞", "まい")}
_LEAST = 0.34  # share of a clause's words that another must have to speak of the same
_CLOSE = 0.15  # clauses that share nearly as much as the best one count with it


def turned(sentence: str, evidence: str) -> list[str]:
    """The clauses of `sentence` that deny what `evidence` affirms, affirm what it denies, or deny what it never
    says."""
    held = clauses(evidence)
    return [clause for clause, said, negative in clauses(sentence) if said and not _holds(said, negative, held)]


def contradicted(sentence: str, evidence: str) -> list[str]:
    """Words of `sentence` that set a limit or a condition (無料, 以上) and do not stand in `evidence`, or whose
    contrary stands there instead."""
    sentence, evidence = (unicodedata.normalize("NFKC", text) for text in (sentence, evidence))
    groups = (re.compile(group) for group in tables()["pairs"]["literal"].split())
    missing = [found[0] for group in groups if (found := group.search(sentence)) and not group.search(evidence)]
    for pair in tables()["pairs"]["contrary"]:
        for word, other in (pair, pair[::-1]):
            if _alone(word, other, sentence) and not _alone(word, other, evidence) and other in evidence:
                missing.append(word)
    return list(dict.fromkeys(missing))


def _alone(word: str, other: str, text: str) -> bool:
    """Whether `word` stands in `text` and not only inside `other` (可能 in 不可能)."""
    return word in (text.replace(other, " ") if word in other else text)


Clause = tuple[str, frozenset[str], bool]


@lru_cache(maxsize=256)
def clauses(text: str) -> tuple[Clause, ...]:
    """Each clause of `text` with its content words and whether it denies, in order."""
    text = _BRACKETS.sub(lambda m: re.sub("[、,]", "・", m[0]), unicodedata.normalize("NFKC", text))
    pieces = (piece.strip() for piece in _CLAUSE.split(_none().sub("", text)))
    return tuple((piece, frozenset(_told(piece)), denies(piece)) for piece in pieces if piece)


def _told(piece: str) -> list[str]:
    negative = set(_negative())
    return [w for w in words(piece) if w not in negative and not w.isdigit()]


def denies(clause: str) -> bool:
    """Whether a clause holds an odd number of negations; those that make none are expected to be left out."""
    clause, count = re.subn("|".join(map(re.escape, _negative())), " ", clause)
    for m in morphemes(clause):
        pos = m.part_of_speech()[0]
        count += (pos, m.normalized_form()) in _NEGATORS or (pos, m.dictionary_form()) in _NEGATORS
        count += pos == "形容詞" and m.normalized_form() == "無い"
        count += pos == "接頭辞" and m.surface() in "未不非"
    if clause.isascii():
        count += len(re.findall(rf"\b(?:{tables()['polarity']['english']})\b|n't\b", clause, re.I))
    elif not re.search(r"[ぁ-んァ-ヴ]", clause) and len(clause) > 3:
        count += len(re.findall(tables()["polarity"]["chinese"], clause)) if not count else 0
    return count % 2 == 1


def _holds(said: frozenset[str], negative: bool, held: tuple[Clause, ...]) -> bool:
    shares = [(len(said & other) / len(said), denied) for _, other, denied in held]
    best = max((share for share, _ in shares), default=0.0)
    if best < _LEAST:
        return not negative
    if not negative and any(denied and len(other) > 1 and other <= said for _, other, denied in held):
        return False  # 「決定した最終版ではありません」 within what is said
    return any(denied == negative for share, denied in shares if share >= max(best - _CLOSE, _LEAST))


@cache
def _negative() -> tuple[str, ...]:
    return tuple(sorted(tables()["polarity"]["negative"].split(), key=len, reverse=True))


@cache
def _none() -> re.Pattern[str]:
    return re.compile("".join(tables()["polarity"]["none"].split("\n")).replace("not only", r"not\s+only"))
