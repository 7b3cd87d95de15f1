"""What commands lead to, on every platform alike: look-ups for all, more of them for staff, the index for admins."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import structlog

from adapters.answers import Answer
from adapters.index_words import index_status
from bot.access import Access, Role
from bot.cards import office_cards
from bot.cases.wording import Said
from bot.commands import Command, What, may
from bot.message import Action, Button, Lang
from bot.texts import Texts
from knowledge.directory import Directory
from knowledge.entities import Office, Project

if TYPE_CHECKING:
    from pathlib import Path

    from adapters.database.work import SqlWork
    from adapters.jobs import Jobs

MAX_OFFICES = 6
MAX_PROJECTS = 6
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for it, and where the answer goes. `key`: of the event."""

    user: str
    role: Role
    lang: Lang
    thread: str
    key: str


@dataclass(frozen=True, slots=True)
class Commands:
    """Everything but consultations, which `dealing.py` takes to the reception or the counter."""

    texts: Texts
    directory: Directory
    store_dir: "Path"
    jobs: "Jobs"

    def run(self, command: Command, asker: Asker, work: "SqlWork") -> Answer:
        """Do it, or say why not. What a role may not do is refused and noted."""
        if not may(asker.role, command.what):
            _log.info("refused", command=command.what.value, role=asker.role.value)
            work.audit.note(asker.user, f"refused {command.what.value}")
            return Answer(self._say(asker, "not_allowed"))
        doing: Mapping[What, Callable[[str, Asker, SqlWork], Answer]] = {
            What.CONTACTS: self._contacts,
            What.PROJECTS: self._projects,
            What.INDEX: self._index,
            What.REINDEX: self._reindex,
            What.ROLLBACK: self._rollback,
        }
        return doing.get(command.what, self._help)(command.argument, asker, work)

    def _help(self, _argument: str, asker: Asker, _work: "SqlWork") -> Answer:
        parts = [self._say(asker, "help")]
        if asker.role is not Role.RESIDENT:
            parts.append(self._admin("help_staff"))
        if asker.role is Role.ADMIN:
            parts.append(self._admin("help_admin"))
        return Answer("\n\n".join(part.strip("\n") for part in parts), (self._consult(asker.lang),))

    def home(self, asker: Asker, cases: Sequence[str], own: Said | None, work: "SqlWork") -> Answer:
        """The home page: how to use it, one's consultations (`cases`, a line each), the desk's (`own`), the index."""
        lines = "\n".join(cases) or self._say(asker, "home_none")
        parts = [self._say(asker, "help").strip("\n"), f"■ {self._say(asker, 'home_cases')}\n{lines}"]
        if own is not None:
            parts.append(f"■ {self._admin('home_cases')}\n{own.text}")
        if asker.role is Role.ADMIN:
            parts.append(index_status(self.store_dir, self.texts, work))
        return Answer("\n\n".join(parts), (self._consult(asker.lang),), {"home": True})

    # ── look-ups ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _contacts(self, query: str, asker: Asker, _work: "SqlWork") -> Answer:
        if not query:
            return Answer(self._say(asker, "contacts_ask"))
        found = self.directory.find_offices(query)
        if not found:
            return Answer(self._say(asker, "contacts_none", query=query))
        cards = [self._office(office, asker) for office in found[:MAX_OFFICES]]
        more = len(found) - MAX_OFFICES
        return Answer("\n\n".join([*cards, *([self._say(asker, "contacts_more", count=more)] if more > 0 else [])]))

    def _office(self, office: Office, asker: Asker) -> str:
        """The card; for staff with its source, date and note."""
        card = office_cards((office,), self.texts, asker.lang)
        if asker.role is Role.RESIDENT:
            return card
        key = "office_more" if office.verified else "office_unverified"
        more = [self._admin(key, source=office.source, as_of=office.as_of or "")]
        more += [self._admin("office_note", note=office.note)] if office.note else []
        return "\n".join([card, *more])

    def _projects(self, query: str, asker: Asker, _work: "SqlWork") -> Answer:
        if not query:
            return Answer(self._say(asker, "projects_ask"))
        found = self.directory.find_projects(query)
        if not found:
            return Answer(self._say(asker, "projects_none", query=query))
        shown, more = found[:MAX_PROJECTS], len(found) - MAX_PROJECTS
        title = self._say(asker, "projects_title", count=len(found))
        columns = [self._say(asker, f"project_{name}") for name in ("name", "measure", "lead")]
        rows = [project_row(project) for project in shown]
        parts = [title, *(self._project(project, row, asker) for project, row in zip(shown, rows, strict=True))]
        parts += [self._say(asker, "projects_more", count=more)] if more > 0 else []
        return Answer("\n\n".join(parts), extra={"table": {"title": title, "columns": columns, "rows": rows}})

    def _project(self, project: Project, row: Sequence[str], asker: Asker) -> str:
        source = self._say(asker, "project_source", source=project.source, as_of=project.as_of)
        return "\n".join(["■ " + row[0], *(cell for cell in row[1:] if cell), source])

    # ── the index ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _index(self, _argument: str, asker: Asker, work: "SqlWork") -> Answer:
        work.audit.note(asker.user, "index status")
        return Answer(index_status(self.store_dir, self.texts, work))

    def _reindex(self, _argument: str, asker: Asker, work: "SqlWork") -> Answer:
        return self._begun("reindex", "", asker, work)

    def _rollback(self, argument: str, asker: Asker, work: "SqlWork") -> Answer:
        return self._begun("rollback", argument, asker, work)

    def _begun(self, kind: str, argument: str, asker: Asker, work: "SqlWork") -> Answer:
        """The job begins once this is committed; the answer is the message that it edits."""
        work.audit.note(asker.user, kind)
        key = f"reply:{asker.key}"
        work.afterwards(partial(self._start, kind, argument, asker.thread, key))
        return Answer(self._admin(f"{kind}_begun"), extra={"keep": True})

    def _start(self, kind: str, argument: str, thread: str, key: str) -> None:
        self.jobs.start(kind, argument, thread, key)

    # ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _consult(self, lang: Lang) -> Button:
        return Button(Action.CONSULT, self.texts.say(lang, "button.consult"))

    def _say(self, asker: Asker, key: str, **fields: object) -> str:
        return self.texts.say(asker.lang, f"command.{key}", **fields)

    def _admin(self, key: str, **fields: object) -> str:
        return self.texts.say(Lang.JA, f"admin.{key}", **fields)


def project_row(project: Project) -> list[str]:
    """[name and area, measure with its values, who and when]."""
    ends = [
        f"{value}{project.unit}({year})" if year else f"{value}{project.unit}"
        for value, year in ((project.baseline, project.baseline_year), (project.target, project.target_year))
        if value
    ]
    measure = " ".join(part for part in (project.kpi, " → ".join(ends)) if part)
    lead = "、".join(part for part in (project.lead, project.period, project.status) if part)
    return [f"{project.name}({project.area})", measure, lead]


def asker_role(access: Access, user: str, place: str) -> Role:
    """The role of `user` while they speak at `place`."""
    return access.at(place, user).role(user)
