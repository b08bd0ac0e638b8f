#include "store/migrate/testing/random_history.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace katip::store::migrate::testing {
namespace {

constexpr int kRevisionCountMax = 16;
constexpr int kCommandCount = 24;

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  Scenario run() {
    const int count = between(1, kRevisionCountMax);
    for (int i = 0; i < count; ++i) add_revision();
    if (files_.size() > 2 && chance(0.04)) files_.front().revises = {files_.back().id};  // a cycle
    Scenario scenario;
    for (int i = 0; i < kCommandCount; ++i) scenario.commands.push_back(command());
    scenario.files = files_;
    std::ranges::sort(scenario.files, {}, &RevisionFile::id);
    return scenario;
  }

 private:
  int between(int low, int high) {
    return low + static_cast<int>(random_() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool chance(double probability) {
    return static_cast<double>(random_() % 10'000) < probability * 10'000;
  }
  template <typename T>
  const T& one_of(const std::vector<T>& items) {
    return items[random_() % items.size()];
  }

  /// Hexadecimal, sometimes beginning like another one, so that beginnings are ambiguous.
  std::string new_id() {
    std::string id;
    do {
      id = !ids_.empty() && chance(0.2) ? one_of(ids_).substr(0, 3) : "";
      const int size = between(4, 8);
      while (static_cast<int>(id.size()) < size) id += "0123456789abcdef"[random_() % 16];
    } while (std::ranges::find(ids_, id) != ids_.end());
    return id;
  }

  /// Mostly the newest ones, so that lines get long.
  const std::string& some_parent() {
    return chance(0.6) ? ids_[ids_.size() - 1 - random_() % std::min<std::size_t>(2, ids_.size())]
                       : one_of(ids_);
  }

  std::vector<std::string> heads() {
    std::set<std::string> revised;
    for (const RevisionFile& file : files_)
      revised.insert(file.revises.begin(), file.revises.end());
    std::vector<std::string> heads = ids_;
    std::erase_if(heads, [&](const std::string& id) { return revised.contains(id); });
    return heads;
  }

  void add_revision() {
    RevisionFile file;
    file.id = new_id();
    file.path = file.id + ".sql";
    file.message = "message of " + file.id;
    if (!ids_.empty() && !chance(0.15)) {
      std::set<std::string> parents = {some_parent()};
      const std::vector<std::string> open = heads();
      if (open.size() > 1 && chance(0.5)) parents = {open.front(), open.back()};
      if (ids_.size() > 1 && chance(0.05)) parents.insert(one_of(ids_));
      file.revises = {parents.begin(), parents.end()};
    }
    while (!ids_.empty() && chance(0.2)) {
      const std::string key = !labels_.empty() && chance(0.2) ? one_of(labels_) : one_of(ids_);
      if (std::ranges::find(file.depends_on, key) != file.depends_on.end()) break;
      file.depends_on.push_back(key);
    }
    if (chance(0.18)) {
      file.branch_labels.push_back(fmt::format("branch{}", labels_.size()));
      labels_.push_back(file.branch_labels.back());
    }
    ids_.push_back(file.id);
    files_.push_back(std::move(file));
  }

  std::string identifier() {
    if (chance(0.04)) return "nothing";
    if (chance(0.08)) return one_of(ids_).substr(0, static_cast<std::size_t>(between(1, 5)));
    if (!labels_.empty() && chance(0.15)) return one_of(labels_);
    return one_of(ids_);
  }

  std::string branch() {
    if (!labels_.empty() && chance(0.85)) return one_of(labels_);
    return chance(0.9) ? one_of(ids_) : "nobranch";
  }

  std::string target(char sign) {
    const std::string steps = fmt::format("{}{}", sign, between(0, 4));
    switch (between(0, 11)) {
      case 0:
      case 1:
      case 2:
        return identifier();
      case 3:
      case 4:
        return steps;
      case 5:
        return fmt::format("{}@{}", branch(), steps);
      case 6:
        return fmt::format("{}{}{}", identifier(), chance(0.5) ? '+' : '-', between(0, 3));
      case 7:
        return sign == '+' ? "head" : "base";
      case 8:
        return fmt::format("{}@{}", branch(), sign == '+' ? "head" : "base");
      case 9:
        return fmt::format("{}@{}", branch(), identifier());
      case 10:
        return fmt::format("{}@{}{}", branch(), identifier(), steps);
      default:
        return one_of<std::string>({"heads", "base", "head", steps, branch() + "@heads"});
    }
  }

  std::string end_of_range() {
    if (chance(0.4)) return "";
    return one_of<std::string>({identifier(), identifier(), "base", "heads", "current", "-2", "+1",
                                branch() + "@" + identifier()});
  }

  std::vector<std::string> command() {
    switch (between(0, 15)) {
      case 0:
        return {"upgrade", "heads"};
      case 1:
      case 2:
      case 3:
      case 4:
      case 5:
        return {"upgrade", target('+')};
      case 6:
      case 7:
      case 8:
      case 9:
        return {"downgrade", target('-')};
      case 10:
        return {"stamp", target('+')};
      case 11:
        return {"stamp", identifier(), identifier()};
      case 12:
        return {"history", chance(0.3) ? "" : end_of_range() + ":" + end_of_range()};
      case 13:
        return {"show", target('+')};
      case 14:
        return {"heads", chance(0.5) ? "all" : "revised"};
      default:
        return {one_of<std::string>({"branches", "current"})};
    }
  }

  std::mt19937_64 random_;
  std::vector<std::string> ids_;
  std::vector<std::string> labels_;
  std::vector<RevisionFile> files_;
};

}  // namespace

Scenario random_scenario(std::uint64_t seed) { return Maker(seed).run(); }

}  // namespace katip::store::migrate::testing
