"""Whether a text tells what was done, what is planned or what somebody thinks; a sentence may not change it."""

import re
from functools import cache

from bot.figures import tables

_PAST = re.compile(
    r"(?:まし|でし)た|[っいんしれえ]た(?=[。、]|$|ため|もの|とさ)|だった|完了|済み?(?=[。、]|です|$)|(?<![一-龥])既に|すでに"
)
_OPEN = re.compile(r"(?:(?<!よ)(?<!しょ)[うくぐすつぬぶむる]|ます)(?=[。、]|$)", re.M)
_QUOTED = re.compile(r"「[^」]*」|『[^』]*』|“[^”]*”")
_OPEN_END = re.compile(r"(?<!て)(?<!てい)ます。?$")
_GOING = re.compile(r"て(?:い|お)(?:る|ます)|であ(?:る|ります)|です")


def mistaken(sentence: str, line: str, lead: str = "", above: str = "") -> bool:
    """Whether `sentence` tells as done what `line` (below `lead`) plans, plans what it tells as done, or tells as so
    what it gives, itself or under a heading (`above`), as somebody's opinion."""
    sentence, line = _QUOTED.sub("", sentence), _QUOTED.sub("", line)
    told = f"{lead}\n{line}"
    plans, planned = bool(_planning().search(sentence)), bool(_planning().search(told))
    opens = bool(_OPEN.search(line)) and not _GOING.search(line)
    done = bool(_PAST.search(line)) and not _OPEN_END.search(line)
    if (_opinion().search(told) or "意見" in above) and not _opinion().search(sentence):
        return True
    if plans:
        return not planned and (done or not opens)
    past = bool(_PAST.search(sentence)) and not _GOING.search(sentence[-4:].replace("です", ""))
    return past and not done and (planned or opens)


@cache
def _planning() -> re.Pattern[str]:
    return re.compile(tables()["modality"]["plan"])


@cache
def _opinion() -> re.Pattern[str]:
    return re.compile(tables()["modality"]["opinion"])
