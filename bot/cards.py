"""Offices and other contacts as a person reads them."""

from collections.abc import Iterator, Sequence

from bot.message import Lang, ReplyStatus
from bot.routing import Routing
from bot.texts import Texts
from knowledge.directory import location
from knowledge.entities import Contact, Office


def office_cards(offices: Sequence[Office], texts: Texts, lang: Lang) -> str:
    """The offices as cards: name, phone or where to look it up, further numbers, address, mail, page."""
    return "\n".join(line for office in offices for line in _card(office, texts, lang))


def office_name(office: Office) -> str:
    return f"{office.name} {office.section}".strip()


def named(office: Office) -> str:
    """ "小樽開発建設部 地域連携課(0134-…)": the name with its phone, if that is known."""
    return f"{office_name(office)}({office.phone})" if office.phone else office_name(office)


def _card(office: Office, texts: Texts, lang: Lang) -> Iterator[str]:
    yield texts.say(lang, "office.name_level", name=office.name, section=office.section, level=office.level.value)
    if office.phone:
        yield texts.say(lang, "office.phone", phone=office.phone)
    elif office.url:
        yield texts.say(lang, "office.no_phone", url=office.url)
    else:
        yield texts.say(lang, "office.no_phone_no_url")
    for other in office.other_phones:
        fields = {"phone": other.phone, "source": other.source, "as_of": other.as_of}
        yield texts.say(lang, "office.other_phone", **fields)
    for key, value in (("address", location(office)), ("email", office.email), ("hours", office.hours)):
        if value:
            yield texts.say(lang, f"office.{key}", **{key: value})
    if office.url and office.phone:
        yield texts.say(lang, "office.page", url=office.url)


def contact_cards(contacts: Sequence[Contact], section: str, texts: Texts, lang: Lang) -> str:
    """Desks of others: name and phone, what they do, their page. `section`: other_desk, emergency or crisis."""
    lines: list[str] = []
    for contact in contacts:
        if contact.phone:
            lines.append(texts.say(lang, f"{section}.card", name=contact.name, phone=contact.phone))
        elif section == "other_desk":
            lines.append(texts.say(lang, "other_desk.card_no_phone", name=contact.name))
        if section == "other_desk" and contact.note and lang in (Lang.JA, Lang.JA_EASY):
            lines.append(texts.say(lang, "other_desk.note", note=contact.note))
        if section == "other_desk" and contact.url:
            lines.append(texts.say(lang, "other_desk.page", url=contact.url))
    return "\n".join(lines)


def routed_text(decision: Routing, texts: Texts, lang: Lang) -> str:
    """Where a consultation is led to, with the reason; or the question for its place."""
    if decision.status is ReplyStatus.OUT_OF_AREA:
        parts = [texts.say(lang, "out_of_area.place", place="・".join(decision.places))]
    elif decision.status is ReplyStatus.ASK_PLACE:
        parts = [decision.reason if decision.places else texts.say(lang, "ask_place.default")]
    else:
        several = decision.route is not None and decision.route.alternatives
        parts = [texts.say(lang, "routed.lead_two" if several else "routed.lead_plain")]
        parts.append(office_cards(decision.offices, texts, lang))
        parts.append(texts.say(lang, "routed.reason", reason=decision.reason))
    return "\n\n".join(part for part in [*parts, *decision.notes] if part)
