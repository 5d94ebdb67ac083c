// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/time_scale.h"

#include <QTest>
#include <cmath>
#include <random>

#include "tests/gui/support/loading.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

namespace {

constexpr double kTop = TimeScale::kMargin;
constexpr double kBreak = TimeScale::kBreakHeight;
constexpr std::int64_t kMs = 1'000'000;

/// A scale of packets that came at these times.
struct Scaled {
  Trace trace;
  TimeScale scale;

  Scaled(const std::vector<std::int64_t>& times, bool cutsQuiet)
      : trace(traceAt(times)), scale({&trace, nullptr}, quietOf(trace), cutsQuiet) {}

  static std::shared_ptr<const QuietTimes> quietOf(const Trace& trace) {
    auto quiet = std::make_shared<QuietTimes>();
    (void)quiet->addNewOf({&trace, nullptr});
    return quiet;
  }
};

bool isAbout(double a, double b) {
  return std::abs(a - b) < 1e-3;
}

}  // namespace

class TimeScaleTest : public QObject {
  Q_OBJECT

 private slots:
  /// Of packets at 0, 1, 1, 3 and 1003 ms.
  void placesRowsByTheirTimes_data() {
    QTest::addColumn<double>("pixelsPerMs");
    QTest::addColumn<bool>("cutsQuiet");
    QTest::addColumn<QList<double>>("heights");
    using Heights = QList<double>;
    QTest::newRow("to scale") << 10.0 << false << Heights{0, 10, 10, 30, 10'030};
    QTest::newRow("large") << 1000.0 << false << Heights{0, 1000, 1000, 3000, 1'003'000};
    QTest::newRow("small") << 0.1 << false << Heights{0, 0.1, 0.1, 0.3, 100.3};
    QTest::newRow("one quiet") << 10.0 << true << Heights{0, 10, 10, 30, 30 + kBreak};
    QTest::newRow("every gap is one")
        << 1000.0 << true << Heights{0, kBreak, kBreak, 2 * kBreak, 3 * kBreak};
    QTest::newRow("none is one") << 0.05 << true << Heights{0, 0.05, 0.05, 0.15, 50.15};
  }
  void placesRowsByTheirTimes() {
    QFETCH(double, pixelsPerMs);
    QFETCH(bool, cutsQuiet);
    QFETCH(QList<double>, heights);
    Scaled scaled({0, kMs, kMs, 3 * kMs, 1003 * kMs}, cutsQuiet);
    scaled.scale.setPixelsPerNs(pixelsPerMs / kMs);
    for (int row = 0; row < heights.size(); ++row) {
      const double y = scaled.scale.heightOf(static_cast<std::size_t>(row));
      QVERIFY2(isAbout(y, kTop + heights[row]), qPrintable(QString::number(y)));
      const int first = row == 2 ? 1 : row;  // two came together
      QCOMPARE(scaled.scale.firstFrom(y), static_cast<std::size_t>(first));
      QCOMPARE(scaled.scale.nearest(y), static_cast<std::size_t>(first));
    }
    QVERIFY(isAbout(scaled.scale.height(), heights.back() + 2 * kTop));
  }

  void findsTheNearestRow_data() {
    QTest::addColumn<double>("y");
    QTest::addColumn<int>("row");
    QTest::newRow("above all") << -5.0 << 0;
    QTest::newRow("behind the first") << kTop + 40 << 0;
    QTest::newRow("before the second") << kTop + 60 << 1;
    QTest::newRow("behind the second") << kTop + 140 << 1;
    QTest::newRow("before the third") << kTop + 260 << 2;
    QTest::newRow("below all") << kTop + 1000 << 2;
  }
  void findsTheNearestRow() {
    QFETCH(double, y);
    QFETCH(int, row);
    Scaled scaled({0, kMs, 3 * kMs}, false);
    scaled.scale.setPixelsPerNs(100.0 / kMs);
    QCOMPARE(scaled.scale.nearest(y), static_cast<std::size_t>(row));
  }

  void doesNotGoBackWithAClock() {
    Scaled scaled({10 * kMs, 5 * kMs, 12 * kMs, 11 * kMs, 20 * kMs}, false);
    scaled.scale.setPixelsPerNs(10.0 / kMs);
    const QList<double> heights{0, 0, 20, 20, 100};
    for (int row = 0; row < heights.size(); ++row) {
      QVERIFY(isAbout(scaled.scale.heightOf(static_cast<std::size_t>(row)), kTop + heights[row]));
    }
  }

  void placesTimesBetweenRows_data() {
    QTest::addColumn<bool>("cutsQuiet");
    QTest::addColumn<int>("ms");
    QTest::addColumn<double>("y");
    for (const bool cuts : {false, true}) {
      const double end = cuts ? kBreak : 10'000;
      QTest::addRow("%d: before all", cuts) << cuts << -7 << 0.0;
      QTest::addRow("%d: at the first", cuts) << cuts << 0 << 0.0;
      QTest::addRow("%d: between", cuts) << cuts << 1 << 10.0;
      QTest::addRow("%d: in the middle of a quiet", cuts) << cuts << 502 << 20 + end / 2;
      QTest::addRow("%d: behind it", cuts) << cuts << 1002 << 20 + end;
      QTest::addRow("%d: behind all", cuts) << cuts << 5000 << 20 + end;
    }
  }
  void placesTimesBetweenRows() {
    QFETCH(bool, cutsQuiet);
    QFETCH(int, ms);
    QFETCH(double, y);
    Scaled scaled({0, 2 * kMs, 1002 * kMs}, cutsQuiet);
    scaled.scale.setPixelsPerNs(10.0 / kMs);
    QVERIFY(isAbout(scaled.scale.heightAt(ms * kMs), kTop + y));
  }

  void tellsWhereItIsQuiet() {
    for (const bool cuts : {false, true}) {
      Scaled scaled({0, kMs, 401 * kMs, 402 * kMs, 1402 * kMs}, cuts);
      scaled.scale.setPixelsPerNs(1.0 / kMs);
      const auto all = scaled.scale.quiets(0, 1e6);
      QCOMPARE(all.size(), std::size_t{2});
      QCOMPARE(all[0].durationNs, std::uint64_t{400 * kMs});
      QCOMPARE(all[1].durationNs, std::uint64_t{1000 * kMs});
      for (const auto& quiet : all) {
        const double expected = cuts ? kBreak : static_cast<double>(quiet.durationNs) / kMs;
        QVERIFY(isAbout(quiet.bottom - quiet.top, expected));
      }
      // Also where one reaches over all that is in sight.
      const double inside = (all[1].top + all[1].bottom) / 2;
      QCOMPARE(scaled.scale.quiets(inside, inside + 1).size(), std::size_t{1});
      QVERIFY(scaled.scale.quiets(all[1].bottom + 1, 1e6).empty());
    }
  }

  void ticksAtRoundTimesAndAfterBreaks() {
    Scaled scaled({500 * kMs, 620 * kMs, 9123 * kMs, 9200 * kMs}, true);
    scaled.scale.setPixelsPerNs(1.0 / kMs);
    QList<std::int64_t> said;
    for (const auto& tick : scaled.scale.ticks(0, 1e6)) said += (tick.timeNs - 500 * kMs) / kMs;
    // From the trace's first packet on; the quiet of eight seconds has none.
    QCOMPARE(said, (QList<std::int64_t>{0, 100, 8623, 8700}));
  }

  void ticksAtAnyScale_data() {
    QTest::addColumn<bool>("cutsQuiet");
    QTest::newRow("with all quiet") << false;
    QTest::newRow("with breaks") << true;
  }
  void ticksAtAnyScale() {
    QFETCH(bool, cutsQuiet);
    std::mt19937_64 random(2);  // NOLINT: the same each time
    std::vector<std::int64_t> times{1'700'000'000'000'000'123};
    for (int i = 0; i < 3000; ++i) {
      times.push_back(times.back() + static_cast<std::int64_t>(random() >> (30 + random() % 34)));
    }
    Scaled scaled(times, cutsQuiet);
    int seen = 0;
    for (double pixels = 1e-9; pixels <= TimeScale::kLargest; pixels *= 3) {
      scaled.scale.setPixelsPerNs(pixels);
      for (const double part : {0.0, 0.1, 0.5, 0.9}) {
        const double top = scaled.scale.height() * part;
        double before = top - 100;
        const auto ticks = scaled.scale.ticks(top, top + 800);
        QVERIFY(ticks.size() <= 800 / 20);
        for (const auto& tick : ticks) {
          // As precisely as there are nanoseconds.
          QVERIFY(std::abs(scaled.scale.heightAt(tick.timeNs) - tick.y) < 1 + pixels);
          QVERIFY(tick.y >= top && tick.y <= top + 800 && tick.y - before >= 20);
          before = tick.y;
          ++seen;
        }
      }
    }
    QVERIFY(seen > 100);
  }

  void fitsRowsIntoAHeight_data() {
    QTest::addColumn<bool>("cutsQuiet");
    QTest::newRow("with all quiet") << false;
    QTest::newRow("with breaks") << true;
  }
  void fitsRowsIntoAHeight() {
    QFETCH(bool, cutsQuiet);
    Scaled scaled({0, kMs, 2 * kMs, 3 * kMs, 90'000 * kMs, 90'001 * kMs}, cutsQuiet);
    scaled.scale.fit(0, 5, 400);
    const double all = scaled.scale.heightOf(5) - scaled.scale.heightOf(0);
    QVERIFY(all <= 400 && all > 360);
    // The packets before and after the quiet are told apart only where that is cut.
    QCOMPARE(scaled.scale.heightOf(3) - scaled.scale.heightOf(0) > 100, cutsQuiet);
  }

  void keepsToWhatMakesSense() {
    Scaled scaled({0, 1000 * kMs}, false);
    scaled.scale.setPixelsPerNs(1e9);
    QCOMPARE(scaled.scale.pixelsPerNs(), TimeScale::kLargest);
    scaled.scale.setPixelsPerNs(0);
    QVERIFY(scaled.scale.height() >= 50);
    Scaled single({5}, true);
    single.scale.setPixelsPerNs(1);
    QVERIFY(isAbout(single.scale.height(), 2 * kTop));
    single.scale.fit(0, 0, 100);
    QVERIFY(isAbout(single.scale.heightOf(0), kTop));
  }

  void hasNothingOfNoRows() {
    Scaled none({}, true);
    none.scale.setPixelsPerNs(1e-3);
    QCOMPARE(none.scale.height(), 0.0);
    QVERIFY(none.scale.ticks(0, 100).empty());
    QVERIFY(none.scale.quiets(0, 100).empty());
    QCOMPARE(none.scale.nearest(50), std::size_t{0});
    QCOMPARE(none.scale.heightAt(7), kTop);
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::TimeScaleTest)
#include "time_scale_test.moc"
