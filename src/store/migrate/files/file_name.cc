#include "store/migrate/files/file_name.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "base/utf8.h"

/// Tested by file_name_test.cc.
namespace katip::store::migrate {
namespace {

constexpr int kWidthMax = 20;

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || byte >= 0x80;
}

std::unexpected<Error> wrong(std::string_view file_template, std::string_view why) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("file template '{}': {}; write %(rev)s, %(slug)s, %(epoch)s, %(year)d, "
                          "%(month).2d, %(day).2d, %(hour).2d, %(minute).2d or %(second).2d",
                          file_template, why));
}

std::map<std::string, std::int64_t, std::less<>> numbers_of(const LocalTime& time) {
  return {{"epoch", time.epoch_s}, {"year", time.year}, {"month", time.month},
          {"day", time.day},       {"hour", time.hour}, {"minute", time.minute},
          {"second", time.second}};
}

/// What stands behind "%": "(month).2d". Takes it off `rest` and returns its text.
Result<std::string> expand(std::string_view& rest, std::string_view file_template,
                           const FileNameParts& parts) {
  if (rest.starts_with('%')) {
    rest.remove_prefix(1);
    return "%";
  }
  const std::size_t close = rest.find(')');
  const std::size_t kind = close == rest.npos ? rest.npos : rest.find_first_of("sd", close);
  if (!rest.starts_with('(') || kind == rest.npos) return wrong(file_template, "a lone %");
  const std::string_view key = rest.substr(1, close - 1);
  std::string_view width_text = rest.substr(close + 1, kind - close - 1);
  if (width_text.starts_with('.')) width_text.remove_prefix(1);
  int width = 0;
  for (const char c : width_text) {
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) return wrong(file_template, "a width");
    width = std::min(kWidthMax, width * 10 + (c - '0'));
  }
  rest.remove_prefix(kind + 1);
  if (key == "rev") return parts.revision_id;
  if (key == "slug") return parts.slug;
  const auto numbers = numbers_of(parts.time);
  const auto number = numbers.find(key);
  if (number == numbers.end()) return wrong(file_template, fmt::format("'{}' is unknown", key));
  return fmt::format("{:0{}}", number->second, width);
}

}  // namespace

std::string slug_of(std::string_view message, std::size_t size_max) {
  std::string slug;
  bool in_word = false;
  for (const char c : message) {
    if (is_word(c) && !in_word && !slug.empty()) slug += '_';
    in_word = is_word(c);
    if (in_word) slug += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (slug.size() <= size_max) return slug;
  slug.resize(cut_size(slug, size_max));
  return slug.substr(0, slug.rfind('_')) + "_";
}

Result<std::string> file_name(std::string_view file_template, const FileNameParts& parts) {
  std::string name;
  for (std::string_view rest = file_template; !rest.empty();) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c != '%') {
      name += c;
    } else {
      name += KATIP_TRY(expand(rest, file_template, parts));
    }
  }
  const std::filesystem::path path(name);
  const bool leaves = path.is_absolute() ||
                      std::ranges::any_of(path, [](const auto& part) { return part == ".."; });
  if (name.empty() || leaves) return wrong(file_template, "it leads out of the version folder");
  return name;
}

}  // namespace katip::store::migrate
