// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/packet_model.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "dissector/names/protocol_names.h"
#include "gui/models/columns.h"
#include "gui/models/text.h"

namespace vsdump::gui {

namespace {

/// More rows than any screen shows.
constexpr qsizetype kCachedRows = 2000;

constexpr std::array<ColumnInfo, PacketModel::ColumnCount> kPacketColumns{{
    {"No.", "Number of the packet in the capture", true},
    {"Time", "Seconds since the first packet", true},
    {"Source", "CID and port of the sender", false},
    {"Destination", "CID and port of the receiver", false},
    {"Op", "What the packet asks: virtio-vsock's operation", false},
    {"Payload", "Bytes of payload that the packet carries", true},
    {"#", "Number of the connection", true},
    {"Info", "Flags, credit and what is unusual", false},
}};

}  // namespace

PacketModel::PacketModel(const Trace& trace, const Marks& marks, QObject* parent)
    : QAbstractTableModel(parent), trace_(trace), marks_(marks), cache_(kCachedRows) {}

int PacketModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : shown_;
}

int PacketModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QVariant PacketModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  switch (role) {
    case Qt::DisplayRole:
      return text(packetAt(index.row()), index.column());
    case Qt::TextAlignmentRole:
      return alignmentOf(kPacketColumns[static_cast<std::size_t>(index.column())]);
    case kDirectionRole: {
      const Observation& seen = trace_.observation(packetAt(index.row()));
      return seen.connection == kNoConnection ? QVariant() : static_cast<int>(seen.direction);
    }
    case kSeverityRole: {
      const auto findings = trace_.findingsOf(packetAt(index.row()));
      if (findings.empty()) return {};
      const auto severity = [](const Finding& finding) { return describe(finding.code).severity; };
      return static_cast<int>(severity(*std::ranges::max_element(findings, {}, severity)));
    }
    case kMarkedRole:
      return marks_.contains(packetAt(index.row()));
    case kFilterRole:
      return filterOf(packetAt(index.row()), index.column());
    default:
      return {};
  }
}

QVariant PacketModel::headerData(int section, Qt::Orientation orientation, int role) const {
  return headerOf(kPacketColumns, section, orientation, role);
}

QString PacketModel::text(Row packet, int column) const {
  switch (column) {
    case Number:
      return QString::number(trace_.number(packet));
    case Time:
      return relativeTimeText(trace_.timeNs(packet), trace_.timeNs(0));
    case Op:
      return trace_.op(packet) == PacketChunk::kNoOp ? cells(packet).op : opText(trace_.op(packet));
    case Length:
      return QString::number(trace_.payloadLength(packet));
    case ConnectionColumn: {
      const ConnectionId id = trace_.observation(packet).connection;
      return id == kNoConnection ? QString() : QString::number(raw(id));
    }
    case Source:
      return cells(packet).source;
    case Destination:
      return cells(packet).destination;
    default:
      return cells(packet).info;
  }
}

QString PacketModel::filterOf(Row packet, int column) const {
  const PacketBytes read = trace_.read(packet);
  if (read.packet.decoded == Decoded::Nothing) return {};
  const auto end = [](const char* side, const Address& address) {
    return QStringLiteral("%1_cid = %2 and %1_port = %3")
        .arg(QString::fromLatin1(side))
        .arg(raw(address.cid))
        .arg(raw(address.port));
  };
  switch (column) {
    case Source:
      return end("src", read.packet.monitor.src);
    case Destination:
      return end("dst", read.packet.monitor.dst);
    case Op: {
      const FieldName* name = findName(read.packet.virtio.op);
      const bool isNamed = read.packet.decoded == Decoded::Virtio && name != nullptr;
      return isNamed ? QStringLiteral("op %1").arg(toQt(name->word)) : QString();
    }
    case Length:
      return read.packet.decoded == Decoded::Virtio
                 ? QStringLiteral("payload_len = %1").arg(read.packet.virtio.payloadLengthBytes)
                 : QString();
    case ConnectionColumn: {
      const ConnectionId id = trace_.observation(packet).connection;
      return id == kNoConnection ? QString() : QStringLiteral("connection %1").arg(raw(id));
    }
    default:
      return {};
  }
}

const PacketModel::Cells& PacketModel::cells(Row packet) const {
  if (const Cells* known = cache_.object(packet)) return *known;
  const PacketBytes read = trace_.read(packet);
  auto* made = new Cells{.source = {}, .destination = {}, .op = opText(read.packet), .info = {}};
  if (read.packet.decoded != Decoded::Nothing) {
    made->source = addressText(read.packet.monitor.src);
    made->destination = addressText(read.packet.monitor.dst);
  }
  made->info = infoText(read.packet, trace_.observation(packet), trace_.findingsOf(packet));
  cache_.insert(packet, made);
  return *made;
}

void PacketModel::grow() {
  if (rows_) return;
  constexpr std::size_t kMost = std::numeric_limits<int>::max();
  const int count = static_cast<int>(std::min(trace_.packetCount(), kMost));
  if (count <= shown_) return;
  beginInsertRows({}, shown_, count - 1);
  shown_ = count;
  endInsertRows();
}

void PacketModel::reset() {
  beginResetModel();
  cache_.clear();
  rows_ = nullptr;
  shown_ = 0;
  endResetModel();
  grow();
}

void PacketModel::marksChanged() {
  if (shown_ == 0) return;
  emit dataChanged(index(0, 0), index(shown_ - 1, ColumnCount - 1), {kMarkedRole});
}

void PacketModel::select(Rows rows) {
  if (rows && continues(*rows)) return extend(std::move(rows));
  if (!rows && !rows_) return grow();
  beginResetModel();
  rows_ = std::move(rows);
  shown_ = static_cast<int>(rows_ ? rows_->size() : trace_.packetCount());
  endResetModel();
}

/// Whether these are those that are shown, and perhaps more behind them.
bool PacketModel::continues(const std::vector<Row>& rows) const {
  return rows_ && !rows_->empty() && rows.size() >= rows_->size() &&
         std::equal(rows_->begin(), rows_->end(), rows.begin());
}

void PacketModel::extend(Rows rows) {
  const auto count = static_cast<int>(rows->size());
  if (count > shown_) beginInsertRows({}, shown_, count - 1);
  rows_ = std::move(rows);
  if (count > std::exchange(shown_, count)) endInsertRows();
}

int PacketModel::rowOf(Row packet) const {
  if (!rows_) return packet < static_cast<Row>(shown_) ? static_cast<int>(packet) : -1;
  const auto found = std::ranges::lower_bound(*rows_, packet);
  return found != rows_->end() && *found == packet ? static_cast<int>(found - rows_->begin()) : -1;
}

}  // namespace vsdump::gui
