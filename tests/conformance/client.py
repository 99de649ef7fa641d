"""A BaRS sender that shares no code with the server: curl and Python's own HTTP client and XML reader."""
import base64
import dataclasses
import http.client
import json
import pathlib
import subprocess
import tempfile
import time
import urllib.parse
import uuid
import xml.etree.ElementTree as ElementTree

FHIR = "http://hl7.org/fhir"
XHTML = "http://www.w3.org/1999/xhtml"
JSON, XML = "application/fhir+json", "application/fhir+xml"
DOS = "https://fhir.nhs.uk/Id/dos-service-id"
PROCESS = "/FHIR/R4/$process-message"
PATIENCE = 30  # seconds


def guid():
    return str(uuid.uuid4())


def base64_json(value):
    return base64.b64encode(json.dumps(value).encode()).decode()


def to_xml(resource):
    """A resource in FHIR JSON as FHIR XML."""
    return b'<?xml version="1.0" encoding="UTF-8"?>' + ElementTree.tostring(_resource_element(resource), "utf-8")


def _resource_element(resource):
    ElementTree.register_namespace("", FHIR)
    element = ElementTree.Element(f"{{{FHIR}}}{resource['resourceType']}")
    _fill(element, resource, True)
    return element


def _fill(element, value, is_resource=False):
    for name, part in value.items():
        if name == "resourceType":
            continue
        if name in ("id", "url") and not is_resource and isinstance(part, str) and _is_attribute(element, name):
            element.set(name, part)
            continue
        for one in part if isinstance(part, list) else [part]:
            child = ElementTree.SubElement(element, f"{{{FHIR}}}{name}")
            if isinstance(one, dict) and "resourceType" in one:
                child.append(_resource_element(one))
            elif isinstance(one, dict):
                _fill(child, one)
            else:
                child.set("value", str(one).lower() if isinstance(one, bool) else str(one))


def _is_attribute(element, name):
    return name == "id" or element.tag.endswith(("}extension", "}modifierExtension"))


ALWAYS_LISTS = {"entry", "category", "coding", "contact", "extension"}


def from_xml(body):
    """FHIR XML as a dict that to_xml writes back: each value is a text, and a list only what is named above or comes
    twice. No narrative."""
    return _dict(ElementTree.fromstring(body), True)


def _dict(element, is_resource=False):
    found = {"resourceType": element.tag.rpartition("}")[2]} if is_resource else dict(element.attrib)
    for child in element:
        name = child.tag.rpartition("}")[2]
        holds_one = len(child) and child[0].tag.rpartition("}")[2][0].isupper()
        value = _dict(child[0], True) if holds_one else _dict(child) if len(child) else child.get("value")
        if name in found and not isinstance(found[name], list):
            found[name] = [found[name]]
        if name in ALWAYS_LISTS or name in found:
            found.setdefault(name, []).append(value)
        else:
            found[name] = value
    return found


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict  # names in lower case
    body: bytes
    seconds: float

    @property
    def media_type(self):
        return self.headers.get("content-type", "").split(";")[0].strip()

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def tree(self):
        """The resource as an element tree without namespaces, whichever format it came in."""
        if self.media_type == XML:
            root = ElementTree.fromstring(self.body)
            for element in root.iter():
                element.tag = element.tag.rpartition("}")[2]
            return root
        return _element(json.loads(self.body))

    def issues(self):
        """(issue code, details code, diagnostics, expression) of an OperationOutcome."""
        found = []
        for issue in self.tree.findall("issue"):
            found.append(tuple(value_of(issue, path) for path in
                               ("code", "details/coding/code", "diagnostics", "expression")))
        return found

    def case_number(self):
        for identifier in self.tree.iter("identifier"):
            if value_of(identifier, "system") == "urn:rightplace:case-number":
                return value_of(identifier, "value")
        return None

    def resources(self):
        """(fullUrl, the resource), in order."""
        return [(value_of(entry, "fullUrl"), entry.find("resource")[0]) for entry in self.tree.findall("entry")
                if entry.find("resource") is not None]


def value_of(element, path):
    found = element.find(path)
    return None if found is None else found.get("value")


def _element(resource):
    root = _resource_element(resource)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


class Server:
    """One hub's front door."""

    def __init__(self, url, service="2000072489"):
        self.address = urllib.parse.urlsplit(url)
        self.url = url.rstrip("/")
        self.service = service
        self.seconds = []  # of every answer to $process-message

    def headers(self, body_type=JSON, **changed):
        """Good headers; `X_Request_Id=None` leaves one out."""
        headers = {"Content-Type": body_type, "Accept": JSON, "X-Request-Id": guid(), "X-Correlation-Id": guid(),
                   "NHSD-Target-Identifier": base64_json({"system": DOS, "value": self.service}),
                   "Authorization": "Bearer made-up"}
        for name, value in changed.items():
            headers[name.replace("_", "-")] = value
        return {name: value for name, value in headers.items() if value is not None}

    def send(self, method, path, headers, body=b""):
        connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=PATIENCE)
        began = time.monotonic()
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            if body or method in ("POST", "PUT", "PATCH"):
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            response = connection.getresponse()
            content = response.read()
            took = time.monotonic() - began
            if path.startswith(PROCESS):
                self.seconds.append(took)
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, content, took)
        finally:
            connection.close()

    def post(self, message, body_type=JSON, query="", **changed):
        """Posts a message (a dict in FHIR JSON shape, or bytes)."""
        body = message
        if isinstance(message, dict):
            body = to_xml(message) if body_type == XML else json.dumps(message).encode()
        return self.send("POST", PROCESS + query, self.headers(body_type, **changed), body)

    def curl(self, path, *options, headers=None, body=None):
        """The same by curl; `options` as on its command line."""
        with tempfile.TemporaryDirectory() as folder:
            head, content = pathlib.Path(folder, "head"), pathlib.Path(folder, "body")
            command = ["curl", "-sS", "-g", "--max-time", str(PATIENCE), "-D", head, "-o", content,
                       "-w", "%{time_total}"]
            for name, value in (self.headers() if headers is None else headers).items():
                command += ["-H", f"{name}: {value}"]
            if body is not None:
                sent = pathlib.Path(folder, "sent")
                sent.write_bytes(body)
                command += ["--data-binary", f"@{sent}"]
            done = subprocess.run([*command, *options, self.url + path], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise AssertionError(f"curl: {done.stderr}")
            lines = head.read_text().strip().split("\n\n")[-1].splitlines()
            fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            return Answer(int(lines[0].split()[1]), {**fields, ":status-line": lines[0].strip()},
                          content.read_bytes() if content.exists() else b"", float(done.stdout))
