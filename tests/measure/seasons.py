"""Both shipped seasons, whole, from a release build: how long each takes, and what is counted from its journal."""
import pathlib
import subprocess
import sys
import tempfile
import time

RIGHTPLACE = pathlib.Path(__file__).resolve().parents[2] / "build/release/bin/rightplace"
WANTED_S = 120  # each, on two processors


def main():
    late = broken = False
    with tempfile.TemporaryDirectory(prefix="rp-seasons-") as folder:
        for name in ("west-kent-2023", "ashford-2023"):
            journal = pathlib.Path(folder) / f"{name}.journal"
            began = time.monotonic()
            lived = subprocess.run([RIGHTPLACE, "simulate", name, "--seed", "1", "--journal", journal],
                                   capture_output=True, text=True, check=False)
            took = time.monotonic() - began
            checked = subprocess.run([RIGHTPLACE, "stats", "--journal", journal, "--check"], capture_output=True,
                                     text=True, check=False)
            print(lived.stdout.split("\n\n")[-1].rstrip() + "\n" + checked.stdout.strip())
            print(f"{name}: {took:.1f} s (wanted: at most {WANTED_S} s)\n" + lived.stderr + checked.stderr, flush=True)
            late = late or took > WANTED_S
            broken = broken or lived.returncode != 0 or checked.returncode != 0
    sys.exit(1 if late or broken else 0)


main()
