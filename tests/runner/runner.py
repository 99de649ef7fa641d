#!/usr/bin/env python3
"""Runs built test programs (build/<preset>/tests-bin/<tier>_*) and scripts (tests/<tier>/*.test).

A program is Catch2; a script prints "N passed, N failed" as its last line. The last line of ours is the sum.
What crashes, runs out of time, or runs no test counts as a failure.
"""
import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMIT_SECONDS = {"unit": 180, "contract": 180, "sim": 600, "integration": 600, "conformance": 600,
                 "fault": 900, "tidy": 300}
AT_ONCE = {"unit": 2, "contract": 2, "sim": 2}  # the other tiers measure time: one program at a time
OUTPUT_LINES = 200  # of a failed program, from the end


@dataclasses.dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    why: str = ""  # beyond failed cases: crash, time limit, nothing ran


@dataclasses.dataclass
class Outcome:
    name: str
    counts: Counts
    seconds: float
    output: str


def count_catch(output):
    """Test cases by Catch2's console summary, or None when there is none."""
    all_passed = re.findall(r"^All tests passed \(\d+ assertions? in (\d+) test cases?\)", output, re.M)
    if all_passed:
        return Counts(passed=int(all_passed[-1]))
    mixed = re.findall(r"^test cases: +(\d+) *\|(.*)$", output, re.M)
    if not mixed:
        return None
    total, parts = int(mixed[-1][0]), mixed[-1][1]
    failed = sum(int(n) for n in re.findall(r"(\d+) failed(?! as expected)", parts))
    return Counts(passed=total - failed, failed=failed)


def count_script(output):
    lines = output.strip().splitlines()
    last = re.fullmatch(r"(\d+) passed, (\d+) failed", lines[-1].strip()) if lines else None
    return Counts(int(last[1]), int(last[2])) if last else None


def judge(counts, status, timed_out):
    """Adds what the summary cannot say: `status` is the exit status, negative for a signal."""
    if timed_out:
        why = "ran out of time"
    elif counts is None:
        why = f"ended without a summary ({describe(status)})"
    elif counts.passed + counts.failed == 0:
        why = "ran no test"
    elif status != 0 and counts.failed == 0:
        why = f"all tests passed, yet it ended badly ({describe(status)})"
    else:
        return counts
    counts = counts or Counts()
    return Counts(counts.passed, counts.failed + 1, why)


def describe(status):
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"


def skipped(outcomes):
    """What was not looked at counts as passed: so it is said, with the reason that the test printed."""
    tests = {}
    for outcome in outcomes:
        for reason in re.findall(r"^skipped: (.+)$", outcome.output, re.M):
            tests.setdefault(reason.strip(), []).append(outcome.name)
    return [f"  {len(names)} skipped, counted as passed: {reason} ({', '.join(sorted(set(names)))})"
            for reason, names in sorted(tests.items())]


def run(name, command, count, limit):
    scratch = tempfile.mkdtemp(prefix="rp-")
    log = pathlib.Path(scratch, "output")
    began, timed_out = time.monotonic(), False
    with log.open("wb") as out:
        child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                 start_new_session=True, env={**os.environ, "TMPDIR": scratch})
        try:
            child.wait(limit)
        except subprocess.TimeoutExpired:
            timed_out = True
        kill_all(child.pid, scratch)
        child.wait()
    output = log.read_text(errors="replace")
    shutil.rmtree(scratch, ignore_errors=True)
    return Outcome(name, judge(count(output), child.returncode, timed_out), time.monotonic() - began, output)


def kill_all(group, scratch):
    """Nothing that a test started outlives it, not even a daemon: those still carry the test's TMPDIR."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if f"TMPDIR={scratch}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                os.kill(int(folder.name), signal.SIGKILL)
        except OSError:
            continue


def report(outcome):
    counts = outcome.counts
    print(f"  {outcome.name:<40} {counts.passed:>5} passed {counts.failed:>3} failed {outcome.seconds:8.1f} s",
          flush=True)
    if counts.failed:
        lines = outcome.output.splitlines()
        if len(lines) > OUTPUT_LINES:
            print(f"    ... {len(lines) - OUTPUT_LINES} earlier lines")
        for line in lines[-OUTPUT_LINES:]:
            print(f"    | {line}")
        if counts.why:
            print(f"    {outcome.name} {counts.why}", flush=True)


def programs(build, tier):
    """What the build knows, so that a program left over from an older tree is not run."""
    listing = subprocess.run(["ninja", "-C", build, "-t", "targets", "all"], cwd=ROOT, check=True, capture_output=True,
                             text=True).stdout
    names = sorted(set(re.findall(rf"^tests-bin/({tier}_[^:/]+):", listing, re.M)))
    return [(name, [str(ROOT / build / "tests-bin" / name)], count_catch) for name in names]


def scripts(tier):
    found = sorted((ROOT / "tests" / tier).glob("*.test"))
    return [(str(path.relative_to(ROOT)), [str(path)], count_script) for path in found]


def run_tier(build, tier):
    print(f"{tier}:", flush=True)
    outcomes = []
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE.get(tier, 1)) as pool:
        work = [pool.submit(run, *job, LIMIT_SECONDS[tier]) for job in programs(build, tier) + scripts(tier)]
        for done in concurrent.futures.as_completed(work):
            outcomes.append(done.result())
            report(outcomes[-1])
    return outcomes


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("tiers", nargs="+", choices=LIMIT_SECONDS)
    asked = parser.parse_args()
    lines, passed, failed, notes = [], 0, 0, []
    for tier in asked.tiers:
        began = time.monotonic()
        outcomes = run_tier(asked.build, tier)
        good, bad = sum(o.counts.passed for o in outcomes), sum(o.counts.failed for o in outcomes)
        if not outcomes:
            print("  nothing to run")
            bad = 1
        passed, failed = passed + good, failed + bad
        notes += skipped(outcomes)
        lines.append(f"  {tier:<12} {good:>5} passed {bad:>3} failed {time.monotonic() - began:8.1f} s")
    print("\n".join(["", *lines, *notes, "", f"{passed} passed, {failed} failed"]))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
