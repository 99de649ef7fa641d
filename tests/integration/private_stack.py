"""A private stack from compose/up with the real programs, beside whatever else runs, for tests written in Python."""
import base64
import http.server
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = [line.split()[0] for line in (ROOT / "compose/services.txt").read_text().splitlines() if line[:1].isalpha()]
HUBS = sorted(folder.name for folder in (ROOT / "compose/hubs").iterdir())
PRESET = os.environ.get("RIGHTPLACE_TEST_PRESET", "debug")
WELL = {"respirations_per_minute": 16, "oxygen_saturation_percent": 97, "on_oxygen": False, "systolic_mmhg": 132,
        "pulse_per_minute": 78, "consciousness": "ALERT", "temperature_tenths_c": 368}
PATIENCE = 60  # seconds, sanitised programs on a busy machine


def free_base():
    """A base whose ports are all free: BaRS on it, metrics from 21 above."""
    for base in range(20000 + os.getpid() % 9000, 32000, 50):  # below the ports that the kernel lends out
        try:
            for port in [base, *range(base + 21, base + 21 + len(SERVICES))]:
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


def policy(hub, attendance=""):
    """The shipped policy with another word on who must be there; by default nobody must, for tests run at any hour, and
    so pathways take patients at any hour too."""
    shipped = (ROOT / "compose/hubs" / hub / "policy.textproto").read_text()
    without, cuts = re.subn(r"(?ms)^attendance \{$.*?^\}$", attendance, shipped)
    assert cuts == 1, hub
    without, cuts = re.subn(r'(?ms)^    takes_patients \{$.*?^    \}$|^[^\n]*code: "closed"[^\n]*$', "", without)
    assert cuts > 1, hub
    return without


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
        for hub in HUBS:
            file = self.dir / "policies" / hub / "policy.textproto"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(policy(hub))
        return self.compose("up", "--private", "--preset", PRESET, "--state", state or self.state, "--wait", PATIENCE,
                            "--policies", self.dir / "policies", *arguments, **extra)

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

    def crew_contact(self, who, hub, callsign="SYN-1", category="C3", observations=WELL):
        file = self.dir / "crew.json"
        file.write_text(json.dumps({"callsign": callsign, "requester_staff_id": "crew-1", "original_plan": "convey",
                                    "category": category, "age_years": 81, "age_known": True,
                                    "observations": observations,
                                    "person": {"name": "Test Patient"}}))
        reply = json.loads(self.run_as(who, "send", "--crew", file, "--hub", hub).splitlines()[0])
        return next(event["case_number"] for event in reply["receipt"]["events"] if event.get("case_number"))

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


class Sender(http.server.BaseHTTPRequestHandler):
    """The ambulance service's endpoint: what it got, in order."""
    got = []

    def do_POST(self):
        Sender.got.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(200)
        for name in ("X-Request-Id", "X-Correlation-Id"):  # an answer without them is not the receiver's
            self.send_header(name, self.headers[name])
        self.end_headers()

    def log_message(self, *_):
        pass


class StackWithSender(PrivateStack):
    """The stack, with an endpoint for the demo's sender."""

    def with_sender(self, handler=Sender):
        handler.got = []
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        self.started()
        config = self.state / "stack.textproto"
        senders = f'senders {{ service_id: "7700900001" url: "http://127.0.0.1:{server.server_port}" }}'
        config.write_text(config.read_text().replace("bars {", "bars { " + senders, 1))
        self.down(self.state)
        self.started()

    def post(self):
        """A 999 validation for paddock-wood, half an hour before its breach; the case number it was answered with."""
        message = subprocess.run([sys.executable, ROOT / "compose/demo_messages.py", "--breach-in", "1800"], check=True,
                                 capture_output=True).stdout
        target = {"system": "https://fhir.nhs.uk/Id/dos-service-id", "value": "2000072489"}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.base}/FHIR/R4/$process-message", message, method="POST",
            headers={"Content-Type": "application/fhir+json", "X-Request-Id": str(uuid.uuid4()),
                     "X-Correlation-Id": str(uuid.uuid4()),
                     "NHSD-Target-Identifier": base64.b64encode(json.dumps(target).encode()).decode()})
        answer = urllib.request.urlopen(request, timeout=30).read().decode()
        return answer.split('"urn:rightplace:case-number","value":"')[1].split('"')[0]
