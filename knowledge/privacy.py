"""Names of post-holders change every April: residents see the post, not the name. Speakers at events are public."""

import re

# "地域連携課 課長 姓 名 (電話 …)": a post and a name with a space or tab between them, in a line that gives a contact.
_HOLDER = re.compile(
    r"((?:課長|部長|次長|局長|室長|所長|係長|主幹|主査|対策官|担当)(?:補佐)?)[\s\u3000]+"
    r"[一-龥々ヶ]{1,4}[\s\u3000]+[一-龥々ぁ-んァ-ヴー]{1,4}(?=[\s\u3000]*[(（\t]|[\s\u3000]*$)",
    re.M,
)
_CONTACT = re.compile(r"電話|TEL|Tel|☎|0\d{1,4}[-(（]\d|@")


def without_post_holders(text: str) -> str:
    """`text` with the names of post-holders left out of its contact lines."""
    return "\n".join(_HOLDER.sub(r"\1", line) if _CONTACT.search(line) else line for line in text.split("\n"))
