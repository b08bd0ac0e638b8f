#include "store/postgres/wire.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include "base/trimmed.h"
#include "store/postgres/sqlstate.h"

// Tested by conformance/ and postgres_connection_test.cc.
namespace katip::store::postgres {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLookInterval{100};  // How often a wait looks at its limits.
constexpr int kUnreadMessageCountMax = 16;

void ignore_notice(void*, const PGresult*) {}  // libpq would print it.

// One line without libpq's prefixes of severity and place: "FATAL:  28P01: x\nLOCATION: …" -> "x".
std::string plain(std::string_view message) {
  const std::string_view state = sqlstate_in(message);
  if (!state.empty()) {
    const auto start = static_cast<std::size_t>(state.data() - message.data()) + state.size() + 1;
    message = message.substr(std::min(message.size(), start));
    message = message.substr(0, message.find('\n'));
  }
  std::string text(message);
  std::ranges::replace(text, '\n', ' ');
  const std::string_view reason = trimmed(text, " ");
  return reason.empty() ? "no reason given" : std::string(reason);
}

// Nothing when there is something to read or write, else why there will not be.
Status poll_socket(int socket, short events, const Patience& patience) {
  while (true) {
    if (patience.is_stopped()) {
      return fail(ErrorCode::kCancelled, "the statement was stopped");
    }
    milliseconds wait = kLookInterval;
    if (patience.deadline) {
      const auto left = *patience.deadline - patience.clock->now();
      if (left <= left.zero()) {
        return fail(ErrorCode::kUnavailable, "the server did not answer in time");
      }
      wait = std::min(wait, std::chrono::ceil<milliseconds>(left));
    }
    pollfd entry{.fd = socket, .events = events, .revents = 0};
    const int count = ::poll(&entry, 1, static_cast<int>(wait.count()));
    if (count > 0) {
      return {};
    }
    if (count < 0 && errno != EINTR) {
      return fail(ErrorCode::kInternal, fmt::format("poll: {}", std::strerror(errno)));
    }
  }
}

}  // namespace

void FreeResult::operator()(pg_result* result) const noexcept { PQclear(result); }
void Wire::Finish::operator()(pg_conn* connection) const noexcept { PQfinish(connection); }

Status Wire::greet(pg_conn* connection, const Patience& patience) {
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK) {
    if (next == PGRES_POLLING_FAILED) {
      const std::string_view message = PQerrorMessage(connection);
      const std::string_view state = sqlstate_in(message);
      const ErrorCode code = state.empty() ? ErrorCode::kUnavailable : code_of(state, false);
      return fail(code, plain(message));
    }
    // The socket may be another one after each step.
    KATIP_TRY(poll_socket(PQsocket(connection), next == PGRES_POLLING_READING ? POLLIN : POLLOUT,
                          patience));
    next = PQconnectPoll(connection);
  }
  return {};
}

Result<Wire> Wire::connect(const std::vector<PostgresSetting>& settings, const Patience& patience) {
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const PostgresSetting& setting : settings) {
    keys.push_back(setting.key.c_str());
    values.push_back(setting.value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  Handle handle(PQconnectStartParams(keys.data(), values.data(), /*expand_dbname=*/0));
  if (!handle) {
    return fail(ErrorCode::kOverloaded, "out of memory while connecting");
  }
  if (PQstatus(handle.get()) == CONNECTION_BAD) {
    return fail(ErrorCode::kUnavailable, plain(PQerrorMessage(handle.get())));
  }
  PQsetNoticeReceiver(handle.get(), &ignore_notice, nullptr);
  // Verbose messages hold the SQLSTATE, the only thing that tells "wrong password" from "starting".
  PQsetErrorVerbosity(handle.get(), PQERRORS_VERBOSE);
  KATIP_TRY(greet(handle.get(), patience));
  PQsetErrorVerbosity(handle.get(), PQERRORS_TERSE);
  if (PQsetnonblocking(handle.get(), 1) != 0) {
    return fail(ErrorCode::kInternal, "libpq does not take the non-blocking mode");
  }
  return Wire(std::move(handle));
}

std::unexpected<Error> Wire::lost() {
  const std::string why = is_open() ? plain(PQerrorMessage(connection_.get())) : "closed";
  close();
  return fail(ErrorCode::kUnavailable, "the connection to PostgreSQL is lost: " + why);
}

Status Wire::wait_for(short events, const Patience& patience) {
  Status status = poll_socket(PQsocket(connection_.get()), events, patience);
  if (!status) {
    close();
  }
  return status;
}

Status Wire::flush(const Patience& patience) {
  while (true) {
    const int left = PQflush(connection_.get());
    if (left == 0) {
      return {};
    }
    if (left < 0) {
      // The server may have said why before it went; collect() reads that.
      return {};
    }
    KATIP_TRY(wait_for(POLLIN | POLLOUT, patience));
    if (PQconsumeInput(connection_.get()) == 0) {
      return {};
    }
  }
}

Status Wire::wait_until_ready(const Patience& patience) {
  while (PQisBusy(connection_.get()) != 0) {
    KATIP_TRY(wait_for(POLLIN, patience));
    if (PQconsumeInput(connection_.get()) == 0) {
      return {};  // PQgetResult() gives the reason.
    }
  }
  return {};
}

// The last result, or the first error. All are read, or the next statement would get them.
Result<ResultPtr> Wire::collect(const Patience& patience) {
  ResultPtr kept;
  while (true) {
    KATIP_TRY(wait_until_ready(patience));
    ResultPtr next(PQgetResult(connection_.get()));
    if (!next) {
      break;
    }
    const ExecStatusType status = PQresultStatus(next.get());
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
      close();
      return fail(ErrorCode::kInvalidArgument, "COPY from or to the client is not supported here");
    }
    if (!kept || PQresultStatus(kept.get()) != PGRES_FATAL_ERROR) {
      kept = std::move(next);
    }
    if (PQstatus(connection_.get()) == CONNECTION_BAD) {
      break;
    }
  }
  if (!kept) {
    return lost();
  }
  return kept;
}

Result<ResultPtr> Wire::answer(int is_sent, const Patience& patience) {
  if (is_sent == 0) {
    return lost();
  }
  KATIP_TRY(flush(patience));
  return collect(patience);
}

Result<ResultPtr> Wire::run_script(const std::string& script, const Patience& patience) {
  return answer(is_open() ? PQsendQuery(connection_.get(), script.c_str()) : 0, patience);
}

Result<ResultPtr> Wire::run(const std::string& sql, const Parameters& parameters,
                            const Patience& patience) {
  return answer(is_open() ? PQsendQueryParams(connection_.get(), sql.c_str(),
                                              static_cast<int>(parameters.values.size()),
                                              parameters.types.data(), parameters.values.data(),
                                              parameters.sizes.data(), parameters.formats.data(), 0)
                          : 0,
                patience);
}

Result<ResultPtr> Wire::prepare(const std::string& name, const std::string& sql,
                                const Parameters& parameters, const Patience& patience) {
  return answer(
      is_open() ? PQsendPrepare(connection_.get(), name.c_str(), sql.c_str(),
                                static_cast<int>(parameters.types.size()), parameters.types.data())
                : 0,
      patience);
}

Result<ResultPtr> Wire::run_prepared(const std::string& name, const Parameters& parameters,
                                     const Patience& patience) {
  return answer(is_open() ? PQsendQueryPrepared(connection_.get(), name.c_str(),
                                                static_cast<int>(parameters.values.size()),
                                                parameters.values.data(), parameters.sizes.data(),
                                                parameters.formats.data(), 0)
                          : 0,
                patience);
}

bool Wire::is_open() const {
  return connection_ != nullptr && PQstatus(connection_.get()) == CONNECTION_OK;
}

bool Wire::is_alive() {
  // A good-bye comes in two parts, the message and the end of the stream; parameters that changed
  // and notices come the same way and mean no harm.
  for (int i = 0; i < kUnreadMessageCountMax && is_open(); ++i) {
    pollfd entry{.fd = PQsocket(connection_.get()), .events = POLLIN, .revents = 0};
    if (::poll(&entry, 1, 0) == 0) {
      return true;
    }
    if (PQconsumeInput(connection_.get()) == 0) {
      break;
    }
    PQisBusy(connection_.get());  // Reads what came.
  }
  close();
  return false;
}

bool Wire::in_transaction() const {
  if (!is_open()) {
    return false;
  }
  const PGTransactionStatusType status = PQtransactionStatus(connection_.get());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

std::string Wire::server_version() const {
  const char* const text =
      is_open() ? PQparameterStatus(connection_.get(), "server_version") : nullptr;
  const std::string_view version = text == nullptr ? "unknown" : text;
  return std::string(version.substr(0, version.find(' ')));
}

int Wire::server_version_number() const {
  return is_open() ? PQserverVersion(connection_.get()) : 0;
}

}  // namespace katip::store::postgres
