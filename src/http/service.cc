#include "http/service.h"

#include "http/routes/openai_audio.h"
#include "http/routes/status.h"

/// Tested by tests/e2e/test_serve.py.
namespace katip::http {

RouteTable make_routes(const Service& service) {
  RouteTable table;
  add_status_routes(table);
  add_openai_audio_routes(table, service.transcriptions, service.models, service.openai);
  add_openai_model_routes(table, service.models);
  return table;
}

}  // namespace katip::http
