"""Faults of what is said about a case that exists: its ids again, what never changes, what is over. Whoever sent it
is right in everything else, so each refusal is for the one fault, and the case stands as it stood."""
import dataclasses

import messages
from client import JSON, XML, guid
from messages import CATEGORY, USE_CASE, coding, locate, resource
from mutants import Mutant, short, written
from rules import same
from rules_reading import get
from rules_updates import Sent, later, referral_of, touch
from world import ME

CONFLICT = {"status": 409, "issue": "conflict", "code": "REC_CONFLICT"}
DUPLICATE = {"status": 409, "issue": "duplicate", "code": "REC_CONFLICT", "journalled": False}  # it is kept already
UNKNOWN = {"status": 404, "issue": "not-found", "code": "REC_NOT_FOUND"}
LONG_AGO = "2021-01-01T00:00:00.000Z"
OPEN, CANCELLED, DECIDED = "open", "cancelled", "decided"


class Case(Sent):
    """A request that was accepted and updated once; `requests` and `bundles` are the ids that both came under."""

    def __init__(self, world, form):
        self.world, self.form = world, form
        self.requests = [guid(), guid()]
        super().__init__(world, body_type=form, request_id=self.requests[0])
        self.changed = self.follow_up()
        resource(self.changed, "CarePlan")["description"] = "Felt dizzy again."
        touch(self.changed, "CarePlan")
        same(world.server.post(self.changed, form, X_Request_Id=self.requests[1]).status, 200, "the update")
        self.bundles = [self.message["id"], self.changed["id"]]
        self.until(lambda told: told["review"].get("sender_updates") == 1)

    def until(self, holds):
        record = self.world.record
        record.stack.until(lambda: holds(record.case_json(self.number)), f"{self.number} is not so far")

    def standing(self):
        """All that is known of it; that it was looked at is no change."""
        told = self.world.record.case_json(self.number)
        read = get(self.world, f"/ServiceRequest/{self.service_request()}")
        events = [e for e in told["events"] if not e["payload"]["@type"].endswith(".IdentityViewed")]
        return {"case": told["case"], "review": told["review"], "deliveries": told.get("deliveries"), "events": events,
                "read": (read.status, read.body)}

    def update(self, change=None):
        return self.dated(messages.changed(self.changed, lambda m: m.update(id=guid())), change)

    def a_cancel(self, change=None, status="revoked", reason="update"):
        return self.dated(self.cancel(status, reason), change)

    def dated(self, message, change):
        """Newer than what is held, in all that it says."""
        touch(message, *{entry["resource"]["resourceType"] for entry in message["entry"]}, at=later(5))
        if change:
            change(message)
        return message


@dataclasses.dataclass
class CaseFault:
    name: str
    state: str
    message: object  # made from the Case
    expected: dict  # of Mutant; `names` may hold {Kind}, the place of the first resource of that kind
    request_id: object = None  # from the Case, where it is not a fresh one


FAULTS = []


def fault(name, message, state=OPEN, request_id=None, **expected):
    FAULTS.append(CaseFault(name, state, message, expected, request_id))


def ids_again():
    whose = ("the request", "its update")
    for one, of_whom in enumerate(whose):
        for what, make in (("a new request", lambda case: messages.new()), ("another update", Case.update),
                           ("a cancellation", Case.a_cancel)):
            fault(f"{what} under the request id of {of_whom}", make, request_id=lambda c, it=one: c.requests[it],
                  **DUPLICATE)
        fault(f"a new request under the request id of {of_whom} in capitals", lambda case: messages.new(),
              request_id=lambda c, it=one: c.requests[it].upper(), **DUPLICATE)
        fault(f"a new request under the Bundle.id of {of_whom}",
              lambda case, it=one: messages.changed(messages.new(), lambda m: m.update(id=case.bundles[it])),
              names="Bundle.id")
        fault(f"a new request under the Bundle.id of {of_whom} in capitals",
              lambda case, it=one: messages.changed(messages.new(), lambda m: m.update(id=case.bundles[it].upper())),
              names="Bundle.id")
    fault("the request again, id and all", lambda case: case.message, request_id=lambda c: c.requests[0], **DUPLICATE)
    fault("the update again, id and all", lambda case: case.changed, request_id=lambda c: c.requests[1], **DUPLICATE)
    fault("the request again under another request id", lambda case: case.message, names="Bundle.id")
    fault("a referral under the Bundle.id of the request",
          lambda case: messages.changed(referral_of(messages.new()), lambda m: m.update(id=case.bundles[0])),
          names="Bundle.id")


def older(kind):
    return lambda message: resource(message, kind).update(meta={"lastUpdated": LONG_AGO})


def dates():
    for kind in sorted({entry["resource"]["resourceType"] for entry in messages.new()["entry"]}):
        fault(f"an update with an older {kind}", lambda case, it=kind: case.update(older(it)),
              names="{" + kind + "}.meta.lastUpdated", **CONFLICT)
    fault("a cancellation with an older ServiceRequest", lambda case: case.a_cancel(older("ServiceRequest")),
          names="{ServiceRequest}.meta.lastUpdated", **CONFLICT)


def now_a(system, code):
    return lambda message: coding(message, system).update(code=code)


def a_referral(message):
    referral_of(message)
    coding(message, USE_CASE)["code"] = "a3t1"


def another_encounter(message):
    url = "urn:uuid:" + guid()
    message["entry"][messages.index(message, "Encounter")]["fullUrl"] = url
    for kind in ("ServiceRequest", "CarePlan"):
        resource(message, kind)["encounter"] = {"reference": url}


def another_journey(message):
    resource(message, "Encounter")["episodeOfCare"] = [{"reference": "EpisodeOfCare/" + guid()}]


def callers_place(message):
    resource(message, "Location")["type"] = [messages.code("location-types-bars", "CLOC")]


def what_never_changes():
    place = {"names": "{ServiceRequest}.category"}
    for what, make in (("an update", Case.update), ("a cancellation", Case.a_cancel)):
        for use_case in ("a4t2", "a4t3"):
            fault(f"{what} to the use case {use_case}",
                  lambda case, it=make, code=use_case: it(case, now_a(USE_CASE, code)), **place)
    fault("an update to a referral", lambda case: case.update(a_referral), **place)
    fault("a cancellation of a referral",
          lambda case: case.a_cancel(lambda m: (now_a(CATEGORY, "referral")(m), now_a(USE_CASE, "a3t1")(m))), **place)
    fault("an update with another Encounter", lambda case: case.update(another_encounter), names="{Encounter}")
    fault("an update with another Journey", lambda case: case.update(another_journey),
          names="{Encounter}.episodeOfCare")


def places():
    for what, parts in (("nowhere at all", ()), ("degrees and UPRN, and no address", ("UPRN", "degrees")),
                        ("address, grid and degrees, and no UPRN", ("address", "grid", "degrees"))):
        fault(f"an update that leaves a place with {what}",
              lambda case, it=parts: case.update(lambda m: locate(m, *it)), names="{Location}")
    fault("an update that makes the incident's place the caller's", lambda case: case.update(callers_place),
          names="Bundle.entry")


def of_another(message):
    message_source = resource(message, "MessageHeader")["source"]
    message_source["endpoint"] = message_source["endpoint"].rpartition("|")[0] + "|7700900099"


def of_nobody(message):
    resource(message, "ServiceRequest")["id"] = guid()


def whose():
    for what, make in (("an update", Case.update), ("a cancellation", Case.a_cancel)):
        for by, change in (("by another sender", of_another), ("of a request that is not here", of_nobody)):
            fault(f"{what} {by}", lambda case, it=make, done=change: it(case, done), names="{ServiceRequest}",
                  **UNKNOWN)


def what_is_over():
    place = {"names": "{ServiceRequest}.status", **CONFLICT}
    for state in (CANCELLED, DECIDED):
        for status in ("revoked", "entered-in-error"):
            for reason in ("update", "delete"):
                fault(f"a cancellation ({status}, {reason}) of what was {state}",
                      lambda case, it=status, why=reason: case.a_cancel(status=it, reason=why), state, **place)
    fault("an update of what was cancelled", Case.update, CANCELLED, **place)


def brought_to(case, state):
    stack = case.world.record.stack
    if state == CANCELLED:
        same(case.world.server.post(case.cancel(), case.form).status, 200, "the cancellation")
    elif state == DECIDED:
        stack.run_as(ME, "claim", case.number)
        stack.run_as(ME, "decide", case.number, "--pathway", "advice", "--code", "self-care")
    else:
        return
    case.until(lambda told: told["case"].get("closed"))


def cases(world):
    """(case, its mutants) for each state and format."""
    if not FAULTS:
        for part in (ids_again, dates, what_never_changes, places, whose, what_is_over):
            part()
    for form in (JSON, XML):
        for state in (OPEN, CANCELLED, DECIDED):
            case = Case(world, form)
            brought_to(case, state)
            yield case, [made(one, case) for one in FAULTS if one.state == state]


def made(one, case):
    message = one.message(case)
    places_of = {entry["resource"]["resourceType"]: f"Bundle.entry[{number}].resource"
                 for number, entry in reversed(list(enumerate(message["entry"])))}
    expected = {**one.expected, "names": one.expected.get("names", "").format(**places_of)}
    headers = {"X-Request-Id": one.request_id(case)} if one.request_id else {}
    return Mutant(f"{short(case.form)}: {one.name}", body=written(message, case.form), body_type=case.form,
                  headers=headers, **expected)
