"""`renkei serve` in this process, over the bundled knowledge, with the platforms that a test gives it."""

import shutil
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from loopback import wait_for
from platform_driver import DESK, Driver, Shown

from adapters.database.letters import dead_letters
from adapters.running import Running
from adapters.settings import Settings
from bot.cases.desks import DeskPlan


class House:
    """`drivers`: the platforms; the first one's desk is the fallback, and so everybody's."""

    def __init__(self, store: Path, drivers: list[Driver], plan: DeskPlan | None = None) -> None:
        self.drivers = drivers
        staff = ",".join(driver.user("clerk") for driver in drivers)
        admins = ",".join(driver.user("chief") for driver in drivers)
        self.settings = Settings.model_construct(
            **(Settings().model_dump() | {"store_dir": store, "http_port": 0, "staff_ids": staff, "admin_ids": admins})
        )
        self.running = Running(
            self.settings, [driver.platform for driver in drivers], plan or DeskPlan(fallback=drivers[0].desk)
        )

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.running.port}{path}", timeout=20) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def replies(self) -> dict[str, int]:
        """Status → how many messages ended so."""
        lines = self.get("/metrics")[1].splitlines()
        rows = (line for line in lines if line.startswith("renkei_replies_total{"))
        return {row.partition('"')[2].partition('"')[0]: int(float(row.split()[-1])) for row in rows}

    def dealt(self) -> int:
        return sum(self.replies().values())

    @property
    def database(self):
        return self.running._database

    def quiet(self) -> None:
        """Nothing waits any more."""
        from adapters.database.letters import waiting

        def done():
            with self.database.work() as work:
                return not any(waiting(work)) or None

        wait_for(done)

    def dead(self) -> list[str]:
        with self.database.work() as work:
            return [letter.fault for letter in dead_letters(work)]


@contextmanager
def house(store: Path, folder: Path, drivers: list[Driver], plan: DeskPlan | None = None):
    """Started, connected and ready; stopped at the end."""
    if not (folder / "store").exists():  # else it is a restart
        shutil.copytree(store, folder / "store")
    made = House(folder / "store", drivers, plan)
    made.running.start()
    try:
        for driver in drivers:
            driver.connect(made.running.port)
        wait_for(lambda: made.get("/readyz")[0] == 200)
        yield made
    finally:
        made.running.stop()


def see(driver: Driver, place: str, words: str, *, count: int = 1) -> Shown:
    """The last message at `place` that has `words`, once there are `count` of them."""

    def look():
        found = [shown for shown in driver.shown(place) if words in shown.text]
        return found[-1] if len(found) >= count else None

    try:
        return wait_for(look)
    except AssertionError:
        raise AssertionError(f"{words!r} is not at {place}: {[s.text for s in driver.shown(place)]}") from None


MATTER = "余市町で空き店舗を使って朝市を開きたいです。どこに相談すればいいですか"


def consult(driver: Driver, person: str, matter: str = MATTER) -> Shown:
    """From the first word to the receipt; the message that has its number."""
    driver.say(person, matter)
    driver.press(person, see(driver, person, "次の窓口へご相談ください"), "担当に相談する")
    driver.press(person, see(driver, person, "お返事は、どのように"), "この会話で")
    driver.press(person, see(driver, person, "次の内容でお送りします"), "送る")
    return see(driver, person, "受付番号は")


def card(driver: Driver, matter: str = MATTER) -> Shown:
    return see(driver, DESK, matter)
