#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace katip::http {

/// One kind of failure of the native API. RFC 9457 calls it a problem type and names it by an
/// address, at which people read what it means.
struct Problem {
  std::string_view code;     ///< Of Failure: "VALIDATION_FAILED".
  std::string_view meaning;  ///< A sentence.
  std::string_view advice;   ///< What to do about it.
};

/// All of them, in the order of their codes.
std::span<const Problem> problems();

/// The address, on this server: "/docs/problems/validation-failed". It stays what it is as long as
/// the code does. "about:blank", which says that the status is all there is, for a code that is not
/// among problems().
std::string problem_type(std::string_view code);

/// The page of one, by the last part of its address; nothing for a name that none has.
std::optional<std::string> problem_page(std::string_view name);
/// The page that leads to all of them.
std::string problems_page();

}  // namespace katip::http
