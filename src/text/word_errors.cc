#include "text/word_errors.h"

#include <algorithm>

#include "text/unicode/characters.h"

// Tested by word_errors_test.cc.
namespace katip::text {
namespace {

constexpr std::size_t kContextWords = 3;

std::vector<std::string> normalized(std::string_view text, std::string_view language,
                                    ErrorUnit unit) {
  return unit == ErrorUnit::kWord ? normalized_words(text, language)
                                  : normalized_characters(text, language);
}

ErrorCount count_errors(const std::vector<Edit>& edits, std::size_t reference_count) {
  ErrorCount count{.reference_count = static_cast<std::int64_t>(reference_count)};
  for (const Edit& edit : edits) {
    count.substitution_count += edit.kind == EditKind::kSubstitution ? 1 : 0;
    count.deletion_count += edit.kind == EditKind::kDeletion ? 1 : 0;
    count.insertion_count += edit.kind == EditKind::kInsertion ? 1 : 0;
  }
  return count;
}

std::string readable(const Comparison& comparison, const Edit& edit) {
  switch (edit.kind) {
    case EditKind::kMatch:
      return comparison.reference[edit.reference_index];
    case EditKind::kSubstitution:
      return "{" + comparison.reference[edit.reference_index] + " -> " +
             comparison.hypothesis[edit.hypothesis_index] + "}";
    case EditKind::kDeletion:
      return "{-" + comparison.reference[edit.reference_index] + "}";
    case EditKind::kInsertion:
      return "{+" + comparison.hypothesis[edit.hypothesis_index] + "}";
  }
  return "";
}

/// For each edit whether it is an error or within kContextWords of one.
std::vector<bool> near_errors(const std::vector<Edit>& edits) {
  std::vector<bool> near(edits.size(), false);
  for (std::size_t i = 0; i < edits.size(); ++i) {
    if (edits[i].kind != EditKind::kMatch) {
      const std::size_t begin = i - std::min(i, kContextWords);
      const std::size_t end = std::min(edits.size(), i + kContextWords + 1);
      std::fill(near.begin() + static_cast<std::ptrdiff_t>(begin),
                near.begin() + static_cast<std::ptrdiff_t>(end), true);
    }
  }
  return near;
}

}  // namespace

double ErrorCount::rate() const {
  if (reference_count == 0) {
    return errors() == 0 ? 0.0 : 1.0;
  }
  return static_cast<double>(errors()) / static_cast<double>(reference_count);
}

ErrorCount& ErrorCount::operator+=(const ErrorCount& other) {
  reference_count += other.reference_count;
  substitution_count += other.substitution_count;
  deletion_count += other.deletion_count;
  insertion_count += other.insertion_count;
  return *this;
}

Comparison compare(std::string_view reference, std::string_view hypothesis,
                   std::string_view language, ErrorUnit unit) {
  Comparison comparison{.unit = unit,
                        .count = {},
                        .reference = normalized(reference, language, unit),
                        .hypothesis = normalized(hypothesis, language, unit),
                        .edits = {}};
  comparison.edits = align(std::span<const std::string>(comparison.reference),
                           std::span<const std::string>(comparison.hypothesis));
  comparison.count = count_errors(comparison.edits, comparison.reference.size());
  return comparison;
}

Comparison compare(std::string_view reference, std::string_view hypothesis,
                   std::string_view language) {
  return compare(reference, hypothesis, language, error_unit(language));
}

std::string readable_errors(const Comparison& comparison) {
  const std::vector<bool> near = near_errors(comparison.edits);
  const std::string_view space = comparison.unit == ErrorUnit::kWord ? " " : "";
  std::string line;
  bool skipping = false;
  for (std::size_t i = 0; i < comparison.edits.size(); ++i) {
    if (!near[i] && skipping) {
      continue;
    }
    skipping = !near[i];
    line += line.empty() ? "" : space;
    line += skipping ? "…" : readable(comparison, comparison.edits[i]);
  }
  return line;
}

}  // namespace katip::text
