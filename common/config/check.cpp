#include "common/config/check.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include "common/base/limits.hpp"

namespace rightplace::config {
namespace {

namespace fs = std::filesystem;
using google::protobuf::Message;
using Lines = google::protobuf::TextFormat::ParseInfoTree;

constexpr std::string_view longest_socket = "/governance.cmd.lock";
constexpr std::size_t hub_name_max_chars = 40;
constexpr std::uint32_t port_max = 65'535;
constexpr std::array<std::string_view, 6> log_levels{"", "trace", "debug", "info", "warn", "error"};

bool is_hub_name(std::string_view name) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !name.empty() && name.size() <= hub_name_max_chars && name.front() != '-' && name.back() != '-' &&
           std::ranges::all_of(name, fits);
}

bool is_loopback(std::string_view address) {
    return address == "127.0.0.1" || address == "::1";
}

// One message of the file: finds the line of a field by its number.
class Place {
   public:
    Place(const Message& message, const Lines* lines, int own_line)
        : descriptor_(message.GetDescriptor()), lines_(lines), own_line_(own_line) {}

    int line(int number, int index = -1) const {
        const auto* field = descriptor_->FindFieldByNumber(number);
        const int found = lines_ == nullptr ? -1 : lines_->GetLocation(field, index).line;
        return found >= 0 ? found + 1 : own_line_;
    }
    std::string name(int number) const { return descriptor_->FindFieldByNumber(number)->name(); }
    Place nested(const Message& message, int number, int index = -1) const {
        const auto* field = descriptor_->FindFieldByNumber(number);
        return {message, lines_ == nullptr ? nullptr : lines_->GetTreeForNested(field, index), line(number, index)};
    }

   private:
    const google::protobuf::Descriptor* descriptor_;
    const Lines* lines_;
    int own_line_;
};

class Checker {
   public:
    Checker(const std::string& file, bool complete, std::vector<Problem>& problems)
        : file_(file), complete_(complete), problems_(problems) {}

    void stack(const Stack& stack, const Place& place);

   private:
    void say(int line, std::string sentence) { problems_.push_back({file_, line, std::move(sentence)}); }
    void filled(const Place& place, int number, const std::string& value) {
        if (value.empty() && complete_) say(place.line(number), place.name(number) + " is empty");
    }
    void once(std::map<std::string, int>& seen, const std::string& value, int line, const std::string& what) {
        if (value.empty()) return;
        const auto [before, added] = seen.emplace(value, line);
        if (!added) say(line, what + ' ' + value + " stands at line " + std::to_string(before->second) + " too");
    }
    void port(const Place& place, int number, std::uint32_t port) {
        if (port == 0 || port > port_max) {
            if (port != 0 || complete_) say(place.line(number), "port must be 1 to 65535");
        } else {
            once(ports_, std::to_string(port), place.line(number), "port");
        }
    }
    void paths(const Stack& stack, const Place& place);
    void hub(const Hub& hub, const Place& place);
    void bars(const Bars& bars, const Place& place);
    void alerts(const Alerts& alerts, const Place& place);
    void url(const Place& place, int number, const std::string& url) {
        if (!url.starts_with("http://") && !url.starts_with("https://") && (complete_ || !url.empty()))
            say(place.line(number), "url must begin with http:// or https://");
    }

    const std::string& file_;
    bool complete_;
    std::vector<Problem>& problems_;
    std::map<std::string, int> names_, letters_, bars_ids_, ports_, metrics_, senders_, webhooks_;
};

void Checker::hub(const Hub& hub, const Place& place) {
    if (!is_hub_name(hub.name())) {
        if (!hub.name().empty() || complete_) {
            say(place.line(Hub::kNameFieldNumber), "hub name must be 1 to 40 of a-z, 0-9 and inner hyphens");
        }
    }
    once(names_, hub.name(), place.line(Hub::kNameFieldNumber), "hub");
    const auto& letter = hub.letter();
    if ((!letter.empty() || complete_) && (letter.size() != 1 || letter[0] < 'A' || letter[0] > 'Z')) {
        say(place.line(Hub::kLetterFieldNumber), "letter must be one of A to Z");
    }
    once(letters_, letter, place.line(Hub::kLetterFieldNumber), "letter");
    filled(place, Hub::kBarsServiceIdFieldNumber, hub.bars_service_id());
    once(bars_ids_, hub.bars_service_id(), place.line(Hub::kBarsServiceIdFieldNumber), "bars_service_id");
    for (int i = 0; i < hub.bars_sites_size(); ++i) {
        const auto& site = hub.bars_sites(i);
        const auto there = place.nested(site, Hub::kBarsSitesFieldNumber, i);
        filled(there, BarsSite::kServiceIdFieldNumber, site.service_id());
        filled(there, BarsSite::kSiteFieldNumber, site.site());
        once(bars_ids_, site.service_id(), there.line(BarsSite::kServiceIdFieldNumber), "bars_service_id");
    }
    filled(place, Hub::kOrganisationOdsFieldNumber, hub.organisation_ods());
    filled(place, Hub::kPolicyFileFieldNumber, hub.policy_file());
    std::error_code error;
    if (!hub.policy_file().empty() && !fs::is_regular_file(hub.policy_file(), error)) {
        say(place.line(Hub::kPolicyFileFieldNumber), "policy file " + hub.policy_file() + " is not there");
    }
}

void Checker::bars(const Bars& bars, const Place& place) {
    if (!is_loopback(bars.listen_address()) && (complete_ || !bars.listen_address().empty())) {
        say(place.line(Bars::kListenAddressFieldNumber),
            "listen_address must be 127.0.0.1 or ::1 until TLS and authentication are configured");
    }
    port(place, Bars::kPortFieldNumber, bars.port());
    filled(place, Bars::kWatchDirFieldNumber, bars.watch_dir());
    filled(place, Bars::kOrganisationOdsFieldNumber, bars.organisation_ods());
    for (int i = 0; i < bars.senders_size(); ++i) {
        const auto& sender = bars.senders(i);
        const auto at = place.nested(sender, Bars::kSendersFieldNumber, i);
        filled(at, BarsSender::kServiceIdFieldNumber, sender.service_id());
        once(senders_, sender.service_id(), at.line(BarsSender::kServiceIdFieldNumber), "sender");
        url(at, BarsSender::kUrlFieldNumber, sender.url());
    }
}

void Checker::alerts(const Alerts& alerts, const Place& place) {
    for (int i = 0; i < alerts.webhooks_size(); ++i) {
        const auto& webhook = alerts.webhooks(i);
        const auto at = place.nested(webhook, Alerts::kWebhooksFieldNumber, i);
        const int line = at.line(Webhook::kHubFieldNumber);
        filled(at, Webhook::kHubFieldNumber, webhook.hub());
        if (complete_ && !webhook.hub().empty() && !names_.contains(webhook.hub()))
            say(line, "webhooks: there is no hub " + webhook.hub());
        once(webhooks_, webhook.hub(), line, "webhook of");
        url(at, Webhook::kUrlFieldNumber, webhook.url());
    }
}

void Checker::paths(const Stack& stack, const Place& place) {
    filled(place, Stack::kStateDirFieldNumber, stack.state_dir());
    filled(place, Stack::kRunDirFieldNumber, stack.run_dir());
    filled(place, Stack::kKeysDirFieldNumber, stack.keys_dir());
    if (stack.run_dir().size() + longest_socket.size() > limits::socket_path_max_bytes) {
        say(place.line(Stack::kRunDirFieldNumber),
            "run_dir is too long: with a socket's name it must fit in 107 bytes");
    }
    const auto redis = place.nested(stack.redis(), Stack::kRedisFieldNumber);
    filled(redis, Redis::kSocketFieldNumber, stack.redis().socket());
    if (stack.redis().socket().size() > limits::socket_path_max_bytes) {
        say(redis.line(Redis::kSocketFieldNumber), "socket is too long: it must fit in 107 bytes");
    }
    const auto audit = place.nested(stack.audit(), Stack::kAuditFieldNumber);
    filled(audit, Audit::kJournalDirFieldNumber, stack.audit().journal_dir());
    filled(audit, Audit::kRootsDirFieldNumber, stack.audit().roots_dir());
    const auto vault = place.nested(stack.vault(), Stack::kVaultFieldNumber);
    filled(vault, Vault::kDatabaseFieldNumber, stack.vault().database());
    filled(vault, Vault::kMasterKeyFileFieldNumber, stack.vault().master_key_file());
}

void Checker::stack(const Stack& stack, const Place& place) {
    paths(stack, place);
    if (std::ranges::find(log_levels, stack.log_level()) == log_levels.end()) {
        say(place.line(Stack::kLogLevelFieldNumber), "log_level must be trace, debug, info, warn or error");
    }
    if (stack.hubs().empty() && complete_) say(0, "there is no hub");
    for (int i = 0; i < stack.hubs_size(); ++i) {
        hub(stack.hubs(i), place.nested(stack.hubs(i), Stack::kHubsFieldNumber, i));
    }
    if (stack.has_bars()) bars(stack.bars(), place.nested(stack.bars(), Stack::kBarsFieldNumber));
    if (stack.has_alerts()) alerts(stack.alerts(), place.nested(stack.alerts(), Stack::kAlertsFieldNumber));
    for (int i = 0; i < stack.metrics_size(); ++i) {
        const auto& metrics = stack.metrics(i);
        const auto at = place.nested(metrics, Stack::kMetricsFieldNumber, i);
        filled(at, MetricsPort::kServiceFieldNumber, metrics.service());
        once(metrics_, metrics.service(), at.line(MetricsPort::kServiceFieldNumber), "metrics of");
        port(at, MetricsPort::kPortFieldNumber, metrics.port());
    }
}

}  // namespace

void check(const Stack& stack, const Lines& lines, const std::string& file, bool complete,
           std::vector<Problem>& problems) {
    Checker(file, complete, problems).stack(stack, Place(stack, &lines, 0));
}

}  // namespace rightplace::config
