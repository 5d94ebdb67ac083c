// SPDX-License-Identifier: GPL-2.0-or-later
// Times the window on a capture file, without a screen: a line of scripts/bench's second table for
// each thing that a user waits for.
#include <qcustomplot.h>

#include <QAction>
#include <QApplication>
#include <QElapsedTimer>
#include <QScrollBar>
#include <QStatusBar>
#include <QTabWidget>
#include <QTableView>
#include <QTimer>
#include <algorithm>
#include <cstdio>
#include <functional>

#include "gui/views/main_window.h"

namespace vsdump::gui {

namespace {

double millisecondsOf(const std::function<void()>& work) {
  QElapsedTimer timer;
  timer.start();
  work();
  return static_cast<double>(timer.nsecsElapsed()) / 1e6;
}

/// The longest that the window has answered nothing, as a timer of its own thread sees it.
class Heartbeat {
 public:
  Heartbeat() {
    QObject::connect(&timer_, &QTimer::timeout, &timer_, [this] { beat(); });
    timer_.start(1);
    last_.start();
  }
  /// Since it was asked last.
  double takeLongest() {
    last_.start();
    return std::exchange(longest_, 0);
  }

 private:
  void beat() {
    longest_ = std::max(longest_, static_cast<double>(last_.nsecsElapsed()) / 1e6);
    last_.start();
  }

  QTimer timer_;
  QElapsedTimer last_;
  double longest_ = 0;
};

class Bench {
 public:
  explicit Bench(const QString& path) : path_(path) { window_.show(); }

  void run() {
    measureLoading();
    measurePackets();
    measureSequence();
    measureSorting();
    measureChoices();
    measureFilter();
  }

 private:
  static void print(const char* what, double ms, double wantedMs) {
    std::printf("| %s | %.1f | %.0f | %s |\n", what, ms, wantedMs, ms <= wantedMs ? "yes" : "NO");
    std::fflush(stdout);
  }
  static void waitFor(const std::function<bool()>& isDone) {
    while (!isDone()) QApplication::processEvents(QEventLoop::WaitForMoreEvents);
  }
  bool isBusy() const { return window_.findChild<WorkIndicator*>()->isBusy(); }
  QTableView* packets() const { return window_.findChild<QTableView*>("packets"); }
  QAction* actionNamed(const QString& name) const {
    const auto actions = window_.findChildren<QAction*>();
    return *std::ranges::find_if(
        actions, [&](QAction* action) { return action->text().remove('&') == name; });
  }
  void showTab(int tab) {
    window_.findChild<QTabWidget*>()->setCurrentIndex(tab);
    QApplication::processEvents();
  }
  /// The longest of repaints at places all over a scroll bar.
  static double longestScroll(QAbstractScrollArea* view) {
    constexpr int kPlaces = 50;
    QScrollBar* bar = view->verticalScrollBar();
    double longest = 0;
    for (int i = 0; i < kPlaces; ++i) {
      const int value = static_cast<int>(static_cast<std::int64_t>(bar->maximum()) * i / kPlaces);
      longest = std::max(longest, millisecondsOf([&] {
                           bar->setValue(value);
                           view->viewport()->repaint();
                         }));
    }
    return longest;
  }

  void measureLoading() {
    // The window's first picture, with its fonts and icons, is not a capture's.
    QElapsedTimer sinceShown;
    sinceShown.start();
    waitFor([&] { return sinceShown.elapsed() > 200; });
    heartbeat_.takeLongest();
    print("first rows", millisecondsOf([&] {
            window_.open(path_);
            waitFor([&] { return packets()->model()->rowCount() > 0; });
          }),
          500);
    const QAction* stop = actionNamed(QStringLiteral("Stop"));
    waitFor([&] { return !stop->isEnabled(); });
    print("longest wait while loading", heartbeat_.takeLongest(), 50);
  }

  void measurePackets() {
    showTab(2);
    print("packets: scrolling, longest frame", longestScroll(packets()), 16);
    packets()->scrollToTop();
    print("packets: jump to the end", millisecondsOf([&] {
            packets()->scrollToBottom();
            packets()->viewport()->repaint();
          }),
          16);
  }

  void measureSequence() {
    showTab(0);
    measureDiagram("sequence");
    heartbeat_.takeLongest();
    showToScale(true);
    print("sequence to scale: longest wait", heartbeat_.takeLongest(), 50);
    measureDiagram("sequence with quiet compressed");
    actionNamed(QStringLiteral("Compress quiet time"))->trigger();
    waitFor([&] { return !isBusy(); });
    measureDiagram("sequence to scale");
    showToScale(false);
  }
  void showToScale(bool isWanted) {
    QAction* toScale = actionNamed(QStringLiteral("Time to scale"));
    if (toScale->isChecked() != isWanted) toScale->trigger();
    waitFor([&] { return !isBusy(); });
  }

  /// Of all packets on one page, and of many pages at any zoom.
  void measureDiagram(const char* name) {
    auto* view = window_.findChild<SequenceView*>();
    for (int i = 0; i < 100; ++i) view->zoom(0.8);
    print(qPrintable(QStringLiteral("%1 of all packets: first paint").arg(name)),
          millisecondsOf([&] { view->viewport()->repaint(); }), 100);
    double longest = 0;
    for (int i = 0; i < 30; ++i) {
      view->zoom(2.5);
      longest = std::max(longest, longestScroll(view));
    }
    print(qPrintable(QStringLiteral("%1: scrolling, longest frame").arg(name)), longest, 16);
  }

  /// By each column of the connections.
  void measureSorting() {
    auto* table = window_.findChild<QTableView*>("connections");
    const auto* model = qobject_cast<ConnectionModel*>(table->model());
    double slowest = 0;
    heartbeat_.takeLongest();
    for (int column = 0; column < model->columnCount(); ++column) {
      const double each = millisecondsOf([&] {
        table->sortByColumn(column, Qt::DescendingOrder);
        waitFor([&] { return !model->isArranging(); });
      });
      slowest = std::max(slowest, each);
    }
    print("connections: sorting, slowest column", slowest, 1000);
    print("longest wait while sorting", heartbeat_.takeLongest(), 50);
  }

  /// Of packets, and of one connection in every view.
  void measureChoices() {
    constexpr int kPackets = 20;
    showTab(2);
    double longest = 0;
    const int rows = packets()->model()->rowCount();
    for (int i = 0; i < kPackets; ++i) {
      longest =
          std::max(longest, millisecondsOf([&] {
                     packets()->selectRow(static_cast<int>(std::int64_t{rows} * i / kPackets));
                     QApplication::processEvents();
                   }));
    }
    print("packets: choosing one, longest", longest, 50);
    packets()->selectRow(0);
    heartbeat_.takeLongest();
    const double step = millisecondsOf([&] {
      actionNamed(QStringLiteral("Next packet in connection"))->trigger();
      waitFor([&] {
        return packets()->currentIndex().row() > 0 ||
               !window_.statusBar()->currentMessage().isEmpty();
      });
    });
    print("packets: next in connection", step, 1000);
    print("longest wait for it", heartbeat_.takeLongest(), 50);
    auto* tabs = window_.findChild<QTabWidget*>();
    const auto* work = window_.findChild<WorkIndicator*>();
    heartbeat_.takeLongest();
    window_.findChild<QTableView*>("connections")->selectRow(0);
    for (int tab = 0; tab < tabs->count(); ++tab) {
      showTab(tab);
      waitFor([&] { return !work->isBusy(); });
    }
    print("one connection in every view: longest wait", heartbeat_.takeLongest(), 50);
    auto* plot = window_.findChild<QCustomPlot*>();
    print("timeline of one connection: painting",
          millisecondsOf([&] { plot->replot(QCustomPlot::rpImmediateRefresh); }), 16);
    window_.findChild<QTableView*>("connections")->clearSelection();
    waitFor([&] { return !work->isBusy(); });
  }

  void measureFilter() {
    auto* bar = window_.findChild<FilterBar*>();
    const int all = packets()->model()->rowCount();
    heartbeat_.takeLongest();
    print("filter of all packets", millisecondsOf([&] {
            bar->apply("op rw and payload_len > 1000");
            waitFor([&] { return packets()->model()->rowCount() < all; });
          }),
          1000);
    print("longest wait while filtering", heartbeat_.takeLongest(), 50);
  }

  QString path_;
  MainWindow window_;
  Heartbeat heartbeat_;
};

}  // namespace

}  // namespace vsdump::gui

int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  if (argc != 2) {
    std::fputs("usage: bench_gui_frames FILE\n", stderr);
    return 2;
  }
  const QApplication application(argc, argv);
  QApplication::setOrganizationName(QStringLiteral("vsdump-bench"));
  vsdump::gui::Bench(QString::fromLocal8Bit(argv[1])).run();
}
