"""Where a consultation leads, as a person reads it: desks with the reason, a question for the place, or a regret."""

from bot.cards import office_cards
from bot.message import Lang, ReplyStatus
from bot.routing import Routing
from bot.texts import Texts


def routed_text(decision: Routing, texts: Texts, lang: Lang) -> str:
    """The text of a reply that says `decision`."""
    if decision.status is ReplyStatus.OUT_OF_AREA:
        places = texts.say(lang, "list.names").join(decision.places)
        parts = [texts.say(lang, "out_of_area.place", place=places)]
    elif decision.status is ReplyStatus.ASK_PLACE:
        parts = [decision.reason if decision.places else texts.say(lang, "ask_place.default")]
    else:
        several = decision.route is not None and decision.route.alternatives
        parts = [texts.say(lang, "routed.lead_two" if several else "routed.lead_plain")]
        parts.append(office_cards(decision.offices, texts, lang))
        parts.append(texts.say(lang, "routed.reason", reason=decision.reason))
    parts.extend(decision.notes)
    return "\n\n".join(part for part in parts if part)
