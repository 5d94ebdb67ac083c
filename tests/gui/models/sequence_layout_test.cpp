// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/sequence_layout.h"

#include <QTest>
#include <algorithm>
#include <cmath>

#include "tests/gui/support/loading.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

class SequenceLayoutTest : public QObject {
  Q_OBJECT

 private slots:
  void givesASingleConnectionALaneAnEnd() {
    const Trace trace = traceOf("python-hello.pcap");
    const auto lanes = lanesOf(trace);
    QCOMPARE(lanes.size(), std::size_t{2});
    QVERIFY(lanes[0].kind == Lane::Kind::End);
    QVERIFY(lanes[0].address == trace.connections()[0].client);
    QVERIFY(lanes[1].address == trace.connections()[0].server);
  }

  void givesFewConnectionsALaneAnEnd() {
    const Trace trace = traceOf("parallel.pcap");
    const auto lanes = lanesOf(trace);
    // Four clients of one server.
    QCOMPARE(lanes.size(), std::size_t{5});
    SequenceLayout layout(trace, nullptr, lanes);
    for (const auto& arrow : layout.arrows(0, 1e6)) {
      const auto id = trace.observation(arrow.packet).connection;
      const ConnectionSummary& connection = *trace.connection(id);
      const bool toServer = trace.observation(arrow.packet).direction == Direction::ToServer;
      QVERIFY(lanes[toServer ? arrow.from : arrow.to].address == connection.client);
      QVERIFY(lanes[toServer ? arrow.to : arrow.from].address == connection.server);
    }
    QCOMPARE(lanesOf(trace, LanesBy::Cids).size(), std::size_t{1});
    QCOMPARE(lanesOf(trace, {0}, LanesBy::Cids).size(), std::size_t{1});
  }

  void givesManyConnectionsALaneACid() {
    const Trace trace = traceOf("vsock-test.pcap");
    const auto lanes = lanesOf(trace);
    QVERIFY(trace.connections().size() > 2);
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      QVERIFY(lanes[i].kind == Lane::Kind::Cid);
      QVERIFY(i == 0 || lanes[i - 1].address.cid < lanes[i].address.cid);
    }
    QCOMPARE(lanesOf(trace, {0, 1}).front().kind == Lane::Kind::End, true);
    QCOMPARE(lanesOf(trace, {1}).front().kind == Lane::Kind::End, true);
  }

  void pointsArrowsFromTheSenderToTheReceiver() {
    const Trace trace = traceOf("python-hello.pcap");
    const SequenceLayout layout(trace, nullptr, lanesOf(trace));
    const auto arrows = layout.arrows(0, 1e6);
    QCOMPARE(arrows.size(), trace.packetCount());
    for (const auto& arrow : arrows) {
      const bool toServer = trace.observation(arrow.packet).direction == Direction::ToServer;
      QCOMPARE(arrow.from, std::size_t{toServer ? 0U : 1U});
      QCOMPARE(arrow.to, std::size_t{toServer ? 1U : 0U});
    }
  }

  void findsRowsByHeight_data() {
    QTest::addColumn<double>("rowHeight");
    QTest::addColumn<double>("y");
    QTest::addColumn<int>("row");
    QTest::newRow("above the first") << 20.0 << -3.0 << 0;
    QTest::newRow("top") << 20.0 << 0.0 << 0;
    QTest::newRow("end of the first") << 20.0 << 19.9 << 0;
    QTest::newRow("second") << 20.0 << 20.0 << 1;
    QTest::newRow("last") << 20.0 << 179.0 << 8;
    QTest::newRow("below the last") << 20.0 << 180.0 << 9;
    QTest::newRow("far below") << 20.0 << 1e12 << 9;
    QTest::newRow("several a pixel") << 0.25 << 1.0 << 4;
    QTest::newRow("all in a pixel") << 0.01 << 0.05 << 5;
  }
  void findsRowsByHeight() {
    QFETCH(double, rowHeight);
    QFETCH(double, y);
    QFETCH(int, row);
    const Trace trace = traceOf("python-hello.pcap");
    SequenceLayout layout(trace, nullptr, lanesOf(trace));
    layout.setRowHeight(rowHeight);
    QCOMPARE(layout.rowAt(y), static_cast<std::size_t>(row));
  }

  void drawsAtMostOneArrowAPixel_data() {
    QTest::addColumn<double>("rowHeight");
    for (const double height : {60.0, 22.0, 1.0, 0.9, 0.3, 0.01, 1e-5}) {
      QTest::addRow("%g", height) << height;
    }
  }
  void drawsAtMostOneArrowAPixel() {
    QFETCH(double, rowHeight);
    const Trace trace = traceOf("vsock-test.pcap");
    SequenceLayout layout(trace, nullptr, lanesOf(trace));
    layout.setRowHeight(rowHeight);
    const auto arrows = layout.arrows(10, 310);
    QVERIFY(arrows.size() <= std::size_t(300 / std::max(rowHeight, 1.0)) + 2);
    for (std::size_t i = 0; i < arrows.size(); ++i) {
      QVERIFY(i == 0 || arrows[i].y - arrows[i - 1].y > 0.99);
      QCOMPARE(std::size_t{arrows[i].packet}, arrows[i].row);
    }
  }

  void showsSomePacketsOnly() {
    const Trace trace = traceOf("socat.pcap");
    const auto rows = std::make_shared<const std::vector<Row>>(std::vector<Row>{2, 4, 9});
    const SequenceLayout layout(trace, rows, lanesOf(trace));
    QCOMPARE(layout.rowCount(), std::size_t{3});
    QCOMPARE(layout.rowOf(4), std::size_t{1});
    QCOMPARE(layout.rowOf(5), std::size_t{3});
    QCOMPARE(std::size_t{layout.arrows(0, 1000)[2].packet}, std::size_t{9});
  }

  void spreadsLanesOverTheWidth() {
    const Trace trace = traceOf("python-hello.pcap");
    SequenceLayout layout(trace, nullptr, lanesOf(trace));
    layout.setWidth(900);
    QCOMPARE(layout.laneX(0), SequenceLayout::kTimeWidth + SequenceLayout::kMargin);
    QCOMPARE(layout.laneX(1), 900 - SequenceLayout::kMargin);
  }

  void placesWaitsBetweenTheirPackets() {
    const Trace trace = traceOf("credit-stall.pcap");
    const SequenceLayout layout(trace, nullptr, lanesOf(trace));
    const auto waits = layout.waits(0, 1e6);
    QCOMPARE(waits.size(), std::size_t{1});
    // Packets 7 and 8 of the capture: rows 6 and 7.
    QCOMPARE(waits[0].top, 6.5 * layout.rowHeight());
    QCOMPARE(waits[0].bottom, 7.5 * layout.rowHeight());
    QVERIFY(waits[0].durationNs > 1'900'000'000);
    QVERIFY(layout.waits(0, 10).empty());
  }

  void showsTheWaitsOfWhatIsShown() {
    const Trace trace = traceOf("credit-stall.pcap");
    SequenceLayout layout(trace, nullptr, lanesOf(trace, LanesBy::Cids));
    layout.showWaitsOf({0});
    QCOMPARE(layout.waits(0, 1e6).size(), std::size_t{1});
    QCOMPARE(layout.waits(0, 1e6)[0].from, layout.waits(0, 1e6)[0].to);
    layout.showWaitsOf({7});
    QVERIFY(layout.waits(0, 1e6).empty());
  }

  void marksFindingsAndFoldsThoseThatAreClose() {
    const Trace trace = traceOf("credit-stall.pcap");
    const auto all = findingMarksOf(trace, nullptr);
    QCOMPARE(all.size(), std::size_t{1});
    QCOMPARE(all[0].row, 6U);
    const auto some = std::make_shared<const std::vector<Row>>(std::vector<Row>{2, 6});
    QCOMPARE(findingMarksOf(trace, some)[0].row, 1U);
    const auto others = std::make_shared<const std::vector<Row>>(std::vector<Row>{2, 5});
    QVERIFY(findingMarksOf(trace, others).empty());

    SequenceLayout layout(trace, nullptr, lanesOf(trace));
    layout.setRowHeight(2);
    layout.setMarks({{1, Severity::Note}, {2, Severity::Error}, {3, Severity::Note}, {14, {}}});
    const auto marks = layout.marks(0, 100, 8);
    QCOMPARE(marks.size(), std::size_t{2});
    QCOMPARE(marks[0].y, 3.0);
    QVERIFY(marks[0].severity == Severity::Error);
    QVERIFY(layout.marks(10, 20, 8).empty());
  }

  void drawsAtMostOneArrowAPixelToScale_data() {
    QTest::addColumn<bool>("cutsQuiet");
    QTest::addColumn<double>("zoom");
    for (const bool cuts : {false, true}) {
      for (const double zoom : {1e9, 30.0, 1.0, 0.03, 1e-9}) {
        QTest::addRow("%s, %g", cuts ? "with breaks" : "with all quiet", zoom) << cuts << zoom;
      }
    }
  }
  void drawsAtMostOneArrowAPixelToScale() {
    QFETCH(bool, cutsQuiet);
    QFETCH(double, zoom);
    const Trace trace = traceOf("vsock-test.pcap");
    SequenceLayout layout = toScale(trace, cutsQuiet);
    layout.zoom(zoom);
    const auto arrows = layout.arrows(0, 1500);
    QVERIFY(!arrows.empty() && arrows.size() <= std::size_t{1501});
    double labelled = -1000;
    std::size_t unlabelled = 0;
    for (std::size_t i = 0; i < arrows.size(); ++i) {
      const auto& arrow = arrows[i];
      QCOMPARE(arrow.y, layout.heightOf(arrow.row));
      QVERIFY(i == 0 || arrow.y - arrows[i - 1].y >= 1);
      if (arrow.hasLabel) {
        QVERIFY(arrow.y - labelled >= SequenceLayout::kLabelApart);
        labelled = arrow.y;
        // Those that the one before has told of.
        QVERIFY(unlabelled == 0 || arrow.row == unlabelled);
        unlabelled = arrow.row + 1 + arrow.others;
      }
    }
    // What has a label has it wherever the window is.
    for (const double top : {3.0, 100.0, 255.0, 256.0, 300.0, 512.0, 700.0, 1100.0}) {
      for (const auto& arrow : layout.arrows(top, top + 100)) {
        const auto same = std::ranges::find(arrows, arrow.row, &SequenceLayout::Arrow::row);
        if (same == arrows.end()) continue;
        QCOMPARE(arrow.hasLabel, same->hasLabel);
      }
    }
  }

  void standsToScale() {
    const Trace trace = traceOf("credit-stall.pcap");
    SequenceLayout layout = toScale(trace, false);
    const auto waits = layout.waits(0, 1e9);
    QCOMPARE(waits.size(), std::size_t{1});
    QCOMPARE(waits[0].top, layout.heightOf(6));
    QCOMPARE(waits[0].bottom, layout.heightOf(7));
    const auto quiets = layout.quiets(waits[0].top + 10, waits[0].top + 20);
    QCOMPARE(quiets.size(), std::size_t{1});
    QVERIFY(!quiets[0].isBreak);
    SequenceLayout compressed = toScale(trace, true);
    QVERIFY(compressed.quiets(0, 1e9)[0].isBreak);
    compressed.takeZoomOf(layout);
    layout.zoom(20);
    compressed.zoom(20);
    QVERIFY(compressed.height() < layout.height() / 3);
    QCOMPARE(layout.rowAt(layout.heightOf(9)), std::size_t{9});
    QCOMPARE(layout.rowAt(1e12), layout.rowCount());
  }

  void marksFindingsToScale() {
    const Trace trace = traceOf("vsock-test.pcap");
    SequenceLayout layout = toScale(trace, true);
    std::vector<FindingMark> all;
    for (std::uint32_t row = 0; row < layout.rowCount(); ++row)
      all.push_back({row, Severity::Note});
    all[all.size() / 2].severity = Severity::Error;
    layout.setMarks(all);
    const auto marks = layout.marks(0, 1e9, 12);
    QVERIFY(marks.size() > 10);
    for (std::size_t i = 1; i < marks.size(); ++i) QVERIFY(marks[i].y - marks[i - 1].y >= 12);
    QCOMPARE(std::ranges::count(marks, Severity::Error, &SequenceLayout::Mark::severity), 1);
  }

  void saysWhereRowsOfEqualHeightHaveAPause() {
    const Trace trace = traceOf("credit-stall.pcap");
    SequenceLayout layout(trace, nullptr, lanesOf(trace));
    const auto quiets = layout.quiets(0, 1e6);
    QCOMPARE(quiets.size(), std::size_t{1});
    QCOMPARE(quiets[0].top, 7 * layout.rowHeight());
    QVERIFY(quiets[0].durationNs > 1'900'000'000);
    QVERIFY(layout.ticks(0, 1e6).empty());
    layout.setRowHeight(5);
    QVERIFY(layout.quiets(0, 1e6).empty());
  }

  void givesPacketsOfNoConnectionNoLanes() {
    const Trace trace = traceOf({std::vector(10, std::byte{1}), std::vector(32, std::byte{2})});
    const SequenceLayout layout(trace, nullptr, lanesOf(trace));
    QVERIFY(layout.lanes().empty());
    const auto arrows = layout.arrows(0, 1e9);
    QCOMPARE(arrows.size(), std::size_t{2});
    QCOMPARE(arrows[0].from, SequenceLayout::Arrow::kNoLane);
    QCOMPARE(arrows[1].to, SequenceLayout::Arrow::kNoLane);
  }

 private:
  /// All of a trace, twenty packets a page.
  static SequenceLayout toScale(const Trace& trace, bool cutsQuiet) {
    SequenceLayout layout(trace, nullptr, lanesOf(trace));
    auto times = std::make_shared<QuietTimes>();
    (void)times->addNewOf({&trace, nullptr});
    layout.setTimes(times, cutsQuiet);
    layout.fit(0, std::min<std::size_t>(20, trace.packetCount() - 1), 500);
    return layout;
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::SequenceLayoutTest)
#include "sequence_layout_test.moc"
