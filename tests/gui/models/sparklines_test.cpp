// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/sparklines.h"

#include <QTest>
#include <algorithm>

#include "tests/gui/support/loading.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

class SparklinesTest : public QObject {
  Q_OBJECT

 private slots:
  void showWhenPayloadPassed() {
    // All but the last of the payload came before the reader stopped, and the rest 2 s after.
    const Trace trace = traceOf("credit-stall.pcap");
    const auto lines = sparklinesOf(trace, {0}, {});
    QVERIFY(lines && lines->size() == 1);
    const auto& parts = lines->at(0).parts;
    QCOMPARE(parts.front(), 1.0F);
    QVERIFY(parts.back() > 0 && parts.back() < 0.1F);
    QVERIFY(std::all_of(parts.begin() + 1, parts.end() - 1, [](float part) { return part == 0; }));
  }

  void areMadeForThoseThatAreWantedOnly() {
    const Trace trace = traceOf("parallel.pcap");
    const auto lines = sparklinesOf(trace, {1, 3}, {});
    QVERIFY(lines->size() == 2 && lines->contains(1) && lines->contains(3));
    QVERIFY(sparklinesOf(Trace(), {}, {})->empty());
  }

  void stayEmptyWithoutPayload() {
    const auto lines = sparklinesOf(traceOf("refused.pcap"), {0}, {});
    QVERIFY(std::ranges::all_of(lines->at(0).parts, [](float part) { return part == 0; }));
  }

  void areNotMadeOnceStopped() {
    std::stop_source stop;
    stop.request_stop();
    QVERIFY(!sparklinesOf(traceOf("parallel.pcap"), {0}, stop.get_token()));
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::SparklinesTest)
#include "sparklines_test.moc"
