#include <gmock/gmock.h>

#include "store/conformance/schema_conformance.h"
#include "store/idempotency_store.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h;
constexpr Timestamp kNever = kNow - 24h;

class IdempotencyConformance : public SchemaConformance {
 protected:
  static IdempotencyRecord record(Timestamp at, char request = 'a') {
    return {.scope = "s",
            .key = "anahtar",
            .request_hash = std::string(64, request),
            .created_at = at,
            .expires_at = at + 24h};
  }
  bool take(const IdempotencyRecord& record, Timestamp abandoned_before = kNever) const {
    return must(take_idempotency_key(sql(), record, abandoned_before));
  }
  IdempotencyRecord get() const { return *must(find_idempotency_key(sql(), "s", "anahtar")); }
};
KATIP_CONFORMANCE(IdempotencyConformance);

TEST_P(IdempotencyConformance, AKeyIsTakenOnceAndItsAnswerKept) {
  EXPECT_EQ(must(find_idempotency_key(sql(), "s", "anahtar")), std::nullopt);
  EXPECT_TRUE(take(record(kNow)));
  EXPECT_FALSE(take(record(kNow + 1s)));
  EXPECT_EQ(get().response_status, std::nullopt);
  IdempotencyRecord done = record(kNow);
  done.response_status = 201;
  done.response_type = "application/json";
  done.response_location = "/api/v1/things/1";
  done.response_body = R"({"id":"ş"})";
  EXPECT_TRUE(must(finish_idempotency_key(sql(), done)));
  EXPECT_EQ(get().response_status, 201);
  EXPECT_EQ(get().response_type, "application/json");
  EXPECT_EQ(get().response_location, "/api/v1/things/1");
  EXPECT_EQ(get().response_body, R"({"id":"ş"})");
  EXPECT_FALSE(must(finish_idempotency_key(sql(), done))) << "once";
  EXPECT_FALSE(must(release_idempotency_key(sql(), done))) << "what is done stays";
}

TEST_P(IdempotencyConformance, WhoeverDiedIsReplacedByTheSameRequestOnly) {
  EXPECT_TRUE(take(record(kNow)));
  EXPECT_FALSE(take(record(kNow + 1h, 'b'), kNow)) << "another request";
  EXPECT_FALSE(take(record(kNow + 1h), kNow - 1ms)) << "not yet";
  EXPECT_TRUE(take(record(kNow + 1h), kNow));
  IdempotencyRecord dead = record(kNow);
  dead.response_status = 200;
  EXPECT_FALSE(must(finish_idempotency_key(sql(), dead))) << "it is not its key any more";
  EXPECT_FALSE(must(release_idempotency_key(sql(), dead)));
}

TEST_P(IdempotencyConformance, WhatHasExpiredIsForgotten) {
  EXPECT_TRUE(take(record(kNow)));
  IdempotencyRecord done = record(kNow);
  done.response_status = 200;
  EXPECT_TRUE(must(finish_idempotency_key(sql(), done)));
  EXPECT_TRUE(take(record(kNow + 24h, 'b'))) << "for any request";
  EXPECT_EQ(get().response_status, std::nullopt);
  EXPECT_TRUE(must(release_idempotency_key(sql(), record(kNow + 24h, 'b'))));
  EXPECT_TRUE(take(record(kNow)));
  EXPECT_EQ(must(prune_idempotency_keys(sql(), kNow + 24h)), 1);
}

}  // namespace
}  // namespace katip::store
