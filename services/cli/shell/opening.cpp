#include "services/cli/shell/opening.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ostream>

#include "messages/vault.pb.h"

namespace rightplace::cli {
namespace {

// Never over a file that is there, and readable by its owner alone: it holds identity.
OrWhy<bool> write_new(const std::string& file, const std::string& bytes) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return Failure{"cannot write " + file + ": it exists already, or its folder does not take it"};
    std::size_t written = 0;
    while (written < bytes.size()) {
        const auto count = ::write(fd, bytes.data() + written, bytes.size() - written);
        if (count <= 0) break;
        written += std::size_t(count);
    }
    const bool whole = written == bytes.size() && ::fsync(fd) == 0;
    ::close(fd);
    if (whole) return true;
    ::unlink(file.c_str());
    return Failure{"cannot write all of " + file + "; is the disk full?"};
}

}  // namespace

Keys::Keys(Session& session, Look look) : session_(session), look_(std::move(look)) {
    if (look_.view_session.empty()) look_.view_session = "cli-" + fresh_id(session.random);
}

OrWhy<std::string> Keys::open(const Sealed& sealed, std::initializer_list<sealing::Context> contexts) {
    const auto key = key_of(sealed.key_id());
    if (!key) return Failure{key.error()};
    for (const auto context : contexts) {
        auto text = sealing::open(key.value(), sealed, context);
        if (text) return std::move(text.value());
    }
    return Failure{std::string("it does not open under its key: the record or vault was altered; report it")};
}

OrWhy<sealing::Key> Keys::key_of(const std::string& key_id) {
    const auto known = keys_.find(key_id);
    if (known != keys_.end()) return known->second;
    vault::ReleaseKey release;
    release.set_case_id(look_.owner);
    release.set_key_id(key_id);
    release.set_purpose(look_.purpose);
    release.set_session(look_.view_session);
    const auto reply = query_for<vault::ReleaseKeyReply>(session_.wire, "vault", look_.hub, session_.actor, release,
                                                         session_.timeout_ms);
    OrWhy<sealing::Key> answer = Failure{std::string("vault released no key")};
    if (!reply) answer = Failure{reply.error()};
    if (reply && reply.value().value.key().key().size() == sealing::key_bytes) {
        view_recorded_ = view_recorded_ && reply.value().value.view_recorded();
        answer = sealing::Key(reply.value().value.key().key());
    }
    keys_.emplace(key_id, answer);
    return answer;
}

int write_original(Session& session, Keys& keys, const Sealed& sealed, const std::string& file) {
    const auto opened = keys.open(sealed, {sealing::Context::original});
    if (!opened) return fail(session, Exit::refused, "the original cannot be opened: " + opened.error());
    const auto written = write_new(file, opened.value());
    if (!written) return fail(session, Exit::usage, written.error());
    session.err << "wrote " << opened.value().size() << " bytes to " << file
                << (keys.view_recorded() ? "" : " (the view is recorded when the hub opens again)") << std::endl;
    return Exit::ok;
}

int purpose_missing(Session& session) {
    return fail(session, Exit::usage,
                "say why with --purpose: direct-care, call-back, complaint or audit. The view is recorded.");
}

}  // namespace rightplace::cli
