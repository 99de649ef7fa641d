// What a new epoch needs to know of the past, read from the journal in bounded pages.
#pragma once

#include <string>
#include <vector>

#include "common/base/seams.hpp"
#include "services/audit/domain/marks.hpp"

namespace rightplace::audit {

class History {
   public:
    explicit History(seams::Journal& journal) : journal_(journal) {}

    // Audit's own aggregate as of `head`: read backwards until the last checkpoint.
    void own(const seams::JournalHead& head, seams::Done<seams::Journalled<OwnHistory>> done);
    // The event id at `seq`; empty when there is none.
    void event_id_at(std::uint64_t seq, seams::Done<seams::Journalled<std::string>> done);
    // Outcomes of commands recorded at or after `keep_after` (hub time), or at or above `lowest_seq`.
    void marks(const seams::JournalHead& head, TimeMs keep_after, std::uint64_t lowest_seq,
               seams::Done<seams::Journalled<std::vector<seams::DoneRestore>>> done);

   private:
    struct OwnSearch;
    struct MarkSearch;
    void own_page(std::shared_ptr<OwnSearch> search);
    void find_first(std::shared_ptr<MarkSearch> search);  // the first event worth keeping, by halving
    void mark_page(std::shared_ptr<MarkSearch> search);

    seams::Journal& journal_;
};

}  // namespace rightplace::audit
