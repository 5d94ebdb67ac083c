// SPDX-License-Identifier: GPL-2.0-or-later
// Everything that the commands print with --json, for all samples, against the schemas of docs/.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "dissector/connection/connection.h"
#include "dissector/names/protocol_names.h"
#include "dissector/payload/message.h"
#include "tests/support/json_schema.h"

namespace vsdump {
namespace {

using support::JsonSchema;

const std::map<std::string, JsonSchema>& schemas() {
  static const std::map<std::string, JsonSchema> kSchemas = [] {
    std::map<std::string, JsonSchema> all;
    for (const char* record :
         {"packet", "connection", "finding", "calls", "message", "interval", "port"}) {
      all.try_emplace(record, record);
    }
    return all;
  }();
  return kSchemas;
}

const JsonSchema& schemaOf(const std::string& record) {
  return schemas().at(record);
}

std::vector<std::filesystem::path> samples() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(VSDUMP_SOURCE_DIR "/samples")) {
    if (entry.path().extension().string().starts_with(".pcap")) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

std::vector<std::string> linesOf(const std::string& command, const std::filesystem::path& sample) {
  const std::string line = std::string(VSDUMP_PROGRAM) + ' ' + command + " --json -r '" +
                           sample.string() + "' 2>/dev/null";
  std::string text;
  std::FILE* const pipe = ::popen(line.c_str(), "r");
  std::array<char, 65536> piece{};
  while (const std::size_t size = std::fread(piece.data(), 1, piece.size(), pipe)) {
    text.append(piece.data(), size);
  }
  ::pclose(pipe);
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string each; std::getline(stream, each);) lines.push_back(each);
  return lines;
}

/// The words of the record that a line has: "connection".
std::string recordOf(const std::string& line) {
  constexpr std::string_view kStart = "{\"record\":\"";
  if (!line.starts_with(kStart)) return "";
  return line.substr(kStart.size(), line.find('"', kStart.size()) - kStart.size());
}

/// Expects that every line fits its schema, and adds the kinds of records to `seen`.
void expectFit(const std::filesystem::path& sample, std::initializer_list<const char*> commands,
               std::set<std::string>& seen) {
  for (const char* command : commands) {
    for (const std::string& line : linesOf(command, sample)) {
      const std::string record = recordOf(line);
      ASSERT_TRUE(schemas().contains(record)) << line;
      ASSERT_EQ(schemaOf(record).complaint(line), "") << sample << ": " << line;
      seen.insert(record);
    }
  }
}

std::set<std::string> findingCodes() {
  std::set<std::string> codes;
  for (const AnomalyRow& row : anomalyCatalogue()) codes.insert(std::string(row.code));
  for (const FindingRow& row : findingCatalogue()) codes.insert(std::string(row.code));
  return codes;
}

TEST(RecordSchemas, FitEveryRecordOfEverySample) {
  std::set<std::string> seen;
  for (const auto& sample : samples()) {
    expectFit(sample, {"", "connections", "report", "messages", "stats"}, seen);
  }
  for (const auto& [record, schema] : schemas()) EXPECT_TRUE(seen.contains(record)) << record;
}

TEST(RecordSchemas, FitTheRecordsOfMutatedSamples) {
  std::mt19937_64 dice(4);
  const std::filesystem::path path =
      std::filesystem::path(::testing::TempDir()) / "vsdump-mutated.pcap";
  std::set<std::string> seen;
  for (const auto& sample : samples()) {
    std::ifstream file(sample, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    std::string bytes = text.str();
    for (std::size_t i = 0; i < bytes.size() / 100; ++i) {
      bytes[40 + dice() % (bytes.size() - 40)] = static_cast<char>(dice());
    }
    std::ofstream(path, std::ios::binary) << bytes;
    expectFit(path, {"connections", "report"}, seen);
  }
  std::filesystem::remove(path);
  EXPECT_TRUE(seen.contains("connection") && seen.contains("finding"));
}

TEST(RecordSchemas, HaveTheNamesOfTheTables) {
  EXPECT_EQ(schemaOf("finding").enumAt("/properties/code/enum"), findingCodes());
  const JsonSchema& connection = schemaOf("connection");
  EXPECT_EQ(connection.enumAt("/properties/findings/items/enum"), findingCodes());
  std::set<std::string> states{"partial"};
  for (int i = 0; i <= static_cast<int>(ConnectionState::Lost); ++i) {
    states.insert(std::string(stateWord(static_cast<ConnectionState>(i))));
  }
  EXPECT_EQ(connection.enumAt("/properties/state/enum"), states);
  std::set<std::string> types;
  for (const FieldName& name : virtioTypeNames()) types.insert(std::string(name.word));
  EXPECT_EQ(connection.enumAt("/properties/type/oneOf/0/enum"), types);
  std::set<std::string> outcomes;
  for (const auto outcome :
       {payload::Outcome::Ok, payload::Outcome::Error, payload::Outcome::OneWay,
        payload::Outcome::Unanswered, payload::Outcome::Unknown}) {
    outcomes.insert(std::string(payload::outcomeWord(outcome)));
  }
  EXPECT_EQ(schemaOf("message").enumAt("/properties/outcome/enum"), outcomes);
}

TEST(RecordSchemas, AreWhatThePageDescribes) {
  std::ifstream file(VSDUMP_SOURCE_DIR "/docs/json.md");
  std::stringstream page;
  page << file.rdbuf();
  for (const auto& [record, schema] : schemas()) {
    EXPECT_THAT(page.str(), ::testing::HasSubstr("(" + record + ".schema.json)"));
    for (const std::string& key : schema.keys()) {
      EXPECT_THAT(page.str(), ::testing::HasSubstr('`' + key + '`')) << record;
    }
  }
}

TEST(RecordSchemas, FindMistakes) {
  std::string line = linesOf("connections", VSDUMP_SOURCE_DIR "/samples/refused.pcap").at(0);
  EXPECT_EQ(schemaOf("connection").complaint(line), "");
  line.replace(line.find("\"refused\""), 9, "\"REFUSED\"");
  EXPECT_EQ(schemaOf("connection").complaint(line), "enum at #/state");
}

}  // namespace
}  // namespace vsdump
