"""Update and cancel, and referrals in: bars.md sections 4, 6, 7, 10, 14."""
import datetime
import json

import messages
from client import JSON, XML, guid, to_xml
from messages import resource
from rules import accepted, refused, rule, same

KIT = "NHS kit, ValidationRequest "


def later(minutes=1):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Sent:
    """A request that was accepted: the message, its ids, and the ids that the receiver made."""

    def __init__(self, world, message=None, body_type=JSON, request_id=None):
        self.message = message or messages.new()
        self.correlation, self.request = guid(), request_id or guid()
        self.answer = world.server.post(self.message, body_type, X_Correlation_Id=self.correlation, Accept=JSON,
                                        X_Request_Id=self.request)
        accepted(self.answer)
        self.bundle = json.loads(self.answer.body)
        self.number = self.answer.case_number()

    def service_request(self):
        return resource(self.bundle, "ServiceRequest")["id"]

    def follow_up(self, status="active", reason="update", **changed):
        """The same message again, with the ids that came back, as an update."""
        message = messages.changed(self.message, lambda m: m.update(changed.pop("top", {})))
        for entry, known in zip(message["entry"], self.bundle["entry"]):
            entry["resource"]["id"] = known["resource"]["id"]
        message["id"] = guid()
        resource(message, "MessageHeader")["reason"] = messages.code("message-reason-bars", reason)
        touch(message, "MessageHeader", "ServiceRequest")
        resource(message, "ServiceRequest")["status"] = status
        return message

    def cancel(self, status="revoked", reason="update"):
        message = self.follow_up(status, reason)
        keep = ("MessageHeader", "ServiceRequest", "Patient", "Organization", "Location")
        message["entry"] = [e for e in message["entry"] if e["resource"]["resourceType"] in keep]
        resource(message, "MessageHeader")["definition"] = (
            "https://fhir.nhs.uk/MessageDefinition/bars-message-servicerequest-request-cancelled")
        return message


def touch(message, *kinds, at=None):
    stamp = at or later()
    message["meta"]["lastUpdated"] = stamp
    for entry in message["entry"]:
        if entry["resource"]["resourceType"] in kinds:
            entry["resource"]["meta"] = {"lastUpdated": stamp}


@rule("an update is taken, JSON and XML: 200 with the same Bundle.id and the same resource ids", KIT + "Update")
def update(world):
    for kind in (JSON, XML):
        sent = Sent(world, body_type=kind)
        message = sent.follow_up()
        answer = world.server.post(message, kind, X_Correlation_Id=sent.correlation, Accept=JSON)
        same(answer.status, 200, f"status, of {answer.body[:400]}")
        bundle = json.loads(answer.body)
        same(bundle["id"].lower(), message["id"].lower(), "Bundle.id")
        same(resource(bundle, "ServiceRequest")["id"], sent.service_request(), "ServiceRequest.id")


@rule("an update need not keep the correlation id", "NHS kit, Update; section 10")
def update_other_correlation(world):
    same(world.server.post(Sent(world).follow_up()).status, 200, "status")


@rule("an update may keep the Bundle.id of the request", "core guide; section 10")
def update_same_bundle_id(world):
    sent = Sent(world)
    message = sent.follow_up()
    message["id"] = sent.message["id"]
    same(world.server.post(message, X_Correlation_Id=sent.correlation).status, 200, "status")


@rule("an update may change the patient's NHS number and name", KIT + "template update; section 10")
def update_patient(world):
    sent = Sent(world)
    message = sent.follow_up()
    resource(message, "Patient")["identifier"][0]["value"] = "9990000085"
    resource(message, "Patient")["name"][0]["family"] = "Othercase"
    touch(message, "Patient")
    same(world.server.post(message, X_Correlation_Id=sent.correlation).status, 200, "status")


@rule("an update with an older lastUpdated: 409 conflict", KIT + "Update_InvalidLastUpdated")
def older(world):
    sent = Sent(world)
    message = sent.follow_up()
    resource(message, "Patient")["meta"] = {"lastUpdated": "2021-01-01T00:00:00.000Z"}
    refused(world.server.post(message), 409, "conflict", "REC_CONFLICT", names="lastUpdated")


@rule("an update of a referral whose Encounter is in progress, or any but planned: 200; planned: 400 invariant",
      "NHS kit, 999 Update; conflict 4")
def update_referral_encounter(world):
    sent = Sent(world, referral_of(messages.new()))
    for minutes, status in enumerate(("in-progress", "arrived", "finished"), 1):
        message = sent.follow_up()
        resource(message, "Encounter")["status"] = status
        touch(message, "MessageHeader", "ServiceRequest", "Encounter", at=later(minutes))
        same(world.server.post(message).status, 200, status)
    message = sent.follow_up()
    resource(message, "Encounter")["status"] = "planned"
    refused(world.server.post(message), 400, "invariant", names="status")


@rule("an update that changes nothing is no error", "application 4; section 10")
def equal_is_ignored(world):
    sent = Sent(world)
    message = sent.follow_up()
    stamp = resource(sent.message, "Patient")["meta"]["lastUpdated"]
    touch(message, "MessageHeader", "ServiceRequest", at=stamp)
    same(world.server.post(message).status, 200, "status")


@rule("an update with ServiceRequest.status completed: 400 invariant, before it is looked up",
      KIT + "Cancel_InvalidStatus")
def update_completed(world):
    sent = Sent(world)
    refused(world.server.post(sent.follow_up("completed")), 400, "invariant", names="status")
    refused(world.server.post(sent.cancel("completed")), 400, "invariant", names="status")
    unknown = sent.cancel("completed")
    resource(unknown, "ServiceRequest")["id"] = guid()
    refused(world.server.post(unknown), 400, "invariant", names="status")


@rule("an update of what nobody sent: 404 not-found, as its GET before it", "application 4, Find-Resource; section 14")
def update_unknown(world):
    message = Sent(world).follow_up()
    for entry in message["entry"]:
        entry["fullUrl"] = "urn:uuid:" + guid()
        entry["resource"]["id"] = guid()
    refused(world.server.post(message), 404, "not-found", "REC_NOT_FOUND", names="id")


@rule("a cancel is taken, revoked or entered in error, reason update or delete", KIT + "Cancel; conflict 1")
def cancel(world):
    for status in ("revoked", "entered-in-error"):
        for reason in ("update", "delete"):
            sent = Sent(world)
            answer = world.server.post(sent.cancel(status, reason), X_Correlation_Id=sent.correlation)
            same(answer.status, 200, f"{status}, {reason}: {answer.body[:300]}")


@rule("a cancel in XML", "content negotiation")
def cancel_xml(world):
    same(world.server.post(to_xml(Sent(world).cancel()), XML).status, 200, "status")


@rule("a cancel with an unknown category: 400 invariant", KIT + "Cancel_ChangeCategory")
def cancel_category(world):
    message = Sent(world).cancel()
    resource(message, "ServiceRequest")["category"][0]["coding"][0]["code"] = "unknown"
    refused(world.server.post(message), 400, "invariant", names="category")


@rule("what was revoked cannot be cancelled again: 409 conflict, as it is another now than the sender says",
      "core guide, Cancellation: only what is active; section 10: changed after receipt")
def cancel_twice(world):
    sent = Sent(world)
    same(world.server.post(sent.cancel()).status, 200, "the first")
    again = messages.changed(sent.cancel(), lambda m: touch(m, "MessageHeader", "ServiceRequest", at=later(5)))
    refused(world.server.post(again), 409, "conflict", "REC_CONFLICT", names="status")


@rule("a request again after it was revoked is a new one", "core functionality, Referral-Receiver: re-request")
def re_request(world):
    sent = Sent(world)
    same(world.server.post(sent.cancel()).status, 200, "revoke")
    Sent(world, messages.changed(sent.message, lambda m: m.update(id=guid())))


@rule("a referral a3t1 is taken: CarePlan completed, no Location needed", "NHS kit, 999; application 3")
def referral(world):
    message = referral_of(messages.new())
    accepted(world.server.post(message))
    messages.without(message, "Location")
    message["id"] = guid()
    resource(message, "ServiceRequest").pop("locationReference", None)
    accepted(world.server.post(message))


def referral_of(message, use_case="a3t1"):
    coding = resource(message, "ServiceRequest")["category"][0]["coding"]
    coding[0]["code"], coding[1]["code"] = "referral", use_case
    resource(message, "CarePlan")["status"] = "completed"
    resource(message, "MessageHeader")["definition"] = (
        "https://fhir.nhs.uk/MessageDefinition/bars-message-servicerequest-request-referral")
    return message


@rule("a referral whose CarePlan is not completed: 400 invariant", "NHS kit, 999 CarePlanNotComplete")
def referral_care_plan(world):
    message = referral_of(messages.new())
    resource(message, "CarePlan")["status"] = "active"
    refused(world.server.post(message), 400, "invariant", names="status")


@rule("a referral with an id that is no GUID: 400 value or invalid", "NHS kit, 999 WithNonGUIDRequestID")
def referral_ids(world):
    refused(world.server.post(referral_of(messages.new()), X_Request_Id="not-a-guid"), 400, ("value", "invalid"))


@rule("a referral may be updated with status active, and revoked", "NHS kit, 999 Update; conflict 4")
def referral_update(world):
    sent = Sent(world, referral_of(messages.new()))
    same(world.server.post(sent.follow_up()).status, 200, "update")
    message = sent.cancel()
    touch(message, "ServiceRequest", "MessageHeader", at=later(9))
    same(world.server.post(message).status, 200, "revoke")


@rule("all versions are kept: the first message is still to be had after an update", "application 4, Scope")
def versions_kept(world):
    if not world.record:
        return
    body = json.dumps(messages.new()).encode()
    answer = accepted(world.server.post(body))
    sent = Sent.__new__(Sent)
    sent.message, sent.bundle = json.loads(body), json.loads(answer.body)
    same(world.server.post(sent.follow_up()).status, 200, "update")
    same(world.record.original(answer.case_number()), body, "the original")
