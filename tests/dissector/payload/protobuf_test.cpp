// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/protobuf.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string_view>

#include "dissector/payload/cursor.h"

namespace vsdump::payload {
namespace {

using namespace std::string_view_literals;

Bytes bytesOf(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

TEST(ProtobufReader, ReadsEachWireType) {
  ProtobufReader reader(bytesOf("\x08\xAC\x02\x11\1\0\0\0\0\0\0\x80\x1A\3abc\x25\xFF\0\0\0"sv));
  auto field = reader.next();
  ASSERT_TRUE(field);
  EXPECT_EQ(field->number, 1U);
  EXPECT_EQ(field->value, 300U);
  field = reader.next();
  EXPECT_EQ(field->value, 0x8000000000000001U);
  field = reader.next();
  EXPECT_TRUE(field->isBytes);
  EXPECT_EQ(textOf(field->bytes), "abc");
  field = reader.next();
  EXPECT_EQ(field->number, 4U);
  EXPECT_EQ(field->value, 255U);
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.isWell());
}

TEST(ProtobufReader, StopsWhereThereIsNoProtobuf) {
  for (const std::string_view text :
       {"\x0A\x05xy"sv, "\x08"sv, "\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"sv,
        "\x00\x01"sv, "\x0B\x01"sv, "\x0F\x01"sv, "\x09\x01"sv}) {
    ProtobufReader reader(bytesOf(text));
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.isWell());
    EXPECT_FALSE(reader.next());
  }
}

TEST(ProtobufField, IsFoundAtItsPath) {
  // 1: "x", 2: {4: "sh", 4: "-c"}
  const Bytes message = bytesOf("\x0A\1x\x12\x08\x22\2sh\x22\2-c"sv);
  const std::uint8_t path[] = {2, 4};
  const auto field = protobufField(message, path);
  ASSERT_TRUE(field);
  EXPECT_EQ(textOf(field->bytes), "sh");
  const std::uint8_t through[] = {1, 1, 1};
  EXPECT_FALSE(protobufField(message, through));
}

RC_GTEST_PROP(ProtobufReader, EndsOnAnyBytes, (std::string bytes)) {
  ProtobufReader reader(bytesOf(bytes));
  std::size_t fields = 0;
  while (reader.next()) ++fields;
  RC_ASSERT(fields <= bytes.size());
}

}  // namespace
}  // namespace vsdump::payload
