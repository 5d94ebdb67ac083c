// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/live_rate.h"

#include <QTest>

#include "tests/gui/support/suite.h"

namespace vsdump::gui {

class LiveRateTest : public QObject {
  Q_OBJECT

 private slots:
  void countsTheLastSecondAlone() {
    LiveRate rate;
    rate.update(1000, 5'000'000'000);
    QCOMPARE(rate.perSecond(), std::uint64_t{0});
    rate.update(1500, 5'500'000'000);
    QCOMPARE(rate.perSecond(), std::uint64_t{0});
    rate.update(26'000, 7'000'000'000);
    QCOMPARE(rate.perSecond(), std::uint64_t{12'500});
    rate.update(26'000, 8'000'000'000);
    QCOMPARE(rate.perSecond(), std::uint64_t{0});
  }

  void saysWhatWasDroppedWhereItIsCounted() {
    LiveRate rate;
    rate.update(0, 0);
    rate.update(12'400, 1'000'000'000);
    Trace trace = Trace::opened();
    QCOMPARE(liveText(trace, rate), "live: 12,400/s");
    TraceUpdate update;
    update.sources.resize(2);
    update.sources[0].interface.statistics.dropped = 1000;
    update.sources[0].interface.statistics.droppedByInterface = 2;
    update.sources[1].interface.statistics.dropped = 3;
    trace.apply(std::move(update));
    QCOMPARE(liveText(trace, rate), "live: 12,400/s, 1,005 dropped");
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::LiveRateTest)
#include "live_rate_test.moc"
