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
    : QAbstractTableModel(parent), trace_(trace) {}

int MessageModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(order_.size());
}

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

void MessageModel::sort(int column, Qt::SortOrder order) {
  sortColumn_ = column < 0 ? Time : column;
  sortOrder_ = order;
  emit layoutAboutToBeChanged();
  const QModelIndexList before = persistentIndexList();
  std::vector<std::uint32_t> shown;
  for (const QModelIndex& index : before) {
    shown.push_back(order_[static_cast<std::size_t>(index.row())]);
  }
  arrange();
  QModelIndexList after;
  for (qsizetype i = 0; i < before.size(); ++i) {
    const auto found = std::ranges::find(order_, shown[static_cast<std::size_t>(i)]);
    after += index(static_cast<int>(found - order_.begin()), before[i].column());
  }
  changePersistentIndexList(before, after);
  emit layoutChanged();
}

void MessageModel::arrange() {
  std::ranges::stable_sort(order_, [this](std::uint32_t a, std::uint32_t b) {
    const auto order = compare(messages_[a], messages_[b], sortColumn_);
    return sortOrder_ == Qt::AscendingOrder ? order < 0 : order > 0;
  });
}

void MessageModel::append(std::vector<MessageRow>&& messages) {
  const auto known = static_cast<std::uint32_t>(messages_.size());
  messages_.insert(messages_.end(), std::make_move_iterator(messages.begin()),
                   std::make_move_iterator(messages.end()));
  noteCompletions(known);
  std::vector<std::uint32_t> shown;
  for (std::uint32_t i = known; i < messages_.size(); ++i) {
    if (isShown(messages_[i])) shown.push_back(i);
  }
  if (shown.empty()) return;
  const auto rows = static_cast<int>(order_.size());
  beginInsertRows({}, rows, rows + static_cast<int>(shown.size()) - 1);
  order_.insert(order_.end(), shown.begin(), shown.end());
  endInsertRows();
  sort(sortColumn_, sortOrder_);
}

void MessageModel::noteCompletions(std::uint32_t from) {
  const auto before = static_cast<std::ptrdiff_t>(completions_.size());
  for (std::uint32_t i = from; i < messages_.size(); ++i) {
    const MessageRow& message = messages_[i];
    completions_.push_back({.packet = message.packet, .message = i, .isReply = false});
    if (message.replyPacket == FrameNumber{}) continue;
    completions_.push_back({.packet = message.replyPacket, .message = i, .isReply = true});
  }
  std::sort(completions_.begin() + before, completions_.end());
  std::inplace_merge(completions_.begin(), completions_.begin() + before, completions_.end());
}

QString MessageModel::textOf(FrameNumber packet) const {
  const auto found = std::ranges::lower_bound(completions_, packet, {}, &Completion::packet);
  if (found == completions_.end() || found->packet != packet) return {};
  const MessageRow& message = messages_[found->message];
  if (!found->isReply) return QString::fromStdString(message.request);
  const QString reply = QString::fromStdString(message.reply);
  return message.latencyNs ? reply + QStringLiteral(", ") + latencyText(message) : reply;
}

void MessageModel::reset() {
  beginResetModel();
  messages_.clear();
  completions_.clear();
  order_.clear();
  connections_.reset();
  range_.reset();
  endResetModel();
}

void MessageModel::select(std::optional<std::vector<std::uint32_t>> connections,
                          std::optional<TimeRange> range) {
  if (connections == connections_ && range == range_) return;
  beginResetModel();
  connections_ = std::move(connections);
  range_ = range;
  order_.clear();
  for (std::uint32_t i = 0; i < messages_.size(); ++i) {
    if (isShown(messages_[i])) order_.push_back(i);
  }
  arrange();
  endResetModel();
}

bool MessageModel::isShown(const MessageRow& message) const {
  if (range_ && !range_->has(message.timeNs)) return false;
  return !connections_ || std::ranges::binary_search(*connections_, raw(message.connection));
}

std::size_t MessageModel::count(Outcome outcome) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      order_, [&](std::uint32_t i) { return messages_[i].outcome == outcome; }));
}

StreamContents MessageModel::streamOf(ConnectionId connection, StreamBounds bounds) const {
  StreamContents contents;
  for (const MessageRow& message : messages_) {
    if (message.connection != connection) continue;
    ++contents.messages;
    if (contents.pieces.size() + 1 >= bounds.pieces) continue;
    ++contents.shownMessages;
    const auto packet = static_cast<Row>(trace_.rowOf(message.packet));
    contents.pieces.push_back({.packet = packet,
                               .direction = message.direction,
                               .text = QStringLiteral("%1  %2 %3\n")
                                           .arg(relativeTimeText(message.timeNs, trace_.timeNs(0)),
                                                toQt(message.protocol), requestText(message))});
    if (message.reply.empty()) continue;
    QString reply = QString(14, ' ') + QString::fromStdString(message.reply);
    if (message.latencyNs) reply += QStringLiteral(", ") + latencyText(message);
    contents.pieces.push_back(
        {.packet = packet, .direction = opposite(message.direction), .text = reply + '\n'});
  }
  return contents;
}

MessageModel::Dots MessageModel::dots() const {
  Dots dots;
  if (trace_.packetCount() == 0) return dots;
  const std::int64_t first = trace_.timeNs(0);
  const double span = std::max(
      static_cast<double>(trace_.timeNs(static_cast<Row>(trace_.packetCount() - 1)) - first), 1.0);
  std::set<std::pair<int, int>> places;
  for (const std::uint32_t i : order_) {
    const MessageRow& message = messages_[i];
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
