// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QLabel>
#include <QProgressBar>
#include <QTimer>
#include <QToolButton>
#include <QWidget>
#include <functional>

namespace vsdump::gui {

/// Shows work that takes longer than half a second: what it is, how far, and a way to cancel it.
class WorkIndicator : public QWidget {
  Q_OBJECT

 public:
  explicit WorkIndicator(QWidget* parent = nullptr);

  /// From 0 to 1.
  using Progress = std::function<double()>;

  /// Work begins; what was shown before is not any more. Without `progress` nobody knows how far it
  /// is.
  void begin(const QString& what, Progress progress, std::function<void()> cancel);
  void end();

  bool isBusy() const { return isBusy_; }

 private:
  void cancel();
  void showProgress();

  QLabel* what_;
  QProgressBar* bar_;
  QToolButton* button_;
  QTimer delay_;
  QTimer ticks_;
  Progress progress_;
  std::function<void()> cancel_;
  bool isBusy_ = false;
};

}  // namespace vsdump::gui
