# Run by embed_sql.cmake: writes FILES (separated by "|") as C++ strings, one for each file:
# compilers need not take a longer one than 65,536 characters.
string(REPLACE "|" ";" FILES "${FILES}")
set(texts "")
foreach(file IN LISTS FILES)
  file(READ "${file}" content)
  string(APPEND texts "    R\"katip_sql(${content}\n)katip_sql\",\n")
endforeach()
file(WRITE "${OUTPUT}" "namespace katip::store::detail {
extern const char* const k_${DIALECT}_queries[];
const char* const k_${DIALECT}_queries[] = {
${texts}    nullptr};
}  // namespace katip::store::detail
")
