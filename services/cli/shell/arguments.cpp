#include "services/cli/shell/arguments.hpp"

#include <CLI/CLI.hpp>

#include "common/base/limits.hpp"
#include "common/clinical/referral_words.hpp"

namespace rightplace::cli {
namespace {

constexpr const char* occurred_at_says = "when it happened, for what was done on paper: 2026-11-26T03:04:05Z";

void add_globals(CLI::App& app, Globals& globals) {
    globals.timeout_ms = limits::command_deadline_default_ms;
    app.add_option("--state", globals.state, "state directory of the stack (default: the one started last here)");
    app.add_option("--as", globals.as, "who you are: staff id (default: your login name)");
    app.add_option("--role", globals.role, "your role, e.g. paramedic-practitioner, ed-consultant (default: operator)");
    app.add_option("--ods", globals.ods, "ODS code of your organisation (default: the hub's)");
    app.add_option("--key", globals.key_role, "transport key: cli, clinician, governance")->capture_default_str();
    app.add_option("--timeout", globals.timeout_ms, "milliseconds to wait for an answer")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{limits::command_deadline_max_ms}))
        ->capture_default_str();
}

void add_purpose(CLI::App& to, std::string& purpose) {
    to.add_option("--purpose", purpose, "why: direct-care, call-back, complaint, audit")
        ->check(CLI::IsMember({"direct-care", "call-back", "complaint", "audit"}));
}

void add_views(CLI::App& app, Arguments& arguments) {
    auto* status = app.add_subcommand("status", "every service and hub; exit 1 when anything is wrong");
    status->add_flag("--json", arguments.status_json, "JSON");

    auto* queue = app.add_subcommand("queue", "the queue of a hub, most urgent first");
    queue->add_option("--hub", arguments.queue.hub, "hub")->required();
    queue->add_flag("--json", arguments.queue.json, "JSON");

    auto& one = arguments.one_case;
    auto* show = app.add_subcommand("case", "one case and what happened to it");
    show->add_option("CASE", one.id_or_number, "id or number")->required();
    show->add_option("--hub", one.hub, "hub (default: wherever it is)");
    show->add_flag("--json", one.json, "JSON");
    show->add_flag("--reveal", one.reveal, "show identity and sealed text; recorded");
    add_purpose(*show, one.purpose);
    show->add_option("--session", one.view_session, "one record of the view per person, case, purpose and session");
    show->add_option("--original", one.original, "write the sender's message, exactly as it came, to this new file");
    show->add_option("--message", one.message, "which of its messages: 1 opened the case, the next ones changed it")
        ->check(CLI::Range(1, 100'000));

    auto& watch = arguments.watch;
    auto* follow = app.add_subcommand("watch", "follow the record, one JSON event per line");
    follow->add_option("--hub", watch.hub, "hub (default: all)");
    auto* from = follow->add_option("--from", watch.from, "first seq (default: from now)");
    follow->add_flag("--words", watch.words, "in words instead of JSON");
    follow->add_flag("--json")->description("JSON (the default)");
    follow->callback([&watch, from] { watch.from_given = from->count() > 0; });
}

void add_message(CLI::App& app, MessageOptions& message) {
    auto* sub = app.add_subcommand("message", "one message from outside, also one that belongs to no case");
    sub->add_option("ID", message.id, "as the alert has it (bars:req:...), its request id, or its Bundle id")
        ->required();
    sub->add_option("--hub", message.hub, "hub (default: wherever it is)");
    add_purpose(*sub, message.purpose);
    sub->add_option("--session", message.view_session, "one record of the view per person, message and session");
    sub->add_option("--original", message.original, "write it, exactly as it came, to this new file; recorded");
    sub->add_option("--number", message.number, "which of those that came under this id (default: the latest)")
        ->check(CLI::Range(1, 100'000));
}

void add_send(CLI::App& app, SendOptions& send) {
    auto* sub = app.add_subcommand("send", "send one command (protobuf JSON), print its reply as JSON");
    auto* what = sub->add_option_group("what is sent", "one of them; - for standard input");
    what->add_option("FILE", send.file, "a Command, or a bare payload with \"@type\"");
    const auto contact = [&](const std::string& name, Asker asker, const std::string& says) {
        const auto read = [&send, asker](const std::string& file) {
            send.contact = file;
            send.asker = asker;
        };
        what->add_option_function<std::string>(name, read, says + " (JSON, see services/cli/README.md)");
    };
    contact("--crew", Asker::crew, "a crew on scene asks before it conveys");
    contact("--gp", Asker::gp, "a GP's request");
    contact("--nhs-111", Asker::nhs_111, "a request of NHS 111");
    contact("--nurse", Asker::nurse, "a community nurse's request");
    contact("--validation", Asker::validation, "a 999 call for validation that came without BaRS");
    what->require_option(1);
    sub->add_option("--hub", send.hub, "hub");
    sub->add_option("--occurred-at", send.occurred_at, occurred_at_says);
    sub->add_option("--id", send.id, "command id: the same id is the same command");
}

CLI::App* add_verb(CLI::App& app, VerbOptions& verb, const std::string& name, const std::string& says) {
    auto* sub = app.add_subcommand(name, says);
    sub->add_option("CASE", verb.id_or_number, "id or number")->required();
    sub->add_option("--hub", verb.hub, "hub (default: wherever the case is)");
    sub->add_option("--id", verb.id, "command id: the same id is the same command");
    sub->add_flag("--json", verb.json, "JSON");
    const bool happens_only_now = name == "renew" || name == "pathways" || name.find("transfer") != std::string::npos;
    if (!happens_only_now) sub->add_option("--occurred-at", verb.occurred_at, occurred_at_says);
    sub->callback([&verb, name] { verb.verb = name; });
    return sub;
}

CLI::App* add_keeping_verb(CLI::App& app, VerbOptions& verb, const std::string& name, const std::string& says) {
    auto* sub = add_verb(app, verb, name, says);
    sub->add_flag("--keep", verb.keep, "stay, and keep the claim from lapsing while you work in another window");
    return sub;
}

void add_claims(CLI::App& app, VerbOptions& verb, const std::string& token_says) {
    add_keeping_verb(app, verb, "claim", "take a review");
    auto* take_over = add_verb(app, verb, "take-over", "take a review that somebody else holds; they are told");
    take_over->add_option("--reason", verb.reason, "coded reason, e.g. shift-end, unreachable")->required();
    take_over->add_option("--text", verb.text, "more about it; sealed");
    add_verb(app, verb, "release", "give a claimed review back to the queue")
        ->add_option("--token", verb.token, token_says);
    add_keeping_verb(app, verb, "renew", "keep your claim from lapsing")->add_option("--token", verb.token, token_says);
}

void add_verbs(CLI::App& app, VerbOptions& verb) {
    const std::string token_says = "token of your claim (default: looked up)";
    add_claims(app, verb, token_says);
    add_verb(app, verb, "note", "add a note; its text is sealed")->add_option("--text", verb.text, "text")->required();

    auto* contact = add_verb(app, verb, "contact", "record an attempt to reach the patient");
    contact->add_option("--outcome", verb.outcome, "answered, no-answer, wrong-number, left-message")
        ->required()
        ->check(CLI::IsMember({"answered", "no-answer", "wrong-number", "left-message"}));
    contact->add_option("--method", verb.method, "phone, video")
        ->default_val("phone")
        ->check(CLI::IsMember({"phone", "video"}));

    auto* escalate = add_verb(app, verb, "escalate", "raise a case's category");
    escalate->add_option("--to", verb.category, "ARP category, e.g. C2")->required();
    escalate->add_option("--reason", verb.reason, "coded reason; words are sealed, as a note beside it")->required();
    escalate->add_option("--text", verb.text, "more about it; sealed, as a note beside it");

    auto* downgrade = add_verb(app, verb, "downgrade", "lower a case's category: a clinician's act");
    downgrade->add_option("--to", verb.category, "ARP category, e.g. C4")->required();
    downgrade->add_option("--reason", verb.reason, "coded reason")->required();
    downgrade->add_option("--text", verb.text, "more about it; sealed");

    add_verb(app, verb, "scale-2",
             "this patient's SpO2 counts by NEWS2 scale 2 (target 88-92 %): a clinician's decision")
        ->add_option("--reason", verb.reason, "coded reason, e.g. copd-88-92")
        ->required();

    auto* ask = add_verb(app, verb, "ask-opinion", "ask for a second opinion");
    ask->add_option("--of", verb.of_role, "a clinician's role, e.g. ed-consultant")->required();
    ask->add_option("--text", verb.text, "the question; sealed");
    auto* opinion = add_verb(app, verb, "opinion", "give a second opinion");
    opinion->add_option("--view", verb.view, "agree, dissent, advise")
        ->required()
        ->check(CLI::IsMember({"agree", "dissent", "advise"}));
    opinion->add_option("--text", verb.text, "in words; needed to advise; sealed");

    add_verb(app, verb, "welfare", "promise the patient a call; an answered contact keeps the promise")
        ->add_option("--within", verb.minutes, "minutes")
        ->required();

    add_keeping_verb(app, verb, "consult", "start the consultation; the sender is told")
        ->add_option("--token", verb.token, token_says);

    add_verb(app, verb, "pathways", "what the policy offers to a case, and what not and why");
    auto* decide = add_verb(app, verb, "decide", "decide the right place; the sender is told");
    decide->add_option("--pathway", verb.pathway, "e.g. medical-sdec, ucr, discharge-on-scene")->required();
    decide->add_option("--code", verb.code, "short coded rationale, in clear: no identity");
    decide->add_option("--against-advice", verb.against_advice,
                       "coded reason for a pathway that the policy does not offer to this case");
    decide->add_option("--text", verb.text, "rationale; sealed");
    decide->add_option("--category", verb.category, "category after review");
    decide->add_option("--refer-to", verb.refer_to, "service id, when the pathway refers");
    decide->add_option("--outcome", verb.outcomes, "what came of it, in codes: PATLIFT, or Pathways SG, SD, Dx");
    decide->add_option("--ambulance-reference", verb.ambulance_reference,
                       "the ambulance service's number of the ambulance that you asked it for");
    decide->add_option("--token", verb.token, token_says);

    auto* reject = add_verb(app, verb, "reject", "give a case back to its sender");
    reject->add_option("--reason", verb.reason, "FC failed contact, RRNA no resource in time, OTH other")->required();
    reject->add_option("--text", verb.text, "reason in words, with OTH; sealed");
    reject->add_option("--token", verb.token, token_says);
}

void add_reopening(CLI::App& app, VerbOptions& verb) {
    auto* undo = add_verb(app, verb, "undo", "take back what you have just decided or rejected; it is yours again");
    undo->add_option("--reason", verb.reason, "coded reason, e.g. wrong-patient, wrong-pathway")->required();
    undo->add_option("--text", verb.text, "more about it; sealed");
    auto* reopen = add_verb(app, verb, "reopen", "put a decided or rejected case back in the queue");
    reopen->add_option("--reason", verb.reason, "coded reason, e.g. patient-rang-back")->required();
    reopen->add_option("--text", verb.text, "more about it; sealed");
    add_verb(app, verb, "close", "close a case that has ended, when nobody reports the end of its referral")
        ->add_option("--reason", verb.reason, "coded reason, e.g. seen-by-sdec")
        ->required();
}

void add_referral(CLI::App& app, ReferralOptions& referral) {
    auto* sub = app.add_subcommand("referral", "what the organisation says that a patient was referred to");
    sub->add_option("CASE", referral.id_or_number, "id or number")->required();
    sub->add_option("WHAT", referral.what, "accepted, declined, reached (its team is with the patient), completed")
        ->required()
        ->check(CLI::IsMember({"accepted", "declined", "reached", "completed"}));
    sub->add_option("--outcome", referral.outcome, "with completed: " + clinical::seen_outcomes())->default_val("seen");
    sub->add_option("--reason", referral.reason, "with declined: " + clinical::declined_reasons())
        ->default_val("other");
    sub->add_option("--referral", referral.referral_id, "its id, when the case has more than one open");
    sub->add_option("--occurred-at", referral.occurred_at, occurred_at_says);
    sub->add_option("--hub", referral.hub, "hub that referred (default: wherever the case is)");
    sub->add_option("--id", referral.id, "command id: the same id is the same command");
    sub->add_flag("--json", referral.json, "JSON");
}

void add_transfers(CLI::App& app, VerbOptions& verb) {
    auto* offer = add_verb(app, verb, "transfer", "offer a review to another hub; yours until it has accepted");
    auto* to = offer->add_option("--to", verb.to_hub, "hub");
    offer->add_option("--reason", verb.reason, "coded reason, e.g. surgical-sdec-there");
    offer->add_option("--text", verb.text, "what they need to know; sealed");
    offer->add_option("--token", verb.token, "token of your claim (default: looked up)");
    offer->add_flag("--withdraw", verb.withdraw, "keep what you offered")->excludes(to);
    add_verb(app, verb, "accept-transfer", "take over a case that another hub offers to yours");
    add_verb(app, verb, "decline-transfer", "leave it with the hub that offers it; they are told")
        ->add_option("--reason", verb.reason, "coded reason, e.g. no-capacity")
        ->required();
}

CLI::App* add_shift_verb(CLI::App& app, ShiftOptions& shift, const std::string& name, const std::string& says) {
    auto* sub = app.add_subcommand(name, says);
    sub->add_flag("--json", shift.json, "JSON");
    sub->callback([&shift, name] { shift.verb = name; });
    return sub;
}

void add_shift(CLI::App& app, ShiftOptions& shift) {
    auto* on = add_shift_verb(app, shift, "sign-on", "you are on shift at this hub");
    on->add_option("--hub", shift.hub, "hub")->required();
    on->add_option("--skill", shift.skill, "what you are here for, e.g. falls");
    on->add_option("--id", shift.id, "command id: the same id is the same command");
    auto* off = add_shift_verb(app, shift, "sign-off", "you are no longer on shift");
    off->add_option("--hub", shift.hub, "hub")->required();
    off->add_flag("--anyway", shift.anyway, "though you still hold reviews");
    off->add_option("--id", shift.id, "command id: the same id is the same command");

    add_shift_verb(app, shift, "next", "the review to take next, and why")
        ->add_option("--hub", shift.hub, "hub")
        ->required();

    auto* give = add_shift_verb(app, shift, "hand-over", "hand reviews over; yours until your colleague acknowledges");
    auto* given = give->add_option("CASE", shift.cases, "ids or numbers");
    give->add_option("--to", shift.to, "staff id of a colleague who is signed on: the queue lists them");
    give->add_flag("--withdraw", shift.withdraw, "keep what you offered");
    give->add_option("--text", shift.text, "what they need to know about this one patient; sealed");
    auto* take = add_shift_verb(app, shift, "acknowledge", "take what was handed over to you");
    auto* taken = take->add_option("CASE", shift.cases, "ids or numbers");
    give->add_flag("--all", shift.all, "every one you hold there and have not handed over yet")->excludes(given);
    take->add_flag("--all", shift.all, "every one there that is handed over to you")->excludes(taken);
    for (auto* sub : {give, take}) {
        sub->add_option("--hub", shift.hub, "hub (default: wherever the case is)");
        sub->add_option("--id", shift.id, "command id, the case is added to it: the same id is the same command");
    }
}

CLI::App* add_list(CLI::App& app, HubActOptions& act, const std::string& name, const std::string& says) {
    auto* list = app.add_subcommand(name, says);
    list->add_option("--hub", act.hub, "hub (default: all)");
    list->add_flag("--json", act.json, "JSON, one per line");
    return list;
}

CLI::App* add_act(CLI::App& list, HubActOptions& act, const std::string& name, const std::string& says) {
    auto* sub = list.add_subcommand(name, says);
    sub->add_option("ID", act.subject, "as the list has it")->required();
    sub->add_option("--hub", act.hub, "hub")->required();
    sub->add_option("--id", act.id, "command id: the same id is the same command");
    sub->add_flag("--json", act.json, "JSON");
    sub->callback([&act, name] { act.verb = name; });
    return sub;
}

// What waits for a person.
void add_hub_acts(CLI::App& app, HubActOptions& act) {
    auto* alerts = add_list(app, act, "alerts", "alerts that nobody has taken");
    add_act(*alerts, act, "take", "take an alert: it is yours, and leaves everybody's list");

    auto* unpark = add_list(app, act, "unpark", "parked reactions; with an ID, run that one again");
    unpark->add_option("ID", act.subject, "the reaction's id, as the list has it");
    unpark->add_option("--id", act.id, "command id: the same id is the same command");

    auto* deliveries = add_list(app, act, "deliveries", "messages that their destinations refused");
    add_act(*deliveries, act, "release", "send it again: the same bytes, the same request id");
    add_act(*deliveries, act, "settle", "a person has seen to it another way")
        ->add_option("--how", act.how, "told-by-telephone, sent-another-way, not-needed")
        ->required();
}

void add_policy(CLI::App& app, PolicyOptions& policy) {
    auto* group = app.add_subcommand("policy", "a hub's clinical and operational rules, as a file");
    group->require_subcommand(1);
    auto* check = group->add_subcommand("check", "every problem with its line; runs the file's examples");
    check->add_option("FILE", policy.file, "policy.textproto")->required();
    auto* diff = group->add_subcommand("diff", "which rules differ, in words");
    diff->add_option("FILES", policy.files, "OLD NEW; with --hub only NEW")->required()->expected(1, 2);
    diff->add_option("--hub", policy.hub, "held against what is in force there");
    auto* show = group->add_subcommand("show", "the policy in force at a hub");
    show->add_option("--hub", policy.hub, "hub")->required();
    auto* adopt =
        group->add_subcommand("adopt", "from now on every decision is made under it; recorded with your name");
    adopt->add_option("FILE", policy.file, "policy.textproto")->required();
    adopt->add_option("--hub", policy.hub, "hub")->required();
    adopt->add_option("--id", policy.id, "command id: the same id is the same command");
    adopt->add_flag("--json", policy.json, "JSON");
}

// --hub or --journal, one of them.
void add_source(CLI::App& sub, std::string& hub, std::string& journal) {
    auto* source = sub.add_option_group("source");
    source->add_option("--hub", hub, "hub of the running stack");
    source->add_option("--journal", journal, "journal file");
    source->require_option(1);
}

void add_audit(CLI::App& app, Arguments& arguments) {
    auto* audit = app.add_subcommand("audit", "governance: replay and verify the record");
    audit->require_subcommand(1);

    auto* create = audit->add_subcommand("create", "create an empty journal: an explicit act, once per hub");
    create->add_option("--hub", arguments.create.hub, "hub")->required();
    create->add_option("--journal", arguments.create.journal, "new journal file")->required();

    auto* accept = audit->add_subcommand("accept-new-journal", "a new journal takes the place of the one vault knows");
    accept->add_option("--hub", arguments.accept.hub, "hub")->required();
    accept->add_option("--journal-id", arguments.accept.journal_id, "the new journal's id, as audit's log has it")
        ->required();

    auto& replay = arguments.replay;
    auto* tell = audit->add_subcommand("replay", "what the record holds, in order");
    add_source(*tell, replay.hub, replay.journal);
    tell->add_option("--case", replay.case_id, "only this case: id or number");
    tell->add_option("--name", replay.name, "only events of this name, e.g. ReviewBreached");
    tell->add_option("--from", replay.from, "recorded at or after this instant");
    tell->add_option("--to", replay.to, "recorded before this instant");
    tell->add_flag("--json", replay.json, "JSON, one event per line");

    auto& verify = arguments.verify;
    auto* prove = audit->add_subcommand("verify", "check every event, the chain and the root");
    add_source(*prove, verify.hub, verify.journal);
    prove->add_option("--root", verify.root, "HEX@SEQ: a root kept elsewhere");
    prove->add_flag("--json", verify.json, "JSON");
}

void add_stats(CLI::App& app, StatsOptions& stats) {
    auto* sub = app.add_subcommand("stats", "figures of a hub, counted from its record");
    add_source(*sub, stats.hub, stats.journal);
    sub->add_option("--from", stats.from, "contacts that came at or after this instant (default: from the beginning)");
    sub->add_option("--to", stats.to, "up to this instant, as things stood then (default: now, or the file's end)");
    auto* json = sub->add_flag("--json", stats.json, "JSON");
    sub->add_flag("--check", stats.check, "count the headline figures again another way, and compare")->excludes(json);
}

}  // namespace

std::variant<Arguments, Stop> parse_arguments(int argc, const char* const* argv) {
    Arguments arguments;
    CLI::App app{"Rightplace: see and work a clinical co-ordination hub from the command line.", "rightplace"};
    app.require_subcommand(1);
    app.fallthrough();
    app.footer(
        "Exit codes: 0 done, 1 wrong usage (or, with status and verify, something is wrong),\n"
        "2 refused, 3 unavailable: certainly not done, 4 unknown: ask again with the same --id.");
    add_globals(app, arguments.globals);
    add_views(app, arguments);
    add_message(app, arguments.message);
    add_send(app, arguments.send);
    add_verbs(app, arguments.verb);
    add_reopening(app, arguments.verb);
    add_referral(app, arguments.referral);
    add_transfers(app, arguments.verb);
    add_shift(app, arguments.shift);
    add_hub_acts(app, arguments.hub_act);
    add_policy(app, arguments.policy);
    add_audit(app, arguments);
    add_stats(app, arguments.stats);
    // For the help only: the program hands them on unread.
    app.add_subcommand("simulate", "live a scenario in virtual time into a real journal file");
    app.add_subcommand("bars", "explain FILE: what the hub would understand of a BaRS message, and answer");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& mistake) {
        return Stop{app.exit(mistake) == 0 ? Exit::ok : Exit::usage};
    }
    const auto* chosen = app.get_subcommands().front();
    arguments.command = chosen->get_name();
    for (const auto* deeper : chosen->get_subcommands()) arguments.command += " " + deeper->get_name();
    return arguments;
}

}  // namespace rightplace::cli
