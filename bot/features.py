"""What tells an answerable question from one that the sources leave open: numbers in about [0, 1], named.

The logistic weights over them are in abstention.py.
"""

import re
from collections.abc import Sequence

from bot.question import Asked, Question, asking_sentence
from bot.scoring import Lexicon, has, plain, terms_of
from bot.spans import Span
from knowledge.entities import Hit, Passage
from knowledge.text import words


def features(
    question: Question, chosen: Sequence[Span], unbound: Span, lexicon: Lexicon, hits: Sequence[Hit]
) -> dict[str, float]:
    """Features of the best of the `chosen` spans; the others may add values. `unbound`: the best span if years and editions did not matter."""
    terms = terms_of(question, lexicon)
    best = max(chosen, key=lambda span: span.score)
    units = [fit.unit for fit in best.fits]
    shown = " ".join(f"{unit.label_text} {unit.text}" for unit in units)
    passages = [plain(f"{hit.passage.context} {hit.passage.text}") for hit in hits]
    held = frozenset().union(*(span.kinds for span in chosen))
    key = [w for w in question.key if not _generic(w, question)]
    known = {w: _known(w, shown, lexicon) for w in (*key, *question.tail)}
    return {
        "covered": terms.share(shown),
        "own": best.own,
        "score": best.score,
        "likeness": max(span.likeness for span in chosen),
        "dense": max((hit.dense for hit in hits[:3]), default=0.0),
        "value": float(question.values <= held),
        "tied": _tied(question, chosen),
        "asks_value": float(bool(question.values)),
        "counter": float(all(plain(c) in plain(shown) for c in question.counters)),
        "key": _share(key, known, lexicon),
        "head": known[key[-1]] if key else 1.0,
        "has_key": float(bool(key)),
        "gap": max((lexicon.idf(w) * (1 - known[w]) for w in key), default=0.0),
        "tail": _share(question.tail, known, lexicon),
        "future": float(question.future and not _FUTURE.search(shown)),
        "quoted": float(all(any(plain(q) in p for p in passages) for q in question.quoted)),
        **_place_features(question, shown, units[0].passage, lexicon),
        "other_year": float(unbound.score > best.score + 0.08),
    }


_FUTURE = re.compile(r"予定|今後|これから|来年度|見込|検討|目指|めざ|目標|募集|推進するため|始まります")
# Words that only say which kind of thing is meant; what is asked about stands beside them.
_GENERIC = frozenset(
    """
    名前 名称 内容 方法 理由 目的 場所 日程 日時 日付 時間 人数 数 件数 番号 電話 住所 値 数値 目標 基準 率 割合 期間 年度 一覧 全部
    種類 詳細 概要 こと もの 意味 名 日 期日 者 化 的 等 さん 氏 側 皆 回数 個数 隻数 メンバー 構成 員 団体 所在 地 url ホームページ ページ
    サイト アドレス メール 肩書 職 講師 登壇者 演題 題目 話題 声 言葉 文 文章 文言 やり方 仕方 仕組み 集まり 集い 催し イベント 行事 人 人たち
    部分 点 様子 役割 特徴 流れ 手順 段階 きっかけ 狙い 中身 例 具体例 話 取り組み 事業 計画 活動 会 会合 機関 組織 相手 先 主催 主体
    対象 範囲 状況 状態 結果 成果 効果 課題 問題 意見 提案 考え 考え方 方針 方向 視点 観点 柱 項目 ポイント 要点 中心 立場 位置付け 関係 工事
    大もと 元 もと おおもと 始まり 終わり 最初 最後 次 前 間 ほか 他 以外 合計 総数 全体 値段 単位 現状 実績 見込み 予定 規模
    day date year month time phone number address name names email page website people person participants kind type
    """.split()
)


def _generic(word: str, question: Question) -> bool:
    return word in _GENERIC or (word in ("目標", "基準") and bool(question.asked & {Asked.TARGET, Asked.BASELINE}))


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


def _share(wanted: Sequence[str], known: dict[str, float], lexicon: Lexicon) -> float:
    """Share of the wanted words that the evidence has, by rarity; 1 where there is none."""
    total = sum(lexicon.idf(w) for w in wanted)
    return sum(lexicon.idf(w) * known[w] for w in wanted) / total if total else 1.0


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
    """`place`: each place that the asking sentence names stands in the evidence; `area`: it or an area that holds it
    does; `spot`: no town or spot is missing; `rival`: the evidence names other towns and not the one asked about."""
    places = lexicon.places(asking_sentence(question.text))
    text = plain(f"{shown} {passage.region or ''} {passage.publisher or ''}")
    missing = [place for place in places if not _names(place.own, text)]
    towns = [place for place in lexicon.named(shown) if place.town] if missing else []
    rival = any(place.town for place in missing) and any(not (t.own & p.own) for t in towns for p in places)
    return {
        "place": float(not missing),
        "spot": float(not any(place.town for place in missing)),
        "area": float(all(_names(place.areas, text) for place in missing)),
        "rival": float(rival),
    }


def _names(names: frozenset[str], text: str) -> bool:
    return any(plain(name) in text for name in names)
