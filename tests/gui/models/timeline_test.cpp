// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/timeline.h"

#include <QTest>
#include <algorithm>

#include "gui/models/selection.h"
#include "tests/gui/support/loading.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

class TimelineTest : public QObject {
  Q_OBJECT

 private slots:
  void sumsUpToTheBytesOfTheConnections() {
    for (const QString& name : sampleNames()) {
      const Trace trace = traceOf(name);
      const Timeline timeline = timelineOf(trace, nullptr, {});
      QVERIFY(timeline.binSeconds.size() > 1);
      const double width = timeline.binSeconds[1] - timeline.binSeconds[0];
      for (std::size_t d = 0; d < 2; ++d) {
        double sum = 0;
        for (const double rate : timeline.rateKiB[d]) sum += rate * width * 1024;
        std::uint64_t bytes = 0;
        for (const ConnectionSummary& connection : trace.connections()) {
          bytes += connection.ways[d].bytes;
        }
        QVERIFY2(std::abs(sum - static_cast<double>(bytes)) < 1, qPrintable(name));
      }
    }
  }

  void followsTheCreditOfASingleConnection() {
    const Trace trace = traceOf("credit-stall.pcap");
    const Timeline timeline = timelineOf(trace, nullptr, {});
    QVERIFY(std::ranges::find(timeline.creditKiB[0], 0.0) != timeline.creditKiB[0].end());
    QCOMPARE(timeline.stallSeconds.size(), std::size_t{1});
    QVERIFY(timeline.stallSeconds[0][1] - timeline.stallSeconds[0][0] > 1.9);
  }

  void countsPacketsInFlight() {
    const Trace trace = traceOf("credit-stall.pcap");
    const Timeline timeline = timelineOf(trace, nullptr, {});
    // Five packets of 16 KiB fill the buffer of 80 KiB; the reader takes them all in the end.
    QCOMPARE(std::ranges::max(timeline.inFlight[0]), 5.0);
    QCOMPARE(timeline.inFlight[0].back(), 0.0);
    QCOMPARE(std::ranges::max(timeline.inFlight[1]), 0.0);
  }

  void hasNoCreditOfSeveralConnections() {
    const Trace trace = traceOf("parallel.pcap");
    const Timeline timeline = timelineOf(trace, nullptr, {});
    QVERIFY(timeline.creditKiB[0].empty() && timeline.creditKiB[1].empty());
    QVERIFY(timeline.inFlight[0].empty());
    const Timeline one = timelineOf(trace, *rowsOf(trace, {0}, nullptr, {}), {});
    QVERIFY(!one.creditKiB[0].empty());
  }

  void isEmptyWithoutPackets() {
    const Trace trace = traceOf("parallel.pcap");
    const auto none = std::make_shared<const std::vector<Row>>();
    QVERIFY(timelineOf(trace, none, {}).binSeconds.empty());
    QVERIFY(timelineOf(Trace(), nullptr, {}).binSeconds.empty());
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::TimelineTest)
#include "timeline_test.moc"
