// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/views/sequence_view.h"

#include <QApplication>
#include <QImage>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScopedValueRollback>
#include <QScrollBar>
#include <QSvgGenerator>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <utility>

#include "gui/views/sequence_style.h"

namespace vsdump::gui {

namespace {

constexpr double kZoomStep = 1.25;
constexpr double kMostScrollSteps = 1e9;
/// A step of the wheel or an arrow of the scroll bar.
constexpr double kLine = 22;

}  // namespace

SequenceView::SequenceView(const Marks& marks, const MessageModel& messages, QWidget* parent)
    : QAbstractScrollArea(parent), marks_(marks), messages_(messages) {
  setFrameShape(QFrame::NoFrame);
  setFocusPolicy(Qt::StrongFocus);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  viewport()->setBackgroundRole(QPalette::Base);
  viewport()->setAutoFillBackground(true);
  setAccessibleName(tr("Sequence diagram"));
  connect(verticalScrollBar(), &QScrollBar::valueChanged, this, [this](int value) {
    if (!isPlacing_) top_ = value * pixelsPerStep_;
  });
}

void SequenceView::display(const Trace& trace, SequenceLayout layout) {
  const std::optional<SequenceLayout> before = std::move(layout_);
  const bool isSame = before && before->rows() == layout.rows() &&
                      before->isToScale() == layout.isToScale() && trace_ == &trace;
  const bool wasAtEnd = verticalScrollBar()->maximum() > 0 &&
                        verticalScrollBar()->value() == verticalScrollBar()->maximum();
  // Where the rows go on to be these, the first one in sight stays where it is.
  const bool isOther = !before || before->rowCount() == 0 || before->rows() != layout.rows();
  const std::size_t first = isOther ? 0 : before->rowAt(top_);
  trace_ = &trace;
  layout_.emplace(std::move(layout));
  if (before) layout_->takeZoomOf(*before);
  if (layout_->rowCount() == 0 || !layout_->isToScale()) {
    isZoomed_ = false;
    fittedRows_ = 0;
  }
  fitScale(first);
  updateScrollBar();
  if (isSame) {
    if (wasAtEnd) setTop(layout_->height());
  } else if (!isOther) {
    setTop(layout_->heightOf(std::min(first, layout_->rowCount() - 1)) - kLine / 2);
  }
  if (!isSame && current_) scrollTo(layout_->rowOf(*current_));
  viewport()->update();
}

void SequenceView::setCurrent(Row packet) {
  current_ = packet;
  if (layout_) scrollTo(layout_->rowOf(packet));
  viewport()->update();
}

/// Until the user zooms, a page of packets is a page to scale, too, and little is shown large.
void SequenceView::fitScale(std::size_t first) {
  if (!layout_->isToScale() || isZoomed_ || layout_->rowCount() == 0) return;
  const auto page = static_cast<std::size_t>(std::max(room() / layout_->rowHeight(), 2.0));
  const std::size_t count = layout_->rowCount();
  if (fittedRows_ >= std::min(page, count) && layout_->height() >= room() / 4) return;
  const std::size_t last = std::min(first + page, count) - 1;
  layout_->fit(std::min(first, last), last, room() - 2 * TimeScale::kMargin);
  fittedRows_ = last + 1 - std::min(first, last);
}

void SequenceView::zoom(double factor) {
  if (!layout_ || layout_->rowCount() == 0) return;
  // What is in the middle stays there.
  const double middle = top_ + room() / 2;
  const std::size_t row = std::min(layout_->rowAt(middle), layout_->rowCount() - 1);
  const double behind = middle - layout_->heightOf(row);
  const double zoomed = layout_->zoom(factor);
  isZoomed_ = isZoomed_ || layout_->isToScale();
  updateScrollBar();
  setTop(layout_->heightOf(row) + behind * zoomed - room() / 2);
}

double SequenceView::room() const {
  return std::max(viewport()->height() - kHeaderHeight, 1.0);
}

void SequenceView::updateScrollBar() {
  if (!layout_) return;
  layout_->setWidth(viewport()->width());
  const double most = std::max(layout_->height() - room(), 0.0);
  pixelsPerStep_ = std::max(most / kMostScrollSteps, 1.0);
  const QScopedValueRollback placing(isPlacing_, true);
  QScrollBar* bar = verticalScrollBar();
  bar->setRange(0, static_cast<int>(std::ceil(most / pixelsPerStep_)));
  bar->setPageStep(static_cast<int>(std::max(room() / pixelsPerStep_, 1.0)));
  bar->setSingleStep(static_cast<int>(std::max(kLine / pixelsPerStep_, 1.0)));
  setTop(top_);
}

/// The scroll bar only follows: it does not tell every pixel of what is very high.
void SequenceView::setTop(double y) {
  if (!layout_) return;
  top_ = std::round(std::clamp(y, 0.0, std::max(layout_->height() - room(), 0.0)));
  const QScopedValueRollback placing(isPlacing_, true);
  verticalScrollBar()->setValue(static_cast<int>(std::ceil(top_ / pixelsPerStep_)));
  viewport()->update();
}

void SequenceView::scrollTo(std::size_t row) {
  if (!layout_ || row >= layout_->rowCount()) return;
  const double y = layout_->heightOf(row);
  const double margin = std::min(layout_->isToScale() ? kLine : layout_->rowHeight(), kLine) / 2;
  if (y - margin >= top_ && y + margin <= top_ + room()) return;
  // A whole row is the first one in sight.
  const std::size_t first = layout_->rowAt(std::max(y - room() / 2, 0.0));
  setTop(layout_->isToScale() ? y - room() / 2
                              : layout_->heightOf(first) - layout_->rowHeight() / 2);
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
  draw({.painter = painter, .size = viewport()->size(), .top = top_});
}

bool SequenceView::exportTo(const QString& path) const {
  const QSize size = viewport()->size();
  QPainter painter;
  const Canvas canvas{.painter = painter, .size = size, .top = top_};
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
  choose(layout_->rowAt(event->position().y() - kHeaderHeight + top_));
}

void SequenceView::wheelEvent(QWheelEvent* event) {
  if ((event->modifiers() & Qt::ControlModifier) != 0) {
    return zoom(event->angleDelta().y() > 0 ? kZoomStep : 1 / kZoomStep);
  }
  constexpr double kNotch = 120;
  const double lines = event->angleDelta().y() / kNotch * QApplication::wheelScrollLines();
  const int pixels = event->pixelDelta().y();
  setTop(top_ - (pixels != 0 ? pixels : lines * kLine));
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
    case Qt::Key_PageDown:
      return setTop(top_ + room());
    case Qt::Key_PageUp:
      return setTop(top_ - room());
    case Qt::Key_Home:
      return choose(0);
    case Qt::Key_End:
      return choose(last);
    default:
      return QAbstractScrollArea::keyPressEvent(event);
  }
}

}  // namespace vsdump::gui
