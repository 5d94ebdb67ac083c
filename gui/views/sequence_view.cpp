// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/views/sequence_view.h"

#include <QImage>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QSvgGenerator>
#include <QWheelEvent>
#include <algorithm>
#include <utility>

#include "gui/views/sequence_style.h"

namespace vsdump::gui {

namespace {

constexpr double kSmallestRow = 1e-5;
constexpr double kLargestRow = 60;
constexpr double kZoomStep = 1.25;
constexpr double kMostScrollSteps = 1e9;

}  // namespace

SequenceView::SequenceView(const Marks& marks, const MessageModel& messages, QWidget* parent)
    : QAbstractScrollArea(parent), marks_(marks), messages_(messages) {
  setFrameShape(QFrame::NoFrame);
  setFocusPolicy(Qt::StrongFocus);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  viewport()->setBackgroundRole(QPalette::Base);
  viewport()->setAutoFillBackground(true);
  setAccessibleName(tr("Sequence diagram"));
  connect(verticalScrollBar(), &QScrollBar::valueChanged, viewport(),
          qOverload<>(&QWidget::update));
}

void SequenceView::display(const Trace& trace, SequenceLayout layout) {
  const double height = layout_ ? layout_->rowHeight() : layout.rowHeight();
  trace_ = &trace;
  layout_.emplace(std::move(layout));
  layout_->setRowHeight(height);
  updateScrollBar();
  if (current_) scrollTo(layout_->rowOf(*current_));
  viewport()->update();
}

void SequenceView::setCurrent(Row packet) {
  current_ = packet;
  if (layout_) scrollTo(layout_->rowOf(packet));
  viewport()->update();
}

void SequenceView::zoom(double factor) {
  if (!layout_) return;
  const double middle = top() + (viewport()->height() - kHeaderHeight) / 2;
  const std::size_t row = layout_->rowAt(middle);
  layout_->setRowHeight(std::clamp(layout_->rowHeight() * factor, kSmallestRow, kLargestRow));
  updateScrollBar();
  scrollTo(row);
  viewport()->update();
}

double SequenceView::top() const {
  return verticalScrollBar()->value() * rowsPerStep_ * (layout_ ? layout_->rowHeight() : 1);
}

void SequenceView::updateScrollBar() {
  if (!layout_) return;
  layout_->setWidth(viewport()->width());
  const auto rows = static_cast<double>(layout_->rowCount());
  const double page = std::max((viewport()->height() - kHeaderHeight) / layout_->rowHeight(), 1.0);
  rowsPerStep_ = std::max(rows / kMostScrollSteps, 1.0);
  verticalScrollBar()->setRange(0, static_cast<int>(std::max(rows - page + 1, 0.0) / rowsPerStep_));
  verticalScrollBar()->setPageStep(static_cast<int>(std::max(page / rowsPerStep_, 1.0)));
  verticalScrollBar()->setSingleStep(
      static_cast<int>(std::max(22 / layout_->rowHeight() / rowsPerStep_, 1.0)));
}

void SequenceView::scrollTo(std::size_t row) {
  if (!layout_ || row >= layout_->rowCount()) return;
  const double y = (static_cast<double>(row) + 0.5) * layout_->rowHeight();
  const double room = viewport()->height() - kHeaderHeight;
  const double margin = layout_->rowHeight() / 2;
  if (y - margin >= top() && y + margin <= top() + room) return;
  const double first = std::max(y - room / 2, 0.0) / layout_->rowHeight();
  verticalScrollBar()->setValue(static_cast<int>(first / rowsPerStep_));
}

void SequenceView::choose(std::size_t row) {
  if (row >= layout_->rowCount()) return;
  setCurrent(layout_->packetAt(row));
  emit packetChosen(*current_);
}

void SequenceView::resizeEvent(QResizeEvent*) {
  updateScrollBar();
}

void SequenceView::paintEvent(QPaintEvent*) {
  QPainter painter(viewport());
  draw({.painter = painter, .size = viewport()->size(), .top = top()});
}

bool SequenceView::exportTo(const QString& path) const {
  const QSize size = viewport()->size();
  QPainter painter;
  const Canvas canvas{.painter = painter, .size = size, .top = top()};
  if (path.endsWith(QStringLiteral(".svg"), Qt::CaseInsensitive)) {
    QSvgGenerator svg;
    svg.setFileName(path);
    svg.setSize(size);
    svg.setViewBox(QRect(QPoint(), size));
    if (!painter.begin(&svg)) return false;
    painter.fillRect(QRect(QPoint(), size), palette().color(QPalette::Base));
    draw(canvas);
    return painter.end();
  }
  constexpr int kScale = 2;  // sharp in documents and on screens of high density
  QImage image(size * kScale, QImage::Format_RGB32);
  image.setDevicePixelRatio(kScale);
  image.fill(palette().color(QPalette::Base));
  if (!painter.begin(&image)) return false;
  draw(canvas);
  painter.end();
  return image.save(path);
}

void SequenceView::mousePressEvent(QMouseEvent* event) {
  if (!layout_ || event->position().y() < kHeaderHeight) return;
  choose(layout_->rowAt(event->position().y() - kHeaderHeight + top()));
}

void SequenceView::wheelEvent(QWheelEvent* event) {
  if ((event->modifiers() & Qt::ControlModifier) == 0) {
    return QAbstractScrollArea::wheelEvent(event);
  }
  zoom(event->angleDelta().y() > 0 ? kZoomStep : 1 / kZoomStep);
}

void SequenceView::keyPressEvent(QKeyEvent* event) {
  if (!layout_ || layout_->rowCount() == 0) return QAbstractScrollArea::keyPressEvent(event);
  const std::size_t last = layout_->rowCount() - 1;
  const std::size_t at = current_ ? layout_->rowOf(*current_) : last + 1;
  const bool isHere = at <= last;
  switch (event->key()) {
    case Qt::Key_Plus:
      return zoom(kZoomStep);
    case Qt::Key_Minus:
      return zoom(1 / kZoomStep);
    case Qt::Key_Down:
      return choose(isHere ? std::min(at + 1, last) : 0);
    case Qt::Key_Up:
      return choose(isHere && at > 0 ? at - 1 : 0);
    case Qt::Key_Home:
      return choose(0);
    case Qt::Key_End:
      return choose(last);
    default:
      return QAbstractScrollArea::keyPressEvent(event);
  }
}

}  // namespace vsdump::gui
