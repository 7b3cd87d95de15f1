"""The errors of this project, one small tree. Each message says in short Japanese what is wrong and what to
run or mend; names of files, columns, settings and commands stay as they are.

RenkeiError
├── DataError        a row or file of the bundled or local knowledge is wrong (file, line, column, expected form)
├── DocumentError    a source file cannot be indexed (why, and what to do)
├── StoreError       a generation is missing, damaged or foreign (and the command that mends it)
│   └── LockedError  another run is changing the store
├── ModelError       an embedding model cannot be loaded, or a chat model does not answer
├── DatabaseError    the database cannot be used as it is (and what to do)
├── SettingsError    a setting is missing or wrong (names the variable, never its value)
└── PlatformError    a chat platform cannot be used (wrong token, a second process with the same one)
"""


class RenkeiError(Exception):
    """Base of all errors that carry a message for a person."""


class DataError(RenkeiError):
    """A row or file of the knowledge data is wrong."""


class DocumentError(RenkeiError):
    """A source file cannot be read or indexed."""


class StoreError(RenkeiError):
    """A generation on disk is missing, damaged or foreign."""


class LockedError(StoreError):
    """Another run is changing the store."""


class ModelError(RenkeiError):
    """An embedding model cannot be loaded or does not fit, or a chat model cannot be had or does not answer."""


class DatabaseError(RenkeiError):
    """The database is out of reach, damaged, read-only, newer than the program, or in another process's hands."""


class SettingsError(RenkeiError):
    """A setting is missing or wrong."""


class PlatformError(RenkeiError):
    """A chat platform refuses us for good. Never holds a token."""
