#include "app/idempotency.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/sha256.h"
#include "base/utf8.h"
#include "store/idempotency_store.h"

/// Whoever inserts the row has the ticket; the time of the insertion is its number, and moves when
/// somebody takes over from one that died.
///
/// Tested by idempotency_test.cc.
namespace katip::app {
namespace {

constexpr std::size_t kKeySizeMax = 255;
constexpr std::size_t kMediaTypeSizeMax = 127;
constexpr std::size_t kLocationSizeMax = 1'000;

Status check_key(const std::string& key) {
  const bool is_visible = std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7F; });
  if (!key.empty() && key.size() <= kKeySizeMax && is_visible) return {};
  return fail(ErrorCode::kInvalidArgument,
              "an Idempotency-Key has 1 to 255 visible characters of ASCII; a UUID is a good one");
}

/// Of fixed length, whatever a path is.
std::string scope_of(const Principal& who, const RepeatableRequest& request) {
  Sha256 hash;
  hash.update(fmt::format("{}\n{}\n{}\n{}\n{}", static_cast<int>(who.kind), who.id, who.owner,
                          request.method, request.path));
  return hash.finish();
}

bool can_be_kept(const KeptAnswer& answer, std::size_t size_max) {
  return answer.body.size() <= size_max && answer.media_type.size() <= kMediaTypeSizeMax &&
         answer.location.size() <= kLocationSizeMax && is_utf8(answer.body) &&
         !answer.body.contains('\0');
}

store::IdempotencyRecord record_of(const RepeatTicket& ticket, std::optional<int> status) {
  return {.scope = ticket.scope,
          .key = ticket.key,
          .request_hash = {},
          .created_at = ticket.begun_at,
          .expires_at = {},
          .response_status = status};
}

}  // namespace

Result<RepeatState> Idempotency::begin(const Principal& who, const RepeatableRequest& request,
                                       std::stop_token stop) {
  KATIP_TRY(check_key(request.key));
  const store::Timestamp now = store::to_timestamp(clock_.calendar());
  const store::IdempotencyRecord mine{.scope = scope_of(who, request),
                                      .key = request.key,
                                      .request_hash = request.sha256,
                                      .created_at = now,
                                      .expires_at = now + options_.kept};
  const store::PooledConnection connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  // Between the two statements the row may be released: then it is tried again.
  constexpr int kRounds = 3;
  for (int round = 0; round < kRounds; ++round) {
    if (KATIP_TRY(store::take_idempotency_key(*connection, mine, now - options_.abandoned_after))) {
      return RepeatTicket{.scope = mine.scope, .key = mine.key, .begun_at = now};
    }
    const auto found = KATIP_TRY(store::find_idempotency_key(*connection, mine.scope, mine.key));
    if (!found) continue;
    if (found->request_hash != mine.request_hash) return RepeatOther{};
    if (!found->response_status) return RepeatRunning{};
    if (!found->response_body) {
      return fail(
          ErrorCode::kConflict,
          "this request was done already, but its answer could not be kept; ask for what it "
          "made instead of sending it again");
    }
    return KeptAnswer{.status = *found->response_status,
                      .media_type = found->response_type.value_or(""),
                      .location = found->response_location.value_or(""),
                      .body = *found->response_body};
  }
  return RepeatRunning{};
}

Result<bool> Idempotency::finish(const RepeatTicket& ticket, const KeptAnswer& answer,
                                 std::stop_token stop) {
  if (!can_be_kept(answer, options_.body_size_max)) {
    return finish_unkept(ticket, answer.status, std::move(stop));
  }
  store::IdempotencyRecord record = record_of(ticket, answer.status);
  record.response_body = answer.body;
  if (!answer.media_type.empty()) record.response_type = answer.media_type;
  if (!answer.location.empty()) record.response_location = answer.location;
  const store::PooledConnection connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  return store::finish_idempotency_key(*connection, record);
}

Result<bool> Idempotency::finish_unkept(const RepeatTicket& ticket, int status,
                                        std::stop_token stop) {
  const store::PooledConnection connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  return store::finish_idempotency_key(*connection, record_of(ticket, status));
}

Status Idempotency::release(const RepeatTicket& ticket, std::stop_token stop) {
  const store::PooledConnection connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  KATIP_TRY(store::release_idempotency_key(*connection, record_of(ticket, std::nullopt)));
  return {};
}

Result<std::int64_t> Idempotency::prune(std::stop_token stop) {
  const store::PooledConnection connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  return store::prune_idempotency_keys(*connection, store::to_timestamp(clock_.calendar()));
}

}  // namespace katip::app
