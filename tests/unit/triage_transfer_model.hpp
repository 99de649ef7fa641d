// A case on its way between three hubs, with a sender who says more, and what must hold of it after every act, and when
// all has been heard (triage_promises.hpp). Who may complete it is not read from any state: it is tried, on a copy.
#pragma once

#include "tests/unit/triage_promises.hpp"

namespace rightplace::triage::bench {

inline constexpr std::array categories{intake::C1, intake::C2, intake::C3, intake::C4, intake::C5};

struct Journey {
    Journey(const Journey&) = delete;
    explicit Journey(std::vector<unsigned> drawn)
        : chance(std::move(drawn)), attended(pick(2) == 0), busy(pick(3) > 0), region(attended) {
        auto command = queue(region.now() + (5 + pick(40)) * minute);
        if (pick(3) == 0) command.mutable_facts()->clear_breach_at();  // by policy
        if (pick(3) == 0) command.mutable_facts()->set_origin(intake::CREW_ON_SCENE);
        if (pick(4) == 0) command.clear_reply_to();
        facts = command.facts();
        ours(Region::home).run(command);
        region.look = [this] { follow(); };
        follow();
    }

    std::vector<unsigned> chance;  // what is left to choose by, the next one last; then always the first of the choices
    bool attended;                 // policy lets no case wait where nobody is
    bool busy;                     // it is long until somebody decides
    Region region;
    Promises promises;
    std::array<std::size_t, Region::size> followed{};
    intake::CaseFacts facts;                                          // as the sender said last
    std::vector<std::shared_ptr<const runtime::Message>> on_its_way;  // of the sender, to the hub that opened the case
    std::uint32_t said = 0;                                           // its updates
    std::uint32_t heard = 0;                                          // the highest number that has arrived
    std::vector<std::uint32_t> arrived;                               // updates
    int worst_said = 99;
    bool cancelled = false;  // the last thing that its sender said
    bool call_owed = false;  // at some time since
    std::array<bool, Region::size> signed_off{};

    int pick(int below) {
        if (chance.empty()) return 0;
        const unsigned drawn = chance.back();
        chance.pop_back();
        return int(drawn % unsigned(below));
    }
    Side& ours(std::size_t hub) { return region.hubs[hub]; }
    template <typename T>
    T about() {
        T command;
        command.set_case_id("c1");
        return command;
    }
    void must(bool holds, const std::string& what) { promises.must(holds, what); }

    void follow() {
        for (std::size_t hub = 0; hub < Region::size; ++hub) {
            auto& next = followed[hub];
            for (const auto& log = ours(hub).log; next < log.size(); ++next) promises.add(hub, log[next]);
        }
        call_owed = cancelled && (call_owed || promises.call_due != 0);
    }

    // By trying: somebody takes it over there, and decides.
    static bool completes(Side side) {
        if (!side.has_review()) return false;
        auto take = side.about<TakeOverReview>();
        take.set_reason_code("tried");
        side.run(take, "whoever-tries", "nurse");
        if (!side.review().has_claim()) return false;
        const auto names = side.decide(side.token()).names();
        return std::find(names.begin(), names.end(), "ReviewDecided") != names.end();
    }
    static int how_many_complete(const Region& region) {
        return int(
            std::count_if(region.hubs.begin(), region.hubs.end(), [](const Side& each) { return completes(each); }));
    }

    // After every act.
    void at_every_moment() {
        follow();
        const int able = how_many_complete(region);
        must(able <= (promises.over ? 0 : 1), std::to_string(able) + " hubs may complete it");
        if (able == 0 && !promises.over) {
            Region later = region;
            later.look = [] {};
            later.down_until = {};
            while (later.hear_all()) {
            }
            const bool cancelled_meanwhile = later.hubs[Region::home].review().status() == CANCELLED;
            must(how_many_complete(later) == (cancelled_meanwhile ? 0 : 1), "nobody may complete it, and nobody will");
        }
        const auto& hubs = region.hubs;
        const bool shown = std::any_of(hubs.begin(), hubs.end(), [](const Side& each) { return on_queue(each); });
        must(shown || promises.over, "on nobody's queue");
        if (promises.over || promises.has == Promises::on_its_way) return;
        Side& owner = ours(std::size_t(promises.has));
        const auto& review = owner.review();
        must(to_ms(review.breach_at()) == promises.breach_at, "another breach time stands");
        must(review.category() == promises.category, "another category stands");
        must(review.breached() || owner.armed("review", "c1", "breach"), "no clock runs for it");
        must(to_ms(review.welfare_call_due()) == promises.call_due, "another call is owed");
        const bool runs = promises.call_due == 0 || review.welfare_call_missed();
        must(runs || owner.armed("review", "c1", "welfare"), "no clock runs for the promised call");
    }

    void settle() {
        region.down_until = {};
        for (bool any = true; any;) {
            while (region.hear_all()) {
            }
            for (std::size_t hub = 0; hub < Region::size; ++hub) region.fire(hub);
            any = region.hear_all();
        }
        at_every_moment();
        promises.settled(region);
        must(promises.over || promises.breaches == (region.now() >= promises.breach_at ? 1 : 0), "a breach in silence");
        const bool goes_on = promises.over || !promises.token.empty() || call_owed;
        must(!cancelled || goes_on, "its sender has cancelled it, nobody holds it, and it is not over");
        must(promises.given_back <= 1, "given back twice");
        for (const auto number : arrived) {
            must(promises.updates[number] == 1, "what its sender said is not noted once");
        }
        must(promises.cancelled || promises.worst <= worst_said, "a worse category is not taken on");
    }

    // What its sender says, and what of it arrives.
    void sender() {
        if (!promises.token.empty() && !cancelled && pick(12) == 0) {
            on_its_way.push_back(std::make_shared<CancelReview>(about<CancelReview>()));
            if (region.up(Region::home)) arrives(on_its_way.size() - 1);
            return;
        }
        const auto what = pick(8);
        if (what == 0) {
            auto cancel = about<CancelReview>();
            cancel.set_reason("revoked");
            on_its_way.push_back(std::make_shared<CancelReview>(cancel));
        } else if (what < 4) {
            auto update = about<NoteSenderUpdate>();
            facts.set_category(categories[std::size_t(pick(int(categories.size())))]);
            if (pick(2) == 0) *facts.mutable_breach_at() = to_timestamp(region.now() + pick(40) * minute);
            *update.mutable_facts() = facts;
            update.set_update_number(++said);
            on_its_way.push_back(std::make_shared<NoteSenderUpdate>(update));
        } else if (!on_its_way.empty() && region.up(Region::home)) {
            arrives(std::size_t(pick(int(on_its_way.size()))));
        }
    }
    // At the hub that opened the case, wherever that is now; one may overtake another.
    void arrives(std::size_t which) {
        const auto command = on_its_way[which];
        on_its_way.erase(on_its_way.begin() + std::ptrdiff_t(which));
        const auto outcome = ours(Region::home).run(*command, "triage", "system", "of-its-sender");
        must(!outcome.refusal, "its sender is refused");
        if (const auto* update = runtime::as<NoteSenderUpdate>(*command)) {
            arrived.push_back(update->update_number());
            worst_said = std::min(worst_said, clinical::urgency_rank(update->facts().category()));
            if (update->update_number() < heard) return;
            heard = update->update_number();
            cancelled = false;
        } else {
            cancelled = true;
        }
    }

    bool lease_is_live(std::size_t hub) {
        return !promises.token.empty() && ours(hub).lease_of({"review", "c1"}) > region.now();
    }
    bool open_at(std::size_t hub) const { return promises.has == int(hub) && !promises.over; }
    std::string a_token() {
        const auto drawn = pick(4);
        if (drawn > 1) return promises.token;
        return drawn == 0 ? "" : promises.tokens[std::size_t(pick(int(promises.tokens.size())))];
    }
    static bool fine(const Outcome& outcome) { return !outcome.refusal; }
};

}  // namespace rightplace::triage::bench
