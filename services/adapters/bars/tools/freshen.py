#!/usr/bin/env python3
"""Makes a published BaRS request, update or cancellation fit to be sent now.

Published examples carry dates of 2021, ids that are soon used up, and sometimes no use case. This reads one
(FHIR JSON or XML, from a file or standard input), gives it a new Bundle id and Journey id, a use case,
present dates and the service it is sent to, and prints it in the format it came in.

  freshen.py VALREQ01.xml --breach-in 30 > request.xml
  freshen.py --target 2000072490 < request.json | curl --data-binary @- ...
  freshen.py VALREQ02.xml --journey-id ID --service-request-id ID > update.xml  # of a request that was answered
"""

import argparse
import datetime
import json
import sys
import uuid
import xml.etree.ElementTree as ElementTree

FHIR = "http://hl7.org/fhir"
USE_CASES = "https://fhir.nhs.uk/CodeSystem/usecases-categories-bars"
SERVICE = "https://fhir.nhs.uk/Id/dos-service-id"


class JsonMessage:
    def __init__(self, text):
        self.bundle = json.loads(text)

    def text(self):
        return json.dumps(self.bundle, indent=1, ensure_ascii=False) + "\n"

    def resources(self):
        for entry in self.bundle.get("entry", []):
            if "resource" in entry:
                yield entry["resource"]["resourceType"], entry["resource"]

    def set(self, node, path, value, only_if_there=False):
        *above, last = path.split(".")
        for name in above:
            if name not in node and only_if_there:
                return
            node = node.setdefault(name, {})
            node = node[0] if isinstance(node, list) else node
        if last in node or not only_if_there:
            node[last] = value

    def set_id(self, resource, value):
        resource["id"] = value

    def use_case(self, request, code):
        category = request.setdefault("category", [{}])[0]
        codings = category.setdefault("coding", [])
        codings[:] = [one for one in codings if one.get("system") != USE_CASES]
        codings.append({"system": USE_CASES, "code": code})

    def service_ids(self, service):
        return [one for one in service.get("identifier", []) if one.get("system", "").endswith("/dos-service-id")]


class XmlMessage:
    def __init__(self, text):
        ElementTree.register_namespace("", FHIR)
        self.bundle = ElementTree.fromstring(text)

    @staticmethod
    def tag(name):
        return "{%s}%s" % (FHIR, name)

    def text(self):
        return ElementTree.tostring(self.bundle, encoding="unicode") + "\n"

    def resources(self):
        for holder in self.bundle.iterfind("/".join(["."] + [self.tag(n) for n in ("entry", "resource")])):
            for resource in holder:
                yield resource.tag.split("}")[1], resource

    def set(self, node, path, value, only_if_there=False):
        for name in path.split("."):
            child = node.find(self.tag(name))
            if child is None and only_if_there:
                return
            node = ElementTree.SubElement(node, self.tag(name)) if child is None else child
        node.set("value", value)

    def set_id(self, resource, value):
        if resource.find(self.tag("id")) is None:
            resource.insert(0, ElementTree.Element(self.tag("id")))
        self.set(resource, "id", value)

    def use_case(self, request, code):
        category = request.find(self.tag("category"))
        for coding in list(category.iterfind(self.tag("coding"))):
            system = coding.find(self.tag("system"))
            if system is not None and system.get("value") == USE_CASES:
                category.remove(coding)
        coding = ElementTree.SubElement(category, self.tag("coding"))
        self.set(coding, "system", USE_CASES)
        self.set(coding, "code", code)

    def service_ids(self, service):
        return [one for one in service.iterfind(self.tag("identifier"))
                if one.find(self.tag("system")).get("value", "").endswith("/dos-service-id")]


def instant(moment):
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def freshen(message, options):
    now = instant(options.now)
    message.set(message.bundle, "id", options.bundle_id)
    message.set(message.bundle, "meta.lastUpdated", now)
    message.set(message.bundle, "timestamp", now)
    for kind, resource in message.resources():
        message.set(resource, "meta.lastUpdated", now)
        if kind == "MessageHeader":
            message.set(resource, "destination.endpoint", SERVICE + "|" + options.target)
        elif kind == "HealthcareService":
            for identifier in message.service_ids(resource):
                message.set(identifier, "value", options.target)
        elif kind == "ServiceRequest":
            message.use_case(resource, options.use_case)
            if options.service_request_id:
                message.set_id(resource, options.service_request_id)
            message.set(resource, "occurrencePeriod.start", now)
            message.set(resource, "occurrencePeriod.end",
                        instant(options.now + datetime.timedelta(minutes=options.breach_in)))
        elif kind == "CarePlan":
            message.set(resource, "period.start", now)
        elif kind == "Encounter":
            message.set(resource, "episodeOfCare.reference", "EpisodeOfCare/" + options.journey_id)
            message.set(resource, "period.start", now)
        elif kind == "Observation":
            message.set(resource, "effectiveDateTime", now, only_if_there=True)


def freshened(text, options):
    message = JsonMessage(text) if text.lstrip().startswith("{") else XmlMessage(text)
    freshen(message, options)
    return message.text()


def arguments(words=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", help="a published request; standard input when left out")
    parser.add_argument("--bundle-id", default=str(uuid.uuid4()), help="default: a new one")
    parser.add_argument("--journey-id", default=str(uuid.uuid4()), help="default: a new one")
    parser.add_argument("--use-case", default="a4t1",
                        help="a4t1 CAS validation (default), a4t2 falls, a4t3 community, a3t1 referral")
    parser.add_argument("--service-request-id", help="of an update or cancellation: the id that the answer gave it")
    parser.add_argument("--target", default="2000072489", help="service id it is sent to (default: paddock-wood's)")
    parser.add_argument("--breach-in", type=float, default=20, metavar="MINUTES",
                        help="validation breach time, counted from now; may be negative (default 20)")
    parser.add_argument("--now", default=datetime.datetime.now(datetime.timezone.utc), metavar="TIME",
                        type=lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00")),
                        help="clock start and lastUpdated, ISO 8601 with offset (default: now)")
    return parser.parse_args(words)


def main():
    options = arguments()
    if options.file:
        with open(options.file, encoding="utf-8-sig") as source:
            text = source.read()
    else:
        text = sys.stdin.read().lstrip("\ufeff")
    sys.stdout.write(freshened(text, options))


if __name__ == "__main__":
    main()
