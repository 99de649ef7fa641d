"""Named rules: each is one promise of the standard, with where it stands, tried over HTTP."""
import dataclasses
import os
import sys
import traceback

RULES = []


@dataclasses.dataclass
class Rule:
    name: str
    source: str
    check: object


def rule(name, source):
    """The decorated function takes the World and raises when the rule does not hold."""
    def keep(check):
        RULES.append(Rule(name, source, check))
        return check
    return keep


def same(got, wanted, what=""):
    if got != wanted:
        raise AssertionError(f"{what}: got {str(got)[:400]!r}, wanted {str(wanted)[:400]!r}")


def holds(told, *words):
    for word in words:
        if word not in told:
            raise AssertionError(f"no {word!r} in: {told}")


def refused(answer, status, issue=None, code="REC_BAD_REQUEST", names=None):
    """An OperationOutcome with this status; `issue`: one or several allowed codes of the first issue; `names`: what the
    expression of some issue must hold."""
    told = answer.body[:400]
    same(answer.status, status, f"status, of {told}")
    same(answer.tree.tag, "OperationOutcome", "resource")
    issues = answer.issues()
    allowed = (issue,) if isinstance(issue, str) else issue
    if allowed and issues[0][0] not in allowed:
        raise AssertionError(f"issue.code {issues[0][0]}, wanted {allowed}: {told}")
    if code and issues[0][1] != code:
        raise AssertionError(f"details code {issues[0][1]}, wanted {code}: {told}")
    for one in issues:
        if not one[2]:
            raise AssertionError(f"an issue without diagnostics: {told}")
        if (one[3] or "") not in one[2]:
            raise AssertionError(f"diagnostics that do not name {one[3]}: {told}")
    if names and not any(names in (one[3] or "") for one in issues):
        raise AssertionError(f"no issue names {names}: {told}")


def accepted(answer):
    same(answer.status, 200, f"status, of {answer.body[:400]}")
    same(answer.tree.tag, "Bundle", "resource")
    if not answer.case_number():
        raise AssertionError("no case number in the answer")
    return answer


def run(world, only=""):
    """(passed, failed), a line for each rule."""
    passed = failed = 0
    for one in RULES:
        if only not in one.name:
            continue
        try:
            one.check(world)
        except Exception as trouble:  # noqa: BLE001  whatever a rule stumbles over, the others are tried
            failed += 1
            print(f"FAILED  {one.name}  [{one.source}]\n        {trouble}")
            if os.environ.get("RULES_TRACE"):
                traceback.print_exc(file=sys.stdout)
        else:
            passed += 1
            print(f"ok      {one.name}  [{one.source}]")
    return passed, failed
