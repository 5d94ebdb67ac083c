// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/quiet_times.h"

#include <QTest>
#include <limits>
#include <random>

#include "tests/gui/support/loading.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

class QuietTimesTest : public QObject {
  Q_OBJECT

 private slots:
  /// Thousands of rows, whose gaps have every length, and some of which come too late.
  void initTestCase() {
    std::mt19937_64 random(1);  // NOLINT: the same each time
    std::int64_t time = 1'700'000'000'000'000'000;
    for (int i = 0; i < 5000; ++i) {
      times_.push_back(i % 97 == 5 ? time - 3000 : time);
      time += static_cast<std::int64_t>(random() >> (20 + random() % 44));
    }
    trace_ = traceAt(times_);
  }

  void findsWhatCountingFinds_data() {
    QTest::addColumn<std::size_t>("level");
    for (const std::size_t level : {0, 1, 9, 17, 26, 53}) QTest::addRow("%zu", level) << level;
  }
  void findsWhatCountingFinds() {
    QFETCH(std::size_t, level);
    const RowList list{&trace_, nullptr};
    QuietTimes quiet;
    QVERIFY(quiet.addNewOf(list));
    QCOMPARE(quiet.rowCount(), times_.size());
    QuietTimes::Place expected;
    for (std::size_t row = 0; row < times_.size(); ++row) {
      expected.row = row;
      const auto since = static_cast<std::uint64_t>(times_[row] - times_[0]);
      const std::uint64_t gap = std::max(since, expected.sinceNs) - expected.sinceNs;
      expected.sinceNs += gap;
      if (gap >= QuietTimes::leastQuietNs(level)) {
        expected.quietNs += gap;
        ++expected.quietTimes;
        QCOMPARE(quiet.nextQuiet(row, level, list).row, row);
      } else {
        QVERIFY(quiet.nextQuiet(row, level, list).row > row);
      }
      const QuietTimes::Place place = quiet.at(row, level, list);
      QCOMPARE(place.sinceNs, expected.sinceNs);
      QCOMPARE(place.quietNs, expected.quietNs);
      QCOMPARE(place.quietTimes, expected.quietTimes);
      const QuietTimes::Place found = quiet.firstOf(
          [&](const QuietTimes::Place& each) { return each.sinceNs >= expected.sinceNs; }, level,
          list);
      QCOMPARE(found.sinceNs, expected.sinceNs);
      QVERIFY(found.row == row || (found.row < row && gap == 0));
    }
  }

  void grows() {
    QuietTimes atOnce;
    QuietTimes inSteps;
    QVERIFY(atOnce.addNewOf({&trace_, nullptr}));
    for (std::size_t i = 0; i < times_.size(); i += 700) {
      std::vector<std::int64_t> first(times_.begin(), times_.begin() + static_cast<int>(i));
      const Trace part = traceAt(first);
      QVERIFY(inSteps.addNewOf({&part, nullptr}));
      QCOMPARE(inSteps.rowCount(), i);
    }
    const RowList list{&trace_, nullptr};
    QVERIFY(inSteps.addNewOf(list));
    for (std::size_t row = 0; row < times_.size(); row += 11) {
      QCOMPARE(inSteps.at(row, 3, list).quietNs, atOnce.at(row, 3, list).quietNs);
      QCOMPARE(inSteps.at(row, 3, list).sinceNs, atOnce.at(row, 3, list).sinceNs);
    }
  }

  void takesNoMoreAtOnceThanItIsTold() {
    QuietTimes quiet;
    QVERIFY(quiet.addNewOf({&trace_, nullptr}, {}, 1500));
    QCOMPARE(quiet.rowCount(), std::size_t{1500});
    QVERIFY(quiet.addNewOf({&trace_, nullptr}, {}, 1500));
    QCOMPARE(quiet.rowCount(), std::size_t{3000});
    QVERIFY(quiet.addNewOf({&trace_, nullptr}));
    QCOMPARE(quiet.rowCount(), times_.size());
  }

  void takesSomePacketsOnly() {
    const auto rows = std::make_shared<const std::vector<Row>>(std::vector<Row>{1, 40, 4000});
    const RowList list{&trace_, rows};
    QuietTimes quiet;
    QVERIFY(quiet.addNewOf(list));
    QCOMPARE(quiet.rowCount(), std::size_t{3});
    QCOMPARE(quiet.at(2, 0, list).sinceNs, static_cast<std::uint64_t>(times_[4000] - times_[1]));
  }

  void bearsTimesAsFarApartAsCanBe() {
    const Trace trace = traceAt(
        {std::numeric_limits<std::int64_t>::min(), 0, std::numeric_limits<std::int64_t>::max()});
    const RowList list{&trace, nullptr};
    QuietTimes quiet;
    QVERIFY(quiet.addNewOf(list));
    QCOMPARE(quiet.at(2, 52, list).sinceNs, std::numeric_limits<std::uint64_t>::max());
    QCOMPARE(quiet.at(2, 52, list).quietTimes, 2U);
  }

  void hasNothingOfNoRows() {
    const Trace trace = Trace::opened();
    const RowList list{&trace, nullptr};
    QuietTimes quiet;
    QVERIFY(quiet.addNewOf(list));
    QCOMPARE(quiet.rowCount(), std::size_t{0});
    QCOMPARE(quiet.nextQuiet(0, 0, list).row, std::size_t{0});
  }

  void stops() {
    std::stop_source stop;
    stop.request_stop();
    QuietTimes quiet;
    QVERIFY(!quiet.addNewOf({&trace_, nullptr}, stop.get_token()));
  }

 private:
  std::vector<std::int64_t> times_;
  Trace trace_;
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::QuietTimesTest)
#include "quiet_times_test.moc"
