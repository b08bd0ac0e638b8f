#include "remote/curl/url.h"

#include <algorithm>
#include <array>
#include <memory>

#include <curl/curl.h>
#include <unicode/uidna.h>

/// Tested by outgoing_guard_test.cc.
namespace katip::remote {
namespace {

using Parsed = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string part_of(CURLU* parsed, CURLUPart which, unsigned flags) {
  char* text = nullptr;
  const CURLUcode code = curl_url_get(parsed, which, &text, flags);
  std::string result = code == CURLUE_OK && text != nullptr ? text : "";
  curl_free(text);
  return result;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// "bücher.example" -> "xn--bcher-kva.example", and "①.1" -> "1.1". Empty when it is no name.
///
/// Source: Unicode Technical Standard 46, as browsers use it.
std::string to_ascii(const std::string& host) {
  UErrorCode error = U_ZERO_ERROR;
  const std::unique_ptr<UIDNA, decltype(&uidna_close)> rules(
      uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI, &error), &uidna_close);
  std::array<char, 256> ascii{};
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  const std::int32_t size =
      uidna_nameToASCII_UTF8(rules.get(), host.data(), static_cast<std::int32_t>(host.size()),
                             ascii.data(), static_cast<std::int32_t>(ascii.size()), &info, &error);
  const bool is_name = U_SUCCESS(error) && info.errors == 0 && size > 0 &&
                       static_cast<std::size_t>(size) < ascii.size();
  return is_name ? std::string(ascii.data(), static_cast<std::size_t>(size)) : "";
}

std::unexpected<Error> no_address() {
  return fail(ErrorCode::kInvalidArgument, "this is no http or https address of a host");
}

}  // namespace

Result<AsciiUrl> ascii_url(const std::string& url) {
  Parsed parsed(curl_url(), &curl_url_cleanup);
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return no_address();
  }
  const std::string scheme = part_of(parsed.get(), CURLUPART_SCHEME, 0);
  if (scheme != "http" && scheme != "https") return no_address();
  // A name in Unicode may mean a number once it is written in ASCII, so it is read once more.
  const std::string host = part_of(parsed.get(), CURLUPART_HOST, 0);
  const std::string ascii = is_ascii(host) ? host : to_ascii(host);
  if (ascii.empty() || curl_url_set(parsed.get(), CURLUPART_HOST, ascii.c_str(), 0) != CURLUE_OK) {
    return no_address();
  }
  const std::string once = part_of(parsed.get(), CURLUPART_URL, 0);
  if (curl_url_set(parsed.get(), CURLUPART_URL, once.c_str(), 0) != CURLUE_OK) return no_address();
  AsciiUrl result;
  result.url = part_of(parsed.get(), CURLUPART_URL, 0);
  result.host = part_of(parsed.get(), CURLUPART_HOST, 0);
  result.port = part_of(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  result.has_user = !part_of(parsed.get(), CURLUPART_USER, 0).empty() ||
                    !part_of(parsed.get(), CURLUPART_PASSWORD, 0).empty();
  if (result.host.starts_with('[')) result.host = result.host.substr(1, result.host.size() - 2);
  return result.url.empty() || result.host.empty() ? Result<AsciiUrl>(no_address()) : result;
}

}  // namespace katip::remote
