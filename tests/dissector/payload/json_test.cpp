// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/json.h"

#include <gtest/gtest.h>

#include <string>

namespace vsdump::payload {
namespace {

TEST(JsonObject, HasItsMembers) {
  const auto json = JsonObject::parse(
      R"({"a":"text","n":7,"t":true,"o":{"x":"y"},"l":[{"b":1},{"b":2}],"neg":-1})");
  ASSERT_TRUE(json);
  EXPECT_EQ(json->text("a"), "text");
  EXPECT_EQ(json->number("n"), 7U);
  EXPECT_EQ(json->number("t"), 1U);
  EXPECT_EQ(json->text("o", "x"), "y");
  EXPECT_EQ(json->sum("l", "b"), 3U);
  EXPECT_TRUE(json->has("l"));
  EXPECT_FALSE(json->text("n"));
  EXPECT_FALSE(json->number("neg"));
  EXPECT_FALSE(json->text("a", "x"));
  EXPECT_FALSE(json->sum("l", "c"));
  EXPECT_FALSE(json->has("z"));
}

TEST(JsonObject, IsNothingElse) {
  for (const char* text : {"", "[]", "1", "{", "{}x", "{\"a\":}", "{\"a\":1e999}"}) {
    EXPECT_FALSE(JsonObject::parse(text)) << text;
  }
}

TEST(JsonObject, DoesNotFallIntoDepths) {
  const std::size_t depth = 1'000'000;
  EXPECT_FALSE(JsonObject::parse("{\"a\":" + std::string(depth, '[')));
  EXPECT_TRUE(
      JsonObject::parse("{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}"));
}

}  // namespace
}  // namespace vsdump::payload
