// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QWidget>
#include <array>
#include <optional>
#include <vector>

#include "gui/models/message_model.h"
#include "gui/models/timeline.h"

class QCustomPlot;
class QCPAxis;
class QCPAxisRect;
class QCPGraph;
class QCPItemRect;
class QCPLegend;

namespace vsdump::gui {

/// Throughput over time each way, below of a single connection the credit and the packets in
/// flight, and the latencies of messages. A brush chooses a time.
class TimelineView : public QWidget {
  Q_OBJECT

 public:
  /// **Units** seconds since the first packet of the trace, from and to.
  using Range = std::array<double, 2>;

  explicit TimelineView(QWidget* parent = nullptr);

  void display(const Timeline& timeline);
  void displayLatencies(const LatencyDots& dots);
  /// Shows that only this time is chosen.
  void showRange(const std::optional<Range>& range);
  void clear();

 signals:
  /// The brush marks a time, or none any more.
  void rangeChosen(const std::optional<std::array<double, 2>>& range);

 protected:
  void changeEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  /// A plot above or below others, with one curve each way.
  struct Panel {
    QCPAxisRect* rect = nullptr;
    std::array<QCPGraph*, 2> curves{};  ///< by Direction; the second may be missing
    QCPItemRect* brush = nullptr;
    bool isShown = false;
  };
  enum { Throughput, Credit, InFlight, Latency, PanelCount };

  void buildPanel(Panel& panel, bool isOfDirections);
  QCPAxis* timeAxis(const Panel& panel) const;
  QCPAxis* valueAxis(const Panel& panel) const;
  void arrangePanels();
  void applyPalette();
  void displayStalls();
  void placeBrush();
  void scaleValues();
  Range draggedTo(double x) const;
  void zoom(double factor);
  void move(double part);

  QCustomPlot* plot_;
  QCPLegend* legend_;
  std::array<Panel, PanelCount> panels_;
  std::vector<QCPItemRect*> stallAreas_;
  std::vector<Range> stalls_;
  std::optional<Range> range_;
  std::optional<double> pressed_;  ///< where a drag has begun
};

}  // namespace vsdump::gui
