"""A small C++ reader: enough to find functions and includes, not a parser."""
import re

RAW = re.compile(r'R"([^()\\\s]{0,16})\((.*?)\)\1"', re.S)
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\'', re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.)*(?:\\\n(?:[^\n\\]|\\.)*)*", re.M)
INIT_LIST = re.compile(r"\)\s*(?:noexcept\s*)?:(?!:)")


def blank(match):
    """Same number of lines, nothing else; strings keep their quotes."""
    text = match.group(0)
    quotes = '""' if text[0] in "\"R" else ""
    return quotes + "\n" * text.count("\n")


def strip(text):
    """The code without comments, directives and the insides of literals; line numbers stay."""
    text = RAW.sub(blank, text)
    text = TOKEN.sub(blank, text)
    return DIRECTIVE.sub(lambda m: "\n" * m.group(0).count("\n"), text)


def without_parentheses(head):
    depth, kept = 0, []
    for sign in head:
        if sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            kept.append("()" if depth == 0 else "")
        elif depth == 0:
            kept.append(sign)
    return "".join(kept)


def kind_of(head):
    """What an opening brace at namespace or class level opens, by the text before it."""
    flat = without_parentheses(re.sub(r"\boperator\s*[^\s\w(]+", "operator", re.sub(r"operator\(\)", "operator", head)))
    if re.search(r"\bnamespace\b|\bextern\s*\"\"\s*$", flat):
        return "scope"
    if "()" not in flat:
        return "scope" if re.search(r"\b(class|struct|union|enum)\b", flat) and "=" not in flat else "value"
    before, _, initialisers = re.sub(r"\s+", " ", flat).partition(") :")
    if "=" in re.sub(r"[<>=!]=|<=>|= ?(default|delete|0)", "", before):
        return "value"
    if initialisers and not initialisers.startswith(":"):
        return "function" if initialisers.rstrip().endswith((")", "}")) else "member"
    return "function"


def functions(text):
    """(name-ish head, first line, last line) of every function body outside another function."""
    code = strip(text)
    found, stack, head, head_line, line = [], [], "", 0, 1
    for sign in code:
        inside = any(kind in ("function", "value", "member") for kind, *_ in stack)
        if sign == "{":
            kind = "inner" if inside else kind_of(head)
            stack.append((kind, head, head_line or line))
            if not inside and kind in ("scope", "function"):
                head, head_line = "", 0
        elif sign == "}" and stack:
            kind, opened_by, first = stack.pop()
            if kind == "function":
                found.append((" ".join(opened_by.split()), first, line))
            if kind in ("function", "scope") and not any(k in ("function", "value", "member") for k, *_ in stack):
                head, head_line = "", 0
            elif kind == "member":
                head += "}"
        elif not inside and sign == ";":
            head, head_line = "", 0
        elif not inside:
            if not head_line and not sign.isspace():
                head_line = line
            head += sign
        if sign == "\n":
            line += 1
    return found


def includes(text):
    """(line, name, quoted) of every include."""
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*(?:<([^>]+)>|"([^"]+)")', line)
        if match:
            yield number, match[1] or match[2], match[2] is not None
