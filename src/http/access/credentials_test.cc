#include "http/access/credentials.h"

#include <gtest/gtest.h>

namespace katip::http {
namespace {

std::pair<CredentialKind, std::string> read(Headers headers) {
  const Credentials credentials = read_credentials(headers);
  return {credentials.kind, credentials.secret.reveal()};
}
using Read = std::pair<CredentialKind, std::string>;

TEST(Credentials, AreReadFromWhereClientsPutThem) {
  EXPECT_EQ(read({}), Read(CredentialKind::kNone, ""));
  EXPECT_EQ(read({{"authorization", "Bearer kp_1"}}), Read(CredentialKind::kKey, "kp_1"));
  EXPECT_EQ(read({{"Authorization", "bearer   kp_1 "}}), Read(CredentialKind::kKey, "kp_1"));
  EXPECT_EQ(read({{"Authorization", "Bearer ks_1"}}), Read(CredentialKind::kSession, "ks_1"));
  EXPECT_EQ(read({{"X-API-Key", " kp_1"}}), Read(CredentialKind::kKey, "kp_1"));
  EXPECT_EQ(read({{"Cookie", "a=b; katip_session=ks_1; c=d"}}),
            Read(CredentialKind::kCookie, "ks_1"));
}

TEST(Credentials, AWrongBearerTokenIsNotPassedOverForACookie) {
  EXPECT_EQ(read({{"Cookie", "katip_session=ks_1"}, {"Authorization", "Bearer x"}}),
            Read(CredentialKind::kKey, "x"));
  EXPECT_EQ(read({{"Cookie", "katip_session=ks_1"}, {"Authorization", "Basic eDp5"}}),
            Read(CredentialKind::kKey, "Basic eDp5"));
}

TEST(Cookies, AreFoundByTheirWholeName) {
  const Headers headers{{"Cookie", "xkatip_session=1;katip_sessionx=2; =;;katip_session"},
                        {"Cookie", "katip_session=3"}};
  EXPECT_EQ(cookie_value(headers, kSessionCookie), "3");
  EXPECT_EQ(cookie_value(headers, "nothing"), "");
}

TEST(Cookies, OfASessionAreForThisServerOnly) {
  EXPECT_EQ(session_cookie(Secret("ks_1"), 60, true),
            "katip_session=ks_1; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
  EXPECT_EQ(session_cookie(Secret("ks_1"), 0, false),
            "katip_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
}

bool is_own(Headers headers) {
  headers.add("Host", "katip.example:8002");
  Request request;
  request.headers = std::move(headers);
  return is_from_own_page(request, {"https://app.example"});
}

TEST(Pages, OfThisServerAndAllowedOnesMayUseTheCookie) {
  EXPECT_TRUE(is_own({{"Origin", "http://katip.example:8002"}}));
  EXPECT_TRUE(is_own({{"Origin", "https://KATIP.example:8002"}}));
  EXPECT_TRUE(is_own({{"Origin", "https://app.example"}}));
  EXPECT_TRUE(is_own({{"Sec-Fetch-Site", "same-origin"}}));
  EXPECT_TRUE(is_own({{"X-Requested-With", "curl"}}));
}

TEST(Pages, OfOthersMayNot) {
  EXPECT_FALSE(is_own({}));
  EXPECT_FALSE(is_own({{"Origin", "null"}}));
  EXPECT_FALSE(is_own({{"Origin", "http://katip.example"}}));
  EXPECT_FALSE(is_own({{"Origin", "http://katip.example:8002.evil.example"}}));
  EXPECT_FALSE(is_own({{"Origin", "https://evil.example"}, {"X-Requested-With", "x"}}));
  EXPECT_FALSE(is_own({{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "same-origin"}}));
  EXPECT_FALSE(is_own({{"Sec-Fetch-Site", "cross-site"}, {"X-Requested-With", "x"}}));
  EXPECT_FALSE(is_own({{"Sec-Fetch-Site", "same-site"}}));
}

TEST(Loopback, IsThisMachineByNameOrNumber) {
  for (const char* host : {"", "localhost", "LOCALHOST:8002", "127.0.0.1", "127.0.0.1:8002",
                           "127.1.2.3:1", "[::1]", "[::1]:8002"}) {
    EXPECT_TRUE(is_for_loopback({{"Host", host}})) << host;
  }
  for (const char* host : {"katip.example", "127.evil.example", "localhost.evil.example:8002",
                           "192.168.1.2", "[::2]:8002", "127.0.0.1.evil.example"}) {
    EXPECT_FALSE(is_for_loopback({{"Host", host}})) << host;
  }
}

TEST(Credentials, AProxyLeavesItsMark) {
  EXPECT_FALSE(came_through_proxy({{"Host", "localhost"}, {"Origin", "http://localhost"}}));
  for (const char* mark : {"forwarded", "X-Forwarded-For", "x-real-ip", "Via"}) {
    EXPECT_TRUE(came_through_proxy({{mark, "203.0.113.7"}})) << mark;
  }
}

}  // namespace
}  // namespace katip::http
