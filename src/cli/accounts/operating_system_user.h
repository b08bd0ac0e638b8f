#pragma once

#include <string>

namespace katip::cli {

/// Whose process this is, by the operating system; its number, where that has no name for it.
std::string operating_system_user();

/// This machine's name; empty where it has none that fits.
std::string host_name();

/// "ayse@db-host".
std::string user_at_host();

}  // namespace katip::cli
