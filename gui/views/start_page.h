// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QGridLayout>
#include <QWidget>

#include "gui/models/machine.h"

namespace vsdump::gui {

/// What an empty window says: what to do, and what this machine can capture.
class StartPage : public QWidget {
  Q_OBJECT

 public:
  /// **Lifetime** borrows `machine`.
  explicit StartPage(const Machine& machine, QWidget* parent = nullptr);

 signals:
  void openWanted();
  void captureWanted();

 private:
  void showMachine();

  const Machine& machine_;
  QWidget* table_;
};

}  // namespace vsdump::gui
