"""What nobody asked for here, what is not offered, and what cannot be answered now: bars.md sections 7, 10, 16, 17."""
import contextlib
import json
import os
import signal
import threading
import time

import messages
from client import JSON, guid
from messages import resource
from private_stack import processes
from rules import accepted, refused, rule, same
from rules_reading import get, search, unpacked
from rules_updates import Sent, referral_of, touch


def response(message):
    header = resource(message, "MessageHeader")
    header["eventCoding"]["code"] = "servicerequest-response"
    header["response"] = {"identifier": guid(), "code": "ok"}
    return message


@rule("a validation response to what nobody sent: 400 not-found, sent again too",
      "NHS kit, UnsolicitedValidationResponse; conflict 7")
def unsolicited_validation(world):
    one, message = guid(), response(messages.new())
    for _ in range(2):
        answer = world.server.post(message, X_Request_Id=one)
        refused(answer, 400, "not-found", "REC_NOT_FOUND", names="response.identifier")


@rule("a referral response to what nobody sent: 200, twice, any Bundle.id", "NHS kit, ReferralResponse; conflict 7")
def unsolicited_referral(world):
    for _ in range(2):
        message = response(referral_of(messages.new()))
        resource(message, "ServiceRequest")["status"] = "revoked"
        message["id"] = "__BUNDLE_ID__"
        answer = world.server.post(message)
        same((answer.status, answer.tree.tag), (200, "Bundle"), answer.body[:300])


@rule("the answer to a response is gzipped when asked", "NHS kit, *WithGzip; section 2")
def gzip_of_a_response(world):
    message = response(referral_of(messages.new()))
    resource(message, "ServiceRequest")["status"] = "revoked"
    answer = unpacked(world.server.post(message, Accept_Encoding="gzip"))
    same((answer.status, answer.tree.tag), (200, "Bundle"), answer.body[:300])
    refusal = unpacked(world.server.post(response(messages.new()), Accept_Encoding="gzip"))
    refused(refusal, 400, "not-found", code=None)  # which code is judged above


def booking(count):
    message = messages.new()
    resource(message, "MessageHeader")["eventCoding"]["code"] = "booking-request"
    for _ in range(count):
        message["entry"].append({"fullUrl": "urn:uuid:" + guid(), "resource": {
            "resourceType": "Appointment", "status": "booked", "participant": [{"status": "accepted"}]}})
    return message


@rule("two Appointments in a booking: 400 invariant; a booking: 501", "NHS kit, BookAppointment BookTwoAppointments")
def bookings(world):
    refused(world.server.post(booking(2)), 400, "invariant")
    refused(world.server.post(booking(1)), 501, "not-supported", "REC_NOT_IMPLEMENTED")


@rule("/Slot and /Appointment: 501", "API; failure scenarios")
def not_served(world):
    for path in ("/Slot?status=free", "/Slot", "/Appointment", f"/Appointment/{guid()}"):
        refused(get(world, path), 501, "not-supported", "REC_NOT_IMPLEMENTED")


@rule("a referral of a GP to a pharmacy: 422", "application 5; conflict 6")
def pharmacy(world):
    for use_case in ("a5t1", "a5t2", "referraltopharmacy"):
        refused(world.server.post(referral_of(messages.new(), use_case)), 422, "not-supported",
                "REC_UNPROCESSABLE_ENTITY", names="category")


@rule("NHS 111 refers a patient whose identity is not verified: 400 invariant", "NHS kit, 111")
def unverified(world):
    for use_case, status in (("a1t1", "trace-required"), ("a2t1", "number-not-present")):
        message = referral_of(messages.new(), use_case)
        resource(message, "Patient")["identifier"][0]["extension"] = [{
            "url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus",
            "valueCodeableConcept": {"coding": [{"code": status}]}}]
        refused(world.server.post(message), 400, "invariant", names="identifier")


@rule("another known category in an update or a cancel: 400 invariant", "NHS kit, ChangeCategory")
def other_category(world):
    for follow in ("follow_up", "cancel"):
        message = getattr(Sent(world), follow)()
        coding = resource(message, "ServiceRequest")["category"][0]["coding"]
        coding[1]["code"] = "a4t2"
        refused(world.server.post(message), 400, "invariant", names="category")
        message = referral_of(getattr(Sent(world), follow)()) if follow == "follow_up" else message
        refused(world.server.post(message), 400, "invariant", names="category")


@rule("another Encounter, or another Journey, in an update: 400 invariant", "NHS kit, EncounterChanged")
def other_encounter(world):
    message = Sent(world).follow_up()
    url = "urn:uuid:" + guid()
    at = messages.index(message, "Encounter")
    message["entry"][at]["fullUrl"] = resource(message, "ServiceRequest")["encounter"]["reference"] = url
    refused(world.server.post(message), 400, "invariant", names="entry")
    message = Sent(world).follow_up()
    resource(message, "Encounter")["episodeOfCare"] = [{"reference": "EpisodeOfCare/" + guid()}]
    refused(world.server.post(message), 400, "invariant", names="episodeOfCare")


@rule("an update may bring our planned Encounter without the sender's, and the caller's place alone", "section 10")
def partial_update(world):
    sent = Sent(world)
    message = sent.follow_up()
    message["entry"][messages.index(message, "Encounter")] = sent.bundle["entry"][-1]
    resource(message, "Location")["type"] = [messages.code("location-types-bars", "CLOC")]
    message["entry"][messages.index(message, "Location")]["fullUrl"] = "urn:uuid:" + guid()
    touch(message, "Location")
    same(world.server.post(message).status, 200, "status")


@rule("a search by a number whose check digit is wrong: 200, total 0; it is no match key", "facts.md 1.11")
def search_odd_number(world):
    odd = "9990000108"
    accepted(world.server.post(messages.new(nhs_number=odd)))
    found = search(world, f"patient:identifier=https://fhir.nhs.uk/Id/nhs-number|{odd}")
    same((found.status, json.loads(found.body).get("total")), (200, 0), found.body[:300])


@contextlib.contextmanager
def stands_still(world, program):
    process = processes(world.record.stack.state)[program]
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)
        well = lambda: world.server.post(messages.new()).status == 200  # noqa: E731
        world.record.stack.until(well, f"{program} does not come back")


def stalled(world, program):
    if not world.record:
        return
    one, message, told = guid(), messages.new(), []
    with stands_still(world, program):
        first = threading.Thread(target=lambda: told.append(world.server.post(message, JSON, X_Request_Id=one)))
        first.start()
        time.sleep(0.5)
        meanwhile = world.server.post(message, JSON, X_Request_Id=one)
        first.join()
        code, issue = {503: ("REC_UNAVAILABLE", "transient"), 408: ("REC_TIMEOUT", "timeout")}[told[0].status]
        refused(told[0], told[0].status, issue, code)
        if told[0].seconds > 5:
            raise AssertionError(f"{told[0].seconds} s")
        if told[0].seconds > 1:  # it was in work when the second came
            refused(meanwhile, 425, "duplicate", "REC_TOO_EARLY")
    again = world.server.post(message, JSON, X_Request_Id=one).status
    if again not in (200, 409):
        raise AssertionError(again)


for stopped in ("redis-server", "audit"):
    rule(f"while {stopped} stands still: 503 or 408, in time; the same id meanwhile: 425; again later: 200 or 409",
         "core guide, Failure-Scenarios, Processing-Times")(lambda world, it=stopped: stalled(world, it))
