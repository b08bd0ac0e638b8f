#include "cli/transcribe/json_report.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "text/writers.h"

// Tested by json_report_test.cc.
namespace katip::cli {
namespace {

namespace json = boost::json;

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kDone:
      return "done";
    case Outcome::kSkipped:
      return "skipped";
    case Outcome::kPartial:
      return "partial";
    case Outcome::kFailed:
      return "failed";
  }
  return "failed";
}

json::object error_object(const Error& error) {
  return {{"code", name(error.code)}, {"message", error.message}};
}

/// Without line breaks and what indents the lines; JSON has no line break inside a string.
std::string on_one_line(std::string_view json_text) {
  std::string line;
  line.reserve(json_text.size());
  bool is_indent = false;
  for (const char c : json_text) {
    is_indent = c == '\n' || (is_indent && c == ' ');
    if (!is_indent) {
      line += c;
    }
  }
  return line;
}

}  // namespace

Result<std::string> json_line(const Input& input, const FileReport& report) {
  json::object line{{"file", input.name}, {"status", outcome_name(report.outcome)}};
  const text::Transcript& transcript = report.result.transcript;
  if (report.result.error) {
    line["error"] = error_object(*report.result.error);
  }
  if (transcript.warning) {
    line["warning"] = *transcript.warning;
  }
  json::array outputs;
  for (const std::filesystem::path& path : report.outputs) {
    outputs.emplace_back(path.string());
  }
  line["outputs"] = std::move(outputs);
  std::string text = json::serialize(line);
  if (report.outcome == Outcome::kDone || report.outcome == Outcome::kPartial ||
      report.is_unsaved) {
    // The writer's JSON goes in as it is: parsing it again would only cost time and memory.
    const std::string written =
        KATIP_TRY(text::write(transcript, text::Format::kJson, text::WriteOptions{}));
    text.pop_back();
    text += fmt::format(R"(,"wall_ms":{},"speech_ms":{},"transcript":{}}})",
                        static_cast<std::int64_t>(report.seconds * 1000.0), report.result.speech_ms,
                        on_one_line(written));
  }
  return text + "\n";
}

std::string json_error_line(const Error& error) {
  const json::object line{{"status", "failed"}, {"error", error_object(error)}};
  return json::serialize(line) + "\n";
}

}  // namespace katip::cli
