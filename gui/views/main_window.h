// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QComboBox>
#include <QElapsedTimer>
#include <QLabel>
#include <QMainWindow>
#include <QProgressBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QTimer>
#include <memory>
#include <optional>
#include <vector>

#include "gui/models/capture_request.h"
#include "gui/models/connection_model.h"
#include "gui/models/finding_model.h"
#include "gui/models/job.h"
#include "gui/models/live_rate.h"
#include "gui/models/machine.h"
#include "gui/models/message_model.h"
#include "gui/models/packet_model.h"
#include "gui/models/save_capture.h"
#include "gui/models/selection.h"
#include "gui/models/trace_loader.h"
#include "gui/models/view_contents.h"
#include "gui/views/detail_panes.h"
#include "gui/views/filter_bar.h"
#include "gui/views/messages_view.h"
#include "gui/views/sequence_view.h"
#include "gui/views/stream_view.h"
#include "gui/views/timeline_view.h"
#include "gui/views/work_indicator.h"

namespace vsdump::gui {

/// The window: connections and findings above, one of the views of what is chosen below.
///
/// One choice drives everything: connections show in all views, a packet in the details.
class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  explicit MainWindow(QWidget* parent = nullptr);
  ~MainWindow() override;

  /// Opens a capture file in place of what is shown; the user is asked when that is not saved. "-"
  /// is standard input.
  void open(const QString& path);
  /// Several of them, beside each other.
  void open(const QStringList& paths);
  /// One that grows: what is appended shows.
  void follow(const QString& path);
  /// Captures in place of what is shown.
  void capture(const CaptureRequest& request);
  /// Saves the packets of a predicate, or all of them, while the window goes on.
  void saveTo(const QString& path, RowPredicate isWanted, bool isAll);

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void closeEvent(QCloseEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  // What it is made of: main_window_layout.cpp.
  void buildMenus();
  QWidget* buildEmptyPage();
  QWidget* buildTracePage();
  QWidget* buildTables();
  QWidget* buildViews();
  QWidget* buildScaleChoices();
  void connectViews();
  void offerFilters(QAbstractItemView* view, int filterRole);
  void fitColumns();
  void updateRecentFiles();
  void buildFileMenu();
  void about();
  void showHelp();

  // Where packets come from and go to: main_window_files.cpp.
  void askForFile();
  void askForFileBeside();
  void askForCapture();
  void restartCapture();
  void stopReading();
  void read(const TraceInput& input, bool isBeside);
  void noteOpened(bool isTemporary, bool isUnending);
  void noteUpdated();
  bool noteEnded();
  void refreshLive();
  void updateActions();
  void updateSources();
  void chooseSource(int item);
  void savePackets(const QString& title, RowPredicate isWanted, bool isAll);
  bool mayDiscard();
  void warn(const QString& title, const QString& text);

  // What it shows: main_window.cpp.
  void onOpened(bool isTemporary, bool isUnending);
  void onUpdated(TraceUpdate&& update);
  void onEnded(TraceLoader::Ending ending, const QString& message);
  void runFilter(const filter::Filter& filter);
  void runSelection(bool goesOn = false);
  void beginSelecting();
  void applySelection();
  void showSelected();
  void refreshViews();
  void fill(const ViewContents& contents);
  void showAllRows();
  void drawSparklines();
  void updateFindingHint();
  void updateStatus();
  void saveStreamOf(Direction direction);
  void exportDiagram();
  LanesBy lanesBy() const { return lanesByCid_->isChecked() ? LanesBy::Cids : LanesBy::Ends; }

  // Messages: main_window_messages.cpp.
  void decodeMessages();
  void onDecoded(const Messages& messages);
  void showMessages();
  void summarizeMessages();
  void openMessage(const MessageRow& message);

  // What is chosen: main_window_choices.cpp.
  void onConnectionsChosen();
  void chooseConnection(std::optional<ConnectionId> connection);
  void selectChosenRows();
  void chooseFinding(int row);
  std::array<double, 2> secondsOf(const TimeRange& range) const;
  void chooseRange(std::optional<TimeRange> range);
  void choosePacket(Row packet);
  void choosePacketNumber(std::uint64_t number);
  void selectPacketRow(int row);
  void stepInConnection(bool forward);
  void stepInList(int rows);
  void chooseInList(int row);
  void find();
  void goToPacket();
  void markPackets();
  void stepToMark(bool forward);
  void copySelection();

  Machine machine_;
  TraceInput input_;  ///< that was asked for last
  std::optional<CaptureRequest> captured_;
  QStringList beside_;  ///< files that are to be added
  QString title_;
  bool isBeside_ = false;  ///< input_ comes beside what was there
  bool isReading_ = false;
  bool isLive_ = false;     ///< packets may come at any time
  bool isUnsaved_ = false;  ///< packets are nowhere but here
  LiveRate rate_;
  QElapsedTimer clock_;
  QTimer liveRefresh_;
  QElapsedTimer refreshing_;  ///< since a refresh began that is under way
  qint64 refreshedMs_ = 0;    ///< that the last one took
  Trace trace_;
  LaneFinder lanes_;                   ///< of all connections
  std::shared_ptr<QuietTimes> times_;  ///< of all packets, where they stand to scale
  std::vector<FindingMark> allMarks_;  ///< of all packets
  std::size_t markedFindings_ = 0;     ///< how many findings these are of, while it is live
  std::unique_ptr<TraceLoader> loader_;
  std::unique_ptr<Job> filtering_;
  std::unique_ptr<Job> viewing_;
  std::unique_ptr<Job> saving_;
  std::unique_ptr<Job> sparking_;
  std::unique_ptr<Job> stepping_;
  QTimer sparkTimer_;
  std::shared_ptr<MessageCollector> collector_;
  std::unique_ptr<Job> decoding_;
  std::unique_ptr<Job> summarizing_;
  bool isDecoding_ = false;
  FrameNumber openedMessage_{};
  filter::Filter filter_;
  std::optional<std::uint16_t> source_;     ///< the only one that is shown
  std::optional<Selected> filtered_;        ///< by filter and source; none: everything
  bool isFiltered_ = false;                 ///< filtered_ is by those that are chosen now
  std::optional<TimeRange> range_;          ///< the brush of the timeline
  std::optional<Selected> selected_;        ///< of what is filtered, what is in the range
  std::vector<std::uint32_t> connections_;  ///< chosen ones, sorted; none: all
  std::optional<Row> packet_;
  bool saysFinding_ = false;    ///< the text beside the findings is about one of them
  bool hasOwnColumns_ = false;  ///< the connections' columns have the widths of a capture or a user
  bool isFitting_ = false;      ///< the widths that change are no user's doing

  ConnectionModel connectionModel_{trace_};
  FindingModel findingModel_{trace_};
  Marks marks_;
  PacketModel packetModel_{trace_, marks_};
  MessageModel messageModel_{trace_};

  QStackedWidget* pages_;
  FilterBar* filterBar_;
  QTableView* connectionTable_;
  QTableView* findingTable_;
  QLabel* findingText_;
  QTabWidget* tabs_;
  SequenceView* sequence_;
  TimelineView* timeline_;
  QTableView* packetTable_;
  MessagesView* messages_;
  StreamView* stream_;
  QAction* clearRange_;
  QAction* lanesByCid_;
  QAction* toScale_;
  QAction* cutsQuiet_;
  DetailPanes* details_;
  std::vector<QSplitter*> splitters_;
  QLabel* summary_;
  QLabel* live_;
  QLabel* fileName_;
  QProgressBar* progress_;
  WorkIndicator* work_;
  QComboBox* sourceBox_;
  QAction* sourceAction_;
  QAction* open_;
  QAction* add_;
  QAction* follow_;
  QAction* start_;
  QAction* restart_;
  QAction* stop_;
  std::vector<QAction*> saves_;
  QAction* export_;
  QMenu* recent_;
};

}  // namespace vsdump::gui
