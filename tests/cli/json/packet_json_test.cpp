// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/json/packet_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "dissector/names/protocol_names.h"
#include "tests/support/json_schema.h"
#include "tests/support/record_builder.h"

namespace vsdump {
namespace {

using support::RecordBuilder;

using support::JsonSchema;

const JsonSchema& schema() {
  static const JsonSchema kSchema("packet");
  return kSchema;
}

/// The first record of a capture.
Frame firstFrame(const std::vector<std::byte>& bytes) {
  Frame frame = support::frameOf(bytes);
  frame.number = FrameNumber{1};
  return frame;
}

std::string jsonOf(const Frame& frame) {
  LineBuffer out;
  putPacketJson(out, frame, dissect(frame));
  return std::string(out.text());
}

std::string complaint(const std::string& line) {
  return schema().complaint(line);
}

rapidjson::Document parsed(const Frame& frame) {
  rapidjson::Document document;
  document.Parse(jsonOf(frame).c_str());
  return document;
}

std::set<std::string> enumAt(const char* pointer) {
  return schema().enumAt(pointer);
}

std::set<std::string> wordsOf(std::span<const FieldName> names) {
  std::set<std::string> words;
  for (const FieldName& name : names) words.insert(std::string(name.word));
  return words;
}

TEST(PacketJson, IsOneObjectALineWithTheDocumentedKeys) {
  RecordBuilder record = RecordBuilder::of(VirtioOp::Rw, 5);
  const auto bytes = record.bytes("hello");
  Frame frame = support::frameOf(bytes);
  frame.number = FrameNumber{7};
  frame.timestampNs = 1732277000'123456789;
  EXPECT_EQ(jsonOf(frame),
            R"({"record":"packet","number":7,"time":"1732277000.123456789",)"
            R"("src":{"cid":3,"port":1024},"dst":{"cid":2,"port":5000},"op":"payload",)"
            R"("transport":"virtio","virtio":{"op":"rw","type":"stream","flags":0,"len":5,)"
            R"("buf_alloc":262144,"fwd_cnt":0},"length":81,"captured_length":81,)"
            R"("payload_length":5,"anomalies":[]})"
            "\n");
}

TEST(PacketJson, TellsWhatTheConnectionSaysWhereItIsFollowed) {
  const auto bytes = RecordBuilder::of(VirtioOp::Rst).bytes();
  PacketContext context;
  context.seen.connection = ConnectionId{7};
  context.seen.direction = Direction::ToClient;
  context.seen.credit = 0;
  PacketNews news;
  news.findings = std::uint64_t{1} << static_cast<unsigned>(FindingCode::ConnectRefused);
  news.elsewhere[0] = {ConnectionId{3}, FindingCode::ConnectUnanswered};
  news.elsewhere[1] = {kNoConnection, FindingCode::TimeSteppedBack};
  news.listed = 2;
  context.news = &news;
  LineBuffer out;
  putPacketJson(out, firstFrame(bytes), dissect(firstFrame(bytes)), &context);
  const std::string line(out.text());
  EXPECT_THAT(line, ::testing::HasSubstr(
                        R"("anomalies":[],"connection":7,"direction":"to_client","credit":0,)"
                        R"("findings":[{"code":"connect-refused","connection":7},)"
                        R"({"code":"connect-unanswered","connection":3},)"
                        R"({"code":"time-stepped-back","connection":null}]})"));
  EXPECT_EQ(complaint(line), "");
}

TEST(PacketJson, SaysNothingAboutCreditThatIsNotKnown) {
  const auto bytes = RecordBuilder::of(VirtioOp::Rw, 5).bytes("hello");
  PacketContext context;
  context.seen.connection = ConnectionId{0};
  context.seen.isDuplicate = true;
  LineBuffer out;
  putPacketJson(out, firstFrame(bytes), dissect(firstFrame(bytes)), &context);
  const std::string line(out.text());
  EXPECT_THAT(line,
              ::testing::HasSubstr(R"("connection":0,"direction":"to_server","duplicate":true})"));
  EXPECT_EQ(complaint(line), "");
}

TEST(PacketJson, CidsThatJavaScriptWouldRoundAreStrings) {
  RecordBuilder record;
  record.monitor.src.cid = Cid{std::uint64_t{1} << 53};
  record.monitor.dst.cid = Cid{(std::uint64_t{1} << 53) + 1};
  const auto bytes = record.monitorBytes();
  const auto document = parsed(firstFrame(bytes));
  EXPECT_TRUE(document["src"]["cid"].IsUint64());
  ASSERT_TRUE(document["dst"]["cid"].IsString());
  EXPECT_STREQ(document["dst"]["cid"].GetString(), "9007199254740993");
}

TEST(PacketJson, ValuesWithoutANameAreNumbers) {
  RecordBuilder record;
  record.monitor.op = MonitorOp{9};
  record.virtio.op = VirtioOp{99};
  record.virtio.type = VirtioType{7};
  const auto bytes = record.bytes();
  const auto document = parsed(firstFrame(bytes));
  EXPECT_EQ(document["op"].GetUint(), 9U);
  EXPECT_EQ(document["virtio"]["op"].GetUint(), 99U);
  EXPECT_EQ(document["virtio"]["type"].GetUint(), 7U);
}

TEST(PacketJson, NamesFlagsAndTellsDifferingAddresses) {
  RecordBuilder record = RecordBuilder::of(VirtioOp::Shutdown);
  record.virtio.flags = 0x13;
  record.virtio.dst.port = Port{1};
  const auto bytes = record.bytes();
  const std::string line = jsonOf(firstFrame(bytes));
  EXPECT_THAT(line, ::testing::HasSubstr(R"("flags":19,"flag_names":["rcv","send"])"));
  EXPECT_THAT(line, ::testing::HasSubstr(R"("dst":{"cid":2,"port":1}})"));
  EXPECT_EQ(complaint(line), "");
}

TEST(PacketJson, TheSchemaFindsMistakes) {
  const auto bytes = RecordBuilder::of(VirtioOp::Request).bytes();
  std::string line = jsonOf(firstFrame(bytes));
  EXPECT_EQ(complaint(line), "");
  line.replace(line.find("\"request\""), 9, "\"REQUEST\"");
  EXPECT_EQ(complaint(line), "oneOf at #/virtio/op");
}

TEST(PacketJson, TheSchemaHasTheNamesOfTheTables) {
  EXPECT_EQ(enumAt("/properties/op/oneOf/0/enum"), wordsOf(monitorOpNames()));
  EXPECT_EQ(enumAt("/properties/transport/oneOf/0/enum"), wordsOf(transportNames()));
  EXPECT_EQ(enumAt("/properties/virtio/properties/op/oneOf/0/enum"), wordsOf(virtioOpNames()));
  EXPECT_EQ(enumAt("/properties/virtio/properties/type/oneOf/0/enum"), wordsOf(virtioTypeNames()));
  std::set<std::string> flags = wordsOf(flagNames(VirtioType::Stream, VirtioOp::Shutdown));
  flags.merge(wordsOf(flagNames(VirtioType::Seqpacket, VirtioOp::Rw)));
  EXPECT_EQ(enumAt("/properties/virtio/properties/flag_names/items/enum"), flags);
  std::set<std::string> codes;
  for (const AnomalyRow& row : anomalyCatalogue()) codes.insert(std::string(row.code));
  EXPECT_EQ(enumAt("/properties/anomalies/items/enum"), codes);
  for (const FindingRow& row : findingCatalogue()) codes.insert(std::string(row.code));
  EXPECT_EQ(enumAt("/properties/findings/items/properties/code/enum"), codes);
}

TEST(PacketJson, HostileFramesFitTheSchema) {
  std::mt19937_64 dice(2);
  for (int i = 0; i < 20000; ++i) {
    RecordBuilder record;
    std::vector<std::byte> bytes = record.bytes("some payload");
    // From a few wrong bytes in a good record to nothing but noise.
    const std::size_t wrong = i % 3 == 0 ? bytes.size() : dice() % 6;
    for (std::size_t k = 0; k < wrong; ++k) {
      bytes[dice() % bytes.size()] = static_cast<std::byte>(dice());
    }
    bytes.resize(i % 2 == 0 ? bytes.size() : dice() % (bytes.size() + 1));
    Frame frame = support::frameOf(bytes);
    frame.number = FrameNumber{1 + dice() % 1000};
    frame.timestampNs = static_cast<std::int64_t>(dice());
    if (i % 5 == 0) frame.wireLengthBytes = static_cast<std::uint32_t>(dice());
    const std::string line = jsonOf(frame);
    ASSERT_EQ(complaint(line), "") << line;
    ASSERT_EQ(line.find('\n'), line.size() - 1);
  }
}

}  // namespace
}  // namespace vsdump
