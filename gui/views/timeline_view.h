// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QWidget>
#include <array>

#include "gui/models/timeline.h"

class QCustomPlot;
class QCPAxisRect;
class QCPGraph;
class QCPLegend;

namespace vsdump::gui {

/// Throughput and credit over time, each way.
class TimelineView : public QWidget {
  Q_OBJECT

 public:
  explicit TimelineView(QWidget* parent = nullptr);

  void display(const Timeline& timeline);
  void clear() { display({}); }

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void applyPalette();
  void displayStalls(const Timeline& timeline);

  QCustomPlot* plot_;
  QCPLegend* legend_;
  QCPAxisRect* throughput_;
  QCPAxisRect* credit_;
  std::array<QCPGraph*, 2> rates_{};    ///< by Direction
  std::array<QCPGraph*, 2> credits_{};  ///< by Direction
};

}  // namespace vsdump::gui
