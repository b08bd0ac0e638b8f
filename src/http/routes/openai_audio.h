#pragma once

#include "http/route.h"
#include "http/service.h"

namespace katip::http {

/// POST /v1/audio/transcriptions and /v1/audio/translations.
///
/// Lifetime: transcriptions and models outlive the table.
void add_openai_audio_routes(RouteTable& table, app::Transcriptions& transcriptions,
                             const app::ModelNames& models, OpenAiOptions options);

/// GET /v1/models, GET and DELETE /v1/models/{model}; what is deleted is in the audit log.
void add_openai_model_routes(RouteTable& table, const app::ModelNames& models,
                             const app::ModelPlaces& places, app::Audit& audit);

}  // namespace katip::http
