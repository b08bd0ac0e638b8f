#include "text/word_difference.h"

#include <array>
#include <utility>

#include "text/alignment.h"
#include "text/unicode/characters.h"
#include "text/word_times.h"

// Tested by word_difference_test.cc.
namespace katip::text {
namespace {

struct WordList {
  std::vector<std::string> words;
  std::vector<std::string> keys;
};

WordList read(std::string_view text, std::string_view language) {
  WordList list;
  for (const std::string& word : words_of(clean_line(text))) {
    const std::string_view plain = trimmed(word);
    const std::string_view bare = without_outer_punctuation(plain);
    list.words.emplace_back(plain);
    list.keys.push_back(lower(bare.empty() ? plain : bare, language));
  }
  return list;
}

/// The run that this step belongs to: the last one, or a new one.
WordRun& run_for(std::vector<WordRun>& runs, DifferenceKind kind) {
  const auto is_change = [](DifferenceKind k) {
    return k != DifferenceKind::kSame && k != DifferenceKind::kRetouched;
  };
  const bool joins = !runs.empty() &&
                     (runs.back().kind == kind || (is_change(runs.back().kind) && is_change(kind)));
  if (!joins) runs.push_back({.kind = kind});
  return runs.back();
}

}  // namespace

std::string_view name(DifferenceKind kind) {
  static constexpr std::array<std::string_view, 5> kNames = {"same", "retouched", "replaced",
                                                             "removed", "added"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::vector<WordRun> word_difference(std::string_view before, std::string_view after,
                                     std::string_view language) {
  const WordList old_list = read(before, language);
  const WordList new_list = read(after, language);
  std::vector<WordRun> runs;
  for (const Edit& edit : align(std::span<const std::string>(old_list.keys),
                                std::span<const std::string>(new_list.keys))) {
    const bool has_old = edit.kind != EditKind::kInsertion;
    const bool has_new = edit.kind != EditKind::kDeletion;
    const std::string old_word = has_old ? old_list.words[edit.reference_index] : "";
    const std::string new_word = has_new ? new_list.words[edit.hypothesis_index] : "";
    DifferenceKind kind = DifferenceKind::kReplaced;
    if (edit.kind == EditKind::kMatch) {
      kind = old_word == new_word ? DifferenceKind::kSame : DifferenceKind::kRetouched;
    }
    WordRun& run = run_for(runs, kind);
    if (has_old) run.before.push_back(old_word);
    if (has_new) run.after.push_back(new_word);
  }
  for (WordRun& run : runs) {
    if (run.kind != DifferenceKind::kReplaced) continue;
    if (run.after.empty()) run.kind = DifferenceKind::kRemoved;
    if (run.before.empty()) run.kind = DifferenceKind::kAdded;
  }
  return runs;
}

}  // namespace katip::text
