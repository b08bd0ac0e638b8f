#include "store/postgres/postgres_connection.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <map>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "base/lru_map.h"
#include "base/sha256.h"
#include "store/postgres/decode.h"
#include "store/postgres/sqlstate.h"
#include "store/postgres/wire.h"

// A statement is prepared when it comes the second time: one that comes once, as those of
// migrations do, would pay a round trip for nothing. Tested by conformance/ and
// postgres_connection_test.cc.
namespace katip::store::postgres {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kStatementCountMax = 256;
constexpr unsigned kByteaType = 17;
constexpr std::size_t kMessageSizeMax = 500;
constexpr std::size_t kParameterCountMax = 65'535;

// What the parameters look like on the wire, and the texts that it points to.
struct Encoded {
  Wire::Parameters wire;
  std::vector<std::string> texts;

  explicit Encoded(std::span<const Value> parameters) {
    texts.reserve(parameters.size());  // Pointers into it stay good.
    for (const Value& value : parameters) {
      add(value);
    }
  }

 private:
  void add(const Value& value) {
    const auto* text = value.get_if<std::string>();
    const auto* bytes = value.get_if<Bytes>();
    const char* data = nullptr;
    if (const auto* number = value.get_if<std::int64_t>()) {
      data = texts.emplace_back(fmt::format("{}", *number)).c_str();
    } else if (const auto* real = value.get_if<double>()) {
      data = texts.emplace_back(fmt::format("{}", *real)).c_str();
    } else if (text != nullptr) {
      data = text->c_str();
    } else if (bytes != nullptr) {
      // No bytes may have no address, which would mean null.
      data = bytes->empty() ? "" : reinterpret_cast<const char*>(bytes->data());
    }
    wire.values.push_back(data);
    wire.sizes.push_back(bytes == nullptr ? 0 : static_cast<int>(bytes->size()));
    wire.formats.push_back(bytes == nullptr ? 0 : 1);
    wire.types.push_back(bytes == nullptr ? 0 : kByteaType);  // 0: as the place demands.
  }
};

std::string_view field(const PGresult* result, int code) {
  const char* const text = PQresultErrorField(result, code);
  return text == nullptr ? std::string_view() : text;
}

// The message, the constraint and the place. Never the detail: it quotes the row.
std::string message_of(const PGresult* result) {
  std::string message(field(result, PG_DIAG_MESSAGE_PRIMARY));
  if (message.empty()) {
    message = PQresultErrorMessage(result);
  }
  if (message.size() > kMessageSizeMax) {
    message.resize(kMessageSizeMax);
    message += "…";
  }
  if (const auto position = field(result, PG_DIAG_STATEMENT_POSITION); !position.empty()) {
    message += fmt::format(" (at character {} of the statement)", position);
  }
  if (const auto hint = field(result, PG_DIAG_MESSAGE_HINT); !hint.empty()) {
    message += fmt::format("; {}", hint);
  }
  return message;
}

// Whether a prepared statement no longer fits the schema, or is gone.
bool is_stale(std::string_view sqlstate, std::string_view message) {
  return sqlstate == "26000" || (sqlstate == "0A000" && message.contains("cached plan"));
}

struct Prepared {
  std::string name;  // Empty until it comes the second time.
};

class PostgresConnection final : public Connection {
 public:
  PostgresConnection(Wire wire, const ConnectionOptions& options)
      : Connection(Dialect::kPostgres, options),
        wire_(std::move(wire)),
        statements_(kStatementCountMax) {}

  Status set_up();

  std::string server_version() const override { return wire_.server_version(); }
  bool in_transaction() const override { return wire_.in_transaction(); }
  bool is_alive() override { return wire_.is_alive(); }

 protected:
  Result<Rows> do_query(std::string_view sql, std::span<const Value> parameters) override;
  Status do_execute(std::string_view script) override;
  Status do_begin(TransactionMode mode) override;
  Status do_commit() override;
  Status do_rollback() override;
  Result<bool> do_try_lock(std::string_view name) override;
  Status do_unlock(std::string_view name) override;
  Status do_set_statement_timeout(milliseconds timeout) override;
  Status do_ping(milliseconds wait) override;

 private:
  Patience patience(std::int64_t statement_count = 1) const;
  Result<ResultPtr> checked(Result<ResultPtr> result);
  Result<ResultPtr> run(const std::string& sql, const Encoded& parameters);
  Result<ResultPtr> run_script(const std::string& script);
  Status forget_oldest();

  Wire wire_;
  LruMap<Prepared> statements_;
  std::uint64_t name_count_ = 0;
  bool is_stale_ = false;  // The last error said that a prepared statement no longer fits.
};

// The server's own limit ends a statement and keeps the connection, so ours comes later: it is for
// a server that hangs or a network that swallows.
Patience PostgresConnection::patience(std::int64_t statement_count) const {
  Patience patience{.clock = options_.clock, .deadline = std::nullopt, .is_stopped = [this] {
                      return stop_requested();
                    }};
  if (options_.statement_timeout > milliseconds(0)) {
    patience.deadline = options_.clock->now() + options_.statement_timeout * statement_count +
                        options_.silence_timeout;
  }
  return patience;
}

Result<ResultPtr> PostgresConnection::checked(Result<ResultPtr> result) {
  is_stale_ = false;
  if (!result) {
    return result;
  }
  const PGresult* const answer = result->get();
  switch (PQresultStatus(answer)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
      return result;
    case PGRES_EMPTY_QUERY:
      return fail(ErrorCode::kInvalidArgument, "there is no statement, only blanks or comments");
    default:
      break;
  }
  const std::string_view state = field(answer, PG_DIAG_SQLSTATE);
  std::string message = message_of(answer);
  is_stale_ = is_stale(state, message);
  if (state.empty() || is_last_word(state) || !wire_.is_open()) {
    wire_.close();
    return fail(ErrorCode::kUnavailable, "the connection to PostgreSQL is lost: " + message);
  }
  return fail(code_of(state, is_reading()), std::move(message));
}

Status PostgresConnection::forget_oldest() {
  if (!statements_.is_over()) {
    return {};
  }
  const Prepared oldest = statements_.pop();
  return oldest.name.empty() ? Status{} : do_execute("deallocate " + oldest.name);
}

// The types of bytes belong to what is prepared, so they are a part of its key.
std::string cache_key(const std::string& sql, const Encoded& parameters) {
  std::string key = sql;
  key.push_back('\0');
  for (const unsigned type : parameters.wire.types) {
    key.push_back(type == 0 ? '-' : 'b');
  }
  return key;
}

Result<ResultPtr> PostgresConnection::run(const std::string& sql, const Encoded& parameters) {
  const std::string key = cache_key(sql, parameters);
  Prepared* known = statements_.find(key);
  if (known == nullptr) {
    ResultPtr result = KATIP_TRY(checked(wire_.run(sql, parameters.wire, patience())));
    statements_.insert(key, {});
    KATIP_TRY(forget_oldest());
    return result;
  }
  if (known->name.empty()) {
    std::string name = fmt::format("katip_{}", ++name_count_);
    KATIP_TRY(checked(wire_.prepare(name, sql, parameters.wire, patience())));
    known->name = std::move(name);
  }
  Result<ResultPtr> result = checked(wire_.run_prepared(known->name, parameters.wire, patience()));
  if (result || !is_stale_) {
    return result;
  }
  // Somebody changed the schema. Alone the statement can run again at once; inside a transaction,
  // which has failed now, all of it has to.
  const std::string name = known->name;
  statements_.erase(key);
  if (in_transaction()) {
    return fail(ErrorCode::kOverloaded, "the schema changed under a prepared statement");
  }
  KATIP_TRY(do_execute("deallocate " + name));
  return checked(wire_.run(sql, parameters.wire, patience()));
}

Result<ResultPtr> PostgresConnection::run_script(const std::string& script) {
  const auto statement_count = 1 + std::ranges::count(script, ';');
  return checked(wire_.run_script(script, patience(statement_count)));
}

std::int64_t affected_count(PGresult* result) {
  const std::string_view command = PQcmdStatus(result);
  constexpr auto kWriting =
      std::to_array<std::string_view>({"INSERT", "UPDATE", "DELETE", "MERGE"});
  const std::string_view text = PQcmdTuples(result);
  std::int64_t count = 0;
  if (std::ranges::any_of(kWriting, [&](auto word) { return command.starts_with(word); })) {
    std::from_chars(text.data(), text.data() + text.size(), count);
  }
  return count;
}

Result<Rows> read_rows(PGresult* result) {
  const int column_count = PQnfields(result);
  const int row_count = PQntuples(result);
  std::vector<std::string> columns;
  for (int i = 0; i < column_count; ++i) {
    columns.emplace_back(PQfname(result, i));
  }
  std::vector<Value> values;
  values.reserve(static_cast<std::size_t>(column_count) * static_cast<std::size_t>(row_count));
  for (int row = 0; row < row_count; ++row) {
    for (int i = 0; i < column_count; ++i) {
      if (PQgetisnull(result, row, i) != 0) {
        values.emplace_back();
        continue;
      }
      const std::string_view text(PQgetvalue(result, row, i),
                                  static_cast<std::size_t>(PQgetlength(result, row, i)));
      values.push_back(KATIP_TRY(decode(PQftype(result, i), text)));
    }
  }
  return Rows(std::move(columns), std::move(values), affected_count(result));
}

Result<Rows> PostgresConnection::do_query(std::string_view sql, std::span<const Value> parameters) {
  if (sql.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::kInvalidArgument, "the statement holds a zero byte");
  }
  if (parameters.size() > kParameterCountMax) {
    return fail(ErrorCode::kTooLarge,
                fmt::format("a statement has at most {} parameters", kParameterCountMax));
  }
  ResultPtr result = KATIP_TRY(run(std::string(sql), Encoded(parameters)));
  return read_rows(result.get());
}

Status PostgresConnection::do_execute(std::string_view script) {
  Result<ResultPtr> result = run_script(std::string(script));
  if (!result && result.error().code == ErrorCode::kInvalidArgument &&
      script.find_first_not_of(" \t\r\n;") == std::string_view::npos) {
    return {};  // An empty script does nothing, which is what it says.
  }
  return result ? Status{} : std::unexpected(std::move(result).error());
}

Status PostgresConnection::do_begin(TransactionMode mode) {
  switch (mode) {
    case TransactionMode::kRead:
      return do_execute("begin isolation level repeatable read read only");
    case TransactionMode::kWrite:
      return do_execute("begin isolation level read committed read write");
    case TransactionMode::kWriteByIndex:
      // A bitmap scan would visit dead entries of the index again and again; a plain one marks
      // them.
      return do_execute(
          "begin isolation level read committed read write;"
          "set local enable_seqscan = off; set local enable_bitmapscan = off");
    case TransactionMode::kSerializable:
      return do_execute("begin isolation level serializable read write");
  }
  return fail(ErrorCode::kInternal, "unknown mode of a transaction");
}

Status PostgresConnection::do_commit() {
  ResultPtr result = KATIP_TRY(run_script("commit"));
  // A failed transaction is rolled back by `commit`, which is then reported as a success.
  if (std::string_view(PQcmdStatus(result.get())) != "COMMIT") {
    return fail(ErrorCode::kInternal, "the transaction had failed and was rolled back");
  }
  return {};
}

Status PostgresConnection::do_rollback() {
  // The transaction ends with a connection that is lost.
  if (!wire_.is_open()) {
    return {};
  }
  Patience patient = patience();
  patient.is_stopped = [] { return false; };
  if (!patient.deadline) {
    patient.deadline = options_.clock->now() + options_.silence_timeout;
  }
  KATIP_TRY(checked(wire_.run_script("rollback", patient)));
  return {};
}

Status PostgresConnection::do_ping(milliseconds wait) {
  Patience patient = patience();
  patient.deadline = options_.clock->now() + wait;
  KATIP_TRY(checked(wire_.run_script("select 1", patient)));
  return {};
}

// The first 64 bits of a digest: no two names of ours meet, and strangers on the same database are
// unlikely to.
std::int64_t lock_key(std::string_view name) {
  Sha256 digest;
  digest.update("katip lock ");
  digest.update(name);
  const std::string hex = digest.finish();
  std::uint64_t key = 0;
  std::from_chars(hex.data(), hex.data() + 16, key, 16);
  return static_cast<std::int64_t>(key);
}

Result<bool> PostgresConnection::do_try_lock(std::string_view name) {
  const Rows rows = KATIP_TRY(
      query("select pg_try_advisory_lock(cast($1 as bigint)) as taken", {lock_key(name)}));
  return rows[0].get<bool>("taken");
}

Status PostgresConnection::do_unlock(std::string_view name) {
  const Rows rows =
      KATIP_TRY(query("select pg_advisory_unlock(cast($1 as bigint)) as freed", {lock_key(name)}));
  if (!KATIP_TRY(rows[0].get<bool>("freed"))) {
    return fail(ErrorCode::kConflict, fmt::format("the lock {} was lost before", name));
  }
  return {};
}

Status PostgresConnection::do_set_statement_timeout(milliseconds timeout) {
  return do_execute(fmt::format("set statement_timeout = {}", timeout.count()));
}

Status PostgresConnection::set_up() {
  std::string script = fmt::format(
      "set statement_timeout = {}; set lock_timeout = {}; "
      "set idle_in_transaction_session_timeout = {}; "
      "set timezone = 'UTC'; set datestyle = 'ISO'; set intervalstyle = 'postgres'; "
      "set bytea_output = 'hex'; set standard_conforming_strings = on; "
      "set extra_float_digits = 1; set client_min_messages = 'warning'; "
      // Statements that are repeated a thousand times a second would be compiled each time.
      "set jit = off",
      options_.statement_timeout.count(), options_.busy_timeout.count(),
      options_.idle_transaction_timeout.count());
  if (wire_.server_version_number() >= 140'000) {
    // A statement whose client has gone ends within a second instead of at its limit.
    script += "; set client_connection_check_interval = 1000";
  }
  return do_execute(script);
}

using Settings = std::map<std::string, std::string>;

// Ours first; what the URL says counts more.
Settings settings_of(const DatabaseUrl& url, const ConnectionOptions& options) {
  Settings settings = {
      {"application_name", options.application_name},
      {"client_encoding", "UTF8"},
      // A peer that vanished is noticed within half a minute, whether we wait or send.
      {"keepalives", "1"},
      {"keepalives_idle", "10"},
      {"keepalives_interval", "5"},
      {"keepalives_count", "3"},
      {"tcp_user_timeout", "25000"},
  };
  for (const PostgresSetting& setting : url.settings()) {
    settings[setting.key] = setting.value;
  }
  settings["user"] = url.user();
  settings["password"] = url.password().reveal();
  settings["dbname"] = url.database();
  std::erase_if(settings, [](const auto& entry) { return entry.second.empty(); });
  return settings;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts(1);
  for (const char c : list) {
    c == ',' ? static_cast<void>(parts.emplace_back()) : parts.back().push_back(c);
  }
  return parts;
}

Result<std::unique_ptr<Connection>> open_host(Settings settings, const std::string& host,
                                              const std::string& port,
                                              const ConnectionOptions& options) {
  if (!host.empty()) {
    settings["host"] = host;
  }
  if (!port.empty()) {
    settings["port"] = port;
  }
  std::vector<PostgresSetting> list;
  for (const auto& [key, value] : settings) {
    list.push_back({key, value});
  }
  const Patience patience{.clock = options.clock,
                          .deadline = options.clock->now() + options.connect_timeout,
                          .is_stopped = [] { return false; }};
  Wire wire = KATIP_TRY(Wire::connect(list, patience));
  auto connection = std::make_unique<PostgresConnection>(std::move(wire), options);
  KATIP_TRY(connection->set_up());
  return connection;
}

}  // namespace

Result<std::unique_ptr<Connection>> open_connection(const DatabaseUrl& url,
                                                    const ConnectionOptions& options) {
  const std::vector<std::string> hosts = split(url.host());
  const std::vector<std::string> ports = split(url.port());
  if (ports.size() > 1 && ports.size() != hosts.size()) {
    return fail(ErrorCode::kInvalidArgument,
                "the database URL has neither one port nor as many as hosts");
  }
  // One after the other, each with the whole time: a host that swallows packets would otherwise
  // leave nothing for those behind it.
  Error error;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    auto connection = open_host(settings_of(url, options), hosts[i],
                                ports.size() > 1 ? ports[i] : ports.front(), options);
    if (connection) {
      return connection;
    }
    error = std::move(connection).error();
  }
  return fail("cannot connect to " + url.masked(), std::move(error));
}

}  // namespace katip::store::postgres
