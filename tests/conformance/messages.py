"""Good messages, made up, as dicts in FHIR JSON shape; what a rule or a mutant breaks, it breaks in a copy."""
import copy
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "compose"))
from demo_messages import SYSTEMS, concept, validation_request  # noqa: E402

from client import guid  # noqa: E402

FAMILY, NHS_NUMBER, PHONE, STREET = "Conformcase", "9990000077", "07700 900177", "1 Example Row"
# Must stand in no refusal. The telephone number and the rest are in every good message.
IDENTITY = [FAMILY, NHS_NUMBER, PHONE, STREET, "1950-06-01", "000012345678", "Felt dizzy"]
LOCATION = "https://fhir.nhs.uk/StructureDefinition/LocationExtension"
CATEGORY, USE_CASE = "message-category-servicerequest", "usecases-categories-bars"  # code systems
KEPT_BY_A_CANCEL = ("MessageHeader", "ServiceRequest", "Patient", "Organization", "Location")


def new(breach_in_s=3600, target="2000072489", **changed):
    journey = guid()
    case = {"family": FAMILY, "nhs_number": NHS_NUMBER, "phone": PHONE, "born": "1950-06-01", "category": "C3",
            "text": "Felt dizzy this morning.", "journey_id": journey, "cad_number": "SYN-" + journey[:8].upper()}
    return validation_request({**case, **changed}, target, breach_in_s)


def resource(message, kind, number=0):
    found = [entry["resource"] for entry in message["entry"] if entry["resource"]["resourceType"] == kind]
    return found[number]


def index(message, kind):
    return next(i for i, entry in enumerate(message["entry"]) if entry["resource"]["resourceType"] == kind)


def without(message, kind):
    message["entry"] = [entry for entry in message["entry"] if entry["resource"]["resourceType"] != kind]


def changed(message, change):
    copied = copy.deepcopy(message)
    change(copied)
    return copied


def coding(message, system):
    """That of the ServiceRequest's categories which is of this code system."""
    return next(one for category in resource(message, "ServiceRequest")["category"] for one in category["coding"]
                if one["system"].endswith("/" + system))


def texts(value, names, name=""):
    """What stands under these names, however deep."""
    if isinstance(value, dict):
        for each, part in value.items():
            yield from texts(part, names, each)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part, names, name)
    elif name in names:
        yield value


# What else a request for validation may become. Nobody has sent what the update and the cancellation name.
def update(message):
    resource(message, "MessageHeader")["reason"] = code("message-reason-bars", "update")
    resource(message, "ServiceRequest")["id"] = guid()


def cancel(message):
    update(message)
    resource(message, "ServiceRequest")["status"] = "revoked"
    message["entry"] = [e for e in message["entry"] if e["resource"]["resourceType"] in KEPT_BY_A_CANCEL]


def referral(message):
    coding(message, CATEGORY)["code"], coding(message, USE_CASE)["code"] = "referral", "a3t1"
    resource(message, "CarePlan")["status"] = "completed"


# The shapes of location that bars.md section 9 names; the ten that are taken.
LOCATIONS = ("UPRN address", "address", "grid", "UPRN", "UPRN address grid degrees", "UPRN address grid",
             "UPRN address grid w3w", "UPRN address degrees", "degrees", "w3w")


def locate(message, *parts):
    place = resource(message, "Location")
    for name in ("extension", "address", "position"):
        place.pop(name, None)
    inner = []
    if "UPRN" in parts:
        inner.append({"url": "UPRN", "valueString": "000012345678"})
    if "grid" in parts:
        inner += [{"url": "eastings", "valueString": "567100"}, {"url": "northings", "valueString": "144900"}]
    if "w3w" in parts:
        inner.append({"url": "what3words", "valueString": "made.up.words"})
    if inner:
        place["extension"] = [{"url": LOCATION, "extension": inner}]
    if "address" in parts:
        place["address"] = {"line": [STREET], "city": "Exampleton", "postalCode": "ZZ99 3VZ"}
    if "degrees" in parts:
        place["position"] = {"longitude": 0.3955, "latitude": 51.1762}


def contact(rank, relationship="ONESELF", phone=PHONE):
    return {"extension": [{"url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-ContactRank",
                           "valuePositiveInt": rank}],
            "relationship": [concept("http://terminology.hl7.org/CodeSystem/v3-RoleCode", relationship)],
            "telecom": [{"system": "phone", "value": phone, "use": "mobile", "rank": 1}]}


def code(system, value):
    return concept(SYSTEMS + system, value)
