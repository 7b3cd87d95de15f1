"""Each format is read, and each kind of bad file gets its own error that says what to do."""

import io
import os
from pathlib import Path

import pytest
from fpdf import FPDF
from pypdf import PdfReader, PdfWriter

from indexer import loaders
from knowledge.errors import DocumentError

PAGES = ["Regional plan of the northern area, first page.", "Second page: a harbour, a road and a school."]


def pdf_bytes(pages: list[str]) -> bytes:
    document = FPDF()
    document.set_font("helvetica", size=12)
    for text in pages:
        document.add_page()
        if text:
            document.multi_cell(0, 8, text)
    return bytes(document.output())


def read(folder: Path, name: str, data: bytes | str) -> loaders.Loaded:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return loaders.load(path)


def refusal(folder: Path, name: str, data: bytes | str) -> str:
    with pytest.raises(DocumentError) as caught:
        read(folder, name, data)
    return str(caught.value)


# ── what is read ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_markdown_front_matter_becomes_fields(tmp_path: Path) -> None:
    loaded = read(tmp_path, "a.md", "---\ntitle: 計画\nstatus: draft\n---\n# 見出し\n\n本文です。\n")
    assert loaded.fields == {"title": "計画", "status": "draft"}
    assert loaded.pages == ("# 見出し\n\n本文です。",)


def test_pdf_keeps_its_pages_and_title(tmp_path: Path) -> None:
    document = FPDF()
    document.set_title("The plan")
    document.set_font("helvetica", size=12)
    for text in PAGES:
        document.add_page()
        document.multi_cell(0, 8, text)
    loaded = read(tmp_path, "a.pdf", bytes(document.output()))
    assert loaded.numbered
    assert loaded.title == "The plan"
    assert [" ".join(page.split()) for page in loaded.pages] == PAGES


def test_html_keeps_headings_lists_and_tables_and_drops_the_frame(tmp_path: Path) -> None:
    page = """<!doctype html><html><head><meta charset="utf-8"><title>事業|役所</title><style>p{}</style></head><body>
    <header><nav><a href="/">ホーム</a></nav></header><div class="breadcrumb">ホーム &gt; 事業</div>
    <main><h1>事業の案内</h1><p>窓口は<br>二階です。</p><ul><li>申請<ul><li>郵送</li></ul></li><li>相談</li></ul>
    <table><tr><th>事業</th><th>期限</th></tr><tr><td>除雪<ul><li>国道</li><li>町道</li></ul></td><td>3月</td></tr></table>
    <p><a href="https://example.jp/a">様式</a>をご覧ください。</p></main>
    <script>alert(1)</script><footer>著作権</footer></body></html>"""
    loaded = read(tmp_path, "a.html", page)
    (text,) = loaded.pages
    assert loaded.title == "事業|役所"
    assert "# 事業の案内" in text
    assert "窓口は\n二階です。" in text
    assert "- 申請" in text
    assert "  - 郵送" in text
    assert "事業\t期限\n---\t---\n除雪\v- 国道\v- 町道\t3月" in text
    assert "様式 https://example.jp/a" in text
    assert not any(word in text for word in ("ホーム", "alert", "著作権", "p{}"))


def test_html_tables_keep_their_columns(tmp_path: Path) -> None:
    page = """<html><body><table><tr><th>指標</th><th>基準</th><th>目標</th></tr>
    <tr><th rowspan="2">観光</th><td>226万人</td><td>250万人</td></tr><tr><td>12か所</td><td>20か所</td></tr>
    <tr><td colspan="2">合わせて</td><td>3</td></tr></table>
    <table><tr><td><h3>お問い合わせ</h3><p>企画課<br>電話：000-000-0000</p></td></tr></table>
    <dl><dt>期間</dt><dd>10年</dd><dt>対象</dt><dd>町内</dd><dd>近隣</dd></dl></body></html>"""
    (text,) = read(tmp_path, "a.html", page).pages
    assert "指標\t基準\t目標\n---\t---\t---\n観光\t226万人\t250万人\n\t12か所\t20か所\n合わせて\t\t3" in text
    assert "### お問い合わせ" in text
    assert "企画課\n電話：000-000-0000" in text
    assert "期間\t10年\n対象\t町内\v近隣" in text


def test_html_in_shift_jis_by_its_declaration_and_without_one(tmp_path: Path) -> None:
    for head in ('<meta charset="Shift_JIS">', "", '<meta charset="nonsense">'):
        page = f"<html><head>{head}</head><body><p>髙橋さんの町①の取組</p></body></html>".encode("cp932")
        assert read(tmp_path, "a.html", page).pages == ("髙橋さんの町①の取組",)


def test_csv_becomes_rows_with_a_marked_header(tmp_path: Path) -> None:
    loaded = read(tmp_path, "a.csv", '名前,期限\n"除雪\n排雪",3月\n,\n"a,b",4月\n')
    assert loaded.pages == ("名前\t期限\n---\t---\n除雪\v排雪\t3月\na,b\t4月",)
    assert read(tmp_path, "a.tsv", "名前\t期限\n除雪\t3月\n").pages == ("名前\t期限\n---\t---\n除雪\t3月",)


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────────────


def encrypted() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf_bytes(PAGES))))
    writer.encrypt("secret", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


BAD = {
    "empty": ("a.txt", b"", "空のファイルです。取り除くか"),
    "only blanks": ("a.md", b" \n\n\t\n", "文字がありません"),
    "unknown format": ("a.docx", b"PK\x03\x04", ".docx は読めない形式です。.csv .htm .html"),
    "HTML named .pdf": ("a.pdf", "<!DOCTYPE html><html><body>404</body></html>", "中身は HTML"),
    "HTML named .txt": ("a.txt", "<html><body>町の取組</body></html>", "名前を a.html に変えて"),
    "text named .pdf": ("a.pdf", "町の取組", "中身は PDF ではない"),
    "PDF named .txt": ("a.txt", pdf_bytes(PAGES), "名前を a.pdf に変えて"),
    "Word named .txt": ("a.txt", b"PK\x03\x04" + bytes(100), "中身は Word・Excel・PowerPoint または ZIP"),
    "picture named .csv": ("a.csv", b"\x89PNG\r\n" + bytes(100), "中身は画像"),
    "noise": ("a.txt", bytes(range(256)) * 20, "バイナリー"),
    "truncated PDF": ("a.pdf", pdf_bytes(PAGES)[:700], "壊れた PDF"),
    "PDF head alone": ("a.pdf", b"%PDF-1.7\n", "壊れた PDF"),
    "encrypted PDF": ("a.pdf", encrypted(), "パスワードを外して"),
    "scanned PDF": ("a.pdf", pdf_bytes(["", "", ""]), "文字認識(OCR)をかけ"),
    "broken front matter": ("a.md", "---\ntitle: [計画\n---\n本文", "(front matter)の 3 行目が YAML"),
    "broken CSV": ("a.csv", 'a,b\n"c,d\n', "表の形式が壊れています"),
    "page nested too deeply": ("a.html", "<div>" * 5000 + "町の話", "中身の形式が壊れています("),
    "page made by scripts": ("a.html", "<html><body><script>run()</script></body></html>", "ブラウザーで開かないと"),
}


@pytest.mark.parametrize("case", BAD)
def test_each_bad_file_has_its_own_error(tmp_path: Path, case: str) -> None:
    name, data, words = BAD[case]
    assert words in refusal(tmp_path, name, data)


def test_the_errors_tell_the_cases_apart(tmp_path: Path) -> None:
    messages = {refusal(tmp_path, name, data) for name, data, _ in BAD.values()}
    assert len(messages) >= len(BAD) - 1  # a truncated PDF and a PDF's head alone are damaged in the same way


def test_a_password_that_is_empty_is_no_hindrance(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf_bytes(PAGES))))
    writer.encrypt("", "owner", algorithm="AES-128")
    out = io.BytesIO()
    writer.write(out)
    assert "Regional plan" in read(tmp_path, "a.pdf", out.getvalue()).pages[0]


def test_the_size_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("町" * 400_000, encoding="utf-8")
    with pytest.raises(DocumentError, match=r"上限の 1 MB.*MAX_FILE_MB"):
        loaders.load(path, max_bytes=1_000_000)
    path.write_text("町" * 300_000, encoding="utf-8")
    assert loaders.load(path, max_bytes=1_000_000).pages == ("町" * 300_000,)


def test_what_is_not_a_regular_file(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    os.mkfifo(tmp_path / "pipe.txt")
    for name in ("folder.txt", "pipe.txt"):
        with pytest.raises(DocumentError, match="通常のファイルではありません"):
            loaders.load(tmp_path / name)
    with pytest.raises(DocumentError, match="ファイルがありません。パスを"):
        loaders.load(tmp_path / "absent.txt")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_the_right_to_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("町", encoding="utf-8")
    path.chmod(0)
    with pytest.raises(DocumentError, match="権限がありません"):
        loaders.load(path)


def test_a_refused_read_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for root: the system call itself refuses."""

    def refuse(*args: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(DocumentError, match="権限がありません"):
        loaders.load(tmp_path / "a.txt")
