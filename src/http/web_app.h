#pragma once

#include <span>
#include <string>
#include <string_view>

namespace katip::http {

/// A file of the web app, ready to be sent.
struct WebFile {
  std::string_view path;  ///< "/assets/index-Bx3k.js"; those in /assets/ never change.
  std::string_view media_type;
  std::string_view tag;  ///< With its quotes, of the bytes.
  std::span<const char> bytes;
  std::span<const char> gzip = {};  ///< Empty: not worth it.
};

/// An address that is a page of the app: the server answers /index.html, which then shows it.
struct WebPage {
  std::string_view name;
  std::string_view path;  ///< As of routes: "/transcripts/{id}".
};

/// The web app that `katip serve` shows; nothing: there is none in this program.
///
/// Lifetime: files and pages are part of the program.
struct WebApp {
  std::span<const WebFile> files = {};
  std::span<const WebPage> pages = {};
  /// "https://s3.example:9000": recordings may play from there too. Empty: from this server alone.
  std::string media_origin = {};
};

}  // namespace katip::http
