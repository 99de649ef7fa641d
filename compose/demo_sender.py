#!/usr/bin/env python3
"""The demo's ambulance service: takes the hub's responses on 127.0.0.1:PORT and keeps a line of each in LOG."""
import http.server
import json
import sys


def summary(body):
    try:
        bundle = json.loads(body)
        resources = [entry["resource"] for entry in bundle["entry"]]
        header = next(r for r in resources if r["resourceType"] == "MessageHeader")
        return {"definition": header["definition"].rsplit("/", 1)[-1],
                "in_answer_to": header["response"]["identifier"],
                "encounter": [r["status"] for r in resources if r["resourceType"] == "Encounter"][-1]}
    except (ValueError, KeyError, StopIteration, IndexError, TypeError):
        return {"definition": "not understood"}


class Handler(http.server.BaseHTTPRequestHandler):
    log_path = None

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with open(self.log_path, "a", encoding="utf-8") as log:
            log.write(json.dumps(summary(body)) + "\n")
        self.send_response(200)
        for name in ("X-Request-Id", "X-Correlation-Id"):
            self.send_header(name, self.headers.get(name, ""))
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: demo_sender.py PORT LOG")
    Handler.log_path = sys.argv[2]
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
