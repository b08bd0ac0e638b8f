#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// As much of XML as the answers of S3 servers have: elements, no attributes that matter, entities.
/// What is no XML gives nothing rather than an error.
///
/// Threads: pure.
namespace katip::media {

/// What is inside the elements of this name, outermost ones, in their order.
std::vector<std::string_view> elements_of(std::string_view xml, std::string_view name);
/// The text of the first one, entities replaced.
std::optional<std::string> text_of(std::string_view xml, std::string_view name);

}  // namespace katip::media
