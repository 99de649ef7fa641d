#!/usr/bin/env python3
"""Plants each bug of this folder in a copy of the tree, one by one, and asks the simulator to catch it.

    tests/run sim --planted [NAME ...]

A bug is a file NAME.patch: a sentence that says what is wrong, "within: N" (seeds), and a unified diff. A bug that is
not caught within its seeds fails, and so does a patch that no longer applies. The last line is "N passed, N failed".
"""
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
COPY = ROOT / "build/planted/src"
BUILD = ROOT / "build/planted/build"
FIRST_SEED = 1


def run(*command, cwd=ROOT, check=True, text_in=None):
    return subprocess.run(command, cwd=cwd, check=check, capture_output=True, text=True, input=text_in)


def copy_tree():
    """Keeps the times of what has not changed, so that only that is built again."""
    listed = run("git", "ls-files", "-co", "--exclude-standard").stdout.split("\n")
    wanted = {name for name in listed if name and (ROOT / name).is_file()}
    for name in wanted:
        source, target = ROOT / name, COPY / name
        content = source.read_bytes()
        if not target.exists() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    for target in COPY.rglob("*"):
        if target.is_file() and str(target.relative_to(COPY)) not in wanted:
            target.unlink()


def build():
    run("cmake", "--preset", "release", "-B", BUILD, cwd=COPY)  # even when it stands: presets change
    built = run("ninja", "-C", BUILD, "sim", check=False)
    return "" if built.returncode == 0 else "does not compile:\n" + built.stdout[-2000:]


def catch(patch):
    """(caught, what to say)"""
    text = patch.read_text()
    seeds = int(re.search(r"^within: (\d+)$", text, re.M)[1])
    applied = run("patch", "-p1", "--no-backup-if-mismatch", "-s", cwd=COPY, check=False, text_in=text)
    if applied.returncode != 0:
        return False, "does not apply: " + (applied.stdout + applied.stderr).strip().split("\n")[0]
    problem = build()
    if problem:
        return False, problem
    told = run(BUILD / "sim-bin/sim", "--seeds", str(seeds), "--from", str(FIRST_SEED), "--stop-after", "1",
               check=False).stdout
    failed = re.search(r"seed (\d+) failed:\n +invariant (\d+): (.*)", told)
    if failed:
        return True, f"seed {int(failed[1])} of {seeds}: invariant {failed[2]}, {failed[3][:90]}"
    lived = re.search(r"(\d+) passed, (\d+) failed\s*$", told)
    if not lived:  # a bug that brings the whole simulator down is as good as caught, if it says why
        return True, "the run itself broke: " + (told.strip().split("\n") or [""])[-1][:90]
    return False, f"not caught in {seeds} seeds"


def main():
    names = sys.argv[1:]
    patches = [path for path in sorted(HERE.glob("*.patch")) if not names or path.stem in names]
    print("building the simulator as it is ...", flush=True)
    copy_tree()
    problem = build()
    if problem:
        print(problem, "\n0 passed, 1 failed", sep="")
        return 1
    passed = 0
    for patch in patches:
        began = time.monotonic()
        caught, said = catch(patch)
        copy_tree()  # as it was
        passed += caught
        print(f"  {patch.stem:<38} {'caught' if caught else 'MISSED':<7} {said}  ({time.monotonic() - began:.0f} s)",
              flush=True)
    print(f"{passed} passed, {len(patches) - passed} failed")
    return 0 if passed == len(patches) else 1


if __name__ == "__main__":
    sys.exit(main())
