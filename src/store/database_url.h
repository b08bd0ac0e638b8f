#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

/// Which database, and how to reach it.
///
///   sqlite:///katip.db            a path relative to the working folder
///   sqlite:////var/lib/katip.db   an absolute path; sqlite+aiosqlite:// and the like too
///   sqlite:///:memory:            kept in memory, seen by one connection only; sqlite:// too
///   katip.db, /var/lib/katip.db   a bare path
///   postgresql://user:password@host:5432/name?sslmode=verify-full
///   postgres://..., postgresql+asyncpg://..., postgresql+psycopg2://...
///
/// A `%xx` in user, password, host, name and options stands for a byte, as in every URL.
namespace katip::store {

enum class Dialect { kSqlite, kPostgres };

/// "sqlite" or "postgresql".
std::string_view name(Dialect dialect);

/// A setting of libpq by its own name: "sslmode", "application_name", …
struct PostgresSetting {
  std::string key;
  std::string value;
};

/// Threads: immutable.
class DatabaseUrl {
 public:
  /// Errors: kInvalidArgument; the message says what is wrong and holds nothing that may be secret.
  static Result<DatabaseUrl> parse(std::string_view text);

  [[nodiscard]] Dialect dialect() const { return dialect_; }
  /// What may be shown: the URL with its password as "***" and without options that hold secrets.
  [[nodiscard]] std::string masked() const;

  /// SQLite: the file, or ":memory:".
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] bool is_memory() const { return path_ == ":memory:"; }

  /// PostgreSQL: empty where the URL says nothing; libpq's defaults hold then. Several hosts are
  /// separated by commas, and so are their ports.
  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] const std::string& port() const { return port_; }
  [[nodiscard]] const std::string& user() const { return user_; }
  [[nodiscard]] const Secret& password() const { return password_; }
  [[nodiscard]] const std::string& database() const { return database_; }
  /// Another database on the same server (PostgreSQL).
  [[nodiscard]] DatabaseUrl with_database(std::string name) const {
    DatabaseUrl other = *this;
    other.database_ = std::move(name);
    return other;
  }
  /// Another file (SQLite).
  [[nodiscard]] DatabaseUrl with_path(std::filesystem::path path) const {
    DatabaseUrl other = *this;
    other.path_ = std::move(path);
    return other;
  }
  /// The options after "?", with those of other drivers (asyncpg's `ssl`) under libpq's names.
  [[nodiscard]] const std::vector<PostgresSetting>& settings() const { return settings_; }

 private:
  static Result<DatabaseUrl> parse_sqlite(std::string_view rest);
  static Result<DatabaseUrl> parse_postgres(std::string_view rest);
  Status parse_authority(std::string_view authority);
  Status parse_setting(std::string_view key, std::string_view value);

  Dialect dialect_ = Dialect::kSqlite;
  std::filesystem::path path_;
  std::string host_;
  std::string port_;
  std::string user_;
  Secret password_;
  std::string database_;
  std::vector<PostgresSetting> settings_;
};

}  // namespace katip::store
