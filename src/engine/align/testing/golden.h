#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <boost/json.hpp>

/// For tests: files of tests/golden/align.
namespace katip::engine {

inline std::string read_golden(const std::string& name) {
  std::ifstream file(std::string(KATIP_SOURCE_DIR) + "/tests/golden/align/" + name,
                     std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline boost::json::value parse_golden(const std::string& name) {
  return boost::json::parse(read_golden(name));
}

inline float number(const boost::json::value& value) { return value.to_number<float>(); }

}  // namespace katip::engine
