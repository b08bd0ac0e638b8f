#include "http/response.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

namespace katip::http {
namespace {

namespace json = boost::json;

json::value body_of(const Response& response) {
  return json::parse(std::get<std::string>(response.body));
}

TEST(ResponseTest, NativeAnswersHaveTheirEnvelope) {
  const Response response = native_response(json::array{1, 2}, "Made", 201);
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
  const json::value body = body_of(response);
  EXPECT_EQ(body.at("success"), true);
  EXPECT_EQ(body.at("data"), (json::array{1, 2}));
  EXPECT_EQ(body.at("message"), "Made");
  EXPECT_TRUE(body.at("timestamp").as_string().ends_with("Z"));
}

TEST(ResponseTest, PlainAnswersAreWhatTheyAre) {
  EXPECT_EQ(std::get<std::string>(json_response(json::value(0.5)).body), "0.5");
  EXPECT_EQ(text_response("a").headers.get("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(empty_response().status, 204);
  EXPECT_EQ(std::get<std::string>(empty_response().body), "");
}

TEST(ResponseTest, ErrorsHaveTheStatusOfTheirCode) {
  const std::pair<ErrorCode, int> codes[] = {
      {ErrorCode::kInvalidArgument, 400}, {ErrorCode::kTooLarge, 413},
      {ErrorCode::kUnauthenticated, 401}, {ErrorCode::kPermissionDenied, 403},
      {ErrorCode::kNotFound, 404},        {ErrorCode::kConflict, 409},
      {ErrorCode::kOverloaded, 429},      {ErrorCode::kUnavailable, 503},
      {ErrorCode::kTimeout, 504},         {ErrorCode::kCancelled, 499},
      {ErrorCode::kCorruptData, 500},     {ErrorCode::kInternal, 500}};
  for (const auto& [code, status] : codes) {
    const Failure failure(Error{code, "because"});
    EXPECT_EQ(failure.status, status);
    EXPECT_EQ(failure.headers.has("Retry-After"), status == 429 || status == 503 || status == 504);
    EXPECT_EQ(failure.headers.has("WWW-Authenticate"), status == 401);
    EXPECT_NE(reason_phrase(status), "Unknown") << status;
  }
  EXPECT_EQ(reason_phrase(299), "Unknown");
}

TEST(ResponseTest, WhatBrokeInsideIsForTheLogOnly) {
  const Failure failure(Error{ErrorCode::kCorruptData, "row 7 of /var/secret"});
  EXPECT_EQ(failure.hidden, "row 7 of /var/secret");
  for (const ErrorShape shape : {ErrorShape::kNative, ErrorShape::kOpenAi}) {
    const Response response = to_response(failure, shape, {});
    EXPECT_FALSE(std::get<std::string>(response.body).contains("secret"));
  }
}

TEST(ResponseTest, NativeErrorsNameEveryField) {
  const Failure failure = Failure::of_fields({{"/name", "is needed"}, {"limit", "must be 1 to 9"}});
  const Response response = to_response(failure, ErrorShape::kNative, {});
  EXPECT_EQ(response.status, 422);
  const json::value body = body_of(response);
  EXPECT_EQ(body.at("success"), false);
  EXPECT_EQ(body.at("error").at("code"), "VALIDATION_FAILED");
  EXPECT_EQ(body.at("error").at("message"), "/name: is needed");
  EXPECT_EQ(body.at("error").at("details").as_array().size(), 2U);
  EXPECT_EQ(body.at_pointer("/error/details/1/field"), "limit");
  const json::value bare = body_of(to_response({404, "NOT_FOUND", "no"}, ErrorShape::kNative, {}));
  EXPECT_TRUE(bare.at("error").at("details").is_null());
}

TEST(ResponseTest, AProblemIsOneWhereItIsAskedFor) {
  Request request;
  request.path = "/api/v1/jobs";
  request.request_id = "r-1";
  request.headers.set("Accept", "text/html, application/problem+json");
  const Failure failure = Failure::of_fields({{"/a~1b", "is needed"}});
  const Response response = to_response(failure, ErrorShape::kNative, request);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
  const json::value body = body_of(response);
  EXPECT_EQ(body.at("type"), "/docs/problems/validation-failed");
  EXPECT_EQ(body.at("title"), "Unprocessable Content");
  EXPECT_EQ(body.at("instance"), "/api/v1/jobs");
  EXPECT_EQ(body.at("request_id"), "r-1");
  EXPECT_EQ(body.at_pointer("/errors/0/pointer"), "/a~1b");
}

TEST(ResponseTest, OpenAiErrorsHaveTheirShape) {
  Failure failure(422, "VALIDATION_FAILED", "no");
  failure.parameter = "model";
  Response response = to_response(failure, ErrorShape::kOpenAi, {});
  EXPECT_EQ(response.status, 400) << "that API has no 422";
  json::value body = body_of(response);
  EXPECT_EQ(body.at("error").at("type"), "invalid_request_error");
  EXPECT_EQ(body.at("error").at("param"), "model");
  EXPECT_TRUE(body.at("error").at("code").is_null());
  const std::pair<int, std::string_view> types[] = {
      {401, "authentication_error"}, {403, "permission_error"}, {404, "not_found_error"},
      {413, "server_error"},         {429, "rate_limit_error"}, {503, "server_error"}};
  for (const auto& [status, type] : types) {
    response = to_response({status, "X", "no"}, ErrorShape::kOpenAi, {});
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(body_of(response).at("error").at("type").as_string(), type);
  }
}

TEST(ResponseTest, TellsClientsWhereTryingAgainIsOfNoUse) {
  for (const int status : {409, 500, 507}) {
    const Response response = to_response({status, "X", "no"}, ErrorShape::kOpenAi, {});
    EXPECT_EQ(response.headers.get("x-should-retry"), "false");
  }
  EXPECT_FALSE(
      to_response({503, "X", "no"}, ErrorShape::kOpenAi, {}).headers.has("x-should-retry"));
}

}  // namespace
}  // namespace katip::http
