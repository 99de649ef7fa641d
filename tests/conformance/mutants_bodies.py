"""Faults of the bytes and of FHIR's structure: what only JSON or only XML can get wrong."""
from client import JSON, XML
from messages import resource
from mutants import OF_NOTHING, Mutant, fault, rewritten, short

STRUCTURE = {"issue": "structure"}
PROLOGUE = b'<?xml version="1.0" encoding="UTF-8"?>'
ROOT = b'<Bundle xmlns="http://hl7.org/fhir">'


def put(kind, name, value):
    return lambda message: resource(message, kind).update({name: value})


def in_json(name, change, **expected):
    fault(name, change, forms=(JSON,), **STRUCTURE, **expected)


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
        in_json(f"{what}: {kind}.{name}", put(kind, name, value), names="{" + kind + "}." + name)
    rank = "{Patient}.contact[0].extension[0].value"
    for value in ("one", 1.5, "1"):
        in_json(f"a rank of {value!r}",
                lambda m, it=value: resource(m, "Patient")["contact"][0]["extension"][0].update(valuePositiveInt=it),
                names=rank)
    in_json("an extension of two types", lambda m: resource(m, "Patient")["contact"][0]["extension"][0].update(
        valueString="1"), names=rank)
    for name in ("fancy", "Status", "status "):
        in_json(f"an element {name!r}", put("ServiceRequest", name, "x"), names="{ServiceRequest}")
    in_json("a resource type that nobody knows", put("ServiceRequest", "resourceType", "Fancy"),
            names="{ServiceRequest}")
    in_json("a resource without type", lambda m: resource(m, "ServiceRequest").pop("resourceType"),
            names="{ServiceRequest}")
    in_json("entry is an object", lambda m: m.update(entry={}), names="Bundle.entry")
    in_json("a control character", lambda m: m.update(id="\u0000"), names="Bundle.id")


def unreadable(form, name, rewrite, names="byte"):
    rewritten(name, form, rewrite, names=names, **STRUCTURE)


def instead(old, new, count=-1):
    return lambda good, word: good.replace(old, new, count)


def for_a_word(new):
    return lambda good, word: good.replace(word, new)


def cut_off(form):
    for share in (1, 10, 50, 90, 99):
        unreadable(form, f"cut off after {share} %", lambda good, word, it=share: good[:len(good) * it // 100])


def json_bytes():
    cut_off(JSON)
    kind = b'"type": "message"'
    unreadable(JSON, "a comma too many", instead(kind, kind + b","))
    unreadable(JSON, "a comma too few", instead(kind + b",", kind))
    unreadable(JSON, "single quotes", instead(b'"', b"'"))
    unreadable(JSON, "something behind it", lambda good, word: good + b"{}")
    unreadable(JSON, "two messages", lambda good, word: good + good)
    unreadable(JSON, "NaN", instead(b'"active": true', b'"active": NaN'))
    unreadable(JSON, "a comment", instead(b'{"resourceType"', b'/* x */{"resourceType"', 1))
    unreadable(JSON, "bytes that are not UTF-8", for_a_word(b"\xff\xfe"))
    unreadable(JSON, "an unknown escape", for_a_word(b"\\x"))
    unreadable(JSON, "half a surrogate pair", for_a_word(b"\\ud800"))
    unreadable(JSON, "a key twice", instead(kind, kind + b", " + kind), names="")


def xml_bytes():
    cut_off(XML)
    kind = b'<type value="message" />'
    for what, new, names in [
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
        unreadable(XML, what, instead(kind, new), names)
    unreadable(XML, "an entity that nobody declared", for_a_word(b"&foo;"))
    unreadable(XML, "an ampersand by itself", for_a_word(b"A & E"))
    unreadable(XML, "a DTD", lambda good, word: PROLOGUE + b"<!DOCTYPE Bundle>" + good[len(PROLOGUE):])
    unreadable(XML, "no namespace", instead(b' xmlns="http://hl7.org/fhir"', b""))
    unreadable(XML, "another namespace", instead(b'"http://hl7.org/fhir"', b'"http://hl7.org/fhir/r5"'))
    unreadable(XML, "two documents", lambda good, word: good + good[len(PROLOGUE):])
    unreadable(XML, "bytes that are not UTF-8", for_a_word(b"\xff\xfe"))


def under_the_other_name():
    fault("XML under JSON's name", None, forms=(JSON,), written_as=XML, names="byte", **STRUCTURE)
    fault("JSON under XML's name", None, forms=(XML,), written_as=JSON, names="byte", **STRUCTURE)


def of_nothing(name, body, form=JSON, names="", **expected):
    OF_NOTHING.append(Mutant(f"{short(form)}: {name}", body=body, body_type=form, names=names,
                             **{**STRUCTURE, **expected}))


def no_message():
    for form in (JSON, XML):
        of_nothing("nothing at all", b"", form, "byte")
        of_nothing("neither of the two", b"hello", form, "byte")
    of_nothing("only spaces", b"   ", names="byte")
    for what in (b"[]", b"1", b'"Bundle"', b"null", b"true", b"{}"):
        of_nothing(f"the body is {what.decode()}", what)
    of_nothing("another resource", b'{"resourceType":"Patient"}', issue="invariant")
    of_nothing("another resource", PROLOGUE + b'<Patient xmlns="http://hl7.org/fhir" />', XML, issue="invariant")
    nested = b'<extension url="urn:made:up">'
    for depth in (70, 5000):
        of_nothing(f"objects nested {depth} deep", b'{"extension":' * depth + b"1" + b"}" * depth)
        of_nothing(f"arrays nested {depth} deep", b"[" * depth + b"]" * depth)
        of_nothing(f"elements nested {depth} deep", ROOT + b"<entry>" + nested * depth + b"</extension>" * depth +
                   b"</entry></Bundle>", XML)
    of_nothing("more values than anybody sends", b'{"resourceType":"Bundle","entry":[' + b"{}," * 200_001 + b"{}]}")
    with_entity = ROOT + b'<id value="&e;"/></Bundle>'
    of_nothing("an entity of its own", PROLOGUE + b'<!DOCTYPE a [<!ENTITY e "x">]>' + with_entity, XML, "byte")
    of_nothing("a file of ours as an entity",
               PROLOGUE + b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + with_entity, XML, "byte")
    grown = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 9))
    of_nothing("entities that grow", PROLOGUE + b'<!DOCTYPE a [<!ENTITY l0 "lol">' + grown +
               b'<!ENTITY e "&l8;">]>' + with_entity, XML, "byte")


def build():
    for part in (types, json_bytes, xml_bytes, under_the_other_name, no_message):
        part()
