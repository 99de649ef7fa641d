"""What a new request for validation must hold: bars.md sections 4, 5, 7, 9; facts.md 1.10."""
import messages
from client import JSON, XML, guid
from messages import code, contact, locate, resource, without
from rules import accepted, refused, rule

KIT = "NHS kit, ValidationRequest "


def broken(world, change, *expected, **more):
    message = messages.new()
    change(message)
    for kind in (JSON, XML):
        refused(world.server.post(message, kind, X_Request_Id=guid()), *expected, **more)


def good(world, change):
    for kind in (JSON, XML):
        message = messages.new()
        change(message)
        accepted(world.server.post(message, kind))


def status_of(kind, value):
    def change(message):
        resource(message, kind)["status"] = value
    return change


@rule("use cases a4t1, a4t2 and a4t3 are taken", "application 4, Scope")
def use_cases(world):
    for use_case in ("a4t1", "a4t2", "a4t3"):
        good(world, lambda m, it=use_case: resource(m, "ServiceRequest")["category"][0]["coding"][1].update(code=it))


@rule("a missing or unknown use case: 400", KIT + "NoUseCaseCategory, InvalidUseCaseCategory")
def bad_use_case(world):
    broken(world, lambda m: resource(m, "ServiceRequest")["category"][0]["coding"].pop(1), 400, names="category")
    broken(world, lambda m: resource(m, "ServiceRequest")["category"][0]["coding"][1].update(code="a9t9"), 400,
           names="category")


@rule("an unknown category: 400 invariant", KIT + "ChangeCategory")
def bad_category(world):
    broken(world, lambda m: resource(m, "ServiceRequest")["category"][0]["coding"][0].update(code="nonsense"), 400,
           "invariant", names="category")


@rule("an unknown event: 400 invariant", KIT + "InvalidEventCode")
def bad_event(world):
    broken(world, lambda m: resource(m, "MessageHeader")["eventCoding"].update(code="nonsense"), 400, "invariant",
           names="eventCoding")


@rule("event booking-response: 400 invariant", "core guide, failure scenarios, Bundle-Processing")
def booking_response(world):
    broken(world, lambda m: resource(m, "MessageHeader")["eventCoding"].update(code="booking-response"), 400,
           "invariant", names="eventCoding")


@rule("an unknown or missing reason: 400 invariant", KIT + "InvalidReasonCode")
def bad_reason(world):
    broken(world, lambda m: resource(m, "MessageHeader").update(reason=code("message-reason-bars", "nonsense")), 400,
           "invariant", names="reason")
    broken(world, lambda m: resource(m, "MessageHeader").pop("reason"), 400, "invariant", names="reason")


@rule("a response that does not say what it responds to: 400 invariant", "application 4, How-does-it-work")
def response_without_response(world):
    broken(world, lambda m: resource(m, "MessageHeader")["eventCoding"].update(code="servicerequest-response"), 400,
           "invariant", names="response")


@rule("MessageHeader.definition need not be there", "examples SERVREQ02")
def no_definition(world):
    good(world, lambda m: resource(m, "MessageHeader").pop("definition"))


@rule("no Bundle.meta.versionId: 400 invariant; one we do not speak: 422", KIT + "NoVersionID; application 4")
def version_id(world):
    broken(world, lambda m: m["meta"].pop("versionId"), 400, "invariant", names="versionId")
    broken(world, lambda m: m["meta"].update(versionId="2.0.0"), 422, "not-supported", "REC_UNPROCESSABLE_ENTITY",
           names="versionId")


@rule("versions 1.0.0, 1.1.0 and 1.0.0-beta are taken", KIT + "templates")
def versions(world):
    for version in ("1.0.0", "1.1.0", "1.0.0-beta"):
        good(world, lambda m, it=version: m["meta"].update(versionId=it))


@rule("Bundle.type must be message", "core guide, process-message")
def bundle_type(world):
    broken(world, lambda m: m.update(type="collection"), 400, names="Bundle.type")


@rule("Encounter triaged or in-progress; planned in a new request: 400 invariant", KIT + "EncounterChanged")
def encounter_status(world):
    good(world, status_of("Encounter", "in-progress"))
    broken(world, status_of("Encounter", "planned"), 400, "invariant", names="status")


@rule("a CarePlan that is not active: 400 invariant", KIT + "CarePlanNotActive")
def care_plan_status(world):
    for status in ("completed", "draft"):
        broken(world, status_of("CarePlan", status), 400, "invariant", names="status")


@rule("Consent that is not for direct care, or none: 400", KIT + "NotDirectCare")
def consent(world):
    broken(world, lambda m: resource(m, "Consent").update(category=[code("consent-categories-bars", "NDRC")]), 400,
           names="category")
    broken(world, lambda m: without(m, "Consent"), 400)


@rule("no contact of rank 1, or two: 400", KIT + "NoRank1, TwoRank1")
def ranks(world):
    broken(world, lambda m: resource(m, "Patient").update(contact=[contact(2)]), 400, names="contact")
    broken(world, lambda m: resource(m, "Patient").update(contact=[contact(1), contact(1, "DAU")]), 400,
           names="contact")


@rule("the contact of rank 1 need not be the patient", KIT + "Rank1NotOneself")
def rank_not_oneself(world):
    good(world, lambda m: resource(m, "Patient").update(contact=[contact(1, "DAU"), contact(2)]))


@rule("a patient without NHS number, and one that nobody knows, are taken", KIT + "NoNhsNo; application 4")
def no_nhs_number(world):
    good(world, lambda m: resource(m, "Patient").pop("identifier"))

    def unknown(message):
        for name in ("identifier", "name", "birthDate", "gender"):
            resource(message, "Patient").pop(name, None)
    good(world, unknown)


@rule("an NHS number whose check digit is wrong is taken", "published examples")
def odd_nhs_number(world):
    good(world, lambda m: resource(m, "Patient")["identifier"][0].update(value="9990000070"))


@rule("scene safety: safe, unsafe, unknown and unsaid are taken", "facts.md 1.10; application 4")
def scene_safety(world):
    for safety in ("S", "U", "UNK"):
        good(world, lambda m, it=safety: resource(m, "Flag").update(code=code("scene-safety-codes-bars", it)))
    good(world, lambda m: without(m, "Flag"))


def mix(*parts):
    return lambda message: locate(message, *parts)


for tested in messages.LOCATIONS:
    rule(f"a location with {tested.replace(' ', ', ')} is taken", KIT + "Location_*")(
        lambda world, parts=tested.split(): good(world, mix(*parts)))


@rule("no incident location: 400", KIT + "NoLocation")
def no_location(world):
    broken(world, lambda m: without(m, "Location"), 400)
    broken(world, mix(), 400)


@rule("a location with address, grid and degrees but no UPRN: 400", KIT + "NoUPRN")
def no_uprn(world):
    broken(world, mix("address", "grid", "degrees"), 400, names="entry")


@rule("a location with UPRN and degrees but no address: 400", KIT + "NoLocationAddressPostcodeEastingsNorthings")
def no_address(world):
    broken(world, mix("UPRN", "degrees"), 400, names="entry")


@rule("both writings of the service system, /Id/ and /id/, http and https", "published examples")
def service_systems(world):
    for system in ("https://fhir.nhs.uk/id/dos-service-id|", "http://fhir.nhs.uk/Id/dos-service-id|"):
        good(world, lambda m, it=system: resource(m, "MessageHeader")["source"].update(endpoint=it + "7700900001"))


@rule("instants of any offset and up to seven decimals", "core guide, How-to-handle-times")
def instants(world):
    for text in ("2026-11-26T10:00:00.1234567Z", "2026-11-26T10:00:00+01:00", "2026-11-26T10:00:00-05:30"):
        def change(message, it=text):
            resource(message, "CarePlan")["period"]["start"] = it
        good(world, change)


@rule("a breach time or clock start that cannot be read: 400", "application 4, Payloads-for-Requestors")
def unreadable_times(world):
    broken(world, lambda m: resource(m, "ServiceRequest")["occurrencePeriod"].update(end="2026-11-26T25:00:00Z"), 400,
           names="occurrencePeriod")
    broken(world, lambda m: resource(m, "CarePlan")["period"].update(start="2026-02-30T10:00:00Z"), 400, names="period")


@rule("all problems of a message come in one answer", "core guide, OperationOutcome")
def all_problems(world):
    message = messages.new()
    without(message, "Consent")
    resource(message, "CarePlan")["status"] = "completed"
    resource(message, "Patient")["contact"] = []
    locate(message)
    resource(message, "Patient").pop("contact")
    answer = world.server.post(message)
    refused(answer, 400)
    if len(answer.issues()) != 4:
        raise AssertionError(f"{len(answer.issues())} issues instead of 4: {answer.body}")


@rule("no identity in any refusal", "core guide, diagnostics text")
def no_identity(world):
    for name in ("Consent", "CarePlan", "Location", "Encounter"):
        message = messages.new()
        without(message, name)
        answer = world.server.post(message)
        refused(answer, 400)
        for secret in messages.IDENTITY:
            if secret in answer.text:
                raise AssertionError(f"{secret} in {answer.text}")


@rule("whatever a message does not say of what it is, the rest of it is told of too", "core guide, error handling")
def nothing_hides_content(world):
    def to_no_event(message):
        resource(message, "MessageHeader")["eventCoding"]["code"] = "nonsense"

    def to_completed(message):
        messages.update(message)
        resource(message, "ServiceRequest")["status"] = "completed"

    for change in (lambda m: messages.without(m, "MessageHeader"), lambda m: messages.without(m, "ServiceRequest"),
                   to_no_event, to_completed):
        message = messages.new()
        resource(message, "Patient").pop("contact")
        change(message)
        refused(world.server.post(message), 400, "invariant", names=".contact")
