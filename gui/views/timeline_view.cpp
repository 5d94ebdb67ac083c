// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/views/timeline_view.h"

#include <qcustomplot.h>

#include <QKeyEvent>
#include <QMouseEvent>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "gui/views/theme.h"

namespace vsdump::gui {

namespace {

constexpr double kKiBPerMiB = 1024;
constexpr double kMsPerSecond = 1000;
constexpr double kLeastLatencyMs = 1e-6;
/// Decades around a value, so that its dot is whole.
constexpr double kLogRoom = 0.1;
constexpr double kTimeZoomStep = 0.8;
constexpr int kValueTicks = 3;
constexpr QMargins kPanelMargins{15, 8, 15, 4};
/// The lowest panel has the times below it, and is higher by that.
constexpr double kLowestPanel = 1.35;
/// A shorter drag, in pixels, is a click.
constexpr int kLeastDrag = 3;

QVector<double> toQVector(const std::vector<double>& values, double divisor = 1) {
  QVector<double> result;
  result.reserve(static_cast<qsizetype>(values.size()));
  for (const double value : values) result += value / divisor;
  return result;
}

double largestOf(const std::array<std::vector<double>, 2>& curves) {
  double largest = 0;
  for (const auto& curve : curves) {
    for (const double value : curve) largest = std::max(largest, value);
  }
  return largest;
}

/// Large numbers of KiB are shown as MiB.
double divisorFor(double largest) {
  return largest >= 10 * kKiBPerMiB ? kKiBPerMiB : 1;
}

/// An area over the whole height of a panel.
QCPItemRect* makeArea(QCustomPlot* plot, QCPAxisRect* rect, const QBrush& brush) {
  auto* area = new QCPItemRect(plot);
  area->setClipAxisRect(rect);
  for (QCPItemPosition* corner : {area->topLeft, area->bottomRight}) {
    corner->setAxisRect(rect);
    corner->setAxes(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
    corner->setTypeX(QCPItemPosition::ptPlotCoords);
    corner->setTypeY(QCPItemPosition::ptAxisRectRatio);
  }
  area->setPen(Qt::NoPen);
  area->setBrush(brush);
  return area;
}

void stretch(QCPItemRect* area, const TimelineView::Range& range) {
  area->topLeft->setCoords(range[0], 0);
  area->bottomRight->setCoords(range[1], 1);
}

}  // namespace

TimelineView::TimelineView(QWidget* parent) : QWidget(parent), plot_(new QCustomPlot(this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(plot_);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Throughput, credit, packets in flight and latencies over time"));
  plot_->setFocusPolicy(Qt::NoFocus);
  plot_->installEventFilter(this);
  plot_->plotLayout()->clear();
  plot_->plotLayout()->setRowSpacing(0);
  plot_->setAutoAddPlottableToLegend(false);
  legend_ = new QCPLegend;
  plot_->plotLayout()->addElement(0, 0, legend_);
  legend_->setLayer(QStringLiteral("legend"));
  legend_->setFillOrder(QCPLegend::foColumnsFirst);
  for (std::size_t i = 0; i < panels_.size(); ++i) buildPanel(panels_[i], i != Latency);
  auto* group = new QCPMarginGroup(plot_);
  for (Panel& panel : panels_) panel.rect->setMarginGroup(QCP::msLeft | QCP::msRight, group);

  const Panel& throughput = panels_[Throughput];
  for (std::size_t d = 0; d < 2; ++d) {
    throughput.curves[d]->setLineStyle(QCPGraph::lsStepCenter);
    throughput.curves[d]->setName(d == 0 ? tr("to server") : tr("to client"));
    throughput.curves[d]->addToLegend(legend_);
  }
  legend_->setColumnStretchFactor(0, 0.001);  // side by side, not far apart
  valueAxis(panels_[InFlight])->setLabel(tr("in flight"));
  QCPAxis* latency = valueAxis(panels_[Latency]);
  latency->setScaleType(QCPAxis::stLogarithmic);
  latency->setTicker(QSharedPointer<QCPAxisTickerLog>::create());
  latency->ticker()->setTickCount(kValueTicks);
  latency->setLabel(tr("latency, ms"));
  plot_->setInteractions(QCP::iRangeZoom);
  // As wide lines with joints, thousands of points take a tenth of a second.
  plot_->setPlottingHint(QCP::phFastPolylines);
  plot_->setToolTip(
      tr("Payload a second; of a single connection, the bytes that each side might still send\n"
         "before the other's buffer is full, and the packets that the other has not read;\n"
         "and how long answers to messages took. Amber: a sender had to wait for credit.\n"
         "Drag to choose a time, which shows that time alone everywhere; a click ends it.\n"
         "The wheel zooms, with Shift it moves."));
  applyPalette();
  arrangePanels();
}

QCPAxis* TimelineView::timeAxis(const Panel& panel) const {
  return panel.rect->axis(QCPAxis::atBottom);
}

QCPAxis* TimelineView::valueAxis(const Panel& panel) const {
  return panel.rect->axis(QCPAxis::atLeft);
}

void TimelineView::buildPanel(Panel& panel, bool isOfDirections) {
  panel.rect = new QCPAxisRect(plot_);
  plot_->plotLayout()->addElement(panel.rect);  // items look for it there
  panel.rect->setRangeZoom(Qt::Horizontal);
  panel.rect->setMinimumMargins(kPanelMargins);
  valueAxis(panel)->ticker()->setTickCount(kValueTicks);
  valueAxis(panel)->setSubTicks(false);
  for (std::size_t d = 0; d < (isOfDirections ? 2U : 1U); ++d) {
    panel.curves[d] = plot_->addGraph(timeAxis(panel), valueAxis(panel));
    panel.curves[d]->setLineStyle(QCPGraph::lsStepLeft);
  }
  if (!isOfDirections) {
    panel.curves[0]->setLineStyle(QCPGraph::lsNone);
    panel.curves[0]->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, 5));
  }
  // All share one time.
  const auto link = [](QCPAxis* from, QCPAxis* to) {
    connect(from, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), to,
            qOverload<const QCPRange&>(&QCPAxis::setRange));
  };
  if (&panel != &panels_.front()) {
    link(timeAxis(panels_.front()), timeAxis(panel));
    link(timeAxis(panel), timeAxis(panels_.front()));
  }
  panel.brush = makeArea(plot_, panel.rect, {});
  panel.brush->setVisible(false);
}

/// Puts the panels that have something to show below each other; the lowest has the times.
void TimelineView::arrangePanels() {
  QCPLayoutGrid* grid = plot_->plotLayout();
  panels_[Throughput].isShown = true;
  for (Panel& panel : panels_) {
    if (panel.rect->layout() == grid) grid->take(panel.rect);
    panel.rect->setVisible(panel.isShown);
    for (QCPGraph* curve : panel.curves) {
      if (curve != nullptr) curve->setVisible(panel.isShown);
    }
  }
  grid->simplify();
  int row = 1;
  const Panel* lowest = nullptr;
  for (const Panel& panel : panels_) {
    if (!panel.isShown) continue;
    grid->addElement(row, 0, panel.rect);
    grid->setRowStretchFactor(row++, 1);
    timeAxis(panel)->setTickLabels(false);
    timeAxis(panel)->setLabel({});
    lowest = &panel;
  }
  grid->setRowStretchFactor(row - 1, kLowestPanel);
  grid->setRowStretchFactor(0, 0.001);  // the legend: as low as its text
  timeAxis(*lowest)->setTickLabels(true);
  timeAxis(*lowest)->setLabel(
      panels_[Credit].isShown
          ? tr("seconds since the first packet")
          : tr("seconds since the first packet; choose one connection to see its credit"));
}

void TimelineView::applyPalette() {
  const QColor text = palette().color(QPalette::Text);
  QColor grid = text;
  grid.setAlphaF(0.15F);
  QColor brush = palette().color(QPalette::Highlight);
  brush.setAlphaF(0.25F);
  plot_->setBackground(palette().color(QPalette::Base));
  for (const Panel& panel : panels_) {
    for (QCPAxis* axis : {timeAxis(panel), valueAxis(panel)}) {
      axis->setBasePen(QPen(text, 1));
      axis->setTickPen(QPen(text, 1));
      axis->setSubTickPen(QPen(text, 1));
      axis->setLabelColor(text);
      axis->setTickLabelColor(text);
      axis->setLabelFont(font());
      axis->setTickLabelFont(font());
      axis->grid()->setPen(QPen(grid, 1));
      axis->grid()->setZeroLinePen(QPen(grid, 1));
    }
    panel.brush->setBrush(brush);
    for (std::size_t d = 0; d < 2; ++d) {
      if (panel.curves[d] == nullptr) continue;
      const QColor color = directionColor(Direction{static_cast<std::uint8_t>(d)}, palette());
      panel.curves[d]->setPen(QPen(&panel == &panels_[Latency] ? text : color, 1.5));
    }
  }
  legend_->setBrush(palette().color(QPalette::Base));
  legend_->setBorderPen(Qt::NoPen);
  legend_->setTextColor(text);
  legend_->setFont(font());
}

void TimelineView::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) applyPalette();
  QWidget::changeEvent(event);
}

void TimelineView::displayStalls() {
  for (QCPItemRect* area : stallAreas_) plot_->removeItem(area);
  stallAreas_.clear();
  for (const Range& stall : stalls_) {
    for (const Panel& panel : panels_) {
      if (!panel.isShown) continue;
      stallAreas_.push_back(makeArea(plot_, panel.rect, QBrush(stallColor(), Qt::BDiagPattern)));
      stretch(stallAreas_.back(), stall);
    }
  }
}

void TimelineView::display(const Timeline& timeline) {
  const double rateDivisor = divisorFor(largestOf(timeline.rateKiB));
  const double creditDivisor = divisorFor(largestOf(timeline.creditKiB));
  for (std::size_t d = 0; d < 2; ++d) {
    panels_[Throughput].curves[d]->setData(toQVector(timeline.binSeconds),
                                           toQVector(timeline.rateKiB[d], rateDivisor), true);
    panels_[Credit].curves[d]->setData(toQVector(timeline.creditSeconds[d]),
                                       toQVector(timeline.creditKiB[d], creditDivisor), true);
    panels_[InFlight].curves[d]->setData(toQVector(timeline.inFlightSeconds[d]),
                                         toQVector(timeline.inFlight[d]), true);
  }
  panels_[Credit].isShown = !timeline.creditKiB[0].empty() || !timeline.creditKiB[1].empty();
  panels_[InFlight].isShown = !timeline.inFlight[0].empty();
  valueAxis(panels_[Throughput])->setLabel(rateDivisor > 1 ? tr("MiB/s") : tr("KiB/s"));
  valueAxis(panels_[Credit])->setLabel(creditDivisor > 1 ? tr("credit, MiB") : tr("credit, KiB"));
  stalls_ = timeline.stallSeconds;
  arrangePanels();
  displayStalls();
  placeBrush();
  panels_[Throughput].curves[0]->rescaleKeyAxis();
  panels_[Throughput].curves[1]->rescaleKeyAxis(true);
  scaleValues();
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

void TimelineView::displayLatencies(const LatencyDots& dots) {
  const Panel& panel = panels_[Latency];
  panel.curves[0]->setData(toQVector(dots.seconds),
                           toQVector(dots.latencySeconds, 1 / kMsPerSecond), true);
  const bool isShown = !dots.seconds.empty();
  if (isShown != panel.isShown) {
    panels_[Latency].isShown = isShown;
    arrangePanels();
    displayStalls();
    placeBrush();
  }
  scaleValues();
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

/// Values have room above them, and begin at 0; on a logarithmic scale they are in whole decades.
void TimelineView::scaleValues() {
  for (const Panel& panel : panels_) {
    std::optional<QCPRange> values;
    for (const QCPGraph* curve : panel.curves) {
      bool isFound = false;
      const QCPRange range = curve == nullptr ? QCPRange() : curve->getValueRange(isFound);
      if (!isFound) continue;
      values = values ? values->expanded(range) : range;
    }
    QCPAxis* axis = valueAxis(panel);
    if (axis->scaleType() == QCPAxis::stLogarithmic) {
      const double low = values ? std::max(values->lower, kLeastLatencyMs) : 1;
      const double high = values ? std::max(values->upper, low) : 1;
      axis->setRange(std::pow(10, std::floor(std::log10(low) - kLogRoom)),
                     std::pow(10, std::ceil(std::log10(high) + kLogRoom)));
    } else {
      axis->setRange(0, std::max((values ? values->upper : 0) * 1.15, 1.0));
    }
  }
}

void TimelineView::clear() {
  showRange(std::nullopt);
  display({});
  displayLatencies({});
}

void TimelineView::showRange(const std::optional<Range>& range) {
  range_ = range;
  placeBrush();
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

void TimelineView::placeBrush() {
  for (const Panel& panel : panels_) {
    panel.brush->setVisible(range_ && panel.isShown);
    if (range_) stretch(panel.brush, *range_);
  }
}

/// The time between where the drag has begun and a place.
TimelineView::Range TimelineView::draggedTo(double x) const {
  const auto [from, to] = std::minmax({*pressed_, x});
  const QCPAxis* axis = timeAxis(panels_[Throughput]);
  return {axis->pixelToCoord(from), axis->pixelToCoord(to)};
}

void TimelineView::zoom(double factor) {
  QCPAxis* axis = timeAxis(panels_[Throughput]);
  axis->scaleRange(factor, axis->range().center());
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

/// By a part of what is visible.
void TimelineView::move(double part) {
  QCPAxis* axis = timeAxis(panels_[Throughput]);
  axis->moveRange(axis->range().size() * part);
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

void TimelineView::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Plus:
      return zoom(kTimeZoomStep);
    case Qt::Key_Minus:
      return zoom(1 / kTimeZoomStep);
    case Qt::Key_Left:
      return move(-0.1);
    case Qt::Key_Right:
      return move(0.1);
    case Qt::Key_Return:
    case Qt::Key_Enter: {
      const QCPRange visible = timeAxis(panels_[Throughput])->range();
      emit rangeChosen(Range{visible.lower, visible.upper});
      return;
    }
    case Qt::Key_Escape:
      emit rangeChosen(std::nullopt);
      return;
    case Qt::Key_Home:
      panels_[Throughput].curves[0]->rescaleKeyAxis();
      panels_[Throughput].curves[1]->rescaleKeyAxis(true);
      return plot_->replot(QCustomPlot::rpQueuedReplot);
    default:
      return QWidget::keyPressEvent(event);
  }
}

bool TimelineView::eventFilter(QObject* watched, QEvent* event) {
  const auto* mouse = dynamic_cast<QMouseEvent*>(event);
  if (event->type() == QEvent::Wheel) {
    const auto* wheel = static_cast<QWheelEvent*>(event);
    if ((wheel->modifiers() & Qt::ShiftModifier) == 0) return false;
    move(wheel->angleDelta().y() > 0 ? -0.1 : 0.1);
    return true;
  }
  if (event->type() == QEvent::MouseButtonPress && mouse->button() == Qt::LeftButton) {
    setFocus();
    pressed_ = mouse->position().x();
  } else if (event->type() == QEvent::MouseMove && pressed_) {
    showRange(draggedTo(mouse->position().x()));
  } else if (event->type() == QEvent::MouseButtonRelease && pressed_) {
    const double x = mouse->position().x();
    const bool isClick = std::abs(x - *pressed_) < kLeastDrag;
    const auto range = isClick ? std::nullopt : std::optional(draggedTo(x));
    pressed_.reset();
    showRange(range);
    emit rangeChosen(range);
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace vsdump::gui
