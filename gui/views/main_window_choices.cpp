// SPDX-License-Identifier: GPL-2.0-or-later
// What is chosen in the window, and what follows from it.
#include <QApplication>
#include <QClipboard>
#include <QInputDialog>
#include <QItemSelectionModel>
#include <QSignalBlocker>
#include <QStatusBar>
#include <algorithm>

#include "dissector/connection/finding_text.h"
#include "gui/models/text.h"
#include "gui/views/main_window.h"

namespace vsdump::gui {

namespace {

/// What the clipboard takes without a noticeable wait.
constexpr int kMostCopiedRows = 10'000;

/// The cells of a row, as they are shown.
QString lineOf(const QModelIndex& row) {
  QStringList cells;
  for (int column = 0; column < row.model()->columnCount(); ++column) {
    cells += row.siblingAtColumn(column).data().toString();
  }
  return cells.join('\t');
}

}  // namespace

void MainWindow::onConnectionsChosen() {
  std::vector<std::uint32_t> chosen;
  const QModelIndexList rows = connectionTable_->selectionModel()->selectedRows();
  for (const QModelIndex& index : rows) {
    chosen.push_back(raw(connectionModel_.at(index.row()).id));
  }
  std::ranges::sort(chosen);
  // Choosing all of them is what choosing none means, and needs no list.
  if (chosen.size() == trace_.connections().size() && chosen.size() > 1) chosen.clear();
  if (chosen == connections_) return;
  connections_ = std::move(chosen);
  refreshViews();
}

void MainWindow::chooseConnection(std::optional<ConnectionId> connection) {
  std::vector<std::uint32_t> chosen;
  if (connection) chosen.push_back(raw(*connection));
  if (chosen == connections_) return;
  connections_ = std::move(chosen);
  selectChosenRows();
  refreshViews();
}

/// Marks the rows of what is chosen.
void MainWindow::selectChosenRows() {
  std::vector<bool> isChosen(trace_.connections().size());
  for (const std::uint32_t id : connections_) isChosen[id] = true;
  QItemSelection rows;
  const int count = connectionModel_.rowCount();
  for (int row = 0; row < count && !connections_.empty(); ++row) {
    const int first = row;
    while (row < count && isChosen[connectionModel_.recordAt(row)]) ++row;
    if (row == first) continue;
    rows.select(connectionModel_.index(first, 0),
                connectionModel_.index(row - 1, ConnectionModel::ColumnCount - 1));
  }
  QItemSelectionModel* selection = connectionTable_->selectionModel();
  const QSignalBlocker blocker(selection);
  selection->select(rows, QItemSelectionModel::ClearAndSelect);
  if (!rows.isEmpty()) {
    selection->setCurrentIndex(rows.front().topLeft(), QItemSelectionModel::NoUpdate);
    connectionTable_->scrollTo(rows.front().topLeft());
  }
  connectionTable_->viewport()->update();
}

void MainWindow::chooseFinding(int row) {
  const Finding& finding = findingModel_.at(row).first;
  // Text and numbers of the library's own: nothing of the wire is in it.
  QString text = QString::fromStdString(messageOf(finding)).toHtmlEscaped();
  QStringList links;
  for (std::uint8_t i = 0; i < finding.packetCount; ++i) {
    links += QStringLiteral("<a href=\"%1\">%1</a>").arg(raw(finding.packets[i]));
  }
  if (!links.isEmpty()) text += tr("<br><br>Packets %1").arg(links.join(QStringLiteral(", ")));
  findingText_->setText(text);
  saysFinding_ = true;
  if (finding.connection != kNoConnection) chooseConnection(finding.connection);
  if (finding.packetCount > 0) choosePacketNumber(raw(finding.packets[0]));
}

/// Shows what happened within a time, or at all times again.
void MainWindow::chooseRange(std::optional<TimeRange> range) {
  if (range == range_) return;
  range_ = range;
  if (range) {
    const std::int64_t start = trace_.timeNs(0);
    clearRange_->setText(
        tr("%1 to %2 s  ×")
            .arg(relativeTimeText(range->fromNs, start), relativeTimeText(range->toNs, start)));
  }
  clearRange_->setVisible(range.has_value());
  timeline_->showRange(range ? std::optional(secondsOf(*range)) : std::nullopt);
  applySelection();
}

/// A range in seconds since the first packet.
std::array<double, 2> MainWindow::secondsOf(const TimeRange& range) const {
  const std::int64_t start = trace_.timeNs(0);
  return {static_cast<double>(range.fromNs - start) / 1e9,
          static_cast<double>(range.toNs - start) / 1e9};
}

void MainWindow::choosePacketNumber(std::uint64_t number) {
  const std::size_t row = trace_.rowOf(FrameNumber{number});
  if (row >= trace_.packetCount()) {
    return statusBar()->showMessage(tr("There is no packet %1 here.").arg(number));
  }
  choosePacket(static_cast<Row>(row));
}

void MainWindow::choosePacket(Row packet) {
  if (packet_ == packet) return;
  packet_ = packet;
  const PacketBytes read = trace_.read(packet);
  const Observation& seen = trace_.observation(packet);
  details_->display(detailsOf(read, seen, trace_.connection(seen.connection), trace_.timeNs(0)),
                    read.bytes);
  sequence_->setCurrent(packet);
  const int row = packetModel_.rowOf(packet);
  if (row >= 0 && packetTable_->currentIndex().row() != row) selectPacketRow(row);
  updateStatus();
}

/// QTableView::selectRow() would add to what is chosen while Ctrl is down, which shortcuts need.
void MainWindow::selectPacketRow(int row) {
  const QModelIndex index = packetModel_.index(row, 0);
  packetTable_->selectionModel()->setCurrentIndex(
      index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
  packetTable_->scrollTo(index);
}

/// Beside the window, as the next packet may be millions away.
void MainWindow::stepInConnection(bool forward) {
  // A key that is held down would begin the search again and again.
  if (!packet_ || stepping_) return;
  stepping_ = std::make_unique<Job>([this, trace = trace_, from = *packet_,
                                     forward](const std::stop_token& stop) -> Job::Delivery {
    const std::optional<Row> found =
        forward ? trace.nextInConnection(from, stop) : trace.previousInConnection(from, stop);
    return [this, from, forward, found] {
      stepping_.reset();
      if (packet_ != from) return;
      if (found) return choosePacket(*found);
      statusBar()->showMessage(forward ? tr("This is the last packet of its connection.")
                                       : tr("This is the first packet of its connection."));
    };
  });
}

/// Among the packets that are shown.
void MainWindow::stepInList(int rows) {
  const int row = packet_ ? packetModel_.rowOf(*packet_) : -1;
  chooseInList(row < 0 ? 0 : row + rows);
}

void MainWindow::chooseInList(int row) {
  if (row >= 0 && row < packetModel_.rowCount()) choosePacket(packetModel_.packetAt(row));
}

/// In the payload where that is in front; elsewhere, filters find.
void MainWindow::find() {
  if (tabs_->currentWidget() == stream_) return stream_->focusSearch();
  filterBar_->focusLine();
}

void MainWindow::goToPacket() {
  if (trace_.packetCount() == 0) return;
  const auto last = static_cast<int>(trace_.number(static_cast<Row>(trace_.packetCount() - 1)));
  bool isChosen = false;
  const int number = QInputDialog::getInt(this, tr("Go to packet"), tr("Number of the packet:"), 1,
                                          1, last, 1, &isChosen);
  if (!isChosen) return;
  const std::size_t row = trace_.rowOf(FrameNumber{static_cast<std::uint64_t>(number)});
  const bool isShown = row < trace_.packetCount() && packetModel_.rowOf(static_cast<Row>(row)) >= 0;
  if (row < trace_.packetCount() && !isShown) chooseConnection(std::nullopt);
  choosePacketNumber(static_cast<std::uint64_t>(number));
}

/// Marks what is chosen in the list of packets, or elsewhere the one that is shown.
void MainWindow::markPackets() {
  std::vector<Row> packets;
  if (packetTable_->isVisible()) {
    for (const QItemSelectionRange& range : packetTable_->selectionModel()->selection()) {
      for (int row = range.top(); row <= range.bottom(); ++row) {
        packets.push_back(packetModel_.packetAt(row));
      }
    }
  }
  if (packets.empty() && packet_) packets.push_back(*packet_);
  marks_.toggle(packets);
  packetModel_.marksChanged();
  sequence_->viewport()->update();
  updateStatus();
}

void MainWindow::stepToMark(bool forward) {
  const Row from = packet_.value_or(0);
  const std::optional<Row> mark = forward ? marks_.next(from) : marks_.previous(from);
  if (mark) return choosePacket(*mark);
  statusBar()->showMessage(tr("No packet is marked; Ctrl+M marks the one that is chosen."));
}

void MainWindow::copySelection() {
  const QWidget* front = QApplication::focusWidget();
  if (front == sequence_ && packet_) {
    const QModelIndex row = packetModel_.index(packetModel_.rowOf(*packet_), 0);
    if (row.isValid()) QApplication::clipboard()->setText(lineOf(row));
    return;
  }
  const auto* table = qobject_cast<const QAbstractItemView*>(front);
  if (table == nullptr) return;
  const QItemSelection chosen = table->selectionModel()->selection();
  qsizetype count = 0;
  for (const QItemSelectionRange& range : chosen) count += range.height();
  if (count > kMostCopiedRows) {
    return statusBar()->showMessage(
        tr("That is too much to copy: at most %1 rows.").arg(locale().toString(kMostCopiedRows)));
  }
  std::vector<QModelIndex> rows;
  for (const QItemSelectionRange& range : chosen) {
    for (int row = range.top(); row <= range.bottom(); ++row) {
      rows.push_back(table->model()->index(row, 0, range.parent()));
    }
  }
  std::ranges::sort(rows, {}, &QModelIndex::row);
  QStringList lines;
  for (const QModelIndex& row : rows) lines += lineOf(row);
  QApplication::clipboard()->setText(lines.join('\n'));
}

}  // namespace vsdump::gui
