// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/names/protocol_names.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>

namespace vsdump {
namespace {

TEST(ProtocolNames, AreFoundByValue) {
  EXPECT_EQ(findName(MonitorOp::Disconnect)->name, "DISCONNECT");
  EXPECT_EQ(findName(Transport::NoInfo)->name, "NO_INFO");
  EXPECT_EQ(findName(VirtioType::Seqpacket)->name, "SEQPACKET");
  EXPECT_EQ(findName(VirtioOp::CreditRequest)->name, "CREDIT_REQUEST");
  EXPECT_EQ(findName(VirtioOp::TsiResponseEx)->name, "TSI_RESPONSE_EX");
}

TEST(ProtocolNames, AreMissingForValuesThatNobodyDefines) {
  EXPECT_EQ(findName(MonitorOp{5}), nullptr);
  EXPECT_EQ(findName(Transport{3}), nullptr);
  EXPECT_EQ(findName(VirtioType{0}), nullptr);
  EXPECT_EQ(findName(VirtioType{4}), nullptr);
  EXPECT_EQ(findName(VirtioOp{12}), nullptr);
  EXPECT_EQ(findName(VirtioOp{0xFFFF}), nullptr);
}

TEST(ProtocolNames, HaveTheirNameInLowerCaseAsTheirWord) {
  for (const auto table : {monitorOpNames(), transportNames(), virtioTypeNames(), virtioOpNames(),
                           flagNames(VirtioType::Stream, VirtioOp::Shutdown),
                           flagNames(VirtioType::Seqpacket, VirtioOp::Rw)}) {
    for (const FieldName& row : table) {
      std::string lower(row.name);
      std::ranges::transform(lower, lower.begin(),
                             [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      EXPECT_EQ(row.word, lower);
      EXPECT_EQ(find(table, row.value), &row);
    }
  }
}

TEST(FlagNames, DependOnTypeAndOp) {
  EXPECT_EQ(flagNames(VirtioType::Stream, VirtioOp::Shutdown)[0].name, "RCV");
  EXPECT_EQ(flagNames(VirtioType::Seqpacket, VirtioOp::Shutdown)[1].name, "SEND");
  EXPECT_EQ(flagNames(VirtioType::Seqpacket, VirtioOp::Rw)[0].name, "EOM");
  EXPECT_TRUE(flagNames(VirtioType::Stream, VirtioOp::Rw).empty());
  EXPECT_TRUE(flagNames(VirtioType::Stream, VirtioOp::Request).empty());
}

}  // namespace
}  // namespace vsdump
