#!/usr/bin/env python3
"""Plays a short demo day on a running demo stack: cases through the BaRS front door, clinicians through the command
sockets. Ends with a table counted from the journal."""
import base64
import collections
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid

from demo_messages import validation_request

HUBS = {"paddock-wood": "2000072489", "ashford": "2000072490"}
WAIT_S = 60

Case = collections.namedtuple("Case", "key hub family nhs_number phone born category text breach_in_s plan")
DAY = [
    Case("fall", "paddock-wood", "Testcase", "9990000018", "07700 900101", "1941-03-09", "C3",
         "Fell in the kitchen, no head injury, cannot get up alone.", 1800, ("ADVICE", "no-injury-lifted")),
    Case("frail", "ashford", "Demonstration", "9990000026", "07700 900102", "1936-07-21", "C3",
         "Off legs for two days, no new pain.", 1800, ("UCR", "frailty")),
    Case("chest", "ashford", "Example", "9990000034", "07700 900103", "1958-11-02", "C3",
         "Chest pain on breathing in, looks pale.", 1800, ("AMBULANCE_RESPONSE", "needs-ecg-now")),
    Case("no-answer", "paddock-wood", "Specimen", "9990000042", "07700 900104", "1990-01-30", "C4",
         "Back pain since yesterday.", 1800, ("reject", "FC")),
    Case("late", "ashford", "Sample", "9990000050", "07700 900105", "1972-05-14", "C3",
         "Abdominal pain, vomiting.", 12, ("leave", "")),
]


class Demo:
    def __init__(self, cli, state, bars_port):
        self.cli = [cli, "--state", state]
        self.base = f"http://127.0.0.1:{bars_port}/FHIR/R4/$process-message"

    def run(self, *words, actor="demo-pp-1", role="paramedic-practitioner", ok=(0,)):
        command = self.cli + ["--as", actor, "--role", role, "--ods", "RYD", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S, check=False)
        if done.returncode not in ok:
            sys.exit(f"demo: {' '.join(words[:2])} ended with {done.returncode}: {done.stderr or done.stdout}")
        return done.stdout

    def post(self, case, journey_id, cad_number):
        details = case._asdict() | {"journey_id": journey_id, "cad_number": cad_number}
        body = json.dumps(validation_request(details, HUBS[case.hub], case.breach_in_s)).encode()
        target = {"value": HUBS[case.hub], "system": "https://fhir.nhs.uk/Id/dos-service-id"}
        request = urllib.request.Request(self.base, data=body, headers={
            "Content-Type": "application/fhir+json", "X-Request-Id": str(uuid.uuid4()),
            "X-Correlation-Id": str(uuid.uuid4()),
            "NHSD-Target-Identifier": base64.b64encode(json.dumps(target).encode()).decode()})
        try:
            with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
                bundle = json.load(answer)
        except urllib.error.HTTPError as error:
            sys.exit(f"demo: the front door said {error.code}: {error.read().decode()}")
        resources = [entry["resource"] for entry in bundle["entry"]]
        own = [resource for resource in resources if resource["resourceType"] == "Encounter"][-1]
        return own["identifier"][0]["value"]

    def until(self, what, check):
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            if check():
                return
            time.sleep(0.2)
        sys.exit(f"demo: waited {WAIT_S} s for {what}")

    def queued(self, hub, number):
        return number in self.run("queue", "--hub", hub)

    def work(self, case, number):
        kind, code = case.plan
        if kind == "leave":
            return
        at = ("--hub", case.hub)
        self.run("claim", number, *at)
        if kind == "reject":
            self.run("contact", number, "--outcome", "no-answer", *at)
            self.run("reject", number, "--reason", code, *at)
            return
        self.run("consult", number, *at)
        self.run("decide", number, "--pathway", kind, "--code", code, "--text", "Seen in the demo: " + case.text, *at)

    def crew_contact(self):
        crew = {"callsign": "SE101", "requester_staff_id": "demo-crew-1", "original_plan": "convey", "category": "C3",
                "age_years": 81,
                "observations": {"respirations_per_minute": 22, "oxygen_saturation_percent": 94, "on_oxygen": False,
                                 "systolic_mmhg": 118, "pulse_per_minute": 96, "consciousness": "ALERT",
                                 "temperature_tenths_c": 378},
                "person": {"name": "Demo Crewcontact",
                           "contacts": [{"rank": 1, "methods": [{"system": "phone", "value": "07700 900106"}]}]}}
        words = ["--as", "demo-crew-1", "--role", "paramedic", "--ods", "RYD"]
        words += ["send", "--crew", "-", "--hub", "paddock-wood"]
        done = subprocess.run(self.cli + words, input=json.dumps(crew), capture_output=True, text=True,
                              timeout=WAIT_S, check=False)
        if done.returncode != 0:
            sys.exit(f"demo: the crew contact was not taken: {done.stderr or done.stdout}")
        reply = json.loads(done.stdout)
        return next(e["case_number"] for e in reply["receipt"]["events"] if e["name"] == "CaseOpened")

    def play(self):
        numbers = {}
        for case in DAY:
            journey = str(uuid.uuid4())
            numbers[case.key] = self.post(case, journey, "DEMO-" + case.key.upper())
            print(f"  {case.hub:13} {numbers[case.key]}  999 validation, {case.category}, accepted", flush=True)
            self.until("the review to be queued", lambda c=case: self.queued(c.hub, numbers[c.key]))
            self.work(case, numbers[case.key])
        repeat = DAY[0]._replace(text="Rang again: now dizzy as well.", plan=("HOME_TREATMENT_TEAM", "reviewed-again"))
        again = self.post(repeat, str(uuid.uuid4()), "DEMO-FALL")
        print(f"  {repeat.hub:13} {again}  the same caller rings again: linked, not merged", flush=True)
        self.until("the repeat call to be queued", lambda: self.queued(repeat.hub, again))
        self.work(repeat, again)
        crew = self.crew_contact()
        print(f"  paddock-wood  {crew}  a crew on scene asks before conveying", flush=True)
        self.until("the crew contact to be queued", lambda: self.queued("paddock-wood", crew))
        self.work(DAY[0]._replace(text="Crew agrees.", plan=("MEDICAL_SDEC", "sdec-criteria-met")), crew)
        print("  ashford       nobody takes the last case: it goes back to the ambulance service at breach", flush=True)
        self.until("the late case to be given back", lambda: self.returned("ashford", numbers["late"]))

    def returned(self, hub, number):
        return any(e["name"] == "DeliverySettled" and e["case_number"] == number for e in self.events(hub))

    def events(self, hub):
        events = []
        for line in self.run("audit", "replay", "--hub", hub, "--json").splitlines():
            event = json.loads(line)
            event["name"] = event["payload"]["@type"].rsplit(".", 1)[-1]
            events.append(event)
        return events

    def table(self):
        print("\nWhat the journal says:\n")
        lines = [("hub", "case", "origin", "outcome", "answers sent")]
        for hub in HUBS:
            rows = collections.OrderedDict()
            for event in self.events(hub):
                if not event.get("label") == "demo":
                    sys.exit("demo: an event is not labelled as a demo")
                number, payload = event.get("case_number"), event["payload"]
                if event["name"] == "CaseOpened":
                    rows[number] = {"origin": payload["facts"]["origin"], "outcome": "open", "links": 0, "sent": 0}
                row = rows.get(number)
                if row is None:
                    continue
                if event["name"] == "ReviewDecided":
                    row["outcome"] = "decided: " + payload["pathway"]
                elif event["name"] == "ReviewRejected":
                    row["outcome"] = "rejected: " + payload["reason"]
                elif event["name"] == "ReviewBreached":
                    row["outcome"] = "given back at breach"
                elif event["name"] == "CaseLinked":
                    row["links"] += 1
                elif event["name"] == "DeliverySettled" and payload.get("status") == "DELIVERED":
                    row["sent"] += 1
            for number, row in rows.items():
                outcome = row["outcome"] + (f" (linked to {row['links']})" if row["links"] else "")
                lines.append((hub, number, row["origin"], outcome, str(row["sent"])))
        widths = [max(len(line[i]) for line in lines) for i in range(4)]
        for line in lines:
            print("  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths)) + f"  {line[4]:>12}")
        print()
        for hub in HUBS:
            print("  " + self.run("audit", "verify", "--hub", hub).strip().replace("\n", "\n  "))


def main():
    words = [word for word in sys.argv[1:] if word != "--table"]
    if len(words) != 3:
        sys.exit("usage: demo.py CLI STATE BARS_PORT [--table]")
    demo = Demo(*words)
    if "--table" not in sys.argv:
        print("\nA demo day, through the real front door and the real command sockets:\n", flush=True)
        demo.play()
    demo.table()


if __name__ == "__main__":
    main()
