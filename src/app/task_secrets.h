#pragma once

#include <string>
#include <string_view>

namespace katip::app {

/// JSON of a task as it may be shown: values whose names sound like a secret (password, token,
/// authorization …), and passwords and signatures in addresses, are "[hidden]". What is no JSON is
/// hidden as a whole.
std::string without_secrets(std::string_view json_text);

}  // namespace katip::app
