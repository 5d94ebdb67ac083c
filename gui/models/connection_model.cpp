// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/connection_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "gui/models/columns.h"
#include "gui/models/text.h"

namespace vsdump::gui {

namespace {

constexpr std::array<ColumnInfo, ConnectionModel::ColumnCount> kConnectionColumns{{
    {"#", "Number of the connection, in the order of appearance", true},
    {"State", "Where the connection stands, and who ended it", false},
    {"Client", "The side that sent the REQUEST: CID and port", false},
    {"Server", "The side that was asked: CID and port", false},
    {"Service", "What usually listens at that port", false},
    {"Start", "Seconds from the first packet of the capture to the first of the connection", true},
    {"Duration", "From its first packet to its newest", true},
    {"Activity", "Payload over the time of the whole capture, both ways; sorted by bytes", false},
    {"To server", "Payload bytes from client to server", true},
    {"To client", "Payload bytes from server to client", true},
    {"Handshake", "From REQUEST to RESPONSE", true},
    {"Stalls", "How often a sender had no credit left, and for how long in all", true},
    {"Findings", "What was found, the worst first", false},
}};

/// What a column is sorted by; text columns sort by their own text.
std::int64_t keyOf(const ConnectionSummary& c, int column) {
  switch (column) {
    case ConnectionModel::State:
      return static_cast<std::int64_t>(c.state);
    case ConnectionModel::Start:
      return c.startNs;
    case ConnectionModel::Duration:
      return c.endNs - c.startNs;
    case ConnectionModel::Activity:
      return static_cast<std::int64_t>(c.ways[0].bytes + c.ways[1].bytes);
    case ConnectionModel::ToServer:
      return static_cast<std::int64_t>(c.ways[0].bytes);
    case ConnectionModel::ToClient:
      return static_cast<std::int64_t>(c.ways[1].bytes);
    case ConnectionModel::Handshake:
      return c.handshakeNs.value_or(-1);
    case ConnectionModel::Stalls:
      return c.stalledNs;
    case ConnectionModel::Finding: {
      const auto rows = rowsOf(c.findings);
      // Errors above warnings above notes, and then by number.
      return rows.empty() ? -1
                          : static_cast<std::int64_t>(rows.front().severity) * 100 +
                                static_cast<std::int64_t>(rows.size());
    }
    default:
      return raw(c.id);
  }
}

std::pair<std::uint64_t, std::uint32_t> orderOf(const Address& address) {
  return {raw(address.cid), raw(address.port)};
}

bool isLess(const ConnectionSummary& a, const ConnectionSummary& b, int column) {
  switch (column) {
    case ConnectionModel::Client:
      return orderOf(a.client) < orderOf(b.client);
    case ConnectionModel::Server:
      return orderOf(a.server) < orderOf(b.server);
    case ConnectionModel::Service:
      return a.service.name < b.service.name;
    default:
      return keyOf(a, column) < keyOf(b, column);
  }
}

}  // namespace

ConnectionModel::ConnectionModel(const Trace& trace, QObject* parent)
    : OrderedModel(Id, parent), trace_(trace) {}

int ConnectionModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QVariant ConnectionModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  switch (role) {
    case Qt::DisplayRole:
      return text(at(index.row()), index.column());
    case Qt::ToolTipRole:
      return toolTip(at(index.row()), index.column());
    case Qt::TextAlignmentRole:
      return alignmentOf(kConnectionColumns[static_cast<std::size_t>(index.column())]);
    case kStateRole:
      return static_cast<int>(at(index.row()).state);
    case kSeverityRole: {
      const auto rows = rowsOf(at(index.row()).findings);
      return rows.empty() ? QVariant() : static_cast<int>(rows.front().severity);
    }
    case kSparklineRole:
      return sparkline(at(index.row()).id);
    case kFilterRole:
      return filterOf(at(index.row()), index.column());
    default:
      return {};
  }
}

QVariant ConnectionModel::sparkline(ConnectionId id) const {
  const auto found = sparklines_.find(raw(id));
  if (found == sparklines_.end()) return {};
  QByteArray heights;
  for (const float part : found->second.parts) {
    heights += static_cast<char>(static_cast<unsigned char>(std::lround(part * 255)));
  }
  return heights;
}

void ConnectionModel::addSparklines(Sparklines&& lines) {
  for (auto& [id, line] : lines) sparklines_.insert_or_assign(id, line);
  if (rowCount() == 0) return;
  emit dataChanged(index(0, Activity), index(rowCount() - 1, Activity), {kSparklineRole});
}

QVariant ConnectionModel::headerData(int section, Qt::Orientation orientation, int role) const {
  return headerOf(kConnectionColumns, section, orientation, role);
}

QString ConnectionModel::text(const ConnectionSummary& c, int column) const {
  switch (column) {
    case Id:
      return QString::number(raw(c.id));
    case State:
      return stateText(c);
    case Client:
      return addressText(c.client);
    case Server:
      return addressText(c.server);
    case Service:
      return serviceText(c);
    case Start:
      return relativeTimeText(c.startNs, trace_.timeNs(0));
    case Duration:
      return durationCell(c.endNs - c.startNs);
    case Activity:
      return {};
    case ToServer:
      return bytesCell(c.ways[0].bytes);
    case ToClient:
      return bytesCell(c.ways[1].bytes);
    case Handshake:
      return c.handshakeNs ? durationCell(*c.handshakeNs) : QString();
    case Stalls:
      return c.stalls == 0 ? QString()
                           : QStringLiteral("%1, %2").arg(c.stalls).arg(durationCell(c.stalledNs));
    default: {
      QStringList codes;
      for (const FindingRow& row : rowsOf(c.findings)) codes += toQt(row.code);
      return codes.join(QStringLiteral(", "));
    }
  }
}

QString ConnectionModel::toolTip(const ConnectionSummary& c, int column) const {
  if (column == Activity) {
    return tr("%1 of payload in %2")
        .arg(bytesCell(c.ways[0].bytes + c.ways[1].bytes), durationCell(c.endNs - c.startNs));
  }
  if (column != Finding) return text(c, column);
  QStringList sentences;
  for (const FindingRow& row : rowsOf(c.findings)) {
    sentences += QStringLiteral("%1: %2").arg(toQt(row.code), toQt(row.sentence));
  }
  return sentences.join('\n');
}

QString ConnectionModel::filterOf(const ConnectionSummary& c, int column) {
  switch (column) {
    case Id:
      return QStringLiteral("connection %1").arg(raw(c.id));
    case State:
      return QStringLiteral("state %1").arg(toQt(stateWord(c.state)));
    case Client:
      return QStringLiteral("cid %1").arg(raw(c.client.cid));
    case Server:
      return QStringLiteral("port %1").arg(raw(c.server.port));
    case Service:
      return c.service.name.empty() ? QString()
                                    : QStringLiteral("service %1").arg(toQt(c.service.name));
    case Finding: {
      const auto rows = rowsOf(c.findings);
      return rows.empty() ? QString() : QStringLiteral("finding %1").arg(toQt(rows.front().code));
    }
    default:
      return {};
  }
}

OrderedModel::Predicate ConnectionModel::shown() const {
  if (!selected_) return {};
  return [selected = selected_](Record id) { return std::ranges::binary_search(*selected, id); };
}

OrderedModel::Less ConnectionModel::lessBy(int column) const {
  return [column, connections = trace_.connections()](Record a, Record b) {
    return isLess(connections[a], connections[b], column);
  };
}

void ConnectionModel::refresh() {
  const int before = rowCount();
  grow();
  if (before > 0) emit dataChanged(index(0, 0), index(before - 1, ColumnCount - 1));
}

void ConnectionModel::reset() {
  selected_.reset();
  clear();
  choose();
}

void ConnectionModel::select(std::optional<std::vector<std::uint32_t>> connections) {
  selected_.reset();
  if (connections) {
    selected_ = std::make_shared<const std::vector<std::uint32_t>>(std::move(*connections));
  }
  choose();
}

}  // namespace vsdump::gui
