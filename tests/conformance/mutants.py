"""Broken messages made from good ones, one fault each, and the refusal that each must get.

A fault is a row of mutants_content.py (what a message says), of mutants_bodies.py (its bytes and FHIR's structure:
what only JSON or only XML can get wrong) or of mutants_visits.py (what is wrong about the visit itself). It is put into
every good message whose kind it names and that has what it breaks."""
import dataclasses
import json

import messages
from client import JSON, PROCESS, XML, to_xml

VALIDATION, REFERRAL, UPDATE, CANCEL, RESPONSE = "validation", "referral", "update", "cancel", "response"
NEW = (VALIDATION, REFERRAL)
WITH_CONTENT = (*NEW, UPDATE)  # a cancellation and a response are not judged by more than what they are
REQUESTS = (*WITH_CONTENT, CANCEL)
ALL = (*REQUESTS, RESPONSE)


@dataclasses.dataclass
class Mutant:
    name: str
    status: int = 400
    code: str = "REC_BAD_REQUEST"
    names: str = ""  # in an issue's expression; empty: the fault has no place of its own
    issue: str = "invariant"  # of the first issue
    body: bytes = b""
    body_type: str = JSON
    headers: dict = dataclasses.field(default_factory=dict)  # changed or, with None, left out
    method: str = "POST"
    path: str = PROCESS
    by_http: bool = False  # answered before anybody looked at the ids
    journalled: bool = True  # faults of content are; faults of headers are answered at once
    identity: list = dataclasses.field(default_factory=lambda: messages.IDENTITY)  # must stand in no refusal


class Base:
    """A good message, which no fault touches: each is put into a copy."""

    def __init__(self, name, kind, message, forms=(JSON, XML), identity=tuple(messages.IDENTITY)):
        self.name, self.kind, self.forms, self.identity = name, kind, forms, list(identity)
        self.text = json.dumps(message)
        self.places = {entry["resource"]["resourceType"]: f"Bundle.entry[{number}].resource"
                       for number, entry in reversed(list(enumerate(message["entry"])))}
        self.places["appended"] = f"Bundle.entry[{len(message['entry'])}].resource"
        self.category = messages.coding(message, messages.CATEGORY)["code"]
        self.word = next(messages.texts(messages.resource(message, "Patient"), {"family"})).encode()

    def copy(self):
        return json.loads(self.text)


@dataclasses.dataclass
class Fault:
    name: str
    kinds: tuple
    forms: tuple
    expected: dict  # of Mutant; `names` may hold {Kind}, the place of the first resource of that kind
    change: object = None  # of the message, a dict in FHIR JSON shape
    rewrite: object = None  # of its bytes, told a word that stands in it
    written_as: str = ""  # another format than the one that is said


FAULTS = []
OF_NOTHING = []  # mutants that no good message is needed for


def fault(name, change, kinds=ALL, forms=(JSON, XML), written_as="", **expected):
    FAULTS.append(Fault(name, kinds, forms, expected, change=change, written_as=written_as))


def rewritten(name, form, rewrite, **expected):
    FAULTS.append(Fault(name, ALL, (form,), expected, rewrite=rewrite))


def written(message, form):
    return json.dumps(message).encode() if form == JSON else to_xml(message)


def short(form):
    return "JSON" if form == JSON else "XML"


def made(one, base, form):
    """The mutant; None where the message has not what the fault breaks."""
    message = base.copy()
    try:
        names = one.expected.get("names", "").format(**base.places)
        if one.change:
            one.change(message)
    except (KeyError, IndexError, StopIteration):
        return None
    body = written(message, one.written_as or form)
    if one.rewrite:
        good, body = body, one.rewrite(body, base.word)
        if body == good:
            return None
    elif one.change and json.dumps(message) == base.text:
        return None
    expected = {**one.expected, "names": names}
    if isinstance(expected.get("issue"), dict):
        expected["issue"] = expected["issue"][base.category]
    name = f"{short(form)}: {base.name}{one.name}"
    return Mutant(name, body=body, body_type=form, identity=base.identity, **expected)


def catalogue():
    import mutants_bodies
    import mutants_content
    import mutants_visits
    if not FAULTS:
        for part in (mutants_content, mutants_bodies, mutants_visits):
            part.build()
    return FAULTS


def of(bases):
    """One after the other, as all at once would be large."""
    for base in bases:
        for one in catalogue():
            if base.kind in one.kinds:
                mutants = [made(one, base, form) for form in base.forms if form in one.forms]
                yield from (mutant for mutant in mutants if mutant)


def made_up():
    return [Base("", VALIDATION, messages.new()), *(Base(f"{kind}: ", kind, messages.changed(messages.new(), change))
            for kind, change in [(REFERRAL, messages.referral), (UPDATE, messages.update), (CANCEL, messages.cancel)])]


def build(bases):
    """Those of our own, made-up messages, and of nothing."""
    mutants = [*of(bases), *OF_NOTHING]
    names = [mutant.name for mutant in mutants]
    assert len(set(names)) == len(names), "two mutants of one name"
    for one in catalogue():
        assert any(name.endswith(one.name) for name in names), f"no message has what {one.name} breaks"
    return mutants
