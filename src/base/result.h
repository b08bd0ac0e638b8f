#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

/// Errors as values.
///
///   Result<Pcm> decode(const Path& path) {
///     const Probe probe = KATIP_TRY(probe_file(path));          // returns the error, or goes on
///     if (!probe.has_audio) {
///       return fail(ErrorCode::kInvalidArgument, "no audio stream in " + path.string());
///     }
///     ...
///   }
///
/// A function that can fail for a reason outside the program returns Result<T>, or Status when it
/// has nothing to give. A message says what happened and what the reader can do, and never holds a
/// secret. A bug is not an error: see assert.h.
namespace katip {

/// Why something failed, in the words of the whole system. The front ends map a code to an HTTP
/// status, to what becomes of a job, or to an exit code; nothing below them knows of those.
enum class ErrorCode {
  kInvalidArgument,   ///< The request itself is wrong; sending it again will not help.
  kTooLarge,          ///< A limit on size, length or count was passed.
  kUnauthenticated,   ///< Nobody, or nobody we know.
  kPermissionDenied,  ///< Known, but not allowed.
  kNotFound,          ///< The named thing does not exist.
  kConflict,          ///< The state of the thing does not allow this now.
  kOverloaded,        ///< Too much work at once; later it may go.
  kUnavailable,       ///< Something we depend on is away; later it may go.
  kTimeout,           ///< It took longer than its limit.
  kCancelled,         ///< Somebody asked us to stop.
  kCorruptData,       ///< Stored or received bytes are not what they claim to be.
  kInternal,          ///< A fault of our own or of a library.
};

/// The name of a code as logs and JSON spell it: kNotFound -> "NOT_FOUND".
std::string_view name(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

template <typename T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

/// Puts `context` and a colon before the message: "in clip.mp4: no audio stream".
[[nodiscard]] inline std::unexpected<Error> fail(std::string_view context, Error error) {
  error.message.insert(0, std::string(context) + ": ");
  return std::unexpected(std::move(error));
}

}  // namespace katip

/// The value of a Result, or a return of its error from the enclosing function. Do not nest.
#define KATIP_TRY(expression)                                      \
  __extension__({                                                  \
    auto katip_try_result = (expression);                          \
    if (!katip_try_result) [[unlikely]] {                          \
      return std::unexpected(std::move(katip_try_result).error()); \
    }                                                              \
    std::move(katip_try_result).value();                           \
  })
