"""Two questions in one message: where one ends and the next begins. Pure."""

import re
from itertools import pairwise

from knowledge.text import sentences

MAX_PARTS = 3

_WH = re.compile(
    r"何(?!でも|とか|度も|か(?!所|国))|なん(?:です|でしょ|の|人|名|年|月|日|回|件|時)|いつ(?!も)|どこ|どちら|誰|だれ|どなた|どの|どんな|どう(?!も|し(?!て))"
    r"|どれ|いくら|いくつ|なぜ|なんで|どうして|[^\s、。](?<=[をもはか])(?:詳しく)?(?:教えて|知りたい|おしえて|お願い(?:し|$))"
    r"|(?:は|って)\s*[?]$|\b(?:what|which|who|whom|whose|when|where|why|how)\b|什么|哪|几|多少|谁|为何|怎",
    re.I,
)
_TOPIC = re.compile(r"[一-龥ァ-ヴーA-Za-z0-9」)](?:の数)?(?:は|って|も)(?!じめ)")
_CLAUSES = re.compile(r"(?:(?<=で|か|は)|(?<=ですか)|(?<=のか))、")
_AND_ENGLISH = re.compile(r",?\s+and (?=(?:what|which|who|when|where|why|how)\b)|;\s*", re.I)
_AND_CHINESE = re.compile(r"[,，;；]\s*(?:另外|还有|以及|并且|同时)?(?=[^,，]*(?:什么|哪|几|多少|谁))")
_BOTH_NOUNS = re.compile(
    r"^(?P<a>[^、。]{4,})と、(?P<b>[^、。]{4,}?)(?:を|も)(?P<ask>(?:それぞれ|両方|あわせて)?(?:教えて|知りたい|お願い).*)$"
)


def questions_in(text: str) -> tuple[str, ...]:
    """The questions that `text` asks one after the other, at most `MAX_PARTS`; `text` itself where it asks one.

    A sentence that asks nothing goes with the question after it.
    """
    parts: list[str] = []
    waiting = ""
    for sentence in sentences(text.replace("？", "?")):
        waiting = f"{waiting}{sentence}"
        if _WH.search(sentence):
            parts.extend(_clauses(waiting))
            waiting = ""
    if not 1 < len(parts) <= MAX_PARTS:
        return (text,)
    return (*parts[:-1], f"{parts[-1]}{waiting}")


def _clauses(sentence: str) -> list[str]:
    """ "道南は何件で、主なものの名前は何ですか" are two; what shares its topic (いつ、どこで) is one."""
    if nouns := _BOTH_NOUNS.match(sentence):
        return [f"{nouns['a']}を{nouns['ask']}", f"{nouns['b']}を{nouns['ask']}"]
    for border in (_CLAUSES, _AND_ENGLISH, _AND_CHINESE):
        cuts = [0, *(m.end() for m in border.finditer(sentence)), len(sentence)]
        pieces = [sentence[a:b] for a, b in pairwise(cuts)]
        for i in range(1, len(pieces)):
            before, after = "".join(pieces[:i]), "".join(pieces[i:])
            if _WH.search(before) and _WH.search(after) and (border is not _CLAUSES or _TOPIC.search(after)):
                return [before.rstrip("、,， ;；"), *_clauses(after)]
    return [sentence]
