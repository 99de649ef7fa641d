"""The published examples that a hub takes once they are fit to be sent, as good messages to make mutants of. They are
read where they are, beside the project."""
import dataclasses
import json
import sys

from client import JSON, XML, from_xml, guid
from messages import resource, texts
from mutants import CANCEL, REFERRAL, RESPONSE, UPDATE, VALIDATION, Base
from world import ROOT

sys.path.insert(0, str(ROOT / "services/adapters/bars/tools"))
from freshen import arguments, freshened  # noqa: E402

EXAMPLES = ROOT.parent / "shared/examples"
OF_A_PERSON = {"family", "value", "birthDate", "line", "text", "postalCode"}


@dataclasses.dataclass
class Example:
    file: str
    kind: str
    use_case: str = "a4t1"
    changes: str = ""  # the request that an update or a cancellation is of

    def files(self):
        """As published and, where it was published as JSON too, that."""
        first = EXAMPLES / "bars" / self.file
        return [first, *(EXAMPLES / "bars-json").glob(self.file.partition("-")[0] + "-*.json")]


# The others are no requests for a hub: bookings, Application 6, what is answered, and responses to a validation, which
# none was asked for here.
TAKEN = [Example("VALREQ01-new.xml", VALIDATION),
         Example("API-process_message-request-ValidationRequest.json", VALIDATION),
         Example("REFREQ01-111-to-ED.xml", REFERRAL, "a1t1"),
         Example("REFREQ02-999-to-CAS.xml", REFERRAL, "a3t1"),
         Example("TKW-referral-full.json", REFERRAL, "a3t1"),
         Example("TKW-referral-linked.xml", REFERRAL, "a1t1"),
         Example("TKW-referral-unlinked.xml", REFERRAL, "a1t1"),
         Example("VALREQ02-update-lower.xml", UPDATE, changes="VALREQ01-new.xml"),
         Example("TKW-validation-update.xml", UPDATE, changes="VALREQ01-new.xml"),
         Example("SERVREQ01-revoke.xml", CANCEL, changes="VALREQ01-new.xml"),
         Example("TKW-referral-cancel.xml", CANCEL, "a1t1", changes="REFREQ01-111-to-ED.xml"),
         Example("REFRESP01-ED-safeguarding-DNA.xml", RESPONSE, "a1t1"),
         Example("REFRESP02-mutual-aid-reject.xml", RESPONSE, "a1t1")]


class Published(Base):
    """One example in one format."""

    def __init__(self, example, file):
        self.example, self.file = example, file
        self.form = JSON if file.suffix == ".json" else XML
        message = self.fresh(guid(), guid())
        super().__init__(example.file.rpartition(".")[0] + ": ", example.kind, message, (self.form,),
                         texts(resource(message, "Patient"), OF_A_PERSON))

    def fresh(self, journey, request_id=None):
        words = ["--use-case", self.example.use_case, "--breach-in", "60", "--journey-id", journey]
        if self.example.changes:
            words += ["--service-request-id", request_id]
        text = freshened(self.file.read_text(encoding="utf-8-sig"), arguments(words))
        return json.loads(text) if self.form == JSON else from_xml(text)

    def post_to(self, server):
        """The good message's answer: to an update or a cancellation, once what it is of was sent."""
        if not self.example.changes:
            return server.post(self.copy(), self.form)
        journey = guid()
        first = next(one for one in TAKEN if one.file == self.example.changes)
        asked = Published(first, first.files()[0])
        answer = server.post(asked.fresh(journey), asked.form)
        given = next(one for _, one in answer.resources() if one.tag == "ServiceRequest")
        return server.post(self.fresh(journey, given.find("id").get("value")), self.form)


def bases():
    """Nothing where the examples are not at hand."""
    return [Published(example, file) for example in TAKEN for file in example.files()] if EXAMPLES.exists() else []
