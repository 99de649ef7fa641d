"""Mutants of the bytes and of FHIR's structure: what only JSON or only XML can get wrong."""
import json

import messages
from client import JSON, XML, to_xml
from messages import resource
from mutants import MUTANTS, Mutant, json_only

STRUCTURE = {"issue": "structure"}
PROLOGUE = b'<?xml version="1.0" encoding="UTF-8"?>'
ROOT = b'<Bundle xmlns="http://hl7.org/fhir">'


def put(kind, name, value):
    return lambda message: resource(message, kind).update({name: value})


def types():
    """A value of the wrong kind, or an element that FHIR does not have there."""
    for kind, name, value, what in [
            ("ServiceRequest", "category", "x", "a string for an array"),
            ("Patient", "contact", {"rank": 1}, "an object for an array"),
            ("ServiceRequest", "category", [], "an empty array"),
            ("ServiceRequest", "category", ["x"], "a string in an array of objects"),
            ("ServiceRequest", "status", 1, "a number for a code"),
            ("ServiceRequest", "status", None, "null for a code"),
            ("ServiceRequest", "status", True, "true for a code"),
            ("ServiceRequest", "status", ["active"], "an array for a code"),
            ("ServiceRequest", "status", {"value": "active"}, "an object for a code"),
            ("ServiceRequest", "subject", [{"reference": "x"}], "an array for an object"),
            ("ServiceRequest", "subject", "Patient/1", "a string for a reference"),
            ("HealthcareService", "active", "yes", "a string for a boolean"),
            ("HealthcareService", "active", 1, "a number for a boolean"),
            ("Patient", "birthDate", 19500601, "a number for a date"),
            ("Location", "position", {"longitude": "east", "latitude": 51.1}, "a word for a decimal"),
            ("CarePlan", "period", "2026", "a string for a period")]:
        json_only(f"{what}: {kind}.{name}", put(kind, name, value), names="{" + kind + "}." + name, **STRUCTURE)
    rank = "{Patient}.contact[0].extension[0].value"
    for value in ("one", 1.5, "1"):
        json_only(f"a rank of {value!r}",
                  lambda m, it=value: resource(m, "Patient")["contact"][0]["extension"][0].update(valuePositiveInt=it),
                  names=rank, **STRUCTURE)
    json_only("an extension of two types", lambda m: resource(m, "Patient")["contact"][0]["extension"][0].update(
        valueString="1"), names=rank, **STRUCTURE)
    for name in ("fancy", "Status", "status "):
        json_only(f"an element {name!r}", put("ServiceRequest", name, "x"), names="{ServiceRequest}", **STRUCTURE)
    json_only("a resource type that nobody knows", put("ServiceRequest", "resourceType", "Fancy"),
              names="{ServiceRequest}", **STRUCTURE)
    json_only("a resource without type", lambda m: resource(m, "ServiceRequest").pop("resourceType"),
              names="{ServiceRequest}", **STRUCTURE)
    json_only("entry is an object", lambda m: m.update(entry={}), names="Bundle.entry", **STRUCTURE)
    json_only("a control character", lambda m: m.update(id="\u0000"), names="Bundle.id", **STRUCTURE)


def raw(name, body, body_type=JSON, names="byte", **expected):
    kind = "JSON" if body_type == JSON else "XML"
    MUTANTS.append(Mutant(f"{kind}: {name}", body=body, body_type=body_type, names=names, **{**STRUCTURE, **expected}))


def json_bytes():
    good = json.dumps(messages.new()).encode()
    for share in (1, 10, 50, 90, 99):
        raw(f"cut off after {share} %", good[:len(good) * share // 100])
    raw("nothing at all", b"")
    raw("only spaces", b"   ")
    raw("not JSON", b"hello")
    raw("XML under JSON's name", to_xml(messages.new()))
    raw("a comma too many", good.replace(b'"type": "message"', b'"type": "message",,'))
    raw("a comma too few", good.replace(b'"type": "message",', b'"type": "message"'))
    raw("single quotes", good.replace(b'"', b"'"))
    raw("something behind it", good + b"{}")
    raw("two messages", good + good)
    raw("NaN", good.replace(b"51.1762", b"NaN").replace(b'"active": true', b'"active": NaN'))
    raw("a comment", good.replace(b'{"resourceType"', b'/* x */{"resourceType"', 1))
    raw("bytes that are not UTF-8", good.replace(b"Felt", b"\xff\xfe"))
    raw("an unknown escape", good.replace(b"Felt", b"\\x"))
    raw("half a surrogate pair", good.replace(b"Felt", b"\\ud800"))
    raw("a key twice", good.replace(b'"type": "message"', b'"type": "message", "type": "message"'), names="")
    for what in (b"[]", b"1", b'"Bundle"', b"null", b"true", b"{}"):
        raw(f"the body is {what.decode()}", what, names="")
    raw("another resource", b'{"resourceType":"Patient"}', names="", issue="invariant")
    for depth in (70, 5000):
        raw(f"objects nested {depth} deep", b'{"extension":' * depth + b"1" + b"}" * depth, names="")
        raw(f"arrays nested {depth} deep", b"[" * depth + b"]" * depth, names="")
    raw("more values than anybody sends", b'{"resourceType":"Bundle","entry":[' + b"{}," * 200_001 + b"{}]}", names="")


def xml_bytes():
    good = to_xml(messages.new())
    for share in (1, 10, 50, 90, 99):
        raw(f"cut off after {share} %", good[:len(good) * share // 100], XML)
    raw("nothing at all", b"", XML)
    raw("not XML", b"hello", XML)
    raw("JSON under XML's name", json.dumps(messages.new()).encode(), XML)
    kind = b'<type value="message" />'
    assert kind in good
    for what, instead, names in [
            ("an element that is not closed", b'<type value="message">', "byte"),
            ("no quotes", b"<type value=message />", "byte"),
            ("an element without value", b"<type />", "Bundle.type"),
            ("a text for a value", b"<type>message</type>", "Bundle.type"),
            ("an element twice", kind + kind, "Bundle.type"),
            ("an attribute twice", b'<type value="message" value="message" />', "Bundle.type"),
            ("an attribute that FHIR has not", b'<type value="message" fancy="1" />', "Bundle.type"),
            ("an element that FHIR has not", kind + b'<fancy value="1" />', "Bundle"),
            ("an element of another namespace", kind + b'<x xmlns="urn:made:up" value="1" />', "Bundle"),
            ("text between elements", kind + b"hello", "Bundle"),
            ("a control character", b'<type value="&#1;" />', "Bundle.type")]:
        raw(what, good.replace(kind, instead), XML, names=names)
    raw("an entity that nobody declared", good.replace(b"Felt", b"&foo;"), XML)
    raw("an ampersand by itself", good.replace(b"Felt", b"Felt & fell"), XML)
    raw("a DTD", PROLOGUE + b"<!DOCTYPE Bundle>" + good[len(PROLOGUE):], XML)
    raw("an entity of its own", PROLOGUE + b'<!DOCTYPE a [<!ENTITY e "x">]>' + ROOT +
        b'<id value="&e;"/></Bundle>', XML)
    raw("a file of ours as an entity", PROLOGUE + b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + ROOT +
        b'<id value="&e;"/></Bundle>', XML)
    lol = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 9))
    raw("entities that grow", PROLOGUE + b'<!DOCTYPE a [<!ENTITY l0 "lol">' + lol + b"]>" + ROOT +
        b'<id value="&l8;"/></Bundle>', XML)
    raw("no namespace", good.replace(b' xmlns="http://hl7.org/fhir"', b""), XML)
    raw("another namespace", good.replace(b'"http://hl7.org/fhir"', b'"http://hl7.org/fhir/r5"'), XML)
    raw("two documents", good + good[len(PROLOGUE):], XML)
    raw("bytes that are not UTF-8", good.replace(b"Felt", b"\xff\xfe"), XML)
    raw("another resource", PROLOGUE + b'<Patient xmlns="http://hl7.org/fhir" />', XML, names="", issue="invariant")
    nested = b'<extension url="urn:made:up">'
    for depth in (70, 5000):
        raw(f"elements nested {depth} deep", ROOT + b"<entry>" + nested * depth + b"</extension>" * depth +
            b"</entry></Bundle>", XML, names="")


def build():
    types()
    json_bytes()
    xml_bytes()
