#pragma once

#include <string>
#include <string_view>

#include "store/task_pages.h"

/// Tasks as lines of a CSV file. What a spreadsheet would take for a formula gets a quote before
/// it: names and errors come from outside.
namespace katip::app {

std::string_view task_csv_head();
std::string task_csv_line(const store::ListedTask& listed);

}  // namespace katip::app
