#include "cli/config/security_check.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <sys/stat.h>

#include "cli/config/auto_migrate.h"
#include "cli/config/option_table.h"

// Each rule is a function of its own that looks at the environment and adds its findings.
// Tested by security_check_test.cc.
namespace katip::cli {
namespace {

constexpr std::size_t kSecretKeySizeMin = 32;
constexpr std::size_t kPasswordSizeMin = 12;

constexpr std::array<ServerVariable, 15> kServerVariables = {{
    {"SECRET_KEY", "",
     "seals the cursors of lists; without one the database keeps one by chance; sessions, keys and "
     "client secrets are random by themselves; make one with `openssl rand -hex 32`",
     "", "CHANGE_ME_run_openssl_rand_hex_32"},
    {"KATIP_HOST", "", "address that the server listens on", "127.0.0.1", "0.0.0.0"},
    {"KATIP_TLS_CERT", "", "file of the certificate chain", "", "/etc/katip/tls/fullchain.pem"},
    {"KATIP_TLS_KEY", "", "file of its private key, readable by katip only", "",
     "/etc/katip/tls/privkey.pem"},
    {"DATABASE_URL", "", "postgresql://… ; empty: SQLite in the data folder", "",
     "postgresql://katip:CHANGE_ME@db:5432/katip?sslmode=verify-full"},
    {"AUTO_MIGRATE", "", "on: each start brings the schema up to date; empty: on SQLite only", "",
     ""},
    {"AUTO_MIGRATE_TIMEOUT", "",
     "seconds that a start waits for the database and for another migrator; empty: 60", "", ""},
    {"REDIS_URL", "", "redis://… ; empty: state is kept in the process", "",
     "redis://redis:6379/0"},
    {"REDIS_PASSWORD", "", "password of that Redis", "", "CHANGE_ME"},
    {"KATIP_MONITOR_PORT", "", "port of the dashboard alone; empty: none", "", "5555"},
    {"MONITOR_PASSWORD", "FLOWER_PASSWORD", "password of that dashboard", "", "CHANGE_ME"},
    {"OPENAI_API_KEY", "", "key of the chat provider; empty: none is used", "", ""},
    {"GEMINI_API_KEY", "", "key of the Gemini provider; empty: none is used", "", ""},
    {"CORS_ORIGINS", "", "web pages that may call the API, separated by commas",
     "http://localhost:5173", "https://CHANGE_ME.example"},
    {"KATIP_BACKUP_DIR", "BACKUP_DIR", "folder of the backups, on another disk", "",
     "/var/backups/katip"},
}};

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return result;
}

// What documentation and examples put where a real secret belongs.
bool is_placeholder(std::string_view value) {
  const std::string text = lower(value);
  constexpr std::array<std::string_view, 12> kParts = {
      "change_me", "change-me", "changeme",   "change this", "your_",      "your-",
      "example",   "insecure",  "replace_me", "placeholder", "secret-key", "<"};
  constexpr std::array<std::string_view, 20> kWhole = {
      "secret",  "password", "passwd",   "admin",  "root",    "test",       "dev",
      "default", "katip",    "postgres", "redis",  "flower",  "minioadmin", "letmein",
      "qwerty",  "123456",   "12345678", "sk-...", "sk-xxxx", "none"};
  return std::ranges::any_of(kParts, [&](auto part) { return text.find(part) != text.npos; }) ||
         std::ranges::find(kWhole, text) != kWhole.end();
}

bool is_monotonous(std::string_view value) {
  return std::set<char>(value.begin(), value.end()).size() < 6;
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host == "[::1]" || host.starts_with("127.");
}

class CheckList {
 public:
  explicit CheckList(const Environment& environment) : environment_(environment) {}

  std::vector<Finding> run() {
    secret_key();
    tls();
    database();
    schema();
    redis();
    monitor();
    providers();
    cors();
    storage();
    logs();
    backups();
    return std::move(findings_);
  }

 private:
  std::optional<std::string> get(const std::string& name) const {
    const auto found = std::ranges::find(kServerVariables, name, &ServerVariable::name);
    std::optional<std::string> value = environment_.get(name);
    if (!value && found != kServerVariables.end() && !found->alias.empty()) {
      value = environment_.get(std::string(found->alias));
    }
    return value;
  }
  void pass(std::string variable, std::string message) {
    findings_.push_back({Verdict::kPassed, std::move(variable), std::move(message)});
  }
  void refuse(std::string variable, std::string message) {
    findings_.push_back({Verdict::kRefused, std::move(variable), std::move(message)});
  }
  void warn(std::string variable, std::string message) {
    findings_.push_back({Verdict::kWarning, std::move(variable), std::move(message)});
  }

  void password(const std::string& variable, const std::string& value, std::size_t size_min) {
    if (is_placeholder(value)) {
      refuse(variable, "is a default or a placeholder: set one of your own");
    } else if (value.size() < size_min) {
      refuse(variable, fmt::format("is shorter than {} characters", size_min));
    } else if (is_monotonous(value)) {
      refuse(variable, "repeats a few characters: set a random one");
    } else {
      pass(variable, "is set and is not a default");
    }
  }

  void secret_key() {
    const auto value = get("SECRET_KEY");
    if (!value) {
      refuse("SECRET_KEY", "is not set: make one with `openssl rand -hex 32`");
    } else {
      password("SECRET_KEY", *value, kSecretKeySizeMin);
    }
  }

  void tls() {
    const auto certificate = get("KATIP_TLS_CERT");
    const auto key = get("KATIP_TLS_KEY");
    if (certificate.has_value() != key.has_value()) {
      refuse(certificate ? "KATIP_TLS_KEY" : "KATIP_TLS_CERT",
             "is not set: certificate and key belong together");
    } else if (!certificate) {
      if (is_loopback(get("KATIP_HOST").value_or("127.0.0.1"))) {
        pass("KATIP_TLS_CERT", "not needed: the server listens on this machine only");
      } else {
        refuse("KATIP_TLS_CERT",
               "is not set: set it, or listen on 127.0.0.1 behind a proxy that speaks TLS");
      }
    } else {
      tls_files(*certificate, *key);
    }
  }

  void tls_files(const std::string& certificate, const std::string& key) {
    struct stat info{};
    if (::stat(certificate.c_str(), &info) != 0) {
      refuse("KATIP_TLS_CERT", "there is no file " + certificate);
    } else if (::stat(key.c_str(), &info) != 0) {
      refuse("KATIP_TLS_KEY", "there is no file " + key);
    } else if ((info.st_mode & 0077) != 0) {
      refuse("KATIP_TLS_KEY", "others can read " + key + ": chmod 600 it");
    } else {
      pass("KATIP_TLS_CERT", "certificate and key are there, and the key is private");
    }
  }

  void database() {
    const auto url = get("DATABASE_URL");
    if (!url) {
      pass("DATABASE_URL", "not set: SQLite in the data folder");
      return;
    }
    if (!url->starts_with("postgresql://") && !url->starts_with("postgres://")) {
      refuse("DATABASE_URL", "does not begin with postgresql://");
      return;
    }
    const std::size_t start = url->find("://") + 3;
    const std::size_t end = std::min(url->find_first_of("/?", start), url->size());
    const std::string authority = url->substr(start, end - start);
    const std::size_t at = authority.rfind('@');
    const std::string user = at == std::string::npos ? "" : authority.substr(0, at);
    const std::string host = at == std::string::npos ? authority : authority.substr(at + 1);
    const std::size_t colon = user.find(':');
    if (colon == std::string::npos || colon + 1 == user.size()) {
      refuse("DATABASE_URL", "has no password");
    } else {
      password("DATABASE_URL", user.substr(colon + 1), kPasswordSizeMin);
    }
    const bool is_encrypted = url->find("sslmode=require") != std::string::npos ||
                              url->find("sslmode=verify-") != std::string::npos;
    if (!is_loopback(host.substr(0, host.rfind(':'))) && !host.empty() && !is_encrypted) {
      refuse("DATABASE_URL", "goes over the network without TLS: add sslmode=verify-full");
    }
  }

  void schema() {
    if (const auto chosen = auto_migrate_of(environment_); !chosen) {
      refuse("AUTO_MIGRATE", chosen.error().message);
    } else {
      pass("AUTO_MIGRATE", "AUTO_MIGRATE and AUTO_MIGRATE_TIMEOUT can be read");
    }
  }

  void redis() {
    const auto value = get("REDIS_PASSWORD");
    const auto url = get("REDIS_URL");
    const bool url_has_password = url && url->find('@') != std::string::npos;
    if (value) {
      password("REDIS_PASSWORD", *value, kPasswordSizeMin);
    } else if (url && !url_has_password) {
      refuse("REDIS_PASSWORD", "is not set, and REDIS_URL names a Redis");
    } else if (url) {
      const std::size_t start = url->find("://") + 3;
      const std::string user = url->substr(start, url->rfind('@') - start);
      password("REDIS_URL", user.substr(user.find(':') + 1), kPasswordSizeMin);
    } else {
      pass("REDIS_PASSWORD", "not needed: no Redis is configured");
    }
  }

  void monitor() {
    const auto value = get("MONITOR_PASSWORD");
    if (value) {
      password("MONITOR_PASSWORD", *value, kPasswordSizeMin);
    } else if (get("KATIP_MONITOR_PORT")) {
      refuse("MONITOR_PASSWORD", "is not set, and KATIP_MONITOR_PORT opens the dashboard");
    } else {
      pass("MONITOR_PASSWORD", "not needed: no dashboard port is open");
    }
  }

  void providers() {
    constexpr std::size_t kKeySizeMin = 16;
    for (const char* name :
         {"OPENAI_API_KEY", "GEMINI_API_KEY", "STORAGE_SECRET_KEY", "HF_TOKEN"}) {
      if (const auto value = get(name)) {
        password(name, *value, kKeySizeMin);
      }
    }
  }

  void cors() {
    const auto value = get("CORS_ORIGINS");
    if (!value) {
      pass("CORS_ORIGINS", "not set: no other web page may call the API");
      return;
    }
    for (const std::string& origin : split_list(*value)) {
      if (origin.find('*') != std::string::npos) {
        refuse("CORS_ORIGINS", "lets every web page in (*): name them");
        return;
      }
      if (!origin.starts_with("https://")) {
        refuse("CORS_ORIGINS", origin + " is not an https:// address");
        return;
      }
      if (is_placeholder(origin) || origin.starts_with("https://localhost")) {
        refuse("CORS_ORIGINS", origin + " is a placeholder: name your own page");
        return;
      }
    }
    pass("CORS_ORIGINS", "names https pages only");
  }

  void storage() {
    constexpr std::array<std::string_view, 4> kOff = {"false", "off", "no", "0"};
    const auto value = get("STORAGE_SECURE");
    const bool is_off = value && std::ranges::find(kOff, lower(*value)) != kOff.end();
    const auto is_plain = [this](const char* name) {
      const auto address = get(name);
      return address && lower(*address).starts_with("http://");
    };
    if (is_plain("STORAGE_ENDPOINT") || is_plain("STORAGE_PUBLIC_ENDPOINT")) {
      refuse("STORAGE_ENDPOINT", "begins with http://: recordings would travel unencrypted");
    } else if (is_off) {
      refuse("STORAGE_SECURE", "must be true: recordings would travel unencrypted");
    } else {
      pass("STORAGE_SECURE", get("STORAGE_URL") ? "recordings travel by TLS"
                                                : "not needed: recordings stay in the data folder");
    }
    if (!get("STORAGE_URL") && get("STORAGE_ENDPOINT")) {
      warn("STORAGE_URL", "is not set, so STORAGE_ENDPOINT is not used");
    }
  }

  void logs() {
    if (get("KATIP_LOG_KEEP_DAYS") == "0") {
      refuse("KATIP_LOG_KEEP_DAYS", "is 0: the files of the log would be kept for ever");
    } else {
      pass("KATIP_LOG_KEEP_DAYS", "the log is rotated each day, and old files are deleted");
    }
    if (get("KATIP_LOG_FILE_SIZE_MAX_MB") == "0") {
      refuse("KATIP_LOG_FILE_SIZE_MAX_MB", "is 0: a file of the log could grow without limit");
    } else {
      pass("KATIP_LOG_FILE_SIZE_MAX_MB", "files of the log have a limit");
    }
  }

  void backups() {
    if (get("KATIP_BACKUP_DIR")) {
      pass("KATIP_BACKUP_DIR", "is set");
    } else {
      warn("KATIP_BACKUP_DIR", "is not set: backups would lie beside the data they protect");
    }
  }

  const Environment& environment_;
  std::vector<Finding> findings_;
};

}  // namespace

std::span<const ServerVariable> server_variables() { return kServerVariables; }

std::vector<Finding> check_security(const Environment& environment,
                                    std::string_view environment_name) {
  std::vector<Finding> findings = CheckList(environment).run();
  if (environment_name == "development") {
    for (Finding& finding : findings) {
      finding.verdict = finding.verdict == Verdict::kRefused ? Verdict::kWarning : finding.verdict;
    }
  }
  return findings;
}

bool is_refused(const std::vector<Finding>& findings) {
  return std::ranges::any_of(
      findings, [](const Finding& finding) { return finding.verdict == Verdict::kRefused; });
}

}  // namespace katip::cli
