#include "store/wait_for_database.h"

#include <gtest/gtest.h>

#include "base/manual_clock.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;

TEST(WaitForDatabase, TriesAgainUntilTheTimeIsOver) {
  ManualClock clock;
  ConnectionOptions options;
  options.clock = &clock;
  options.connect_timeout = 1s;
  int told = 0;
  const auto url = DatabaseUrl::parse("postgresql://katip@127.0.0.1:1/none").value();
  const auto begin = clock.now();
  const auto connection = open_when_ready(
      url, options, {.time_max = 20s, .on_wait = [&](const std::string&) { ++told; }});
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code, ErrorCode::kUnavailable) << connection.error().message;
  EXPECT_EQ(told, 1) << "one reason is told once";
  EXPECT_GE(clock.now() - begin, 20s);
}

TEST(WaitForDatabase, WhatWaitingDoesNotMendIsAnErrorAtOnce) {
  ManualClock clock;
  ConnectionOptions options;
  options.clock = &clock;
  const auto url = DatabaseUrl::parse("sqlite:////no/such/folder/x.db").value();
  const auto begin = clock.now();
  EXPECT_FALSE(open_when_ready(url, options, {}));
  EXPECT_EQ(clock.now(), begin);
}

}  // namespace
}  // namespace katip::store
