"""Reading, gzip and what the HTTP layer owes: bars.md sections 2, 3, 12, 13, 14."""
import gzip
import json
import subprocess
import urllib.parse

import messages
from client import DOS, JSON, PROCESS, XML, base64_json, guid, to_xml
from messages import resource
from rules import accepted, refused, rule, same

CONTEXTS = "https://fhir.nhs.uk/CodeSystem/usecases-categories-bars"


def get(world, path, accept=JSON, **changed):
    headers = world.server.headers(Content_Type=None, Accept=accept, **changed)
    return world.server.send("GET", "/FHIR/R4" + path, headers)


@rule("a gzipped request body is read", "NHS kit, BookAppointment HappyPathWithGzip")
def gzip_request(world):
    for kind, body in ((JSON, json.dumps(messages.new()).encode()), (XML, to_xml(messages.new()))):
        accepted(world.server.post(gzip.compress(body), kind, Content_Encoding="gzip"))


@rule("the answer is gzipped when asked, and only then", "NHS kit, Capability, BookAppointment")
def gzip_answer(world):
    answer = world.server.post(messages.new(), Accept_Encoding="gzip")
    same((answer.status, answer.headers.get("content-encoding")), (200, "gzip"), "answer")
    same(json.loads(gzip.decompress(answer.body))["type"], "message", "Bundle.type")
    plain = accepted(world.server.post(messages.new()))
    same(plain.headers.get("content-encoding"), None, "Content-Encoding")
    refusal = world.server.post(b"{", Accept_Encoding="gzip")
    refused(unpacked(refusal), 400)


def unpacked(answer):
    same(answer.headers.get("content-encoding"), "gzip", "Content-Encoding")
    answer.body = gzip.decompress(answer.body)
    return answer


@rule("what is read is gzipped when asked, JSON and XML", "NHS kit, Capability, SearchForFreeSlots")
def gzip_reading(world):
    made = resource(posted(world)[1], "ServiceRequest")["id"]
    for path in ("/metadata", f"/MessageDefinition?context={DOS}|{world.server.service}", f"/ServiceRequest/{made}"):
        for kind in (JSON, XML):
            plain = get(world, path, kind)
            packed = unpacked(get(world, path, kind, Accept_Encoding="gzip"))
            same((packed.status, packed.media_type), (200, kind), path)
            same(packed.body, plain.body, path)


@rule("what says gzip and is none: 400; what grows without end: 400 or 413", "RFC 9110")
def bad_gzip(world):
    refused(world.server.post(b"not gzip at all", Content_Encoding="gzip"), 400, code=None)
    bomb = gzip.compress(b" " * 50_000_000)
    answer = world.server.post(bomb, Content_Encoding="gzip")
    if answer.status not in (400, 413):
        raise AssertionError(answer.status)


@rule("a charset is read: utf-8 in any case is taken", "RFC 9110; content negotiation")
def charset(world):
    for kind in (JSON, XML):
        for word in ("charset=utf-8", 'charset="UTF-8"', "version=1.0.0; charset=UTF-8"):
            message = messages.new()
            body = to_xml(message) if kind == XML else json.dumps(message).encode()
            accepted(world.server.post(body, kind, Content_Type=f"{kind}; {word}"))


@rule("a charset other than UTF-8: 415, whatever the bytes are", "RFC 9110; content negotiation")
def other_charsets(world):
    for kind in (JSON, XML):
        for word in ("iso-8859-1", "utf-16", "us-ascii", '"windows-1252"', "nonsense"):
            body = to_xml(messages.new()) if kind == XML else json.dumps(messages.new()).encode()
            answer = world.server.post(body, kind, Content_Type=f"{kind}; charset={word}")
            refused(answer, 415, "not-supported", code=None, names="Content-Type")


@rule("too large a body: 413 with OperationOutcome and both ids", "core guide, Receiver-responsibilities")
def too_large(world):
    ids = {"X_Request_Id": guid(), "X_Correlation_Id": guid()}
    answer = world.server.post(b'{"x":"' + b"x" * 2_000_000 + b'"}', **ids)
    refused(answer, 413, code=None)
    same(answer.headers.get("x-request-id"), ids["X_Request_Id"], "X-Request-Id")


@rule("GET /metadata: a CapabilityStatement, JSON, XML, by _format, by curl, without target", "NHS kit, Capability")
def metadata(world):
    for path, accept, wanted in (("/metadata", JSON, JSON), ("/metadata", XML, XML),
                                 ("/metadata?_format=xml", JSON, XML), ("/metadata?_format=json", XML, JSON)):
        answer = get(world, path, accept, NHSD_Target_Identifier=None)
        same((answer.status, answer.media_type, answer.tree.tag), (200, wanted, "CapabilityStatement"), path)
    statement = json.loads(world.server.curl("/FHIR/R4/metadata", "--compressed").body)
    same(statement["rest"][0]["mode"], "server", "rest.mode")
    kinds = {one["type"] for one in statement["rest"][0]["resource"]}
    if "ServiceRequest" not in kinds:
        raise AssertionError(f"no ServiceRequest among {kinds}")
    supported = statement["messaging"][0]["supportedMessage"]
    if not all(one["mode"] in ("receiver", "sender") and one["definition"] for one in supported):
        raise AssertionError("supportedMessage without mode or definition")


@rule("the XML of /metadata is what its JSON says, by xmllint", "FHIR R4")
def metadata_xml(world):
    answer = get(world, "/metadata", XML)
    read = subprocess.run(["xmllint", "--noout", "--nonet", "-"], input=answer.body, capture_output=True, check=False)
    same(read.returncode, 0, f"xmllint: {read.stderr}")


@rule("GET /metadata owes the ids too", "core guide: required on every request")
def metadata_ids(world):
    refused(get(world, "/metadata", X_Request_Id=None), 400, "required")


def definitions(world, context):
    return get(world, "/MessageDefinition?context=" + context)


@rule("GET /MessageDefinition?context=service: a searchset with a total", "NHS kit, ValidationRequest")
def message_definitions(world):
    answer = definitions(world, f"{DOS}|{world.server.service}")
    same((answer.status, answer.tree.tag), (200, "Bundle"), answer.body[:300])
    bundle = json.loads(answer.body)
    same(bundle["type"], "searchset", "type")
    if not bundle["total"] > 0:
        raise AssertionError("total is 0")


@rule("each MessageDefinition has one useContext of the new form and one of the old, and its use cases",
      "NHS kit, Common")
def use_contexts(world):
    bundle = json.loads(definitions(world, f"{DOS}|{world.server.service}").body)
    prefixes = set()
    for one in (entry["resource"] for entry in bundle["entry"]):
        contexts = one["useContext"]
        kind = "http://terminology.hl7.org/CodeSystem/usage-context-type"
        new = [c for c in contexts if c["code"]["system"] == kind and
               any(x["system"] == DOS and x.get("code") for x in c["valueCodeableConcept"]["coding"])]
        old = [c for c in contexts if c["code"]["system"] == DOS and
               any(x["system"].endswith("/variant-state") for x in c["valueCodeableConcept"]["coding"])]
        same((len(new), len(old)), (1, 1), f"useContexts of {one.get('name')}")
        prefixes |= {x["code"][:3] for c in contexts for x in c["valueCodeableConcept"]["coding"]
                     if x["system"] == CONTEXTS}
    if not {"a4t", "a3t"} <= prefixes:
        raise AssertionError(f"use cases {prefixes}")


@rule("two contexts in one value, the & percent-encoded, http and https: all definitions of the service",
      "NHS kit, 999")
def two_contexts(world):
    alone = json.loads(definitions(world, f"{DOS}|{world.server.service}").body)["total"]
    for use_case in ("a4t1", "a1t1"):
        for scheme in ("https", "http"):
            both = f"{CONTEXTS}|{use_case}%26context={scheme}://fhir.nhs.uk/Id/dos-service-id|{world.server.service}"
            answer = definitions(world, both)
            same(answer.status, 200, both)
            same(json.loads(answer.body)["total"], alone, both)


@rule("no context: 400 required; an unknown service: 404; XXXXXXX: 400 value", "NHS kit, Capability")
def bad_contexts(world):
    refused(get(world, "/MessageDefinition"), 400, "required")
    refused(definitions(world, DOS + "|99999999999999"), 404, "not-found", "REC_NOT_FOUND")
    refused(definitions(world, "XXXXXXX"), 400, ("value", "invalid"))


def posted(world):
    message = messages.new()
    answer = accepted(world.server.post(message))
    return message, json.loads(answer.body)


@rule("GET /ServiceRequest/{id} gives what was sent, JSON and XML", "application 4: read before update and cancel")
def read_one(world):
    message, bundle = posted(world)
    made = resource(bundle, "ServiceRequest")["id"]
    for kind in (JSON, XML):
        answer = get(world, f"/ServiceRequest/{made}", kind)
        same((answer.status, answer.media_type), (200, kind), answer.body[:300])
        if made not in answer.text or "occurrencePeriod" not in answer.text:
            raise AssertionError(answer.text[:300])


@rule("GET /ServiceRequest/: 400 required; XXXXXXXXX: 400 value; an unknown id: 404 not-found", "NHS kit, 111")
def read_wrong(world):
    refused(get(world, "/ServiceRequest/"), 400, "required")
    refused(get(world, "/ServiceRequest/XXXXXXXXX"), 400, ("value", "invalid"))
    refused(get(world, f"/ServiceRequest/{guid()}"), 404, "not-found", "REC_NOT_FOUND")


def organisation(ods):
    system = "https://fhir.nhs.uk/Id/ods-organization-code"
    return base64_json({"resourceType": "Organization", "identifier": [{"system": system, "value": ods}]})


def search(world, query, ods="Z99003"):
    named = {"NHSD_End_User_Organisation": organisation(ods)} if ods else {}
    return get(world, "/ServiceRequest?" + query, **named)


@rule("search by NHS number finds the request, percent-encoded or not", "API; application 4")
def search_patient(world):
    alone = "9990000107"  # the others' number has more requests than one answer holds
    answer = accepted(world.server.post(messages.new(nhs_number=alone)))
    made = resource(json.loads(answer.body), "ServiceRequest")["id"]
    plain = f"patient:identifier=https://fhir.nhs.uk/Id/nhs-number|{alone}"
    for query in (plain, "patient%3Aidentifier=" + urllib.parse.quote(plain.partition("=")[2], safe="")):
        answer = search(world, query)
        same((answer.status, answer.tree.tag), (200, "Bundle"), answer.body[:300])
        if made not in answer.text:
            raise AssertionError(f"{made} is not found by {query}")
    # A number is known to many: another organisation finds nothing, and who does not say which it is is told so.
    same(json.loads(search(world, plain, "X99998").body)["total"], 0, "total for another organisation")
    refused(search(world, plain, None), 400, "required")


@rule("a search that finds nothing: 200 and total 0", "FHIR R4, search")
def search_nothing(world):
    answer = search(world, "patient:identifier=https://fhir.nhs.uk/Id/nhs-number|9990000093")
    same((answer.status, json.loads(answer.body)["total"]), (200, 0), "answer")


@rule("a search without patient:identifier: 400 required; not a number: 400 value", "NHS kit, 111")
def search_wrong(world):
    refused(search(world, ""), 400, "required")
    refused(search(world, "https://fhir.nhs.uk/Id/nhs-number|"), 400, "required")
    refused(search(world, "patient:identifier=https://fhir.nhs.uk/Id/nhs-number|XXXXXX"), 400, ("value", "invalid"))


@rule("what is read owes the target header, and 404 for an unknown service", "API")
def reading_headers(world):
    refused(get(world, f"/ServiceRequest/{guid()}", NHSD_Target_Identifier=None), 400, "required")
    unknown = base64_json({"system": DOS, "value": "99999999999999"})
    refused(get(world, f"/ServiceRequest/{guid()}", NHSD_Target_Identifier=unknown), 404, "not-found", "REC_NOT_FOUND")


@rule("POST on what can only be read: 405", "FHIR R4; core guide")
def read_only(world):
    for path in ("/metadata", "/MessageDefinition"):
        answer = world.server.send("POST", "/FHIR/R4" + path, world.server.headers(), b"{}")
        refused(answer, 405, "not-supported", "REC_METHOD_NOT_ALLOWED")


@rule("405 names what is allowed", "RFC 9110")
def allow(world):
    answer = world.server.send("PUT", PROCESS, world.server.headers(), b"{}")
    same(answer.status, 405, "status")
    if "POST" not in (answer.headers.get("allow") or "").split(", "):
        raise AssertionError("Allow does not name POST")
