#pragma once

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>
#include <variant>

#include "app/principal.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/pool.h"

/// Requests that may be sent again without being done again: the second one gets the answer of the
/// first. A client names the request by a key of its own (the header Idempotency-Key).
///
///   const auto begun = KATIP_TRY(repeats.begin(who, request, stop));
///   // holds kMine: do it, then finish() or release(); kRunning: 409; kOther: 422; a Replay: give
///   it
///
/// Source: draft-ietf-httpapi-idempotency-key-header.
namespace katip::app {

struct RepeatableRequest {
  std::string method;  ///< "POST".
  std::string path;    ///< Of whom and of which route a key is: two routes may use the same one.
  std::string key;     ///< As sent; 1 to 255 visible characters of ASCII.
  std::string sha256;  ///< Of body and query: 64 hexadecimal digits.
};

struct KeptAnswer {
  int status = 200;  ///< 100 to 599.
  std::string media_type = {};
  std::string location = {};  ///< Of what was made; empty: nothing was said.
  std::string body = {};      ///< UTF-8 without a zero byte.
};

/// Names the one who does it. One that died is replaced, and its answer refused if it comes late.
struct RepeatTicket {
  std::string scope;
  std::string key;
  std::chrono::sys_time<std::chrono::milliseconds> begun_at;
};

struct RepeatRunning {};  ///< The same request is being done now.
struct RepeatOther {};    ///< The key was used for another request.
using RepeatState = std::variant<RepeatTicket, RepeatRunning, RepeatOther, KeptAnswer>;

struct IdempotencyOptions {
  std::chrono::minutes kept{24 * 60};
  /// So long after its beginning a request without an answer is taken to be dead.
  std::chrono::minutes abandoned_after{15};
  std::size_t body_size_max = 256 << 10;  ///< Bytes. Longer answers are not kept.
};

/// Errors: those of the database.
///
/// Threads:  thread-safe.
/// Lifetime: pool and clock outlive it.
class Idempotency {
 public:
  Idempotency(store::Pool& pool, const Clock& clock, const IdempotencyOptions& options)
      : pool_(pool), clock_(clock), options_(options) {}

  /// A ticket for exactly one of those who begin the same request at the same time.
  ///
  /// Errors: kInvalidArgument for a key of the wrong form; kConflict when it was done and the
  ///         answer could not be kept.
  Result<RepeatState> begin(const Principal& who, const RepeatableRequest& request,
                            std::stop_token stop);
  /// False: it took so long that somebody else took over.
  Result<bool> finish(const RepeatTicket& ticket, const KeptAnswer& answer, std::stop_token stop);
  /// The same for an answer that holds a secret: it was done, and the answer is not kept.
  Result<bool> finish_unkept(const RepeatTicket& ticket, int status, std::stop_token stop);
  /// Nothing was done, so the request may come again: after a 429, a 503 or a refusal.
  Status release(const RepeatTicket& ticket, std::stop_token stop);
  /// Forgets what has expired, and says how many.
  Result<std::int64_t> prune(std::stop_token stop);

 private:
  store::Pool& pool_;
  const Clock& clock_;
  const IdempotencyOptions options_;
};

}  // namespace katip::app
