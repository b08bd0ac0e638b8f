#include "http/proxies.h"

#include <gtest/gtest.h>

namespace katip::http {
namespace {

TrustedProxies trusted(std::vector<std::string> networks,
                       ProxyHeader header = ProxyHeader::kXForwardedFor) {
  return TrustedProxies::parse(networks, header).value();
}

std::string client_ip(const TrustedProxies& proxies, const Headers& headers,
                      const std::string& peer = "10.0.0.1") {
  return proxies.client_of(headers, {.ip = peer}).ip;
}

TEST(TrustedProxies, WhatNobodyTrustedSaysIsNotBelieved) {
  const Headers headers = {{"X-Forwarded-For", "192.0.2.7"}, {"X-Forwarded-Proto", "https"}};
  for (const auto& proxies : {TrustedProxies(), trusted({"10.0.0.0/8"})}) {
    const Client client = proxies.client_of(headers, {.ip = "203.0.113.9"});
    EXPECT_EQ(client.ip, "203.0.113.9");
    EXPECT_FALSE(client.is_secure);
  }
}

TEST(TrustedProxies, TheClientIsTheLastOneThatIsNoProxy) {
  const auto proxies = trusted({"10.0.0.0/8", "::1"});
  EXPECT_EQ(client_ip(proxies, {{"X-Forwarded-For", "192.0.2.7"}}), "192.0.2.7");
  // Whatever a client sends stands to the left of what the proxy adds.
  EXPECT_EQ(client_ip(proxies, {{"X-Forwarded-For", "127.0.0.1, 192.0.2.7, 10.1.2.3"}}),
            "192.0.2.7");
  EXPECT_EQ(client_ip(proxies, {{"X-Forwarded-For", "1.1.1.1"}, {"x-forwarded-for", "192.0.2.7"}}),
            "192.0.2.7");
  EXPECT_EQ(client_ip(proxies, {{"X-Forwarded-For", "10.9.9.9, 10.1.2.3"}}), "10.9.9.9");
  EXPECT_EQ(client_ip(proxies, {{"X-Forwarded-For", "192.0.2.7:4711"}}, "::1"), "192.0.2.7");
  EXPECT_EQ(client_ip(proxies, {{"X-Forwarded-For", "[2001:db8::1]:80"}}), "2001:db8::1");
  EXPECT_EQ(client_ip(proxies, {{"X-Forwarded-For", "2001:db8::1"}}, "::ffff:10.0.0.1"),
            "2001:db8::1");
  for (const char* nobody : {"", "unknown", "192.0.2.7, _hidden", "192.0.2.7, <script>"}) {
    EXPECT_EQ(client_ip(proxies, {{"X-Forwarded-For", nobody}}), "10.0.0.1") << nobody;
  }
  EXPECT_EQ(client_ip(proxies, {{"Forwarded", "for=192.0.2.7"}}), "10.0.0.1")
      << "a header that the proxy does not write is that of the client";
}

TEST(TrustedProxies, TheSchemeIsThatOfTheClientsConnection) {
  const auto proxies = trusted({"10.0.0.0/8"});
  const auto is_secure = [&](const std::string& way, const std::string& schemes) {
    return proxies
        .client_of({{"X-Forwarded-For", way}, {"X-Forwarded-Proto", schemes}}, {.ip = "10.0.0.1"})
        .is_secure;
  };
  EXPECT_TRUE(is_secure("192.0.2.7", "https"));
  EXPECT_TRUE(is_secure("192.0.2.7", "HTTPS"));
  EXPECT_FALSE(is_secure("192.0.2.7", "http"));
  EXPECT_TRUE(is_secure("192.0.2.7, 10.1.1.1", "https, http"));
  EXPECT_FALSE(is_secure("6.6.6.6, 192.0.2.7", "https, http"));
  EXPECT_TRUE(is_secure("192.0.2.7, 10.1.1.1", "https"));
}

TEST(TrustedProxies, ForwardedIsReadWhereTheProxiesWriteIt) {
  const auto proxies = trusted({"10.0.0.0/8", "fd00::/8"}, ProxyHeader::kForwarded);
  const Client client = proxies.client_of(
      {{"Forwarded", R"(for=6.6.6.6, for="[2001:db8::1]:4711";Proto=https;by=10.0.0.1)"},
       {"Forwarded", R"(for="[fd00::1]")"},
       {"X-Forwarded-For", "7.7.7.7"}},
      {.ip = "10.0.0.1"});
  EXPECT_EQ(client.ip, "2001:db8::1");
  EXPECT_TRUE(client.is_secure);
  EXPECT_EQ(client_ip(proxies, {{"Forwarded", "for=unknown"}}), "10.0.0.1");
  EXPECT_EQ(client_ip(proxies, {{"Forwarded", ";;=,\"for="}}), "10.0.0.1");
}

TEST(TrustedProxies, AreNetworksOfEitherKind) {
  const auto proxies = trusted({"10.0.0.0/9", "192.0.2.7"});
  EXPECT_EQ(client_ip(proxies, {{"X-Forwarded-For", "1.1.1.1"}}, "10.127.0.1"), "1.1.1.1");
  EXPECT_EQ(client_ip(proxies, {{"X-Forwarded-For", "1.1.1.1"}}, "10.128.0.1"), "10.128.0.1");
  EXPECT_EQ(client_ip(proxies, {{"X-Forwarded-For", "1.1.1.1"}}, "192.0.2.8"), "192.0.2.8");
  EXPECT_EQ(client_ip(trusted({"0.0.0.0/0"}), {{"X-Forwarded-For", "1.1.1.1"}}, "::1"), "::1");
  for (const char* wrong : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "proxy",
                            "::/129", "10.0.0/8"}) {
    const auto parsed = TrustedProxies::parse({wrong}, ProxyHeader::kXForwardedFor);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace katip::http
