"""Sizes: a file, a function and a line that fit one screen and one head."""
import cpp
from tree import CPP

FILE_LINES, FUNCTION_LINES, LINE_COLUMNS, MAIN_LINES = 400, 70, 120, 40
CODE = (*CPP, ".py", ".test", ".proto", ".cmake", ".lua", ".sh", "CMakeLists.txt", "/run", "/up", "/down", "/install")


def file_lines(tree):
    for name, text in tree.text(*CODE):
        count = text.count("\n")
        most = MAIN_LINES if name.startswith("services/") and name.endswith("/main.cpp") else FILE_LINES
        if count > most:
            yield f"{name}: {count} lines; {most} are allowed: split it by what changes together"


def function_lines(tree):
    for name, text in tree.text(*CPP):
        for head, first, last in cpp.functions(text):
            if last - first + 1 > FUNCTION_LINES:
                yield (f"{name}:{first}: {last - first + 1} lines in one function; {FUNCTION_LINES} are allowed: "
                       f"{head[:60]}")


def line_columns(tree):
    for name, text in tree.text(*CODE, ".textproto", ".conf"):
        if name.startswith("messages/golden/"):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > LINE_COLUMNS:
                yield f"{name}:{number}: {len(line)} columns; {LINE_COLUMNS} are allowed"


def functions_are_found(tree):
    """Guards the scanner itself: a tree with much code and no function means that it is blind."""
    lines = sum(text.count("\n") for _, text in tree.text(".cpp"))
    found = sum(len(cpp.functions(text)) for _, text in tree.text(".cpp"))
    if found * 60 < lines:
        yield f"only {found} functions found in {lines} lines of C++: the scanner in tests/tidy/cpp.py misses some"
