"""Mutants of updates, cancellations and referrals. Nothing here was sent before: what its content is refused for is
refused before anybody looks whether there is such a case."""
import json

import messages
from client import JSON, XML, guid, to_xml
from messages import code, contact, resource, without
from mutants import MUTANTS, Mutant

KEPT_BY_A_CANCEL = ("MessageHeader", "ServiceRequest", "Patient", "Organization", "Location")


def update(message):
    resource(message, "MessageHeader")["reason"] = code("message-reason-bars", "update")
    resource(message, "ServiceRequest")["id"] = guid()


def cancel(message):
    update(message)
    resource(message, "ServiceRequest")["status"] = "revoked"
    message["entry"] = [e for e in message["entry"] if e["resource"]["resourceType"] in KEPT_BY_A_CANCEL]


def referral(message):
    coding = resource(message, "ServiceRequest")["category"][0]["coding"]
    coding[0]["code"], coding[1]["code"] = "referral", "a3t1"
    resource(message, "CarePlan")["status"] = "completed"


def both(kind, name, change, **expected):
    """As mutants.both, of a message that `kind` has made something else of."""
    for body_type in (JSON, XML):
        message = messages.new()
        kind(message)
        kinds = {entry["resource"]["resourceType"] for entry in message["entry"]}
        places = {one: f"Bundle.entry[{messages.index(message, one)}].resource" for one in kinds}
        change(message)
        body = json.dumps(message).encode() if body_type == JSON else to_xml(message)
        wanted = {**expected, "names": expected.get("names", "").format(**places)}
        MUTANTS.append(Mutant(f"{'JSON' if body_type == JSON else 'XML'}: {kind.__name__}: {name}", body=body,
                              body_type=body_type, **wanted))


def status(value):
    return lambda message: resource(message, "ServiceRequest").update(status=value)


def of_either(kind):
    place = "{ServiceRequest}."
    for wrong in ("completed", "draft", "unknown", "Revoked"):
        both(kind, f"status {wrong}", status(wrong), names=place + "status")
    both(kind, "no status", lambda m: resource(m, "ServiceRequest").pop("status"), names=place + "status")
    both(kind, "an unknown category",
         lambda m: resource(m, "ServiceRequest")["category"][0]["coding"][0].update(code="nonsense"),
         names=place + "category")
    both(kind, "an unknown use case",
         lambda m: resource(m, "ServiceRequest")["category"][0]["coding"][1].update(code="a9t9"),
         names=place + "category")
    both(kind, "an unknown event", lambda m: resource(m, "MessageHeader")["eventCoding"].update(code="nonsense"),
         names="{MessageHeader}.eventCoding")
    both(kind, "no version", lambda m: m["meta"].pop("versionId"), names="Bundle.meta.versionId")
    both(kind, "Bundle.id 1234", lambda m: m.update(id="1234"), names="Bundle.id")
    both(kind, "no ServiceRequest", lambda m: without(m, "ServiceRequest"), names="Bundle.entry")
    both(kind, "of what nobody sent", lambda m: None, status=404, code="REC_NOT_FOUND", issue="not-found",
         names="{ServiceRequest}")


def of_updates():
    of_either(update)
    both(update, "deleted and yet active",
         lambda m: resource(m, "MessageHeader").update(reason=code("message-reason-bars", "delete")),
         names="{ServiceRequest}.status")
    both(update, "CarePlan completed", lambda m: resource(m, "CarePlan").update(status="completed"),
         names="{CarePlan}.status")
    both(update, "two contacts of rank 1",
         lambda m: resource(m, "Patient").update(contact=[contact(1), contact(1, "DAU")]), names="{Patient}.contact")
    both(update, "Consent to NDRC",
         lambda m: resource(m, "Consent").update(category=[code("consent-categories-bars", "NDRC")]),
         names="{Consent}.category")


def of_referrals():
    both(referral, "CarePlan active", lambda m: resource(m, "CarePlan").update(status="active"),
         names="{CarePlan}.status")
    both(referral, "Encounter planned", lambda m: resource(m, "Encounter").update(status="planned"),
         names="{Encounter}.status")
    both(referral, "no Consent", lambda m: without(m, "Consent"), names="Bundle.entry")
    both(referral, "no contact of rank 1", lambda m: resource(m, "Patient").update(contact=[contact(2)]),
         names="{Patient}.contact")
    both(referral, "no version", lambda m: m["meta"].pop("versionId"), names="Bundle.meta.versionId")
    both(referral, "no use case", lambda m: resource(m, "ServiceRequest")["category"][0]["coding"].pop(1),
         names="{ServiceRequest}.category")


def build():
    of_updates()
    of_either(cancel)
    of_referrals()
