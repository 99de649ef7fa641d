// What people read: the queue, a case, status.
#include <catch2/catch.hpp>

#include "common/base/limits.hpp"
#include "services/cli/domain/case_view.hpp"
#include "services/cli/domain/chain.hpp"
#include "services/cli/domain/queue_view.hpp"
#include "services/cli/domain/status_view.hpp"
#include "services/cli/domain/table.hpp"

using namespace rightplace;
using namespace rightplace::cli;

namespace {

const TimeMs now = 1'795'665'600'000;  // 26 Nov 2026 04:00:00 UTC
const Style plain{false};

triage::ReviewState review(const std::string& number, std::int64_t breach_in_min) {
    triage::ReviewState it;
    it.set_case_number(number);
    it.set_status(triage::QUEUED);
    it.mutable_facts()->set_category(intake::C3);
    it.mutable_facts()->set_origin(intake::VALIDATION_999);
    *it.mutable_breach_at() = to_timestamp(now + breach_in_min * 60'000);
    return it;
}

void flag(intake::CaseFacts& facts, const std::string& category, const std::string& code) {
    auto& it = *facts.add_flags();
    it.set_category(category);
    it.set_code(code);
}

std::string line_with(const std::string& text, const std::string& part) {
    const auto at = text.find(part);
    if (at == std::string::npos) return "";
    const auto from = text.rfind('\n', at) + 1;
    return text.substr(from, text.find('\n', at) - from);
}

template <typename T>
Event event_of(std::uint64_t seq, const T& payload) {
    Event event;
    event.set_seq(seq);
    event.set_case_number("P-1");
    event.mutable_actor()->set_id("j.smith");
    event.mutable_actor()->set_role("ed-consultant");
    *event.mutable_occurred_at() = to_timestamp(now);
    *event.mutable_recorded_at() = to_timestamp(now + 20);
    event.mutable_payload()->PackFrom(payload);
    return event;
}

}  // namespace

TEST_CASE("the queue says how long is left, and shouts what is over") {
    triage::QueueReply queue;
    *queue.add_reviews() = review("P-OVER", -3);
    *queue.add_reviews() = review("P-LEFT", 14);
    const auto text = render_queue("paddock-wood", queue, {812, 400}, now, plain);
    CHECK_THAT(line_with(text, "P-OVER"), Catch::Contains("3 min OVER") && Catch::Contains("C3"));
    CHECK_THAT(line_with(text, "P-LEFT"), Catch::Contains("14 min left") && Catch::Contains("26 Nov 04:14:00"));
    CHECK_THAT(text, Catch::Contains("as of seq 812, 0.4 s ago"));
    CHECK(text.find('\033') == std::string::npos);
    CHECK(render_queue("p", queue, {812, 400}, now, Style{true}).find("\033[1;31mP-OVER") != std::string::npos);
}

TEST_CASE("breach times are London's in summer too") {
    triage::QueueReply queue;
    const TimeMs july = 1'782'874'800'000;  // 1 Jul 2026 03:00 UTC
    *queue.add_reviews() = review("P-1", 0);
    *queue.mutable_reviews(0)->mutable_breach_at() = to_timestamp(july);
    CHECK_THAT(render_queue("p", queue, {1, 0}, july, plain), Catch::Contains("1 Jul 04:00:00"));
}

TEST_CASE("a stale view warns loudly, a fresh one does not") {
    CHECK(freshness_lines({5, 2'000}, plain).find("OLD") == std::string::npos);
    CHECK_THAT(freshness_lines({5, 2'001}, plain), Catch::Contains("THIS VIEW IS 2.0 s OLD"));
    CHECK_THAT(freshness_lines({5, 90'000}, plain), Catch::Contains("THIS VIEW IS 1 min OLD"));
}

TEST_CASE("danger comes first among the flags, and a safe scene is no flag") {
    intake::CaseFacts facts;
    flag(facts, "RC", "");
    flag(facts, "SG", "123");
    flag(facts, "SG", "124");
    flag(facts, "SS", "U");
    CHECK(flags_in_order(facts) == "SCENE UNSAFE, SAFEGUARDING, repeat caller");
    intake::CaseFacts safe;
    flag(safe, "SS", "S");
    CHECK(flags_in_order(safe) == "-");
}

TEST_CASE("alerts stand above the queue") {
    triage::QueueReply queue;
    auto& alert = *queue.add_alerts();
    alert.set_alert_id("a9");
    alert.set_kind("review-breached");
    alert.set_case_number("P-7");
    *alert.mutable_raised_at() = to_timestamp(now - 12 * 60'000);
    const auto text = render_queue("p", queue, {1, 0}, now, plain);
    CHECK_THAT(text, Catch::Contains("!! 1 ALERT NOT TAKEN BY ANYONE"));
    CHECK_THAT(line_with(text, "review-breached"),
               Catch::Contains("P-7") && Catch::Contains("nobody has taken it for 12 min"));
    CHECK_THAT(text, Catch::Contains("`rightplace alerts --hub p`"));
    CHECK(text.find("ALERT") < text.find("Nobody is waiting"));
}

TEST_CASE("an incomplete NEWS2 never looks like a total") {
    triage::News2 news2;
    CHECK(news2_word(news2) == "-");
    news2.set_band("incomplete");
    news2.set_total(3);
    news2.mutable_parts()->set_pulse(3);
    CHECK(news2_word(news2) == "3+ incomplete");
    news2.set_complete(true);
    news2.set_band("high");
    news2.set_total(7);
    CHECK(news2_word(news2) == "7 high");
}

TEST_CASE("a table's columns stand under each other, whatever the alphabet") {
    const auto lines = table_lines({{"NAME", "X"}, {"Siân", "1"}, {"abcdef", "2"}});
    REQUIRE(lines.size() == 3);
    CHECK(lines[0] == "NAME    X");
    CHECK(lines[1] == "Siân    1");
    CHECK(lines[2] == "abcdef  2");
}

TEST_CASE("text from outside cannot drive the terminal") {
    CHECK(printable("a\033[2Jb\x7f\xC2\x9B"
                    "c\nd") == "a [2Jb  c d");
    CHECK(printable("Siân ✓") == "Siân ✓");
    CasePicture picture;
    picture.state.emplace();
    picture.state->mutable_facts()->set_cad_number("\033]0;x\007");
    CHECK(render_case(picture, now, plain).find('\033') == std::string::npos);
}

TEST_CASE("a case shows what it can, and says what it cannot") {
    CasePicture picture;
    picture.hub = "ashford";
    picture.missing.push_back("the review cannot be shown: triage did not answer in time");
    triage::ReviewDecided decided;
    decided.set_pathway(triage::MEDICAL_SDEC);
    decided.set_original_plan("CONVEY_TO_ED");
    picture.events.push_back(event_of(4, decided));
    const auto text = render_case(picture, now, plain);
    CHECK_THAT(text, Catch::Contains("! the review cannot be shown"));
    CHECK_THAT(text, Catch::Contains("P-1"));
    CHECK_THAT(line_with(text, "Decided"), Catch::Contains("26 Nov 04:00:00") && Catch::Contains("medical SDEC") &&
                                               Catch::Contains("CONVEY_TO_ED") &&
                                               Catch::Contains("j.smith (ed-consultant)"));
}

TEST_CASE("a case shows the category it has now, and the one it came with") {
    CasePicture picture;
    picture.state.emplace();
    picture.state->mutable_facts()->set_category(intake::C3);
    picture.review.emplace();
    picture.review->set_category(intake::C3);
    CHECK_THAT(line_with(render_case(picture, now, plain), "category"), Catch::EndsWith(" C3"));
    picture.review->set_category(intake::C2);
    CHECK_THAT(line_with(render_case(picture, now, plain), "category"), Catch::EndsWith("C2, received as C3"));
}

TEST_CASE("one outside message is one line of its case, and its answer is in it") {
    CasePicture picture;
    intake::ExchangeAnswered answered;
    answered.set_accepted(true);
    answered.mutable_exchange()->set_request_id("r7");
    for (const std::string id : {"bars:req:r7", "bars:msg:b7"}) {
        auto event = event_of(4, answered);
        event.set_aggregate_type("exchange");
        event.set_aggregate_id(id);
        picture.events.push_back(event);
    }
    const auto text = render_case(picture, now, plain);
    const auto first = text.find("Outside message r7 answered accepted");
    REQUIRE(first != std::string::npos);
    CHECK(text.find("essage", first + 20) == std::string::npos);
    CHECK_THAT(describe(picture.events[1]), !Catch::Contains("answered"));  // in the record both stand, told apart
}

TEST_CASE("who did it is said once") {
    triage::ReviewClaimed claimed;
    auto event = event_of(4, claimed);
    *claimed.mutable_holder() = event.actor();
    event.mutable_payload()->PackFrom(claimed);
    CHECK_THAT(describe_with_actor(event), Catch::EndsWith("Claimed by j.smith (ed-consultant)"));
    CHECK_THAT(replay_line(event), Catch::EndsWith("Claimed by j.smith (ed-consultant)"));
    claimed.mutable_holder()->set_id("a.jones");
    event.mutable_payload()->PackFrom(claimed);
    CHECK_THAT(describe_with_actor(event),
               Catch::Contains("Claimed by a.jones") && Catch::EndsWith("  - j.smith (ed-consultant)"));
}

TEST_CASE("a place that says its name or its postcode twice is shown with one") {
    Revealed revealed;
    revealed.person.emplace();
    auto& at = *revealed.person->mutable_location();
    at.set_name("Test Street");
    at.set_address("1 Test Street, Testham, ZZ99 3WZ");
    at.set_postcode("ZZ99 3WZ");
    at.set_uprn("100");
    CHECK_THAT(line_with(render_revealed(revealed, plain), "location"),
               Catch::EndsWith("location        1 Test Street, Testham, ZZ99 3WZ, UPRN 100"));
}

TEST_CASE("every event of the contract has words of its own") {
    Event event;
    event.mutable_payload()->set_type_url("type.googleapis.com/rightplace.visits.VisitAssigned");
    CHECK_THAT(describe(event), Catch::Contains("not known to this program"));
    know_all_messages();
    const auto* pool = google::protobuf::DescriptorPool::generated_pool();
    for (const std::string name : {"intake.CaseOpened",          "intake.CaseUpdated",
                                   "intake.CancellationAsked",   "intake.CaseLinked",
                                   "intake.CaseClosed",          "intake.ExchangeAnswered",
                                   "intake.CaseNumberIssued",    "triage.ReviewQueued",
                                   "triage.ReviewClaimed",       "triage.ClaimReleased",
                                   "triage.ClaimLapsed",         "triage.ContactAttempted",
                                   "triage.NoteAdded",           "triage.ReviewEscalated",
                                   "triage.ReviewTakenOver",     "triage.ReviewDowngraded",
                                   "triage.SecondOpinionAsked",  "triage.SecondOpinionGiven",
                                   "triage.WelfareCallPlanned",  "triage.WelfareCallMissed",
                                   "triage.ConsultationStarted", "triage.ReviewDecided",
                                   "triage.ReviewRejected",      "triage.ReviewBreached",
                                   "triage.ReviewReturned",      "triage.ReviewCancelled",
                                   "triage.PolicyAdopted",       "triage.AlertRaised",
                                   "triage.AlertTaken",          "triage.SignedOn",
                                   "triage.SignedOff",           "referral.ReferralRequested",
                                   "referral.ReferralAccepted",  "referral.ReferralCompleted",
                                   "referral.DeliveryRequested", "referral.DeliveryStarted",
                                   "referral.DeliverySettled",   "referral.DeliverySuperseded",
                                   "referral.DeliveryReleased",  "referral.DeliverySettledByHand",
                                   "vault.IdentityViewed",       "audit.EpochOpened",
                                   "audit.JournalCheckpoint",    "audit.ClockStepped",
                                   "runtime.ReactionRefused",    "runtime.ReactionParked",
                                   "runtime.ReactionUnparked",   "triage.ReviewReopened",
                                   "triage.ReviewClosed",        "intake.CaseReopened",
                                   "triage.CancellationNoted",   "referral.ReferralWithdrawn",
                                   "referral.DeliveryWithdrawn", "triage.AlertEscalated",
                                   "triage.Spo2Scale2Used",      "intake.HubFoundClosed",
                                   "triage.SenderUpdateNoted",   "referral.ReferralOverdue",
                                   "referral.PatientReached",    "referral.ReferralEnded",
                                   "referral.ReferralDeclined",

                                   "triage.AlertSettled",        "referral.DeliveryUnconfirmed"}) {
        INFO(name);
        REQUIRE(pool->FindMessageTypeByName("rightplace." + name) != nullptr);
        event.mutable_payload()->set_type_url("type.googleapis.com/rightplace." + name);
        CHECK(describe(event).find("not known") == std::string::npos);
    }
}

TEST_CASE("the number to call back stands first, by rank") {
    Revealed revealed;
    revealed.person.emplace();
    revealed.person->set_name("Edith Marrow");
    auto& second = *revealed.person->add_contacts();
    second.set_rank(2);
    second.add_methods()->set_system("phone");
    second.mutable_methods(0)->set_value("222");
    auto& first = *revealed.person->add_contacts();
    first.set_rank(1);
    first.add_methods()->set_system("email");
    first.mutable_methods(0)->set_value("e@example.org");
    first.mutable_methods(0)->set_rank(2);
    first.add_methods()->set_system("phone");
    first.mutable_methods(1)->set_value("111");
    first.mutable_methods(1)->set_rank(1);
    const auto text = render_revealed(revealed, plain);
    CHECK_THAT(line_with(text, "CALL BACK"), Catch::EndsWith("111"));
    CHECK(text.find("CALL BACK") < text.find("Edith"));
    CHECK(text.find("contact 1") < text.find("contact 2"));
    CHECK_THAT(line_with(text, "born"), Catch::EndsWith("not given"));
}

TEST_CASE("who asked: the organisation and its program for all, the person only when revealed") {
    intake::ExchangeAnswered answered;
    answered.mutable_exchange()->set_requester_organisation_ods("RYD");
    answered.mutable_exchange()->set_requester_software("Made-up CAD 7.1");
    answered.mutable_exchange()->add_header_warnings("NHSD-Requesting-Practitioner");
    answered.mutable_exchange()->mutable_requester()->set_key_id("k-1");
    const std::vector<Event> events{event_of(1, answered), event_of(2, answered), event_of(3, intake::CaseOpened())};
    CHECK(requester_lines(events) ==
          "  asked by        RYD, Made-up CAD 7.1\n  header          NHSD-Requesting-Practitioner could not be read\n");
    CHECK(sealed_requesters(events).size() == 2);
    Revealed revealed;
    revealed.requesters.resize(2);
    for (auto& requester : revealed.requesters) {
        requester.set_practitioner_name("Ms Fay Sample");
        requester.set_practitioner_role("Call handler");
        requester.set_practitioner_id("999900000001");
    }
    const auto text = render_revealed(revealed, plain);
    CHECK_THAT(line_with(text, "asked by"), Catch::EndsWith("Ms Fay Sample, Call handler, number 999900000001"));
    CHECK(text.find("asked by") == text.rfind("asked by"));  // said twice, shown once
}

TEST_CASE("status finds what is wrong and says what to do") {
    Stand stand;
    runtime::StatusReply answer;
    auto& hub = *answer.add_hubs();
    hub.set_hub("ashford");
    hub.set_ready(true);
    hub.set_head_seq(10);
    hub.set_folded_seq(10);
    stand.services.push_back({"triage", answer, ""});
    stand.hubs.push_back({"ashford", audit::ReadReply(), "", triage::QueueReply(), 20'000});
    CHECK(what_is_wrong(stand).empty());
    CHECK_THAT(render_status(stand, plain), Catch::Contains("All is well."));

    auto& live = *stand.services[0].status->mutable_hubs(0);
    SECTION("not ready") {
        live.set_ready(false);
    }
    SECTION("no heartbeat") {
        live.set_heartbeat_age_ms(2'001);
    }
    SECTION("behind") {
        live.set_head_seq(1'000);
    }
    SECTION("parked") {
        live.set_parked(1);
    }
    SECTION("quarantined") {
        live.set_quarantined(1);
    }
    SECTION("a held answer") {
        live.set_oldest_held_ms(6'000);
    }
    SECTION("a silent service") {
        stand.services[0].status.reset();
    }
    SECTION("a silent audit") {
        stand.hubs[0].head.reset();
    }
    SECTION("no downtime sheet") {
        stand.hubs[0].sheet_age_ms.reset();
    }
    SECTION("an old downtime sheet") {
        stand.hubs[0].sheet_age_ms = limits::downtime_sheet_max_age_ms + 1;
    }
    SECTION("an alert") {
        stand.hubs[0].queue->add_alerts();
    }
    CHECK(what_is_wrong(stand).size() == 1);
    CHECK_THAT(render_status(stand, plain), !Catch::Contains("All is well."));
    CHECK_THAT(status_to_json(stand), Catch::Contains("\"ok\":false"));
}

TEST_CASE("a reply in words says what to do next") {
    Reply reply;
    reply.set_command_id("id7");
    reply.set_status(UNKNOWN);
    CHECK_THAT(reply_words(reply), Catch::Contains("--id id7"));
    reply.set_status(UNAVAILABLE);
    CHECK_THAT(reply_words(reply), Catch::Contains("Not done"));
    reply.set_status(REFUSED);
    reply.mutable_refusal()->set_code(CLAIMED_BY_OTHER);
    reply.mutable_refusal()->set_sentence("A. Jones claimed it.");
    CHECK_THAT(reply_words(reply), Catch::Contains("CLAIMED_BY_OTHER") && Catch::Contains("A. Jones claimed it."));
}

TEST_CASE("codes are taken as people write them") {
    CHECK(pathway_from("medical-sdec").value() == triage::MEDICAL_SDEC);
    CHECK(pathway_from("Convey to ED").value() == triage::CONVEY_TO_ED);
    CHECK_THAT(pathway_from("hospital").error(), Catch::Contains("CONVEY_TO_ED"));
    CHECK_FALSE(pathway_from("PATHWAY_UNSPECIFIED").ok());
    CHECK(outcome_code_from("PATLIFT").value().system() == "https://fhir.nhs.uk/CodeSystem/response-outcome-codes");
    CHECK(outcome_code_from("Dx0122").value().system() == "https://fhir.nhs.uk/CodeSystem/pathways-dx-codes");
    CHECK(outcome_code_from("SG1070").value().system() == "https://fhir.nhs.uk/CodeSystem/pathways-sg-codes");
    CHECK(outcome_code_from("SD4050").value().code() == "SD4050");
    for (const auto* text : {"", "Dx", "patlift", "lifted", "Dx01 22"}) CHECK_FALSE(outcome_code_from(text).ok());
    CHECK(category_from("hp4t").value() == intake::HCP4T);
    CHECK(reject_reason_from("rrna").value() == triage::RRNA);
}
