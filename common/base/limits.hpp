// Every bound of the ring, in one place, with its unit. Relations between them are proved below.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rightplace::limits {

// Heartbeats and the closed ring.
inline constexpr std::int64_t heartbeat_every_ms = 500;
inline constexpr std::int64_t heartbeat_max_age_ms = 2'000;  // older: the ring is closed
inline constexpr std::int64_t beat_on_the_way_ms = 1'000;    // a heartbeat that reaches the store later is refused
inline constexpr std::int64_t beat_after_append_ms = 20;     // one heartbeat for all that is appended in it
inline constexpr std::int64_t stale_tail_ms = 60'000;        // an entry unjournalled this long is never appended
inline constexpr std::int64_t hub_clock_step_ms = 1'000;     // a larger gap between clocks is a step

// The log and the journal.
inline constexpr std::uint64_t tail_max_events = 10'000;  // unjournalled
inline constexpr std::uint64_t log_keep_events = 2'000;   // journalled events kept in the stream
inline constexpr std::size_t event_max_bytes = 4'000'000;
inline constexpr std::size_t commit_max_events = 32;
inline constexpr std::size_t commit_max_guards = 32;
inline constexpr std::size_t journal_batch_max_events = 1'024;
inline constexpr std::uint64_t checkpoint_every_events = 1'000;
inline constexpr std::int64_t checkpoint_every_ms = 60'000;
inline constexpr std::int64_t roots_every_ms = 10'000;
inline constexpr std::int64_t audit_retry_ms = 1'000;  // vault, store or disk does not answer: ask again
inline constexpr std::int64_t audit_look_ms = 100;     // after a heartbeat that the store did not take
inline constexpr std::int64_t tail_wait_ms = 1'000;    // one wait for the log
inline constexpr std::size_t clock_steps_kept = 16;    // seen while the ring is closed

// People. What a hub may rule otherwise is its policy's (common/clinical/hub_policy.hpp).
inline constexpr std::int64_t sign_on_again_ms = 3'600'000;  // so often it is recorded that somebody is still there
// Recorded so much after it happened, a contact was on paper meanwhile: no command takes as long by itself.
inline constexpr std::int64_t written_up_after_ms = 60'000;

// Reads.
inline constexpr std::uint32_t read_max_events = 1'000;
inline constexpr std::size_t read_max_bytes = 8'000'000;
inline constexpr std::uint32_t read_max_wait_ms = 30'000;
inline constexpr std::size_t read_max_followers = 256;
inline constexpr std::int64_t read_timeout_ms = 5'000;
inline constexpr std::int64_t read_retry_ms = 200;

// Commands.
inline constexpr std::uint32_t command_deadline_default_ms = 5'000;
inline constexpr std::uint32_t command_deadline_max_ms = 60'000;
inline constexpr int version_conflict_retries = 16;
inline constexpr std::int64_t conflict_pause_ms = 5;  // times the number of attempts
inline constexpr std::size_t command_id_max_bytes = 200;
inline constexpr std::size_t commands_in_flight_max = 4'096;  // per service and hub
inline constexpr std::size_t message_max_bytes = 8'000'000;   // one frame on any socket
inline constexpr std::int64_t done_keep_ms = 7LL * 24 * 3'600'000;

// The bus.
inline constexpr std::size_t message_overhead_max_bytes = 64'000;  // framing of a full answer, encryption
inline constexpr int command_queue_max_messages = 1'000;           // per peer and direction, then dropped
inline constexpr int feed_queue_max_messages = 20'000;             // per subscriber, then dropped
inline constexpr std::int64_t feed_gather_ms = 5;                  // events for those who do not wait leave together
inline constexpr std::size_t feed_gather_max_events = 16;          // or as soon as there are so many
inline constexpr int frames_kept_max = 4;                          // of one message; more are counted only
inline constexpr int socket_batch_max_messages = 256;              // read before others get their turn
inline constexpr int peer_heartbeat_ms = 1'000;
inline constexpr int peer_heartbeat_timeout_ms = 4'000;
inline constexpr int peer_handshake_ms = 5'000;
inline constexpr int reconnect_first_ms = 50;
inline constexpr int reconnect_max_ms = 1'000;
inline constexpr std::int64_t send_retry_ms = 5;           // when a queue is full
inline constexpr std::int64_t ask_attempt_ms = 2'000;      // then the same command id is sent again
inline constexpr std::int64_t ask_pause_ms = 100;          // between attempts
inline constexpr std::size_t socket_path_max_bytes = 107;  // sun_path without its final zero

// What is said about a process.
inline constexpr std::size_t metric_series_max = 10'000;
inline constexpr std::size_t log_value_max_bytes = 256;

// Reactions and timers.
inline constexpr std::size_t reactions_in_flight_max = 256;
inline constexpr std::int64_t reaction_retry_ms = 250;
inline constexpr int reaction_attempts_before_park = 8;       // INTERNAL only; UNAVAILABLE is retried for ever
inline constexpr int reaction_contentions_before_park = 240;  // one minute of waiting for what may never come
inline constexpr std::int64_t timer_scan_ms = 100;            // a deadline fires within 250 ms of its time
inline constexpr std::size_t timer_batch_max = 64;
inline constexpr std::int64_t cursor_save_ms = 1'000;
inline constexpr std::int64_t lease_scan_ms = 500;
inline constexpr std::size_t restore_batch_records = 64;
inline constexpr std::int64_t refold_retry_ms = 250;
inline constexpr std::int64_t closed_keep_ms = 24LL * 3'600'000;  // then only a tombstone stays in the store
// An adapter keeps an ended case so long: one may be reopened for 24 hours, and clocks differ.
inline constexpr std::int64_t booked_after_end_ms = 25LL * 3'600'000;
inline constexpr std::int64_t retire_scan_ms = 60'000;
inline constexpr std::size_t retire_batch_max = 256;
inline constexpr std::size_t recent_events_kept = 4'096;         // for reactions; older ones are read again
inline constexpr std::int64_t claim_lease_default_ms = 120'000;  // before any policy is adopted
inline constexpr int second_opinions_max = 16;                   // of one review, asked or given
// No rule of care: whoever is to be rung later than tomorrow is somebody else's patient by then, or a slip of the pen.
inline constexpr std::uint32_t welfare_call_max_minutes = 24 * 60;
inline constexpr std::int64_t downtime_sheet_every_ms = 20'000;    // so that two may fail before it is too old
inline constexpr std::int64_t downtime_sheet_max_age_ms = 60'000;  // older: nobody is writing it

// HTTP.
inline constexpr std::size_t http_body_max_bytes = 2'000'000;  // one sample message is 437 kB
inline constexpr std::size_t http_header_max_bytes = 64'000;
inline constexpr std::int64_t http_read_timeout_ms = 10'000;
inline constexpr std::size_t http_connections_max = 256;
inline constexpr std::int64_t http_handler_timeout_ms = 65'000;  // past every command's deadline; then 503
inline constexpr std::int64_t http_drain_ms = 1'000;             // so that a refused sender reads why
inline constexpr std::int64_t bars_answer_ms = 4'500;            // BaRS: every answer under 5 s, else 408
inline constexpr std::int64_t bars_handler_ms = 4'800;           // then the server itself answers
inline constexpr std::int64_t bars_key_again_ms = 100;           // vault may not have seen a case of a moment ago
inline constexpr std::int64_t bars_read_settle_ms = 500;         // an id is looked for so long: the feed may lag
inline constexpr std::size_t bars_search_max_entries = 50;       // of one search; more is refused, never cut
inline constexpr std::size_t bars_software_max_bytes = 100;      // of the name that a program gives itself

// A case that was just opened, or just updated by another message, is known to the adapter a moment later.
inline constexpr std::int64_t change_look_again_ms = 100;
inline constexpr int change_looks_max = 10;

// Documents.
inline constexpr int document_max_depth = 64;  // JSON and XML nesting
inline constexpr std::size_t document_max_nodes = 200'000;
inline constexpr std::size_t document_max_members = 256;  // of one object; no FHIR type has half as many

// Deliveries.
inline constexpr std::int64_t delivery_timeout_ms = 5'000;
inline constexpr std::int64_t delivery_backoff_first_ms = 1'000;
inline constexpr std::int64_t delivery_backoff_max_ms = 60'000;
inline constexpr std::uint32_t delivery_attempts_before_alert = 5;
inline constexpr std::int64_t delivery_key_wait_ms = 60'000;   // no key from vault: people are told, a text is left out
inline constexpr std::int64_t emergency_text_wait_ms = 3'000;  // an emergency goes out without its text after that
// An emergency, a rejection, a return that its destination has not confirmed by then: people are told. Long enough for
// a first attempt that runs out of time and a second one.
inline constexpr std::int64_t delivery_confirm_ms = 15'000;
inline constexpr std::size_t deliveries_at_once_max = 32;  // to one destination; what waits for nothing is not counted

// Keys.
inline constexpr std::uint32_t key_block_size = 32;
inline constexpr std::int64_t key_refill_retry_ms = 500;
inline constexpr std::int64_t match_tokens_wait_ms = 500;  // then the case is opened without them

// The breach watch's file: slots * 2 copies are preallocated (64 MiB).
inline constexpr std::size_t watch_slots = 512;
inline constexpr std::size_t watch_copy_bytes = 65'536;
inline constexpr std::int64_t watch_forget_ms = 10'000;
inline constexpr std::uint64_t key_skip_margin = 4'096;        // ids left out after one that vault never gave out
inline constexpr std::uint64_t key_skip_max = 1'000'000'000;   // an id further ahead was never ours
inline constexpr std::size_t vault_reserve_bytes = 1'000'000;  // kept free inside vault's files for the spool
inline constexpr std::size_t vault_spool_max_views = 2'000;
inline constexpr std::size_t vault_note_every_events = 100;  // between durable high-water marks
inline constexpr std::int64_t vault_note_every_ms = 1'000;
inline constexpr int identity_views_remembered_max = 4'096;  // per case
inline constexpr int match_telephones_max = 16;              // per question

// The store.
inline constexpr std::int64_t store_call_timeout_ms = 2'000;  // then its outcome is unknown
inline constexpr std::int64_t store_sweep_ms = 100;           // how often overdue calls are looked for
inline constexpr std::int64_t store_backoff_first_ms = 50;
inline constexpr std::int64_t store_backoff_max_ms = 1'000;
inline constexpr std::size_t store_in_flight_max = 16'384;  // calls per connection
inline constexpr std::size_t name_max_bytes = 256;          // of an id, a queue, a member, a token
inline constexpr std::size_t index_max_entries = 64;        // per record
inline constexpr std::size_t load_max_aggregates = 64;
inline constexpr std::size_t restore_max_records = 256;  // per call; as many leases
inline constexpr std::size_t restore_max_marks = 1'024;  // per call; as many cursors
inline constexpr std::size_t due_max = 1'024;            // per call
inline constexpr std::size_t tail_max_entries = 1'024;   // per call
inline constexpr std::size_t marks_per_beat = 64;        // old done marks removed at one heartbeat
inline constexpr std::size_t wipe_step_keys = 1'000;

static_assert(heartbeat_every_ms * 3 < heartbeat_max_age_ms, "two lost heartbeats must not close the ring");
static_assert(timer_scan_ms * 2 < 250, "a breach fires within 250 ms");
static_assert(log_keep_events < tail_max_events);
static_assert(bars_answer_ms < bars_handler_ms && bars_handler_ms < 5'000);
static_assert(delivery_confirm_ms > 2 * delivery_timeout_ms + delivery_backoff_first_ms);
static_assert(http_handler_timeout_ms > std::int64_t{command_deadline_max_ms});
static_assert(event_max_bytes < message_max_bytes);

}  // namespace rightplace::limits
