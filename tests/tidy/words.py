"""Words, numbers and files that have no place in the repository."""
import re

SELF = ("tests/tidy/words.py", "tests/tidy/selftest.test")
BANNED = [
    (re.compile(r"\b(TODO|FIXME|XXX|HACK|WIP)\b"), "finish it, or write down where it is decided"),
    (re.compile(r"(?<![\w.$}])/(work|root|home|Users)/\w"), "a path of one machine"),
    (re.compile(r"\b(deb\.debian\.org|pypi\.org|files\.pythonhosted\.org|registry\.npmjs\.org|crates\.io|"
                r"docker\.io|ghcr\.io|proxy\.golang\.org)\b"), "a registry host; machines bring their own"),
    (re.compile(r"\b(claude|anthropic|chatgpt|openai|copilot|language model)\b", re.I), "not about this system"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"), "a private key"),
]
GENERATED = re.compile(r"(\.pb\.(h|cc)|_pb2\.py|\.pyc|\.o|\.a|\.so|\.sock|\.pid|\.log)$|(^|/)(build|__pycache__|"
                       r"\.rightplace[^/]*|CMakeFiles)/|(^|/)CMakeCache\.txt$")
LEFTOVER = re.compile(r"(\.orig|\.rej|~)$")  # of a patch, a merge or an editor
COMMON_BUILD = re.compile(r"^common/build/")
TEN_DIGITS = re.compile(r"(?<![\w.'+-])(\d{3})([ -]?)(\d{3})\2(\d{4})(?![\w.'-])")
# Ten digits, a valid check digit, and yet no person's: BaRS service ids and the like.
NOT_PEOPLE = {"2000072489", "2000072490"}


def banned_words(tree):
    for name, text in tree.text():
        if name in SELF or name == "LICENSE":
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for pattern, why in BANNED:
                found = pattern.search(line)
                if found:
                    yield f"{name}:{number}: {found[0]!r}: {why}"


def nhs_number_is_valid(digits):
    """Modulus 11 (NHS Data Dictionary): weights 10..2, eleven minus the remainder is the tenth digit."""
    check = 11 - sum(int(d) * w for d, w in zip(digits, range(10, 1, -1))) % 11
    return int(digits[9]) == (0 if check == 11 else check)


def identities(tree):
    """NHS numbers that could be somebody's. 999 000 0000 to 999 999 9999 is never issued."""
    for name, text in tree.text():
        if name in SELF:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip().startswith("seconds:"):  # of a time, in a golden message
                continue
            for match in TEN_DIGITS.finditer(line):
                digits = match[1] + match[3] + match[4]
                made_up = digits.startswith("999") or digits in NOT_PEOPLE or len(set(digits)) == 1
                if nhs_number_is_valid(digits) and not made_up:
                    yield f"{name}:{number}: {digits} could be a person's NHS number; use one that starts with 999"


def generated_files(tree):
    for name in tree.files:
        if GENERATED.search(name) and not COMMON_BUILD.match(name):
            yield f"{name}: generated; it belongs in build/ or .gitignore"
        if LEFTOVER.search(name):
            yield f"{name}: left over by a patch, a merge or an editor; remove it"
