// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/text.h"

#include <QTest>

#include "tests/gui/support/loading.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

class TextTest : public QObject {
  Q_OBJECT

 private slots:
  void showsTimesWithMicroseconds_data() {
    QTest::addColumn<qint64>("timeNs");
    QTest::addColumn<QString>("text");
    QTest::newRow("start") << qint64{5'000'000'000} << "0.000000";
    QTest::newRow("later") << qint64{18'642'123'456} << "13.642123";
    QTest::newRow("earlier") << qint64{4'999'000'000} << "-0.001000";
  }
  void showsTimesWithMicroseconds() {
    QFETCH(qint64, timeNs);
    QFETCH(QString, text);
    QCOMPARE(relativeTimeText(timeNs, 5'000'000'000), text);
  }

  void namesOps() {
    QCOMPARE(opText(5), "RW");
    QCOMPARE(opText(777), "op 777");
    QCOMPARE(opText(0xFFFF), "op 65535");
  }

  void namesEnds() {
    QCOMPARE(addressText({Cid{2}, Port{5000}}), "host:5000");
    QCOMPARE(addressText({Cid{42}, Port{1}}), "42:1");
    QCOMPARE(titleOf(traceOf("refused.pcap").connections()[0]),
             "#0  local:4210773682 → local:4321");
  }

  void leavesOutWhatIsNotKnown() {
    QCOMPARE(durationCell(-1), "");
    QCOMPARE(durationCell(790'000), "790 us");
    QCOMPARE(bytesCell(49'300), "48.1 KiB");
  }

  void putsTheWorstFindingFirst() {
    const auto rows = rowsOf((std::uint64_t{1} << static_cast<unsigned>(FindingCode::CreditStall)) |
                             (std::uint64_t{1} << static_cast<unsigned>(FindingCode::LateStart)) |
                             (std::uint64_t{1} << static_cast<unsigned>(FindingCode::CreditStuck)));
    QCOMPARE(rows.size(), std::size_t{3});
    QVERIFY(rows[0].severity >= rows[1].severity && rows[1].severity >= rows[2].severity);
    QVERIFY(rows[0].finding == FindingCode::CreditStuck);
  }

  void hasNoControlCharactersInAnySample() {
    for (const QString& name : sampleNames()) {
      const Trace trace = traceOf(name);
      for (Row row = 0; row < trace.packetCount(); ++row) {
        const QString info =
            infoText(trace.read(row).packet, trace.observation(row), trace.findingsOf(row));
        for (const QChar character : info) QVERIFY(character.unicode() >= ' ');
      }
    }
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::TextTest)
#include "text_test.moc"
