// SPDX-License-Identifier: GPL-2.0-or-later
// What the window shows; main_window_layout.cpp has what it is made of, main_window_files.cpp where
// its packets come from, and main_window_choices.cpp what is chosen in it.
#include "gui/views/main_window.h"

#include <QFileDialog>
#include <QHeaderView>
#include <QMessageBox>
#include <QScrollBar>
#include <QStatusBar>
#include <algorithm>
#include <utility>

#include "dissector/text/quantity.h"
#include "gui/models/text.h"

namespace vsdump::gui {

namespace {

/// Whose times are looked at within a few milliseconds.
constexpr std::size_t kMostTimesAtOnce = 500'000;

}  // namespace

MainWindow::~MainWindow() = default;

void MainWindow::onOpened(bool isTemporary, bool isUnending) {
  // What they are making is about the rows of the trace before.
  filtering_.reset();
  viewing_.reset();
  work_->end();
  sparking_.reset();
  stepping_.reset();
  decoding_.reset();
  summarizing_.reset();
  isDecoding_ = false;
  collector_ = std::make_shared<MessageCollector>();
  // Giving back the memory of the one before takes too long for the window.
  const Job giveBack([trace = std::exchange(trace_, Trace::opened())](const std::stop_token&) {
    return Job::Delivery();
  });
  lanes_ = {};
  times_ = toScale_->isChecked() ? std::make_shared<QuietTimes>() : nullptr;
  allMarks_.clear();
  filtered_.reset();
  isFiltered_ = false;
  range_.reset();
  selected_.reset();
  clearRange_->setVisible(false);
  connections_.clear();
  packet_.reset();
  marks_.clear();
  connectionModel_.forgetSparklines();
  connectionModel_.reset();
  findingModel_.reset();
  packetModel_.reset();
  messageModel_.reset();
  details_->clear();
  stream_->clear();
  timeline_->clear();
  saysFinding_ = false;
  sequence_->display(trace_, SequenceLayout(trace_, nullptr, {}));
  filterBar_->setAnswer({});
  statusBar()->clearMessage();
  pages_->setCurrentIndex(1);
  progress_->setValue(0);
  progress_->setVisible(!isUnending);
  export_->setEnabled(true);
  noteOpened(isTemporary, isUnending);
}

void MainWindow::onUpdated(TraceUpdate&& update) {
  progress_->setValue(static_cast<int>(update.progress * 100));
  const QScrollBar* bar = packetTable_->verticalScrollBar();
  const bool isAtEnd = isLive_ && bar->value() == bar->maximum();
  trace_.apply(std::move(update));
  const bool areFirst = connectionModel_.rowCount() == 0;
  connectionModel_.refresh();
  findingModel_.refresh();
  packetModel_.grow();
  if (isLive_ && areFirst && !hasOwnColumns_) fitColumns();
  if (isAtEnd) packetTable_->scrollToBottom();
  if (!selected_ && connections_.empty()) showAllRows();
  noteUpdated();
  decodeMessages();
  updateStatus();
}

/// All packets in even rows or to scale, brought up to date as more are read.
void MainWindow::showAllRows() {
  // Those of many packets are found beside the window, and are on their way.
  if (toScale_->isChecked() && !times_) return;
  lanes_.addNewOf(trace_);
  SequenceLayout layout(trace_, nullptr, lanes_.lanes(lanesBy()));
  layout.setMarks(allMarks_);
  if (toScale_->isChecked()) {
    // While a file is read there may be millions: those that are left come with the next ones, or
    // when it ends.
    times_->addNewOf({&trace_, nullptr}, {}, kMostTimesAtOnce);
    layout.setTimes(times_, cutsQuiet_->isChecked());
  }
  sequence_->display(trace_, std::move(layout));
}

void MainWindow::onEnded(TraceLoader::Ending ending, const QString& message) {
  progress_->hide();
  const bool wasLive = noteEnded();
  if (ending == TraceLoader::Ending::Failed) {
    warn(tr("vsdump"), message);
    if (!trace_.isOpen()) return;
  }
  if (ending == TraceLoader::Ending::Stopped && !wasLive) {
    statusBar()->showMessage(input_.isProgram()
                                 ? tr("Stopped before the capture began.")
                                 : tr("Stopped: the rest of the file was not read."));
  }
  // New connections came at the end, whatever the order is.
  connectionModel_.arrange();
  connectionModel_.forgetSparklines();
  sparkTimer_.start(0);
  if (!hasOwnColumns_ || isBeside_) fitColumns();
  hasOwnColumns_ = true;
  if (trace_.connections().size() == 1) chooseConnection(trace_.connections().front().id);
  if (!packet_ && trace_.packetCount() > 0) choosePacket(0);
  if (!filterBar_->text().isEmpty()) return filterBar_->apply(filterBar_->text());
  refreshViews();
}

void MainWindow::runFilter(const filter::Filter& filter) {
  filter_ = filter;
  runSelection();
}

/// Selects by the filter and the source that are chosen, of all packets or of those that came since
/// that was done.
void MainWindow::runSelection(bool goesOn) {
  filtering_.reset();
  goesOn = std::exchange(isFiltered_, false) && goesOn;
  if (filter_.takesAll() && !source_) {
    work_->end();
    filtered_.reset();
    return applySelection();
  }
  if (!trace_.isOpen()) return;
  if (!isLive_) filterBar_->setAnswer(tr("selecting …"));
  filtering_ = std::make_unique<Job>(
      [this, trace = trace_, filter = filter_, source = source_,
       before = goesOn ? filtered_ : std::nullopt](const std::stop_token& stop) -> Job::Delivery {
        auto selected = select(trace, filter, source, stop, before);
        if (!selected) return {};
        return [this, selected = std::move(*selected)]() mutable {
          filtered_ = std::move(selected);
          isFiltered_ = true;
          applySelection();
        };
      });
  beginSelecting();
}

/// Selects of what the filter has left what is in the range of time.
void MainWindow::applySelection() {
  if (!range_) {
    selected_ = filtered_;
    return showSelected();
  }
  if (!trace_.isOpen()) return;
  filtering_ = std::make_unique<Job>([this, trace = trace_, filtered = filtered_, range = *range_](
                                         const std::stop_token& stop) -> Job::Delivery {
    auto selected = narrowed(trace, filtered, range, stop);
    if (!selected) return {};
    return [this, selected = std::move(*selected)]() mutable {
      selected_ = std::move(selected);
      showSelected();
    };
  });
  beginSelecting();
}

void MainWindow::beginSelecting() {
  work_->begin(tr("Selecting …"), {}, [this] {
    filtering_.reset();
    filterBar_->setAnswer(tr("cancelled"));
  });
}

void MainWindow::showSelected() {
  work_->end();
  if (selected_) {
    filterBar_->setAnswer(
        tr("%1 of %2")
            .arg(QString::fromStdString(grouped(selected_->rows->size())),
                 QString::fromStdString(counted(trace_.packetCount(), "packet"))));
    std::erase_if(connections_, [this](std::uint32_t id) {
      return !std::ranges::binary_search(selected_->connections, id);
    });
    connectionModel_.select(selected_->connections);
  } else {
    filterBar_->setAnswer({});
    connectionModel_.select(std::nullopt);
  }
  refreshViews();
}

void MainWindow::refreshViews() {
  viewing_.reset();
  if (!trace_.isOpen()) return;
  ViewRequest request{.selected = selected_, .connections = connections_};
  request.lanesBy = lanesBy();
  request.times = toScale_->isChecked();
  request.timeline = tabs_->currentWidget() == timeline_;
  if (range_) request.timelineWithin = filtered_ ? filtered_->rows : nullptr;
  if (tabs_->currentWidget() == stream_ && stream_->form() != StreamForm::Messages) {
    request.stream = stream_->form();
  }
  viewing_ = std::make_unique<Job>([this, trace = trace_, request = std::move(request)](
                                       const std::stop_token& stop) -> Job::Delivery {
    auto contents = contentsOf(trace, request, stop);
    if (!contents) return {};
    return [this, contents = std::move(*contents)] { fill(contents); };
  });
  work_->begin(tr("Looking …"), {}, [this] { viewing_.reset(); });
}

void MainWindow::fill(const ViewContents& contents) {
  work_->end();
  if (refreshing_.isValid()) refreshedMs_ = refreshing_.elapsed();
  refreshing_.invalidate();
  SequenceLayout layout(trace_, contents.rows, contents.lanes);
  layout.showWaitsOf(contents.connections);
  layout.setMarks(contents.marks);
  if (contents.times) layout.setTimes(contents.times, cutsQuiet_->isChecked());
  if (!contents.rows) {
    times_ = contents.times;
    allMarks_ = contents.marks;
  }
  sequence_->display(trace_, std::move(layout));
  packetModel_.select(contents.rows);
  if (tabs_->currentWidget() == timeline_) timeline_->display(contents.timeline);
  if (connections_.size() != 1) {
    stream_->clear();
  } else if (tabs_->currentWidget() == stream_ && stream_->form() != StreamForm::Messages) {
    stream_->display(contents.stream);
  }
  if (packet_) {
    const int row = packetModel_.rowOf(*packet_);
    if (row >= 0) {
      selectPacketRow(row);
    } else if (!connections_.empty() && packetModel_.rowCount() > 0) {
      choosePacket(packetModel_.packetAt(0));
    }
  }
  showMessages();
  decodeMessages();
  updateStatus();
}

void MainWindow::saveStreamOf(Direction direction) {
  if (connections_.size() != 1) return;
  const ConnectionId id{connections_.front()};
  const QString path = QFileDialog::getSaveFileName(
      this, tr("Save payload"), QStringLiteral("connection-%1.bin").arg(raw(id)));
  if (path.isEmpty()) return;
  statusBar()->showMessage(tr("Saving …"));
  saving_ = std::make_unique<Job>(
      [this, trace = trace_, id, direction, path](const std::stop_token& stop) -> Job::Delivery {
        const Result<void> saved = saveStream(trace, id, direction, path.toStdString(), stop);
        if (saved) return [this, path] { statusBar()->showMessage(tr("Saved to %1.").arg(path)); };
        return [this, problem = QString::fromStdString(describe(saved.error()))] {
          statusBar()->clearMessage();
          QMessageBox::warning(this, tr("Save payload"), problem);
        };
      });
}

void MainWindow::exportDiagram() {
  const QString path = QFileDialog::getSaveFileName(
      this, tr("Export diagram"), QStringLiteral("sequence.svg"), tr("Pictures (*.svg *.png)"));
  if (path.isEmpty()) return;
  if (sequence_->exportTo(path)) return statusBar()->showMessage(tr("Saved to %1.").arg(path));
  QMessageBox::warning(this, tr("Export diagram"), tr("Cannot write %1.").arg(path));
}

/// Draws the lines of the connections that are in sight and have none yet.
void MainWindow::drawSparklines() {
  const int first = std::max(connectionTable_->rowAt(0), 0);
  const int bottom = connectionTable_->rowAt(connectionTable_->viewport()->height());
  const int last = bottom < 0 ? connectionModel_.rowCount() - 1 : bottom;
  std::vector<std::uint32_t> wanted;
  for (int row = first; row <= last; ++row) {
    const ConnectionId id = connectionModel_.at(row).id;
    if (isReading_ || !connectionModel_.hasSparkline(id)) wanted.push_back(raw(id));
  }
  if (wanted.empty()) return;
  sparking_ = std::make_unique<Job>(
      [this, trace = trace_, wanted](const std::stop_token& stop) -> Job::Delivery {
        auto lines = sparklinesOf(trace, wanted, stop);
        if (!lines) return {};
        return [this, lines = std::move(*lines)]() mutable {
          connectionModel_.addSparklines(std::move(lines));
        };
      });
}

/// What to do with the findings, until one is chosen.
void MainWindow::updateFindingHint() {
  if (saysFinding_) return;
  findingText_->setText(!trace_.findings().empty() ? tr("Choose a finding to read what happened.")
                        : isReading_               ? tr("Nothing was found yet.")
                                                   : tr("Nothing was found."));
}

void MainWindow::updateStatus() {
  updateFindingHint();
  const std::size_t count = trace_.packetCount();
  if (count == 0) return summary_->setText(tr("no packets"));
  const std::int64_t span = trace_.timeNs(static_cast<Row>(count - 1)) - trace_.timeNs(0);
  QStringList parts{QString::fromStdString(counted(count, "packet")),
                    QString::fromStdString(counted(trace_.connections().size(), "connection")),
                    durationCell(std::max<std::int64_t>(span, 0))};
  if (connections_.size() == 1) {
    parts += titleOf(trace_.connections()[connections_.front()]);
  } else if (!connections_.empty()) {
    parts += tr("%1 chosen").arg(connections_.size());
  }
  if (marks_.count() > 0) parts += tr("%1 marked").arg(marks_.count());
  if (packet_) parts += tr("packet %1").arg(trace_.number(*packet_));
  summary_->setText(parts.join(QStringLiteral("  ·  ")));
}

}  // namespace vsdump::gui
