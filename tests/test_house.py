"""Documentation is tested like code: what README names exists, and what exists is named there."""

import ast
import os
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from adapters.checking import OWN
from adapters.cli import app
from adapters.llm import EXTRAS
from bot.message import Lang, ReplyStatus
from bot.texts import Texts
from indexer.build import read_document
from indexer.loaders import LOADERS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS = ("knowledge", "indexer", "bot", "adapters")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
BY_NAME = {"langchain-openai", "langchain-ollama", "langchain-anthropic"}  # init_chat_model imports them
DATA_ONLY = {"sudachidict-core", "tzdata"}  # never imported: the dictionary and the time zones that libraries read


def section(title: str) -> str:
    """The text of README below a heading, up to the next."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README, re.M | re.S)
    assert found, f"README has no section {title}"
    return found[1]


def commands() -> set[str]:
    return {command.name or command.callback.__name__ for command in app.registered_commands}


def test_readme_names_exactly_the_commands_that_exist():
    assert set(re.findall(r"`renkei (\w+)", section("Commands"))) == commands()
    assert set(re.findall(r"renkei ([a-z]+)", README)) <= commands() | {"is"}


def test_the_two_commands_are_in_readme_and_the_second_in_ci():
    block = section("The two commands")
    assert 'pip install -e . && renkei ask "倶知安町で空き家を交流拠点にしたい。どこに相談すればいいですか"' in block
    assert 'pip install -e ".[dev]" && pytest' in block
    ci = ROOT / ".ci" / "run"
    assert re.search(r'pip install .*-e "\.\[dev\]" && pytest\n\Z', ci.read_text(encoding="utf-8"))
    assert os.access(ci, os.X_OK)


def test_the_map_shows_the_folders():
    mapped = {path.rstrip("/") for path in re.findall(r"^\| `([\w/]+)` ", section("Map of the house"), re.M)}
    assert {path for path in mapped if not (ROOT / path).is_dir()} == set()
    assert {*ROOMS, "tests"} <= mapped


def test_paths_in_readme_exist():
    named = set(re.findall(r"`((?:\.ci|knowledge|indexer|bot|adapters|tests)/[\w./-]*)`", README))
    assert len(named) > 10
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_readme_lists_every_status_and_marker():
    statuses = re.search(r"exactly one status: (.+?)\.\n", README, re.S)
    assert set(re.findall(r"`(\w+)`", statuses[1])) == {status.value for status in ReplyStatus}
    for marker in PROJECT["tool"]["pytest"]["ini_options"]["markers"]:
        assert f"pytest -m {marker.partition(':')[0]}" in README


def test_readme_documents_formats_sidecars_and_own_rows():
    text = section("自分の資料を使う / Your own documents")
    formats = re.search(r"^- \*\*形式\*\*: (.+)$", text, re.M)
    assert set(re.findall(r"`(\.\w+)`", formats[1])) == set(LOADERS)
    example = re.search(r"^```toml\n(.*?)^```", text, re.M | re.S)
    assert {"title", "publisher", "region", "date", "status", "successor", "url"} == set(tomllib.loads(example[1]))
    assert {name for name in OWN if f"`{name}`" in text} == set(OWN)


def test_the_sidecar_in_readme_can_be_used_as_it_stands(tmp_path):
    example = re.search(r"^```toml\n(.*?)^```", README, re.M | re.S)
    (tmp_path / "計画.txt").write_text("港の朝市を続けるための計画です。\n", encoding="utf-8")
    (tmp_path / "計画.txt.meta.toml").write_text(example[1], encoding="utf-8")
    (passage,) = read_document("計画.txt", tmp_path / "計画.txt")
    assert (passage.title, passage.date, passage.region) == ("○○町 地域づくり計画", "2025-03", "後志")


def test_torch_is_pinned_and_readme_says_so():
    pin = next(need for need in PROJECT["project"]["dependencies"] if need.startswith("torch"))
    assert re.fullmatch(r"torch==[\d.]+", pin)
    assert f"`{pin}`" in README


def imported(path: Path) -> set[str]:
    """The top-level packages that a module imports, wherever in it."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    whole = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    parts = {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    return {name.partition(".")[0] for name in whole | parts}


def plain(distribution: str) -> str:
    """The name of a requirement as registries compare it: "pypdf[crypto]>=6" → "pypdf"."""
    return re.split(r"[\[<>=!~; ]", distribution)[0].lower().replace("_", "-")


def test_what_is_imported_is_declared_and_nothing_else():
    foreign = set().union(*map(imported, MODULES)) - set(sys.stdlib_module_names) - set(ROOMS)
    known = packages_distributions()
    needed = {plain(known[name][0]) for name in foreign}
    extras = PROJECT["project"]["optional-dependencies"]
    declared = [*PROJECT["project"]["dependencies"], *(need for name in EXTRAS for need in extras[name])]
    assert needed == {plain(need) for need in declared} - DATA_ONLY - BY_NAME
    assert "renkei[openai,ollama,anthropic]" in extras["dev"]


def test_a_wheel_holds_every_file_of_the_four_rooms_and_nothing_else():
    rooms = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    assert sorted(rooms) == sorted(f"{room}*" for room in ROOMS)
    patterns = PROJECT["tool"]["setuptools"]["package-data"]
    for room in ROOMS:
        packed = {path for pattern in patterns.get(room, ()) for path in (ROOT / room).glob(pattern)}
        data = {path for path in (ROOT / room).rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
        assert data <= packed, "add a pattern to package-data in pyproject.toml"


def test_the_changelog_is_kept():
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", changes, re.M)
    assert headings[0] == "[Unreleased]"
    assert re.fullmatch(rf"\[{re.escape(PROJECT['project']['version'])}\] - \d{{4}}-\d\d-\d\d", headings[1])
    released = changes.partition(f"## {headings[1]}")[2].partition("\n## ")[0]
    assert re.search(r"^### (Added|Changed|Fixed|Removed)\n.*^- \S", released, re.M | re.S)
    assert (ROOT / "LICENSE").is_file()


def test_each_figure_names_its_set_and_its_command():
    text = section("Figures")
    sets = set(re.findall(r"^- \*(\w+)\*:", text, re.M))
    header, _, *rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    set_column, command_column = header.index("set"), header.index("command")
    assert sets
    assert len(rows) > 10
    for row in rows:
        assert len(row) == len(header), row
        assert set(re.split(r" · ", row[set_column])) <= sets, row
        assert re.fullmatch(r"`(renkei|pytest) .+`", row[command_column]), row


def test_every_language_has_its_texts_and_they_agree():
    assert {path.stem for path in (ROOT / "bot" / "texts").glob("*.toml")} >= set(Lang)
    assert Texts.load().check() == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_says_what_it_is_and_fits_a_room(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a module begins with a sentence on what it is"
    assert text.count("\n") <= 300
    long = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and lines(node) > 50]
    assert long == []


def lines(node: ast.FunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1
