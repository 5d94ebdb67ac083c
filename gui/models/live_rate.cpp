// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/live_rate.h"

#include <QCoreApplication>
#include <optional>

#include "dissector/text/quantity.h"

namespace vsdump::gui {

namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

/// Lost by the kernel or before it; none where no source counts.
std::optional<std::uint64_t> droppedIn(const Trace& trace) {
  std::optional<std::uint64_t> sum;
  for (const TraceSource& source : trace.sources()) {
    const CaptureStatistics& counted = source.interface.statistics;
    for (const auto& dropped : {counted.dropped, counted.droppedByInterface}) {
      if (dropped) sum = sum.value_or(0) + *dropped;
    }
  }
  return sum;
}

}  // namespace

void LiveRate::update(std::size_t packets, std::int64_t nowNs) {
  if (!isBegun_) {
    isBegun_ = true;
    sinceNs_ = nowNs;
    packets_ = packets;
  }
  const std::int64_t passed = nowNs - sinceNs_;
  if (passed < kSecondNs) return;
  perSecond_ = (packets - packets_) * static_cast<std::uint64_t>(kSecondNs) /
               static_cast<std::uint64_t>(passed);
  packets_ = packets;
  sinceNs_ = nowNs;
}

QString droppedText(const Trace& trace) {
  const auto dropped = droppedIn(trace);
  if (!dropped) return {};
  return QCoreApplication::translate("live", "%1 dropped")
      .arg(QString::fromStdString(grouped(*dropped)));
}

QString liveText(const Trace& trace, const LiveRate& rate) {
  const QString text = QCoreApplication::translate("live", "live: %1/s")
                           .arg(QString::fromStdString(grouped(rate.perSecond())));
  const QString dropped = droppedText(trace);
  return dropped.isEmpty() ? text : text + QStringLiteral(", ") + dropped;
}

}  // namespace vsdump::gui
