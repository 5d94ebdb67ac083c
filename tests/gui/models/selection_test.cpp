// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/selection.h"

#include <QTest>
#include <algorithm>
#include <memory>
#include <set>

#include "dissector/filter/capture_facts.h"
#include "dissector/filter/primitives.h"
#include "dissector/filter/selector.h"
#include "tests/gui/support/loading.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

namespace {

/// What the program for the command line selects, in two readings.
std::vector<Row> selectedByTheSelector(const Trace& trace, const filter::Filter& filter) {
  auto facts = std::make_shared<filter::CaptureFacts>(*filter.expression());
  for (Row row = 0; row < trace.packetCount(); ++row) facts->take(trace.read(row).frame);
  facts->finish();
  filter::Selector selector(filter, nullptr, facts);
  std::vector<Row> rows;
  for (Row row = 0; row < trace.packetCount(); ++row) {
    if (selector.matches(trace.read(row).frame)) rows.push_back(row);
  }
  return rows;
}

}  // namespace

class SelectionTest : public QObject {
  Q_OBJECT

 private slots:
  void narrowsASelectionToATime() {
    const Trace trace = traceOf("parallel.pcap");
    const TimeRange range{.fromNs = trace.timeNs(4), .toNs = trace.timeNs(9)};
    const auto all = narrowed(trace, std::nullopt, range, {});
    QVERIFY(all && all->rows->front() <= 4 && all->rows->back() >= 9);
    for (Row row = 0; row < trace.packetCount(); ++row) {
      QCOMPARE(std::ranges::binary_search(*all->rows, row), range.has(trace.timeNs(row)));
    }
    const auto some = select(trace, *filter::parse("op rw"), std::nullopt, {});
    const auto both = narrowed(trace, some, range, {});
    for (const Row row : *both->rows) {
      QVERIFY(range.has(trace.timeNs(row)) && std::ranges::binary_search(*some->rows, row));
    }
    std::stop_source stop;
    stop.request_stop();
    QVERIFY(!narrowed(trace, std::nullopt, range, stop.get_token()));
  }

  void selectsWhatTheCommandLineSelects_data() {
    QTest::addColumn<QString>("text");
    for (const filter::PrimitiveRow& row : filter::primitiveTable()) add(row.example);
    for (const filter::GrammarRow& row : filter::grammarTable()) add(row.example);
    for (const char* more :
         {"not connection 1", "finding-packet credit-stall", "cid host", "not cid local",
          "state partial", "service vsock-test", "conn 1.1234 1.3425355126", "not state closed"}) {
      add(more);
    }
  }
  void selectsWhatTheCommandLineSelects() {
    QFETCH(QString, text);
    const auto filter = filter::parse(text.toStdString());
    QVERIFY(filter.has_value());
    for (const Trace& trace : traces_) {
      const auto selected = select(trace, *filter, std::nullopt, {});
      QVERIFY(selected.has_value());
      QCOMPARE(*selected->rows, selectedByTheSelector(trace, *filter));
      std::set<std::uint32_t> connections;
      for (const Row row : *selected->rows) {
        const ConnectionId id = trace.observation(row).connection;
        if (id != kNoConnection) connections.insert(raw(id));
      }
      QVERIFY(std::ranges::equal(selected->connections, connections));
    }
  }

  void goesOnAsATraceGrows_data() { selectsWhatTheCommandLineSelects_data(); }
  void goesOnAsATraceGrows() {
    QFETCH(QString, text);
    const auto filter = filter::parse(text.toStdString());
    for (const std::vector<Trace>& steps : growing_) {
      std::optional<Selected> selected;
      for (const Trace& trace : steps) {
        selected = select(trace, *filter, std::nullopt, {}, selected);
        const auto anew = select(trace, *filter, std::nullopt, {});
        QCOMPARE(*selected->rows, *anew->rows);
        QCOMPARE(selected->connections, anew->connections);
        QCOMPARE(selected->packets, trace.packetCount());
      }
    }
  }

  void beginsAnewWhereLaterPacketsTellMore_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("goesOn");
    QTest::newRow("a field") << "op rw" << true;
    QTest::newRow("ends") << "cid local" << true;
    QTest::newRow("a state") << "state closed" << false;
    QTest::newRow("a finding") << "op rw or finding credit-stall" << false;
  }
  void beginsAnewWhereLaterPacketsTellMore() {
    QFETCH(QString, text);
    QFETCH(bool, goesOn);
    const Trace trace = traceOf("credit-stall.pcap");
    // Packets that no filter takes, to be seen again where it goes on.
    const Selected before{.rows = std::make_shared<const std::vector<Row>>(3, 0),
                          .connections = {},
                          .packets = trace.packetCount()};
    const auto filter = filter::parse(text.toStdString());
    const auto selected = select(trace, *filter, std::nullopt, {}, before);
    QCOMPARE(*selected->rows == *before.rows, goesOn);
  }

  void stopsWhenItIsAskedTo() {
    std::stop_source source;
    source.request_stop();
    QVERIFY(
        !select(traces_.front(), filter::Filter(), std::nullopt, source.get_token()).has_value());
    QVERIFY(!rowsOf(traces_.front(), {0}, nullptr, source.get_token()).has_value());
  }

  void findsThePacketsOfConnectionsWithinOthers() {
    const Trace trace = traceOf("parallel.pcap");
    const Rows all = *rowsOf(trace, {0, 2}, nullptr, {});
    for (Row row = 0; row < trace.packetCount(); ++row) {
      const std::uint32_t id = raw(trace.observation(row).connection);
      QCOMPARE(std::ranges::binary_search(*all, row), id == 0 || id == 2);
    }
    const auto within = std::make_shared<const std::vector<Row>>(std::vector<Row>{0, 1, 2, 3, 4});
    const Rows some = *rowsOf(trace, {0}, within, {});
    QVERIFY(!some->empty());
    for (const Row row : *some) {
      QVERIFY(row < 5);
      QCOMPARE(raw(trace.observation(row).connection), std::uint32_t{0});
    }
  }

  void initTestCase() {
    for (const QString& name : sampleNames()) traces_.push_back(traceOf(name));
    for (const char* name : {"parallel.pcap", "vsock-test.pcap", "credit-stall.pcap"}) {
      Trace trace = Trace::opened();
      growing_.emplace_back();
      for (TraceUpdate& update : updatesOf(name, 9)) {
        trace.apply(std::move(update));
        growing_.back().push_back(trace);
      }
    }
  }

 private:
  static void add(std::string_view text) {
    const QByteArray tag(text.data(), static_cast<qsizetype>(text.size()));
    QTest::newRow(tag.constData()) << QString::fromUtf8(tag);
  }

  std::vector<Trace> traces_;
  std::vector<std::vector<Trace>> growing_;  ///< some of them, again and again
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::SelectionTest)
#include "selection_test.moc"
