"""What the command line shows of what a request says: bars.md sections 2, 5, 9."""
import messages
from client import JSON, XML, base64_json, guid
from messages import LOCATIONS, locate, resource
from rules import accepted, holds, same
from rules_responding import responding

SAFEGUARDING = "836881000000105"  # a child is cause for concern
PLACES = {"UPRN": "UPRN 000012345678", "address": f"{messages.STREET}, Exampleton, ZZ99 3VZ",
          "grid": "grid 567100 144900", "degrees": "51.1762 0.3955", "w3w": "what3words made.up.words"}


def number_of(world, message, body_type=JSON, **headers):
    return accepted(world.server.post(message, body_type, **headers)).case_number()


def line(told, label):
    """What stands behind the label; once."""
    found = [each for each in told.splitlines() if each.startswith(f"  {label} ")]
    same(len(found), 1, f"lines of {label} in {told}")
    return found[0].partition(label)[2].strip()


def shows_place(world, parts):
    for form in (JSON, XML):
        message = messages.new()
        locate(message, *parts)
        told = line(world.record.revealed(number_of(world, message, form)), "location")
        holds(told, *(PLACES[part] for part in parts))
        for part, words in PLACES.items():
            if part not in parts and words in told:
                raise AssertionError(f"{words} was not sent: {told}")


for sent in LOCATIONS:
    responding(f"a location with {sent.replace(' ', ', ')} is shown with all of it", "application 4, Scope; section 9")(
        lambda world, parts=sent.split(): shows_place(world, parts))


def encoded(kind, **said):
    return base64_json({"resourceType": kind, **said})


WHO = {"NHSD_End_User_Organisation": encoded("Organization", identifier=[
           {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "Z99003"}]),
       "NHSD_Requesting_Practitioner": encoded(
           "PractitionerRole", code=[{"text": "Call handler"}], practitioner={"display": "Fay Sample"}),
       "NHSD_Requesting_Software": encoded(
           "Device", deviceName=[{"name": "Synthetic CAD", "type": "user-friendly-name"}], version=[{"value": "1.2"}])}


@responding("who asks, by the headers: organisation and program are shown, the person to whoever may see identity",
            "core guide, Authentication-and-Authorisation")
def who_asks(world):
    number = number_of(world, messages.new(), **WHO)
    told = world.record.case(number)
    same(line(told, "asked by"), "Z99003, Synthetic CAD 1.2", "asked by")
    same("Fay Sample" in told or "Call handler" in told, False, "the person in the clear")
    holds(world.record.revealed(number), "Fay Sample, Call handler")


@responding("a who-header that cannot be read is named; the request is taken", "core guide; section 2")
def unreadable_who(world):
    number = number_of(world, messages.new(), **{**WHO, "NHSD_Requesting_Software": "!"})
    told = world.record.case(number)
    holds(told, "NHSD-Requesting-Software could not be read")
    same(line(told, "asked by"), "Z99003", "asked by")


def flag(category, code_system, code):
    return {"resourceType": "Flag", "status": "active", "category": [messages.code("flag-categories-bars", category)],
            "code": messages.code(code_system, code)}


@responding("a safeguarding concern is shown, in the queue too: category and code of every flag",
            "application 4, Scope")
def safeguarding(world):
    for form in (JSON, XML):
        message = messages.new()
        concern = {**flag("SG", "safeguarding-codes-bars", SAFEGUARDING), "meta": resource(message, "Flag")["meta"],
                   "subject": resource(message, "Encounter")["subject"]}
        message["entry"].append({"fullUrl": "urn:uuid:" + guid(), "resource": concern})
        number = number_of(world, message, form)
        world.record.stack.until(lambda it=number: world.record.queue_row(it), "not queued")
        holds(world.record.queue_row(number), "SAFEGUARDING")
        holds(world.record.case(number), "flag            SS S", f"flag            SG {SAFEGUARDING}")
