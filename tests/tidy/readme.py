"""The README's map of the tree says what is there, all of it and nothing else."""
import re

ENTRY = re.compile(r"^([A-Za-z0-9_.-]+)/(\s|$)", re.M)
HIDDEN = {".ci", ".github"}


def tree_map(tree):
    readme = tree.files.get("README.md")
    if not readme:
        return
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", readme, re.M | re.S)
    named = max((set(name for name, _ in ENTRY.findall(block)) for block in blocks), key=len, default=set())
    there = {name.split("/")[0] for name in tree.files if "/" in name} - HIDDEN
    for name in sorted(named - there):
        yield f"README.md: the tree map names {name}/, which does not exist"
    for name in sorted(there - named):
        yield f"README.md: the tree map leaves out {name}/"


def service_readmes(tree):
    if "README.md" not in tree.files:
        return
    for name in tree.files:
        if re.match(r"services/.+/main\.cpp$", name) and name.replace("main.cpp", "README.md") not in tree.files:
            yield f"{name}: the service has no README.md (owns, reads, emits, never does)"
