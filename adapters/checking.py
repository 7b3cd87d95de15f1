"""All that is wrong with the knowledge data, the bundled one and the rows in DATA_DIR: one line a problem."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from knowledge.errors import RenkeiError

OVERRIDES = ("offices.csv", "places.csv", "desks.csv", "projects.csv")
OWN = (*OVERRIDES, "curated.csv")


def problems(data_dir: Path | None) -> list[str]:
    """Every problem found, each naming the file and what is expected."""
    from bot.cases.reading import load_answers
    from bot.texts import Texts
    from bot.triage import Triage
    from knowledge.curated import load_curated
    from knowledge.directory import Directory
    from knowledge.gazetteer import Gazetteer
    from knowledge.glossary import Glossary
    from knowledge.sources import Sources

    found = [*_documents(), *_strangers(data_dir)]
    for load in (
        lambda: Gazetteer(Directory.load(data_dir)),
        lambda: Triage.load(Texts.load(), Directory.load(data_dir)),
        lambda: found.extend(Texts.load().check()),
        lambda: load_curated(data_dir, Directory.load(data_dir)),
        load_answers,
        Glossary.load,
        Sources.load,
    ):
        found.extend(_complaints(load))
    if data_dir:
        found.extend(_one_by_one(data_dir))
    return list(dict.fromkeys(found))


def notices(data_dir: Path | None, today: date) -> list[str]:
    """What is right but of no effect: own answers that have expired. Empty where the data cannot be read."""
    from knowledge.curated import expired_rows, load_curated
    from knowledge.directory import Directory

    if data_dir is None:
        return []
    try:
        return expired_rows(data_dir, load_curated(data_dir, Directory.load(data_dir)), today)
    except RenkeiError:
        return []


def _one_by_one(data_dir: Path) -> Iterator[str]:
    """The complaints about each own file alone: a bad one does not hide the next."""
    from knowledge.directory import Directory

    for name in OVERRIDES:
        if (data_dir / name).is_file():
            with TemporaryDirectory() as alone:
                shutil.copy(data_dir / name, alone)
                for complaint in _complaints(partial(Directory.load, Path(alone))):
                    yield complaint.replace(alone, str(data_dir))


def _complaints(load: Callable[[], object]) -> list[str]:
    """What loading complains about, a line each."""
    try:
        load()
    except RenkeiError as error:
        return str(error).splitlines()
    return []


def _documents() -> Iterator[str]:
    """The bundled documents: each can be indexed, and its front matter says what it is."""
    from indexer.build import BUNDLED, read_document
    from indexer.files import find_files

    for source, path in find_files([BUNDLED]).files:
        yield from (f"{path}: {complaint}" for complaint in _complaints(partial(read_document, source, path)))
        yield from (f"{path}: {complaint}" for complaint in _front_matter(path))


def _front_matter(path: Path) -> Iterator[str]:
    import frontmatter

    fields = frontmatter.loads(path.read_text(encoding="utf-8")).metadata
    for name in ("title", "publisher", "region", "status"):
        if not fields.get(name):
            yield f"前付けに {name} がありません。書き足してください。"
    for name in ("date", "url"):
        if name not in fields:
            yield f"前付けに {name} がありません。不明なら `{name}: null` と書いてください。"


def _strangers(data_dir: Path | None) -> Iterator[str]:
    """A misspelt file name in DATA_DIR would silently do nothing."""
    for path in sorted(data_dir.glob("*.csv")) if data_dir else ():
        if path.name not in OWN:
            yield f"{path}: 読まれないファイルです。名前を {' '.join(OWN)} のどれかにしてください。"
