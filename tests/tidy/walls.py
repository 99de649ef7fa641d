"""Include walls: messages -> common -> a service's domain -> its shell -> its main.cpp, and the order inside common."""
import re

import cpp
from tree import CPP

COMMON_RANK = {"base": 0, "config": 1, "log": 1, "bus": 2, "store": 3, "http": 3, "clinical": 3, "runtime": 4,
               "program": 5}
SERVICE_RANK = {"domain": 0, "shell": 1, "": 2}
# Headers of one service that one other service may use.
LENT = {"services/audit/replay.hpp": ("services/cli",)}
DOMAIN_MAY = re.compile(r"messages/|common/base/(?!sqlite)|common/clinical/|common/runtime/(domain|payload|typed)\.hpp")
DOMAIN_LIBRARIES = {"nlohmann/json.hpp", "pugixml.hpp"}  # pure: bytes to values and back
DOMAIN_STD = {"fstream", "iostream", "thread", "mutex", "future", "condition_variable", "random", "filesystem", "ctime",
              "unistd.h", "time.h", "sys/time.h"}
CLOCKS = re.compile(r"_clock::now|\bclock_gettime\b|\btime\s*\(\s*(nullptr|NULL|0)\s*\)|\bgetenv\b|\brandom_device\b")
HEADER_MAY = re.compile(r"[a-z_0-9]+$|c?[a-z_0-9]+\.h$|(sys|netinet|arpa)/[a-z_]+\.h$|google/protobuf/|"
                        r"nlohmann/json_fwd\.hpp$|(messages|common)/.*\.pb\.h$")
HEADER_MAY_NOT = re.compile(r"(zmq|zmq_addon|sqlite3|sodium|zlib|hiredis|async|msgpack|pugixml|curl|libpq-fe)\.h")


def service_of(path):
    """('services/triage', 'domain') or None."""
    match = re.match(r"(services/(?:adapters/)?[^/]+)/(?:(domain|shell)/)?", path)
    return (match[1], match[2] or "") if match else None


def forbidden(name, wanted):
    """Why the file `name` may not include our header `wanted`; None when it may."""
    if name.startswith("tests/"):
        return None
    if wanted.startswith("tests/"):
        return "only tests use what is in tests/"
    if name.startswith("messages/"):
        return None if wanted.startswith("messages/") else "messages/ stands on nothing"
    if name.startswith("common/"):
        return forbidden_in_common(name, wanted)
    return forbidden_in_service(name, wanted)


def forbidden_in_common(name, wanted):
    if wanted.startswith("messages/"):
        return None
    if not wanted.startswith("common/"):
        return "common/ knows no service"
    mine, theirs = name.split("/")[1], wanted.split("/")[1]
    if mine == theirs:
        return None
    if COMMON_RANK.get(theirs, 99) < COMMON_RANK.get(mine, -1):
        return None
    return f"common/{mine} does not stand on common/{theirs}"


def forbidden_in_service(name, wanted):
    (service, part), owner = service_of(name) or ("", ""), service_of(wanted)
    if owner and owner[0] != service:
        if service in LENT.get(wanted, ()):
            return None
        return f"{service} may not use another service's headers; they talk by messages"
    if owner:
        if SERVICE_RANK[owner[1]] <= SERVICE_RANK[part] or (wanted in LENT and part == "shell"):
            return None
        return f"{part}/ does not stand on {owner[1] or 'the service'}/"
    if part == "domain" and not DOMAIN_MAY.match(wanted):
        return "domain/ is pure: messages, common/base, common/clinical and common/runtime/domain.hpp only"
    return None


def include_walls(tree):
    for name, text in tree.text(*CPP):
        for line, wanted, quoted in cpp.includes(text):
            ours = quoted or re.match(r"(messages|common|services|tests)/", wanted)
            why = forbidden(name, wanted) if ours else None
            if why:
                yield f"{name}:{line}: includes {wanted}: {why}"


def third_party_headers(tree):
    for name, text in tree.text(".hpp"):
        if name.startswith("tests/"):
            continue
        for line, wanted, quoted in cpp.includes(text):
            if not quoted and (not HEADER_MAY.match(wanted) or HEADER_MAY_NOT.match(wanted)):
                yield f"{name}:{line}: includes <{wanted}>: third-party headers belong in .cpp files"


def pure_domain(tree):
    for name, text in tree.text(*CPP):
        service = service_of(name)
        if not service or service[1] != "domain":
            continue
        for line, wanted, quoted in cpp.includes(text):
            if quoted or wanted in DOMAIN_LIBRARIES:
                continue
            if wanted in DOMAIN_STD or not HEADER_MAY.match(wanted) or HEADER_MAY_NOT.match(wanted):
                yield f"{name}:{line}: includes <{wanted}>: domain/ has no clock, file, thread, chance or library"
        for number, line in enumerate(cpp.strip(text).splitlines(), 1):
            if CLOCKS.search(line):
                yield f"{name}:{number}: reads the world; time and chance are arguments"
