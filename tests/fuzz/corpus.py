#!/usr/bin/env python3
"""Writes a corpus for fuzz_bars_request: our made-up messages and every mutant of them, as JSON and as XML.

  corpus.py FOLDER    an even first byte of a file says JSON, an odd one XML"""
import hashlib
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))
from client import XML, to_xml  # noqa: E402

import messages  # noqa: E402
import mutants  # noqa: E402

LONGEST = 65_536  # as -max_len


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    bodies = [(mutant.body_type == XML, mutant.body) for mutant in mutants.build(mutants.made_up())]
    bodies += [(True, to_xml(messages.new())), (False, next(body for xml, body in bodies if not xml))]
    written = set()
    for is_xml, body in bodies:
        if len(body) < LONGEST:
            data = bytes([is_xml]) + body
            name = hashlib.sha256(data).hexdigest()[:16]
            (folder / name).write_bytes(data)
            written.add(name)
    print(f"{len(written)} files in {folder}")


if __name__ == "__main__":
    main()
