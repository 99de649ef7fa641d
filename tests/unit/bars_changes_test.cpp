// Updates and cancellations: which case is meant, what stands against it, what the request comes to.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "services/adapters/bars/domain/changes.hpp"
#include "services/adapters/bars/domain/validation_request.hpp"
#include "tests/unit/bars_files.hpp"
#include "tests/unit/bars_sample.hpp"

using namespace rightplace;
using namespace rightplace::bars;
using bars_sample::resource;

namespace {

constexpr TimeMs minute = 60'000;
const bars_sample::Sample sample;
const OwnCase own{case_id_of("paddock-wood", sample.bundle_id), "P-261118-0001-A"};

Tree original() {
    return bars_sample::request();
}

void touch(Tree& one, TimeMs at = sample.now + minute) {
    one["meta"]["lastUpdated"] = format_utc(at);
}

// As a sender writes it: a new Bundle, our id, and something newer.
Tree update() {
    Tree bundle = original();
    bundle["id"] = "6d5f5b0e-27a4-4a3c-9a55-0f5c6e1d0a02";
    resource(bundle, "MessageHeader")["reason"]["coding"][0]["code"] = "update";
    touch(resource(bundle, "MessageHeader"));
    auto& request = resource(bundle, "ServiceRequest");
    request["id"] = resource_id(own, 1);
    touch(request);
    return bundle;
}

struct Story {
    template <typename T>
    void tell(const std::string& type, const T& payload, const std::string& id = own.case_id) {
        Event event;
        event.set_aggregate_type(type);
        event.set_aggregate_id(id);
        event.set_case_id(id);
        event.set_event_id("e" + std::to_string(++told));
        *event.mutable_occurred_at() = to_timestamp(sample.now + told);
        event.mutable_payload()->PackFrom(payload);
        book.apply(event);
    }
    void open(const std::string& id = own.case_id, const std::string& message_id = sample.bundle_id) {
        intake::CaseOpened opened;
        opened.set_case_number(own.case_number);
        opened.mutable_reply_to()->set_protocol("bars");
        opened.mutable_reply_to()->set_service_id(sample.source_service_id);
        opened.mutable_reply_to()->set_message_id(message_id);
        opened.mutable_facts()->set_journey_id(sample.journey_id);
        tell("case", opened, id);
        intake::ExchangeAnswered answered;
        answered.set_accepted(true);
        answered.set_case_id(id);
        answered.mutable_exchange()->set_service_request_id(resource_id({id, ""}, 1));
        answered.mutable_exchange()->mutable_original()->set_ciphertext("first");
        tell("exchange", answered, "bars:req:" + id);
    }
    void end() {
        triage::ReviewDecided decided;
        tell("review", decided);
    }
    const BookedCase& booked() const { return *book.find(own.case_id); }
    CaseBook book;
    int told = 0;
};

ChangeProblems check(const Tree& change, const BookedCase& booked, Kind kind = Kind::update) {
    const Tree current = original();
    return check_change(Message(change), kind, Message(current), booked);
}

Merged merged(const Tree& change, const Tree& current) {
    return merge(Message(change), Message(current), own);
}

}  // namespace

TEST_CASE("A change names its case by our id, else by its Bundle.id, else by the only open Journey of its sender") {
    Story story;
    story.open();
    const auto find = [&](const Tree& change) {
        return case_of(Message(change), story.book, sample.source_service_id);
    };
    CHECK(find(update()) == &story.booked());
    auto upper = update();
    auto& id = resource(upper, "ServiceRequest")["id"].get_ref<std::string&>();
    std::transform(id.begin(), id.end(), id.begin(), [](char c) { return c >= 'a' && c <= 'f' ? char(c - 32) : c; });
    CHECK(find(upper) == &story.booked());
    auto foreign = update();
    resource(foreign, "ServiceRequest")["id"] = "00000000-27a4-4a3c-9a55-0f5c6e1d0a02";
    foreign["id"] = sample.bundle_id;
    CHECK(find(foreign) == nullptr);
    auto unnamed = update();
    resource(unnamed, "ServiceRequest").erase("id");
    CHECK(find(unnamed) == &story.booked());  // by its Journey
    auto kept = unnamed;
    kept["id"] = sample.bundle_id;
    bars_sample::remove(kept, "Encounter");
    CHECK(find(kept) == &story.booked());
    CHECK(case_of(Message(unnamed), story.book, "another sender") == nullptr);
    for (const auto& change : {update(), kept})
        CHECK(case_of(Message(change), story.book, "another sender") == nullptr);
    story.open("7f1c8f0e-0f3e-8a53-9c55-0f5c6e1d0a01", "another message");
    CHECK(find(unnamed) == nullptr);  // two of that Journey: neither by guess
    story.end();
    CHECK(find(unnamed)->case_id == "7f1c8f0e-0f3e-8a53-9c55-0f5c6e1d0a01");
}

TEST_CASE("Category, Encounter and Journey of a request never change") {
    Story story;
    story.open();
    CHECK(check(update(), story.booked()).content.empty());
    const auto refused = [&](const std::function<void(Tree&)>& change, Kind kind = Kind::update) {
        auto bundle = update();
        change(bundle);
        const auto problems = check(bundle, story.booked(), kind).content;
        REQUIRE(problems.size() == 1);
        CHECK(problems.front().http_status == 400);
        CHECK(problems.front().issue_code == "invariant");
        return problems.front().path;
    };
    const auto category = [](std::size_t n, const char* code) {
        return [=](Tree& bundle) { resource(bundle, "ServiceRequest")["category"][0]["coding"][n]["code"] = code; };
    };
    CHECK(refused(category(0, "referral")).ends_with(".category"));
    CHECK(refused(category(0, "referral"), Kind::cancel).ends_with(".category"));
    CHECK(refused(category(1, "a4t2")).ends_with(".category"));
    CHECK(refused([](Tree& bundle) {
              const std::string other = "urn:uuid:99999999-27a4-4a3c-9a55-0f5c6e1d0a01";
              for (auto& entry : bundle["entry"]) {
                  if (entry["resource"]["resourceType"] == "Encounter") entry["fullUrl"] = other;
              }
              resource(bundle, "ServiceRequest")["encounter"]["reference"] = other;
          }).ends_with("resource"));
    CHECK(refused([](Tree& bundle) {
              resource(bundle, "Encounter")["episodeOfCare"][0]["reference"] = "EpisodeOfCare/another";
          }).ends_with(".episodeOfCare"));
    auto same = update();  // in the other way of writing it
    resource(same, "Encounter")["episodeOfCare"][0]["reference"] = sample.journey_id;
    CHECK(check(same, story.booked()).content.empty());
}

TEST_CASE("An older date on any resource is a conflict, an equal one is none") {
    Story story;
    story.open();
    CHECK(check(update(), story.booked()).state.empty());
    auto older = update();
    touch(resource(older, "Observation", 1), sample.now - 1);
    touch(resource(older, "Patient"), sample.now - minute);
    const auto problems = check(older, story.booked()).state;
    REQUIRE(problems.size() == 2);
    CHECK(problems[0].http_status == 409);
    CHECK(problems[0].issue_code == "conflict");
    CHECK(problems[0].path.ends_with(".meta.lastUpdated"));
    CHECK(check(older, story.booked(), Kind::cancel).state.empty());  // it says only whose it is
    touch(resource(older, "ServiceRequest"), sample.now - minute);
    CHECK(check(older, story.booked(), Kind::cancel).state.size() == 1);
}

TEST_CASE("Only what is active is cancelled; what ended is still updated, what was cancelled is not") {
    Story story;
    story.open();
    CHECK(check(update(), story.booked(), Kind::cancel).state.empty());
    SECTION("its review ended") {
        story.end();
        CHECK(check(update(), story.booked(), Kind::cancel).state.front().http_status == 409);
        CHECK(check(update(), story.booked()).state.empty());
    }
    SECTION("cancelled before") {
        intake::CancellationAsked asked;
        asked.set_reason("revoked");
        story.tell("case", asked);
        CHECK(check(update(), story.booked(), Kind::cancel).state.front().http_status == 409);
        CHECK(check(update(), story.booked()).state.front().http_status == 409);
    }
}

TEST_CASE("Merging: later replaces, equal is ignored, unknown is added, absent is kept, no position moves") {
    const Tree before = original();
    auto change = update();
    change["entry"][9]["resource"]["name"] = "Kept by its equal date";
    resource(change, "ServiceRequest")["category"][0]["coding"].erase(1);
    auto& plan = resource(change, "CarePlan");
    plan["description"] = "Newer";
    touch(plan);
    bars_sample::remove(change, "Flag");
    change["entry"].push_back(
        {{"fullUrl", "urn:uuid:88888888-27a4-4a3c-9a55-0f5c6e1d0a01"},
         {"resource", {{"resourceType", "Observation"}, {"status", "final"}, {"code", {{"text", "New"}}}}}});
    const auto both = merged(change, before);
    CHECK(both.changed);
    const Tree& now = *both.bundle;
    CHECK(now["id"] == sample.bundle_id);  // what our responses refer to
    REQUIRE(now["entry"].size() == before["entry"].size() + 1);
    for (std::size_t i = 0; i < before["entry"].size(); ++i) {
        CHECK(now["entry"][i]["fullUrl"] == before["entry"][i]["fullUrl"]);
    }
    CHECK(now["entry"][4]["resource"]["description"] == "Newer");
    CHECK(use_case_of(Message(now)) == sample.use_case);
    CHECK(now["entry"][9]["resource"] == before["entry"][9]["resource"]);
    CHECK(now["entry"].back()["resource"]["code"]["text"] == "New");
    CHECK_FALSE(merged(change, now).changed);  // once more
}

TEST_CASE("Nothing but a header is no change; our own Encounter is not the sender's to change") {
    auto change = original();
    touch(resource(change, "MessageHeader"));
    change["entry"].push_back(
        {{"fullUrl", own_encounter_url(own)}, {"resource", {{"resourceType", "Encounter"}, {"status", "finished"}}}});
    const auto both = merged(change, original());
    CHECK_FALSE(both.changed);
    CHECK(both.bundle->at("entry").size() == original()["entry"].size());
}

TEST_CASE("The answer to an update has the ids given out before, under the Bundle.id it came with") {
    const Tree first = Tree::parse(acknowledgement(original(), own, sample.now, Format::json));
    const auto change = update();
    const auto both = merged(change, original());
    Story story;
    story.open();
    const auto says = [&] {
        return Tree::parse(
            update_answer(Message(change), *both.bundle, own, encounter_now(story.booked()), Format::json));
    };
    auto answer = says();
    CHECK(answer["id"] == change["id"]);
    REQUIRE(answer["entry"].size() == first["entry"].size());
    for (std::size_t i = 0; i < first["entry"].size(); ++i) {
        CHECK(answer["entry"][i]["resource"]["id"] == first["entry"][i]["resource"]["id"]);
    }
    CHECK(answer["entry"].back()["resource"]["status"] == "planned");
    story.tell("review", triage::ConsultationStarted());
    CHECK(says()["entry"].back()["resource"]["status"] == "in-progress");
    story.end();
    CHECK(says()["entry"].back()["resource"]["status"] == "finished");
}

TEST_CASE("The answer to a cancellation is the Bundle as it came, with the ids given out before") {
    auto change = update();
    for (const std::string type : {"CarePlan", "Encounter", "Observation", "Flag", "Consent", "Location"}) {
        bars_sample::remove(change, type);
    }
    const Tree first = Tree::parse(acknowledgement(original(), own, sample.now, Format::json));
    const Tree now = original();
    const auto answer = Tree::parse(cancel_answer(Message(change), Message(now), own, Format::json));
    CHECK(answer["id"] == change["id"]);
    CHECK(answer["entry"].size() == change["entry"].size());
    for (const auto& entry : answer["entry"]) {
        for (const auto& before : first["entry"]) {
            if (before["fullUrl"] == entry["fullUrl"]) CHECK(before["resource"]["id"] == entry["resource"]["id"]);
        }
    }
}

TEST_CASE("The published update fits the published request, and so does the revocation") {
    if (!bars_files::present()) return;
    const auto parsed = [](const std::string& name) {
        return read_document(bars_files::read(bars_files::examples / "bars" / name), Format::xml).value();
    };
    const auto first = parsed("VALREQ01-new.xml");
    const auto lower = parsed("VALREQ02-update-lower.xml");
    Story story;
    story.open();
    const auto problems = check_change(Message(*lower), Kind::update, Message(*first), story.booked());
    CHECK(problems.content.empty());
    CHECK(problems.state.empty());
    const auto both = merged(*lower, *first);
    CHECK(both.changed);
    CHECK(both.bundle->at("entry").size() == first->at("entry").size());
    CHECK(text_at(*Message(*both.bundle).service_request()->resource, "occurrencePeriod.end").find("15:45") !=
          std::string::npos);
    const auto revoked = parsed("SERVREQ01-revoke.xml");
    const auto against = check_change(Message(*revoked), Kind::cancel, Message(*first), story.booked());
    CHECK(against.content.empty());
    CHECK(against.state.empty());
}

TEST_CASE("The book goes by the merged request, and never takes an update's own bytes for it") {
    Story story;
    story.open();
    intake::ExchangeAnswered answered;
    answered.set_accepted(true);
    answered.set_case_id(own.case_id);
    answered.mutable_exchange()->set_kind("update");
    answered.mutable_exchange()->mutable_original()->set_ciphertext("as it came");
    answered.mutable_exchange()->mutable_current()->set_ciphertext("merged");
    story.tell("exchange", answered, "bars:req:second");
    CHECK(story.booked().original.ciphertext() == "merged");
    answered.mutable_exchange()->clear_current();
    answered.mutable_exchange()->set_kind("cancel");
    story.tell("exchange", answered, "bars:req:third");
    CHECK(story.booked().original.ciphertext() == "merged");
    story.tell("case", intake::CaseUpdated());
    CHECK(story.booked().updates == 1);
    triage::SenderUpdateNoted noted;
    *noted.mutable_breach_at() = to_timestamp(5'000);
    story.tell("review", noted);
    CHECK(story.booked().breach_at == 5'000);
}

TEST_CASE("An update is judged as what the request comes to") {
    Story story;
    story.open();
    auto ours = update();
    ours["entry"][3] = {{"fullUrl", own_encounter_url(own)},
                        {"resource", {{"resourceType", "Encounter"}, {"status", "planned"}}}};
    CHECK(check(ours, story.booked()).content.empty());
    auto caller_only = update();
    caller_only["entry"].erase(9);
    CHECK(check(caller_only, story.booked()).content.empty());
    auto moved = update();  // the only place of the incident becomes the caller's
    auto& place = resource(moved, "Location");
    place["type"][0]["coding"][0]["code"] = "CLOC";
    touch(place);
    const auto problems = check(moved, story.booked()).content;
    REQUIRE(problems.size() == 1);
    CHECK(problems.front().http_status == 400);
    CHECK(problems.front().path == "Bundle.entry");
    touch(place, sample.now);  // not newer, so nothing changes
    CHECK(check(moved, story.booked()).content.empty());
}

TEST_CASE("Whoever reads a cancellation is told when its patient is not the case's") {
    const auto words = [](const std::function<void(Tree&)>& change) {
        auto bundle = update();
        change(bundle);
        const Tree now = original();
        return cancellation_words(Message(bundle), Message(now));
    };
    CHECK(words([](Tree&) {}).empty());
    CHECK(words([](Tree& b) { resource(b, "Patient")["identifier"][0]["value"] = "999 000 0018"; }).empty());
    CHECK(words([](Tree& b) { bars_sample::remove(b, "Patient"); }).empty());
    CHECK(words([](Tree& b) {
              resource(b, "Patient").erase("identifier"), resource(b, "Patient").erase("birthDate");
          }).empty());
    CHECK(words([](Tree& b) {
              resource(b, "ServiceRequest")["reasonCode"] = Tree::array({{{"text", "Sent twice."}}});
          }) == "Sent twice.");
    const auto other = words([](Tree& b) {
        resource(b, "ServiceRequest")["reasonCode"] = Tree::array({{{"text", "Sent twice."}}});
        resource(b, "Patient")["identifier"][0]["value"] = "9990000026";
    });
    CHECK(other.starts_with("Sent twice.\n"));
    CHECK(other.find("NHS number in this cancellation is not that of the case") != std::string::npos);
    CHECK(other.find("9990000026") == std::string::npos);
    CHECK(words([](Tree& b) { resource(b, "Patient")["birthDate"] = "1941-03-08"; }).find("date of birth") !=
          std::string::npos);
}
