#pragma once

#include <string>

#include "app/principal.h"
#include "base/testing/temporary_folder.h"
#include "jobs/testing/queue_fixture.h"
#include "store/job_store.h"
#include "text/transcript.h"
#include "text/writers.h"

namespace katip::app {

/// People with records: Ayşe and Ali see their own, the admin sees all.
class RecordFixture : public jobs::QueueFixture {
 protected:
  static Principal person(const std::string& owner) {
    return {.kind = PrincipalKind::kUser,
            .name = owner,
            .owner = owner,
            .permissions = all_permissions()};
  }
  static Principal ayse() { return person("ayşe"); }
  static Principal ali() { return person("ali"); }
  static Principal admin() {
    Principal admin = person("admin");
    admin.sees_all = true;
    return admin;
  }

  /// "Toplantı kubernetis ile başladı." from 0 to 4 s, "İkinci cümle." from 4 to 6 s.
  static text::Transcript meeting() {
    text::Transcript transcript{.language = "tr", .duration_ms = 6000};
    transcript.segments = {
        {.end_ms = 4000,
         .text = "Toplantı kubernetis ile başladı.",
         .words = {{0, 600, " Toplantı", 0.9f},
                   {700, 1500, " kubernetis", 0.4f},
                   {1600, 1800, " ile", 0.8f},
                   {1800, 3900, " başladı.", 0.7f}}},
        {.start_ms = 4000,
         .end_ms = 6000,
         .text = "İkinci cümle.",
         .words = {{4000, 5000, " İkinci", 0.9f}, {5000, 6000, " cümle.", 0.9f}}}};
    return transcript;
  }
  /// A completed job; its public id.
  std::string completed(const std::string& owner, const text::Transcript& transcript) {
    const std::string id = queue().new_id();
    const auto sql = jobs::must(pool().acquire({}));
    jobs::must(store::insert_job(*sql, {.id = id,
                                        .job_id = "job_" + id,
                                        .submitted_by = owner,
                                        .source_name = "Toplantı.mp3",
                                        .created_at = queue().now()}));
    jobs::must(store::start_job(*sql, id, 0, queue().now()));
    jobs::must(store::complete_job(
        *sql, id,
        {.transcript = jobs::must(text::write(transcript, text::Format::kJson, {})),
         .text = text::full_text(transcript),
         .detected_language = transcript.language,
         .audio_duration_s = 6,
         .processing_s = 1},
        queue().now()));
    return "job_" + id;
  }
  std::string completed(const std::string& owner) { return completed(owner, meeting()); }

  TemporaryFolder folder_;
};

template <typename T>
std::optional<ErrorCode> code(const Result<T>& result) {
  return result ? std::nullopt : std::optional(result.error().code);
}

}  // namespace katip::app
