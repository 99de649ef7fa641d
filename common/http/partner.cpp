#include "common/http/partner.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "common/base/limits.hpp"

namespace rightplace::http {
namespace {

struct Transfer {
    seams::HttpRequest request;
    seams::HttpAnswer answer;
    seams::Done<seams::HttpAnswer> done;
    curl_slist* headers = nullptr;
    std::size_t header_bytes = 0;

    ~Transfer() { curl_slist_free_all(headers); }
};

std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* to) {
    auto& body = static_cast<Transfer*>(to)->answer.body;
    if (body.size() + size > limits::http_body_max_bytes) return 0;  // ends the transfer
    body.append(bytes, size);
    return size;
}

std::size_t on_header(char* bytes, std::size_t, std::size_t size, void* to) {
    auto& transfer = *static_cast<Transfer*>(to);
    transfer.header_bytes += size;
    if (transfer.header_bytes > limits::http_header_max_bytes) return 0;
    std::string_view line(bytes, size);
    if (line.starts_with("HTTP/")) transfer.answer.headers.clear();  // after a 100 Continue
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return size;
    auto value = line.substr(colon + 1);
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!value.empty() && blank(value.front())) value.remove_prefix(1);
    while (!value.empty() && blank(value.back())) value.remove_suffix(1);
    transfer.answer.headers.emplace_back(line.substr(0, colon), value);
    return size;
}

// A header may not smuggle another one in.
bool is_clean(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

template <typename T>
void set(CURL* easy, CURLoption option, T value) {
    INVARIANT(curl_easy_setopt(easy, option, value) == CURLE_OK);
}

bool prepare(CURL* easy, Transfer& transfer) {
    const auto& request = transfer.request;
    if (!is_clean(request.url) || curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str()) != CURLE_OK) return false;
    for (const auto& [name, value] : request.headers) {
        if (!is_clean(name) || !is_clean(value)) return false;
        const auto line = value.empty() ? name + ';' : name + ": " + value;
        transfer.headers = curl_slist_append(transfer.headers, line.c_str());
    }
    transfer.headers = curl_slist_append(transfer.headers, "Expect:");  // send at once
    set(easy, CURLOPT_HTTPHEADER, transfer.headers);
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_FOLLOWLOCATION, 0L);
    set(easy, CURLOPT_PROXY, "");
    set(easy, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
    set(easy, CURLOPT_FRESH_CONNECT, 1L);  // curl resends by itself when a connection it reuses is dead
    set(easy, CURLOPT_FORBID_REUSE, 1L);
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(request.timeout_ms, 1)));
    set(easy, CURLOPT_POST, 1L);
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(easy, CURLOPT_POSTFIELDS, request.body.c_str());
    set(easy, CURLOPT_WRITEFUNCTION, &on_body);
    set(easy, CURLOPT_WRITEDATA, &transfer);
    set(easy, CURLOPT_HEADERFUNCTION, &on_header);
    set(easy, CURLOPT_HEADERDATA, &transfer);
    return true;
}

}  // namespace

// curl's multi interface, driven by the loop: it says which descriptors and which time it waits for.
struct CurlPartner::Core : std::enable_shared_from_this<Core> {
    explicit Core(bus::Loop& of) : loop(of), multi(curl_multi_init()) {
        INVARIANT(multi != nullptr);
        curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &Core::on_socket);
        curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
        curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &Core::on_timer);
        curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
    }
    ~Core() {
        for (const auto& [easy, transfer] : transfers) {
            curl_multi_remove_handle(multi, easy);
            curl_easy_cleanup(easy);
        }
        curl_multi_cleanup(multi);
    }

    static int on_socket(CURL*, curl_socket_t fd, int what, void* to, void*) {
        auto& core = *static_cast<Core*>(to);
        if (what == CURL_POLL_REMOVE) {
            core.loop.unwatch_fd(fd);
            return 0;
        }
        const auto act = [weak = core.weak_from_this(), fd](int event) {
            return [weak, fd, event] {
                if (const auto here = weak.lock()) here->drive(fd, event);
            };
        };
        core.loop.watch_fd(fd, what & CURL_POLL_IN ? std::function<void()>(act(CURL_CSELECT_IN)) : nullptr,
                           what & CURL_POLL_OUT ? std::function<void()>(act(CURL_CSELECT_OUT)) : nullptr);
        return 0;
    }

    static int on_timer(CURLM*, long ms, void* to) {
        auto& core = *static_cast<Core*>(to);
        const auto number = ++core.timer;  // outdates the one before
        if (ms < 0) return 0;
        core.loop.after(ms, [weak = core.weak_from_this(), number] {
            const auto here = weak.lock();
            if (here && here->timer == number) here->drive(CURL_SOCKET_TIMEOUT, 0);
        });
        return 0;
    }

    void drive(curl_socket_t fd, int event) {
        int running = 0;
        curl_multi_socket_action(multi, fd, event, &running);
        int left = 0;
        std::vector<std::pair<CURL*, CURLcode>> ended;
        while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
            if (message->msg == CURLMSG_DONE) ended.emplace_back(message->easy_handle, message->data.result);
        }
        for (const auto& [easy, code] : ended) finish(easy, code);
    }

    void finish(CURL* easy, CURLcode code) {
        const auto found = transfers.find(easy);
        INVARIANT(found != transfers.end());
        const auto transfer = std::move(found->second);
        transfers.erase(found);
        long status = 0;
        long sent = 0;
        const char* type = nullptr;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
        curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
        auto& answer = transfer->answer;
        if (code == CURLE_OK && status != 0) {
            answer.status = static_cast<int>(status);
            if (type != nullptr) answer.content_type = type;
        } else {
            answer = {};
            answer.certainly_not_sent = sent == 0;
        }
        curl_multi_remove_handle(multi, easy);
        curl_easy_cleanup(easy);
        transfer->done(std::move(answer));
    }

    bus::Loop& loop;
    CURLM* multi;
    std::map<CURL*, std::unique_ptr<Transfer>> transfers;
    std::uint64_t timer = 0;
};

CurlPartner::CurlPartner(bus::Loop& loop) {
    static const auto ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    INVARIANT(ready == CURLE_OK);
    core_ = std::make_shared<Core>(loop);
}

CurlPartner::~CurlPartner() = default;

void CurlPartner::post(seams::HttpRequest request, seams::Done<seams::HttpAnswer> done) {
    auto transfer = std::make_unique<Transfer>();
    transfer->request = std::move(request);
    transfer->done = std::move(done);
    CURL* easy = curl_easy_init();
    INVARIANT(easy != nullptr);
    if (!prepare(easy, *transfer)) {
        curl_easy_cleanup(easy);
        core_->loop.soon([then = std::move(transfer->done)] {
            seams::HttpAnswer answer;
            answer.certainly_not_sent = true;
            then(std::move(answer));
        });
        return;
    }
    core_->transfers.emplace(easy, std::move(transfer));
    INVARIANT(curl_multi_add_handle(core_->multi, easy) == CURLM_OK);  // arms the timer; nothing runs yet
}

}  // namespace rightplace::http
