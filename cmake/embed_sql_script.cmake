# Run by embed_sql.cmake: writes FILES (separated by "|"), one after the other, as one C++ string.
string(REPLACE "|" ";" FILES "${FILES}")
set(text "")
foreach(file IN LISTS FILES)
  file(READ "${file}" content)
  string(APPEND text "${content}\n")
endforeach()
file(WRITE "${OUTPUT}" "namespace katip::store::detail {
extern const char* const k_${DIALECT}_queries;
const char* const k_${DIALECT}_queries = R\"katip_sql(${text})katip_sql\";
}  // namespace katip::store::detail
")
