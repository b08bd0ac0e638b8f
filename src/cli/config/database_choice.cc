#include "cli/config/database_choice.h"

// Tested by database_choice_test.cc.
namespace katip::cli {

std::optional<NamedUrl> database_of_environment(const Environment& environment) {
  for (const char* variable : {"DATABASE_URL", "POSTGRES_URL"}) {
    auto url = environment.get(variable);
    if (url && !url->empty()) return NamedUrl{.variable = variable, .url = *std::move(url)};
  }
  return std::nullopt;
}

std::string default_database_url(const std::filesystem::path& data_dir) {
  return "sqlite:///" + (data_dir / "katip.db").string();
}

}  // namespace katip::cli
