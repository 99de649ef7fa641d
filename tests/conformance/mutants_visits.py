"""Faults of the visit: headers, media types, method, path, size. The message itself is good."""
import base64

from client import DOS, JSON, XML, base64_json
from mutants import OF_NOTHING, REFERRAL, VALIDATION, Mutant, fault

NOT_GUIDS = ("1", "not-a-guid", "86e3371d1c1548629552d9560f8292ba", "86e3371d-1c15-4862-9552-d9560f8292bz",
             "{86e3371d-1c15-4862-9552-d9560f8292ba}", "urn:uuid:86e3371d-1c15-4862-9552-d9560f8292ba")


def visit(name, headers, forms=(JSON, XML), **expected):
    fault(name, None, forms=forms, headers=headers, **{"journalled": False, **expected})


def ids():
    for name in ("X-Request-Id", "X-Correlation-Id"):
        visit(f"no {name}", {name: None}, issue="required", names=name)
        visit(f"an empty {name}", {name: ""}, issue="required", names=name)
        for wrong in NOT_GUIDS:
            visit(f"{name} {wrong}", {name: wrong}, names="X-Request-Id", journalled=name != "X-Request-Id",
                  issue={VALIDATION: "invariant", REFERRAL: "value"})


def targets():
    name = "NHSD-Target-Identifier"
    visit(f"no {name}", {name: None}, issue="required", names=name)
    for what, wrong in [("that is not base64", "%%%"), ("of half an octet", "e"),
                        ("that is not JSON", base64.b64encode(b"not json").decode()),
                        ("in plain JSON", '{"value":"2000072489"}'),
                        ("that is a list", base64_json(["2000072489"])),
                        ("without value", base64_json({"system": DOS})),
                        ("without system", base64_json({"value": "2000072489"})),
                        ("of another system", base64_json({"system": "urn:made:up", "value": "2000072489"})),
                        ("with an empty value", base64_json({"system": DOS, "value": ""})),
                        ("with an object for a value", base64_json({"system": DOS, "value": {}}))]:
        visit(f"a target {what}", {name: wrong}, issue="value", names=name)
    for wrong in ("99999999999999", "200007248", "2000072489x", "XXXXXXX"):
        visit(f"a target service {wrong}", {name: base64_json({"system": DOS, "value": wrong})}, status=404,
              code="REC_NOT_FOUND", issue="not-found", names=name)


def formats():
    for wrong in ("application/xml", "application/json", "text/xml", "text/plain", "application/fhir", "", None,
                  "multipart/form-data", "application/x-www-form-urlencoded"):
        visit(f"Content-Type {wrong}", {"Content-Type": wrong}, status=415, names="Content-Type", issue="not-supported")
    for wrong in ("application/pdf", "text/html", "application/fhir+json; version=2.0.0",
                  "application/fhir+xml;version=9", "application/fhir+json;q=0"):
        visit(f"Accept {wrong}", {"Accept": wrong}, status=406, code="REC_NOT_ACCEPTABLE", issue="not-supported",
              names="Accept")
    for wrong in ("pdf", "ttl", "html"):
        visit(f"_format={wrong}", {}, (JSON,), status=406, code="REC_NOT_ACCEPTABLE", issue="not-supported",
              names="_format", path="/FHIR/R4/$process-message?_format=" + wrong)


def doors():
    for method in ("PUT", "PATCH", "DELETE"):
        visit(f"method {method}", {}, (JSON,), method=method, status=405, code="REC_METHOD_NOT_ALLOWED",
              issue="not-supported")
    OF_NOTHING.append(Mutant("method GET", method="GET", status=405, code="REC_METHOD_NOT_ALLOWED",
                             issue="not-supported", journalled=False))
    for path in ("/", "/FHIR/R3/$process-message", "/fhir/r4/$process-message", "/FHIR/R4$process-message"):
        visit(f"path {path}", {}, (JSON,), path=path, status=404, code="REC_NOT_FOUND", issue="not-found")
    OF_NOTHING.append(Mutant("a body of more than two megabytes", body=b'{"x":"' + b"x" * 2_000_000 + b'"}', status=413,
                             by_http=True, journalled=False))


def build():
    for part in (ids, targets, formats, doors):
        part()
