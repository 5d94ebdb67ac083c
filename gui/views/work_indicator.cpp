// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/views/work_indicator.h"

#include <QHBoxLayout>
#include <utility>

namespace vsdump::gui {

namespace {

constexpr int kDelayMs = 500;
constexpr int kTickMs = 100;
constexpr int kBarWidth = 160;

}  // namespace

WorkIndicator::WorkIndicator(QWidget* parent)
    : QWidget(parent),
      what_(new QLabel(this)),
      bar_(new QProgressBar(this)),
      button_(new QToolButton(this)) {
  bar_->setMaximumWidth(kBarWidth);
  bar_->setAccessibleName(tr("Progress"));
  button_->setText(tr("Cancel"));
  button_->setAutoRaise(true);
  button_->setShortcut(Qt::Key_Escape);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(8);
  layout->addWidget(what_);
  layout->addWidget(bar_);
  layout->addWidget(button_);
  hide();
  delay_.setSingleShot(true);
  delay_.setInterval(kDelayMs);
  ticks_.setInterval(kTickMs);
  connect(&delay_, &QTimer::timeout, this, [this] {
    showProgress();
    show();
    ticks_.start();
  });
  connect(&ticks_, &QTimer::timeout, this, &WorkIndicator::showProgress);
  connect(button_, &QToolButton::clicked, this, &WorkIndicator::cancel);
}

void WorkIndicator::begin(const QString& what, Progress progress, std::function<void()> cancel) {
  what_->setText(what);
  progress_ = std::move(progress);
  cancel_ = std::move(cancel);
  bar_->setRange(0, progress_ ? 100 : 0);
  if (!std::exchange(isBusy_, true)) delay_.start();
  if (isVisible()) showProgress();
}

void WorkIndicator::end() {
  isBusy_ = false;
  delay_.stop();
  ticks_.stop();
  hide();
  cancel_ = nullptr;
}

void WorkIndicator::cancel() {
  const std::function<void()> cancel = cancel_;
  end();
  if (cancel) cancel();
}

void WorkIndicator::showProgress() {
  if (progress_) bar_->setValue(static_cast<int>(progress_() * 100));
}

}  // namespace vsdump::gui
