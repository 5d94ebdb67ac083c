// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QProxyStyle>

namespace vsdump::gui {

/// The desktop's style with a little more room at both sides of a table's cells, so that numbers at
/// the right of one column do not touch the text of the next.
class TableStyle : public QProxyStyle {
  Q_OBJECT

 public:
  int pixelMetric(PixelMetric metric, const QStyleOption* option,
                  const QWidget* widget) const override {
    constexpr int kAround = 4;
    if (metric == PM_FocusFrameHMargin) return kAround;
    if (metric == PM_HeaderMargin) return kAround + 1;
    return QProxyStyle::pixelMetric(metric, option, widget);
  }
};

}  // namespace vsdump::gui
