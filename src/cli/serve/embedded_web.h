#pragma once

#include "http/web_app.h"

namespace katip::cli {

/// The web app of web/, as it was built with this program.
http::WebApp embedded_web();

}  // namespace katip::cli
