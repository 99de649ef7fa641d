"""The endpoint of whoever asked: it keeps what is sent to it, and answers with both ids or as it is told."""
import dataclasses
import http.server
import json

from client import JSON, Answer, value_of

OUTCOME = {"resourceType": "OperationOutcome"}


@dataclasses.dataclass
class Got:
    headers: dict  # names in lower case
    body: bytes

    @property
    def message(self):
        return Answer(0, self.headers, self.body, 0)

    def all(self, kind):
        return [one for _, one in self.message.resources() if one.tag == kind]

    def one(self, kind):
        found = self.all(kind)
        if len(found) != 1:
            raise AssertionError(f"{len(found)} {kind}, wanted 1")
        return found[0]

    @property
    def answers(self):
        return value_of(self.one("MessageHeader"), "response/identifier")

    @property
    def reason(self):
        return value_of(self.one("MessageHeader"), "reason/coding/code")

    @property
    def definition(self):
        return value_of(self.one("MessageHeader"), "definition").rpartition("/")[2]

    @property
    def own(self):
        """The responder's Encounter: the focus of the message."""
        focus = value_of(self.one("MessageHeader"), "focus/reference")
        return next(one for url, one in self.message.resources() if url == focus)


class Partner(http.server.BaseHTTPRequestHandler):
    """`behaves`: of a message's Bundle.id, the answers to give before 200: (status, issue code or None, ids or not)."""
    got = []
    behaves = {}

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        got = Got({name.lower(): value for name, value in self.headers.items()}, body)
        Partner.got.append(got)
        waiting = Partner.behaves.get(got.answers)
        status, issue, ids = waiting.pop(0) if waiting else (200, None, True)
        told = b"" if issue is None else json.dumps(
            {**OUTCOME, "issue": [{"severity": "error", "code": issue, "diagnostics": "not a duplicate"}]}).encode()
        self.send_response(status)
        for name in ("X-Request-Id", "X-Correlation-Id") if ids else ():
            self.send_header(name, self.headers[name])
        self.send_header("Content-Type", JSON)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_):
        pass


def to(bundle_id):
    """What has come in answer to this message, in order."""
    return [one for one in list(Partner.got) if one.answers == bundle_id]
