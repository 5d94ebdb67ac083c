// SPDX-License-Identifier: GPL-2.0-or-later
// Where the window's packets come from, and where they are saved.
#include <QApplication>
#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHeaderView>
#include <QMessageBox>
#include <QMimeData>
#include <QSettings>
#include <QStatusBar>
#include <QUrl>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>

#include "dissector/text/escape.h"
#include "dissector/text/quantity.h"
#include "gui/models/text.h"
#include "gui/views/capture_dialog.h"
#include "gui/views/main_window.h"
#include "gui/views/settings_keys.h"

namespace vsdump::gui {

namespace {

constexpr int kMostRecentFiles = 8;
/// Between two times that what a filter or a choice shows is brought up to date, at least; it takes
/// a part of the time, however much there is.
constexpr qint64 kLiveRefreshMs = 1000;
constexpr qint64 kLiveRefreshPart = 4;

/// The beginning and the end of what a program may have said at length, so that it fits on a
/// screen.
QString inBrief(const QString& text) {
  constexpr qsizetype kMostLines = 12;
  constexpr qsizetype kLongestLine = 500;
  QStringList lines = text.split('\n');
  if (lines.size() > kMostLines) {
    lines =
        QStringList{lines.front(), QStringLiteral("…")} + lines.mid(lines.size() - kMostLines + 2);
  }
  for (QString& line : lines) {
    if (line.size() > kLongestLine) line = line.left(kLongestLine) + QStringLiteral(" …");
  }
  return lines.join('\n');
}

QString captureFilter() {
  return QObject::tr("Captures (*.pcap *.pcapng *.cap *.gz *.zst);;All files (*)");
}

}  // namespace

void MainWindow::open(const QString& path) {
  if (mayDiscard()) read({.name = path.toStdString(), .follow = follow_->isChecked()}, false);
}

void MainWindow::open(const QStringList& paths) {
  if (paths.isEmpty()) return;
  beside_ = paths.mid(1);
  open(paths.front());
}

void MainWindow::follow(const QString& path) {
  follow_->setChecked(true);
  open(path);
}

void MainWindow::capture(const CaptureRequest& request) {
  const QString program = captureProgram();
  if (program.isEmpty() && request.rights != CaptureRequest::Rights::OtherHost) {
    return warn(tr("Capture"),
                tr("There is no vsdump, which captures, beside this program or in PATH."));
  }
  if (!mayDiscard()) return;
  captured_ = request;
  restart_->setEnabled(true);
  read(inputOf(request, program), false);
  statusBar()->showMessage(tr("Starting a capture …"));
}

void MainWindow::askForFile() {
  const QStringList paths =
      QFileDialog::getOpenFileNames(this, tr("Open capture files"), {}, captureFilter());
  if (!paths.isEmpty()) open(paths);
}

void MainWindow::askForFileBeside() {
  const QString path = QFileDialog::getOpenFileName(this, tr("Add a capture file beside this one"),
                                                    {}, captureFilter());
  if (!path.isEmpty()) read({.name = path.toStdString()}, true);
}

void MainWindow::askForCapture() {
  machine_.ask(captureProgram());
  CaptureDialog dialog(machine_, this);
  if (dialog.exec() == QDialog::Accepted) capture(dialog.request());
}

void MainWindow::restartCapture() {
  if (captured_) capture(*captured_);
}

void MainWindow::stopReading() {
  beside_.clear();
  if (loader_) loader_->stop();
}

void MainWindow::read(const TraceInput& input, bool isBeside) {
  input_ = input;
  isBeside_ = isBeside;
  isReading_ = true;
  isLive_ = false;
  loader_ = std::make_unique<TraceLoader>();
  TraceLoader* loader = loader_.get();
  // With the loader as the receiver, what is still on its way goes when the next file is opened.
  connect(
      loader, &TraceLoader::opened, loader,
      [this](bool isTemporary, bool isUnending) { onOpened(isTemporary, isUnending); },
      Qt::QueuedConnection);
  connect(
      loader, &TraceLoader::updated, loader,
      [this](const auto& update) { onUpdated(std::move(*update)); }, Qt::QueuedConnection);
  connect(
      loader, &TraceLoader::noticed, loader,
      [this](const QString& message) { statusBar()->showMessage(message); }, Qt::QueuedConnection);
  connect(
      loader, &TraceLoader::ended, loader,
      [this](TraceLoader::Ending ending, const QString& message) { onEnded(ending, message); },
      Qt::QueuedConnection);
  if (isBeside) {
    loader->add(trace_, input);
  } else {
    loader->open(input);
  }
  updateActions();
}

/// What is open now, by its name.
void MainWindow::noteOpened(bool isTemporary, bool isUnending) {
  isLive_ = isUnending;
  isUnsaved_ = isTemporary || (isBeside_ && isUnsaved_);
  rate_ = {};
  refreshedMs_ = 0;
  clock_.start();
  live_->clear();
  source_.reset();
  const QFileInfo file(QString::fromStdString(input_.name));
  const bool isFile = !input_.isProgram() && input_.name != "-";
  const QString name = QString::fromStdString(escaped(isFile ? file.fileName().toStdString()
                                                      : input_.name == "-" ? "stdin"
                                                                           : input_.name));
  title_ = isBeside_ ? tr("%1 + %2").arg(title_, name) : name;
  setWindowTitle(tr("%1 - vsdump").arg(title_));
  fileName_->setText(title_);
  fileName_->setToolTip(isFile ? file.absoluteFilePath() : QString());
  updateActions();
  if (!isFile) return;
  QStringList recent = QSettings().value(kRecentFilesKey).toStringList();
  recent.removeAll(file.absoluteFilePath());
  recent.prepend(file.absoluteFilePath());
  QSettings().setValue(kRecentFilesKey, QStringList(recent.mid(0, kMostRecentFiles)));
  updateRecentFiles();
}

void MainWindow::noteUpdated() {
  updateSources();
  if (!isLive_) return;
  rate_.update(trace_.packetCount(), clock_.nsecsElapsed());
  live_->setText(liveText(trace_, rate_));
  if (liveRefresh_.isActive()) return;
  const qint64 pause = std::max(kLiveRefreshMs, kLiveRefreshPart * refreshedMs_);
  liveRefresh_.start(std::chrono::milliseconds(pause));
}

/// Returns whether it was a capture, or a file that grows.
bool MainWindow::noteEnded() {
  isReading_ = false;
  const bool wasLive = std::exchange(isLive_, false);
  liveRefresh_.stop();
  live_->setText(wasLive ? droppedText(trace_) : QString());
  // Its last words are its counters, or part of a message.
  if (input_.isProgram()) statusBar()->clearMessage();
  updateActions();
  if (!beside_.isEmpty()) {
    const QString next = beside_.takeFirst();
    QTimer::singleShot(0, loader_.get(),
                       [this, next] { read({.name = next.toStdString()}, true); });
  }
  return wasLive;
}

/// Brings up to date what is not shown by itself as packets come.
void MainWindow::refreshLive() {
  if (!hasOwnColumns_) fitColumns();
  if (work_->isBusy()) return liveRefresh_.start(std::chrono::milliseconds(kLiveRefreshMs));
  refreshing_.start();
  if (selected_ || source_) return runSelection(true);
  const bool hasNewMarks =
      std::exchange(markedFindings_, trace_.findings().size()) != trace_.findings().size();
  if (hasNewMarks || !connections_.empty() || tabs_->currentWidget() == timeline_) refreshViews();
}

void MainWindow::updateActions() {
  stop_->setEnabled(isReading_);
  add_->setEnabled(trace_.isOpen() && !isReading_);
  for (QAction* action : saves_) action->setEnabled(trace_.isOpen());
}

/// Where packets come from more than one place, one of these may be chosen.
void MainWindow::updateSources() {
  QList<std::uint16_t> sources;
  for (std::size_t i = 0; i < trace_.sources().size(); ++i) {
    if (trace_.sources()[i].interface.linkType != kLinkTypeVsock) continue;
    sources += static_cast<std::uint16_t>(i);
  }
  const int count = sources.size() < 2 ? 0 : static_cast<int>(sources.size()) + 1;
  sourceAction_->setVisible(count > 0);
  if (sourceBox_->count() == count) return;
  const QSignalBlocker blocker(sourceBox_);
  sourceBox_->clear();
  if (count == 0) return;
  sourceBox_->addItem(tr("All sources"));
  for (const std::uint16_t source : sources) {
    sourceBox_->addItem(QString::fromStdString(escaped(trace_.sources()[source].name)), source);
  }
}

void MainWindow::chooseSource(int item) {
  source_.reset();
  if (item > 0) source_ = static_cast<std::uint16_t>(sourceBox_->itemData(item).toUInt());
  runSelection();
}

void MainWindow::savePackets(const QString& title, RowPredicate isWanted, bool isAll) {
  QString path = QFileDialog::getSaveFileName(this, title, {},
                                              tr("pcapng (*.pcapng *.pcapng.gz *.pcapng.zst)"));
  if (path.isEmpty()) return;
  if (QFileInfo(path).suffix().isEmpty()) path += QStringLiteral(".pcapng");
  saveTo(path, std::move(isWanted), isAll);
}

void MainWindow::saveTo(const QString& path, RowPredicate isWanted, bool isAll) {
  const auto progress = std::make_shared<std::atomic<double>>(0);
  saving_ = std::make_unique<Job>([this, trace = trace_, isWanted = std::move(isWanted), isAll,
                                   path, progress](const std::stop_token& stop) -> Job::Delivery {
    const auto saved = saveCapture(trace, isWanted, path.toStdString(), *progress, stop);
    return [this, path, isAll, saved, packets = trace.packetCount()] {
      work_->end();
      if (!saved) return warn(tr("Save"), QString::fromStdString(describe(saved.error())));
      statusBar()->showMessage(
          tr("Saved %1 to %2.").arg(QString::fromStdString(counted(*saved, "packet")), path));
      // More may have come meanwhile.
      if (isAll && packets == trace_.packetCount()) isUnsaved_ = false;
    };
  });
  work_->begin(
      tr("Saving …"), [progress] { return progress->load(); },
      [this] {
        saving_.reset();
        statusBar()->showMessage(tr("Saving was cancelled: nothing was written."));
      });
}

/// Asks what to do with packets that are nowhere else. Returns whether they may go.
bool MainWindow::mayDiscard() {
  if (!isUnsaved_ || trace_.packetCount() == 0) return true;
  QMessageBox box(QMessageBox::Question, tr("vsdump"),
                  tr("%1 that were captured are not saved.")
                      .arg(QString::fromStdString(counted(trace_.packetCount(), "packet"))),
                  QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, this);
  box.setTextFormat(Qt::PlainText);
  const int answer = box.exec();
  if (answer == QMessageBox::Discard) isUnsaved_ = false;
  // Saving goes on while the window shows how far it is: the wish has to be said again then.
  if (answer == QMessageBox::Save) savePackets(tr("Save all packets"), {}, true);
  return answer == QMessageBox::Discard;
}

void MainWindow::warn(const QString& title, const QString& text) {
  QMessageBox box(QMessageBox::Warning, title, text, QMessageBox::Ok, this);
  box.setTextFormat(Qt::PlainText);
  box.setTextInteractionFlags(Qt::TextSelectableByMouse);
  if (const QString brief = inBrief(text); brief != text) {
    box.setText(brief);
    box.setDetailedText(text);
  }
  box.exec();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  QStringList paths;
  for (const QUrl& url : event->mimeData()->urls()) {
    if (url.isLocalFile()) paths += url.toLocalFile();
  }
  open(paths);
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (!mayDiscard()) return event->ignore();
  // Its program ends with the pipe.
  loader_.reset();
  QSettings settings;
  settings.setValue(kLanesByCidKey, lanesByCid_->isChecked());
  settings.setValue(kToScaleKey, toScale_->isChecked());
  settings.setValue(kCutsQuietKey, cutsQuiet_->isChecked());
  settings.setValue(kGeometryKey, saveGeometry());
  for (const QSplitter* splitter : splitters_) {
    settings.setValue(kSplittersKey + splitter->objectName(), splitter->saveState());
  }
  for (const QTableView* table : {connectionTable_, packetTable_, messages_->table()}) {
    settings.setValue(kColumnsKey + table->objectName(), table->horizontalHeader()->saveState());
  }
  QMainWindow::closeEvent(event);
}

}  // namespace vsdump::gui
