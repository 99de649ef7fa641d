"""A real stack on free ports for the rules, or a server that runs already (--url)."""
import argparse
import contextlib
import dataclasses
import importlib
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests/tidy"), str(ROOT / "tests/integration"), str(ROOT / "tests/conformance")]
from private_stack import StackWithSender  # noqa: E402

from client import Server  # noqa: E402
from partner import Partner  # noqa: E402

HUB = "paddock-wood"
ME = ("--as", "conformance", "--role", "paramedic-practitioner")


@dataclasses.dataclass
class World:
    server: Server
    record: object = None  # None: a server whose record we cannot see


class Record:
    """What the hub's journal holds, by the command line."""

    def __init__(self, stack):
        self.stack = stack

    def events(self):
        told = self.stack.run_as(ME, "audit", "replay", "--hub", HUB, "--json")
        return [json.loads(line) for line in told.splitlines()]

    def exchanges(self):
        """One for each outside request id that was answered; those that only mark a message id as used are left out."""
        told = [e["payload"] for e in self.events() if e["aggregate_id"].startswith("bars:req:")]
        return [{"accepted": one.get("accepted", False), **one.get("exchange", {})} for one in told]

    def queue(self):
        return json.loads(self.stack.run_as(ME, "queue", "--hub", HUB, "--json"))

    def queue_row(self, number):
        rows = self.stack.run_as(ME, "queue", "--hub", HUB).splitlines()
        return next((row for row in rows if row.startswith(number)), "")

    def case(self, number, *options):
        """What the command line shows of it."""
        return self.stack.run_as(ME, "case", number, *options)

    def case_json(self, number):
        return json.loads(self.case(number, "--json"))

    def revealed(self, number):
        return self.case(number, "--reveal", "--purpose", "direct-care")

    def original(self, number, message=1):
        file = self.stack.dir / f"{number}.{message}"
        self.case(number, "--original", file, "--message", message, "--purpose", "direct-care")
        return file.read_bytes()


@contextlib.contextmanager
def private_world():
    stack = StackWithSender()
    stack.setUp()
    try:
        stack.with_sender(Partner)
        yield World(Server(f"http://127.0.0.1:{stack.base}"), Record(stack))
    finally:
        stack.doCleanups()


@contextlib.contextmanager
def world():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", help="try a server that runs already, e.g. http://127.0.0.1:8081")
    parser.add_argument("--service", default="2000072489", help="its BaRS service id")
    asked, _ = parser.parse_known_args()
    if asked.url:
        yield World(Server(asked.url, asked.service))
        return
    with private_world() as private:
        yield private


def load(pattern):
    for file in sorted((ROOT / "tests/conformance").glob(pattern)):
        importlib.import_module(file.stem)
