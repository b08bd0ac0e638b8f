#include "http/wire/multipart.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// The parts as "name|file|type|data", and the error at the end.
struct Read {
  std::vector<std::string> parts;
  Status status;
};

/// `cuts`: where the form is cut into pieces.
Read read(std::string_view form, std::string_view boundary, const std::vector<std::size_t>& cuts) {
  Read result;
  bool is_open = false;
  MultipartParser parser(
      boundary, {.on_begin =
                     [&](const PartHead& head) {
                       EXPECT_FALSE(std::exchange(is_open, true));
                       result.parts.push_back(fmt::format(
                           "{}|{}|{}|", head.name, head.file_name.value_or("-"), head.media_type));
                       return Status{};
                     },
                 .on_data =
                     [&](std::string_view data) {
                       EXPECT_TRUE(is_open);
                       EXPECT_FALSE(data.empty());
                       result.parts.back() += data;
                       return Status{};
                     },
                 .on_end =
                     [&] {
                       EXPECT_TRUE(std::exchange(is_open, false));
                       return Status{};
                     }});
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= cuts.size() && result.status; ++i) {
    const std::size_t end = i < cuts.size() ? cuts[i] : form.size();
    result.status = parser.feed(form.substr(begin, end - begin));
    begin = end;
  }
  if (result.status) result.status = parser.finish();
  return result;
}

Read read(std::string_view form, std::string_view boundary = "b") {
  return read(form, boundary, {});
}

std::string part(std::string_view head, std::string_view data) {
  return fmt::format("--b\r\nContent-Disposition: form-data; {}\r\n\r\n{}\r\n", head, data);
}

/// Everything that could be taken for the delimiter.
const std::string kTricky =
    "preamble\r\n" + part("name=\"a\"", "") +
    part("name=b; filename=c.wav", "\r\n--\r\n-b\r\n--a") +
    "--b \t\r\nContent-Type: audio/wav\r\ncontent-disposition: FORM-DATA; "
    "filename=\"q\\\"\\\\;.w\"; "
    "name=\"\xC3\xA7 d\"\r\nX-Y: z\r\n\r\n\r\r\n\r\n--\r\n--B\r\n\r\n--b--\r\nepilogue --b\r\n--b";
const std::vector<std::string> kTrickyParts = {
    "a|-||", "b|c.wav||\r\n--\r\n-b\r\n--a",
    "\xC3\xA7 d|q\"\\;.w|audio/wav|\r\r\n\r\n--\r\n--B\r\n"};

TEST(MultipartTest, ReadsPartsWhole) {
  const Read done = read(kTricky);
  EXPECT_TRUE(done.status) << done.status.error().message;
  EXPECT_EQ(done.parts, kTrickyParts);
}

TEST(MultipartTest, EverySplitIntoTwoPiecesGivesTheSame) {
  for (std::size_t cut = 0; cut <= kTricky.size(); ++cut) {
    const Read done = read(kTricky, "b", {cut});
    EXPECT_TRUE(done.status) << cut;
    EXPECT_EQ(done.parts, kTrickyParts) << cut;
  }
}

TEST(MultipartTest, EverySplitIntoThreePiecesGivesTheSame) {
  const std::string form = part("name=a", "\r\n-\r\n--\r\n--c") + "--b--";
  for (std::size_t first = 0; first <= form.size(); ++first) {
    for (std::size_t second = first; second <= form.size(); ++second) {
      EXPECT_THAT(read(form, "b", {first, second}).parts, ElementsAre("a|-||\r\n-\r\n--\r\n--c"))
          << first << " " << second;
    }
  }
}

TEST(MultipartTest, ByteByByteGivesTheSame) {
  std::vector<std::size_t> cuts;
  for (std::size_t cut = 1; cut < kTricky.size(); ++cut) cuts.push_back(cut);
  const Read done = read(kTricky, "b", cuts);
  EXPECT_TRUE(done.status);
  EXPECT_EQ(done.parts, kTrickyParts);
}

TEST(MultipartTest, AnEmptyFormHasNoParts) {
  EXPECT_TRUE(read("--b--").status);
  EXPECT_TRUE(read("--b--\r\n").status);
  EXPECT_TRUE(read("\r\n--b--").status);
}

TEST(MultipartTest, EveryFormThatIsCutOffIsAnError) {
  const std::string form = part("name=a", "data") + "--b--";
  for (std::size_t size = 0; size < form.size(); ++size) {
    const Read cut = read(form.substr(0, size));
    ASSERT_FALSE(cut.status) << size;
    EXPECT_EQ(cut.status.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(MultipartTest, RefusesHeadsThatAreNone) {
  for (const char* form :
       {"--b\r\n\r\ndata\r\n--b--", "--b\r\nno colon\r\n\r\n\r\n--b--",
        "--b\r\nContent-Disposition: form-data\r\n\r\n\r\n--b--",
        "--b\r\nContent-Disposition: attachment; name=a\r\n\r\n\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"\xFF\"\r\n\r\n\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=a; filename=\"\xFF\"\r\n\r\n\r\n--b--",
        "--b\r\nContent-Type: text/plain\r\n\r\n\r\n--b--", "--bc\r\n", "--b-\r\n", "--b\n",
        "--b- -"}) {
    const Read done = read(form);
    ASSERT_FALSE(done.status) << form;
    EXPECT_EQ(done.status.error().code, ErrorCode::kInvalidArgument) << form;
  }
}

TEST(MultipartTest, AHeadHasALimit) {
  const std::string long_head = "--b\r\nX: " + std::string(MultipartParser::kHeadSizeMax, 'x');
  const Read whole = read(long_head + "\r\n\r\n");
  ASSERT_FALSE(whole.status);
  EXPECT_EQ(whole.status.error().code, ErrorCode::kTooLarge);
  const Read spaces = read("--b" + std::string(1'000, ' '));
  EXPECT_FALSE(spaces.status);
}

TEST(MultipartTest, NamesThatAreNotAsciiComeInBothWays) {
  EXPECT_THAT(read(part("name=a; filename*=UTF-8''na%C3%AFve%20b.wav", "x") + "--b--").parts,
              ElementsAre("a|na\xC3\xAFve b.wav||x"));
  EXPECT_THAT(read(part("name=a; filename=\"c.wav\"; filename*=UTF-8''d", "x") + "--b--").parts,
              ElementsAre("a|c.wav||x"));
  EXPECT_THAT(read(part("name=a; filename*=utf-8'%FF", "x") + "--b--").parts,
              ElementsAre("a|utf-8'%FF||x"));
}

TEST(MultipartTest, TheHandlerMayEndIt) {
  MultipartParser parser(
      "b",
      {.on_begin = [](const PartHead&) { return Status{}; },
       .on_data = [](std::string_view) { return Status(fail(ErrorCode::kTooLarge, "enough")); },
       .on_end = [] { return Status{}; }});
  const Status fed = parser.feed(part("name=a", "data"));
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().message, "enough");
  EXPECT_FALSE(parser.feed("more")) << "nothing more is read";
  EXPECT_FALSE(parser.finish());
}

TEST(MultipartTest, FindsTheBoundary) {
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(multipart_boundary("Multipart/Form-Data ;charset=x; BOUNDARY=\"a b\""), "a b");
  EXPECT_EQ(multipart_boundary("multipart/form-data"), std::nullopt);
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary="), std::nullopt);
  EXPECT_EQ(multipart_boundary("multipart/mixed; boundary=a"), std::nullopt);
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'a')),
            std::nullopt);
}

}  // namespace
}  // namespace katip::http
