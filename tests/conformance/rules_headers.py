"""Headers and content negotiation: bars.md sections 1, 2, 3 and the header rows of 7."""
import json

import messages
from client import JSON, PROCESS, XML, base64_json, guid, to_xml
from rules import accepted, refused, rule, same

T_VALIDATION = "NHS kit, ValidationRequest"
HEADERS = "core guide, HTTP headers"


def echoed(answer, request_id, correlation_id):
    same(answer.headers.get("x-request-id"), request_id, "X-Request-Id")
    same(answer.headers.get("x-correlation-id"), correlation_id, "X-Correlation-Id")


@rule("a good request by curl is accepted, in one exchange, over HTTP/1.1", "API; core guide, Processing-Requests")
def good_by_curl(world):
    answer = accepted(world.server.curl(PROCESS, body=json.dumps(messages.new()).encode()))
    if not answer.headers[":status-line"].startswith("HTTP/1.1 200"):
        raise AssertionError(answer.headers[":status-line"])
    if "content-length" not in answer.headers and "transfer-encoding" not in answer.headers:
        raise AssertionError("neither Content-Length nor chunked")


@rule("$ may come percent-encoded", "RFC 3986; core guide, process-message")
def encoded_dollar(world):
    accepted(world.server.send("POST", "/FHIR/R4/%24process-message", world.server.headers(),
                               json.dumps(messages.new()).encode()))


@rule("paths are case-sensitive", "guide, Testing-and-Environments TKW")
def case_sensitive(world):
    answer = world.server.send("POST", "/fhir/r4/$process-message", world.server.headers(),
                               json.dumps(messages.new()).encode())
    refused(answer, 404, "not-found", "REC_NOT_FOUND")


@rule("PUT, PATCH, DELETE and GET on $process-message: 405", f"{T_VALIDATION} WrongMethod")
def wrong_method(world):
    for method in ("PUT", "PATCH", "DELETE", "GET"):
        answer = world.server.send(method, PROCESS, world.server.headers(), b"{}" if method != "GET" else b"")
        refused(answer, 405, "not-supported", "REC_METHOD_NOT_ALLOWED")


@rule("X-Request-Id and X-Correlation-Id come back unchanged on 200", f"{T_VALIDATION} integrity_request_id_*")
def echo_on_success(world):
    one, two = guid().upper(), guid()
    echoed(accepted(world.server.post(messages.new(), X_Request_Id=one, X_Correlation_Id=two)), one, two)


@rule("X-Request-Id and X-Correlation-Id come back on every error", "core guide, Receiver-responsibilities")
def echo_on_errors(world):
    sent = {"X_Request_Id": guid(), "X_Correlation_Id": guid()}
    broken = messages.new()
    messages.without(broken, "Consent")
    good = json.dumps(messages.new()).encode()
    unknown = base64_json({"system": "https://fhir.nhs.uk/Id/dos-service-id", "value": "1"})
    answers = {400: world.server.post(broken, **sent),
               404: world.server.send("POST", "/FHIR/R4/$other/x", world.server.headers(**sent), good),
               405: world.server.send("PUT", PROCESS, world.server.headers(**sent), good),
               415: world.server.post(good, Content_Type="text/plain", **sent),
               "404 unknown service": world.server.post(good, NHSD_Target_Identifier=unknown, **sent),
               "400 not JSON": world.server.post(b"{", **sent),
               "406": world.server.post(good, Accept="application/pdf", **sent)}
    for what, answer in answers.items():
        if answer.status == 200:
            raise AssertionError(f"{what}: accepted")
        echoed(answer, sent["X_Request_Id"], sent["X_Correlation_Id"])


@rule("a missing X-Request-Id or X-Correlation-Id: 400 required", f"{T_VALIDATION} WithNoRequestID")
def no_ids(world):
    refused(world.server.post(messages.new(), X_Request_Id=None), 400, "required", names="X-Request-Id")
    refused(world.server.post(messages.new(), X_Correlation_Id=None), 400, "required", names="X-Correlation-Id")


@rule("an id that is no GUID, in a request for validation: 400 invariant", f"{T_VALIDATION} WithNonGUIDRequestID")
def ids_no_guids(world):
    refused(world.server.post(messages.new(), X_Request_Id="not-a-guid"), 400, "invariant", names="X-Request-Id")
    refused(world.server.post(messages.new(), X_Correlation_Id="12345"), 400, "invariant")


@rule("a wrong header hides nothing of what is wrong in the message: all in one answer, headers first",
      "application 4, order of checks")
def headers_and_content(world):
    name = "NHSD-Target-Identifier"
    for form in (JSON, XML):
        message = messages.new()
        messages.without(message, "Consent")
        messages.resource(message, "CarePlan")["status"] = "completed"
        for changed, place in (({"X_Request_Id": None}, "X-Request-Id"),
                               ({"X_Correlation_Id": None}, "X-Correlation-Id"),
                               ({"NHSD_Target_Identifier": None}, name), ({"NHSD_Target_Identifier": "%%%"}, name)):
            answer = world.server.post(message, form, **changed)
            refused(answer, 400, ("required", "value"), names=place)
            same([one[3] for one in answer.issues()],
                 [place, f"Bundle.entry[{messages.index(message, 'CarePlan')}].resource.status", "Bundle.entry"], place)
        unguided = world.server.post(message, form, X_Request_Id="seven", NHSD_Target_Identifier=None)
        same([one[3] for one in unguided.issues()][:2], [name, "X-Request-Id"], "places")
        refused(world.server.post(b"{", X_Request_Id=None), 400, "required", names="X-Request-Id")
    # Nobody can tell what is in a body of another format, and nobody reads what is for another service.
    unknown = base64_json({"system": "https://fhir.nhs.uk/Id/dos-service-id", "value": "99999999999999"})
    for changed, status in (({"Content_Type": "application/xml"}, 415), ({"Accept": "application/pdf"}, 406),
                            ({"NHSD_Target_Identifier": unknown}, 404)):
        answer = world.server.post(message, **changed)
        same((answer.status, len(answer.issues())), (status, 1), str(changed))


@rule("header names may be written in any case", "RFC 9110; NHS kit writes X-Request-ID")
def names_in_any_case(world):
    headers = {name.upper() if name[0] == "X" else name.lower(): value
               for name, value in world.server.headers().items()}
    accepted(world.server.send("POST", PROCESS, headers, json.dumps(messages.new()).encode()))


@rule("NHSD-Target-Identifier is required, base64 of an identifier", "API; NHS kit, Common credentials")
def target(world):
    name = "NHSD-Target-Identifier"
    refused(world.server.post(messages.new(), NHSD_Target_Identifier=None), 400, "required", names=name)
    for wrong in ("%%%", "bm90IGpzb24=", base64_json({"system": "https://fhir.nhs.uk/Id/dos-service-id"})):
        refused(world.server.post(messages.new(), NHSD_Target_Identifier=wrong), 400, ("value", "invalid"), names=name)


@rule("an unknown target service: 404", "core guide, failure scenarios")
def unknown_target(world):
    unknown = base64_json({"system": "https://fhir.nhs.uk/Id/dos-service-id", "value": "99999999999999"})
    refused(world.server.post(messages.new(), NHSD_Target_Identifier=unknown), 404, "not-found", "REC_NOT_FOUND")


@rule("the who-headers may be there or not; Authorization and use-context decide nothing", HEADERS)
def optional_headers(world):
    accepted(world.server.post(messages.new(), Authorization=None))
    accepted(world.server.post(
        messages.new(), use_context="a6t1|referral|servicerequest-request|new",
        NHSD_End_User_Organisation=base64_json({"resourceType": "Organization", "name": "Synthetic"}),
        NHSD_Requesting_Practitioner=base64_json({"resourceType": "PractitionerRole"}),
        NHSD_Requesting_Software=base64_json({"resourceType": "Device"})))


@rule("JSON is answered in JSON and in XML, and XML in both, as Accept asks", "NHS kit, *_xml_accept, *_json_accept")
def formats(world):
    for sent in (JSON, XML):
        for wanted in (JSON, XML):
            answer = accepted(world.server.post(messages.new(), sent, Accept=f"{wanted}; version=1.0.0"))
            same(answer.media_type, wanted, f"{sent} asked as {wanted}")


@rule("_format beats Accept", "NHS kit, Capability xml_parameter_json_accept")
def format_parameter(world):
    for asked, wanted in (("xml", XML), ("json", JSON), ("application/fhir%2Bxml", XML),
                          ("application/fhir+json", JSON)):
        other = JSON if wanted == XML else XML
        same(world.server.post(messages.new(), query=f"?_format={asked}", Accept=other).media_type, wanted, asked)


@rule("without Accept and _format the answer is JSON", "core guide, content negotiation")
def json_by_default(world):
    same(accepted(world.server.post(messages.new(), XML, Accept=None)).media_type, JSON, "media type")
    same(accepted(world.server.post(messages.new(), Accept="*/*")).media_type, JSON, "media type")


@rule("errors come in the format that was asked for", "NHS kit, UnsolicitedValidationResponse_xml_accept")
def errors_in_format(world):
    broken = messages.new()
    messages.without(broken, "Consent")
    for wanted in (JSON, XML):
        answer = world.server.post(broken, Accept=wanted)
        refused(answer, 400)
        same(answer.media_type, wanted, "media type")


@rule("a body of application/xml, or of no type: 415", "NHS kit, BookAppointment UnsupportedMediaType")
def unsupported_media(world):
    refused(world.server.post(to_xml(messages.new()), Content_Type="application/xml"), 415, code=None)
    refused(world.server.post(messages.new(), Content_Type=None), 415, code=None)


@rule("a version of the same major is fine; a greater one: 406", "content negotiation, Receiver-ProcessMessage")
def versions_of_accept(world):
    for version in ("1.0.0", "1.1.0", "1"):
        accepted(world.server.post(messages.new(), Accept=f"{JSON}; version={version}"))
    refused(world.server.post(messages.new(), Accept=f"{JSON}; version=2.0.0"), 406,
            ("not-supported", "processing"), "REC_NOT_ACCEPTABLE")
    refused(world.server.post(messages.new(), Accept="application/pdf"), 406, ("not-supported", "processing"),
            "REC_NOT_ACCEPTABLE")
