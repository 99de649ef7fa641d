"""A private stack from compose/up with the real programs, beside whatever else runs, for tests written in Python."""
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = [line.split()[0] for line in (ROOT / "compose/services.txt").read_text().splitlines() if line[:1].isalpha()]
PRESET = os.environ.get("RIGHTPLACE_TEST_PRESET", "debug")
PATIENCE = 60  # seconds, sanitised programs on a busy machine


def free_base():
    """A base whose ports are all free: BaRS on it, metrics 21 to 26 above."""
    for base in range(20000 + os.getpid() % 9000, 32000, 50):  # below the ports that the kernel lends out
        try:
            for port in [base, *range(base + 21, base + 27)]:
                with socket.socket() as server:
                    server.bind(("127.0.0.1", port))
            return base
        except OSError:
            continue
    raise RuntimeError("no free ports")


def processes(state):
    """Program name -> process id, of every process that carries the stack's mark."""
    found, mark = {}, f"RIGHTPLACE_STACK={state}".encode()
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                name = "supervisord" if b"supervisord" in b" ".join(words) else os.path.basename(words[0].decode())
                found[name] = int(folder.name)
        except OSError:
            continue
    return found


class PrivateStack(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="rp", dir="/tmp"))
        self.state = self.dir / "s"
        self.base = free_base()
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.addCleanup(lambda: self.down(self.state))

    def compose(self, program, *arguments, **extra):
        return subprocess.run([ROOT / "compose" / program, *map(str, arguments)], stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, **extra})

    def up(self, *arguments, state=None, **extra):
        return self.compose("up", "--private", "--preset", PRESET, "--state", state or self.state, "--wait", PATIENCE,
                            *arguments, **extra)

    def down(self, state):
        return self.compose("down", "--state", state)

    def started(self, *arguments):
        done = self.up("--port-base", self.base, *arguments)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def run_as(self, who, *arguments, expect=0):
        """The command line, as somebody; its output."""
        program = ROOT / "build" / PRESET / "bin/rightplace"
        done = subprocess.run([program, "--state", self.state, *who, *map(str, arguments)], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, expect, f"{arguments}: {done.stdout}")
        return done.stdout

    def until(self, true, what):
        end = time.monotonic() + PATIENCE
        while not true():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.1)

    def ready(self, service):
        try:
            port = self.base + 21 + SERVICES.index(service)
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2).status == 200
        except OSError:
            return False
