"""What a command is given and what it gives, as text: neither bytes that are no text nor a narrow terminal end it."""

from typing import Any

import typer


def text_of(argument: str) -> str:
    """An argument; bytes of the command line that are no text become a replacement character."""
    return argument.encode("utf-8", "replace").decode("utf-8")


def write_json(value: Any, indent: int | None = None) -> None:
    """`value` on stdout, as UTF-8 whatever the terminal is."""
    from adapters.batch import to_json

    stream = typer.get_binary_stream("stdout")
    stream.write(to_json(value, indent))
    stream.flush()
