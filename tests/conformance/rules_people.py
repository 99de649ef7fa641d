"""What people see of what a sender says while they work, and what a sender reads of what they did: bars.md sections 10,
11, 14."""
import json

import messages
from messages import resource
from rules import holds, refused, same
from rules_reading import get
from rules_responding import Worked, responding
from rules_updates import later, touch


def with_category(message, code):
    plan = resource(message, "CarePlan")
    for outcome in plan["activity"][0]["outcomeCodeableConcept"]:
        for coding in outcome.get("coding", []):
            if coding["system"].endswith("/arp-priority-codes"):
                coding["code"] = code
    touch(message, "CarePlan", at=later(2))
    return message


@responding("an update in mid-consultation: people see it at once, nothing is overwritten, both messages are kept",
            "application 4, Submit and Scope; section 10")
def updated_in_consultation(world):
    record, case = world.record, Worked(world)
    case.do("consult")
    case.got(1)
    case.do("note", "--text", "Speaks in whole sentences.")
    before = record.case_json(case.number)["review"]
    less = with_category(case.follow_up(), "C4")  # nobody is put off while somebody speaks with the patient
    resource(less, "CarePlan")["activity"][0]["outcomeCodeableConcept"][-1]["text"] = "Felt better at noon."
    body = json.dumps(less, indent=1).encode()
    same(world.server.post(body, X_Correlation_Id=case.correlation).status, 200, "the update")
    case.stack.until(lambda: "UPDATED BY ITS SENDER" in record.queue_row(case.number), "nobody sees it in the queue")
    holds(record.queue_row(case.number), "in consultation", "conformance")
    holds(record.case(case.number), "UPDATED BY ITS SENDER", "who says category C4", "1 by its sender")
    now = record.case_json(case.number)["review"]
    for what in ("status", "category", "claim", "breach_at"):
        same(now[what], before[what], what)
    holds(record.revealed(case.number), "Speaks in whole sentences.", "Felt better at noon.")
    same(record.original(case.number), json.dumps(case.message).encode(), "the request")
    same(record.original(case.number, 2), body, "the update")
    case.advice()
    same(case.got(2).reason, "update", "reason of the answer")


@responding("an update that makes it worse raises it at once, in mid-consultation too", "section 10")
def raised_in_consultation(world):
    record, case = world.record, Worked(world)
    case.do("consult")
    same(world.server.post(with_category(case.follow_up(), "C2")).status, 200, "the update")
    case.stack.until(lambda: " C2 " in record.queue_row(case.number), "not raised")
    holds(record.queue_row(case.number), "in consultation")
    case.advice()


@responding("a cancellation in mid-consultation: people see it, and decide", "core guide, Cancellation; section 10")
def cancelled_in_consultation(world):
    record, case = world.record, Worked(world)
    case.do("consult")
    case.got(1)
    same(world.server.post(case.cancel()).status, 200, "the cancellation")
    told = "CANCELLED BY ITS SENDER (revoked)"
    case.stack.until(lambda: told in record.queue_row(case.number), "nobody sees it in the queue")
    holds(record.queue_row(case.number), "in consultation")
    holds(record.case(case.number), told, "asked for by the sender: revoked")
    case.advice()
    same(case.got(2).reason, "update", "reason of the answer")


@responding("a second request of a journey while the first is open: a case of its own, linked, both in the queue",
            "core guide, Journey-ID; core functionality, Referral-Receiver")
def second_of_a_journey(world):
    record, first = world.record, Worked(world)
    journey = resource(first.message, "Encounter")["episodeOfCare"][0]["reference"].rpartition("/")[2]
    second = Worked(world, messages.new(journey_id=journey, nhs_number="9990000115", phone="07700 900178"))
    same(first.number == second.number, False, "one case for both")
    case_of = {one.number: one for one in (first, second)}
    first.stack.until(lambda: f"linked to       {first.number} by " in record.case(second.number), "not linked")
    for number, case in case_of.items():
        holds(record.queue_row(number), number)
        case.advice()
        same(case.got(1).reason, "new", f"the answer to {number}")


def status_read(world, sent):
    answer = get(world, f"/ServiceRequest/{sent.service_request()}")
    same(answer.status, 200, f"GET: {answer.body[:300]}")
    return json.loads(answer.body)["status"]


@responding("GET after a cancellation: revoked, or entered in error, as its sender said",
            "core guide, Cancellation: read before update and cancel")
def status_after_cancel(world):
    for status in ("revoked", "entered-in-error"):
        case = Worked(world, claimed=False)
        same(status_read(world, case), "active", "before")
        same(world.server.post(case.cancel(status)).status, 200, "the cancellation")
        case.stack.until(lambda it=case, word=status: status_read(world, it) == word, f"not {status}")


@responding("GET in consultation: active; after the decision: completed, and it cannot be cancelled any more",
            "core guide, Cancellation: only what is active")
def status_after_decision(world):
    case = Worked(world)
    case.do("consult")
    same(status_read(world, case), "active", "in consultation")
    case.advice()
    case.stack.until(lambda: status_read(world, case) == "completed", "not completed")
    refused(world.server.post(case.cancel()), 409, "conflict", "REC_CONFLICT", names="status")
