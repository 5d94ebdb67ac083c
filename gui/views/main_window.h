// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QLabel>
#include <QMainWindow>
#include <QProgressBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <memory>
#include <optional>
#include <vector>

#include "gui/models/connection_model.h"
#include "gui/models/finding_model.h"
#include "gui/models/job.h"
#include "gui/models/packet_model.h"
#include "gui/models/selection.h"
#include "gui/models/trace_loader.h"
#include "gui/models/view_contents.h"
#include "gui/views/detail_panes.h"
#include "gui/views/filter_bar.h"
#include "gui/views/sequence_view.h"
#include "gui/views/stream_view.h"
#include "gui/views/timeline_view.h"

namespace vsdump::gui {

/// The window: connections and findings above, one of the views of what is chosen below.
///
/// One choice drives everything: connections show in all views, a packet in the details.
class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  explicit MainWindow(QWidget* parent = nullptr);
  ~MainWindow() override;

  /// Opens a capture file in place of what is shown.
  void open(const QString& path);

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void closeEvent(QCloseEvent* event) override;

 private:
  // What it is made of: main_window_layout.cpp.
  void buildMenus();
  QWidget* buildEmptyPage();
  QWidget* buildTracePage();
  QWidget* buildTables();
  QWidget* buildViews();
  void connectViews();
  void offerFilters(QTableView* table, int filterRole);
  void fitColumns();
  void updateRecentFiles();
  void askForFile();
  void about();

  // What it reads: main_window.cpp.
  void onOpened();
  void onUpdated(TraceUpdate&& update);
  void onEnded(TraceLoader::Ending ending, const QString& message);
  void runFilter(const filter::Filter& filter);
  void onSelected(Selected&& selected);
  void refreshViews();
  void fill(const ViewContents& contents);
  void updateStatus();
  void saveStreamOf(Direction direction);
  void exportDiagram();

  // What is chosen: main_window_choices.cpp.
  void onConnectionsChosen();
  void chooseConnection(std::optional<ConnectionId> connection);
  void selectChosenRows();
  void chooseFinding(int row);
  void choosePacket(Row packet);
  void choosePacketNumber(std::uint64_t number);
  void selectPacketRow(int row);
  void stepInConnection(bool forward);
  void goToPacket();
  void markPackets();
  void stepToMark(bool forward);
  void copySelection();

  QString path_;
  Trace trace_;
  std::unique_ptr<TraceLoader> loader_;
  std::unique_ptr<Job> filtering_;
  std::unique_ptr<Job> viewing_;
  std::unique_ptr<Job> saving_;
  std::optional<Selected> selected_;        ///< by the filter; none: everything
  std::vector<std::uint32_t> connections_;  ///< chosen ones, sorted; none: all
  std::optional<Row> packet_;
  bool hasOwnColumns_ = false;  ///< the connections' columns have the widths of a capture or a user

  ConnectionModel connectionModel_{trace_};
  FindingModel findingModel_{trace_};
  Marks marks_;
  PacketModel packetModel_{trace_, marks_};

  QStackedWidget* pages_;
  FilterBar* filterBar_;
  QTableView* connectionTable_;
  QTableView* findingTable_;
  QLabel* findingText_;
  QTabWidget* tabs_;
  SequenceView* sequence_;
  TimelineView* timeline_;
  QTableView* packetTable_;
  StreamView* stream_;
  DetailPanes* details_;
  std::vector<QSplitter*> splitters_;
  QLabel* summary_;
  QLabel* fileName_;
  QProgressBar* progress_;
  QAction* stop_;
  QAction* export_;
  QMenu* recent_;
};

}  // namespace vsdump::gui
