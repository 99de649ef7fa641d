#include <unistd.h>

#include <utility>

#include "common/base/sqlite.hpp"
#include "services/audit/domain/succession.hpp"
#include "services/audit/replay.hpp"
#include "services/audit/shell/journal_file.hpp"

namespace rightplace::audit {
namespace {

using sqlite::Database;
using sqlite::Statement;

std::string sentence(const sqlite::Error& error) {
    if (error.problem == sqlite::Problem::busy) return "audit holds this journal; ask it, or stop it first";
    return "cannot read the journal: " + error.what;
}

struct File {
    Database database;
    std::string hub;
    std::string journal_id;
};

Result<File, std::string> open_file(const std::string& path) {
    if (::access(path.c_str(), F_OK) != 0) return Failure{std::string("there is no journal there")};
    auto opened = Database::open(path, sqlite::Open::read_only);
    if (!opened) return Failure{sentence(opened.error())};
    File file;
    file.database = std::move(opened.value());
    const auto schema = file.database.integer("PRAGMA user_version");
    if (!schema) return Failure{sentence(schema.error())};
    if (schema.value() != journal_schema) return Failure{std::string("it is not a journal of a schema known here")};
    const auto hub = meta_text(file.database, "hub");
    if (!hub) return Failure{sentence(hub.error())};
    const auto id = meta_text(file.database, "journal_id");
    if (!id) return Failure{sentence(id.error())};
    file.hub = hub.value();
    file.journal_id = id.value();
    return file;
}

JournalRow row_of(const Statement& at) {
    JournalRow row;
    row.seq = std::uint64_t(at.integer(0));
    row.epoch = std::uint64_t(at.integer(1));
    row.event_id = at.bytes(2);
    row.prev = at.bytes(3);
    row.name = at.bytes(4);
    row.service = at.bytes(5);
    row.aggregate_type = at.bytes(6);
    row.aggregate_id = at.bytes(7);
    row.case_id = at.bytes(8);
    row.recorded = at.integer(9);
    row.leaf = at.bytes(10);
    row.bytes = at.bytes(11);
    return row;
}

sqlite::Outcome<bool> verify_rows(Database& database, Verifier& verifier) {
    auto rows = database.prepare(
        "SELECT seq, epoch, event_id, prev, name, service, aggregate_type, aggregate_id, "
        "case_id, recorded_ms, leaf, bytes FROM events ORDER BY seq");
    if (!rows) return Failure{rows.error()};
    while (true) {
        const auto stepped = rows.value().step();
        if (!stepped) return stepped;
        if (!stepped.value() || !verifier.add(row_of(rows.value()))) break;
    }
    const auto frontier = meta_text(database, "frontier");
    if (!frontier) return Failure{frontier.error()};
    const auto epoch = database.integer("SELECT value FROM meta WHERE key='epoch'");
    if (!epoch) return Failure{epoch.error()};
    verifier.finish(frontier.value(), std::uint64_t(epoch.value()));
    return true;
}

}  // namespace

Result<Verification, std::string> verify_journal(const std::string& path, const std::optional<KnownRoot>& known) {
    auto file = open_file(path);
    if (!file) return Failure{file.error()};
    Verifier verifier(file.value().hub, known);
    if (const auto read = verify_rows(file.value().database, verifier); !read) verifier.unreadable(read.error().what);
    const auto& head = verifier.head();
    return Verification{file.value().hub, file.value().journal_id, head.epoch, head.seq, head.root, verifier.fault()};
}

std::optional<ReplayRow> replay_row(const std::string& stored, const ReplayFilter& filter) {
    const auto event = parse_stored(stored);
    if (!event) return std::nullopt;
    const std::string& url = event->payload().type_url();
    ReplayRow row{event->seq(),
                  to_ms(event->recorded_at()),
                  url.substr(url.rfind('.') + 1),
                  event->case_number(),
                  event->actor().id(),
                  event->aggregate_type() + "/" + event->aggregate_id(),
                  stored};
    const bool wanted =
        (filter.hub.empty() || filter.hub == event->hub()) &&
        (filter.case_id.empty() || filter.case_id == event->case_id() || filter.case_id == event->case_number()) &&
        (filter.name.empty() || filter.name == row.name) && (!filter.from || row.recorded >= *filter.from) &&
        (!filter.to || row.recorded < *filter.to);
    if (!wanted) return std::nullopt;
    return row;
}

Result<std::uint64_t, std::string> replay_journal(const std::string& path, const ReplayFilter& filter,
                                                  const std::function<bool(const ReplayRow&)>& each) {
    auto file = open_file(path);
    if (!file) return Failure{file.error()};
    auto rows = file.value().database.prepare("SELECT bytes FROM events ORDER BY seq");
    if (!rows) return Failure{sentence(rows.error())};
    std::uint64_t told = 0;
    while (true) {
        const auto stepped = rows.value().step();
        if (!stepped) return Failure{sentence(stepped.error())};
        if (!stepped.value()) return told;
        const auto row = replay_row(rows.value().bytes(0), filter);
        if (!row) continue;
        ++told;
        if (!each(*row)) return told;
    }
}

Result<std::vector<std::string>, std::string> journal_descriptors(const std::string& path) {
    auto file = open_file(path);
    if (!file) return Failure{file.error()};
    auto rows = file.value().database.prepare("SELECT file_descriptor_set FROM descriptors");
    if (!rows) return Failure{sentence(rows.error())};
    std::vector<std::string> sets;
    while (true) {
        const auto stepped = rows.value().step();
        if (!stepped) return Failure{sentence(stepped.error())};
        if (!stepped.value()) return sets;
        sets.push_back(rows.value().bytes(0));
    }
}

}  // namespace rightplace::audit
