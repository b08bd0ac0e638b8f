#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "store/migrate/files/revision_file.h"

namespace katip::store::migrate {
namespace {

constexpr std::size_t kIdSizeMax = 32;      // VARCHAR(32) of the version table
constexpr std::size_t kLabelSizeMax = 128;  // nobody types more

Status check(std::string_view text, std::string_view illegal, std::string_view what,
             std::size_t size_max) {
  if (text.empty()) return fail(ErrorCode::kInvalidArgument, fmt::format("empty {}", what));
  if (text.size() > size_max) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} '{}...' is longer than {} characters",
                                                         what, text.substr(0, size_max), size_max));
  }
  std::set<std::string> found;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) {
      return fail(ErrorCode::kInvalidArgument, fmt::format("control character in {}", what));
    }
    if (illegal.contains(c)) found.insert(std::string(1, c));
  }
  if (found.empty()) return {};
  return fail(ErrorCode::kInvalidArgument, fmt::format("Character(s) '{}' not allowed in {} '{}'",
                                                       fmt::join(found, ", "), what, text));
}

}  // namespace

Status check_revision_id(std::string_view id) {
  return check(id, "@-+: ,'\"\\/", "revision identifier", kIdSizeMax);
}

Status check_branch_label(std::string_view label) {
  return check(label, "@+: ,'\"", "branch label", kLabelSizeMax);
}

}  // namespace katip::store::migrate
