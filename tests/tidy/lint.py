"""clang-format, clang-tidy and shellcheck over the tree. Slow results are kept in build/tidy-cache by content."""
import concurrent.futures
import hashlib
import re
import shutil
import subprocess
import time

from tree import CPP, ROOT

LINT_SECONDS = 150  # what is not looked at by then is named, and looked at next time
LINTED = re.compile(r"(services/.*/domain|common/base)/[^/]+\.cpp$")
BUILD = ROOT / "build" / "debug"
CACHE = ROOT / "build" / "tidy-cache"


def run(*command):
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def missing(*tools):
    for tool in tools:
        if not shutil.which(tool):
            yield f"{tool} is not installed: compose/install --tests"


def layout(tree):
    yield from missing("clang-format")
    names = [name for name, _ in tree.text(*CPP)]
    _, output = run("clang-format", "--dry-run", "-ferror-limit=1", *names) if names else (0, "")
    for name, line in sorted(set(re.findall(r"^(\S+?):(\d+):\d+: (?:warning|error): ", output, re.M))):
        yield f"{name}:{line}: not formatted as .clang-format says: clang-format -i {name}"


def flags():
    return ["-std=c++20", f"-I{ROOT}", "-isystem", str(BUILD / "generated"), "-fPIC"]


def prelude(tree):
    """The build's precompiled header, made once more by clang, which cannot read g++'s: it halves the time."""
    text = (BUILD / "messages/CMakeFiles/rp_pch.dir/cmake_pch.hxx").read_text()
    digest = hashlib.sha256(text.encode())
    for _, proto in tree.text(".proto"):
        digest.update(proto.encode())
    header = CACHE / f"prelude-{digest.hexdigest()[:12]}.hpp"
    compiled = header.with_suffix(".pch")
    if not compiled.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        header.write_text(text)
        status, output = run("clang++-14", *flags(), "-x", "c++-header", str(header), "-o", str(compiled))
        if status:
            raise RuntimeError(f"clang could not read the precompiled header: {output[-500:]}")
    return ["-include-pch", str(compiled)]


def key(name, tree):
    """Of everything a verdict depends on. Any header counts: coarse, and never wrong."""
    digest = hashlib.sha256(tree.files[name].encode())
    for other, text in tree.text(".hpp", ".proto", ".clang-tidy"):
        digest.update(f"{other}\0{text}".encode())
    return digest.hexdigest()


def lint_one(name, tree, until, extra=()):
    verdict = CACHE / key(name, tree)
    if verdict.exists():
        return verdict.read_text()
    if time.monotonic() > until:
        return None
    status, output = run("clang-tidy", "--quiet", name, "--", *flags(), *extra)
    found = re.findall(r"^(?:" + re.escape(str(ROOT)) + r"/)?(\S+:\d+:\d+: (?:warning|error): .*)$", output, re.M)
    if status and not found or "clang-diagnostic-error" in output:
        return f"{name}: clang-tidy could not read it: {' '.join(output.split())[:200]}"
    text = "\n".join(found)
    CACHE.mkdir(parents=True, exist_ok=True)
    verdict.write_text(text)
    return text


def clang_tidy(tree):
    yield from missing("clang-tidy", "clang++-14")
    until = time.monotonic() + LINT_SECONDS
    names = [name for name, _ in tree.text(".cpp") if LINTED.match(name)]
    extra = prelude(tree)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        texts = list(pool.map(lambda name: lint_one(name, tree, until, extra), names))
    late = [name for name, text in zip(names, texts) if text is None]
    if late:
        print(f"  clang-tidy: no time left for {len(late)} files; they come first in the next run")
    for text in filter(None, texts):
        yield from text.splitlines()


def shell_scripts(tree):
    yield from missing("shellcheck")
    names = [name for name, text in tree.text() if re.match(r"#!.*\b(bash|sh)\b", text)]
    status, output = run("shellcheck", "-x", "-f", "gcc", *names) if names else (0, "")
    if status:
        yield from output.strip().splitlines()
