// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/text.h"

#include <QStringList>
#include <algorithm>
#include <bit>
#include <functional>

#include "dissector/connection/finding_text.h"
#include "dissector/names/protocol_names.h"
#include "dissector/text/quantity.h"

namespace vsdump::gui {

namespace {

/// A sender with less than this part of the window left is worth a word.
constexpr std::uint32_t kLowCreditPart = 2;

QString flagsText(const VirtioHeader& header) {
  QStringList names;
  for (const FieldName& flag : flagNames(header.type, header.op)) {
    if ((header.flags & flag.value) != 0) names += toQt(flag.name);
  }
  return names.join(' ');
}

/// What ops carry in their headers, where that is worth a word.
QStringList headerParts(const VirtioHeader& header) {
  QStringList parts;
  if (header.type != VirtioType::Stream) {
    const FieldName* type = findName(header.type);
    parts += type != nullptr ? toQt(type->name)
                             : QStringLiteral("type %1").arg(static_cast<unsigned>(header.type));
  }
  if (const QString flags = flagsText(header); !flags.isEmpty()) parts += flags;
  if (header.op == VirtioOp::Request || header.op == VirtioOp::Response) {
    parts += QStringLiteral("buf_alloc %1").arg(header.bufAlloc);
  }
  if (header.op == VirtioOp::CreditUpdate) parts += QStringLiteral("fwd_cnt %1").arg(header.fwdCnt);
  return parts;
}

}  // namespace

QString toQt(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QString addressText(const Address& address) {
  return QString::fromStdString(endText(address, false));
}

QString opText(std::uint16_t op) {
  const FieldName* name = findName(VirtioOp{op});
  return name != nullptr ? toQt(name->name) : QStringLiteral("op %1").arg(op);
}

QString opText(const Packet& packet) {
  if (packet.decoded == Decoded::Nothing) return QStringLiteral("cut off");
  if (packet.decoded == Decoded::Virtio) {
    return opText(static_cast<std::uint16_t>(packet.virtio.op));
  }
  const FieldName* name = findName(packet.monitor.op);
  return name != nullptr ? toQt(name->name)
                         : QStringLiteral("op %1").arg(static_cast<unsigned>(packet.monitor.op));
}

QString relativeTimeText(std::int64_t timeNs, std::int64_t startNs) {
  const std::int64_t us = (timeNs - startNs) / 1000;
  const std::int64_t positive = us < 0 ? -us : us;
  return QStringLiteral("%1%2.%3")
      .arg(us < 0 ? QStringLiteral("-") : QString())
      .arg(positive / 1'000'000)
      .arg(positive % 1'000'000, 6, 10, QLatin1Char('0'));
}

QString durationCell(std::int64_t nanoseconds) {
  if (nanoseconds < 0) return {};
  return QString::fromStdString(durationText(static_cast<std::uint64_t>(nanoseconds)));
}

QString bytesCell(std::uint64_t bytes) {
  return QString::fromStdString(sizeText(bytes));
}

QString stateText(const ConnectionSummary& connection) {
  QString text = toQt(stateWord(connection.state)).replace('_', ' ');
  if (connection.isPartial && connection.state == ConnectionState::Open) return "partial";
  const bool hasEnder =
      connection.state == ConnectionState::Closed || connection.state == ConnectionState::Reset;
  if (hasEnder && connection.endedBy == Side::Client) text += " by client";
  if (hasEnder && connection.endedBy == Side::Server) text += " by server";
  return text;
}

QString serviceText(const ConnectionSummary& connection) {
  QString text = toQt(connection.service.name);
  if (connection.service.isGuess) text += '?';
  return text;
}

QString titleOf(const ConnectionSummary& connection) {
  return QStringLiteral("#%1  %2 → %3")
      .arg(raw(connection.id))
      .arg(addressText(connection.client), addressText(connection.server));
}

QString infoText(const Packet& packet, const Observation& observation,
                 std::span<const Finding> findings) {
  QStringList parts;
  if (packet.decoded == Decoded::Virtio) parts += headerParts(packet.virtio);
  if (observation.isDuplicate) parts += QStringLiteral("duplicate");
  if (packet.virtio.op == VirtioOp::Rw && observation.credit != Observation::kUnknownCredit &&
      observation.credit < observation.window / kLowCreditPart) {
    parts += QStringLiteral("credit %1 of %2").arg(observation.credit).arg(observation.window);
  }
  for (const AnomalyRow& row : anomalyCatalogue()) {
    // What many packets have is in the details; a finding tells the first of a connection.
    const bool isUsual =
        row.anomaly == Anomaly::PayloadTruncated || row.anomaly == Anomaly::TapExcess;
    if (packet.anomalies.has(row.anomaly) && !isUsual) parts += "! " + toQt(row.code);
  }
  for (const Finding& finding : findings) {
    // The record's own anomalies stand there already.
    if (finding.code >= FindingCode::FirstAnomaly && finding.code != codeOf(Anomaly::TapExcess)) {
      continue;
    }
    QString part = "! " + toQt(describe(finding.code).code);
    if (finding.connection != observation.connection && finding.connection != kNoConnection) {
      part += QStringLiteral(" of #%1").arg(raw(finding.connection));
    }
    parts += part;
  }
  return parts.join(QStringLiteral(", "));
}

std::vector<FindingRow> rowsOf(std::uint64_t findings) {
  std::vector<FindingRow> rows;
  for (std::uint64_t bits = findings; bits != 0; bits &= bits - 1) {
    rows.push_back(describe(FindingCode{static_cast<std::uint8_t>(std::countr_zero(bits))}));
  }
  std::ranges::stable_sort(rows, std::ranges::greater(), &FindingRow::severity);
  return rows;
}

}  // namespace vsdump::gui
