"""What people decide, as its sender is told of it, and what happens when nobody does or nobody hears: bars.md sections
4, 11; facts.md 1.6, 1.7."""
import messages
from client import value_of
from messages import resource
from rules import holds, same
from rules_responding import A4, Worked, counted, outcomes, responding
from world import HUB, ME

NO_LONGER = ("SG1070", "SD4050", "Dx0122", "C3")  # the codes of what was asked for


def clock_start(message):
    return resource(message, "CarePlan")["period"]["start"]


@responding("downgraded to C4: the plan is active, its category C4, the clock start that of the request",
            A4 + "; VALRESP02")
def downgraded(world):
    case = Worked(world)
    case.do("downgrade", "--to", "C4", "--reason", "less-severe")
    case.do("decide", "--pathway", "ambulance-response", "--category", "C4", "--code", "less-severe")
    got = case.got(1)
    counted(got, "full")
    plan = got.one("CarePlan")
    same((value_of(plan, "status"), value_of(plan, "period/start")), ("active", clock_start(case.message)), "plan")
    same(len(got.all("Encounter")), 2, "Encounters")
    holds(outcomes(got), "C4")
    same([one for one in NO_LONGER if one in outcomes(got)], [], "codes that hold no more")


@responding("referred on: the plan is completed, for its sender has nothing to do, and says to whom in words", A4)
def referred_on(world):
    case = Worked(world)
    case.do("decide", "--pathway", "ucr", "--code", "fall", "--refer-to", "2000099999", "--text", "UCR sees her today.")
    got = case.got(1)
    counted(got, "full")
    same((value_of(got.one("CarePlan"), "status"), value_of(got.own, "status")), ("completed", "finished"), "status")
    same(len(got.all("Encounter")), 2, "Encounters")
    holds(outcomes(got), "UCR sees her today.")
    same([one for one in NO_LONGER if one in outcomes(got)], [], "codes that hold no more")


def raised(world, category, *acts):
    case = Worked(world)
    for act in acts:
        case.do(*act)
    got = case.got(1)
    counted(got, "full")
    plan = got.one("CarePlan")
    same(value_of(plan, "status"), "active", "plan")
    same(len(got.all("Encounter")), 3, "Encounters")
    referred = value_of(plan, "activity/outcomeReference/reference")
    third = next(one for url, one in got.message.resources() if url == referred)
    same(value_of(third, "status"), "planned", "the third, as nobody gave a number")
    same(value_of(plan, "period/start") > clock_start(case.message), True, "a clock start of the new disposition")
    holds(outcomes(got), category)
    same([one for one in NO_LONGER if one in outcomes(got)], [], "codes that hold no more")


for to in ("C1", "C2"):
    decided = ("decide", "--pathway", "ambulance-response", "--code", "worse")
    responding(f"decided as {to}: a third Encounter, the clock start of the decision", A4 + "; VALRESP03")(
        lambda world, it=to, act=decided: raised(world, it, (*act, "--category", it)))
    responding(f"escalated to {to}, and decided for an ambulance: that category, and a third Encounter",
               A4 + "; VALRESP03")(
        lambda world, it=to, act=decided: raised(world, it, ("escalate", "--to", it, "--reason", "worse"), act))


@responding("nobody begins on it until its breach: given back by itself, as a rejection of that time",
            A4 + "; fail-safe")
def given_back(world):
    case = Worked(world, messages.new(breach_in_s=6), claimed=False)
    got = case.got(1)
    counted(got, "interim")
    same((got.reason, value_of(got.own, "status")), ("new", "cancelled"), "reason, Encounter")
    same(value_of(got.own, "reasonCode/coding/code"), "RRNA", "reasonCode")
    breach = resource(case.message, "ServiceRequest")["occurrencePeriod"]["end"]
    same(value_of(got.own, "meta/lastUpdated")[:19], breach[:19], "dated by the breach time")
    case.stack.until(lambda: "iven back to the sender" in world.record.case(case.number), "people do not see it")
    same(len({one.headers["x-request-id"] for one in case.all_got()}), 1, "given back once")


@responding("a rejection that its sender does not confirm raises an alert, until it is confirmed", A4)
def unconfirmed(world):
    case = Worked(world, behaves=[(503, "transient", True)] * 5)  # after 0, 1, 3, 7 and 15 seconds
    alerted = lambda: f"answer-unconfirmed {case.number}" in case.stack.run_as(ME, "queue", "--hub", HUB)  # noqa: E731
    case.do("reject", "--reason", "FC")
    case.got(2)
    same(alerted(), False, "alerted at the first failure")
    case.stack.until(alerted, "nobody is alerted")
    case.stack.until(lambda: not alerted(), "confirmed, and people are still asked")
    same(len({(one.body, one.headers["x-request-id"]) for one in case.all_got()}), 1, "one message, again and again")
