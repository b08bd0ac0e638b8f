#pragma once

#include <string>
#include <string_view>

/// Text that is made from the option table, so that it cannot fall behind it.
namespace katip::cli {

/// The tables of docs/configuration.md, between its two `options` marks.
std::string options_as_markdown();

/// A whole environment file with every variable. `environment_name`: "development", "staging",
/// "production", or "example" for .env.example, where everything is commented out.
std::string environment_file(std::string_view environment_name);

}  // namespace katip::cli
