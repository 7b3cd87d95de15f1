"""`renkei serve` as a process of its own, on the loopback platform: `serve_process.py STORE SERVER_URL SECRET PORT`."""

import sys
from pathlib import Path

from loopback import Loopback

from adapters import running
from adapters.explaining import explain
from adapters.settings import Settings


def main() -> None:
    store, url, secret, port = sys.argv[1:]
    running.build_platforms = lambda _settings: [Loopback("loopback", url, secret)]
    settings = Settings(store_dir=Path(store), http_port=int(port), telegram_bot_token=f"1:{secret}", _env_file=None)
    try:
        running.serve(settings)
    except Exception as error:
        sys.exit(explain(error))


if __name__ == "__main__":
    main()
