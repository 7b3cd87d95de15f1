"""What tells an answerable question from one that the sources leave open: numbers in about [0, 1], named.

The logistic weights over them are in abstention.py.
"""

import re
from collections import Counter
from collections.abc import Sequence

from bot.asking import ASKING, Asked
from bot.question import NAMES_OF_FIGURES, Question, asking_sentence
from bot.scoring import Fit, Lexicon, has, plain
from bot.spans import Span
from knowledge.entities import Hit, Passage
from knowledge.text import normalise, words
from knowledge.wareki import years


def features(
    question: Question, chosen: Sequence[Span], unbound: Span, lexicon: Lexicon, hits: Sequence[Hit]
) -> dict[str, float]:
    """Features of the best of the `chosen` spans; the others may add values and places.

    `unbound`: the best span if years and editions did not matter. `value`: all kinds asked for are held; `tied`: by
    units that speak of the matter; `counter`: the unit of 何ページ stands there. `head`, `gap`: the noun asked about
    is known, the rarest of its words that is not. `future`: what is to come is asked, and not told.
    """
    best = max(chosen, key=lambda span: span.score)
    shown = " ".join(f"{fit.unit.label_text} {fit.unit.text}" for fit in best.fits)
    chosen_text = " ".join(f"{fit.unit.label_text} {fit.unit.text}" for span in chosen for fit in span.fits)
    held = frozenset().union(*(span.kinds for span in chosen))
    key = [w for w in question.key if not _generic(w, question) and _tells(w, question, lexicon)]
    phrase = " ".join(key)
    phrase_known = phrase.isascii() and any(plain(other) in plain(shown) for other in lexicon.synonyms(phrase))
    known = {w: max(_known(w, shown, lexicon), 0.9 * phrase_known) for w in key}
    return {
        "score": best.score,
        "labelled": best.labelled,
        "dense": max((hit.dense for hit in hits[:3]), default=0.0),
        "value": float(question.values <= held),
        "tied": _tied(question, chosen),
        "counter": float(all(plain(c) in plain(shown) for c in question.counters)),
        "head": known[key[-1]] if key else 1.0,
        "gap": max((lexicon.idf(w) * (1 - known[w]) for w in key), default=0.0),
        "future": float(question.future and not _tells_the_future(question.text, shown)),
        "not_yet": float(_not_yet(question, [fit for span in chosen for fit in span.fits])),
        "short": float(bool(question.items) and _listed(chosen) < (question.items or 0)),
        "other_year": float(unbound.score > best.score + 0.08),
        **_place_features(question, chosen_text, best.fits[0].unit.passage, lexicon),
    }


def _tells_the_future(asked: str, shown: str) -> bool:
    """What is to come is told; the next one only where the next one is spoken of."""
    following = re.search(r"次の|次回|次期|\bnext\b|下次", asked)
    return bool(re.search(r"次の|次回|次期", shown) if following else ASKING.future_told.search(shown))


_PAST = re.compile(
    r"(まし|でし|[^ぁ-ん]っ|[いきしちにびみりれけせてえげべめ])た(か|の|ん|っけ|[?。]|$)|\b(did|was|were)\b|了(吗|多少|什么|哪)"
)
_BETWEEN = re.compile(r"[、,・]|及び|並びに|および|ならびに|」と「")
_TOLD = re.compile(r"(まし|でし|っ|[いきしちにびみりれけせてえげべめ])た[。、))]|た$")


def _not_yet(question: Question, fits: Sequence[Fit]) -> bool:
    """What has happened is asked, and the source was written before: a plan is no report."""
    asked = normalise(question.text)
    if not _PAST.search(asked) or ASKING.future.search(asked) or any(_TOLD.search(fit.unit.text) for fit in fits):
        return False
    for fit in fits:
        written = re.match(r"(\d{4})-(\d{2})", fit.unit.passage.date or "")
        named = [m for m in years(f"{fit.unit.head} {fit.unit.text}") if m.month]
        if written and named:
            return all((m.year, m.month or 0) > (int(written[1]), int(written[2])) for m in named)
    return False


def _listed(chosen: Sequence[Span]) -> int:
    """How many things are listed: lines of one list, lines below one heading, or names in a row in a sentence."""
    fits = [fit for span in chosen for fit in span.fits]
    lines = Counter((f.unit.passage.id, f.unit.head) for f in fits if not f.unit.heading)
    rows = [len(_BETWEEN.findall(piece)) + 1 for fit in fits for piece in fit.unit.text.split("。")]
    return max([*lines.values(), *rows], default=0)


def _tells(word: str, question: Question, lexicon: Lexicon) -> bool:
    """Whether it says something that the sources have it or not: a Latin word does where it is a name, or known."""
    return not word.isascii() or bool(lexicon.synonyms(word)) or word.capitalize() in question.text


def _generic(word: str, question: Question) -> bool:
    return word in ASKING.generic or (
        word in NAMES_OF_FIGURES and bool(question.asked & {Asked.TARGET, Asked.BASELINE})
    )


def _tied(question: Question, chosen: Sequence[Span]) -> float:
    """How much of the question stands in or above the unit that holds the value asked for, the worst of the kinds;
    of the best span where no value is asked for."""
    if not question.values:
        return max(span.labelled for span in chosen)
    fits = [fit for span in chosen for fit in span.fits]
    per_kind = [
        [max(sum(f.labelled.values()), f.likeness) for f in fits if kind in f.kinds] for kind in question.values
    ]
    return min(max(shares, default=0.0) for shares in per_kind)


def _known(word: str, shown: str, lexicon: Lexicon) -> float:
    """1.0 where `shown` has the word, 0.9 where it has another word for it, else how near in meaning its words come."""
    found = has(shown, word)
    if found:
        return found
    if any(plain(s) in plain(shown) for s in lexicon.synonyms(word)):
        return 0.9
    near = lexicon.likeness(word, sorted({w for w in words(shown) if len(w) > 1})[:120])
    return max(0.0, min(0.8, 2 * (max(near, default=0.0) - 0.45))) if near is not None else 0.0


def _place_features(question: Question, shown: str, passage: Passage, lexicon: Lexicon) -> dict[str, float]:
    """`area`: each place that the asking sentence names, or an area that holds it, stands in the evidence; `spot`: no
    town or spot is missing; `rival`: the evidence names other towns and not the one asked about."""
    places = lexicon.places(asking_sentence(question.text)) or lexicon.places(question.text)
    text = plain(f"{shown} {passage.region or ''} {passage.publisher or ''}")
    missing = [place for place in places if not _names(place.own, text)]
    towns = [place for place in lexicon.named(shown) if place.town] if missing else []
    rival = any(place.town for place in missing) and any(not (t.own & p.own) for t in towns for p in places)
    return {
        "spot": float(not any(place.town for place in missing)),
        "area": float(all(_names(place.areas, text) for place in missing)),
        "rival": float(rival),
    }


def _names(names: frozenset[str], text: str) -> bool:
    return any(plain(name) in text for name in names)
