#pragma once

#include <map>
#include <string>

namespace katip::text {

/// The entries of an archive, read by its directory and checked against sizes and sums; a failure
/// of the test for everything that is not as it should be. Defined in zip_test.cc.
std::map<std::string, std::string> unzip(const std::string& archive);

}  // namespace katip::text
