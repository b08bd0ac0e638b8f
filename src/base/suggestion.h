#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

/// "Did you mean …?" for names that a person typed.
namespace katip {

/// Edits (insert, delete, replace, swap of neighbours) that turn one text into the other.
///
/// Units:  bytes; ASCII letters are compared without regard to case.
/// Source: optimal string alignment, after Damerau (1964) and Levenshtein (1966).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `typed`, or nothing when none is near enough to be meant: a third of
/// the length may differ, and always one edit. A candidate that `typed` begins is near as well.
std::optional<std::string> nearest(std::string_view typed,
                                   std::span<const std::string_view> candidates);
std::optional<std::string> nearest(std::string_view typed, std::span<const std::string> candidates);

/// " Did you mean `beam`?" with its leading space, or nothing: ready to end a message with.
std::string did_you_mean(const std::optional<std::string>& candidate);

}  // namespace katip
