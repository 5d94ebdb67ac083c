// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/views/timeline_view.h"

#include <qcustomplot.h>

#include <QVBoxLayout>
#include <algorithm>

#include "gui/views/theme.h"

namespace vsdump::gui {

namespace {

constexpr double kKiBPerMiB = 1024;

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

}  // namespace

TimelineView::TimelineView(QWidget* parent) : QWidget(parent), plot_(new QCustomPlot(this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(plot_);
  plot_->setAccessibleName(tr("Throughput and credit over time"));
  plot_->plotLayout()->clear();
  throughput_ = new QCPAxisRect(plot_);
  credit_ = new QCPAxisRect(plot_);
  legend_ = new QCPLegend;
  plot_->plotLayout()->addElement(0, 0, legend_);
  plot_->plotLayout()->addElement(1, 0, throughput_);
  plot_->plotLayout()->addElement(2, 0, credit_);
  plot_->plotLayout()->setRowSpacing(0);
  plot_->plotLayout()->setRowStretchFactor(0, 0.001);  // as low as its text
  auto* group = new QCPMarginGroup(plot_);
  for (QCPAxisRect* rect : {throughput_, credit_}) {
    rect->setMarginGroup(QCP::msLeft | QCP::msRight, group);
    rect->setRangeZoom(Qt::Horizontal);
    rect->setRangeDrag(Qt::Horizontal);
    rect->axis(QCPAxis::atLeft)->ticker()->setTickCount(4);
    rect->axis(QCPAxis::atLeft)->setSubTicks(false);
  }
  credit_->axis(QCPAxis::atBottom)->setLabel(tr("seconds since the first packet"));
  // The two share one time axis.
  const auto link = [](QCPAxis* from, QCPAxis* to) {
    connect(from, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), to,
            qOverload<const QCPRange&>(&QCPAxis::setRange));
  };
  link(throughput_->axis(QCPAxis::atBottom), credit_->axis(QCPAxis::atBottom));
  link(credit_->axis(QCPAxis::atBottom), throughput_->axis(QCPAxis::atBottom));

  legend_->setLayer(QStringLiteral("legend"));
  legend_->setFillOrder(QCPLegend::foColumnsFirst);
  plot_->setAutoAddPlottableToLegend(false);
  for (std::size_t d = 0; d < 2; ++d) {
    rates_[d] =
        plot_->addGraph(throughput_->axis(QCPAxis::atBottom), throughput_->axis(QCPAxis::atLeft));
    rates_[d]->setLineStyle(QCPGraph::lsStepCenter);
    rates_[d]->setName(d == 0 ? tr("to server") : tr("to client"));
    rates_[d]->addToLegend(legend_);
    credits_[d] = plot_->addGraph(credit_->axis(QCPAxis::atBottom), credit_->axis(QCPAxis::atLeft));
    credits_[d]->setLineStyle(QCPGraph::lsStepLeft);
  }
  legend_->setColumnStretchFactor(0, 0.001);  // side by side, not far apart
  plot_->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
  plot_->setToolTip(
      tr("Above: payload a second. Below: the bytes that each side might still send\n"
         "before the other's buffer is full. Amber: a sender had to wait for that.\n"
         "Drag to move, turn the wheel to zoom."));
  applyPalette();
}

void TimelineView::applyPalette() {
  const QColor text = palette().color(QPalette::Text);
  QColor grid = text;
  grid.setAlphaF(0.15F);
  plot_->setBackground(palette().color(QPalette::Base));
  for (QCPAxisRect* rect : {throughput_, credit_}) {
    for (const auto type : {QCPAxis::atLeft, QCPAxis::atBottom}) {
      QCPAxis* axis = rect->axis(type);
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
  }
  legend_->setBrush(palette().color(QPalette::Base));
  legend_->setBorderPen(Qt::NoPen);
  legend_->setTextColor(text);
  legend_->setFont(font());
  for (std::size_t d = 0; d < 2; ++d) {
    const QColor color = directionColor(Direction{static_cast<std::uint8_t>(d)}, palette());
    for (QCPGraph* graph : {rates_[d], credits_[d]}) graph->setPen(QPen(color, 1.5));
  }
}

void TimelineView::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) applyPalette();
  QWidget::changeEvent(event);
}

void TimelineView::displayStalls(const Timeline& timeline) {
  plot_->clearItems();
  for (const auto& [from, to] : timeline.stallSeconds) {
    for (QCPAxisRect* rect : {throughput_, credit_}) {
      auto* area = new QCPItemRect(plot_);
      area->setClipAxisRect(rect);
      for (QCPItemPosition* corner : {area->topLeft, area->bottomRight}) {
        corner->setAxisRect(rect);
        corner->setAxes(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
        corner->setTypeX(QCPItemPosition::ptPlotCoords);
        corner->setTypeY(QCPItemPosition::ptAxisRectRatio);
      }
      area->topLeft->setCoords(from, 0);
      area->bottomRight->setCoords(to, 1);
      area->setPen(Qt::NoPen);
      area->setBrush(QBrush(stallColor(), Qt::BDiagPattern));
    }
  }
}

void TimelineView::display(const Timeline& timeline) {
  const double rateDivisor = divisorFor(largestOf(timeline.rateKiB));
  const double creditDivisor = divisorFor(largestOf(timeline.creditKiB));
  for (std::size_t d = 0; d < 2; ++d) {
    rates_[d]->setData(toQVector(timeline.binSeconds), toQVector(timeline.rateKiB[d], rateDivisor),
                       true);
    credits_[d]->setData(toQVector(timeline.creditSeconds[d]),
                         toQVector(timeline.creditKiB[d], creditDivisor), true);
  }
  const bool hasCredit = !timeline.creditKiB[0].empty() || !timeline.creditKiB[1].empty();
  throughput_->axis(QCPAxis::atLeft)->setLabel(rateDivisor > 1 ? tr("MiB/s") : tr("KiB/s"));
  credit_->axis(QCPAxis::atLeft)
      ->setLabel(!hasCredit          ? tr("credit: choose a connection")
                 : creditDivisor > 1 ? tr("credit left, MiB")
                                     : tr("credit left, KiB"));
  displayStalls(timeline);
  plot_->rescaleAxes();
  for (QCPAxisRect* rect : {throughput_, credit_}) {
    QCPAxis* axis = rect->axis(QCPAxis::atLeft);
    axis->setRange(0, std::max(axis->range().upper * 1.15, 1.0));
  }
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

}  // namespace vsdump::gui
