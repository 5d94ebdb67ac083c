// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/text/connection_text.h"

#include <string_view>

#include "dissector/names/cid_names.h"
#include "dissector/text/quantity.h"

namespace vsdump {

namespace {

constexpr std::string_view kRed = "\033[31m";
constexpr std::string_view kYellow = "\033[33m";
constexpr std::string_view kToServer = "\033[36m";
constexpr std::string_view kToClient = "\033[35m";
constexpr std::string_view kPlain = "\033[0m";

/// With a blank behind it.
char* writeCid(char* to, Cid cid) {
  const std::string_view name = cidName(cid);
  to = name.empty() ? writeDecimal(to, raw(cid)) : writeText(to, name);
  *to++ = ' ';
  return to;
}

bool isCreditLow(const Observation& seen) {
  return seen.credit != Observation::kUnknownCredit && seen.credit < seen.window / 2;
}

/// Puts what is wrong, one after the other.
class ProblemList {
 public:
  ProblemList(LineBuffer& out, bool color) : out_(out), color_(color) {}

  void put(std::string_view code, Severity severity) {
    begin();
    putColored(code, severity);
  }

  void put(const PacketNews::Elsewhere& finding) {
    begin();
    if (finding.connection != kNoConnection) {
      out_.put('#');
      out_.putDecimal(raw(finding.connection));
      out_.put(' ');
    }
    const FindingRow row = describe(finding.code);
    putColored(row.code, row.severity);
  }

  void putUnlisted(std::uint32_t count) {
    begin();
    out_.putDecimal(count);
    out_.put(" more");
  }

 private:
  void begin() {
    out_.put(before_);
    before_ = ", ";
  }

  void putColored(std::string_view code, Severity severity) {
    const bool isColored = color_ && severity != Severity::Note;
    if (isColored) out_.put(severity == Severity::Error ? kRed : kYellow);
    out_.put(code);
    if (isColored) out_.put(kPlain);
  }

  LineBuffer& out_;
  std::string_view before_ = " ! ";
  bool color_;
};

}  // namespace

void putConnection(LineBuffer& out, const Packet& packet, const PacketContext& context,
                   ConnectionTextStyle style) {
  const bool isToServer = context.seen.direction == Direction::ToServer;
  const bool hasEnds = context.seen.beginsConnection && style.names;
  const std::string_view service = style.names ? context.service.name : std::string_view{};
  constexpr std::size_t kWithoutService = 128;  // numbers, names of CIDs and colours
  char* to = out.room(kWithoutService + service.size());
  *to++ = '#';
  to = writeDecimal(to, raw(context.seen.connection));
  *to++ = ' ';
  if (!service.empty()) {
    to = writeText(to, service);
    to = context.service.isGuess ? writeText(to, "? ") : writeText(to, " ");
  }
  const VsockmonHeader& ends = packet.monitor;
  if (hasEnds) to = writeCid(to, isToServer ? ends.src.cid : ends.dst.cid);
  if (style.color) to = writeText(to, isToServer ? kToServer : kToClient);
  to = isToServer ? writeText(to, "->") : writeText(to, "<-");
  if (style.color) to = writeText(to, kPlain);
  *to++ = ' ';
  if (hasEnds) to = writeCid(to, isToServer ? ends.dst.cid : ends.src.cid);
  out.advanceTo(to);
}

void putCircumstances(LineBuffer& out, const Packet& packet, const PacketContext& context) {
  const Observation& seen = context.seen;
  const PacketNews* const news = context.news;
  if (news != nullptr && news->answersRequest) {
    out.put(" after ");
    out.put(durationText(news->answerNs));
  }
  if (seen.isDuplicate) out.put(", duplicate");
  if (news != nullptr && !news->messages.empty()) {
    out.put(", ");
    out.put(news->messages);
  }
  if (packet.virtio.op != VirtioOp::Rw || !isCreditLow(seen)) return;
  out.put(", credit ");
  out.putDecimal(seen.credit);
  out.put(" of ");
  out.putDecimal(seen.window);
}

bool isPlain(const PacketContext& context) {
  return context.news == nullptr && !context.seen.isDuplicate && !isCreditLow(context.seen);
}

void putProblems(LineBuffer& out, Anomalies anomalies, const PacketContext* context, bool color) {
  ProblemList problems(out, color);
  const PacketNews* const news = context == nullptr ? nullptr : context->news;
  if (!anomalies.empty()) {
    const bool isTracked = context != nullptr && context->isTracked();
    for (const AnomalyRow& row : anomalyCatalogue()) {
      // A snapshot length that was asked for is no news; "(N captured)" tells it.
      if (!anomalies.has(row.anomaly) || row.anomaly == Anomaly::PayloadTruncated) continue;
      // Most kernels in use do it with every split packet of a host: said once a connection.
      const bool isUsual = row.anomaly == Anomaly::TapExcess && isTracked;
      if (isUsual && (news == nullptr || !news->has(codeOf(row.anomaly)))) continue;
      problems.put(row.code, row.severity);
    }
  }
  if (news == nullptr) return;
  if (news->findings != 0) {
    for (const FindingRow& row : findingCatalogue()) {
      if (news->has(row.finding)) problems.put(row.code, row.severity);
    }
  }
  for (std::uint8_t i = 0; i < news->listed; ++i) problems.put(news->elsewhere[i]);
  if (news->unlisted != 0) problems.putUnlisted(news->unlisted);
}

}  // namespace vsdump
