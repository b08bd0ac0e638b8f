#include "remote/outgoing_guard.h"

#include <array>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "base/scripted_server.h"
#include "remote/http_client.h"

namespace katip::remote {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

const std::string kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

OutgoingGuard::Resolver gives(std::vector<std::string> addresses) {
  return [addresses = std::move(addresses)](const std::string&) -> Result<std::vector<IpAddress>> {
    std::vector<IpAddress> result;
    for (const std::string& text : addresses) result.push_back(IpAddress::parse(text).value());
    return result;
  };
}

OutgoingGuard guard(const std::vector<std::string>& allow, OutgoingGuard::Resolver resolver = {}) {
  auto made = OutgoingGuard::create(allow, std::move(resolver));
  EXPECT_TRUE(made) << made.error().message;
  return *std::move(made);
}

HttpClient client(OutgoingGuard guard, const Clock& clock) {
  HttpOptions options;
  options.guard = std::move(guard);
  options.clock = &clock;
  options.attempt_count_max = 1;
  options.redirect_count_max = 3;
  options.connect_timeout = 300ms;
  return HttpClient(options);
}

std::string port_of(const ScriptedServer& server) {
  const std::string url = server.url("");
  return url.substr(url.rfind(':') + 1);
}

/// Numbers that are no public address, in every spelling that some reader takes.
std::vector<std::string> forbidden_hosts() {
  std::vector<std::string> hosts = {
      // 127.0.0.1 in decimal, octal, hexadecimal, short forms and mixtures
      "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7F.1", "0x7f.0x0.0x0.0x1",
      "0177.0.0.1", "0177.1", "017700000001", "00000177.0.0.0001", "127.0.0.1.", "0x7f.00.0.01",
      "127.255.255.254", "127.000.000.001", "0", "0.0.0.0", "0x0", "00", "0.0",
      // full-width and circled digits, and dots that IDN reads as dots
      "①②⑦.⓪.⓪.①", "１２７.0.0.1", "127。0。0。1", "127．0．0．1", "⑯⑨。②⑤④。⑯⑨｡②⑤④",
      "%31%32%37.0.0.1", "127.0.0.%31",
      // clouds' metadata, private, shared, benchmarks, documentation, multicast, reserved
      "169.254.169.254", "2852039166", "0xA9FEA9FE", "0251.0376.0251.0376", "169.254.43518",
      "10.0.0.1", "10.255.255.255", "012.1.2.3", "0xa.1.2.3", "167772161", "172.16.0.1",
      "172.31.255.255", "0xac100001", "192.168.0.1", "192.168.1", "3232235521", "0300.0250.0.1",
      "100.64.0.1", "100.127.255.255", "198.18.0.1", "198.19.255.255", "192.0.0.8", "192.0.2.1",
      "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
      "255.255.255.255", "4294967295",
      // IPv6: loopback, unspecified, mapped, compatible, NAT64, 6to4, Teredo, local, multicast
      "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
      "[0:0:0:0:0:ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "[::ffff:8.8.8.8]", "[::127.0.0.1]",
      "[64:ff9b::127.0.0.1]", "[64:ff9b::8.8.8.8]", "[64:ff9b:1::1]", "[2002:7f00:1::]",
      "[2002:a9fe:a9fe::1]", "[2002:808:808::1]", "[2001::1]",
      "[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[2001:db8::1]", "[fc00::1]", "[fd00:ec2::254]",
      "[fdff:ffff::1]", "[fe80::1]", "[fe80::1%25lo]", "[febf::1]", "[fec0::1]", "[ff02::1]",
      "[ff0e::1]", "[100::1]", "[4000::1]"};
  // names, which the resolver of the test answers with 127.0.0.1
  for (const char* name :
       {"localhost", "LOCALHOST", "localhost.", "localtest.me", "127.0.0.1.nip.io", "metadata",
        "metadata.google.internal", "spoofed.example.com", "xn--bcher-kva.example",
        "bücher.example", "ｌｏｃａｌｈｏｓｔ", "a.b.c.d.e", "1.2.3.4.example", "-x.example",
        "under_score.example", "0x7f.example", "127.0.0.1.example", "kubernetes.default.svc"}) {
    hosts.emplace_back(name);
  }
  return hosts;
}

constexpr auto kOddForms =
    std::to_array<const char*>({"http://user@127.0.0.1:{}/",
                                "http://user:pw@127.0.0.1:{}/",
                                "http://example.com@127.0.0.1:{}/",
                                "http://127.0.0.1:{}#@example.com/",
                                "http://127.0.0.1:{}?@example.com/",
                                "http://example.com#@127.0.0.1:{}/",
                                "http://127.0.0.1:{}\\@example.com/",
                                "http://example.com\\@127.0.0.1:{}/",
                                "http:\\\\127.0.0.1:{}/",
                                "http:/127.0.0.1:{}/",
                                "http:127.0.0.1:{}/",
                                "http:///127.0.0.1:{}/",
                                "http:////127.0.0.1:{}/",
                                "//127.0.0.1:{}/",
                                "127.0.0.1:{}/",
                                "file:///etc/passwd",
                                "FILE:///etc/passwd",
                                "ftp://127.0.0.1:{}/",
                                "gopher://127.0.0.1:{}/",
                                "dict://127.0.0.1:{}/",
                                "ldap://127.0.0.1:{}/",
                                "smb://127.0.0.1:{}/x",
                                "scp://127.0.0.1:{}/",
                                "tftp://127.0.0.1:{}/x",
                                "telnet://127.0.0.1:{}/",
                                "imap://127.0.0.1:{}/",
                                "ws://127.0.0.1:{}/",
                                "jar:http://127.0.0.1:{}/!/",
                                "javascript:alert(1)",
                                "data:text/plain,x",
                                "about:blank",
                                "unix:/run/docker.sock",
                                "http+unix://%2Frun%2Fdocker.sock/",
                                "http://",
                                "https://",
                                "http://:{}/",
                                "http://127.0.0.1 :{}/",
                                " http://127.0.0.1:{}/",
                                "http://127.0.0.1:{}/ x",
                                "http://127.0.0.1:{}/\r\nX: y",
                                "http://127.0.0.1\t:{}/",
                                "http://127.0.0.1\x01:{}/",
                                "http://127.0.0.1:{}x/",
                                "http://127.0.0.1:99999/",
                                "http://127.0.0.1:-1/",
                                "http://127.0.0.1:0/",
                                "http://[::1:{}/",
                                "http://::1:{}/",
                                "http://[127.0.0.1]:{}/",
                                "http://[]:{}/",
                                "http://[::1]x:{}/",
                                "http://[::1%lo]:{}/",
                                "http://%00127.0.0.1:{}/",
                                "http://127.0.0.1%00.example.com:{}/",
                                "http://127.0.0.1%2f@example.com:{}/",
                                "http://exa mple.com:{}/",
                                "HTTP://127.0.0.1:{}/",
                                "hTTps://127.0.0.1:{}/",
                                "http://127.0.0.1:{}/?url=http://example.com",
                                "",
                                "x",
                                ":",
                                "://",
                                "{}"});

std::vector<std::string> odd_urls(const std::string& port) {
  std::vector<std::string> urls;
  for (const char* form : kOddForms) {
    urls.push_back(fmt::format(fmt::runtime(form), port));
  }
  urls.push_back("http://example.com/" + std::string(3000, 'a'));
  return urls;
}

TEST(OutgoingGuard, LeadsNobodyToAMachineOfThisNetwork) {
  const ManualClock clock;
  ScriptedServer canary(std::vector<std::string>(1000, kAnswer));
  std::vector<std::string> urls = odd_urls(port_of(canary));
  for (const std::string& host : forbidden_hosts()) {
    urls.push_back("http://" + host + "/");
    urls.push_back("https://" + host + "/latest/meta-data/");
    urls.push_back("http://" + host + ":" + port_of(canary) + "/x");
    urls.push_back("http://" + host + ":8080");
  }
  EXPECT_GE(urls.size(), 300U);
  const HttpClient strict = client(guard({}, gives({"127.0.0.1"})), clock);
  for (const std::string& url : urls) {
    const auto got = strict.get({.url = url}, {});
    ASSERT_FALSE(got) << url;
    EXPECT_THAT(got.error().code,
                testing::AnyOf(ErrorCode::kInvalidArgument, ErrorCode::kPermissionDenied))
        << url << ": " << got.error().message;
    EXPECT_FALSE(strict.send({.url = url, .method = Method::kPost, .body = "x"}, {})) << url;
  }
  EXPECT_TRUE(canary.requests().empty());
  // The canary does sing: without the guard it is reached.
  const HttpClient open = client(guard({"127.0.0.1:" + port_of(canary)}), clock);
  EXPECT_TRUE(open.get({.url = canary.url("/")}, {}));
  EXPECT_EQ(canary.requests().size(), 1U);
}

TEST(OutgoingGuard, AcceptsTheInternet) {
  const OutgoingGuard strict = guard({}, gives({"93.184.216.34", "2606:2800:220:1::1"}));
  for (const char* url :
       {"https://example.com/hook?a=b#c", "http://example.com", "https://example.com:443/",
        "http://example.com:80/", "https://1.1.1.1/", "https://[2606:4700::1111]/",
        "http://8.8.8.8", "https://bücher.example/ş", "https://EXAMPLE.com/",
        "https://xn--bcher-kva.example/"}) {
    const auto target = strict.check(url);
    EXPECT_TRUE(target) << url << ": " << target.error().message;
    EXPECT_TRUE(strict.check_text(url)) << url;
  }
  EXPECT_EQ(strict.check("https://bücher.example/x")->host, "xn--bcher-kva.example");
}

TEST(OutgoingGuard, OneForbiddenAddressForbidsTheHost) {
  for (const char* bad : {"127.0.0.1", "10.0.0.1", "::1", "fd00::1", "::ffff:1.1.1.1"}) {
    EXPECT_EQ(guard({}, gives({"1.1.1.1", bad})).check("https://example.com/").error().code,
              ErrorCode::kPermissionDenied)
        << bad;
  }
  EXPECT_EQ(guard({}, gives({})).check("https://example.com/").error().code,
            ErrorCode::kUnavailable);
}

TEST(OutgoingGuard, WhatIsAllowedBesidesIsExactlyThat) {
  const OutgoingGuard some =
      guard({"10.2.0.0/16", "nas:8080", "*.intra.example", "[fd00::/8]:9000", "192.168.1.7:81"},
            gives({"10.1.0.1"}));
  for (const char* url :
       {"http://10.2.3.4/", "http://10.2.3.4:1234/", "http://nas:8080/", "http://NAS:8080/x",
        "https://a.intra.example/", "http://a.b.INTRA.example.:99/", "http://[fd00::5]:9000/",
        "http://192.168.1.7:81/"}) {
    const auto target = some.check(url);
    EXPECT_TRUE(target) << url << ": " << target.error().message;
  }
  for (const char* url :
       {"http://10.3.3.4/", "http://nas/", "http://nas:8081/", "http://intra.example/",
        "http://aintra.example/", "http://intra.example.com/", "http://[fd00::5]:9001/",
        "http://192.168.1.7/", "http://192.168.1.8:81/", "http://[::ffff:10.2.3.4]/"}) {
    EXPECT_FALSE(some.check(url)) << url;
  }
}

TEST(OutgoingGuard, AWrongEntryIsNamed) {
  for (const char* entry :
       {"", "10.0.0.0/33", "10.0.0/8", "a b", "nas:", "nas:0", "nas:70000", "[::1", "[::1]x",
        "::1/129", "http://nas/", "*", "nas/8", "ş.example"}) {
    const auto made = OutgoingGuard::create({"nas", entry});
    ASSERT_FALSE(made) << entry;
    EXPECT_THAT(made.error().message, HasSubstr(fmt::format("`{}`", entry)));
  }
}

TEST(OutgoingGuard, ANameThatChangesItsMindGainsNothing) {
  const ManualClock clock;
  ScriptedServer canary(std::vector<std::string>(9, kAnswer));
  const std::string port = port_of(canary);
  int asked = 0;
  const auto rebinds = [&](const std::string&) -> Result<std::vector<IpAddress>> {
    const char* text = asked++ == 0 ? "127.0.0.2" : "127.0.0.1";
    return std::vector<IpAddress>{*IpAddress::parse(text)};
  };
  // 127.0.0.2 is allowed and nobody listens there; a second look-up would lead to the canary.
  const HttpClient one = client(guard({"127.0.0.2/32:" + port}, rebinds), clock);
  EXPECT_EQ(one.get({.url = "http://rebind.example:" + port + "/"}, {}).error().code,
            ErrorCode::kUnavailable);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(one.get({.url = "http://rebind.example:" + port + "/"}, {}).error().code,
            ErrorCode::kPermissionDenied);
  EXPECT_TRUE(canary.requests().empty());
}

TEST(OutgoingGuard, TheConnectionGoesToTheAddressThatWasLookedAt) {
  const ManualClock clock;
  ScriptedServer server({kAnswer});
  const std::string port = port_of(server);
  const HttpClient one = client(guard({"127.0.0.1:" + port}, gives({"127.0.0.1"})), clock);
  const auto got = one.get({.url = "http://nowhere.invalid:" + port + "/x"}, {});
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_THAT(server.requests().at(0), HasSubstr("Host: nowhere.invalid:" + port));
}

TEST(OutgoingGuard, EveryRedirectIsCheckedAgain) {
  const ManualClock clock;
  for (int status : {300, 301, 302, 303, 307, 308}) {
    for (const char* target :
         {"http://127.0.0.1:{}/", "http://0x7f.1:{}/", "//127.0.0.1:{}/",
          "http://user@127.0.0.3:{}/", "http://[::1]:{}/", "ftp://127.0.0.1:{}/"}) {
      ScriptedServer canary({kAnswer});
      const std::string location = fmt::format(fmt::runtime(target), port_of(canary));
      ScriptedServer server({fmt::format(
          "HTTP/1.1 {} X\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", status, location)});
      const HttpClient one = client(guard({"127.0.0.1:" + port_of(server)}), clock);
      EXPECT_FALSE(one.get({.url = server.url("/")}, {})) << status << " " << location;
      EXPECT_TRUE(canary.requests().empty()) << status << " " << location;
    }
  }
}

TEST(OutgoingGuard, ThreeRedirectsAndNoMore) {
  const ManualClock clock;
  const std::string again = "HTTP/1.1 302 X\r\nLocation: /\r\nContent-Length: 0\r\n\r\n";
  ScriptedServer server(std::vector<std::string>(9, again));
  const HttpClient one = client(guard({"127.0.0.1"}), clock);
  EXPECT_FALSE(one.get({.url = server.url("/")}, {}));
  EXPECT_EQ(server.requests().size(), 4U);
}

TEST(OutgoingGuard, ProxiesOfTheEnvironmentAreNotUsed) {
  const ManualClock clock;
  ScriptedServer server({kAnswer});
  ScriptedServer proxy({kAnswer});
  ::setenv("http_proxy", proxy.url("").c_str(), 1);
  const HttpClient one = client(guard({"127.0.0.1"}), clock);
  EXPECT_TRUE(one.get({.url = server.url("/")}, {}));
  ::unsetenv("http_proxy");
  EXPECT_TRUE(proxy.requests().empty());
  EXPECT_EQ(server.requests().size(), 1U);
}

}  // namespace
}  // namespace katip::remote
