"""A PostgreSQL of the tests' own: in a temporary folder, reached by a socket file alone, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OWNER = "renkei"


def programs() -> Path | None:
    """The folder with initdb and pg_ctl; Debian keeps it off the PATH."""
    on_path = shutil.which("initdb")
    folders = [*([Path(on_path).parent] if on_path else []), *sorted(Path("/usr/lib/postgresql").glob("*/bin"))]
    return next((folder for folder in folders if (folder / "pg_ctl").exists()), None)


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run a server; the address of its databases, `{}` standing for the name. PostgreSQL refuses to run as root."""
    home = Path(tempfile.mkdtemp(prefix="renkei-pg-"))
    as_user = {}
    if os.getuid() == 0:
        as_user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        shutil.chown(home, "nobody")
    data = home / "data"

    def run(*command: str | Path) -> None:
        subprocess.run(
            [folder / command[0], *command[1:]], check=True, capture_output=True, cwd=home, timeout=120, **as_user
        )

    try:
        run("initdb", "-D", data, "-U", OWNER, "--auth=trust", "-E", "UTF8", "--no-locale", "--no-sync")
        options = f"-k {home} -c listen_addresses='' -c fsync=off -c max_connections=200"
        run("pg_ctl", "start", "-w", "-D", data, "-o", options, "-l", home / "log")
        try:
            yield f"postgresql://{OWNER}@/{{}}?host={home}"
        finally:
            run("pg_ctl", "stop", "-m", "immediate", "-D", data)
    finally:
        shutil.rmtree(home, ignore_errors=True)
