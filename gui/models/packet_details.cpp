// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/packet_details.h"

#include <QDateTime>
#include <QStringList>
#include <algorithm>

#include "dissector/names/cid_names.h"
#include "dissector/names/protocol_names.h"
#include "gui/models/text.h"

namespace vsdump::gui {

namespace {

QString cidText(Cid cid) {
  const QString number = QString::number(raw(cid));
  const std::string_view name = cidName(cid);
  return name.empty() ? number : QStringLiteral("%1 (%2)").arg(number, toQt(name));
}

QString cidFilter(const char* field, Cid cid) {
  return QStringLiteral("%1 = %2").arg(QLatin1String(field)).arg(raw(cid));
}

/// "op rst": a condition on a value that has a word; nothing for others.
template <typename Value>
QString wordFilter(const char* condition, Value value) {
  const FieldName* name = findName(value);
  return name == nullptr || name->word.empty()
             ? QString()
             : QStringLiteral("%1 %2").arg(QLatin1String(condition), toQt(name->word));
}

template <typename Value>
QString namedValue(Value value) {
  const FieldName* name = findName(value);
  const QString number = QString::number(static_cast<unsigned>(value));
  return name == nullptr ? number : QStringLiteral("%1 (%2)").arg(toQt(name->name), number);
}

class Details {
 public:
  void heading(const QString& name, const QString& value, std::size_t offset, std::size_t length) {
    fields_.push_back({.name = name, .value = value, .offset = offset, .length = length});
  }
  void field(const char* name, const QString& value, std::size_t offset, std::size_t length,
             const QString& filter = {}) {
    fields_.push_back({.name = QString::fromLatin1(name),
                       .value = value,
                       .depth = 1,
                       .offset = offset,
                       .length = length,
                       .filter = filter});
  }
  /// A field that filters know by a name of their own.
  void number(const char* name, std::uint64_t value, std::size_t offset, std::size_t length,
              const char* filterName) {
    field(name, QString::number(value), offset, length,
          QStringLiteral("%1 = %2").arg(QLatin1String(filterName)).arg(value));
  }
  std::vector<DetailField> take() { return std::move(fields_); }

 private:
  std::vector<DetailField> fields_;
};

void putRecord(Details& details, const PacketBytes& packet, std::int64_t traceStartNs) {
  const Frame& frame = packet.frame;
  details.heading(QStringLiteral("Packet %1").arg(raw(frame.number)),
                  QStringLiteral("%1 bytes").arg(frame.wireLengthBytes), 0, packet.bytes.size());
  const QDateTime time = QDateTime::fromMSecsSinceEpoch(frame.timestampNs / 1'000'000);
  details.field("time",
                time.toString(QStringLiteral("yyyy-MM-dd HH:mm:ss.")) +
                    QStringLiteral("%1").arg(frame.timestampNs % 1'000'000'000, 9, 10, QChar('0')),
                0, 0);
  details.field("since start", relativeTimeText(frame.timestampNs, traceStartNs) + " s", 0, 0);
  if (packet.bytes.size() != frame.wireLengthBytes) {
    details.field("captured", QStringLiteral("%1 bytes").arg(packet.bytes.size()), 0, 0);
  }
  for (const AnomalyRow& row : anomalyCatalogue()) {
    if (packet.packet.anomalies.has(row.anomaly)) {
      details.field("unusual", QStringLiteral("%1: %2").arg(toQt(row.code), toQt(row.sentence)), 0,
                    0);
    }
  }
}

// Offsets: struct af_vsockmon_hdr, linux:include/uapi/linux/vsockmon.h.
void putVsockmon(Details& details, const VsockmonHeader& header) {
  details.heading(QStringLiteral("vsockmon header"), namedValue(header.op), 0,
                  kVsockmonHeaderBytes);
  details.field("src_cid", cidText(header.src.cid), 0, 8, cidFilter("src_cid", header.src.cid));
  details.field("dst_cid", cidText(header.dst.cid), 8, 8, cidFilter("dst_cid", header.dst.cid));
  details.number("src_port", raw(header.src.port), 16, 4, "src_port");
  details.number("dst_port", raw(header.dst.port), 20, 4, "dst_port");
  details.field("op", namedValue(header.op), 24, 2);
  details.field("transport", namedValue(header.transport), 26, 2,
                wordFilter("transport", header.transport));
  details.field("len", QString::number(header.transportLengthBytes), 28, 2);
  details.field("reserved", QString::number(header.reserved), 30, 2);
}

QString flagsInWords(const VirtioHeader& header) {
  QStringList names;
  for (const FieldName& flag : flagNames(header.type, header.op)) {
    if ((header.flags & flag.value) != 0) names += toQt(flag.name);
  }
  const QString number = QStringLiteral("0x%1").arg(header.flags, 0, 16);
  return names.isEmpty() ? number : QStringLiteral("%1 (%2)").arg(number, names.join(' '));
}

// Offsets: struct virtio_vsock_hdr, linux:include/uapi/linux/virtio_vsock.h.
void putVirtio(Details& details, const VirtioHeader& header) {
  constexpr std::size_t kStart = kVsockmonHeaderBytes;
  details.heading(QStringLiteral("virtio header"), namedValue(header.op), kStart,
                  kVirtioHeaderBytes);
  details.field("src_cid", cidText(header.src.cid), kStart, 8);
  details.field("dst_cid", cidText(header.dst.cid), kStart + 8, 8);
  details.field("src_port", QString::number(raw(header.src.port)), kStart + 16, 4);
  details.field("dst_port", QString::number(raw(header.dst.port)), kStart + 20, 4);
  details.number("len", header.payloadLengthBytes, kStart + 24, 4, "payload_len");
  details.field("type", namedValue(header.type), kStart + 28, 2, wordFilter("type", header.type));
  details.field("op", namedValue(header.op), kStart + 30, 2, wordFilter("op", header.op));
  details.field("flags", flagsInWords(header), kStart + 32, 4,
                QStringLiteral("flags = %1").arg(header.flags));
  details.number("buf_alloc", header.bufAlloc, kStart + 36, 4, "buf_alloc");
  details.number("fwd_cnt", header.fwdCnt, kStart + 40, 4, "fwd_cnt");
}

void putConnection(Details& details, const Observation& seen, const ConnectionSummary& connection) {
  details.heading(QStringLiteral("Connection"), titleOf(connection), 0, 0);
  details.field("direction",
                seen.direction == Direction::ToServer ? QStringLiteral("to server")
                                                      : QStringLiteral("to client"),
                0, 0);
  details.field("state now", stateText(connection), 0, 0);
  details.field("stream offset", QString::number(seen.streamOffset), 0, 0);
  if (seen.credit != Observation::kUnknownCredit) {
    details.field("credit left", QStringLiteral("%1 of %2 bytes").arg(seen.credit).arg(seen.window),
                  0, 0);
  }
  if (seen.isDuplicate) details.field("duplicate", "recorded before: not counted", 0, 0);
}

}  // namespace

std::vector<DetailField> detailsOf(const PacketBytes& packet, const Observation& observation,
                                   const ConnectionSummary* connection, std::int64_t traceStartNs) {
  Details details;
  putRecord(details, packet, traceStartNs);
  if (packet.packet.decoded != Decoded::Nothing) putVsockmon(details, packet.packet.monitor);
  if (packet.packet.decoded == Decoded::Virtio) putVirtio(details, packet.packet.virtio);
  if (connection != nullptr) putConnection(details, observation, *connection);
  const Bytes payload = payloadOf(packet.frame, packet.packet, observation);
  if (packet.packet.payloadLengthBytes > 0) {
    const std::size_t offset =
        payload.empty() ? 0 : static_cast<std::size_t>(payload.data() - packet.frame.bytes.data());
    details.heading(QStringLiteral("Payload"),
                    QStringLiteral("%1 bytes").arg(packet.packet.payloadLengthBytes), offset,
                    payload.size());
  }
  return details.take();
}

}  // namespace vsdump::gui
