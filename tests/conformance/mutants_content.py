"""Faults of what a message says: its envelope, what it is, statuses, people, place and times."""
from messages import CATEGORY, USE_CASE, code, coding, contact, locate, resource, without
from mutants import CANCEL, NEW, REFERRAL, REQUESTS, UPDATE, VALIDATION, WITH_CONTENT, fault

NO_PLACE = "Bundle.entry"
OF_VALIDATIONS = (VALIDATION, UPDATE)  # the updates here are of validations
UNPROCESSABLE = {"status": 422, "code": "REC_UNPROCESSABLE_ENTITY", "issue": "not-supported"}


def set_in(kind, name, value):
    return lambda message: resource(message, kind).update({name: value})


def dropped(kind, name):
    return lambda message: resource(message, kind).pop(name)


def coded(system, value):
    return lambda message: coding(message, system).update(code=value)


def uncoded(system):
    def change(message):
        unwanted = coding(message, system)
        for category in resource(message, "ServiceRequest")["category"]:
            category["coding"] = [one for one in category["coding"] if one is not unwanted]
    return change


def envelope():
    for kind in ("document", "transaction", "batch", "collection", "searchset", "history", "Message"):
        fault(f"Bundle.type {kind}", lambda m, it=kind: m.update(type=it), names="Bundle.type")
    fault("Bundle.type left out", lambda m: m.pop("type"), names="Bundle.type")
    # Of a response the Bundle.id is not judged: the national kit sends one that is no GUID.
    fault("Bundle.id left out", lambda m: m.pop("id"), REQUESTS, names="Bundle.id")
    for wrong in ("1234", "86e3371d-1c15-4862-9552", "86e3371d-1c15-4862-9552-d9560f8292bz",
                  "86e3371d1c1548629552d9560f8292ba", "{86e3371d-1c15-4862-9552-d9560f8292ba}"):
        fault(f"Bundle.id {wrong}", lambda m, it=wrong: m.update(id=it), REQUESTS, names="Bundle.id")
    fault("no version", lambda m: m["meta"].pop("versionId"), names="Bundle.meta.versionId")
    for wrong in ("0.9.0", "2.0.0", "one", "11.0.0"):
        fault(f"version {wrong}", lambda m, it=wrong: m["meta"].update(versionId=it), names="Bundle.meta.versionId",
              **UNPROCESSABLE)


def answers_nothing(message):
    header = resource(message, "MessageHeader")
    header["eventCoding"]["code"] = "servicerequest-response"
    header.pop("response", None)


def kind_of_message():
    header = "{MessageHeader}."
    for kind in ("MessageHeader", "ServiceRequest"):
        fault(f"no {kind}", lambda m, it=kind: without(m, it), names=NO_PLACE)
    for wrong in ("booking-response", "Servicerequest-request", "servicerequest-requests", "nonsense"):
        fault(f"event {wrong}", lambda m, it=wrong: resource(m, "MessageHeader")["eventCoding"].update(code=it),
              names=header + "eventCoding")
    fault("no event", dropped("MessageHeader", "eventCoding"), names=header + "eventCoding")
    fault("an event without code", lambda m: resource(m, "MessageHeader")["eventCoding"].pop("code"),
          names=header + "eventCoding")
    for wrong in ("New", "renew", "nonsense"):
        fault(f"reason {wrong}", set_in("MessageHeader", "reason", code("message-reason-bars", wrong)),
              names=header + "reason")
    fault("no reason", dropped("MessageHeader", "reason"), names=header + "reason")
    fault("a reason of another code system", set_in("MessageHeader", "reason", code("made-up", "new")),
          names=header + "reason")
    fault("a response to nothing", answers_nothing, names=header + "response")
    for wrong in ("2000072489", ""):
        fault(f"source.endpoint {wrong or 'left out'}",
              set_in("MessageHeader", "source", {"endpoint": wrong} if wrong else {"name": "Demo"}), WITH_CONTENT,
              names=header + "source.endpoint")


def categories():
    place = {"names": "{ServiceRequest}.category"}
    fault("no category at all", dropped("ServiceRequest", "category"), REQUESTS, **place)
    fault("no message category", uncoded(CATEGORY), REQUESTS, **place)
    fault("no use case", uncoded(USE_CASE), NEW, **place)  # published updates and cancellations lack it
    for wrong in ("Validation", "validate", "nonsense"):
        fault(f"category {wrong}", coded(CATEGORY, wrong), REQUESTS, **place)
    for wrong in ("a4t9", "A4T1", "a4", "nonsense"):
        fault(f"use case {wrong}", coded(USE_CASE, wrong), REQUESTS, **place)
    for wrong in ("a1t1", "a5t1", "a6t1"):
        fault(f"use case {wrong} as a validation", coded(USE_CASE, wrong), OF_VALIDATIONS, **place, **UNPROCESSABLE)


def of_status(kind, codes, kinds):
    for status in codes:
        fault(f"{kind}.status {status}", set_in(kind, "status", status), kinds, names="{" + kind + "}.status")


def statuses():
    either = ("draft", "on-hold", "revoked", "entered-in-error", "unknown")
    of_status("ServiceRequest", ("completed", "Active", *either), NEW)
    of_status("ServiceRequest", ("completed", "draft", "unknown", "Revoked"), (UPDATE, CANCEL))
    of_status("CarePlan", ("completed", *either), OF_VALIDATIONS)
    of_status("CarePlan", ("active", *either), (REFERRAL,))
    either = ("planned", "arrived", "onleave", "cancelled", "entered-in-error", "unknown")
    of_status("Encounter", ("finished", *either), OF_VALIDATIONS)
    of_status("Encounter", ("in-progress", *either), (REFERRAL,))
    for kind, kinds in [("ServiceRequest", REQUESTS), ("Encounter", WITH_CONTENT), ("CarePlan", WITH_CONTENT)]:
        fault(f"no {kind}.status", dropped(kind, "status"), kinds, names="{" + kind + "}.status")
    for kind in ("Encounter", "CarePlan"):
        fault(f"no {kind}", lambda m, it=kind: without(m, it), NEW, names=NO_PLACE)
    fault("deleted and yet active",
          set_in("MessageHeader", "reason", code("message-reason-bars", "delete")), (UPDATE,),
          names="{ServiceRequest}.status")
    # Nothing here was sent before; every other fault of a change is told of before anybody looks whether it was.
    fault("of what nobody sent", None, (UPDATE, CANCEL), status=404, code="REC_NOT_FOUND", issue="not-found",
          names="{ServiceRequest}")


def second_encounter(message):
    other = {**resource(message, "Encounter"), "status": "planned"}
    message["entry"].append({"fullUrl": "urn:uuid:3f1c8f0e-0f3e-4a53-9c55-0f5c6e1d0a0e", "resource": other})


def people():
    fault("a second Encounter, planned", second_encounter, NEW, names="{appended}.status")
    fault("no Consent", lambda m: without(m, "Consent"), NEW, names=NO_PLACE)
    fault("Consent without category", dropped("Consent", "category"), WITH_CONTENT, names="{Consent}.category")
    for wrong in ("NDRC", "drc", "RESEARCH"):
        fault(f"Consent to {wrong}", set_in("Consent", "category", [code("consent-categories-bars", wrong)]),
              WITH_CONTENT, names="{Consent}.category")
    fault("no Patient", lambda m: without(m, "Patient"), NEW, names=NO_PLACE)
    fault("no contact", dropped("Patient", "contact"), WITH_CONTENT, names="{Patient}.contact")
    for what, contacts in [("no contact of rank 1", [contact(2)]),
                           ("two contacts of rank 1", [contact(1), contact(1, "DAU")]),
                           ("two of rank 1 among three", [contact(1), contact(2), contact(1)])]:
        fault(what, set_in("Patient", "contact", contacts), WITH_CONTENT, names="{Patient}.contact")
    fault("a contact without rank", lambda m: resource(m, "Patient")["contact"][0].pop("extension"), WITH_CONTENT,
          names="{Patient}.contact")


def place_and_times():
    fault("no Location", lambda m: without(m, "Location"), (VALIDATION,), names=NO_PLACE)
    for what, parts in [("a location that is nowhere", ()),
                        ("address, grid and degrees without UPRN", ("address", "grid", "degrees")),
                        ("UPRN and degrees without address", ("UPRN", "degrees"))]:
        fault(what, lambda m, it=parts: locate(m, *it), OF_VALIDATIONS, names="{Location}")
    for wrong in ("tomorrow", "2026-11-26", "2026-11-26T10:00:00", "2026-13-01T10:00:00Z", "2026-02-30T10:00:00Z",
                  "2026-11-26T10:61:00Z"):
        fault(f"breach time {wrong}",
              lambda m, it=wrong: resource(m, "ServiceRequest")["occurrencePeriod"].update(end=it), WITH_CONTENT,
              names="{ServiceRequest}.occurrencePeriod")
        fault(f"clock start {wrong}", lambda m, it=wrong: resource(m, "CarePlan")["period"].update(start=it),
              WITH_CONTENT, names="{CarePlan}.period")


def build():
    for part in (envelope, kind_of_message, categories, statuses, people, place_and_times):
        part()
