#include "http/monitor_gate.h"

#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "http/wire/base64.h"

namespace katip::http {
namespace {

class NoGate final : public Gate {
 public:
  std::expected<Headers, Failure> admit(Request&, const Route&) override { return Headers(); }
};

class MonitorGateTest : public ::testing::Test {
 protected:
  /// The status that a request gets; 200: it is let in.
  int ask(const std::string& authorization, Request request = {}, const Route& route = {}) {
    if (!authorization.empty()) request.headers.set("Authorization", authorization);
    request.client_ip = "192.0.2.7";
    const auto admitted = gate_.admit(request, route);
    last_ = request.principal;
    return admitted ? 200 : admitted.error().status;
  }
  static std::string basic(const std::string& text) { return "Basic " + base64_encoded(text); }

  ManualClock clock_;
  NoGate other_;
  MonitorGate gate_{Secret("correct horse"), other_, clock_};
  app::Principal last_;
};

TEST_F(MonitorGateTest, OnlyThePasswordOpens) {
  EXPECT_EQ(ask(basic("anybody:correct horse")), 200);
  EXPECT_EQ(ask(basic(":correct horse")), 200);
  for (const std::string& wrong :
       {std::string(), basic("a:correct hors"), basic("a:correct horse "), basic("correct horse"),
        basic(""), std::string("Basic ???"), std::string("Bearer correct horse"),
        std::string("Basic")}) {
    EXPECT_EQ(ask(wrong), 401) << wrong;
  }
}

TEST_F(MonitorGateTest, WhoComesInMayOperateAndNothingElse) {
  const std::string good = basic("a:correct horse");
  EXPECT_EQ(ask(good, {}, {.permission = app::Permission::kOperate}), 200);
  EXPECT_TRUE(last_.sees_all);
  for (const auto permission : {app::Permission::kAdminister, app::Permission::kTranscribe,
                                app::Permission::kReadJobs, app::Permission::kWriteJobs}) {
    EXPECT_EQ(ask(good, {}, {.permission = permission}), 403);
  }
}

TEST_F(MonitorGateTest, APageOfSomebodyElseChangesNothing) {
  const std::string good = basic("a:correct horse");
  const auto post = [](const char* site) {
    return Request{.method = Method::kPost, .headers = {{"Sec-Fetch-Site", site}}};
  };
  EXPECT_EQ(ask(good, post("same-origin")), 200);
  EXPECT_EQ(ask(good, post("cross-site")), 403);
  EXPECT_EQ(ask(good, {.method = Method::kPost}), 403);
}

TEST_F(MonitorGateTest, GuessingIsSlowedDown) {
  for (int i = 0; i < 30; ++i) ASSERT_EQ(ask(basic("a:guess")), 401) << i;
  EXPECT_EQ(ask(basic("a:guess")), 429);
  EXPECT_EQ(ask(basic("a:correct horse")), 429) << "a right guess is a guess";
  EXPECT_EQ(ask(""), 401) << "who only comes along is asked";
  clock_.advance(std::chrono::minutes(2));
  EXPECT_EQ(ask(basic("a:correct horse")), 200);
}

}  // namespace
}  // namespace katip::http
