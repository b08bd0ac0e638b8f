#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/writers.h"
#include "text/writers/unzip_for_test.h"

namespace katip::text {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Parts = std::map<std::string, std::string>;

Parts docx_of(const Transcript& transcript, const WriteOptions& options = {}) {
  return unzip(write(transcript, Format::kDocx, options).value());
}

/// Whether every tag is closed by its like; enough to catch what escaping may miss.
bool is_balanced(const std::string& xml) {
  std::vector<std::string> open;
  for (std::size_t at = xml.find('<'); at != xml.npos; at = xml.find('<', at + 1)) {
    const std::string tag = xml.substr(at + 1, xml.find('>', at) - at - 1);
    const std::string name = tag.substr(0, tag.find_first_of(" \n"));
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1)) {
        return false;
      }
      open.pop_back();
    } else if (!tag.ends_with('/') && !tag.starts_with('?')) {
      open.push_back(name);
    }
  }
  return open.empty();
}

TEST(WriteDocx, HoldsThePartsThatWordAsksFor) {
  const Parts parts = docx_of({});
  std::vector<std::string> names;
  for (const auto& [name, bytes] : parts) {
    names.push_back(name);
    EXPECT_TRUE(is_balanced(bytes)) << name;
    EXPECT_TRUE(bytes.starts_with("<?xml")) << name;
  }
  EXPECT_THAT(names, ElementsAre("[Content_Types].xml", "_rels/.rels", "docProps/core.xml",
                                 "word/_rels/document.xml.rels", "word/document.xml",
                                 "word/settings.xml", "word/styles.xml"));
}

TEST(WriteDocx, DescribesEveryPartAndUsesOnlyStylesThatAre) {
  const Parts parts = docx_of({.language = "en",
                               .duration_ms = 1000,
                               .segments = {{.text = "a", .speaker = "A"}},
                               .warning = "cut off"});
  for (const char* part : {"word/document.xml", "word/styles.xml", "word/settings.xml"}) {
    EXPECT_THAT(parts.at("[Content_Types].xml"), HasSubstr("PartName=\"/" + std::string(part)));
  }
  const std::string& document = parts.at("word/document.xml");
  for (std::size_t at = document.find("Style w:val=\""); at != document.npos;
       at = document.find("Style w:val=\"", at + 1)) {
    const std::size_t begin = at + 13;
    const std::string style = document.substr(begin, document.find('"', begin) - begin);
    EXPECT_THAT(parts.at("word/styles.xml"), HasSubstr("w:styleId=\"" + style + "\""));
  }
}

TEST(WriteDocx, EscapesEveryTextThatComesFromOutside) {
  const std::string bad = "</w:t>&\"<w:p>\x01\xFF";
  const std::string good = "&lt;/w:t&gt;&amp;\"&lt;w:p&gt;\uFFFD";
  const Parts parts =
      docx_of({.language = "\"/><x>", .segments = {{.text = bad, .speaker = bad}}, .warning = bad},
              {.title = bad});
  const std::string& document = parts.at("word/document.xml");
  EXPECT_TRUE(is_balanced(document));
  EXPECT_THAT(document, HasSubstr(">" + good + "<")) << "title and text";
  EXPECT_THAT(document, HasSubstr(">" + good + ":<")) << "speaker";
  EXPECT_THAT(document, HasSubstr("Warning: " + good));
  EXPECT_THAT(document, Not(HasSubstr("<x>")));
  EXPECT_THAT(parts.at("docProps/core.xml"), HasSubstr("<dc:title>" + good + "</dc:title>"));
}

TEST(WriteDocx, SetsLanguageAndDirection) {
  const std::string hebrew =
      docx_of({.language = "he", .segments = {{.text = "שלום"}}}).at("word/document.xml");
  EXPECT_THAT(hebrew, HasSubstr("<w:bidi/>"));
  EXPECT_THAT(hebrew, HasSubstr("<w:rtl/><w:lang w:val=\"he\""));
  const std::string translated =
      docx_of({.task = Task::kTranslate, .language = "he", .segments = {{.text = "hello"}}})
          .at("word/document.xml");
  EXPECT_THAT(translated, Not(HasSubstr("<w:bidi/>")));
  EXPECT_THAT(translated, HasSubstr("w:lang w:val=\"en\""));
}

TEST(WriteDocx, LeavesTimesOutWhenAsked) {
  const Transcript transcript{.segments = {{.start_ms = 5000, .end_ms = 6000, .text = "Hi."}}};
  EXPECT_THAT(docx_of(transcript).at("word/document.xml"), HasSubstr(">0:05<"));
  EXPECT_THAT(docx_of(transcript, {.times = Shown::kNo}).at("word/document.xml"),
              Not(HasSubstr("0:05")));
}

}  // namespace
}  // namespace katip::text
