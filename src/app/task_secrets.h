#pragma once

#include <string>
#include <string_view>

namespace katip::app {

/// JSON of a task as it may be shown: values whose names sound like a secret (password, token,
/// authorization …), and passwords and signatures in addresses, are "[hidden]". What is no JSON is
/// hidden as a whole.
std::string without_secrets(std::string_view json_text);

/// "https://ayse:pw@host/x?token=1&a=2" -> "https://[hidden]@host/x?token=[hidden]&a=2"; what is no
/// address stays as it is.
std::string without_secrets_in_address(std::string_view text);

}  // namespace katip::app
