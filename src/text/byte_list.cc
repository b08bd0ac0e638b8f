#include "text/byte_list.h"

#include <boost/json/array.hpp>

/// Tested by byte_list_test.cc.
namespace katip::text {

namespace json = boost::json;

json::array byte_list(std::string_view bytes) {
  json::array list;
  list.reserve(bytes.size());
  for (const char byte : bytes) list.emplace_back(int{static_cast<unsigned char>(byte)});
  return list;
}

std::optional<std::string> bytes_in(const json::array& list) {
  std::string bytes;
  bytes.reserve(list.size());
  for (const json::value& byte : list) {
    if (!byte.is_int64() || byte.get_int64() < 0 || byte.get_int64() > 255) return std::nullopt;
    bytes += static_cast<char>(static_cast<unsigned char>(byte.get_int64()));
  }
  return bytes;
}

}  // namespace katip::text
