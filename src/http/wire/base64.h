#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace katip::http {

/// Nothing for what is no base64 with its padding.
std::optional<std::string> base64_decoded(std::string_view text);
std::string base64_encoded(std::string_view bytes);

}  // namespace katip::http
