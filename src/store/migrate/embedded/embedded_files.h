#pragma once

#include <span>
#include <string_view>

namespace katip::store::migrate {

/// A file of the folder migrations/, as it was when the program was built.
struct EmbeddedFile {
  std::string_view name;
  std::string_view text;
};

/// All of them, in the order of their names. cmake/embed_migrations.cmake makes this function.
std::span<const EmbeddedFile> embedded_files();

}  // namespace katip::store::migrate
