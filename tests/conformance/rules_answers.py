"""The 200 answer, duplicates, retries, time, odd data: bars.md sections 6, 8, 16, 18."""
import json
import subprocess

import messages
from client import JSON, PROCESS, XML, guid
from messages import resource
from rules import accepted, refused, rule, same

KIT = "NHS kit, ValidationRequest "


@rule("the answer has the same Bundle.id and type message", "NHS kit, Common bundleidscorrelate")
def same_bundle_id(world):
    message = messages.new()
    message["id"] = message["id"].upper()
    tree = accepted(world.server.post(message)).tree
    same(tree.find("id").get("value").lower(), message["id"].lower(), "Bundle.id")
    same(tree.find("type").get("value"), "message", "Bundle.type")


@rule("every resource has an id made by the receiver, all distinct, none its fullUrl's", KIT + "template; section 8")
def own_ids(world):
    for wanted in (JSON, XML):
        resources = accepted(world.server.post(messages.new(), Accept=wanted)).resources()
        ids = [one.find("id").get("value") for _, one in resources]
        same(len(set(ids)), len(resources), "distinct ids")
        for (url, _), made in zip(resources, ids):
            if url and made in url:
                raise AssertionError(f"the id {made} is the uuid of its fullUrl")


@rule("ids that came with the message do not come back", KIT + "Ignore_IDs")
def ids_ignored(world):
    message = messages.new()
    for number, entry in enumerate(message["entry"]):
        entry["resource"]["id"] = f"--SENT-{number}--"
    answer = accepted(world.server.post(message))
    if "--SENT-" in answer.text:
        raise AssertionError("an id that was sent came back")


@rule("the entries keep their order, and our Encounter comes last: planned, with the case number", "application 4; KIT")
def order_kept(world):
    message = messages.new()
    resources = accepted(world.server.post(message)).resources()
    sent = [(entry["fullUrl"], entry["resource"]["resourceType"]) for entry in message["entry"]]
    same([(url, one.tag) for url, one in resources[:-1]], sent, "entries")
    own = resources[-1][1]
    same((own.tag, own.find("status").get("value")), ("Encounter", "planned"), "the last entry")
    if own.find("identifier/value").get("value")[:2] != "P-":
        raise AssertionError("no case number in our Encounter")


@rule("nothing of the message is changed but ids", "rules for integration systems: no data changed, truncated or lost")
def nothing_changed(world):
    message = messages.new()
    came_back = json.loads(accepted(world.server.post(message)).body)
    for sent, entry in zip(message["entry"], came_back["entry"]):
        entry["resource"].pop("id")
        same(entry["resource"], sent["resource"], sent["resource"]["resourceType"])


@rule("xmllint reads the XML of an answer and of a refusal, in FHIR's namespace", "FHIR R4, XML representation")
def well_formed(world):
    for message in (messages.new(), messages.changed(messages.new(), lambda m: messages.without(m, "Consent"))):
        answer = world.server.post(message, Accept=XML)
        read = subprocess.run(["xmllint", "--noout", "--nonet", "--xpath", "namespace-uri(/*)", "-"], input=answer.body,
                              capture_output=True, check=False)
        same((read.returncode, read.stdout.strip()), (0, b"http://hl7.org/fhir"), f"xmllint: {read.stderr}")


@rule("X-Request-Id seen before: 409 duplicate, and nothing happens twice", KIT + "WithResentRequestID")
def resent_request_id(world):
    one, message = guid(), messages.new()
    number = accepted(world.server.post(message, X_Request_Id=one)).case_number()
    refused(world.server.post(messages.new(), X_Request_Id=one), 409, "duplicate", "REC_CONFLICT")
    if world.record:
        exchanges = [e for e in world.record.exchanges() if e.get("request_id") == one and e["accepted"]]
        same(len(exchanges), 1, f"accepted exchanges of {number}")


@rule("a true retry, Bundle.id and all: 409 duplicate, not 400", "core guide, Definition-of-a-retry; section 6")
def true_retry(world):
    one, two, body = guid(), guid(), json.dumps(messages.new()).encode()
    accepted(world.server.post(body, X_Request_Id=one, X_Correlation_Id=two))
    for _ in range(2):
        answer = world.server.curl(PROCESS, headers=world.server.headers(X_Request_Id=one, X_Correlation_Id=two),
                                   body=body)
        refused(answer, 409, "duplicate", "REC_CONFLICT")


@rule("a new message with a used Bundle.id: 400 invariant", KIT + "WithResentBundleID")
def resent_bundle_id(world):
    message = messages.new()
    accepted(world.server.post(message))
    refused(world.server.post(message), 400, "invariant", names="Bundle.id")


@rule("content is judged before the used request id: 400, not 409", KIT + "NotDirectCare; section 6")
def content_first(world):
    one = guid()
    accepted(world.server.post(messages.new(), X_Request_Id=one))
    message = messages.new()
    resource(message, "Consent")["category"] = [messages.code("consent-categories-bars", "NDRC")]
    refused(world.server.post(message, X_Request_Id=one), 400)


@rule("a retry of a failed request gets that failure again; its ids are not used up", "core guide, Failure-Scenarios")
def failed_retry(world):
    one, message = guid(), messages.new()
    bad = messages.changed(message, lambda m: messages.without(m, "Consent"))
    first = world.server.post(bad, X_Request_Id=one)
    refused(first, 400)
    again = world.server.post(bad, X_Request_Id=one)
    same((again.status, again.body), (first.status, first.body), "the second answer")
    accepted(world.server.post(message))


@rule("dates of 2021, long past, are taken", "section 18: the kit's templates")
def old_dates(world):
    message = messages.new()
    text = json.dumps(message).replace(resource(message, "CarePlan")["period"]["start"], "2021-08-10T10:00:00.000Z")
    message = json.loads(text)
    resource(message, "ServiceRequest")["occurrencePeriod"]["end"] = "2021-08-10T10:30:00.000Z"
    accepted(world.server.post(message))


@rule("swapped degrees and an easting of 0.33424 are taken", "section 18: the kit's templates")
def odd_places(world):
    message = messages.new()
    messages.locate(message, "UPRN", "address", "degrees", "grid")
    place = resource(message, "Location")
    place["position"] = {"longitude": 51.1762, "latitude": 0.3955}
    place["extension"][0]["extension"][1]["valueString"] = "0.33424"
    accepted(world.server.post(message))


@rule("the same patient in every new request", "section 18: the kit's templates")
def same_patient(world):
    numbers = {accepted(world.server.post(messages.new())).case_number() for _ in range(2)}
    same(len(numbers), 2, "cases")


@rule("several resources with one id, and references that point to nothing", "section 18: published templates")
def odd_references(world):
    message = messages.new()
    resource(message, "Practitioner")["id"] = resource(message, "PractitionerRole")["id"] = "the-same"
    resource(message, "CarePlan")["author"] = {"reference": "urn:uuid:" + guid()}
    for wanted in (JSON, XML):
        message["id"] = guid()
        accepted(world.server.post(message, wanted))


@rule("a Host header without port", "section 18: TKW")
def host_without_port(world):
    accepted(world.server.curl(PROCESS, "-H", "Host: 127.0.0.1", body=json.dumps(messages.new()).encode()))


@rule("a body in chunks", "RFC 9112; TKW")
def chunked(world):
    accepted(world.server.curl(PROCESS, "-H", "Transfer-Encoding: chunked", body=json.dumps(messages.new()).encode()))


@rule("the sender's bytes can be had back from the case", "rules for integration systems; application 4")
def original_kept(world):
    if not world.record:
        return
    body = json.dumps(messages.new(), indent=2).encode()
    number = accepted(world.server.post(body)).case_number()
    same(world.record.original(number), body, "the original of " + number)
