// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/text/connection_text.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/record_builder.h"

namespace vsdump {
namespace {

using support::RecordBuilder;

PacketContext contextOf(std::uint32_t connection) {
  PacketContext context;
  context.seen.connection = ConnectionId{connection};
  return context;
}

std::string connectionOf(const PacketContext& context, ConnectionTextStyle style = {}) {
  const auto bytes = RecordBuilder::of(VirtioOp::Rw, 4).bytes("data");
  LineBuffer out;
  putConnection(out, dissect(support::frameOf(bytes)), context, style);
  return std::string(out.text());
}

std::string circumstancesOf(VirtioOp op, const PacketContext& context) {
  const auto bytes = RecordBuilder::of(op).bytes();
  LineBuffer out;
  putCircumstances(out, dissect(support::frameOf(bytes)), context);
  return std::string(out.text());
}

std::string problemsOf(Anomalies anomalies, const PacketContext* context, bool color = false) {
  LineBuffer out;
  putProblems(out, anomalies, context, color);
  return std::string(out.text());
}

std::uint64_t bit(FindingCode code) {
  return std::uint64_t{1} << static_cast<unsigned>(code);
}

TEST(ConnectionText, NamesBothEndsOnceAndThenTheDirection) {
  PacketContext context = contextOf(7);
  EXPECT_EQ(connectionOf(context), "#7 -> ");
  context.seen.beginsConnection = true;
  EXPECT_EQ(connectionOf(context), "#7 3 -> host ");
  context.seen.direction = Direction::ToClient;  // first seen in its middle, from its server
  EXPECT_EQ(connectionOf(context), "#7 host <- 3 ");
  EXPECT_EQ(connectionOf(context, {.names = false}), "#7 <- ");
}

TEST(ConnectionText, MarksServicesThatAreGuessedByTheirPort) {
  PacketContext context = contextOf(0);
  context.service = {.name = "nbd", .isGuess = true};
  EXPECT_EQ(connectionOf(context), "#0 nbd? -> ");
  context.service.isGuess = false;
  EXPECT_EQ(connectionOf(context), "#0 nbd -> ");
  EXPECT_EQ(connectionOf(context, {.names = false}), "#0 -> ");
}

TEST(ConnectionText, ColoursTheDirection) {
  EXPECT_EQ(connectionOf(contextOf(0), {.color = true}), "#0 \033[36m->\033[0m ");
}

TEST(ConnectionText, TellsCreditBelowHalfOfTheBuffer) {
  PacketContext context = contextOf(0);
  EXPECT_EQ(circumstancesOf(VirtioOp::Rw, context), "");
  context.seen.window = 1000;
  context.seen.credit = 500;
  EXPECT_EQ(circumstancesOf(VirtioOp::Rw, context), "");
  context.seen.credit = 499;
  EXPECT_EQ(circumstancesOf(VirtioOp::Rw, context), ", credit 499 of 1000");
  EXPECT_EQ(circumstancesOf(VirtioOp::CreditUpdate, context), "");
}

TEST(ConnectionText, TellsWhenAnAnswerCameAndWhatIsADuplicate) {
  PacketContext context = contextOf(0);
  PacketNews news;
  news.answersRequest = true;
  news.answerNs = 790'000;
  context.news = &news;
  EXPECT_EQ(circumstancesOf(VirtioOp::Rst, context), " after 790 us");
  context.news = nullptr;
  context.seen.isDuplicate = true;
  EXPECT_EQ(circumstancesOf(VirtioOp::Rst, context), ", duplicate");
}

TEST(ConnectionText, ListsWhatThePacketShowsAboutItsConnectionAndOthers) {
  PacketContext context = contextOf(5);
  EXPECT_EQ(problemsOf({}, &context), "");
  PacketNews news;
  context.news = &news;
  news.findings = bit(FindingCode::CreditStall) | bit(FindingCode::ConnectRefused);
  news.elsewhere[0] = {ConnectionId{3}, FindingCode::ConnectUnanswered};
  news.elsewhere[1] = {kNoConnection, FindingCode::TimeSteppedBack};
  news.listed = 2;
  news.unlisted = 9;
  EXPECT_EQ(problemsOf({}, &context),
            " ! connect-refused, credit-stall, #3 connect-unanswered, time-stepped-back, 9 more");
}

TEST(ConnectionText, ColoursErrorsRedAndWarningsYellow) {
  PacketContext context = contextOf(5);
  PacketNews news;
  news.findings = bit(FindingCode::CreditStall) | bit(FindingCode::ConnectRefused) |
                  bit(FindingCode::LateStart);
  context.news = &news;
  EXPECT_EQ(problemsOf({}, &context, true),
            " ! \033[31mconnect-refused\033[0m, \033[33mcredit-stall\033[0m, late-start");
}

TEST(ConnectionText, SaysOnceAConnectionThatTheTapRecordsTooMuch) {
  Anomalies anomalies;
  anomalies.add(Anomaly::TapExcess);
  anomalies.add(Anomaly::UnknownType);
  PacketContext context = contextOf(0);
  EXPECT_EQ(problemsOf(anomalies, nullptr), " ! tap-excess, unknown-type");
  EXPECT_EQ(problemsOf(anomalies, &context), " ! unknown-type");
  PacketNews news;
  news.findings = bit(codeOf(Anomaly::TapExcess));
  context.news = &news;
  EXPECT_EQ(problemsOf(anomalies, &context), " ! tap-excess, unknown-type");
}

}  // namespace
}  // namespace vsdump
