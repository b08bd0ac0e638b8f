#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

/// Things that happen deep inside and are worth a figure: they are counted where they happen, and
/// whoever has a place for figures collects them.
///
///   count_event("sandbox_kills_total", "memory");
namespace katip {

/// By name and label.
using EventCounts = std::map<std::pair<std::string, std::string>, double>;

/// Adds to a counter of this process. Names and labels are fixed phrases, never data: each new one
/// stays for ever.
///
/// Threads: any.
void count_event(std::string_view name, std::string_view label = "", double amount = 1);

/// Everything since the last call. What could not be put anywhere is given back by counting it
/// again.
EventCounts take_events();

}  // namespace katip
