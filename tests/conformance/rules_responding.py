"""What goes back, seen from the sender's endpoint: bars.md sections 4, 11, 16; facts.md 1.6, 1.7."""
import base64
import json
import time

import messages
from client import DOS, JSON, XML, guid, value_of
from messages import resource
from partner import Partner, to
from rules import rule, same
from rules_updates import Sent
from world import ME

A4 = "application 4, Payloads-for-Responders"
ENOUGH = 10_000
COUNTS = {  # MessageDefinition focus: facts.md 1.6
    "interim": {"MessageHeader": (1, 1), "ServiceRequest": (1, 1), "Patient": (1, 1), "Encounter": (2, 2),
                "CarePlan": (0, 0), "Organization": (1, ENOUGH), "Practitioner": (1, ENOUGH),
                "PractitionerRole": (1, ENOUGH)},
    "full": {"MessageHeader": (1, 1), "ServiceRequest": (1, 1), "Patient": (1, 1), "Encounter": (2, 3),
             "CarePlan": (1, 1), "Location": (1, 1), "HealthcareService": (1, 1), "Organization": (2, ENOUGH),
             "Practitioner": (1, ENOUGH), "PractitionerRole": (1, ENOUGH)}}


def responding(name, source):
    """A rule that needs a sender's endpoint of ours, and so a private stack."""
    def keep(check):
        return rule(name, source)(lambda world: check(world) if world.record else None)
    return keep


class Worked(Sent):
    """A request that was accepted, and what people do with it from the command line."""

    def __init__(self, world, message=None, body_type=JSON, behaves=(), claimed=True):
        self.stack = world.record.stack
        message = message or messages.new()
        Partner.behaves[message["id"]] = list(behaves)
        super().__init__(world, message, body_type)
        if claimed:
            self.stack.until(lambda: self.number in json.dumps(world.record.queue()), "not queued")
            self.do("claim")

    def do(self, verb, *arguments):
        self.stack.run_as(ME, verb, self.number, *arguments)

    def got(self, number):
        """The last of so many."""
        self.stack.until(lambda: len(to(self.message["id"])) >= number, f"no message {number}")
        return to(self.message["id"])[number - 1]

    def all_got(self):
        return to(self.message["id"])

    def advice(self):
        self.do("decide", "--pathway", "advice", "--code", "self-care", "--text", "Told by telephone: rest.")


def counted(got, kind):
    same(got.definition, f"bars-message-servicerequest-response-validation-{kind}", "definition")
    for name, (least, most) in COUNTS[kind].items():
        if not least <= len(got.all(name)) <= most:
            raise AssertionError(f"{kind}: {len(got.all(name))} {name}")


def outcomes(got):
    plan = got.one("CarePlan")
    return [value_of(one, "coding/code") or value_of(one, "text")
            for one in plan.findall("activity/outcomeCodeableConcept")]


@responding("interim when the consultation starts, not before: new, own Encounter in-progress, no plan", A4)
def interim(world):
    case = Worked(world)
    time.sleep(0.5)
    same(to(case.message["id"]), [], "before the consultation")
    case.do("consult")
    got = case.got(1)
    counted(got, "interim")
    same((got.reason, value_of(got.own, "status")), ("new", "in-progress"), "reason, Encounter")
    same(value_of(got.own, "reasonCode/coding/code"), "validation-triage-outcome", "reasonCode")
    request = got.one("ServiceRequest")
    same((value_of(request, "status"), request.find("basedOn")), ("active", None), "ServiceRequest")


@responding("full after an interim: update, own Encounter finished; advice: the plan is completed", A4)
def full_update(world):
    case = Worked(world)
    case.do("consult")
    case.got(1)
    case.advice()
    got = case.got(2)
    counted(got, "full")
    same((got.reason, value_of(got.own, "status")), ("update", "finished"), "reason, Encounter")
    same(value_of(got.one("CarePlan"), "status"), "completed", "CarePlan.status")
    if "Told by telephone: rest." not in outcomes(got):
        raise AssertionError(f"no summary: {outcomes(got)}")
    if value_of(got.own, "period/end") is None:
        raise AssertionError("the consultation has no end")


@responding("full without an interim: new", A4)
def full_new(world):
    case = Worked(world)
    case.advice()
    got = case.got(1)
    counted(got, "full")
    same((got.reason, value_of(got.own, "status")), ("new", "finished"), "reason, Encounter")


@responding("an ambulance as asked: plan active, the sender's codes and clock start stand", A4)
def unchanged(world):
    case = Worked(world)
    case.do("decide", "--pathway", "ambulance-response", "--category", "C3", "--code", "as-triaged")
    got = case.got(1)
    counted(got, "full")
    plan = got.one("CarePlan")
    same(value_of(plan, "status"), "active", "CarePlan.status")
    same(value_of(plan, "period/start"), resource(case.message, "CarePlan")["period"]["start"], "clock start")
    for code in ("SG1070", "SD4050", "Dx0122", "C3"):
        if code not in outcomes(got):
            raise AssertionError(f"no {code}: {outcomes(got)}")


@responding("raised to C2: clock start of the decision, a third Encounter that the plan refers to", A4 + "; VALRESP03")
def emergency(world):
    case = Worked(world)
    case.do("decide", "--pathway", "ambulance-response", "--category", "C2", "--code", "worse", "--ambulance-reference",
            "S2601280042")
    got = case.got(1)
    counted(got, "full")
    plan = got.one("CarePlan")
    same(len(got.all("Encounter")), 3, "Encounters")
    wanted = value_of(plan, "activity/outcomeReference/reference")
    third = next(one for url, one in got.message.resources() if url == wanted)
    same((value_of(third, "status"), value_of(third, "identifier/value")), ("finished", "S2601280042"), "the third")
    if not value_of(plan, "period/start") > resource(case.message, "CarePlan")["period"]["start"]:
        raise AssertionError("the clock start is still that of the request")
    if "C2" not in outcomes(got) or "C3" in outcomes(got):
        raise AssertionError(outcomes(got))


@responding("a patient who was lifted: PATLIFT", A4)
def lifted(world):
    case = Worked(world)
    case.do("decide", "--pathway", "discharge-on-scene", "--code", "self-care", "--outcome", "PATLIFT")
    if "PATLIFT" not in outcomes(case.got(1)):
        raise AssertionError(outcomes(case.got(1)))


@responding("a rejection says why: FC, RRNA, OTH with words; new, also after an interim", A4 + "; VALRESP04")
def rejections(world):
    for reason in ("FC", "RRNA", "OTH"):
        case = Worked(world)
        if reason == "FC":
            case.do("consult")
            case.got(1)
        case.do("reject", "--reason", reason, *(("--text", "Beyond our remit.") if reason == "OTH" else ()))
        got = case.got(2 if reason == "FC" else 1)
        counted(got, "interim")
        same((got.reason, value_of(got.own, "status")), ("new", "cancelled"), "reason, Encounter")
        same(value_of(got.own, "reasonCode/coding/code"), reason, "reasonCode")
        if reason == "OTH":
            same(value_of(got.own, "reasonCode/text"), "Beyond our remit.", "words")


@responding("headers: a new request id, the same correlation id, the sender as target, use-context", "core guide")
def headers(world):
    case = Worked(world)
    case.do("consult")
    case.got(1)
    case.advice()
    first, second = case.got(1), case.got(2)
    ids = {case.request, first.headers["x-request-id"], second.headers["x-request-id"]}
    same(len(ids), 3, "request ids")
    for got, reason in ((first, "new"), (second, "update")):
        same(got.headers["x-correlation-id"], case.correlation, "X-Correlation-Id")
        same(got.headers["use-context"], f"a4t1|validation|servicerequest-response|{reason}", "use-context")
        target = json.loads(base64.b64decode(got.headers["nhsd-target-identifier"]))
        asked = resource(case.message, "MessageHeader")["source"]["endpoint"].rpartition("|")[2]
        same(target, {"system": DOS, "value": asked}, "NHSD-Target-Identifier")


@responding("ids, case numbers, the Journey ID and the request's Bundle id go with every response", A4 + "; section 11")
def ids_stay(world):
    case = Worked(world)
    case.do("consult")
    case.got(1)
    case.advice()
    known = {e["fullUrl"]: e["resource"]["id"] for e in case.bundle["entry"]}
    for got in (case.got(1), case.got(2)):
        header = got.one("MessageHeader")
        same(value_of(header, "response/code"), "ok", "response.code")
        same(value_of(header, "source/endpoint"), f"{DOS}|{world.server.service}", "source.endpoint")
        same(value_of(header, "destination/endpoint"),
             resource(case.message, "MessageHeader")["source"]["endpoint"], "destination.endpoint")
        if got.message.tree.find("id").get("value") == case.message["id"]:
            raise AssertionError("the Bundle.id is that of the request")
        same(value_of(got.own, "identifier/value"), case.number, "our case number")
        same(value_of(got.own, "id"), case.bundle["entry"][-1]["resource"]["id"], "our Encounter's id")
        for one in got.all("Encounter"):
            same(value_of(one, "episodeOfCare/reference"),
                 resource(case.message, "Encounter")["episodeOfCare"][0]["reference"], "Journey ID")
        for url, one in got.message.resources():
            if url in known:
                same(value_of(one, "id"), known[url], url)


@responding("only what has changed is dated anew", "core guide, LastUpdatedDate")
def dates(world):
    case = Worked(world)
    case.advice()
    sent = {e["fullUrl"]: e["resource"] for e in case.message["entry"]}
    got = case.got(1)
    for url, one in got.message.resources():
        stamp = value_of(one, "meta/lastUpdated")
        if url in sent and one.tag != "CarePlan":
            same(stamp, sent[url]["meta"]["lastUpdated"], one.tag)
        elif not stamp > sent[next(iter(sent))]["meta"]["lastUpdated"]:
            raise AssertionError(f"{one.tag} is not dated anew")


@responding("the Location and the Flags go back as received", A4)
def place_and_flags(world):
    message = messages.new()
    incident = next(e for e in message["entry"] if e["resource"]["resourceType"] == "Location")
    caller = messages.changed(incident, lambda e: e.update(fullUrl="urn:uuid:" + guid()))
    caller["resource"]["type"] = [messages.code("location-types-bars", "CLOC")]
    message["entry"].insert(0, caller)
    resource(message, "ServiceRequest")["locationReference"].insert(0, {"reference": caller["fullUrl"]})
    message["entry"].insert(0, message["entry"].pop(1))
    case = Worked(world, message)
    case.do("consult")
    got = case.got(1)
    same([url for url, one in got.message.resources() if one.tag == "Location"], [incident["fullUrl"]], "Location")
    same(value_of(got.one("Flag"), "code/coding/code"), "S", "Flag")
    if caller["fullUrl"].encode() in got.body:
        raise AssertionError("a reference to a Location that was not sent")


@responding("a request in XML is responded to in XML", "content negotiation")
def in_xml(world):
    case = Worked(world, body_type=XML)
    case.do("consult")
    same(case.got(1).headers["content-type"].partition(";")[0], XML, "Content-Type")
    counted(case.got(1), "interim")


@responding("tried again with the same bytes and id: after 503, and after a 200 without ids", "core guide; section 16")
def sent_again(world):
    for first in ((503, "transient", True), (200, None, False), (409, "duplicate", False), (422, None, True)):
        case = Worked(world, behaves=[first])
        case.do("consult")
        again = case.got(2)
        same((again.body, again.headers["x-request-id"]),
             (case.got(1).body, case.got(1).headers["x-request-id"]), f"the second after {first}")


@responding("409 duplicate is delivered; a 409 conflict and a 422 are for a person to decide", "core guide; section 16")
def settled(world):
    for status, issue, asks in ((409, "duplicate", False), (409, "conflict", True), (422, "not-supported", True)):
        case = Worked(world, behaves=[(status, issue, True)])
        case.do("consult")
        case.got(1)
        if asks:
            waiting = lambda: case.number in case.stack.run_as(ME, "deliveries", "--hub", "paddock-wood")  # noqa: E731
            case.stack.until(waiting, f"nobody is asked about {status} {issue}")
        time.sleep(2.5)  # the first wait before another try is a second
        same(len(to(case.message["id"])), 1, f"tries after {status} {issue}")
