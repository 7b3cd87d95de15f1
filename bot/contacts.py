"""A question for a phone number, an address, a page or the hours of an office → what the directory has, or that it has
not: an unknown value is said to be unconfirmed, never guessed."""

import re
from collections.abc import Sequence

from bot.cards import office_cards
from bot.message import Lang, ReplyStatus
from bot.naming import office_name
from bot.texts import Texts
from knowledge.entities import Office
from knowledge.text import normalise

_PHONE = re.compile(r"0\d{1,4}[-(\s]?\d{1,4}[-)\s]?\d{3,4}")
_HOLDER = re.compile(
    r"(長|主幹|主査|担当者?|職員)(さん|の方)?(は|の|って|が)?.{0,4}(誰|だれ|どなた|お?名前|氏名)"
    r"|長(を|に)(して|務めて|なって)(い)?(る|ます|た)(の|方|人)は(誰|だれ|どなた)|長、?(なんて|何て|なんという|何という)(名前|人|方)"
    r"|\bwho is the (chief|head|director)|\b(chief|head|director)('s)? name|name of the (chief|head|director)"
    r"|(科长|课长|部长|负责人)(是谁|叫什么|的?(姓名|名字))"
)
_ITEMS: tuple[tuple[str, str], ...] = (
    ("phone", r"電話|でんわ|何番|番号|\btel\b|phone|number|电话|号码"),
    ("fax", r"\bfax|ファクス|ファックス|传真"),
    ("email", r"メール|メアド|mail|邮箱|邮件"),
    (
        "address",
        r"住所|郵便番号|所在地|場所|じゅうしょ|どこに(あり|ある)|address|located|(postal|zip) ?code|postcode|地址|邮编",
    ),
    ("hours", r"何時|時間|開庁|受付|営業|土曜|日曜|土日|祝日|休み|hours|open on|weekend|时间|周末"),
    ("url", r"ページ|サイト|url|リンク|web|网页|网站|网址"),
)


def phone_in(text: str) -> str | None:
    """The phone number that `text` names, as it is written; None where it names none."""
    match = _PHONE.search(normalise(text))
    return match.group() if match else None


def contact_reply(text: str, offices: Sequence[Office], texts: Texts, lang: Lang) -> tuple[ReplyStatus, str]:
    """(status, text) of a reply to `text` about `offices`: answered, partial or no_source by what is known of what
    was asked for."""
    if not offices:
        phone = phone_in(text)
        key, fields = ("contact.phone_unknown", {"phone": phone}) if phone else ("contact.which", {})
        return ReplyStatus.NO_SOURCE, texts.say(lang, key, **fields)
    if _HOLDER.search(normalise(text)):
        parts = [texts.say(lang, "contact.by_post"), office_cards(offices, texts, lang)]
        return ReplyStatus.NO_SOURCE, "\n\n".join(parts)
    asked = [name for name, pattern in _ITEMS if re.search(pattern, normalise(text))] or ["phone"]
    known = [item for item in asked if any(getattr(office, item, None) for office in offices)]
    unknown = [item for item in asked if item not in known]
    parts = [_lead(text, offices, unknown, texts, lang), office_cards(offices, texts, lang)]
    if any(not office.verified and office.phone for office in offices):
        parts.append(texts.say(lang, "office.unverified"))
    dates = [office.as_of for office in offices if office.as_of]
    if dates and known:
        parts.append(texts.say(lang, "office.as_of", as_of=max(dates)))
    status = ReplyStatus.ANSWERED if not unknown else ReplyStatus.PARTIAL if known else ReplyStatus.NO_SOURCE
    return status, "\n\n".join(parts)


def _lead(text: str, offices: Sequence[Office], unknown: Sequence[str], texts: Texts, lang: Lang) -> str:
    """Whose number it is, whose contacts these are, or what is not confirmed."""
    names = texts.say(lang, "list.names").join(office_name(office, lang) for office in offices)
    if unknown:
        items = texts.say(lang, "list.items").join(texts.say(lang, f"asked.{item}") for item in unknown)
        return texts.say(lang, "contact.not_confirmed", office=names, item=items)
    digits = re.sub(r"\D", "", normalise(text))
    for office in offices:
        for phone in (office.phone, *(other.phone for other in office.other_phones)):
            if phone and re.sub(r"\D", "", phone) in digits:
                return texts.say(lang, "contact.phone_of", phone=phone, office=office_name(office, lang))
    return (
        texts.say(lang, "contact.found", office=names)
        if len(offices) == 1
        else texts.say(lang, "contact.found_several")
    )
