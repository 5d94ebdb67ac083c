// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/wire/anomaly.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>

namespace vsdump {
namespace {

TEST(AnomalyCatalogue, HasAUniqueKebabCaseCodeAndAWholeSentencePerRow) {
  const std::regex kebabCase("[a-z0-9]+(-[a-z0-9]+)*");
  std::set<std::string_view> codes;
  for (const AnomalyRow& row : anomalyCatalogue()) {
    EXPECT_TRUE(std::regex_match(std::string(row.code), kebabCase)) << row.code;
    EXPECT_TRUE(codes.insert(row.code).second) << row.code << " stands twice";
    EXPECT_TRUE(row.sentence.ends_with('.')) << row.code;
    EXPECT_EQ(&describe(row.anomaly), &row);
  }
}

TEST(Anomalies, HoldWhatWasAdded) {
  Anomalies anomalies;
  EXPECT_TRUE(anomalies.empty());
  anomalies.add(Anomaly::TapExcess);
  anomalies.addIf(true, Anomaly::CidBeyond32Bits);
  anomalies.addIf(false, Anomaly::UnknownOp);
  EXPECT_TRUE(anomalies.has(Anomaly::TapExcess));
  EXPECT_TRUE(anomalies.has(Anomaly::CidBeyond32Bits));
  EXPECT_FALSE(anomalies.has(Anomaly::UnknownOp));
  EXPECT_FALSE(anomalies.empty());
}

}  // namespace
}  // namespace vsdump
