#include "store/database_url.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "base/suggestion.h"

// Tested by database_url_test.cc. No message of this file quotes the URL: whatever is wrong with
// it, a part of it may be a password.
namespace katip::store {
namespace {

std::unexpected<Error> refuse(std::string why) {
  return fail(ErrorCode::kInvalidArgument, "the database URL " + std::move(why));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

Result<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0 || high + low == 0) {
      return refuse("holds a `%` that two hexadecimal digits do not follow; write %25 for itself");
    }
    decoded.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  if (decoded.find('\0') != std::string::npos) {
    return refuse("holds a zero byte");
  }
  return decoded;
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                          (c >= 'A' && c <= 'Z') || std::string_view("-._~,:[]").contains(c);
    is_plain ? encoded.push_back(c)
             : static_cast<void>(fmt::format_to(std::back_inserter(encoded), "%{:02X}",
                                                static_cast<unsigned char>(c)));
  }
  return encoded;
}

// What libpq 15 knows and a URL of ours may say. The rest (replication, passfile, service …) would
// change what a connection is, or read files that nobody named.
constexpr auto kSettings = std::to_array<std::string_view>({"application_name",
                                                            "channel_binding",
                                                            "connect_timeout",
                                                            "fallback_application_name",
                                                            "gssencmode",
                                                            "hostaddr",
                                                            "keepalives",
                                                            "keepalives_count",
                                                            "keepalives_idle",
                                                            "keepalives_interval",
                                                            "krbsrvname",
                                                            "options",
                                                            "requirepeer",
                                                            "sslcert",
                                                            "sslcompression",
                                                            "sslcrl",
                                                            "sslkey",
                                                            "sslmode",
                                                            "sslpassword",
                                                            "sslrootcert",
                                                            "sslsni",
                                                            "ssl_max_protocol_version",
                                                            "ssl_min_protocol_version",
                                                            "target_session_attrs",
                                                            "tcp_user_timeout"});

// Names that settings have in other drivers: asyncpg, JDBC.
std::string_view libpq_name(std::string_view key) {
  if (key == "ssl") {
    return "sslmode";
  }
  if (key == "ApplicationName") {
    return "application_name";
  }
  return key;
}

std::string_view libpq_value(std::string_view key, std::string_view value) {
  if (key != "ssl") {
    return value;
  }
  return value == "true" || value == "1" ? "require" : value == "false" ? "disable" : value;
}

bool is_secret(std::string_view key) { return key == "sslpassword"; }

Status check_ports(std::string_view ports) {
  while (!ports.empty()) {
    const std::string_view port = ports.substr(0, ports.find(','));
    unsigned number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    const bool is_whole = error == std::errc{} && end == port.data() + port.size();
    if (!port.empty() && (!is_whole || number == 0 || number > 65535)) {
      return refuse(
          "has no port from 1 to 65535 after its host (in a password write %2F for `/`, %40 for "
          "`@`, %3A for `:` and %23 for `#`)");
    }
    ports.remove_prefix(std::min(ports.size(), port.size() + 1));
  }
  return {};
}

struct Address {
  std::string_view host;
  std::string_view port;
};

// "host", "host:port", "[::1]:port".
Result<Address> split_address(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) {
      return refuse("has a `[` without its `]`");
    }
    const std::string_view rest = text.substr(close + 1);
    if (!rest.empty() && !rest.starts_with(':')) {
      return refuse("has something else than a port after `]`");
    }
    return Address{text.substr(1, close - 1), rest.empty() ? rest : rest.substr(1)};
  }
  const std::size_t colon = text.find(':');
  return colon == std::string_view::npos ? Address{text, {}}
                                         : Address{text.substr(0, colon), text.substr(colon + 1)};
}

// "key=value key=value", libpq's other form, looks like a path and may hold a password.
bool is_conninfo(std::string_view text) {
  constexpr std::array<std::string_view, 8> kKeys = {
      "host=", "hostaddr=", "port=", "user=", "password=", "dbname=", "service=", "sslmode="};
  return std::ranges::any_of(kKeys, [&](auto key) { return text.contains(key); });
}

}  // namespace

std::string_view name(Dialect dialect) {
  return dialect == Dialect::kSqlite ? "sqlite" : "postgresql";
}

Result<DatabaseUrl> DatabaseUrl::parse(std::string_view text) {
  if (text.empty()) {
    return refuse("is empty; write sqlite:///katip.db or postgresql://user@host/name");
  }
  if (text.find('\0') != std::string_view::npos) {
    return refuse("holds a zero byte");
  }
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) {
    if (is_conninfo(text) || text.contains('@') || text.starts_with("sqlite:") ||
        text.starts_with("postgres") || text.starts_with("file:")) {
      return refuse(
          "has no scheme; write postgresql://user@host/name, or sqlite:/// before a path");
    }
    DatabaseUrl url;
    url.path_ = std::filesystem::path(text);
    return url;
  }
  const std::string_view scheme = text.substr(0, colon);
  const std::string_view rest = text.substr(colon + 3);
  const std::string_view base = scheme.substr(0, scheme.find('+'));
  if (base == "sqlite") {
    return parse_sqlite(rest);
  }
  if (base == "postgresql" || base == "postgres") {
    return parse_postgres(rest);
  }
  return refuse("begins with neither sqlite:// nor postgresql://; katip knows those two databases");
}

Result<DatabaseUrl> DatabaseUrl::parse_sqlite(std::string_view rest) {
  if (rest.contains('?') || rest.contains('#')) {
    return refuse("has options, which SQLite takes none of (in a path write %3F for `?`)");
  }
  DatabaseUrl url;
  if (rest.empty() || rest == "/") {
    url.path_ = ":memory:";
    return url;
  }
  if (!rest.starts_with('/')) {
    return refuse("needs three slashes before a relative path and four before an absolute one");
  }
  url.path_ = KATIP_TRY(percent_decoded(rest.substr(1)));
  return url;
}

Result<DatabaseUrl> DatabaseUrl::parse_postgres(std::string_view rest) {
  if (rest.contains('#')) {
    return refuse("holds a `#`; in a password write %23");
  }
  DatabaseUrl url;
  url.dialect_ = Dialect::kPostgres;
  const std::size_t question = rest.find('?');
  std::string_view query = question == std::string_view::npos ? "" : rest.substr(question + 1);
  rest = rest.substr(0, question);
  const std::size_t slash = rest.find('/');
  if (slash != std::string_view::npos) {
    url.database_ = KATIP_TRY(percent_decoded(rest.substr(slash + 1)));
    rest = rest.substr(0, slash);
  }
  KATIP_TRY(url.parse_authority(rest));
  while (!query.empty()) {
    const std::string_view option = query.substr(0, query.find('&'));
    const std::size_t equals = option.find('=');
    if (equals == std::string_view::npos) {
      return refuse("has an option without `=` after its `?`");
    }
    const std::string key = KATIP_TRY(percent_decoded(option.substr(0, equals)));
    const std::string value = KATIP_TRY(percent_decoded(option.substr(equals + 1)));
    KATIP_TRY(url.parse_setting(key, value));
    query.remove_prefix(std::min(query.size(), option.size() + 1));
  }
  KATIP_TRY(check_ports(url.port_));
  return url;
}

// The last `@` counts: a password that holds one unescaped is still read.
Status DatabaseUrl::parse_authority(std::string_view authority) {
  const std::size_t at = authority.rfind('@');
  std::string_view addresses = authority;
  if (at != std::string_view::npos) {
    const std::string_view login = authority.substr(0, at);
    const std::size_t colon = login.find(':');
    user_ = KATIP_TRY(percent_decoded(login.substr(0, colon)));
    if (colon != std::string_view::npos) {
      password_ = Secret(KATIP_TRY(percent_decoded(login.substr(colon + 1))));
    }
    addresses = authority.substr(at + 1);
  }
  bool is_first = true;
  while (!addresses.empty()) {
    const std::string_view text = addresses.substr(0, addresses.find(','));
    const Address address = KATIP_TRY(split_address(text));
    const std::string host = KATIP_TRY(percent_decoded(address.host));
    host_ += (is_first ? "" : ",") + host;
    port_ += (is_first ? "" : ",") + std::string(address.port);
    is_first = false;
    addresses.remove_prefix(std::min(addresses.size(), text.size() + 1));
  }
  if (std::ranges::all_of(port_, [](char c) { return c == ','; })) {
    port_.clear();
  }
  return {};
}

Status DatabaseUrl::parse_setting(std::string_view key, std::string_view value) {
  if (key == "host") {
    host_ = value;
  } else if (key == "port") {
    port_ = value;
  } else if (key == "user") {
    user_ = value;
  } else if (key == "password") {
    password_ = Secret(std::string(value));
  } else if (key == "dbname") {
    database_ = value;
  } else if (std::ranges::find(kSettings, libpq_name(key)) != kSettings.end()) {
    settings_.push_back({std::string(libpq_name(key)), std::string(libpq_value(key, value))});
  } else {
    // An option's name is shown only when it is near a known one: else it may be half a password.
    const std::optional<std::string> near = nearest(key, kSettings);
    return refuse("has an option that libpq does not know." + did_you_mean(near));
  }
  return {};
}

std::string DatabaseUrl::masked() const {
  if (dialect_ == Dialect::kSqlite) {
    return "sqlite:///" + path_.string();
  }
  std::string text = "postgresql://";
  if (!user_.empty() || !password_.empty()) {
    text += percent_encoded(user_) + (password_.empty() ? "" : ":***") + "@";
  }
  const bool is_one = !host_.contains(',') && !port_.contains(',');
  const bool is_bare_v6 = is_one && host_.contains(':');
  text += is_bare_v6 ? "[" + host_ + "]" : percent_encoded(host_);
  if (is_one && !port_.empty()) {
    text += ":" + port_;
  }
  text += "/" + percent_encoded(database_);
  char separator = '?';
  for (const PostgresSetting& setting : settings_) {
    if (!is_secret(setting.key)) {
      text += fmt::format("{}{}={}", separator, setting.key, percent_encoded(setting.value));
      separator = '&';
    }
  }
  return text;
}

}  // namespace katip::store
