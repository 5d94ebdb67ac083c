// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/message_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <compare>
#include <set>
#include <utility>

#include "dissector/connection/finding.h"
#include "gui/models/columns.h"
#include "gui/models/text.h"

namespace vsdump::gui {

namespace {

using payload::Outcome;

constexpr std::array<ColumnInfo, MessageModel::ColumnCount> kMessageColumns{{
    {"Time", "Seconds from the first packet of the capture to the one that completes the message",
     true},
    {"#", "Number of the connection", true},
    {"Protocol", "What the payload of the connection was recognised to be", false},
    {"Message", "What is asked or told: → by the client, ← by the server", false},
    {"Answer", "What became of it", false},
    {"Latency", "From the packet that completes the request to the one that completes its reply",
     true},
}};

/// How finely points of a plot are told apart.
constexpr double kDotColumns = 800;
constexpr double kDotsADecade = 40;

std::strong_ordering compare(const MessageRow& a, const MessageRow& b, int column) {
  switch (column) {
    case MessageModel::ConnectionColumn:
      return raw(a.connection) <=> raw(b.connection);
    case MessageModel::Protocol:
      return a.protocol <=> b.protocol;
    case MessageModel::Request:
      return a.request <=> b.request;
    case MessageModel::Reply:
      return a.reply <=> b.reply;
    case MessageModel::Latency:
      return a.latencyNs <=> b.latencyNs;
    default:
      return a.timeNs <=> b.timeNs;
  }
}

QString requestText(const MessageRow& message) {
  const QString arrow =
      message.direction == Direction::ToServer ? QStringLiteral("→ ") : QStringLiteral("← ");
  return arrow + QString::fromStdString(message.request);
}

QString latencyText(const MessageRow& message) {
  if (!message.latencyNs) return {};
  return durationCell(static_cast<std::int64_t>(*message.latencyNs));
}

}  // namespace

MessageModel::MessageModel(const Trace& trace, QObject* parent)
    : OrderedModel(Time, parent), trace_(trace) {}

int MessageModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QVariant MessageModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const MessageRow& message = at(index.row());
  switch (role) {
    case Qt::DisplayRole:
      return text(message, index.column());
    case Qt::ToolTipRole:
      return message.isLongPoll && index.column() == Latency
                 ? tr("It waits for something to happen: its latency says nothing.")
                 : text(message, index.column());
    case Qt::TextAlignmentRole:
      return alignmentOf(kMessageColumns[static_cast<std::size_t>(index.column())]);
    case kDirectionRole:
      return static_cast<int>(message.direction);
    case kSeverityRole:
      if (message.outcome == Outcome::Error) return static_cast<int>(Severity::Error);
      if (message.outcome == Outcome::Unanswered) return static_cast<int>(Severity::Warning);
      return {};
    case kFilterRole:
      return filterOf(message, index.column());
    default:
      return {};
  }
}

QVariant MessageModel::headerData(int section, Qt::Orientation orientation, int role) const {
  return headerOf(kMessageColumns, section, orientation, role);
}

QString MessageModel::text(const MessageRow& message, int column) const {
  switch (column) {
    case Time:
      return relativeTimeText(message.timeNs, trace_.timeNs(0));
    case ConnectionColumn:
      return QString::number(raw(message.connection));
    case Protocol:
      return toQt(message.protocol);
    case Request:
      return requestText(message);
    case Reply:
      return QString::fromStdString(message.reply);
    default:
      return latencyText(message);
  }
}

QString MessageModel::filterOf(const MessageRow& message, int column) {
  return column == ConnectionColumn ? QStringLiteral("connection %1").arg(raw(message.connection))
                                    : QString();
}

OrderedModel::Predicate MessageModel::shown() const {
  if (!connections_ && !range_) return {};
  return [rows = messages_.rows, connections = connections_, range = range_](Record record) {
    const MessageRow& message = rows[record];
    if (range && !range->has(message.timeNs)) return false;
    return !connections || std::ranges::binary_search(*connections, raw(message.connection));
  };
}

OrderedModel::Less MessageModel::lessBy(int column) const {
  return [rows = messages_.rows, column](Record a, Record b) {
    return std::is_lt(compare(rows[a], rows[b], column));
  };
}

OrderedModel::Kind MessageModel::kindOf() const {
  return [rows = messages_.rows](Record record) {
    return static_cast<std::size_t>(rows[record].outcome);
  };
}

void MessageModel::show(const Messages& messages) {
  messages_ = messages;
  const int before = rowCount();
  grow();
  if (rowCount() > before) arrange();
}

QString MessageModel::textOf(FrameNumber packet) const {
  if (!messages_.completions) return {};
  const auto& all = *messages_.completions;
  const auto found = std::ranges::lower_bound(all, packet, {}, &Completion::packet);
  if (found == all.end() || found->packet != packet) return {};
  const MessageRow& message = messages_.rows[found->message];
  if (!found->isReply) return QString::fromStdString(message.request);
  const QString reply = QString::fromStdString(message.reply);
  return message.latencyNs ? reply + QStringLiteral(", ") + latencyText(message) : reply;
}

void MessageModel::reset() {
  messages_ = {};
  connections_.reset();
  range_.reset();
  clear();
}

void MessageModel::select(std::optional<std::vector<std::uint32_t>> connections,
                          std::optional<TimeRange> range) {
  if (connections == connections_ && range == range_) return;
  connections_ = std::move(connections);
  range_ = range;
  choose();
}

StreamContents streamOf(const Trace& trace, const SharedVector<MessageRow>& messages,
                        ConnectionId connection, StreamBounds bounds) {
  StreamContents contents;
  for (const MessageRow& message : messages) {
    if (message.connection != connection) continue;
    ++contents.messages;
    if (contents.pieces.size() + 1 >= bounds.pieces) continue;
    ++contents.shownMessages;
    const auto packet = static_cast<Row>(trace.rowOf(message.packet));
    contents.pieces.push_back({.packet = packet,
                               .direction = message.direction,
                               .text = QStringLiteral("%1  %2 %3\n")
                                           .arg(relativeTimeText(message.timeNs, trace.timeNs(0)),
                                                toQt(message.protocol), requestText(message))});
    if (message.reply.empty()) continue;
    QString reply = QString(14, ' ') + QString::fromStdString(message.reply);
    if (message.latencyNs) reply += QStringLiteral(", ") + latencyText(message);
    contents.pieces.push_back(
        {.packet = packet, .direction = opposite(message.direction), .text = reply + '\n'});
  }
  return contents;
}

LatencyDots dotsOf(const Trace& trace, const ShownMessages& messages, const std::stop_token& stop) {
  constexpr std::size_t kBetweenLooks = 4096;
  LatencyDots dots;
  if (trace.packetCount() == 0) return dots;
  const std::int64_t first = trace.timeNs(0);
  const double span = std::max(
      static_cast<double>(trace.timeNs(static_cast<Row>(trace.packetCount() - 1)) - first), 1.0);
  std::set<std::pair<int, int>> places;
  for (std::size_t i = 0; i < messages.order.size(); ++i) {
    if (i % kBetweenLooks == 0 && stop.stop_requested()) return dots;
    const MessageRow& message = messages.rows[messages.order[i]];
    if (!message.latencyNs || message.isLongPoll) continue;
    const auto since = static_cast<double>(message.timeNs - first);
    // A plot over orders of magnitude has no place for 0.
    const double latency = std::max(static_cast<double>(*message.latencyNs), 1.0);
    const std::pair place{static_cast<int>(since / span * kDotColumns),
                          static_cast<int>(std::log10(latency) * kDotsADecade)};
    if (!places.insert(place).second) continue;
    dots.seconds.push_back(since / 1e9);
    dots.latencySeconds.push_back(latency / 1e9);
  }
  return dots;
}

}  // namespace vsdump::gui
