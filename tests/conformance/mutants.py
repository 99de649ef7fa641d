"""Broken messages made from good ones, one fault each, and the refusal that each must get.

A mutant that breaks the message's content is made twice, as JSON and as XML; what only one of the formats can get
wrong is in mutants_bodies.py, what is wrong about the visit itself in mutants_visits.py."""
import dataclasses
import json

import messages
from client import JSON, PROCESS, XML, to_xml
from messages import code, contact, index, locate, resource, without


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


NO_PLACE = "Bundle.entry"
MUTANTS = []


def both(name, change, **expected):
    """`change` breaks a good message; `names` may hold {Kind}, the place of the first resource of that kind."""
    for body_type in (JSON, XML):
        message = messages.new()
        places = {entry["resource"]["resourceType"]: f"Bundle.entry[{number}].resource"
                  for number, entry in reversed(list(enumerate(message["entry"])))}
        change(message)
        body = json.dumps(message).encode() if body_type == JSON else to_xml(message)
        wanted = {**expected, "names": expected.get("names", "").format(**places)}
        kind = "JSON" if body_type == JSON else "XML"
        MUTANTS.append(Mutant(f"{kind}: {name}", body=body, body_type=body_type, **wanted))


def set_in(kind, name, value):
    return lambda message: resource(message, kind).update({name: value})


def dropped(kind, name):
    return lambda message: resource(message, kind).pop(name)


def coded(kind, position, value):
    return lambda message: resource(message, kind)["category"][0]["coding"][position].update(code=value)


def envelope():
    for kind in ("document", "transaction", "batch", "collection", "searchset", "history", "Message"):
        both(f"Bundle.type {kind}", lambda m, it=kind: m.update(type=it), names="Bundle.type")
    both("Bundle.type left out", lambda m: m.pop("type"), names="Bundle.type")
    both("Bundle.id left out", lambda m: m.pop("id"), names="Bundle.id")
    for wrong in ("1234", "86e3371d-1c15-4862-9552", "86e3371d-1c15-4862-9552-d9560f8292bz",
                  "86e3371d1c1548629552d9560f8292ba", "{86e3371d-1c15-4862-9552-d9560f8292ba}"):
        both(f"Bundle.id {wrong}", lambda m, it=wrong: m.update(id=it), names="Bundle.id")
    both("no version", lambda m: m["meta"].pop("versionId"), names="Bundle.meta.versionId")
    for wrong in ("0.9.0", "2.0.0", "one", "11.0.0"):
        both(f"version {wrong}", lambda m, it=wrong: m["meta"].update(versionId=it), names="Bundle.meta.versionId",
             status=422, code="REC_UNPROCESSABLE_ENTITY", issue="not-supported")


def kind_of_message():
    header = "{MessageHeader}."
    for kind in ("MessageHeader", "ServiceRequest"):
        both(f"no {kind}", lambda m, it=kind: without(m, it), names=NO_PLACE)
    for wrong in ("booking-response", "Servicerequest-request", "servicerequest-requests", "nonsense"):
        both(f"event {wrong}", lambda m, it=wrong: resource(m, "MessageHeader")["eventCoding"].update(code=it),
             names=header + "eventCoding")
    both("no event", dropped("MessageHeader", "eventCoding"), names=header + "eventCoding")
    both("an event without code", lambda m: resource(m, "MessageHeader")["eventCoding"].pop("code"),
         names=header + "eventCoding")
    for wrong in ("New", "renew", "nonsense"):
        both(f"reason {wrong}", set_in("MessageHeader", "reason", code("message-reason-bars", wrong)),
             names=header + "reason")
    both("no reason", dropped("MessageHeader", "reason"), names=header + "reason")
    both("a reason of another code system", set_in("MessageHeader", "reason", code("made-up", "new")),
         names=header + "reason")
    both("a response to nothing",
         lambda m: resource(m, "MessageHeader")["eventCoding"].update(code="servicerequest-response"),
         names=header + "response")
    for wrong in ("2000072489", ""):
        both(f"source.endpoint {wrong or 'left out'}", lambda m, it=wrong: resource(m, "MessageHeader").update(
            source={"endpoint": it} if it else {"name": "Demo"}), names=header + "source.endpoint")
    place = "{ServiceRequest}.category"
    both("no category at all", dropped("ServiceRequest", "category"), names=place)
    both("no message category", lambda m: resource(m, "ServiceRequest")["category"][0]["coding"].pop(0), names=place)
    both("no use case", lambda m: resource(m, "ServiceRequest")["category"][0]["coding"].pop(1), names=place)
    for wrong in ("Validation", "validate", "nonsense"):
        both(f"category {wrong}", coded("ServiceRequest", 0, wrong), names=place)
    for wrong in ("a4t9", "A4T1", "a4", "nonsense"):
        both(f"use case {wrong}", coded("ServiceRequest", 1, wrong), names=place)
    for wrong in ("a1t1", "a5t1", "a6t1"):
        both(f"use case {wrong} as a validation", coded("ServiceRequest", 1, wrong), names=place, status=422,
             code="REC_UNPROCESSABLE_ENTITY", issue="not-supported")


def statuses():
    wrong = {"ServiceRequest": ("draft", "on-hold", "revoked", "completed", "entered-in-error", "unknown", "Active"),
             "Encounter": ("planned", "arrived", "onleave", "finished", "cancelled", "entered-in-error", "unknown"),
             "CarePlan": ("draft", "on-hold", "revoked", "completed", "entered-in-error", "unknown")}
    for kind, codes in wrong.items():
        for status in codes:
            both(f"{kind}.status {status}", set_in(kind, "status", status), names="{" + kind + "}.status")
        both(f"no {kind}.status", dropped(kind, "status"), names="{" + kind + "}.status")
    for kind in ("Encounter", "CarePlan"):
        both(f"no {kind}", lambda m, it=kind: without(m, it), names=NO_PLACE)


def second_encounter(message):
    other = {**resource(message, "Encounter"), "status": "planned"}
    message["entry"].append({"fullUrl": "urn:uuid:3f1c8f0e-0f3e-4a53-9c55-0f5c6e1d0a0e", "resource": other})


def content():
    both("a second Encounter, planned", second_encounter, names="].resource.status")
    both("no Consent", lambda m: without(m, "Consent"), names=NO_PLACE)
    both("Consent without category", dropped("Consent", "category"), names="{Consent}.category")
    for wrong in ("NDRC", "drc", "RESEARCH"):
        both(f"Consent to {wrong}", set_in("Consent", "category", [code("consent-categories-bars", wrong)]),
             names="{Consent}.category")
    place = "{Patient}.contact"
    both("no Patient", lambda m: without(m, "Patient"), names=NO_PLACE)
    both("no contact", dropped("Patient", "contact"), names=place)
    both("no contact of rank 1", set_in("Patient", "contact", [contact(2)]), names=place)
    both("two contacts of rank 1", set_in("Patient", "contact", [contact(1), contact(1, "DAU")]), names=place)
    both("two of rank 1 among three", set_in("Patient", "contact", [contact(1), contact(2), contact(1)]), names=place)
    both("a contact without rank", lambda m: resource(m, "Patient")["contact"][0].pop("extension"), names=place)
    both("no Location", lambda m: without(m, "Location"), names=NO_PLACE)
    both("a location that is nowhere", lambda m: locate(m), names="{Location}")
    both("address, grid and degrees without UPRN", lambda m: locate(m, "address", "grid", "degrees"),
         names="{Location}")
    both("UPRN and degrees without address", lambda m: locate(m, "UPRN", "degrees"), names="{Location}")
    for wrong in ("tomorrow", "2026-11-26", "2026-11-26T10:00:00", "2026-13-01T10:00:00Z", "2026-02-30T10:00:00Z",
                  "2026-11-26T10:61:00Z"):
        both(f"breach time {wrong}",
             lambda m, it=wrong: resource(m, "ServiceRequest")["occurrencePeriod"].update(end=it),
             names="{ServiceRequest}.occurrencePeriod")
        both(f"clock start {wrong}", lambda m, it=wrong: resource(m, "CarePlan")["period"].update(start=it),
             names="{CarePlan}.period")


def build():
    import mutants_bodies
    import mutants_changes
    import mutants_visits
    MUTANTS.clear()
    for part in (envelope, kind_of_message, statuses, content, mutants_changes.build, mutants_bodies.build,
                  mutants_visits.build):
        part()
    names = [mutant.name for mutant in MUTANTS]
    assert len(set(names)) == len(names), "two mutants of one name"
    return MUTANTS


def json_only(name, change, **expected):
    message = messages.new()
    kinds = {entry["resource"]["resourceType"] for entry in message["entry"]}
    places = {kind: f"Bundle.entry[{index(message, kind)}].resource" for kind in kinds}
    change(message)
    wanted = {**expected, "names": expected.get("names", "").format(**places)}
    MUTANTS.append(Mutant("JSON: " + name, body=json.dumps(message).encode(), **wanted))
