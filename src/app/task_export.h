#pragma once

#include <string>
#include <string_view>

#include "store/task_pages.h"

/// Tasks as lines of a CSV file; names and errors come from outside (csv_outside_field()).
namespace katip::app {

std::string_view task_csv_head();
std::string task_csv_line(const store::ListedTask& listed);

}  // namespace katip::app
