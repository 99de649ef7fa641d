#include "tests/sim/world/process.hpp"

#include "common/base/limits.hpp"
#include "services/audit/shell/high_water.hpp"
#include "tests/sim/world/town.hpp"

namespace rightplace::sim {

namespace {

// Few and small: a file of the production size would be most of the cost of a run.
constexpr std::size_t sim_watch_slots = 64;

std::string service_of(const std::string& party) {
    return party.substr(0, party.find('#'));
}

}  // namespace

class Process::Dying final : public seams::Life {
   public:
    Dying(Town& town, std::string party) : town_(town), party_(std::move(party)) {}
    void die(const std::string& why) override { town_.dies(party_, why); }

   private:
    Town& town_;
    std::string party_;
};

Process::Process(Town& town, std::string named, const std::string& key_role)
    : party(std::move(named)),
      town_(town),
      clock_(town.clock, town.clock_fault(party)),
      life_(std::make_unique<Dying>(town, party)),
      store_(town.clock, town.store_of_.contains(party) ? town.store_of_.at(party) : town.redises_.back(),
             [this](Call call) { return town_.crossing(*this, call); }),
      subscriber_(town.network, party),
      reader_(town.network, party),
      client_(town.network, party, key_role, &gate) {}

// --- services -----------------------------------------------------------------------------------

ServiceProcess::ServiceProcess(Town& town, std::string named, const runtime::Domain& domain)
    : Process(town, named, service_of(named)), server_(town.network, service_of(named), named, gate) {
    const runtime::World world{clock_, town.random, *life_, store_, subscriber_, reader_, server_};
    runtime_ = std::make_unique<runtime::ServiceRuntime>(town.hub_settings(), domain, world, "sim");
    if (service_of(named) != "vault") runtime_->start();
}

bool ServiceProcess::idle() const {
    for (const auto& hub : town_.options.hubs) {
        const auto status = runtime_->hub(hub.name)->status();
        if (!status.ready() || status.cursor() != status.folded_seq() || status.held_answers() > 0) return false;
    }
    return true;
}

VaultProcess::VaultProcess(Town& town, std::string named) : ServiceProcess(town, named, town.domain("vault")) {
    const auto& at = town.options.scratch;
    auto keys = vault::KeyStore::open(at + "/vault.db", at + "/master.key", town.random);
    INVARIANT(keys.ok());
    keys_ = std::move(keys.value());
    std::vector<std::string> names;
    for (const auto& hub : town.options.hubs) names.push_back(hub.name);
    service_ = std::make_unique<vault::VaultService>(
        *keys_, clock_, *life_, names,
        vault::record_view_through(clock_, [this](const std::string& hub) { return runtime_->hub(hub); }));
    vault::wire(*service_, *runtime_, town.hub_settings());
    runtime_->start();
}

VaultProcess::~VaultProcess() {
    service_.reset();
    runtime_.reset();
}

// --- audit --------------------------------------------------------------------------------------

class AuditProcess::Handle final : public seams::Journal {
   public:
    Handle(seams::Journal& record, Gate& gate, std::function<void()> appended)
        : record_(record), gate_(gate), appended_(std::move(appended)) {}
    void head(seams::Done<seams::Journalled<seams::JournalHead>> done) override {
        if (gate_.effect()) record_.head(alive_.guard(std::move(done)));
    }
    void append(std::uint64_t epoch, std::vector<seams::Bytes> stored,
                seams::Done<seams::Journalled<seams::JournalHead>> done) override {
        if (!gate_.effect()) return;
        record_.append(epoch, std::move(stored), alive_.guard(std::move(done)));
        appended_();  // and not synced yet
    }
    void open_epoch(std::uint64_t expected, seams::Bytes stored,
                    seams::Done<seams::Journalled<seams::JournalHead>> done) override {
        if (gate_.effect()) record_.open_epoch(expected, std::move(stored), alive_.guard(std::move(done)));
    }
    void touch(seams::Done<seams::Journalled<seams::JournalHead>> done) override {
        if (gate_.effect()) record_.touch(alive_.guard(std::move(done)));
    }
    void read(std::uint64_t from, std::size_t most, std::string case_id,
              seams::Done<seams::Journalled<Page>> done) override {
        if (gate_.effect()) record_.read(from, most, std::move(case_id), alive_.guard(std::move(done)));
    }

   private:
    seams::Journal& record_;
    Gate& gate_;
    std::function<void()> appended_;
    Alive alive_;
};

AuditProcess::AuditProcess(Town& town, std::string named)
    : Process(town, named, "audit"), publisher_(town.network, named, gate), reads_(clock_) {
    for (const auto& hub : town.options.hubs) {
        auto& side = hubs_[hub.name];
        side.journal =
            std::make_unique<Handle>(town.record(hub.name), gate, [&town, this] { town.called(Call::append, party); });
        reads_.serve(hub.name, *side.journal);
        audit::CoreHooks hooks;
        hooks.high_water = [this](const std::string& of, const seams::Done<std::optional<audit::HighWaterMark>>& done) {
            audit::ask_high_water(client_, of, done);
        };
        hooks.name_first_journal = [this](const std::string& of, const std::string& id, const seams::Done<bool>& done) {
            audit::name_first_journal(client_, of, id, done);
        };
        auto& kept = town.clocks_kept_[{party, hub.name}];
        hooks.keep_clock = [this, &kept](const audit::ClockMark& mark) {
            if (gate.effect()) kept = mark;
        };
        hooks.on_root = [](const seams::JournalHead&) {};
        hooks.on_appended = [this, name = hub.name](const seams::JournalHead&) { reads_.on_appended(name); };
        side.core = std::make_unique<audit::AuditCore>(
            audit::CoreOptions{hub.name, town.options.label, false, "boot", kept},
            audit::CoreParts{store_, *side.journal, publisher_, clock_, town.random, *life_}, hooks);
        open(hub.name);
    }
}

// As SqliteJournal::open does: one durable write before anything is served. It must succeed or the
// program does not start.
void AuditProcess::open(const std::string& hub) {
    hubs_.at(hub).journal->touch([this](const seams::Journalled<seams::JournalHead>& touched) {
        if (!touched) return life_->die("the journal does not open: " + touched.error().detail);
        if (++opened_ < hubs_.size()) return;
        desk_ = std::make_unique<Network::ReadDesk>(town_.network, party, reads_, gate);
        for (auto& [name, side] : hubs_) side.core->start();
    });
}

AuditProcess::~AuditProcess() {
    hubs_.clear();
    town_.audit_gone();
}

audit::AuditCore* AuditProcess::core(const std::string& hub) {
    return hubs_.at(hub).core.get();
}

bool AuditProcess::ready(std::string& why) const {
    for (const auto& [name, side] : hubs_) {
        const auto stage = side.core->stage();
        const auto age = side.core->beat_age_ms();
        const bool serves =
            stage == audit::AuditCore::Stage::running && age >= 0 && age <= limits::heartbeat_max_age_ms;
        if (serves) continue;
        why = name + ": " + side.core->trouble();
        return false;
    }
    return true;
}

bool AuditProcess::idle() const {
    std::string ignored;
    return ready(ignored);
}

// --- the BaRS adapter ---------------------------------------------------------------------------

BarsProcess::BarsProcess(Town& town, std::string named)
    : Process(town, named, "bars"), partner_(town.network, named, &gate) {
    config::Stack stack;
    for (const auto& hub : town.options.hubs) {
        auto& of = *stack.add_hubs();
        of.set_name(hub.name);
        of.set_letter(hub.letter);
        of.set_bars_service_id(hub.bars_service_id);
    }
    for (const auto& id : town.options.sender_service_ids) {
        auto& sender = *stack.mutable_bars()->add_senders();
        sender.set_service_id(id);
        sender.set_url("http://sender/FHIR/R4");
    }
    auto key = sealing::LocalKey::read_or_create(town.options.scratch + "/watch.key", town.random);
    INVARIANT(key.ok());
    auto file =
        bars::WatchFile::open(town.options.scratch + "/breach.watch", sim_watch_slots, limits::watch_copy_bytes);
    INVARIANT(file.ok());
    adapter_ = std::make_unique<bars::Adapter>(
        stack,
        bars::AdapterWorld{
            clock_, town.random, *life_, subscriber_, reader_, client_, partner_,
            [&town](const std::string& what, const std::string& id) { town.trace("bars: " + what + " " + id); }},
        std::move(file.value()), key.value());
    door_ = std::make_unique<Network::Door>(town.network, "bars", [this](http::Request request, auto respond) {
        if (gate.effect()) adapter_->handle(std::move(request), std::move(respond));
    });
    adapter_->start();
}

BarsProcess::~BarsProcess() {
    door_.reset();
    adapter_.reset();
}

}  // namespace rightplace::sim
