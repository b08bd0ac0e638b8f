# Run by embed_migrations.cmake: writes FILES (separated by "|") as a C++ array of names and texts.
string(REPLACE "|" ";" FILES "${FILES}")
set(entries "")
set(count 0)
foreach(file IN LISTS FILES)
  file(READ "${file}" content)
  get_filename_component(name "${file}" NAME)
  string(APPEND entries "    {\"${name}\", R\"katip_sql(${content})katip_sql\"},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE "${OUTPUT}" "#include \"store/migrate/embedded/embedded_files.h\"

namespace katip::store::migrate {
namespace {

constexpr EmbeddedFile kFiles[] = {
${entries}    {},  // an array cannot be empty
};

}  // namespace

std::span<const EmbeddedFile> embedded_files() { return {kFiles, ${count}}; }

}  // namespace katip::store::migrate
")
