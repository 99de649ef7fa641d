"""A synthetic BaRS validation request for the demo. Nobody in it exists: the NHS numbers are of the range that is
never issued, the telephone numbers of the range that Ofcom keeps for drama.

Run as a program it prints one with ids of its own and present times."""
import argparse
import datetime
import json
import uuid

SYSTEMS = "https://fhir.nhs.uk/CodeSystem/"
SERVICE = "https://fhir.nhs.uk/Id/dos-service-id|"
SENDER_SERVICE = "7700900001"


def instant(moment):
    return moment.astimezone(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def concept(system, code):
    return {"coding": [{"system": system, "code": code}]}


def contact(rank, relationship, phone):
    return {
        "extension": [{"url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-ContactRank",
                       "valuePositiveInt": rank}],
        "relationship": [concept("http://terminology.hl7.org/CodeSystem/v3-RoleCode", relationship)],
        "telecom": [{"system": "phone", "value": phone, "use": "mobile", "rank": 1}],
    }


def observation(code, refer, **value):
    return {"resourceType": "Observation", "status": "final",
            "code": concept("http://snomed.info/sct", code), "subject": refer("patient"), **value}


def validation_request(case, target, breach_in_s):
    """`case`: family, nhs_number, phone, born, text, category, cad_number, journey_id."""
    now = datetime.datetime.now(datetime.timezone.utc)
    breach = now + datetime.timedelta(seconds=breach_in_s)
    bundle_id = str(uuid.uuid4())

    def url(name):
        return "urn:uuid:" + str(uuid.uuid5(uuid.UUID(bundle_id), name))

    def refer(name):
        return {"reference": url(name)}

    resources = {
        "header": {
            "resourceType": "MessageHeader",
            "eventCoding": {"system": SYSTEMS + "message-events-bars", "code": "servicerequest-request"},
            "destination": [{"endpoint": SERVICE + target, "receiver": refer("hub")}],
            "sender": refer("ambulance"),
            "source": {"name": "Demo ambulance service", "endpoint": SERVICE + SENDER_SERVICE},
            "reason": concept(SYSTEMS + "message-reason-bars", "new"), "focus": [refer("request")],
            "definition": "https://fhir.nhs.uk/MessageDefinition/bars-message-servicerequest-request-validation"},
        "request": {
            "resourceType": "ServiceRequest", "basedOn": [refer("plan")], "status": "active", "intent": "plan",
            "category": [{"coding": [
                {"system": SYSTEMS + "message-category-servicerequest", "code": "validation"},
                {"system": SYSTEMS + "usecases-categories-bars", "code": "a4t1"}]}],
            "subject": refer("patient"), "encounter": refer("encounter"),
            "occurrencePeriod": {"start": instant(now), "end": instant(breach)},
            "performer": [refer("service")], "locationReference": [refer("location")]},
        "service": {"resourceType": "HealthcareService", "active": True, "providedBy": refer("hub"),
                    "identifier": [{"system": "https://fhir.nhs.uk/Id/dos-service-id", "value": target}]},
        "encounter": {
            "resourceType": "Encounter", "status": "triaged", "subject": refer("patient"),
            "identifier": [{"system": "https://ambulance.example/Id/case-number", "value": case["cad_number"]}],
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
            "episodeOfCare": [{"reference": "EpisodeOfCare/" + case["journey_id"]}], "period": {"start": instant(now)}},
        "plan": {
            "resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": refer("patient"),
            "encounter": refer("encounter"), "period": {"start": instant(now)},
            "activity": [{"outcomeCodeableConcept": [
                concept(SYSTEMS + "pathways-sg-codes", "SG1070"), concept(SYSTEMS + "pathways-sd-codes", "SD4050"),
                concept(SYSTEMS + "pathways-dx-codes", "Dx0122"),
                concept(SYSTEMS + "arp-priority-codes", case["category"]), {"text": case["text"]}]}]},
        "patient": {
            "resourceType": "Patient", "gender": "unknown", "birthDate": case["born"],
            "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": case["nhs_number"]}],
            "name": [{"use": "official", "family": case["family"], "given": ["Demo"]}],
            "contact": [contact(1, "ONESELF", case["phone"])]},
        "hub": {"resourceType": "Organization", "name": "Demo hub"},
        "ambulance": {"resourceType": "Organization", "name": "Demo ambulance service",
                      "identifier": [{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "Z99003"}]},
        "location": {
            "resourceType": "Location", "name": "Example Row",
            "extension": [{"url": "https://fhir.nhs.uk/StructureDefinition/LocationExtension",
                           "extension": [{"url": "UPRN", "valueString": "000012345678"}]}],
            "address": {"line": ["1 Example Row"], "city": "Exampleton", "postalCode": "ZZ99 3VZ"}},
        "flag": {"resourceType": "Flag", "status": "active",
                 "category": [concept(SYSTEMS + "flag-categories-bars", "SS")],
                 "code": concept(SYSTEMS + "scene-safety-codes-bars", "S"), "subject": refer("location")},
        "consent": {
            "resourceType": "Consent", "status": "active", "patient": refer("patient"),
            "scope": concept("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy"),
            "category": [concept(SYSTEMS + "consent-categories-bars", "DRC")],
            "policyRule": concept("http://terminology.hl7.org/CodeSystem/v3-ActCode", "IMPLIED")},
        "practitioner": {"resourceType": "Practitioner",
                         "identifier": [{"system": "https://fhir.nhs.uk/Id/sds-role-profile-id", "value": "DEMO-1"}]},
        "role": {"resourceType": "PractitionerRole", "practitioner": refer("practitioner"),
                 "organization": refer("ambulance")},
        "pulse": observation("364075005", refer, valueQuantity={"value": 96, "unit": "/min"}),
        "breathing": observation("86290005", refer, valueQuantity={"value": 21, "unit": "/min"}),
    }
    entries = []
    for name, resource in resources.items():
        resource["meta"] = {"lastUpdated": instant(now)}
        entries.append({"fullUrl": url(name), "resource": resource})
    return {"resourceType": "Bundle", "id": bundle_id,
            "meta": {"versionId": "1.1.0", "lastUpdated": instant(now)},
            "type": "message", "timestamp": instant(now), "entry": entries}


def main():
    parser = argparse.ArgumentParser(description="prints a synthetic BaRS validation request as FHIR JSON")
    parser.add_argument("--target", default="2000072489", help="BaRS service id of the hub (default: paddock-wood's)")
    parser.add_argument("--breach-in", type=int, default=1800, metavar="S", help="seconds until it breaches")
    asked = parser.parse_args()
    journey = str(uuid.uuid4())
    case = {"family": "Tourcase", "nhs_number": "9990000069", "phone": "07700 900107", "born": "1950-06-01",
            "category": "C3", "text": "Dizzy since this morning, did not fall.", "journey_id": journey,
            "cad_number": "TOUR-" + journey[:8].upper()}
    print(json.dumps(validation_request(case, asked.target, asked.breach_in), indent=1))


if __name__ == "__main__":
    main()
