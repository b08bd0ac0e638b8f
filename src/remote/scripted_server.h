#pragma once

#include "base/scripted_server.h"

namespace katip::remote {

using katip::ScriptedServer;

}  // namespace katip::remote
