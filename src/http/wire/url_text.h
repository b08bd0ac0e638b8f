#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace katip::http {

/// "a%20b" -> "a b". Nothing: a percent sign without two hexadecimal digits, a NUL, or bytes that
/// are no UTF-8.
std::optional<std::string> percent_decoded(std::string_view text);

using QueryPairs = std::vector<std::pair<std::string, std::string>>;
inline constexpr std::size_t kQueryPairCountMax = 256;

/// "a=1&b=x+y" -> {a, 1}, {b, x y}. Nothing: as above, or more than kQueryPairCountMax pairs.
std::optional<QueryPairs> parse_query(std::string_view query);

}  // namespace katip::http
