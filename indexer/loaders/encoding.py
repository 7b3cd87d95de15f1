"""Bytes → text: UTF-8, UTF-16, Shift_JIS (cp932), EUC-JP and ISO-2022-JP told apart; never U+FFFD in silence."""

import codecs
import re

from knowledge.errors import DocumentError

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ISO_2022_JP = re.compile(rb"\x1b\$[@B]|\x1b\([BJ]")
_KANA = re.compile(r"[ぁ-んァ-ヴー、。]")
_COMMON = re.compile(r"[\s\x20-\x7eぁ-んァ-ヴー一-鿿！-～、。「」・〜①-⑳Ⅰ-Ⅹ㈱]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_ADVICE = "作成したソフトで開き、UTF-8 で保存し直してください。"


def decode(data: bytes) -> str:
    """The text of `data`, line ends as \\n. Raises DocumentError for noise and for text with broken bytes."""
    text = _decoded(data)
    _refuse_noise(text)
    return _CONTROL.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def _decoded(data: bytes) -> str:
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _strict(data, name)
    if _ISO_2022_JP.search(data):
        return _strict(data, "iso2022_jp_ext")
    if wide := _utf16_without_bom(data):
        return _strict(data, wide)
    plain = _try(data, "utf-8")
    if plain is not None:
        return plain
    _refuse_noise(data.decode("latin-1"))
    _refuse_nearly_utf8(data)
    return _best_japanese(data)


def _refuse_noise(text: str) -> None:
    if len(_CONTROL.findall(text)) > len(text) / 1000:
        raise DocumentError("文字ではないデータ(バイナリー)です。元の文書を索引に入れてください。")


def _strict(data: bytes, name: str) -> str:
    text = _try(data, name)
    if text is None:
        raise DocumentError(f"{name} とされていますが、壊れたバイトがあります。{_ADVICE}")
    return text


def _try(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        return None


def _utf16_without_bom(data: bytes) -> str | None:
    """Line ends and digits leave a zero in every second byte; 8-bit text has none."""
    sample = data[:4000]
    if len(data) % 2 or b"\0" not in sample:
        return None
    for name in ("utf-16-le", "utf-16-be"):
        text = _try(sample, name)
        if text and len(_COMMON.findall(text)) > 0.95 * len(text):
            return name
    return None


def _refuse_nearly_utf8(data: bytes) -> None:
    """UTF-8 with a few broken bytes would pass as mojibake in another encoding, so it is refused with the place."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd") - data.count("\ufffd".encode())
    if broken * 20 < sum(ord(c) > 0x7F for c in text):
        line = text[: text.index("\ufffd")].count("\n") + 1
        raise DocumentError(f"UTF-8 の中に壊れたバイトがあります(最初は {line} 行目)。{_ADVICE}")


def _best_japanese(data: bytes) -> str:
    """cp932 or EUC-JP, whichever reads more like Japanese; bytes that neither can read are refused."""
    readings = [text for name in ("cp932", "euc_jp", "euc_jis_2004") if (text := _try(data, name)) is not None]
    best = max(readings, key=_japanese, default=None)
    if best is None or _japanese(best) < 0.5:
        raise DocumentError(f"文字コードが分かりません(UTF-8、UTF-16、Shift_JIS、EUC-JP のどれでもない)。{_ADVICE}")
    return best


def _japanese(text: str) -> float:
    """Share of characters that are usual in Japanese text, kana counted double; half-width kana count nothing."""
    return (len(_COMMON.findall(text)) + len(_KANA.findall(text))) / (len(text) or 1)
